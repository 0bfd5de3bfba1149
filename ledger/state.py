"""Where items are, who holds them, inside what, and in which state.

Rules kept:

* The newest event, by event time, that says something wins; an event that is silent about a field
  leaves it as it was.
* What happens to a container or an assembly happens to what is inside it then (and to nothing
  else): a pallet that is received takes its cartons along, up to the moment of unpacking.
* An item without any record of its own is *announced*: somebody mentioned it.

Everything is read at the times the `LinkReader` was opened for. EPCIS 2.0 section 7.4, CBV 2.0
section 7 (dispositions).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.genealogy.intervals import ALWAYS, FOREVER, Span, covers, merge, overlap
from ledger.genealogy.roles import SUBJECT, Role
from ledger.genealogy.walk import Inside, spans_of_children
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger.genealogy.links import LinkReader, LinkRow

__all__ = ["ANNOUNCED", "ItemState", "history_of", "states_of"]

ANNOUNCED = "announced"
"""The status of an item that others mention and that has no record of its own yet."""

_CHILD_ROLES = frozenset({Role.PACKED, Role.UNPACKED, Role.INSTALLED, Role.REMOVED})
_FIELDS = ("disposition", "location", "holder", "biz_step")
_Stated = tuple[int, int, str]
"""(event time, event id, value): sorts as "newest" means."""


@dataclass(frozen=True, slots=True)
class ItemState:
    """What is known of one item at the moment that was asked about."""

    status: str | None
    """The newest CBV disposition, "announced", or None when no event states one."""
    location: str | None
    """Canonical code of the place it was last seen at."""
    holder: str | None
    """Canonical code of the party it last went to; else the organisation that last reported it."""
    inside: int | None
    """The container or assembly it is in, as a surrogate id."""
    last_time: int | None
    """Event time of the newest event it takes part in, itself or inside another item."""
    step: str | None = None
    """The newest business step: the bare CBV word, or a URI."""


@dataclass(slots=True)
class _Histories:
    """Everything that was said of a set of items and of all that they were ever inside."""

    stated: dict[int, dict[str, list[_Stated]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    parents: dict[int, list[Inside]] = field(default_factory=lambda: defaultdict(list))
    own_record: set[int] = field(default_factory=set)

    def reach(self, item: int) -> dict[int, tuple[Span, ...]]:
        """The item and all it was ever inside, with the spans in which it was."""
        reached: dict[int, tuple[Span, ...]] = {item: ALWAYS}
        waiting: list[tuple[int, Span]] = [(item, ALWAYS[0])]
        while waiting:
            child, span = waiting.pop()
            for inside in self.parents.get(child, ()):
                for shared in overlap([span], inside.span):
                    spans = reached.get(inside.parent, ())
                    if not covers(spans, shared):
                        reached[inside.parent] = merge(spans, shared)
                        waiting.append((inside.parent, shared))
        return reached

    def newest(self, reach: dict[int, tuple[Span, ...]], name: str) -> _Stated | None:
        """The newest statement about a field, own or inherited."""
        best: _Stated | None = None
        for item, spans in reach.items():
            own = self.stated[item][name] if item in self.stated else ()
            for start, end in spans:
                at = bisect_right(own, (end, FOREVER, ""))
                if at and own[at - 1][0] >= start and (best is None or own[at - 1] > best):
                    best = own[at - 1]
        return best


def history_of(links: LinkReader, item: int) -> list[int]:
    """The events of an item's life, oldest first: its own, and those of what it was inside then."""
    histories = _read(links, (item,))
    found = {
        stated
        for other, spans in histories.reach(item).items()
        for stated in histories.stated[other]["reporter"]
        if any(first <= stated[0] <= last for first, last in spans)
    }
    return [event for _time, event, _organisation in sorted(found)]


def states_of(links: LinkReader, items: Collection[int]) -> dict[int, ItemState]:
    """The state of each item, at the times the reader was opened for."""
    histories = _read(links, items)
    found: dict[int, ItemState] = {}
    for item in items:
        reach = histories.reach(item)
        status, location, holder, step, reporter = (
            histories.newest(reach, name) for name in (*_FIELDS, "reporter")
        )
        current = [inside for inside in histories.parents[item] if inside.span[1] == FOREVER]
        inside = max(current, key=lambda one: (one.span[0], one.event), default=None)
        stated = status[2] if status else None
        found[item] = ItemState(
            status=stated if item in histories.own_record else ANNOUNCED,
            location=location[2] if location else None,
            holder=holder[2] if holder else reporter[2] if reporter else None,
            inside=inside.parent if inside else None,
            last_time=reporter[0] if reporter else None,
            step=step[2] if step else None,
        )
    return found


def _read(links: LinkReader, items: Collection[int]) -> _Histories:
    histories = _Histories()
    takes_part: dict[int, list[tuple[int, int]]] = defaultdict(list)
    events: set[int] = set()
    known: set[int] = set()
    frontier = set(items)
    every_role = range(Role.OBSERVED, Role.ENDED + 1)
    while frontier:
        known |= frontier
        children: list[LinkRow] = []
        for row in links.of_items(frontier, every_role):
            item, role, event = row[0], row[1], row[2]
            if role in _CHILD_ROLES:
                children.append(row)
            if role in SUBJECT:
                histories.own_record.add(item)
            takes_part[event].append((item, role))
            events.add(event)
        above: set[int] = set()
        for inside in spans_of_children(links, children):
            histories.parents[inside.child].append(inside)
            above.add(inside.parent)
        frontier = above - known
    _read_events(links, events, takes_part, histories)
    return histories


def _read_events(
    links: LinkReader,
    events: Collection[int],
    takes_part: dict[int, list[tuple[int, int]]],
    histories: _Histories,
) -> None:
    rows = fetch_in(
        links.connection,
        "SELECT event.id, time, disposition, location, holder, biz_step, organisation FROM event"
        " JOIN log ON log.id = event.log_id WHERE event.id {ids}",
        events,
    )
    for event, time, *values in rows:
        for name, value in zip((*_FIELDS, "reporter"), values, strict=True):
            if value is not None:
                for item, role in takes_part[event]:
                    if role in {Role.INPUT, Role.MEMBER} and name == "disposition":
                        continue  # it speaks of the outputs; a member has another role as well
                    if role == Role.LOT and name != "reporter":
                        continue  # what befalls one of its members doesn't befall the lot
                    histories.stated[item][name].append((time, event, value))
    for fields in histories.stated.values():
        for stated in fields.values():
            stated.sort()
