"""Levels as stored numbers."""

from identifiers import Level
from ledger.levels import level_number, level_of


def test_the_numbers_never_change() -> None:
    """The stored number of each level is what it was in the first ledger; 0 is a code nobody can read."""
    assert {level: level_number(level) for level in Level} == {
        Level.OTHER: 0,
        Level.INSTANCE: 1,
        Level.LOT: 2,
        Level.PRODUCT: 3,
        Level.LOGISTIC: 4,
        Level.ASSET: 5,
        Level.DOCUMENT: 6,
        Level.LOCATION: 7,
        Level.PARTY: 8,
    }


def test_every_number_leads_back() -> None:
    """Each number stands for one level."""
    assert [level_of(level_number(level)) for level in Level] == list(Level)
