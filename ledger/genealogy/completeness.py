"""What an answer leaves open: ends that are not closed, and what was said and can't be meant.

An answer that is complete to its heads may still not be the end of the matter. What is known to be
unknown is stated, in two lists:

* **open ends**: items whose life goes on where nobody has reported it: only announced, last seen on
  the way, or there without anybody having said where they come from;
* **questions**: statements of events that contradict each other or don't say enough. They were
  kept as they were sent and traced as docs/tracing.md says; whether that is right a person must
  find out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.roles import Kind, Role
from ledger.genealogy.told_levels import told_differently
from ledger.genealogy.units import dimension_of
from ledger.genealogy.walk import spans_of_children
from ledger.projection import canonical_code
from ledger.state import ANNOUNCED
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from ledger.genealogy.answer import TraceItem, TraceLink
    from ledger.genealogy.links import LinkReader, LinkRow
    from ledger.genealogy.walk import Walk

__all__ = [
    "MOST_QUESTIONS",
    "OpenEnd",
    "Question",
    "Reason",
    "Topic",
    "begun",
    "open_ends",
    "questions",
]

MOST_QUESTIONS: Final = 1_000
"""Questions of one topic that an answer lists."""


class Reason(StrEnum):
    """Why an end is open."""

    ANNOUNCED = "announced"
    """Others mention it; its own record hasn't come."""
    IN_TRANSIT = "in_transit"
    """It was sent off, and nobody has reported its arrival."""
    ORIGIN_UNKNOWN = "origin_unknown"
    """It is there, and nobody has said that it was made, nor of what."""


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """An item whose life goes on where nobody has reported it."""

    code: str
    reason: Reason
    since: int | None
    """Event time of the newest event it takes part in; microseconds."""


class Topic(StrEnum):
    """What is odd."""

    NO_LOT = "no_lot"
    """Goods were used or packed by their product alone: they may be of any lot of it."""
    NOT_INSIDE = "not_inside"
    """Taken out of what nothing says it was in."""
    TOO_OLD = "too_old"
    """One transformation has an output that is older than an input: it isn't made of it."""
    NEGATIVE = "negative"
    """A quantity is negative."""
    MIXED_UNITS = "mixed_units"
    """What was made of one item is stated in units that don't measure the same."""
    TWO_LEVELS = "two_levels"
    """One event tells it as a lot and another one as a single piece."""
    ITSELF = "itself"
    """It was made of itself, directly or in a circle."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that was said and that a person must find out about."""

    topic: Topic
    codes: tuple[str, ...]
    """The items that it is about."""
    event: str | None
    """eventID of the event that says so; None where several do."""


_ON_THE_WAY: Final = frozenset({"departing", "shipping", "transporting"})
_BEGINS: Final = frozenset({Role.OUTPUT, Role.CREATED})
_CHILDREN: Final = frozenset({Role.PACKED, Role.UNPACKED, Role.INSTALLED, Role.REMOVED})
_AMOUNTS: Final = _BEGINS | _CHILDREN | {Role.INPUT}
_PLACES: Final = frozenset({Level.LOGISTIC, Level.ASSET})
_GS1: Final = "https://id.gs1.org/01/"
_PRODUCT: Final = len(_GS1) + 14
"""Characters of the code of a product, and of those of its lots and instances the first ones."""
_LEFT: Final = {Role.UNPACKED: Role.PACKED, Role.REMOVED: Role.INSTALLED}
_USED: Final = (Role.INPUT, Role.PACKED, Role.INSTALLED)


def open_ends(
    items: Iterable[TraceItem], links: Iterable[TraceLink], *, backward: bool, begun: set[str]
) -> list[OpenEnd]:
    """The items of an answer whose life goes on elsewhere, by code.

    Args:
        items: Of the answer, with the root.
        links: Of the answer.
        backward: Whether it looks for origins.
        begun: The codes of items that an event brings into being.
    """
    targets = {link.target for link in links} if backward else set[str]()
    found = []
    for item in items:
        if item.status == ANNOUNCED:
            reason = Reason.ANNOUNCED
        elif item.status == "in_transit" or item.step in _ON_THE_WAY:
            reason = Reason.IN_TRANSIT
        elif (
            backward
            and item.code not in begun
            and item.code not in targets
            and item.kind not in _PLACES
        ):
            reason = Reason.ORIGIN_UNKNOWN
        else:
            continue
        found.append(OpenEnd(item.code, reason, item.last_time))
    return sorted(found, key=lambda one: one.code)


def begun(rows: Iterable[LinkRow], names: Mapping[int, str]) -> set[str]:
    """The codes of those items that an event brings into being.

    Args:
        rows: The links of the items.
        names: The codes of the items, by id.
    """
    return {names[row[0]] for row in rows if row[1] in _BEGINS}


def questions(
    reader: LinkReader,
    walks: Sequence[Walk],
    names: Mapping[int, str],
    links: Collection[TraceLink],
    rows: Iterable[LinkRow],
) -> list[Question]:
    """What is odd about the items of an answer, by topic and code.

    Args:
        reader: The open reader.
        walks: What was walked.
        names: The codes of all items that were reached, by id.
        links: Of the answer.
        rows: The links of the items as they were read.
    """
    found: dict[Topic, list[tuple[tuple[str, ...], int | None]]] = defaultdict(list)
    children: list[LinkRow] = []
    made: dict[int, set[str | None]] = {}
    for row in rows:
        role, quantity = row[1], row[6]
        if role in _CHILDREN:
            children.append(row)
        if quantity is not None and role in _AMOUNTS:
            if quantity.startswith("-") and Decimal(quantity) < 0:
                found[Topic.NEGATIVE].append(((names[row[0]],), row[2]))
            if role in _BEGINS:
                made.setdefault(row[0], set()).add(row[7])
    found[Topic.MIXED_UNITS] = [
        ((names[item],), None)
        for item, units in made.items()
        if len(units) > 1 and len(set(map(dimension_of, units))) > 1
    ]
    found[Topic.NOT_INSIDE] = list(_not_inside(reader, children, names)) if children else []
    found[Topic.TOO_OLD] = list(_too_old(reader, walks, names))
    found[Topic.TWO_LEVELS] = list(told_differently(reader, names))
    found[Topic.NO_LOT] = list(_without_lot(reader, walks, names))
    found[Topic.ITSELF] = [(codes, None) for codes in _circles(links)]
    return _named(reader, found)


def _named(
    reader: LinkReader, found: Mapping[Topic, list[tuple[tuple[str, ...], int | None]]]
) -> list[Question]:
    kept = {topic: sorted(set(some), key=repr)[:MOST_QUESTIONS] for topic, some in found.items()}
    events = {event for many in kept.values() for _, event in many if event is not None}
    ids: dict[int | None, str] = {}
    if events:
        sql = "SELECT id, event_id FROM event WHERE id {ids}"
        ids = dict(fetch_in(reader.connection, sql, events))
    return [
        Question(topic, codes, ids.get(event))
        for topic in Topic
        for codes, event in kept.get(topic, ())
    ]


def _not_inside(
    reader: LinkReader, rows: Sequence[LinkRow], names: Mapping[int, str]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Removals of a child from a parent that it wasn't in at that time."""
    inside: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
    for one in spans_of_children(reader, rows):
        inside[one.role, one.child, one.parent].append(one.span)
    odd = [
        row
        for row in rows
        if row[1] in _LEFT
        and row[5] is not None
        and not any(
            first <= row[4] <= last for first, last in inside[_LEFT[row[1]], row[0], row[5]]
        )
    ]
    parents = dict(
        fetch_in(
            reader.connection,
            "SELECT id, code FROM item WHERE id {ids}",
            {row[5] for row in odd if row[5] is not None},
        )
    )
    for item, _role, event, _node, _time, peer, *_ in odd:
        yield (names[item], parents[peer]), event


def _too_old(
    reader: LinkReader, walks: Sequence[Walk], names: Mapping[int, str]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Outputs of a transformation that are older than all of its inputs."""
    nodes = {node for one in walks for node in one.nodes if node < 0}  # those of several events
    first: dict[int, int] = {}
    for _item, _event, node, time in reader.scan_nodes(nodes, Role.INPUT):
        first[node] = min(time, first.get(node, FOREVER))
    for item, event, node, time in reader.scan_nodes(nodes, Role.OUTPUT):
        if time < first.get(node, -FOREVER) and item in names:
            yield (names[item],), event


def _without_lot(
    reader: LinkReader, walks: Sequence[Walk], names: Mapping[int, str]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Uses of a product without its lot, at a time at which reached goods of it may be meant."""
    # Only the few products that stand in links themselves are worth reading every code for.
    products = {
        code[:_PRODUCT] if code.startswith(_GS1) else canonical_code(code).product
        for code in names.values()
    }
    sql = "SELECT id, code FROM item WHERE code {ids}"
    classes = dict(fetch_in(reader.connection, sql, {one for one in products if one}))
    since: dict[str, int] | None = None
    for item, _role, event, _node, time, *_ in reader.scan_items(classes, _USED):
        if since is None:
            since = _reached_since(walks, names)
        if time >= since.get(classes[item], FOREVER):
            yield (classes[item],), event


def _reached_since(walks: Sequence[Walk], names: Mapping[int, str]) -> dict[str, int]:
    """Since when lots or instances of each product are reached."""
    since: dict[str, int] = {}
    for one in walks:
        for item, spans in one.reached.items():
            code = canonical_code(names[item])
            if code.product and code.level in {Level.LOT, Level.INSTANCE}:
                start = spans[0][0] if one.forward else -FOREVER
                since[code.product] = min(start, since.get(code.product, FOREVER))
    return since


def _circles(links: Collection[TraceLink]) -> Iterator[tuple[str, ...]]:
    """The items that were made of themselves."""
    used: set[str] = set()
    transformed = Kind.TRANSFORMED
    for link in links:
        if link.kind is transformed:
            used.add(link.source)
            # The last link of a circle, in whatever order, leads to what was used before. In order
            # of time few others do.
            if link.target in used:
                yield from _connected(links)
                return


def _connected(links: Iterable[TraceLink]) -> Iterator[tuple[str, ...]]:
    """The strongly connected parts (Tarjan)."""
    after: dict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.kind is Kind.TRANSFORMED:
            after[link.source].append(link.target)
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in list(after):
        if root in number:
            continue
        work = [(root, iter(after[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            item, rest = work[-1]
            for target in rest:
                if target not in number:
                    number[target] = low[target] = len(number)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(after.get(target, ()))))
                    break
                if target in on_stack:
                    low[item] = min(low[item], number[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[item])
                if low[item] == number[item]:
                    part: list[str] = []
                    while not part or part[-1] != item:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    if len(part) > 1 or item in after.get(item, ()):
                        yield tuple(sorted(part))
