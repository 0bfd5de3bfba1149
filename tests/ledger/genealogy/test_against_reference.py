"""Random genealogies one by one, which shrink to a small one where an answer isn't the slow trace's."""

from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.store.engine import reading
from tests.ledger.builders import Ledger
from tests.ledger.genealogy.comparing_traces import Walkers, captured, check, known_codes, questions
from tests.ledger.genealogy.random_genealogies import genealogy

randoms = st.randoms(use_true_random=False)
numbers = count(500_000_000 // 3)
"""Each genealogy has codes of its own in a ledger that holds many."""


def run(ledger: Ledger, random: Random) -> None:
    """Draw a genealogy, capture it, and compare what is told of each of its items."""
    number = next(numbers)
    one = genealogy(random, f"h{number}", number)
    times = captured(ledger, [one])
    with reading(ledger.engine) as connection:
        known = known_codes(connection)
        for code in one.codes:
            if code in known:
                for asked in questions(random, [code], 2):
                    check(connection, Walkers(), one, asked, times)


@pytest.mark.no_cover  # volume: others measure these lines
@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random=randoms)
def test_traces_are_those_of_the_reference(sqlite_ledger: Ledger, random: Random) -> None:
    """Both directions from every item at all times; what is behind is what is ahead of."""
    run(sqlite_ledger, random)


@pytest.mark.no_cover  # volume: others measure these lines
@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(random=randoms)
def test_postgresql_answers_the_same(postgresql_ledger: Ledger, random: Random) -> None:
    """The other database gives the reference's answers too."""
    run(postgresql_ledger, random)
