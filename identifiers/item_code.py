"""Item codes: the canonical identifier of one trace item.

Rules kept:

* The canonical form of a GS1 code is a Digital Link URI on ``https://id.gs1.org``; of any other
  code the URI or URN of its scheme.
* An instance is (01, 21) alone: a lot or variant beside a serial describes the instance and is no
  part of its identity, so that one item has one code whatever its label says besides.
* The key of a lot is (01, 10); two makers' equal lot numbers are two lots.

Standard: https://ref.gs1.org/standards/digital-link/uri-syntax/

>>> from identifiers.gs1.elements import parse_bracketed
>>> as_item_code(parse_bracketed("(01)09506000134352(10)L7(21)A1")).lot
'https://id.gs1.org/01/09506000134352/10/L7'
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from identifiers.characters import escape, require_uri_characters
from identifiers.epc import TAG_DATA_STANDARD
from identifiers.errors import ConversionError, SyntaxError_
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import CANONICAL_STEM
from identifiers.gs1.elements import ElementString, verify_value

__all__ = ["ItemCode", "Level", "as_item_code", "parse_uri"]


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


_URI = re.compile(
    r"[Uu][Rr][Nn]:[0-9A-Za-z][0-9A-Za-z\-]{1,31}:.|(?![Uu][Rr][Nn]:)[A-Za-z][0-9A-Za-z+.\-]+:."
)
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


def parse_uri(text: str) -> ItemCode:
    """Take an absolute URI or URN as its own code, whatever it claims to be.

    For codes that a partner has already used in events: a malformed EPC URN still names one thing,
    and a caller that has warned about it can keep it so.

    Args:
        text: The URI.

    Returns:
        The item code of level `OTHER`.

    Raises:
        SyntaxError_: The text is no absolute URI, or has characters of none.
    """
    require_uri_characters(text)
    if not _URI.match(text):
        raise SyntaxError_(
            "a Digital Link, an EPC URN, an element string, or another absolute URI",
            text,
            position=0,
            fix="write the code with its scheme, such as (01)... or urn:...",
            rule="RFC 3986, section 4.3",
        )
    return ItemCode(text, Level.OTHER, None, None, None, ())
