"""How sure a reading of some scheme is, where that depends on the text.

Rules kept:

* A check digit makes a reading `Confidence.STRONG`; a structure that other codes have too is
  `Confidence.POSSIBLE`. See `confidence` for the steps.

>>> from identifiers.item_code import Level
>>> from identifiers.schemes.reading import Reading
>>> drug(Reading("cn-drug-trace-20", "", "", Level.INSTANCE), "81234567890123456789").name
'LIKELY'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.confidence import Confidence

if TYPE_CHECKING:
    from identifiers.schemes.reading import Reading

__all__ = [
    "binary",
    "compressed",
    "drug",
    "handle",
    "identifier",
    "link",
    "plain",
    "retail",
    "upc_e",
]

# Keys with a check digit or check characters; a text is hardly such a key by chance.
_CHECKED = re.compile(r"(?:0[0-2]|253|255|402|41[457]|80(?:03|06|13|17|18))")


def plain(_: Reading, text: str) -> Confidence:
    """Judge an element string that nothing marks, by whether its key has a check digit."""
    return Confidence.STRONG if _CHECKED.match(text) else Confidence.WEAK


_GS1_HOST = re.compile(r"(?i:https?)://id\.gs1\.org/")


def link(_: Reading, text: str) -> Confidence:
    """Judge a Digital Link by its host: on that of GS1 it cannot be anything else."""
    return Confidence.CERTAIN if _GS1_HOST.match(text) else Confidence.STRONG


def compressed(reading: Reading, _: str) -> Confidence:
    """Judge a compressed link by whether the key that it stands for has a check digit."""
    # A word of a path hardly begins with the bits of a key, but there is no check digit then.
    key = reading.code.removeprefix("https://id.gs1.org/")
    return Confidence.STRONG if _CHECKED.match(key) else Confidence.LIKELY


def retail(_: Reading, text: str) -> Confidence:
    """Judge the digits of a GTIN by their number."""
    # A GTIN-8 with 0 in front is for one company's own use; most UPC-E codes begin so.
    own = len(text) == 8 and text.startswith("0")  # noqa: PLR2004  GTIN-8
    return Confidence.LIKELY if own else Confidence.STRONG


def upc_e(_: Reading, text: str) -> Confidence:
    """Judge 8 digits as UPC-E, whose codes mostly begin with 0."""
    return Confidence.STRONG if text.startswith("0") else Confidence.POSSIBLE


def handle(reading: Reading, text: str) -> Confidence:
    """Judge a handle by what stands around it, and by its prefix."""
    if text != reading.code:
        return Confidence.CERTAIN
    known = reading.scheme == "cn-industrial-handle" or text.startswith("10.")
    return Confidence.LIKELY if known else Confidence.POSSIBLE


def drug(_: Reading, text: str) -> Confidence:
    """Judge 20 digits as a drug trace code, whose codes mostly begin with 8."""
    # What has been published begins with 8.
    return Confidence.LIKELY if text.startswith("8") else Confidence.POSSIBLE


def identifier(reading: Reading, _: str) -> Confidence | None:
    """Judge a data identifier by whether its value is unique in the world; None for mere words."""
    if not reading.warnings:
        return Confidence.POSSIBLE
    # A word such as HELLO is a name under H; what may be any word is not worth telling.
    return None if reading.unverified else Confidence.WEAK


def binary(_: Reading, text: str) -> Confidence:
    """Judge a tag's memory; decimal digits alone may be something else."""
    return Confidence.LIKELY if text.isdigit() else Confidence.STRONG
