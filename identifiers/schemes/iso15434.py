r"""Messages of ISO/IEC 15434: several kinds of data in one two-dimensional symbol.

Rules kept:

* ``[)>`` and RS (0x1E) begin a message and EOT (0x04) ends it. Between them stand formats: two
  digits, the data, RS. In formats 05, 06 and 12 GS (0x1D) goes before each field.
* Format 05 holds GS1 application identifiers and is verified as an element string. As fields are
  parted anyway, a value of open length may also end its field, and several AIs may share one.
* Format 06 holds data identifiers. One without a value, as printers leave it for an empty field of
  a form, says nothing: it is left out, with a warning, if another field has a value. Where the name
  of the thing would depend on it, the value counts as unknown, not as absent: without its serial a
  product is named by lot or alone, and without its 25S or plate nothing is.
* Format 12 holds text element identifiers (TEIs) of three characters
  with a space behind them, as in the aerospace industry.
* Formats 01 to 04 and 07 to 09 are known by name only. A message that holds nothing else is
  refused; beside a format that is read they are named in the remarks.
* What is missing is never filled in here: RS or EOT that a scanner dropped is an error.
* A message names what its globally unique fields name: a 25S or licence plate alone, or a product
  (9N, 25P, 8P) with its serial (S) or lot (1T). A date or quantity beside them changes nothing.
  Where nothing is unique in the world, a remark says so; the whole message is then the name, but
  for AIs without a key, which name nothing.

Known doubts: the standard itself has not been seen; formats, separators and text element
identifiers are known from public applications of it (MIL-STD-130, IFA, ISO 22742 labels).

Standard: https://www.iso.org/standard/71087.html (ISO/IEC 15434)

>>> reading = parse_message("[)>\x1e06\x1d25SUN043325711A1\x1d16D20270315\x1e\x04")
>>> reading.scheme, reading.uri
('iso15434-06', 'urn:suyuan:iso15418-di:25SUN043325711A1')
>>> reading.parts["dis"]
(('25S', 'UN043325711A1'), ('16D', '20270315'))
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from identifiers.characters import is_digits
from identifiers.errors import (
    CharacterError,
    ConversionError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.gs1.elements import parse_element_string
from identifiers.item_code import Level, as_item_code
from identifiers.messages import Phrase
from identifiers.notices import Notice
from identifiers.schemes.data_identifiers import SCHEME as DI_SCHEME
from identifiers.schemes.data_identifiers import identity_of, is_empty, is_unique, read_field
from identifiers.schemes.reading import Reading, canonical_urn
from identifiers.schemes.text_elements import item_of, read_text_element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identifiers.schemes.data_identifiers import Field

__all__ = ["EOT", "GS", "HEADER", "RS", "TRAILER", "parse_formats", "parse_message"]

HEADER = "[)>"
"""The compliance indicator that every message begins with; RS follows it."""
RS = "\x1e"
"""Record separator, behind the header and behind each format."""
GS = "\x1d"
"""Group separator, before each field of formats 05, 06 and 12."""
EOT = "\x04"
"""End of transmission, the last character of a message."""
TRAILER = RS + EOT
"""How every message ends: the last format's RS, and EOT."""

_RULE = "ISO/IEC 15434"
_NAMES = {
    "01": "transportation",
    "02": "complete EDI message",
    "03": "segments of ASC X12",
    "04": "segments of UN/EDIFACT",
    "07": "free text",
    "08": "data by the CII syntax rules",
    "09": "binary data",
}
"""Formats that are known by name only."""
_BINARY = re.compile(r"09\x1d[^\x1d\x1e]{0,30}\x1d[^\x1d\x1e]{0,30}\x1d([0-9]{1,6})\x1d")
_PLATES = frozenset("J 1J 2J 3J 4J 5J 6J 8S".split())
_WHOLE = frozenset("25S 37S I 23S 43S 96S 26B 27B 28B 29B 55B 25B 5B 7B".split())
_PRODUCTS = ("25P", "9N", "8P")
_OF_PRODUCTS = {"S": Level.INSTANCE, "1T": Level.LOT}
"""What a product is named with besides, the finest first."""


_NOT_UNIQUE = Notice(
    "message-not-unique", "nothing in the message is unique in the world by itself"
)


def _read_elements(body: str) -> Reading:
    """Read format 05: an element string in fields."""
    _fields(body)  # an element string may have a separator too many; a message must not
    composite = body.find("|")
    if composite >= 0:
        raise CharacterError("a character of CSET 82", "|", position=composite)
    code = parse_element_string(body)
    scheme, parts = "iso15434-05", {"ais": code.elements}
    try:
        item = as_item_code(code)
    except ConversionError:
        return Reading(scheme, body, "", Level.OTHER, parts, (), (_NOT_UNIQUE,))
    return Reading(scheme, body, item.uri, item.level, parts)


def _fields(body: str) -> list[tuple[int, str]]:
    """Part a format at its separators: index and text of each field."""
    found: list[tuple[int, str]] = []
    position = 0
    for field in body.split(GS):
        if not field:
            raise LengthError(
                "a field between two separators",
                "",
                position=position,
                fix="remove the separator (GS) that is too many",
                rule=_RULE,
            )
        found.append((position, field))
        position += len(field) + 1
    return found


def _identity(fields: Sequence[Field]) -> tuple[str, Level] | None:
    """Find what the fields of format 06 name, or None when nothing in them is unique.

    An empty value is one that is not known, so that it counts where several would contradict.
    """
    whole = [field for field in fields if field[0] in _WHOLE or field[0] in _PLATES]
    if len(whole) == 1:
        return identity_of(whole[0]) if whole[0][1] else None
    products = [field for field in fields if field[0] in _PRODUCTS]
    if whole or len(products) != 1:
        unique = [field for field in fields if is_unique(field[0])]
        return identity_of(unique[0]) if len(fields) == 1 and unique else None
    if not products[0][1]:
        return None
    for di, level in _OF_PRODUCTS.items():
        of_product = [field for field in fields if field[0] == di]
        if len(of_product) > 1:
            return None
        if of_product and of_product[0][1]:
            code = GS.join("".join(field) for field in (*products, *of_product))
            return canonical_urn(DI_SCHEME, code), level
    return identity_of(products[0])


def _empty(di: str, level: Level, position: int) -> Notice:
    """Remark on a data identifier without a value in a message that names something of a level."""
    if level is Level.LOT and di == "S":
        template = "the value of {di} is empty, so the message names a lot and no single item"
    elif level is Level.PRODUCT and di in _OF_PRODUCTS:
        template = "the value of {di} is empty, so the message names no more than a product"
    elif level is Level.OTHER and is_unique(di):
        template = "the value of {di} is empty, so it is not known what the message names"
    else:
        template = "the value of {di} is empty"
    return Notice("empty-value", template, {"di": di}, position)


def _read_identifiers(body: str) -> Reading:
    """Read format 06: data identifiers of ASC MH10."""
    found = _fields(body)
    # Where nothing has a value, the first field is refused as any other without one.
    spares = not all(is_empty(text) for _, text in found)
    fields: list[Field] = []
    empty: dict[str, int] = {}
    unverified: list[Notice] = []
    for start, text in found:
        if spares and is_empty(text):
            empty.setdefault(text, start)
            if is_unique(text) or text in _OF_PRODUCTS:
                fields.append((text, ""))
            continue
        try:
            field, notices = read_field(text, known=False)
        except IdentifierError as error:
            raise error.within(start) from None
        fields.append(field)
        unverified.extend(notices)
    remarks = tuple({str(notice): notice for notice in unverified}.values())
    scheme, parts = "iso15434-06", {"dis": tuple(field for field in fields if field[1])}
    identity = _identity(fields)
    name = GS.join("".join(field) for field in fields)
    uri, level = identity or (canonical_urn(scheme, name), Level.OTHER)
    remarked = (_empty(di, level, start) for di, start in empty.items())
    warnings = (*(() if identity else (_NOT_UNIQUE,)), *remarked)
    return Reading(scheme, body, uri, level, parts, remarks, warnings)


def _read_texts(body: str) -> Reading:
    """Read format 12: text element identifiers."""
    fields: list[Field] = []
    unverified: list[Notice] = []
    for start, text in _fields(body):
        try:
            field, notices = read_text_element(text)
        except IdentifierError as error:
            raise error.within(start) from None
        fields.append(field)
        unverified.extend(notices)
    scheme, parts = "iso15434-12", {"teis": tuple(fields)}
    remarks = tuple({str(notice): notice for notice in unverified}.values())
    identity = item_of(fields)
    if identity is None:
        uri = canonical_urn(scheme, body)
        return Reading(scheme, body, uri, Level.OTHER, parts, remarks, (_NOT_UNIQUE,))
    uri = canonical_urn(scheme, GS.join(" ".join(field) for field in identity))
    return Reading(scheme, body, uri, Level.INSTANCE, parts, remarks)


_READERS = {"05": _read_elements, "06": _read_identifiers, "12": _read_texts}


def _verify_envelope(text: str) -> None:
    """Verify how a message begins and ends."""
    if not text.startswith(HEADER):
        raise SyntaxError_(
            "the header {header} of a message",
            text[: len(HEADER)],
            position=0,
            rule=_RULE,
            header=HEADER,
        )
    if text[len(HEADER) : len(HEADER) + 1] != RS:
        raise SyntaxError_(
            "a record separator (RS, 0x1E) behind {header}",
            text[len(HEADER) : len(HEADER) + 1],
            position=len(HEADER),
            fix="put RS there; a scanner or a program has lost it",
            rule=_RULE,
            header=HEADER,
        )
    if text.endswith(TRAILER):
        return
    end = text.find(EOT)
    if 0 <= end < len(text) - 1:
        raise SyntaxError_(
            "nothing behind the end of the message (EOT, 0x04)",
            text[end + 1 :],
            position=end + 1,
            fix="remove what follows EOT",
            rule=_RULE,
        )
    raise SyntaxError_(
        "a record separator (RS, 0x1E) and EOT (0x04) at the end",
        text[-2:],
        position=len(text) if end < 0 else end,
        fix="put RS and EOT at the end; a scanner or a program has lost them",
        rule=_RULE,
    )


def _end_of(text: str, start: int) -> int:
    """Find the RS that ends the format at an index; there is one, as the trailer was verified."""
    binary = _BINARY.match(text, start)
    if binary is not None:
        end = binary.end() + int(binary[1])
        if text[end : end + 1] == RS:
            return end
    return text.index(RS, start)


def _read_format(text: str, start: int, end: int) -> Reading | str:
    """Read one format; of one that is known by name only, give its number."""
    number = text[start : start + 2]
    if end - start < 2 or not is_digits(number):  # noqa: PLR2004  digits of a format
        raise SyntaxError_(
            "a format of two digits, such as 06", text[start:end][:2], position=start, rule=_RULE
        )
    if number in _NAMES:
        return number
    reader = _READERS.get(number)
    if reader is None:
        raise UnknownSchemeError(
            "a format that is not reserved: 01 to 09 or 12", number, position=start, rule=_RULE
        )
    if text[start + 2 : start + 3] != GS:
        raise SyntaxError_(
            "a group separator (GS, 0x1D) behind format {format}",
            text[start + 2 : start + 3],
            position=start + 2,
            fix="put GS there; a scanner or a program has lost it",
            rule=_RULE,
            format=number,
        )
    body = start + 3
    try:
        found = reader(text[body:end])
    except IdentifierError as error:
        raise error.within(body) from None
    warnings = tuple(
        notice if notice.position is None else replace(notice, position=body + notice.position)
        for notice in found.warnings
    )
    return replace(found, warnings=warnings)


def parse_formats(text: str) -> tuple[Reading, ...]:
    """Parse all formats of a message.

    Args:
        text: The whole message, from ``[)>`` to EOT.

    Returns:
        One reading for each of its formats 05, 06 and 12, in order; at least one.

    Raises:
        IdentifierError: The text is no message, a format of it is faulty, or it has none that is
            read here.
    """
    _verify_envelope(text)
    readings: list[Reading] = []
    unread: dict[str, Notice] = {}
    position, last = len(HEADER) + 1, len(text) - 1
    if position == last:
        raise LengthError("a format between header and end", "", position=position, rule=_RULE)
    while position < last:
        end = _end_of(text, position)
        found = _read_format(text, position, end)
        if isinstance(found, Reading):
            readings.append(found)
        else:
            unread[found] = Notice(
                "format-unread",
                "format {format} ({name}) of the message is not read",
                {"format": found, "name": Phrase(_NAMES[found])},
                position,
            )
        position = end + 1
    if not readings:
        number, notice = next(iter(unread.items()))
        raise UnknownSchemeError(
            "a format that holds item codes: 05, 06 or 12",
            number,
            position=notice.position,
            fix="read format {format} ({name}) by its own rules",
            rule=_RULE,
            format=number,
            name=Phrase(_NAMES[number]),
        )
    remarks = tuple(unread.values())
    return tuple(replace(found, unverified=found.unverified + remarks) for found in readings)


def parse_message(text: str) -> Reading:
    """Parse a message and give what it names.

    Args:
        text: The whole message, from ``[)>`` to EOT.

    Returns:
        The reading of its first format of 05, 06 and 12, scheme ``iso15434-05``, ``-06`` or
        ``-12``, with the fields in `ais`, `dis` or `teis`. `parse_formats` gives the others, which
        are named in the remarks.

    Raises:
        IdentifierError: As `parse_formats`.
    """
    first, *others = parse_formats(text)
    if not others:
        return first
    notice = Notice(
        "more-formats",
        "the message has {count} formats with item codes, and this is the first",
        {"count": len(others) + 1},
    )
    return replace(first, warnings=(*first.warnings, notice))
