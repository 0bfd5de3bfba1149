"""Item codes: the canonical identifier of one trace item, read from any form.

Rules kept:

* The canonical form of a GS1 code is a Digital Link URI on ``https://id.gs1.org``; of any other
  code its own URI or URN, unchanged.
* An instance is (01, 21) alone: a lot or variant beside a serial describes the instance and is no
  part of its identity, so that one item has one code whatever its label says besides.
* The key of a lot is (01, 10); two makers' equal lot numbers are two lots.
* Text that claims to be GS1 (``urn:epc:``, the host id.gs1.org, brackets, a symbology identifier,
  leading digits) must be valid. A URI on another host is GS1 only if it is a valid Digital Link,
  else it is its own code.

Standard: https://ref.gs1.org/standards/digital-link/uri-syntax/ and
https://ref.gs1.org/standards/tds/

>>> parse_item_code("urn:epc:id:sgtin:9506000.013435.A1").uri
'https://id.gs1.org/01/09506000134352/21/A1'
>>> parse_item_code("(01)09506000134352(10)L7(21)A1").lot
'https://id.gs1.org/01/09506000134352/10/L7'
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from identifiers.characters import escape, is_digits
from identifiers.checkdigit import check_digit
from identifiers.epc import TAG_DATA_STANDARD, foreign_identity, parse_epc_urn
from identifiers.errors import ConversionError, IdentifierError, SyntaxError_
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import CANONICAL_STEM, parse_digital_link
from identifiers.gs1.elements import (
    SEPARATOR,
    ElementString,
    parse_bracketed,
    parse_element_string,
    verify_value,
)
from identifiers.gs1.recognition import has_check_digit
from identifiers.gs1.scans import parse_scan

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ItemCode", "Level", "as_item_code", "parse_item_code", "parse_uri"]


class Level(StrEnum):
    """What kind of thing an item code names."""

    INSTANCE = "instance"
    LOT = "lot"
    PRODUCT = "product"
    LOGISTIC = "logistic"
    ASSET = "asset"
    DOCUMENT = "document"
    LOCATION = "location"
    PARTY = "party"
    OTHER = "other"


class ItemCode(NamedTuple):
    """One item code in its canonical form, with what it says.

    A named tuple, as `ElementString` is, because one is made for every code that is read.
    """

    uri: str
    """The canonical form; two codes name one item exactly when these are equal."""
    level: Level
    """The kind of thing that the code names."""
    product: str | None
    """Canonical URI of the class (GTIN, asset type, component part) that the item belongs to."""
    lot: str | None
    """Canonical URI of the lot that the code names, also beside a serial."""
    serial: str | None
    """The serial number, unescaped."""
    keys: tuple[tuple[str, str], ...]
    """The (AI, value) pairs in the order in which they were read; empty for other schemes."""
    dictionary: str = ""
    """Release of the syntax dictionary that a code of GS1 was judged by; empty for others."""

    @property
    def elements(self) -> tuple[tuple[str, str], ...]:
        """The (AI, value) pairs, under the name that the writers of other forms ask for."""
        return self.keys


_KEPT = 16_384  # parsed codes kept in memory, some 20 MB at most
_KEPT_LENGTH = 200  # characters of the longest text whose code is kept
_HOST = "id.gs1.org"
_PLAIN = r"([0-9A-Za-z._\-]{1,20})"  # needs no escaping, neither in a link nor in a URN

_LINK = re.compile(rf"https://id\.gs1\.org/01/([0-9]{{14}})(?:/10/{_PLAIN})?(?:/21/{_PLAIN})?")
_SSCC_LINK = re.compile(r"https://id\.gs1\.org/00/([0-9]{18})")
_SGTIN = re.compile(rf"urn:epc:id:sgtin:([0-9]{{6,12}})\.([0-9]{{1,7}})\.{_PLAIN}")
_LGTIN = re.compile(rf"urn:epc:class:lgtin:([0-9]{{6,12}})\.([0-9]{{1,7}})\.{_PLAIN}")
_SSCC = re.compile(r"urn:epc:id:sscc:([0-9]{6,12})\.([0-9]{5,11})")

_FOREIGN = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]")
_URI = re.compile(
    r"[Uu][Rr][Nn]:[0-9A-Za-z][0-9A-Za-z\-]{1,31}:.|(?![Uu][Rr][Nn]:)[A-Za-z][0-9A-Za-z+.\-]+:."
)
_AUTHORITY = re.compile(r"(?i:https?)://(?:[^/?#@]*@)?([^/?#:]*)")

_CLASSES = {"01": 14, "8003": 14, "8006": 18, "8010": None}
"""Keys with a class level, and how many characters of their value are the class."""

_LEVELS = {
    "00": Level.LOGISTIC,
    "253": Level.DOCUMENT,
    "255": Level.DOCUMENT,
    "401": Level.LOGISTIC,
    "402": Level.LOGISTIC,
    "414": Level.LOCATION,
    "415": Level.DOCUMENT,
    "417": Level.PARTY,
    "8003": Level.ASSET,
    "8004": Level.ASSET,
    "8013": Level.PRODUCT,
    "8017": Level.PARTY,
    "8018": Level.PARTY,
}
"""Levels that the key alone settles."""

_SERIALS = ("21", "235", "8011")
_SERIAL_STARTS = {"8003": 14, "253": 13, "255": 13}
"""Keys whose own value ends with a serial, and where it starts."""
_UIC = "7040"  # an identification that an issuer gave besides: it names no other place or party
_NO_EXTENSION = ("254", "0")  # a GLN with the extension 0 is the GLN itself, as in its EPC URN


def _link(*elements: tuple[str, str]) -> str:
    return CANONICAL_STEM + "".join(f"/{ai}/{escape(value)}" for ai, value in elements)


def _key_of(code: ElementString) -> str:
    for ai, _ in code.elements:
        found = aitable.find(ai)
        if found is not None and found.qualifiers is not None:
            return ai
    raise ConversionError(
        "an identification key such as (01), (00) or (414)",
        ", ".join(f"({ai})" for ai, _ in code.elements),
        fix="add the key that the data belong to",
        rule="GS1 General Specifications, section 2",
    )


def as_item_code(code: ElementString) -> ItemCode:
    """Derive the item code of a verified message.

    Args:
        code: The message.

    Returns:
        The item code of its first identification key.

    Raises:
        ConversionError: The message has no identification key.
        IdentifierError: It was read from an EPC and has a value that the dictionary refuses.
    """
    if code.dictionary == TAG_DATA_STANDARD:
        # The link that names the item has to be readable again, and is judged by the dictionary.
        for ai, value in code.elements:
            verify_value(aitable.entry(ai), value)
    ai = _key_of(code)
    values = dict(code.elements)
    value = values[ai]
    own = _qualifiers_of(ai, values)
    identity = (ai, value)
    product = lot = None
    if ai in _CLASSES:
        product = _link(_class_of(ai, value))
    name = next((name for name in _SERIALS if name in own), None)
    serial = None if name is None else values[name]
    if "10" in own:
        lot = _link(identity, ("10", values["10"]))
    if ai in _LEVELS:
        start = _SERIAL_STARTS.get(ai)
        inner = value[start:] or None if start else None
        qualifiers = sorted(own)
        return ItemCode(
            _link(identity, *((name, values[name]) for name in qualifiers)),
            _LEVELS[ai],
            product,
            None,
            inner,
            code.elements,
            aitable.version(),
        )
    if name is not None and serial is not None:
        uri, level = _link(identity, (name, serial)), Level.INSTANCE
    elif lot is not None:
        uri, level = lot, Level.LOT
    else:
        variant = [("22", values["22"])] if "22" in own else []
        uri, level = _link(identity, *variant), Level.PRODUCT
    return ItemCode(uri, level, product, lot, serial, code.elements, aitable.version())


def _qualifiers_of(ai: str, values: dict[str, str]) -> set[str]:
    """Give the qualifiers that are part of what the key and they name together."""
    return {
        name
        for order in aitable.entry(ai).qualifiers or ()
        for name in order
        if name in values and name != _UIC and (name, values[name]) != _NO_EXTENSION
    }


def _class_of(ai: str, value: str) -> tuple[str, str]:
    """Give the class that an item belongs to; of a piece of a trade item, the trade item."""
    if ai == "8006":
        return ("01", value[:14])
    return (ai, value[: _CLASSES[ai]])


@lru_cache(maxsize=4096)
def _gtin_of(prefix: str, reference: str) -> str | None:
    """Put a GTIN together from the parts of a URN; None when they have a wrong length."""
    digits = reference[0] + prefix + reference[1:]
    return digits + check_digit(digits) if len(digits) == 13 else None  # noqa: PLR2004  GTIN-14


def _trade_item(gtin: str, lot: str | None, serial: str | None) -> ItemCode:
    product, release = f"https://id.gs1.org/01/{gtin}", aitable.version()
    lot_uri = None if lot is None else f"{product}/10/{lot}"
    if serial is not None:
        pairs = (("01", gtin), ("21", serial))
        keys = pairs if lot is None else (pairs[0], ("10", lot), pairs[1])
        uri = f"{product}/21/{serial}"
        return ItemCode(uri, Level.INSTANCE, product, lot_uri, serial, keys, release)
    if lot is not None and lot_uri is not None:
        keys = (("01", gtin), ("10", lot))
        return ItemCode(lot_uri, Level.LOT, product, lot_uri, None, keys, release)
    return ItemCode(product, Level.PRODUCT, product, None, None, (("01", gtin),), release)


def _logistic_unit(sscc: str) -> ItemCode:
    uri, keys = f"https://id.gs1.org/00/{sscc}", (("00", sscc),)
    return ItemCode(uri, Level.LOGISTIC, None, None, None, keys, aitable.version())


def _fast_link(text: str) -> ItemCode | None:
    """Read the commonest links, already canonical; None for anything that needs the full parser."""
    found = _LINK.fullmatch(text)
    if found is not None:
        gtin, lot, serial = found.groups()
        return _trade_item(gtin, lot, serial) if has_check_digit(gtin) else None
    found = _SSCC_LINK.fullmatch(text)
    if found is not None and has_check_digit(found[1]):
        return _logistic_unit(found[1])
    return None


def _fast_urn(text: str) -> ItemCode | None:
    """Read the commonest EPC URNs; None for anything that needs the full parser."""
    found = _SGTIN.fullmatch(text)
    if found is not None:
        gtin = _gtin_of(found[1], found[2])
        return None if gtin is None else _trade_item(gtin, None, found[3])
    found = _LGTIN.fullmatch(text)
    if found is not None:
        gtin = _gtin_of(found[1], found[2])
        return None if gtin is None else _trade_item(gtin, found[3], None)
    found = _SSCC.fullmatch(text)
    if found is not None:
        digits = found[2][0] + found[1] + found[2][1:]
        if len(digits) == 17:  # noqa: PLR2004  an SSCC without its check digit
            return _logistic_unit(digits + check_digit(digits))
    return None


def parse_uri(text: str) -> ItemCode:
    """Take an absolute URI or URN as its own code, whatever it claims to be.

    For codes that a partner has already used in events: a malformed EPC URN still names one thing,
    and a caller that has warned about it can keep it so.

    Args:
        text: The URI.

    Returns:
        The item code of level `OTHER`.

    Raises:
        SyntaxError_: The text is no absolute URI.
    """
    foreign = _FOREIGN.search(text)
    if foreign is not None:
        raise SyntaxError_(
            "characters of a URI",
            foreign[0],
            position=foreign.start(),
            fix="escape it with %",
            rule="RFC 3986, section 2",
        )
    if not _URI.match(text):
        raise SyntaxError_(
            "a Digital Link, an EPC URN, an element string, or another absolute URI",
            text,
            position=0,
            fix="write the code with its scheme, such as (01)... or urn:...",
            rule="RFC 3986, section 4.3",
        )
    return ItemCode(text, Level.OTHER, None, None, None, ())


def _uri(text: str) -> ItemCode:
    if text[:8].lower() == "urn:epc:":
        foreign = foreign_identity(text)
        return parse_uri(foreign) if foreign else as_item_code(parse_epc_urn(text))
    authority = _AUTHORITY.match(text)
    if authority is None:
        return parse_uri(text)
    if authority[1].lower() == _HOST:
        return as_item_code(parse_digital_link(text))
    try:
        return as_item_code(parse_digital_link(text))
    except IdentifierError:
        return parse_uri(text)


def _element_string(text: str) -> ItemCode:
    try:
        return as_item_code(parse_element_string(text))
    except IdentifierError as error:
        if len(text) in {8, 12, 13, 14} and is_digits(text) and has_check_digit(text):
            raise error.mended_by(
                "if it is a GTIN, write (01){gtin}", gtin=text.zfill(14)
            ) from None
        raise


_FORMS: dict[str, Callable[[str], ItemCode]] = {
    "(": lambda text: as_item_code(parse_bracketed(text)),
    "]": lambda text: as_item_code(parse_scan(text)),
    SEPARATOR: _element_string,
    **dict.fromkeys("0123456789", _element_string),
}
"""The forms that show in their first character; everything else is a URI."""


def _parse(text: str) -> ItemCode:
    """Parse an item code without the memory of earlier ones."""
    fast = None
    if text.startswith("https://id.gs1.org/"):
        fast = _fast_link(text)
    elif text.startswith("urn:epc:"):
        fast = _fast_urn(text)
    if fast is not None:
        return fast
    return _FORMS.get(text[:1], _uri)(text)


_parse_kept = lru_cache(maxsize=_KEPT)(_parse)


def parse_item_code(text: str) -> ItemCode:
    """Parse an item code in any form.

    Args:
        text: A Digital Link URI on any stem, an EPC URN, a bracketed or plain element string (with
            or without a symbology identifier or a leading GS), or any other absolute URI or URN.

    Returns:
        The item code in canonical form.

    Raises:
        IdentifierError: The text is no code, or is not the valid GS1 code that it claims to be.
    """
    return _parse_kept(text) if len(text) <= _KEPT_LENGTH else _parse(text)
