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

from typing import TYPE_CHECKING

from identifiers.characters import is_digits
from identifiers.errors import IdentifierError, LengthError, RepeatError
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.gs1.elements import ElementString, parse_bracketed, parse_element_string
from identifiers.gs1.products import LENGTHS, as_gtin14
from identifiers.gs1.relations import verify_relations
from identifiers.gs1.scans import parse_scan

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["join_scans"]

_RULE = "GS1 General Specifications, section 4.13"
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
    for scan, text in enumerate(texts, 1):
        try:
            message = _parse(text)
        except IdentifierError as error:
            raise _in_scan(error, scan) from None
        for ai, value in message.elements:
            sources.setdefault(ai, scan)
            if values.setdefault(ai, value) != value:
                raise RepeatError(
                    "{value} again, as in code {first} of the label",
                    value,
                    position=text.find(value),
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
        scan = sources.get(error.ai, 1)
        error.position = max(0, texts[scan - 1].find(values.get(error.ai, "")))
        raise _in_scan(error, scan) from None
    return ElementString(elements, aitable.version())
