"""The risk of a guess, in exact fractions, against the laws' limits."""

import doctest
from fractions import Fraction

import pytest

from ledger.issuance import risk
from ledger.issuance.risk import LIMITS, Risk
from ledger.issuance.serials import SPACE


def test_the_fractions_are_exact() -> None:
    """A guess hits in issued of 2^50 cases; with a tag, of 2^60 more for each version."""
    found = Risk(1_000_000, 2)
    assert found.serial == Fraction(1_000_000, 2**50)
    assert found.link == Fraction(1_000_000, 2**50) * Fraction(2, 2**60)
    assert Risk(1_000_000, 0).link == Fraction(1_000_000, 2**50)
    assert Risk(SPACE + 1, 0).serial == 1


@pytest.mark.parametrize(
    ("issued", "holds"),
    [(0, True), (SPACE // 10_000, True), (SPACE // 10_000 + 1, False), (SPACE, False)],
)
def test_the_limits(issued: int, holds: bool) -> None:  # noqa: FBT001
    """Both laws' limit holds up to a ten-thousandth of all serials; tags don't soften it."""
    for versions in (0, 1):
        found = Risk(issued, versions)
        assert all(found.holds(limit) is holds for limit in LIMITS)
        assert found.broken == (() if holds else LIMITS)


def test_one_in_ten_thousand_itself_is_too_much() -> None:
    """Both laws say "lower than"."""
    assert Risk(1, 0, space=10_000).broken == LIMITS
    assert Risk(1, 0, space=10_001).broken == ()


def test_what_people_are_told() -> None:
    """Probability and verdict are sentences; the risk is never said to be smaller than it is."""
    assert Risk(3, 0, space=100_000).sentences() == [
        "A guessed serial is an issued one with probability 1 in 33,333.",
        "EU 2016/161 (medicines), lower than 1 in 10,000: holds.",
        "EU 2018/574 (tobacco), lower than 1 in 10,000: holds.",
    ]
    said = Risk(1, 1, space=100).sentences()
    assert said[0].endswith("1 in 100.")
    assert f"1 in {100 * 2**60:,}." in said[1]
    assert [line.endswith("DOES NOT HOLD.") for line in said] == [False, False, True, True]
    assert Risk(0, 0).sentences()[0].endswith("probability 0.")


def test_examples() -> None:
    """The example of the docstring holds."""
    result = doctest.testmod(risk)
    assert result.attempted
    assert result.failed == 0
