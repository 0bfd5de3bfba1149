"""Building an answer: from what was walked, in surrogate ids, to codes, states and links.

Quantities are exact decimals as text, with UN/ECE Rec 20 units; no unit means a count. The quantity
of a transformed link is what of `from` went into that event: an event with several outputs repeats
it on each of their links, it is not to be added up over them.

An event that joins very many inputs to very many outputs would have their product in links.
Above `PAIRS_LISTED` pairs the event itself stands in between: links from each input to the event,
and from the event to each output.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.roles import Kind, Role
from ledger.genealogy.units import as_amount, dimension_of, factor_of, is_additive, si_unit
from ledger.levels import level_of
from ledger.state import ItemState, states_of
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from identifiers import Level
    from ledger.genealogy.links import LinkReader, LinkRow
    from ledger.genealogy.walk import Walk

__all__ = ["PAIRS_LISTED", "Answer", "TraceItem", "TraceLink", "link_order"]

PAIRS_LISTED: Final = 10_000
"""Pairs of one event that are listed one by one; see the module's docstring."""

_MADE = (Role.OUTPUT, Role.CREATED)
_BEFORE = {
    Role.INPUT: Kind.TRANSFORMED,
    Role.LOT: Kind.PART_OF_LOT,
    Role.INSTRUMENT: Kind.MEASURED,
}
_AFTER = (Role.OUTPUT, Role.MEMBER, Role.MEASURED)


@dataclass(frozen=True, slots=True)
class TraceItem:
    """An item that the trace reached."""

    code: str
    kind: Level
    depth: int
    """The fewest links from the root."""
    quantity: str | None
    """How much of it was made, where that was stated in one unit."""
    unit: str | None
    status: str | None
    location: str | None
    holder: str | None
    inside: str | None
    """What it is packed or installed in now."""
    container: bool
    """True when it was reached only as the place where others are packed: it is not affected."""
    exposed_from: int | None = None
    """Forward, since when it is affected, in microseconds; None: ever since it is there."""
    exposed_until: int | None = None
    """Forward, when it ceased to be: what affected it was taken out. None: it is for ever."""
    step: str | None = None
    """The newest business step: the bare CBV word, or a URI."""
    last_time: int | None = None
    """Of the newest event it takes part in; microseconds."""


@dataclass(frozen=True, slots=True)
class TraceLink:
    """A step of the genealogy, from input, child or lot to output, parent or member."""

    source: str
    target: str
    kind: Kind
    event: str
    """eventID of the evidence."""
    time: int
    """Microseconds since 1970 UTC."""
    until: int | None
    """The end of an interval that has ended."""
    quantity: str | None
    unit: str | None


def link_order(link: TraceLink) -> tuple[int, str, str, int, str, str, str, str]:
    """What the links of an answer are ordered by, oldest first: unique for each of them."""
    # All of a link but what its event says of itself: two may differ in their quantity only.
    until = -1 if link.until is None else link.until
    text = (link.event, link.kind.value, link.quantity or "", link.unit or "")
    return (link.time, link.source, link.target, until, *text)


@dataclass(slots=True)
class Answer:
    """Turns walks in surrogate ids into codes, states and links."""

    reader: LinkReader
    depths: dict[int, int]
    walks: list[Walk]
    _raw: list[list[_RawLink]] = field(default_factory=list)
    """The links of each walk."""
    _items: dict[int, tuple[str, Level]] = field(default_factory=dict)
    _events: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._raw = [[*_inside(one), *self._joined(one)] for one in self.walks]

    def codes(self, rows: Iterable[int]) -> list[str]:
        """The codes of items, sorted."""
        self._name_items(rows)
        return sorted(self._items[row][0] for row in rows)

    def _name_items(self, rows: Iterable[int]) -> None:
        missing = set(rows) - self._items.keys()
        found = fetch_in(
            self.reader.connection, "SELECT id, code, level FROM item WHERE id {ids}", missing
        )
        self._items.update((row, (code, level_of(level))) for row, code, level in found)

    @property
    def names(self) -> dict[int, str]:
        """The codes of all items, by id."""
        self._name_items(self.depths)
        return {row: self._items[row][0] for row in self.depths}

    def items(self) -> list[TraceItem]:
        """The items, the root first, in order of depth, then code."""
        states = states_of(self.reader, self.depths)
        quantities = self._quantities()
        insides = {state.inside for state in states.values() if state.inside is not None}
        self._name_items({*self.depths, *insides})
        places = self._places()
        found = [
            self._item(row, depth, states[row], quantities.get(row, (None, None)), row in places)
            for row, depth in self.depths.items()
        ]
        return sorted(found, key=lambda item: (item.depth, item.code))

    def _item(
        self,
        row: int,
        depth: int,
        state: ItemState,
        quantity: tuple[str | None, str | None],
        container: bool,  # noqa: FBT001 - one private call
    ) -> TraceItem:
        code, kind = self._items[row]
        exposed = self._exposed(row)
        return TraceItem(
            code=code,
            kind=kind,
            depth=depth,
            quantity=quantity[0],
            unit=quantity[1],
            status=state.status,
            location=state.location,
            holder=state.holder,
            inside=None if state.inside is None else self._items[state.inside][0],
            container=container,
            exposed_from=exposed[0],
            exposed_until=exposed[1],
            step=state.step,
            last_time=state.last_time,
        )

    def _exposed(self, row: int) -> tuple[int | None, int | None]:
        """The times of an item that a forward walk has reached, from the first to the last."""
        for one in self.walks:
            if one.forward and row in one.reached:
                spans = one.reached[row]
                first, last = spans[0][0], spans[-1][1]
                return None if first == -FOREVER else first, None if last == FOREVER else last
        return None, None

    def _quantities(self) -> dict[int, tuple[str, str | None]]:
        """What was made of each item, unless that was stated in units that have no sum."""
        sums: dict[int, dict[str | None, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in self.reader.of_items(self.depths, _MADE):
            if row[6] is not None:
                sums[row[0]][row[7]] += Decimal(row[6])
        found = ((item, _sum(by_unit)) for item, by_unit in sums.items())
        return {item: total for item, total in found if total is not None}

    def _places(self) -> set[int]:
        """Items that a forward walk reached only because others are packed in them."""
        packed: set[int | None] = set()
        affected: set[int | None] = set()
        for one, links in zip(self.walks, self._raw, strict=True):
            if one.forward:
                for _source, target, kind, *_rest in links:
                    (packed if kind is Kind.PACKED else affected).add(target)
        return {item for item in packed - affected if item is not None}

    def links(self) -> list[TraceLink]:
        """The links, in order of time."""
        raw = [link for links in self._raw for link in links]
        self._name_items({end for link in raw for end in link[:2] if end is not None})
        self._name_events({link[3] for link in raw})
        found = {
            TraceLink(
                self._events[event] if source is None else self._items[source][0],
                self._events[event] if target is None else self._items[target][0],
                kind,
                self._events[event],
                time,
                None if until == FOREVER else until,
                quantity,
                unit,
            )
            for source, target, kind, event, time, until, quantity, unit in raw
        }
        return sorted(found, key=link_order)

    def _name_events(self, rows: Collection[int]) -> None:
        found = fetch_in(
            self.reader.connection, "SELECT id, event_id FROM event WHERE id {ids}", rows
        )
        self._events.update(found)

    def _joined(self, one: Walk) -> Iterator[_RawLink]:
        """Links through event nodes: every source that was reached in time, to every target."""
        sources: dict[int, list[LinkRow]] = defaultdict(list)
        targets: dict[int, list[LinkRow]] = defaultdict(list)
        roles = (*_BEFORE, *_AFTER)
        for row in self.reader.of_nodes(one.nodes, roles):
            item, role, time, node = row[0], row[1], row[4], row[3]
            spans = one.reached.get(item)
            if spans is None:
                continue  # it stands in a passed event and yet was not reached: times don't follow
            if role in _BEFORE:
                if role == Role.LOT or any(first <= time <= last for first, last in spans):
                    sources[node].append(row)
            elif role == Role.MEMBER or any(last >= time for _first, last in spans):
                targets[node].append(row)
        for node, before in sources.items():
            yield from _pairs(before, targets[node])


def _sum(by_unit: dict[str | None, Decimal]) -> tuple[str, str | None] | None:
    """What amounts in several units come to: in the one there is, else in their dimension's own."""
    if len(by_unit) == 1:
        [(unit, total)] = by_unit.items()
        return format(total, "f"), unit
    dimensions = {dimension_of(unit) for unit in by_unit}
    if len(dimensions) > 1 or not all(map(is_additive, dimensions)):
        return None
    [dimension] = dimensions
    whole = sum(Fraction(total) * factor_of(unit) for unit, total in by_unit.items())
    amount = as_amount(Fraction(whole))
    return (amount.text, si_unit(dimension)) if amount.exact else None


_RawLink = tuple[
    int | None, int | None, Kind, int, int, int, str | None, str | None
]  # source, target (None: the event itself), kind, event, time, until, quantity, unit


def _inside(one: Walk) -> Iterator[_RawLink]:
    for link in one.inside:
        kind = Kind.PACKED if link.role == Role.PACKED else Kind.INSTALLED
        start, end = link.span
        yield link.child, link.parent, kind, link.event, start, end, link.quantity, link.unit


def _pairs(sources: list[LinkRow], targets: list[LinkRow]) -> Iterator[_RawLink]:
    kind = _BEFORE[sources[0][1]]
    if len(sources) * len(targets) > PAIRS_LISTED:
        first, last = min(row[4] for row in sources), max(row[4] for row in targets)
        sources = [row for row in sources if row[4] <= last]
        targets = [row for row in targets if row[4] >= first]
        between = targets[0][2] if targets else 0
        for item, _role, _event, _node, time, _peer, quantity, unit in sources:
            yield item, None, kind, between, time, FOREVER, quantity, unit
        for item, _role, _event, _node, time, _peer, quantity, unit in targets:
            yield None, item, kind, between, time, FOREVER, quantity, unit
        return
    for item, _role, _event, _node, time, _peer, quantity, unit in sources:
        for target in targets:
            if target[4] >= time:
                yield item, target[0], kind, target[2], target[4], FOREVER, quantity, unit
