"""Numbers as characters that nobody confuses: serials and tags are spelt alike.

Rules kept:

* The alphabet is CSET 32 of GS1 (General Specifications, section 7.11): no 0 or O, no 1 or I. It
  needs no escaping in a link, and is part of CSET 82, so that it may stand in AI (21).
* A text has a fixed length, most significant character first; nothing is trimmed.
* Lower case is refused, not changed: one serial has one spelling.

>>> spell(31, 3)
'22Z'
>>> number_of("22Z", 3)
31
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from identifiers.characters import CSET32
from ledger.errors import UsageError, shown

__all__ = ["PAIR", "RADIX", "TRIPLE", "number_of", "pairs", "spell", "triples"]

RADIX: Final = len(CSET32)
PAIR: Final = 1 << 10
"""How many numbers two characters spell."""
TRIPLE: Final = 1 << 15
"""How many numbers three characters spell."""

_VALUES: Final = {character: value for value, character in enumerate(CSET32)}


@lru_cache(maxsize=1)
def pairs() -> tuple[str, ...]:
    """All texts of two characters, by their number."""
    return tuple(one + other for one in CSET32 for other in CSET32)


@lru_cache(maxsize=1)
def triples() -> tuple[str, ...]:
    """All texts of three characters, by their number; a look-up spells three at once."""
    return tuple(one + two for one in CSET32 for two in pairs())


def spell(number: int, length: int) -> str:
    """Spell a number below 32^length with `length` characters."""
    return "".join(CSET32[number >> shift & 31] for shift in range(5 * length - 5, -1, -5))


def number_of(text: str, length: int) -> int:
    """Read what `spell` wrote.

    Raises:
        UsageError: It has another length, or a character outside the alphabet.
    """
    if len(text) != length:
        raise UsageError(f"Expected {length} characters, got {shown(text)}.")
    number = 0
    for character in text:
        value = _VALUES.get(character)
        if value is None:
            raise UsageError(f"Expected characters of {CSET32}, got {shown(character)}.")
        number = number << 5 | value
    return number
