"""Forward and backward traces: the question, and the answer with what it is complete to.

An answer names every item reached, its state, and every link between them with the event that
is the evidence. It says `complete` with the log heads it was read at, or names the `cut`: the limit and
the items where it fell. Items that others mention and whose own record has not come are counted
among the items with the status "announced".

Quantities are exact decimals as text, with UN/ECE Rec 20 units; no unit means a count. The quantity
of a transformed link is what of `from` went into that event: an event with several outputs repeats
it on each of their links, it is not to be added up over them.

An event that joins very many inputs to very many outputs would have their product in links.
Above `PAIRS_LISTED` pairs the event itself stands in between: links from each input to the event, and from
the event to each output.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotFoundError
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import Kind, Role
from ledger.genealogy.walk import Walk, walk
from ledger.levels import level_of
from ledger.state import ItemState, states_of
from ledger.store.sets import fetch, fetch_in
from ledger.times import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection

    from identifiers import Level
    from ledger.genealogy.links import LinkRow

__all__ = ["Direction", "LogHead", "Trace", "TraceItem", "TraceLink", "heads", "item_row", "trace"]

PAIRS_LISTED: Final = 10_000
"""Pairs of one event that are listed one by one; see the module's docstring."""

_MADE = (Role.OUTPUT, Role.CREATED)


class Direction(StrEnum):
    """Which way to look."""

    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class LogHead:
    """How far a log reached when it was read."""

    size: int
    """Entries."""
    root: str
    """Merkle root of these entries, base64 as in a checkpoint (RFC 6962 section 2.1)."""


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


@dataclass(frozen=True, slots=True)
class Trace:
    """The answer to one question."""

    root: str
    direction: Direction
    as_of: int | None
    known_at: int | None
    heads: dict[str, LogHead]
    """By log origin."""
    items: tuple[TraceItem, ...]
    """In order of depth, then code; the root is not among them."""
    links: tuple[TraceLink, ...]
    cut: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    """(reason, codes where the trace would have gone on)."""

    @property
    def complete(self) -> bool:
        """True when nothing that is known at `heads` is missing."""
        return not self.cut

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of `suyuan --json trace`."""
        return {
            "root": self.root,
            "direction": self.direction.value,
            "as_of": as_text(self.as_of),
            "known_at": as_text(self.known_at),
            "complete": self.complete,
            "cut": [{"reason": reason, "at": list(codes)} for reason, codes in self.cut],
            "heads": {
                origin: {"size": head.size, "root": head.root}
                for origin, head in self.heads.items()
            },
            "items": [
                {
                    "code": item.code,
                    "kind": item.kind.value,
                    "depth": item.depth,
                    "quantity": item.quantity,
                    "unit": item.unit,
                    "status": item.status,
                    "location": item.location,
                    "holder": item.holder,
                    "inside": item.inside,
                    "container": item.container,
                }
                for item in self.items
            ],
            "links": [
                {
                    "from": link.source,
                    "to": link.target,
                    "kind": link.kind.value,
                    "event": link.event,
                    "time": as_text(link.time),
                    "until": as_text(link.until),
                    "quantity": link.quantity,
                    "unit": link.unit,
                }
                for link in self.links
            ],
        }


def heads(connection: Connection) -> dict[str, LogHead]:
    """The newest checkpointed head of every log."""
    rows = fetch(
        connection,
        "SELECT origin, checkpoint.size, root FROM checkpoint JOIN log ON log.id = log_id"
        " AND log.size = checkpoint.size ORDER BY origin",
    )
    return {
        origin: LogHead(size, base64.b64encode(root).decode("ascii")) for origin, size, root in rows
    }


def item_row(connection: Connection, code: str) -> int:
    """The surrogate id of an item, by its canonical code.

    Raises:
        NotFoundError: No event names it.
    """
    rows = fetch(connection, "SELECT id FROM item WHERE code = {p}", code)
    if not rows:
        raise NotFoundError(f"No event in this ledger names {code}. Check the code, or capture it.")
    found: int = rows[0][0]
    return found


def trace(
    connection: Connection,
    code: str,
    direction: Direction = Direction.FORWARD,
    *,
    as_of: int | None = None,
    known_at: int | None = None,
    kinds: Collection[Kind] = tuple(Kind),
    depth: int | None = None,
    most_items: int | None = None,
) -> Trace:
    """Trace an item by its canonical code.

    Args:
        connection: A reading transaction; the answer is of one moment.
        code: The canonical code of the root.
        direction: "both" is the forward and the backward trace together, not a walk to and fro.
        as_of: Event time in microseconds; later events are not looked at.
        known_at: Ledger time in microseconds; what was received later is not looked at.
        kinds: Kinds of links to follow.
        depth: The most links from the root.
        most_items: A limit after which the trace is cut, for callers with bounded memory.

    Raises:
        NotFoundError: No event names the code.
    """
    root = item_row(connection, code)
    links = LinkReader.open(connection, as_of=as_of, known_at=known_at)
    ways = [way for way in (True, False) if direction is Direction.BOTH or _is(direction, way)]
    walks = [
        walk(links, root, forward=way, kinds=kinds, depth=depth, most_items=most_items)
        for way in ways
    ]
    depths: dict[int, int] = {}
    for one in walks:
        for item, level in one.depth.items():
            depths[item] = min(level, depths.get(item, level))
    del depths[root]
    answer = _Answer(links, depths, walks)
    return Trace(
        root=code,
        direction=direction,
        as_of=as_of,
        known_at=known_at,
        heads=heads(connection),
        items=tuple(answer.items()),
        links=tuple(answer.links()),
        cut=tuple(
            (one.stopped_by, tuple(answer.codes(one.beyond))) for one in walks if one.stopped_by
        ),
    )


def _is(direction: Direction, forward: bool) -> bool:  # noqa: FBT001 - one word, used once
    return direction is (Direction.FORWARD if forward else Direction.BACKWARD)


@dataclass(slots=True)
class _Answer:
    """Turns walks in surrogate ids into codes, states and links."""

    reader: LinkReader
    depths: dict[int, int]
    walks: list[Walk]
    _items: dict[int, tuple[str, Level]] = field(default_factory=dict)
    _events: dict[int, str] = field(default_factory=dict)

    def codes(self, rows: Iterable[int]) -> list[str]:
        self._name_items(rows)
        return sorted(self._items[row][0] for row in rows)

    def _name_items(self, rows: Iterable[int]) -> None:
        missing = set(rows) - self._items.keys()
        found = fetch_in(
            self.reader.connection, "SELECT id, code, level FROM item WHERE id {ids}", missing
        )
        self._items.update((row, (code, level_of(level))) for row, code, level in found)

    def items(self) -> list[TraceItem]:
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
        )

    def _quantities(self) -> dict[int, tuple[str, str | None]]:
        """What was made of each item, unless it was stated in several units."""
        sums: dict[int, dict[str | None, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in self.reader.of_items(self.depths, _MADE):
            if row[6] is not None:
                sums[row[0]][row[7]] += Decimal(row[6])
        return {
            item: (format(total, "f"), unit)
            for item, by_unit in sums.items()
            if len(by_unit) == 1
            for unit, total in by_unit.items()
        }

    def _places(self) -> set[int]:
        """Items that a forward walk reached only because others are packed in them."""
        found: set[int] = set()
        for one in self.walks:
            if one.forward:
                packed = {link.parent for link in one.inside if link.role == Role.PACKED}
                into = {link.parent for link in one.inside if link.role == Role.INSTALLED}
                rows = self.reader.of_nodes(one.nodes, (Role.OUTPUT, Role.MEMBER))
                found |= packed - into - {row[0] for row in rows}
        return found

    def links(self) -> list[TraceLink]:
        raw = [link for one in self.walks for link in (*_inside(one), *self._joined(one))]
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
        return sorted(found, key=lambda link: (link.time, link.source, link.target, link.event))

    def _name_events(self, rows: Collection[int]) -> None:
        found = fetch_in(
            self.reader.connection, "SELECT id, event_id FROM event WHERE id {ids}", rows
        )
        self._events.update(found)

    def _joined(self, one: Walk) -> Iterator[_RawLink]:
        """Links through event nodes: every source that was reached in time, to every target."""
        sources: dict[int, list[LinkRow]] = defaultdict(list)
        targets: dict[int, list[LinkRow]] = defaultdict(list)
        roles = (Role.INPUT, Role.OUTPUT, Role.LOT, Role.MEMBER)
        for row in self.reader.of_nodes(one.nodes, roles):
            item, role, time, node = row[0], row[1], row[4], row[3]
            spans = one.reached.get(item)
            if spans is None:
                continue  # it stands in a passed event and yet was not reached: times don't follow
            if role in {Role.INPUT, Role.LOT}:
                if role == Role.LOT or any(first <= time <= last for first, last in spans):
                    sources[node].append(row)
            elif role == Role.MEMBER or any(last >= time for _first, last in spans):
                targets[node].append(row)
        for node, before in sources.items():
            yield from _pairs(before, targets[node])


_RawLink = tuple[
    int | None, int | None, Kind, int, int, int, str | None, str | None
]  # source, target (None: the event itself), kind, event, time, until, quantity, unit


def _inside(one: Walk) -> Iterator[_RawLink]:
    for link in one.inside:
        kind = Kind.PACKED if link.role == Role.PACKED else Kind.INSTALLED
        start, end = link.span
        yield link.child, link.parent, kind, link.event, start, end, link.quantity, link.unit


def _pairs(sources: list[LinkRow], targets: list[LinkRow]) -> Iterator[_RawLink]:
    kind = Kind.PART_OF_LOT if sources[0][1] == Role.LOT else Kind.TRANSFORMED
    if len(sources) * len(targets) > PAIRS_LISTED:
        between = targets[0][2]
        for item, _role, _event, _node, time, _peer, quantity, unit in sources:
            yield item, None, kind, between, time, FOREVER, quantity, unit
        for item, _role, _event, _node, time, _peer, quantity, unit in targets:
            yield None, item, kind, between, time, FOREVER, quantity, unit
        return
    for item, _role, _event, _node, time, _peer, quantity, unit in sources:
        for target in targets:
            if target[4] >= time:
                yield item, target[0], kind, target[2], target[4], FOREVER, quantity, unit
