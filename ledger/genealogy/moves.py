"""Reading what moves a set of items: their own events, and those of the containers they are in.

A handful of queries, whatever the number of events: the links of the items, level by level those of
the containers, then the events, each as one query over a set. Rules kept:

* What happens to a container happens to what is in it then: the pallet that is shipped ships its
  cartons, with the quantity that was packed. An event that names a thing itself speaks for it, and
  its containers in the same event say nothing more.
* An instance is one piece. A lot or class is as much as was stated; where nothing was, nothing is
  known. A code that was given with a quantity anywhere is a class.
* Parts that a stripped assembly gave up were removed, although nobody names them.
* Events declared errors move nothing; they are named.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from identifiers import Level
from ledger.genealogy.flows import EventRow, FlowKind, flow_kind, told_again
from ledger.genealogy.intervals import FOREVER, Span, covers, merge, overlap
from ledger.genealogy.roles import Role
from ledger.genealogy.units import amount_of, dimension_of, factor_of, si_unit
from ledger.genealogy.walk import Inside, spans_of_children
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ledger.genealogy.links import LinkReader, LinkRow

__all__ = ["Moves", "Part", "quantity_of", "read_events", "read_moves", "rows_by_event"]

_EVERY_ROLE: Final = range(Role.OBSERVED, Role.ENDED + 1)
_OF_CONTAINERS: Final = (Role.OBSERVED, Role.PACKED, Role.UNPACKED, Role.CREATED, Role.ENDED)
_PACKING: Final = frozenset({Role.PACKED, Role.UNPACKED})
_FAMILY: Final = frozenset({*_PACKING, Role.INSTALLED, Role.REMOVED})
_MOVED_ALONG: Final = frozenset(
    {
        FlowKind.SHIPPED,
        FlowKind.SENT_BACK,
        FlowKind.RECEIVED,
        FlowKind.RETURNED,
        FlowKind.VOIDED,
        FlowKind.SOLD,
        FlowKind.SCRAPPED,
        FlowKind.LOST,
    }
)
"""What of a container happens to its contents too; making or ending it is its own affair."""


class Part(NamedTuple):
    """An item's part in an event, as far as it moves the item."""

    kind: FlowKind
    event: int
    amount: Fraction | int | None
    """In the SI unit; None when it isn't stated, or can't be read."""
    unit: str | None
    """As stated; None counts pieces."""
    named: bool = True
    """False when it came about through a container, or an assembly that was stripped."""


@dataclass(slots=True)
class Moves:
    """All that moves a set of items."""

    events: dict[int, EventRow] = field(default_factory=dict)
    parts: dict[int, list[Part]] = field(default_factory=lambda: defaultdict(list))
    """By item."""
    classes: set[int] = field(default_factory=set)
    """Items that are quantities, not single pieces."""
    nodes: set[int] = field(default_factory=set)
    """The transformations that made or used them."""
    errors: list[EventRow] = field(default_factory=list)
    """Events that name them and were declared errors."""
    different: list[EventRow] = field(default_factory=list)
    """Events that another log tells differently under the same id."""


def read_events(links: LinkReader, rows: Collection[int]) -> dict[int, EventRow]:
    """Events by their surrogate ids."""
    found = fetch_in(
        links.connection,
        "SELECT id, log_id, event_id, type, action, time, biz_step, disposition, location, holder"
        " FROM event WHERE id {ids}",
        rows,
    )
    return {row[0]: EventRow(*row) for row in found}


def rows_by_event(rows: Iterable[LinkRow]) -> dict[int, frozenset[object]]:
    """What each event says of items, in a form that can be compared."""
    found: dict[int, Counter[object]] = defaultdict(Counter)
    for item, role, event, _node, _time, peer, quantity, unit in rows:
        found[event][item, role, peer, quantity, unit] += 1
    return {event: frozenset(said.items()) for event, said in found.items()}


def quantity_of(text: str | None, unit: str | None) -> Fraction | None:
    """A stored quantity in the SI unit of its dimension; None when it can't be reckoned with."""
    amount = amount_of(text)
    return None if amount is None else amount * factor_of(unit)


def read_moves(links: LinkReader, levels: Mapping[int, Level]) -> Moves:
    """Read what moves items.

    Args:
        links: The open reader, which fixes the times that are asked about.
        levels: The items, with what each stands for.
    """
    moves = Moves()
    rows: list[LinkRow] = []
    hidden: set[int] = set()
    for row in replace(links, hidden=frozenset()).scan_items(levels, _EVERY_ROLE):
        if row[2] in links.hidden:
            hidden.add(row[2])
        else:
            rows.append(row)
    moves.classes = {item for item, level in levels.items() if level in {Level.LOT, Level.PRODUCT}}
    moves.classes |= {row[0] for row in rows if row[6] is not None}
    moves.nodes = {row[3] for row in rows if row[1] in {Role.INPUT, Role.OUTPUT}}
    above = _Above(links)
    above.read(_parents(spans_of_children(links, [row for row in rows if row[1] in _PACKING])))
    stripped = links.of_items(
        {row[5] for row in rows if row[1] == Role.INSTALLED and row[5] is not None},
        (Role.STRIPPED,),
    )
    everything = [*rows, *above.rows, *stripped]
    moves.events = read_events(links, {row[2] for row in everything})
    again, moves.different = told_again(moves.events, rows_by_event([*rows, *above.rows]))
    for event in again:
        del moves.events[event]
    moves.errors = _declared(links, hidden)
    rows = [row for row in rows if row[2] not in again]
    insides = spans_of_children(links, [row for row in rows if row[1] in _FAMILY])
    named = _take_rows(moves, rows, insides)
    _take_stripped(moves, rows, insides, stripped)
    _take_contents(moves, rows, insides, (above, named))
    return moves


def _declared(links: LinkReader, hidden: Collection[int]) -> list[EventRow]:
    """Those of the hidden events that are declared errors; others only came too late."""
    found = fetch_in(
        links.connection,
        "SELECT id FROM event WHERE id {ids} AND declared_by <= {p}",
        hidden,
        links.newest_event,
    )
    events = read_events(links, [row[0] for row in found])
    return [events[row] for row in sorted(events)]


def _parents(insides: Iterable[Inside]) -> set[int]:
    return {inside.parent for inside in insides}


class _Above:
    """The containers above some items, with what happened to them."""

    __slots__ = ("_links", "_moved", "_parents", "rows")

    def __init__(self, links: LinkReader) -> None:
        self._links = links
        self._parents: dict[int, list[Inside]] = defaultdict(list)
        self.rows: list[LinkRow] = []
        self._moved: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        """(time, event, role) of what was seen, made or ended of each container, in order."""

    def read(self, containers: set[int]) -> None:
        """Read containers and all that they were ever in."""
        known: set[int] = set()
        while containers:
            known |= containers
            packing: list[LinkRow] = []
            for row in self._links.scan_items(containers, _OF_CONTAINERS):
                if row[1] in _PACKING:
                    packing.append(row)
                else:
                    self.rows.append(row)
                    self._moved[row[0]].append((row[4], row[2], row[1]))
            above = spans_of_children(self._links, packing)
            for inside in above:
                self._parents[inside.child].append(inside)
            containers = _parents(above) - known
        for moved in self._moved.values():
            moved.sort()

    def happened(self, container: int, span: Span) -> list[tuple[int, int]]:
        """What happened to a container, and to all it was in, during a span: (event, role)."""
        return [
            one[1:]
            for other, when in self._climb(container, span).items()
            for first, last in when
            for one in self._between(other, first, last)
        ]

    def _between(self, container: int, first: int, last: int) -> list[tuple[int, int, int]]:
        moved = self._moved.get(container, [])
        return moved[bisect_left(moved, (first, 0, 0)) : bisect_right(moved, (last, FOREVER, 0))]

    def _climb(self, container: int, span: Span) -> dict[int, tuple[Span, ...]]:
        reached: dict[int, tuple[Span, ...]] = {container: (span,)}
        waiting: list[tuple[int, Span]] = [(container, span)]
        while waiting:
            child, held = waiting.pop()
            for inside in self._parents.get(child, ()):
                for shared in overlap([held], inside.span):
                    spans = reached.get(inside.parent, ())
                    if not covers(spans, shared):
                        reached[inside.parent] = merge(spans, shared)
                        waiting.append((inside.parent, shared))
        return reached


def _take_rows(
    moves: Moves, rows: Iterable[LinkRow], insides: Iterable[Inside]
) -> set[tuple[int, int]]:
    """Take what events say of the items themselves; return which items and events these are."""
    fitted: dict[tuple[int, int], list[Inside]] = defaultdict(list)
    for inside in sorted(insides, key=lambda one: (one.span, one.event)):
        if inside.role == Role.INSTALLED:
            fitted[inside.child, inside.parent].append(inside)
    out: set[tuple[int, int | None, int]] = set()
    named: set[tuple[int, int]] = set()
    for item, role, event, _node, time, peer, quantity, unit in sorted(rows, key=_by_time):
        kind = flow_kind(role, moves.events[event])
        if kind is None:
            continue
        named.add((item, event))
        if item in moves.classes:
            moves.parts[item].append(Part(kind, event, quantity_of(quantity, unit), unit))
            continue
        if peer is not None:
            spans = fitted.get((item, peer), [])
            if kind is FlowKind.INSTALLED and _already(spans, event, time):
                continue
            if kind is FlowKind.REMOVED:
                # Nobody takes one piece out twice. Without a record of its fitting, once will do.
                end = time if spans else -FOREVER
                ends = {span.span[1] for span in spans} or {-FOREVER}
                if end not in ends or (item, peer, end) in out:
                    continue
                out.add((item, peer, end))
        moves.parts[item].append(Part(kind, event, 1, None))
    return named


def _by_time(row: LinkRow) -> tuple[int, int]:
    return row[4], row[2]


def _already(spans: Iterable[Inside], event: int, time: int) -> bool:
    """Whether a piece is in its assembly already when it is said to be fitted."""
    return any((one.span[0], one.event) < (time, event) and time < one.span[1] for one in spans)


def _take_stripped(
    moves: Moves, rows: Iterable[LinkRow], insides: Iterable[Inside], stripped: Iterable[LinkRow]
) -> None:
    """Take the parts that left when their assembly was stripped."""
    events = {(row[0], row[4]): row[2] for row in stripped if row[2] in moves.events}
    left = {(row[0], row[5], row[4]) for row in rows if row[1] == Role.REMOVED}
    taken: set[tuple[int, int, int]] = set()
    for inside in insides:
        end = (inside.child, inside.parent, inside.span[1])
        event = events.get(end[1:]) if inside.role == Role.INSTALLED else None
        if event is None or end in left:
            continue
        if inside.child in moves.classes:
            amount: Fraction | int | None = quantity_of(inside.quantity, inside.unit)
        elif end in taken:
            continue
        else:
            amount = 1
        taken.add(end)
        part = Part(FlowKind.REMOVED, event, amount, inside.unit, named=False)
        moves.parts[inside.child].append(part)


def _take_contents(
    moves: Moves,
    rows: Iterable[LinkRow],
    insides: Iterable[Inside],
    around: tuple[_Above, set[tuple[int, int]]],
) -> None:
    """Take what happened to the items by happening to the containers they were in."""
    above, named = around
    packed: dict[tuple[int, int], list[Inside]] = defaultdict(list)
    for inside in insides:
        if inside.role == Role.PACKED:
            packed[inside.child, inside.parent].append(inside)
    unpacked: dict[tuple[int, int | None], list[LinkRow]] = defaultdict(list)
    for row in rows:
        if row[1] == Role.UNPACKED:
            unpacked[row[0], row[5]].append(row)
    taken: set[tuple[int, int, int]] = set()
    known: dict[tuple[int, Span], list[tuple[int, FlowKind]]] = {}
    for (item, container), spans in packed.items():
        for event, kind in _moved_along(moves, above, spans, known):
            if (item, event) in named:
                continue
            piece = item not in moves.classes
            # One piece is shipped once, whatever says that it is in two containers.
            key = (item, event, 0 if piece else container)
            if key in taken:
                continue
            taken.add(key)
            if piece:
                moves.parts[item].append(Part(kind, event, 1, None, named=False))
                continue
            time = moves.events[event].time
            for amount, unit in _held(spans, unpacked[item, container], time):
                moves.parts[item].append(Part(kind, event, amount, unit, named=False))


def _moved_along(
    moves: Moves,
    above: _Above,
    spans: Iterable[Inside],
    known: dict[tuple[int, Span], list[tuple[int, FlowKind]]],
) -> Iterator[tuple[int, FlowKind]]:
    """What moved a container while something was in it; what was packed together shares it."""
    for inside in spans:
        key = (inside.parent, inside.span)
        if key not in known:
            known[key] = []
            for event, role in above.happened(*key):
                kind = flow_kind(role, moves.events[event]) if event in moves.events else None
                if kind is not None and kind in _MOVED_ALONG:
                    known[key].append((event, kind))
        yield from known[key]


def _held(
    spans: Iterable[Inside], left: Iterable[LinkRow], time: int
) -> list[tuple[Fraction | None, str | None]]:
    """How much of a class is in a container at a time, by dimension, in SI units."""
    loads = [one for one in spans if one.span[0] <= time <= one.span[1]]
    first = min(one.span[0] for one in loads)
    changes = [(one.quantity, one.unit, 1) for one in loads]
    changes += [(row[6], row[7], -1) for row in left if first <= row[4] < time]
    found: dict[str, Fraction] = defaultdict(Fraction)
    for quantity, unit, sign in changes:
        amount = quantity_of(quantity, unit)
        if amount is None:
            return [(None, None)]
        found[dimension_of(unit)] += sign * amount
    return [(amount, si_unit(dimension)) for dimension, amount in found.items() if amount]
