"""Random genealogies told in two logs, and, worked out the slow way, what is ahead in one of them.

Time is a handful of numbered moments. What is reached is a plain set of (item, moment), grown by every rule in turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st

from ledger.genealogy.trace import Direction, Trace, trace
from ledger.store.engine import reading
from tests.ledger.builders import PRODUCT, Event, Ledger, family, made, seen, some
from tests.ledger.genealogy.asking import clock, declare

Link = tuple[str, str, str]
"""(source, target, kind)"""
Reach = set[tuple[str, int]]

MOMENTS = range(-1, 9)
"""Events happen at 0 to 7; -1 is before, and 8 after, all of them."""


@dataclass(frozen=True)
class Happening:
    """An event, as the reference and the ledger are both told of it."""

    number: int
    kind: str
    """make, fit, remove, strip, pack, unpack, empty, or lot."""
    minute: int
    left: tuple[str, ...]
    """Inputs, children, or members."""
    right: tuple[str, ...]
    """Outputs, the one parent, or the one lot."""
    run: int | None = None
    """The transformationID."""
    log: int = 0


ENDS = {"fit": ("remove", "strip"), "pack": ("unpack", "empty")}
KINDS = {"fit": "installed", "pack": "packed"}


class World:
    """All that happened, as it is known at one moment."""

    def __init__(self, happenings: Iterable[Happening]) -> None:
        self.happenings = list(happenings)
        self.made: list[tuple[str, int, str]] = []
        self.inside: list[tuple[str, str, str, int, int]] = []
        self.lots: list[tuple[str, str]] = []
        for one in self.happenings:
            if one.kind == "make":
                self.made += self._made(one)
            elif one.kind == "lot":
                self.lots += [(one.right[0], member) for member in one.left]
            elif one.kind in ENDS:
                self.inside += [
                    (child, one.right[0], KINDS[one.kind], one.minute, self._end(one, child))
                    for child in one.left
                ]

    def _made(self, one: Happening) -> Iterable[tuple[str, int, str]]:
        for other in self.happenings:
            same = other is one or (one.run is not None and other.run == one.run)
            if other.kind == "make" and same and one.minute <= other.minute:
                for source in one.left:
                    for target in other.right:
                        yield source, one.minute, target

    def _end(self, one: Happening, child: str) -> int:
        leaves, empties = ENDS[one.kind]
        ending = [other for other in self.happenings if other.right == one.right]
        emptied = {other.minute for other in ending if other.kind == empties}
        left = {other.minute for other in ending if other.kind == leaves and child in other.left}
        before = {
            name
            for other in ending
            if other.kind == one.kind and other.minute < one.minute
            for name in other.left
            if self._end(other, name) == one.minute
        }
        ends = emptied | left
        if child in before or (before and one.minute in emptied):
            ends.discard(one.minute)  # something was in there before, so that is what ended
        return min((minute for minute in ends if minute >= one.minute), default=MOMENTS[-1])

    def step(self, reach: Reach) -> tuple[Reach, set[Link]]:
        """Return all that is one link ahead of what is reached, and those links."""
        new: Reach = set()
        links: set[Link] = set()
        for source, used, target in self.made:
            if (source, used) in reach:
                links.add((source, target, "transformed"))
                new |= {(target, moment) for moment in MOMENTS if moment >= used}
        for child, parent, kind, start, end in self.inside:
            shared = {moment for moment in MOMENTS if start <= moment <= end} & {
                moment for item, moment in reach if item == child
            }
            if shared:
                links.add((child, parent, kind))
                new |= {(parent, moment) for moment in shared}
        for lot, member in self.lots:
            shared = {moment for item, moment in reach if item == lot}
            if shared:
                links.add((lot, member, "part_of_lot"))
                new |= {(member, moment) for moment in shared}
        return new, links


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

    def named(self) -> list[str]:
        """Return the names that the ledger has heard of."""
        rows = self.ledger.rows(
            "SELECT code FROM item WHERE code IN ({p}, {p}, {p}, {p}, {p}, {p}, {p})",
            *(self.code(name) for name in (*ITEMS, *LOTS)),
        )
        return sorted(self.name(row[0]) for row in rows)
