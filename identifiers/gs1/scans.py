"""What a scanner sends: an AIM symbology identifier and the data of the symbol.

Rules kept (ISO/IEC 15424; GS1 General Specifications, section 7.2.4):

* ``]C1``, ``]e0``, ``]d2``, ``]Q3`` and ``]J1`` carry a GS1 element string.
* ``]E0`` carries a GTIN-13 (a UPC-A code with a leading zero), ``]E4`` a GTIN-8; both become AI 01.
* A two-dimensional component above such a symbol is a second message, told by ``|]e0`` between the
  two; both are one code, as of any composite symbol.
* ``]I1`` carries a GTIN-14 of an ITF-14 symbol.
* ``]d1``, ``]Q1`` and ``]J0`` carry plain text, which is a code here when it is a Digital Link.

Standard: https://ref.gs1.org/standards/genspecs/

>>> parse_scan("]E09506000134352").elements
(('01', '09506000134352'),)
"""

from __future__ import annotations

import re

from identifiers.characters import require
from identifiers.errors import (
    CharacterError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownAiError,
    UnknownSchemeError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.gs1.elements import (
    SEPARATOR,
    ElementString,
    as_element_string,
    parse_element_string,
    verify_value,
)

__all__ = ["parse_scan", "split_scan"]

_RULE = "ISO/IEC 15424"
_IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_ELEMENT_STRINGS = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
_TEXTS = frozenset({"]d1", "]Q1", "]J0"})
_GTINS = {"]E0": 13, "]E4": 8, "]I1": 14}
_COMPONENT = "|]e0"


def split_scan(text: str) -> tuple[str, str]:
    """Part the symbology identifier from the data.

    Args:
        text: What the scanner sent.

    Returns:
        The identifier of three characters, and the data.

    Raises:
        SyntaxError_: There is no symbology identifier.
    """
    found = _IDENTIFIER.match(text)
    if found is None:
        raise SyntaxError_(
            "a symbology identifier such as ]d2",
            text[:3],
            position=0,
            fix="set the scanner to send AIM identifiers",
            rule=_RULE,
        )
    return found[0], text[3:]


def _parse_gtin(data: str, length: int) -> ElementString:
    require("N", data)
    if len(data) != length:
        raise LengthError(
            "{length} digits (there are {count})",
            data,
            position=min(len(data), length),
            fix="scan the symbol again",
            length=length,
            count=len(data),
        )
    gtin = data.zfill(14)
    try:
        verify_value(aitable.entry("01"), gtin)
    except IdentifierError as error:
        raise error.within(len(data) - len(gtin)) from None
    return ElementString((("01", gtin),), aitable.version())


def _parse_retail(data: str, length: int, *, requisites: bool, unknown_ais: bool) -> ElementString:
    """Read a GTIN, with the component above it if there is one (ISO/IEC 24723)."""
    digits, marked, component = data.partition(_COMPONENT)
    code = _parse_gtin(digits, length)
    if not marked:
        return code
    text = f"{as_element_string(code)}|{SEPARATOR}"
    try:
        return parse_element_string(
            text + component, requisites=requisites, unknown_ais=unknown_ais
        )
    except IdentifierError as error:
        # The AI of the GTIN itself, which stands in no text, is where the symbol begins.
        shift = length + len(_COMPONENT) - len(text)
        raise error.within(max(shift, -(error.position or 0))) from None


def parse_scan(text: str, *, requisites: bool = True, unknown_ais: bool = False) -> ElementString:
    """Parse what a scanner sent, symbology identifier first.

    Args:
        text: The identifier and the data, with GS (0x1D) as separator.
        requisites: Whether AIs that others require must be there.
        unknown_ais: Whether an AI that is not in the table, but of known length, is let pass.

    Returns:
        The verified message.

    Raises:
        IdentifierError: The scan is not valid, or the symbol carries no GS1 code.
    """
    identifier, data = split_scan(text)
    try:
        if identifier in _ELEMENT_STRINGS:
            if data.startswith(SEPARATOR):
                raise UnknownAiError(
                    "an application identifier",
                    data[:1],
                    position=0,
                    fix="drop the leading GS",
                    rule=_RULE,
                )
            bar = data.find("|")
            if bar >= 0:  # a scanner sends the parts of a composite symbol as one element string
                raise CharacterError("a character of CSET 82", "|", position=bar)
            return parse_element_string(data, requisites=requisites, unknown_ais=unknown_ais)
        if identifier in _GTINS:
            return _parse_retail(
                data, _GTINS[identifier], requisites=requisites, unknown_ais=unknown_ais
            )
        if identifier in _TEXTS:
            return parse_digital_link(data, requisites=requisites, unknown_ais=unknown_ais)
    except IdentifierError as error:
        raise error.within(3) from None
    raise UnknownSchemeError(
        "a symbology that carries GS1 codes",
        identifier,
        position=0,
        fix="read the data as plain text",
        rule=_RULE,
    )
