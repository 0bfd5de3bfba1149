"""Text element identifiers (TEIs): the fields of format 12 of ISO/IEC 15434.

Rules kept:

* Three characters, the first of them a letter, a space, and the value.
* A part has its unique item identifier in one of two ways (MIL-STD-130): a company (MFR, SPL, CAG,
  DUN or EUC) with the serial that it gave (SER, UCN), or a company, the original part number (PNO)
  and the serial within that (SEQ). UID, UST and USN hold such an identifier whole.
* What is not known here, and a company's number that does not look like one, is kept with a remark:
  the data dictionary (ATA Spec 2000, chapter 9) has not been seen.

Standard: ISO/IEC 15434, format 12, and MIL-STD-130

>>> item_of([read_text_element(text)[0] for text in ("MFR 0CVA5", "SER 786950", "PNR X-1")])
(('MFR', '0CVA5'), ('SER', '786950'))
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.errors import CharacterError, LengthError, SyntaxError_
from identifiers.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["item_of", "read_text_element"]

_RULE = "ISO/IEC 15434, format 12"
_IDENTIFIER = re.compile(r"([A-Z][0-9A-Z]{2}) ")
_FOREIGN = re.compile(r"[^ -~]")
_COMPANIES = {
    **dict.fromkeys(("MFR", "SPL", "CAG"), re.compile(r"[0-9A-Z]{5}")),  # CAGE code
    "DUN": re.compile(r"[0-9]{9}"),
    "EUC": re.compile(r"[0-9]+"),  # GS1 company prefix
}
_SERIALS = ("SER", "UCN")
_WHOLE = ("UID", "UST", "USN")
_KNOWN = frozenset((*_COMPANIES, *_SERIALS, *_WHOLE, "SEQ", "PNO", "PNR", "LOT"))


def read_text_element(text: str) -> tuple[tuple[str, str], tuple[Notice, ...]]:
    """Read a text element identifier with its value.

    Args:
        text: For example ``SER 786950``.

    Returns:
        Both, and what could not be verified.

    Raises:
        CharacterError: The value has a character outside printable ASCII.
        LengthError: There is no value.
        SyntaxError_: There is no text element identifier.
    """
    found = _IDENTIFIER.match(text)
    if found is None:
        raise SyntaxError_(
            "a text element identifier: three characters and a space",
            text[:4],
            position=0,
            rule=_RULE,
        )
    tei, value = found[1], text[found.end() :]
    if not value:
        raise LengthError("a value behind {tei}", "", position=len(text), rule=_RULE, tei=tei)
    foreign = _FOREIGN.search(value)
    if foreign is not None:
        raise CharacterError(
            "a printable ASCII character",
            foreign[0],
            position=found.end() + foreign.start(),
            rule=_RULE,
        )
    if tei not in _KNOWN:
        notice = "the text element identifier {tei} is not known here"
        return (tei, value), (Notice("tei-unknown", notice, {"tei": tei}),)
    if tei in _COMPANIES and not _COMPANIES[tei].fullmatch(value):
        notice = "the value of {tei} has not the form of a company's number"
        return (tei, value), (Notice("tei-company", notice, {"tei": tei}),)
    return (tei, value), ()


def item_of(fields: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...] | None:
    """Find the unique item identifier among text elements (MIL-STD-130, constructs 1 and 2).

    Args:
        fields: The text element identifiers with their values.

    Returns:
        The fields that make it up, company first, or None when they name no single part.
    """
    values = dict(fields)
    if len(values) != len(fields):
        return None
    whole = [tei for tei in _WHOLE if tei in values]
    companies = [tei for tei in _COMPANIES if tei in values]
    serials = [tei for tei in _SERIALS if tei in values]
    if len(whole) == 1:
        chosen = whole
    elif whole or len(companies) != 1:
        return None
    elif len(serials) == 1:
        chosen = companies + serials
    elif not serials and {"PNO", "SEQ"} <= values.keys():
        chosen = [*companies, "PNO", "SEQ"]
    else:
        return None
    return tuple((tei, values[tei]) for tei in chosen)
