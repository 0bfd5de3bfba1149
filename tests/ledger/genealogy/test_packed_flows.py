"""Random flows of packed goods between parties: what the balance tells is what the books say."""

from collections import defaultdict
from fractions import Fraction
from random import Random

import pytest
from sqlalchemy import Connection

from ledger.genealogy.balance import balance
from ledger.genealogy.balance_answer import Balance
from ledger.store.engine import reading
from tests.ledger.builders import Ledger
from tests.ledger.genealogy.asking import at
from tests.ledger.genealogy.packed_flows import UNITS, Books, Flow
from tests.ledger.genealogy.test_balance import take


def books_of(found: Balance) -> Books:
    """Return what an answer tells, in kilograms or pieces."""
    [total] = found.totals
    factor = UNITS.get(total.unit or "", Fraction(1))
    assert not found.questions
    gaps: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for gap in found.gaps:
        gaps[gap.kind.value, gap.at.time] += Fraction(gap.quantity) * factor
    return Books(
        Fraction(total.in_stock or 0) * factor,
        Fraction(total.in_transit or 0) * factor,
        tuple((kind, amount, minute) for (kind, minute), amount in sorted(gaps.items())),
    )


def check(connection: Connection, flow: Flow, random: Random) -> None:
    """Fail unless the balance of each item is that of the books, at the end and before."""
    moments = {len(flow.history), *(random.randint(1, len(flow.history)) for _ in range(2))}
    for minute in moments:
        for code, books in flow.history[minute - 1].items():
            found = balance(connection, code, until=at(minute))
            gaps = sorted((kind, amount, at(when)) for kind, amount, when in books.gaps)
            expected = Books(books.in_stock, books.in_transit, tuple(gaps))
            told = books_of(found)
            assert Books(told.in_stock, told.in_transit, tuple(sorted(told.gaps))) == expected


def run(ledger: Ledger, seed: int, count: int) -> None:
    """Draw flows, capture them all in any order, and compare."""
    random = Random(seed)  # noqa: S311 - the same each time
    flows = [Flow(random, seed * 10_000 + number) for number in range(count)]
    for party in range(3):
        events = [event for flow in flows for who, event in flow.events if who == party]
        random.shuffle(events)
        take(ledger, *events, slug=f"log{party}")
    with reading(ledger.engine) as connection:
        for flow in flows:
            check(connection, flow, random)


@pytest.mark.parametrize("seed", range(3))
def test_balances_are_those_of_the_books(sqlite_ledger: Ledger, seed: int) -> None:
    """Stocks, what is on its way, and gaps with their moment, of lots and of pieces."""
    run(sqlite_ledger, seed, 100)


def test_balances_of_postgresql_are_those_of_the_books(postgresql_ledger: Ledger) -> None:
    """The other database tells the same."""
    run(postgresql_ledger, 3, 30)
