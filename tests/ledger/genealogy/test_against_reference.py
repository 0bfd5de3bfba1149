"""Random genealogies, captured for real and traced, against the slow reference."""

from itertools import count, groupby
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.genealogy.trace import Direction, Trace, trace
from ledger.store.engine import reading
from tests.ledger.builders import PRODUCT, Event, Ledger, family, made, seen, some
from tests.ledger.genealogy.asking import at, clock, declare
from tests.ledger.genealogy.reference import Happening, Link, World

SPACE = UUID("4d0c6c5e-8b0b-4a5a-9a53-0c8f7f0b6a11")
ITEMS = ("a", "b", "c", "d", "e")
LOTS = ("L", "M")
ACTIONS = {
    "fit": ("AssociationEvent", "ADD"),
    "remove": ("AssociationEvent", "DELETE"),
    "strip": ("AssociationEvent", "DELETE"),
    "pack": ("AggregationEvent", "ADD"),
    "unpack": ("AggregationEvent", "DELETE"),
    "empty": ("AggregationEvent", "DELETE"),
}

items = st.sampled_from(ITEMS)
minutes = st.integers(0, 7)
logs = st.integers(0, 1)


def some_of(*names: str, least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw up to three different names."""
    return st.lists(st.sampled_from(names), min_size=least, max_size=3, unique=True).map(tuple)


@st.composite
def happenings(draw: st.DrawFn) -> list[Happening]:
    """Draw what happens, in the order in which it comes to the ledger."""
    found = []
    kinds = ["make", "make", "fit", "remove", "strip", "pack", "unpack", "empty", "lot"]
    for number in range(draw(st.integers(1, 10))):
        kind = draw(st.sampled_from(kinds))
        run = draw(st.sampled_from([None, None, 1])) if kind == "make" else None
        if kind == "make":
            least = 0 if run else 1
            left = draw(some_of(*ITEMS, *LOTS, least=least))
            right = draw(some_of(*ITEMS, *LOTS, least=0 if left and run else 1))
        else:
            left = () if kind in {"strip", "empty"} else draw(some_of(*ITEMS))
            right = (draw(st.sampled_from(LOTS if kind == "lot" else ITEMS)),)
        found.append(Happening(number, kind, draw(minutes), left, right, run, draw(logs)))
    return found


class Case:
    """One random genealogy in a ledger that holds many, with names of its own."""

    numbers = count()

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.number = next(self.numbers)

    def code(self, name: str) -> str:
        """Return the code of an item or a lot."""
        return f"{PRODUCT}/{10 if name in LOTS else 21}/{self.number}-{name}"

    def name(self, code: str) -> str:
        """Return the name behind a code."""
        return code.rpartition("-")[2]

    def event(self, one: Happening) -> Event:
        """Return what is sent of a happening."""
        fields: dict[str, Any] = {
            "at": clock(one.minute),
            "eventID": f"urn:uuid:{uuid5(SPACE, f'{self.number}/{one.number}')}",
        }
        left, right = ([self.code(name) for name in side] for side in (one.left, one.right))
        if one.kind == "make":
            if one.run:
                fields["transformationID"] = f"urn:example:run:{self.number}:{one.run}"
            sides = [
                [some(code, 1, "KGM") if "/10/" in code else code for code in side]
                for side in (left, right)
            ]
            return made(*sides, **fields)
        if one.kind == "lot":
            number = right[0].rpartition("/")[2]
            return seen(*left, action="ADD", ilmd={"cbvmda:lotNumber": number}, **fields)
        kind, action = ACTIONS[one.kind]
        return family(right[0], *left, kind=kind, action=action, **fields)

    def send(self, arrivals: list[tuple[Happening, bool]]) -> None:
        """Capture happenings, and declarations that they were wrong, in this order."""
        for log, run in groupby(arrivals, key=lambda pair: pair[0].log):
            events = [declare(self.event(one)) if wrong else self.event(one) for one, wrong in run]
            report = self.ledger.take(*events, slug=f"log{log}")
            assert not report.refused, [each.problems for each in report.receipts]

    def ask(self, name: str, direction: Direction, **options: Any) -> Trace:
        """Trace one of the items."""
        with reading(self.ledger.engine) as connection:
            return trace(connection, self.code(name), direction, **options)

    def links(self, answer: Trace) -> set[Link]:
        """Return the links of an answer by names."""
        return {
            (self.name(one.source), self.name(one.target), one.kind.value) for one in answer.links
        }

    def named(self) -> list[str]:
        """Return the names that the ledger has heard of."""
        rows = self.ledger.rows(
            "SELECT code FROM item WHERE code IN ({p}, {p}, {p}, {p}, {p}, {p}, {p})",
            *(self.code(name) for name in (*ITEMS, *LOTS)),
        )
        return sorted(self.name(row[0]) for row in rows)

    def check(self, world: World, **times: int) -> None:
        """Fail unless every answer is what the reference says."""
        named = self.named()
        ahead = {name: world.ahead(name) for name in (*ITEMS, *LOTS)}
        for name in named:
            depths, links = ahead[name]
            answer = self.ask(name, Direction.FORWARD, **times)
            assert answer.complete
            assert {self.name(one.code): one.depth for one in answer.items} == depths
            assert self.links(answer) == links
            for item in answer.items:
                into = {kind for _, target, kind in links if target == self.name(item.code)}
                assert item.container is (into == {"packed"})
            behind = {other for other in named if name in ahead[other][0]}
            back = self.ask(name, Direction.BACKWARD, **times)
            assert back.complete
            assert {self.name(one.code) for one in back.items} == behind
            for depth in (1, 2):
                cut = self.ask(name, Direction.FORWARD, depth=depth, **times)
                near = {item for item, level in depths.items() if level <= depth}
                assert {self.name(one.code) for one in cut.items} == near
                assert cut.complete is (set(cut.links) == set(answer.links))
                assert world.links_within(name, depth) <= self.links(cut) <= links


def run(ledger: Ledger, data: st.DataObject) -> None:
    """Draw a genealogy, capture it, and compare what is known now, then, and as of a time."""
    drawn = data.draw(happenings())
    wrong = data.draw(st.lists(st.sampled_from(drawn), unique=True, max_size=2))
    arrivals = data.draw(
        st.permutations([*((one, False) for one in drawn), *((one, True) for one in wrong)])
    )
    case = Case(ledger)
    half = data.draw(st.integers(0, len(arrivals)))
    case.send(arrivals[:half])
    moment = ledger.ticks()
    case.send(arrivals[half:])
    case.check(World(one for one in drawn if one not in wrong))
    as_of = data.draw(minutes)
    case.check(
        World(one for one in drawn if one not in wrong and one.minute <= as_of), as_of=at(as_of)
    )
    early = arrivals[:half]
    known = [one for one, taken_back in early if not taken_back and (one, True) not in early]
    case.check(World(known), known_at=moment)


@pytest.mark.no_cover  # volume: others measure these lines
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_traces_are_those_of_the_reference(sqlite_ledger: Ledger, data: st.DataObject) -> None:
    """Both directions, depths, links, places and cuts are equal; what is behind is what is ahead of."""
    run(sqlite_ledger, data)


@pytest.mark.no_cover  # volume: others measure these lines
@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_postgresql_answers_the_same(postgresql_ledger: Ledger, data: st.DataObject) -> None:
    """The other database gives the reference's answers too."""
    run(postgresql_ledger, data)
