r"""Codes of GS1 in each of their forms, as readings like those of the other schemes.

Rules kept:

* Form decides the scheme: ``gs1-element-string`` (brackets, separators, or behind a symbology
  identifier), ``gs1-digital-link``, ``gs1-gtin`` (the digits of a retail symbol), ``epc-urn``,
  ``epc-binary`` (the memory of an RFID tag).
* Plain digits and letters without FNC1 and symbology identifier are an element string only when
  they begin with the AI of an identification key, or hold a separator: AIs 90 to 99 take any text,
  and would turn every number that begins with 9 into one.
* The canonical code of an element string is the bracketed form, of a link the canonical link, of a
  GTIN its 14 digits, of a URN the URN itself. All have the canonical link as their URI; a message
  without a key names nothing and has none.
* A message with GTIN, serial and the crypto tail of Russia's marking system, AIs 91 and 92 or 93,
  gets the part ``profile`` ``chestny-znak``. The tail itself can only be verified online.

Standard: https://ref.gs1.org/standards/genspecs/

>>> reading = read_elements("010290000231770121k3LInNbH_oG0Q\x1d91EE06\x1d92YXiy")
>>> reading.code, reading.parts["profile"]
('(01)02900002317701(21)k3LInNbH_oG0Q(91)EE06(92)YXiy', 'chestny-znak')
>>> read_gtin("9506000134352").uri
'https://id.gs1.org/01/09506000134352'
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from identifiers.epc import foreign_identity, parse_epc_binary, parse_epc_urn
from identifiers.errors import ConversionError, RequisiteError, SyntaxError_
from identifiers.gs1 import aitable
from identifiers.gs1.compressed import parse_compressed_link
from identifiers.gs1.digital_link import as_digital_link, parse_digital_link
from identifiers.gs1.elements import (
    SEPARATOR,
    ElementString,
    as_bracketed,
    parse_bracketed,
    parse_element_string,
)
from identifiers.gs1.products import as_gtin14, expand_upc_e
from identifiers.gs1.scans import parse_scan
from identifiers.item_code import Level, as_item_code
from identifiers.schemes.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identifiers.schemes.reading import Part

__all__ = [
    "GS1_SCHEMES",
    "read_bracketed",
    "read_compressed_link",
    "read_elements",
    "read_epc_binary",
    "read_epc_urn",
    "read_gtin",
    "read_link",
    "read_marked_elements",
    "read_scan",
    "read_upc_e",
]

_ELEMENTS, _LINK, _GTIN, _URN = "gs1-element-string", "gs1-digital-link", "gs1-gtin", "epc-urn"
_BINARY = "epc-binary"
GS1_SCHEMES: frozenset[str] = frozenset({_ELEMENTS, _LINK, _GTIN, _URN, _BINARY})
"""The schemes whose codes are judged by the syntax dictionary."""

_RULE = "GS1 General Specifications, section 7.8"
_GTIN_LENGTH = 14


def _is_chestny_znak(elements: Sequence[tuple[str, str]]) -> bool:
    names = {ai for ai, _ in elements}
    return {"01", "21"} <= names and ("93" in names or {"91", "92"} <= names)


def _reading(scheme: str, message: ElementString, code: str) -> Reading:
    parts: dict[str, Part] = {"ais": message.elements}
    if _is_chestny_znak(message.elements):
        parts["profile"] = "chestny-znak"
    try:
        item = as_item_code(message)
    except ConversionError:
        return Reading(scheme, code, "", Level.OTHER, parts)
    return Reading(scheme, code, item.uri, item.level, parts)


def _message(message: ElementString) -> Reading:
    if message.path:
        return _reading(_LINK, message, as_digital_link(message))
    return _reading(_ELEMENTS, message, as_bracketed(message))


def read_bracketed(text: str) -> Reading:
    """Read the bracketed form, as printed below a symbol (section 4.14).

    Raises:
        IdentifierError: It is no valid bracketed element string.
    """
    return _message(parse_bracketed(text))


def read_scan(text: str) -> Reading:
    """Read what a scanner sent, symbology identifier first (section 7.2.4).

    Raises:
        IdentifierError: It is no valid scan of a code of GS1.
    """
    return _message(parse_scan(text))


def read_marked_elements(text: str) -> Reading:
    """Read an element string of which something else has told that it is one (section 7.8).

    Raises:
        IdentifierError: It is no valid element string.
    """
    return _message(parse_element_string(text))


def read_elements(text: str) -> Reading:
    """Read an element string that nothing marks as one (section 7.8).

    Raises:
        IdentifierError: It is no valid element string, begins with FNC1, which is a repair of its
            own, or has neither a key in front nor a separator.
    """
    if text.startswith(SEPARATOR):
        raise SyntaxError_(
            "an application identifier", text[0], position=0, fix="drop the leading GS", rule=_RULE
        )
    message = parse_element_string(text)
    if SEPARATOR not in text and aitable.entry(message.elements[0][0]).qualifiers is None:
        raise RequisiteError(
            "the key of an item in front, or FNC1 before the first AI",
            text,
            position=0,
            fix="scan with symbology identifiers switched on",
            rule=_RULE,
        )
    return _message(message)


def read_link(text: str) -> Reading:
    """Read a GS1 Digital Link on any host.

    Raises:
        IdentifierError: It is no valid Digital Link.
    """
    return _message(parse_digital_link(text))


def read_compressed_link(text: str) -> Reading:
    """Read a compressed Digital Link of release 1.1.

    Raises:
        IdentifierError: It is no valid compressed link.
    """
    return _message(parse_compressed_link(text))


def _retail(gtin: str, form: str) -> Reading:
    message = ElementString((("01", gtin),), aitable.version())
    reading = _reading(_GTIN, message, gtin)
    return replace(reading, parts={**reading.parts, "form": form})


def read_gtin(text: str) -> Reading:
    """Read the digits of a retail symbol: 8, 12, 13 or 14 (section 3.3.2).

    Raises:
        IdentifierError: It is no GTIN.
    """
    return _retail(as_gtin14(text), f"gtin-{len(text)}")


def read_upc_e(text: str) -> Reading:
    """Read the 8 digits of a UPC-E symbol (section 7.9.4).

    Raises:
        IdentifierError: It is no UPC-E code.
    """
    return _retail(expand_upc_e(text).zfill(_GTIN_LENGTH), "upc-e")


def read_epc_urn(text: str) -> Reading:
    """Read an EPC URN (GS1 EPC Tag Data Standard, chapter 6); of schemes other than GS1's, as is.

    Raises:
        IdentifierError: It is no valid EPC URN.
    """
    identity = foreign_identity(text)
    if identity is not None:
        return Reading(_URN, text, identity, Level.OTHER)
    return _reading(_URN, parse_epc_urn(text), text)


def read_epc_binary(text: str) -> Reading:
    """Read the EPC memory of an RFID tag (GS1 EPC Tag Data Standard, chapter 14).

    Args:
        text: Hexadecimal digits, from address 20h on.

    Returns:
        The reading; its code is the URN of the object, or of a "+" tag the bracketed form.

    Raises:
        IdentifierError: It is no valid EPC.
    """
    tag = parse_epc_binary(text)
    own: dict[str, Part] = {"coding": tag.scheme}
    if tag.filter_value is not None:
        own["filter"] = tag.filter_value
    if tag.tag_uri is not None:
        own["tag_uri"] = tag.tag_uri
    if tag.code is None:
        identity = str(tag.pure_identity)
        return Reading(_BINARY, identity, identity, Level.OTHER, own)
    reading = _reading(_BINARY, tag.code, tag.pure_identity or as_bracketed(tag.code))
    return replace(reading, parts={**reading.parts, **own})
