"""ISBT 128 identification of medical devices: the UDI of the issuing agency ICCBBA.

Rules kept (ISBT 128 Standard Technical Specification, section 2.4):

* A code is data structures one after the other, each with a data identifier and of one length:
  ``=/`` device (034: facility of 5, its own product code of 6, product description of 5
  characters), ``=,`` division or serial (032: 6), ``=`` and a letter or digit donation (001: 13
  with the first, and 2 flags), ``=>`` and ``&>`` expiry (004, 005), ``=}`` and ``&}`` production
  (008, 009), ``&,1`` lot (035: 18, filled up with zeros), and for blood bags ``=)`` device (017)
  and ``&)`` lot (018), 10 each.
* ``=+`` with the number of structures and a reference (023) may go before all.
* A date is the year without its first digit and the day of the year, a time hours and minutes.
* Facility numbers have no letter O.
* A device is named by device identifier, donation and division together; a lot names no device.

Known doubts: lot and device of blood bags (017, 018) are known by their length alone. Facilities,
product descriptions and flags are not looked up.

Standard: https://www.isbt128.org (ST-001, ST-011)

>>> reading = parse_isbt("=/A9999XYZ100T0944=,000025=A99971312345600=>014032")
>>> reading.parts["di"], reading.parts["donation"], reading.parts["expiry"]
('A9999XYZ100T0944', 'A999713123456', '2014-02-01')
"""

from __future__ import annotations

import re

from identifiers.errors import (
    CharacterError,
    IdentifierError,
    LengthError,
    RepeatError,
    RequisiteError,
    SyntaxError_,
)
from identifiers.item_code import Level
from identifiers.schemes.date_patterns import read_date
from identifiers.schemes.reading import Part, Reading, canonical_urn

__all__ = ["parse_isbt"]

_RULE = "ISBT 128 ST-001, section 2.4"
_SCHEME = "udi-iccbba"
_COMPOUND = re.compile(r"=\+([0-9]{2})([0-9]{3})")

_PLAIN = re.compile(r"[0-9A-Z]*")
_DONATION = re.compile(r"[1-9A-NP-Z][0-9A-NP-Z]{2}[0-9]{10}[0-9A-Z]{2}")
_FACILITY = re.compile(r"[0-9A-NP-Z]{5}[0-9A-Z]*")
_STRUCTURES: tuple[tuple[str, str, int, re.Pattern[str]], ...] = (
    ("=/", "di", 16, _FACILITY),
    ("=)", "di", 10, _PLAIN),
    ("=,", "serial", 6, _PLAIN),
    ("=>", "expiry", 6, _PLAIN),
    ("&>", "expiry", 10, _PLAIN),
    ("=}", "production_date", 6, _PLAIN),
    ("&}", "production_date", 10, _PLAIN),
    ("&,1", "lot", 18, _PLAIN),
    ("&)", "lot", 10, _PLAIN),
    ("=", "donation", 15, _DONATION),
)
"""Data identifier, name of the part, length and form of each data structure."""
_PATTERNS = {6: "YYYDDD", 10: "YYYDDDHHMM"}
_DATES = ("expiry", "production_date")
_FLAGS = 2  # characters behind a donation number that are no part of it


def _verify(found: str, name: str, length: int, form: re.Pattern[str], start: int) -> None:
    if len(found) < length:
        raise LengthError(
            "{count} characters in this data structure",
            found,
            position=start + len(found),
            rule=_RULE,
            count=length,
        )
    if form.fullmatch(found):
        return
    foreign = re.search(r"[^0-9A-Z]", found)
    if foreign is not None:
        raise CharacterError(
            "a capital letter or a digit",
            foreign[0],
            position=start + foreign.start(),
            rule=_RULE,
        )
    if name == "donation":
        raise SyntaxError_(
            "a donation number: facility of 5, year of 2, sequence of 6 characters, and 2 flags",
            found,
            position=start,
            rule=_RULE,
        )
    raise CharacterError(
        "a facility number without the letter O", found[:5], position=start, rule=_RULE
    )


def _structures(text: str, position: int) -> dict[str, tuple[str, str]]:
    """Read all data structures from an index on: identifier and content by the part's name."""
    found: dict[str, tuple[str, str]] = {}
    while position < len(text):
        structure = next((row for row in _STRUCTURES if text.startswith(row[0], position)), None)
        if structure is None:
            raise SyntaxError_(
                "a data identifier of ISBT 128", text[position:], position=position, rule=_RULE
            )
        identifier, name, length, form = structure
        start = position + len(identifier)
        if name == "donation" and not text[start : start + 1].isalnum():
            raise SyntaxError_(
                "a data structure of a medical device",
                text[position : start + 1],
                position=position,
                rule=_RULE,
            )
        content = text[start : start + length]
        _verify(content, name, length, form, start)
        if name in found:
            raise RepeatError("each kind of data once", content, position=position, rule=_RULE)
        if name in _DATES:
            try:
                content = read_date(content, _PATTERNS[length], rule=_RULE)
            except IdentifierError as error:
                raise error.within(start) from None
        found[name] = identifier, content
        position = start + length
    return found


def parse_isbt(text: str) -> Reading:
    """Parse the UDI of a medical device of human origin (ISBT 128 ST-001, section 2.4).

    Args:
        text: The data structures of one symbol, or of all symbols of a label in order.

    Returns:
        The reading, scheme ``udi-iccbba``.

    Raises:
        IdentifierError: The text is none, or has no device identifier.
    """
    compound = _COMPOUND.match(text)
    found = _structures(text, compound.end() if compound else 0)
    if compound and int(compound[1]) != len(found):
        raise LengthError(
            "{count} data structures, as the message says",
            str(len(found)),
            position=compound.start(1),
            rule=_RULE,
            count=int(compound[1]),
        )
    if "di" not in found:
        raise RequisiteError(
            "a device identifier, =/ or =)",
            text,
            fix="scan the symbol with the device identifier too",
            rule=_RULE,
        )
    parts: dict[str, Part] = {name: content for name, (_, content) in found.items()}
    identifier, di = found["di"]
    if identifier == "=/":
        parts |= {"facility": di[:5], "product": di[5:11], "description": di[11:]}
    name, level = identifier + di, Level.PRODUCT
    if "donation" in found:
        donation = found["donation"][1]
        parts["donation"], parts["flags"] = donation[:-_FLAGS], donation[-_FLAGS:]
        name, level = f"{name}={donation[:-_FLAGS]}", Level.INSTANCE
    if "serial" in found:
        name, level = f"{name}=,{found['serial'][1]}", Level.INSTANCE
    elif "lot" in found and level is Level.PRODUCT:
        name, level = name + "".join(found["lot"]), Level.LOT
    return Reading(_SCHEME, text, canonical_urn(_SCHEME, name), level, parts)
