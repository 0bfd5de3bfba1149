"""The level of an item as a small stored number."""

from __future__ import annotations

from typing import Final

from identifiers import Level

__all__ = ["level_number", "level_of"]

_LEVELS: Final = (
    Level.OTHER,
    Level.INSTANCE,
    Level.LOT,
    Level.PRODUCT,
    Level.LOGISTIC,
    Level.ASSET,
    Level.DOCUMENT,
    Level.LOCATION,
    Level.PARTY,
)
"""The numbers are stored: add at the end, don't reorder."""
_NUMBERS: Final = {level: number for number, level in enumerate(_LEVELS)}


def level_number(level: Level) -> int:
    """The number that stands for a level in the database."""
    return _NUMBERS[level]


def level_of(number: int) -> Level:
    """The level that a stored number stands for."""
    return _LEVELS[number]
