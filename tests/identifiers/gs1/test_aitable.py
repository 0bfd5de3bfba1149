"""The table of application identifiers."""

import pytest

from identifiers.errors import UnknownAiError
from identifiers.gs1 import aitable


def test_the_whole_dictionary_is_there() -> None:
    """541 AIs of the release that the table names."""
    assert aitable.version() == "2026-01-27"
    assert len(aitable._table()[1]) == 541


def test_an_entry() -> None:
    """The batch number is known with title, lengths and partners."""
    found = aitable.entry("10")
    assert (found.title, found.shortest, found.longest, found.fixed) == ("BATCH/LOT", 1, 20, False)
    assert ("8006",) in found.requires[0]


def test_keys_have_qualifiers() -> None:
    """A GTIN has two orders of qualifiers, an SSCC none, a batch number is no key."""
    assert aitable.entry("01").qualifiers == (("22", "10", "21"), ("235",))
    assert aitable.entry("00").qualifiers == ((),)
    assert aitable.entry("10").qualifiers is None


def test_unknown() -> None:
    """An AI that is not in the table is refused by entry and None for find."""
    assert aitable.find("89") is None
    with pytest.raises(UnknownAiError, match="2026-01-27"):
        aitable.entry("89")


@pytest.mark.parametrize(
    ("ai", "fix"),
    [
        ("310", "write 4 digits, as every AI that begins with 31 has"),
        ("001", "write 2 digits, as every AI that begins with 00 has"),
        ("3199", ""),
        ("89", ""),
        ("gtin", ""),
        ("01a", ""),
    ],
)
def test_length_of_an_ai_is_named(ai: str, fix: str) -> None:
    """Who leaves out the decimal place of a weight is told how long the AI is."""
    with pytest.raises(UnknownAiError) as caught:
        aitable.entry(ai)
    assert caught.value.fix == fix


def test_fix_depends_on_what_stands_before() -> None:
    """At the start an AI is missing, further on rather a separator."""
    with pytest.raises(UnknownAiError, match="begin with an AI"):
        aitable.at("8912", 0)
    with pytest.raises(UnknownAiError, match="missing separator"):
        aitable.at("10A8912", 3)


def test_found_at_its_place() -> None:
    """The AI that an element string goes on with is found by its first two digits."""
    assert aitable.at("xx3103000195", 2).ai == "3103"
    with pytest.raises(UnknownAiError) as caught:
        aitable.at("xx8912", 2)
    assert caught.value.position == 2


def test_prefixes_have_one_length() -> None:
    """AIs that begin alike, and predefined values, are equally long, or nobody could part them."""
    lengths: dict[str, set[tuple[int, int]]] = {}
    for ai, found in aitable.entries().items():
        assert aitable.is_fixed(ai) == found.fixed
        lengths.setdefault(ai[:2], set()).add((len(ai), found.longest if found.fixed else 0))
    assert all(len(found) == 1 for found in lengths.values())


@pytest.mark.parametrize(
    ("pattern", "ai", "wanted"),
    [("31nn", "3103", True), ("310n", "3113", False), ("01", "01", True), ("01", "011", False)],
)
def test_patterns(pattern: str, ai: str, *, wanted: bool) -> None:
    """The letter n stands for one digit."""
    assert aitable.matches(pattern, ai) is wanted
