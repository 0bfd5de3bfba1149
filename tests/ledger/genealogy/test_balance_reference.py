"""Random flows, captured for real and balanced, against the slow reference."""

from collections import defaultdict
from fractions import Fraction
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.genealogy.balance import balance
from ledger.genealogy.balance_answer import Balance
from ledger.store.engine import reading
from tests.ledger.builders import PRODUCT, Event, Ledger, made, some
from tests.ledger.genealogy.asking import at, clock
from tests.ledger.genealogy.balance_reference import Answer, Doing, reckon
from tests.ledger.genealogy.test_balance import take, told

PARTIES = ("https://id.gs1.org/417/9506000134352", "https://id.gs1.org/417/9506000134376")
STEPS = {
    "ship": "shipping",
    "receive": "receiving",
    "void": "void_shipping",
    "sell": "retail_selling",
    "count": "stock_taking",
    "make": "commissioning",
}
UNITS = {"KGM": Fraction(1), "TNE": Fraction(1000), "GRM": Fraction(1, 1000)}
NUMBERS = count()


@st.composite
def doings(draw: st.DrawFn) -> list[Doing]:
    """Draw what happens to one lot, in the order in which it comes to the ledger."""
    minutes = draw(st.lists(st.integers(0, 30), min_size=1, max_size=12, unique=True))
    kinds = [*STEPS, "use", "ship", "receive", "make"]
    found = []
    for number, minute in enumerate(minutes):
        kind = draw(st.sampled_from(kinds))
        named = kind in {"ship", "receive"}
        found.append(
            Doing(
                number,
                kind,
                minute,
                draw(st.integers(0, 1)),
                Fraction(draw(st.integers(1, 4))),
                draw(st.sampled_from([None, 0, 1])) if named else None,
            )
        )
    return found


def event_of(one: Doing, code: str, unit: str) -> Event:
    """Return what is sent of a doing."""
    quantity = one.amount / UNITS[unit]
    what = some(code, float(quantity) if quantity.denominator > 1 else int(quantity), unit)
    if one.kind == "use":
        return made([what], [f"{PRODUCT}/21/{code[-4:]}-{one.number}"], at=clock(one.minute))
    fields: dict[str, Any] = {"to": None if one.to is None else PARTIES[one.to]}
    if one.kind == "make":
        fields["action"] = "ADD"
    return told(one.minute, STEPS[one.kind], what, **fields)


def summary(found: Balance) -> tuple[Any, ...]:
    """Return of an answer what the reference tells."""
    [total] = found.totals
    grams = {"KGM": Fraction(1), "TNE": Fraction(1000), "GRM": Fraction(1, 1000)}[total.unit or ""]
    gaps: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for gap in found.gaps:
        gaps[gap.kind.value, gap.at.time] += Fraction(gap.quantity) * grams
    return (
        None if total.in_stock is None else Fraction(total.in_stock) * grams,
        Fraction(total.in_transit or 0) * grams,
        dict(gaps),
        {(one.reason.value, one.at.time) for one in found.questions if one.at},
        Fraction(total.gap) * grams,
    )


def wanted(answer: Answer) -> tuple[Any, ...]:
    """Return the same of the reference."""
    gaps: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for kind, amount, minute in answer.gaps:
        gaps[kind, at(minute)] += amount
    known = [one for one in answer.stock.values() if one is not None]
    return (
        sum(known, Fraction(0)) if known else None,
        answer.transit,
        dict(gaps),
        {(reason, at(minute)) for reason, minute in answer.questions},
        sum((amount for _kind, amount, _minute in answer.gaps), Fraction(0)),
    )


def run(ledger: Ledger, data: st.DataObject) -> None:
    """Draw flows, capture them in any order and unit, and compare now, then, and as of a time."""
    drawn = data.draw(doings())
    units = data.draw(st.lists(st.sampled_from(sorted(UNITS)), min_size=12, max_size=12))
    code = f"{PRODUCT}/10/R{next(NUMBERS):06}"

    def ask(**options: Any) -> Balance:
        with reading(ledger.engine) as connection:
            return balance(connection, code, **options)

    half = data.draw(st.integers(0, len(drawn)))
    moment = 0
    for number, one in enumerate(drawn):
        if number == half:
            moment = ledger.ticks()
        take(ledger, event_of(one, code, units[number]), slug=f"log{one.log}")
    assert summary(ask()) == wanted(reckon(drawn))
    if 0 < half < len(drawn):
        assert summary(ask(known_at=moment)) == wanted(reckon(drawn[:half]))
    until = data.draw(st.sampled_from([one.minute for one in drawn]))
    early = [one for one in drawn if one.minute <= until]
    assert summary(ask(until=at(until))) == wanted(reckon(early))
    window = ask(since=at(until))
    before = reckon(one for one in drawn if one.minute < until)
    [total] = window.totals
    if total.opening is not None:
        grams = {"KGM": Fraction(1), "TNE": Fraction(1000), "GRM": Fraction(1, 1000)}
        opening = sum((one for one in before.stock.values() if one is not None), Fraction(0))
        assert Fraction(total.opening) * grams[total.unit or ""] == opening
    whole = {(gap.kind, gap.at.event) for gap in ask().gaps if gap.at.time >= at(until)}
    assert {(gap.kind, gap.at.event) for gap in window.gaps} == whole


@pytest.mark.no_cover  # volume: others measure these lines
@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_balances_are_those_of_the_reference(sqlite_ledger: Ledger, data: st.DataObject) -> None:
    """Stock, what is on its way, gaps and questions are equal, in any order of arrival."""
    run(sqlite_ledger, data)


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_postgresql_balances_the_same(postgresql_ledger: Ledger, data: st.DataObject) -> None:
    """The other database gives the reference's answers too."""
    run(postgresql_ledger, data)
