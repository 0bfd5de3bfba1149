"""Several linear codes on one label, verified as one message.

A linear symbol has room for few digits, so that a label spreads what belongs together over several:
the SSCC (00) in one, the content (02) with its count (37) in another, the lot (10) in a third.

Rules kept (GS1 General Specifications, sections 4.13 and 6.6):

* Each code is verified by itself but for what it requires beside it; that is verified over all.
* As many digits as a GTIN has are one, as retail symbols stand beside those of GS1-128, unless they
  are the data of an AI that has a symbol of its own.
* A value that stands in several codes must be the same in all, and counts once.
* A refusal says which code it is about, counted from 1, in its details as ``scan`` and, where no
  likelier fix is known, in its fix; its position is an index in that code, for a relation that of
  the value whose AI asks for it.

Standard: https://ref.gs1.org/standards/genspecs/

>>> join_scans(["]C10209506000134352372", "(10)L7", "00395200010000000011"]).elements
(('02', '09506000134352'), ('37', '2'), ('10', 'L7'), ('00', '395200010000000011'))
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.characters import is_digits
from identifiers.errors import IdentifierError, LengthError, RepeatError
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.gs1.elements import (
    SEPARATOR,
    ElementString,
    parse_bracketed,
    parse_element_string,
)
from identifiers.gs1.places import start_in_brackets, start_in_element_string
from identifiers.gs1.products import LENGTHS, as_gtin14
from identifiers.gs1.relations import verify_relations
from identifiers.gs1.scans import parse_scan

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["join_scans"]

_RULE = "GS1 General Specifications, section 4.13"
_SYMBOLOGY = 3  # characters of a symbology identifier
_DATA = tuple("10 11 12 13 15 16 17 20 21 22 240 241 30 37".split())
"""AIs that labels have in symbols of their own, with no more digits than a GTIN has."""


def _parse(text: str) -> ElementString:
    """Parse one code of the label, whatever it requires beside it."""
    if text.startswith("]"):
        return parse_scan(text, requisites=False)
    if text.startswith("("):
        return parse_bracketed(text, requisites=False)
    if text[:4].lower() == "http":
        return parse_digital_link(text, requisites=False)
    if is_digits(text) and len(text) in LENGTHS:
        return _parse_digits(text)
    return parse_element_string(text, requisites=False)


def _parse_digits(text: str) -> ElementString:
    """Parse as many digits as a GTIN has."""
    if text.startswith(_DATA):
        try:
            return parse_element_string(text, requisites=False)
        except IdentifierError:
            pass  # then they are a GTIN after all
    return ElementString((("01", as_gtin14(text)),), aitable.version())


def _start(text: str, elements: Sequence[tuple[str, str]], ai: str) -> int:
    """Tell where an AI begins in a code of the label, or its value where the AI isn't written."""
    if text[:4].lower() == "http":
        # The last one: what stands before the key is the publisher's own.
        found = [match.start() + 1 for match in re.finditer(rf"[/?&;]{ai}[/=]", text)]
        return found[-1] if found else 0
    index = [name for name, _ in elements].index(ai)
    if text.startswith("("):
        return start_in_brackets(text, elements, index)
    begin = _SYMBOLOGY if text.startswith("]") else 0
    first, value = elements[0]
    if not text[begin:].lstrip(SEPARATOR).startswith(first + value):
        return begin  # the digits of a GTIN, of which nothing says that they are one
    return begin + start_in_element_string(text[begin:], elements, index)


def _in_scan(error: IdentifierError, scan: int) -> IdentifierError:
    """Name the code that an error is about."""
    error.details = {**error.details, "scan": scan}
    return error if error.fix_template else error.mended_by("look at code {scan} of the label")


def join_scans(texts: Sequence[str]) -> ElementString:
    """Verify the codes of one label as one message.

    Args:
        texts: What was read of each symbol, in any form of GS1: a scan with symbology identifier,
            an element string, the bracketed form, a Digital Link, or the digits of a GTIN.

    Returns:
        The message, in the order of the codes, each value once.

    Raises:
        IdentifierError: A code is not valid, two contradict each other, or one requires an AI that
            stands in none of them. ``details["scan"]`` is the number of the code, from 1.
    """
    if not texts:
        raise LengthError("at least one code of the label", "", rule=_RULE)
    values: dict[str, str] = {}
    sources: dict[str, int] = {}
    messages: list[ElementString] = []
    for scan, text in enumerate(texts, 1):
        try:
            message = _parse(text)
        except IdentifierError as error:
            raise _in_scan(error, scan) from None
        messages.append(message)
        for ai, value in message.elements:
            sources.setdefault(ai, scan)
            if values.setdefault(ai, value) != value:
                raise RepeatError(
                    "{value} again, as in code {first} of the label",
                    value,
                    position=_start(text, message.elements, ai),
                    fix="leave one of them out: code {scan} contradicts code {first}",
                    ai=ai,
                    value=values[ai],
                    first=sources[ai],
                    scan=scan,
                )
    elements = tuple(values.items())
    try:
        verify_relations(elements)
    except IdentifierError as error:
        scan = sources[error.ai]
        error.position = _start(texts[scan - 1], messages[scan - 1].elements, error.ai)
        raise _in_scan(error, scan) from None
    return ElementString(elements, aitable.version())
