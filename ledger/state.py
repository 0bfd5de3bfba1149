"""Where items are, who holds them, inside what, and in which state.

Rules kept:

* The newest event, by event time, that says something wins; an event that is silent about a field
  leaves it as it was.
* What happens to a container or an assembly happens to what is inside it then (and to nothing
  else): a pallet that is received takes its cartons along, up to the moment of unpacking.
* An item without any record of its own is *announced*: somebody mentioned it.

Everything is read at the times the `LinkReader` was opened for, and once: who needs the links and
events of the same items for something else finds them in `Lives`. EPCIS 2.0 section 7.4, CBV 2.0
section 7 (dispositions).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from ledger.genealogy.intervals import ALWAYS, FOREVER, Span, covers, merge, overlap
from ledger.genealogy.roles import SUBJECT, Role
from ledger.genealogy.walk import Inside, spans_of_children
from ledger.store.sets import fetch, fetch_plain_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ledger.genealogy.links import LinkReader, LinkRow

__all__ = ["ANNOUNCED", "EventRow", "ItemState", "Lives", "history_of", "states_of"]

ANNOUNCED = "announced"
"""The status of an item that others mention and that has no record of its own yet."""

EventRow = tuple[int, int, int, str, "str | None", "str | None", "str | None", "str | None"]
"""(id, time, log, eventID, business step, disposition, location, holder)"""

_EVENTS: Final = (
    "id, time, log_id, event_id, biz_step, disposition, location, holder",
    "event WHERE id {ids}",
)
_CHILD_ROLES: Final = frozenset({Role.PACKED, Role.UNPACKED, Role.INSTALLED, Role.REMOVED})
_EVERY_ROLE: Final = range(Role.OBSERVED, Role.ENDED + 1)
_DONE_TO_OTHERS: Final = frozenset({Role.INPUT, Role.MEMBER})
"""Roles that the disposition of an event doesn't speak of."""
_STEP, _STATUS, _PLACE, _HOLDER, _REPORT = range(5)
_FIELDS: Final = range(5)
_Said = tuple[tuple[int, Any], ...]
"""What is said of an item: each of `_STEP` to `_REPORT` of which anything is, with its text; of the
report, with its event time and the organisation."""
_Histories = dict[int, dict[int, list[tuple[int, int, Any]]]]
"""Likewise, all that was ever said of each item: (event time, event id, value), oldest first."""


class ItemState(Struct, frozen=True, gc=False):
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


def history_of(links: LinkReader, item: int) -> list[int]:
    """The events of an item's life, oldest first: its own, and those of what it was inside then."""
    lives = Lives(links, (item,))
    reach = lives.reach(item)
    found = {
        (row[4], row[2])
        for row in (*lives.rows, *lives.above)
        if any(first <= row[4] <= last for first, last in reach.get(row[0], ()))
    }
    return [event for _time, event in sorted(found)]


def states_of(links: LinkReader, items: Collection[int]) -> dict[int, ItemState]:
    """The state of each item, at the times the reader was opened for."""
    return Lives(links, items).states(items)


@dataclass(slots=True, init=False)
class Lives:
    """The links of items and of all that they were ever inside, and the events of these links."""

    rows: list[LinkRow]
    """Of the items themselves, in all roles but those of readings."""
    above: list[LinkRow]
    """Of what they were ever inside."""
    parents: dict[int, list[Inside]]
    """What each of all these was ever inside."""
    events: dict[int, EventRow]
    """By surrogate id."""
    _organisations: dict[int, str]
    """By their logs."""

    def __init__(self, links: LinkReader, items: Collection[int]) -> None:
        """Read everything there is about items."""
        self.rows = links.of_items(items, _EVERY_ROLE)
        self.above = []
        self.parents = {}
        known = set(items)
        above = self._parents(links, self.rows) - known
        while above:
            known |= above
            rows = links.of_items(above, _EVERY_ROLE)
            self.above += rows
            above = self._parents(links, rows) - known
        wanted = {row[2] for row in self.rows}
        wanted.update(row[2] for row in self.above)
        events: list[Any] = fetch_plain_in(links.connection, *_EVENTS, wanted)
        self.events = {row[0]: row for row in events}
        self._organisations = dict(fetch(links.connection, "SELECT id, organisation FROM log"))

    def _parents(self, links: LinkReader, rows: list[LinkRow]) -> set[int]:
        """Note what items were ever inside, by their links."""
        found: set[int] = set()
        for inside in spans_of_children(links, [row for row in rows if row[1] in _CHILD_ROLES]):
            self.parents.setdefault(inside.child, []).append(inside)
            found.add(inside.parent)
        return found

    def reach(self, item: int) -> dict[int, tuple[Span, ...]]:
        """An item and all it was ever inside, with the spans in which it was."""
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

    def states(self, items: Collection[int]) -> dict[int, ItemState]:
        """The state of each of the items that were read."""
        own_record = {row[0] for row in self.rows if row[1] in SUBJECT}
        steps, statuses, places, holders, reports = self._said(items)
        found: dict[int, ItemState] = {}
        for item in items:
            time, organisation = reports.get(item, (None, None))
            found[item] = ItemState(
                statuses.get(item) if item in own_record else ANNOUNCED,
                places.get(item),
                holders.get(item, organisation),
                self._inside(item) if item in self.parents else None,
                time,
                steps.get(item),
            )
        return found

    def _inside(self, item: int) -> int | None:
        current = [one for one in self.parents[item] if one.span[1] == FOREVER]
        newest = max(current, key=lambda one: (one.span[0], one.event), default=None)
        return None if newest is None else newest.parent

    def _said(self, items: Collection[int]) -> list[dict[int, Any]]:
        """What was said last of each item, by field.

        Events are taken in order of time, and each overwrites what those before it have said. Of
        items that are inside others, or hold them, all is kept: what counts depends on the time.
        """
        by_event: dict[int, list[LinkRow]] = defaultdict(list)
        for row in chain(self.rows, self.above):
            by_event[row[2]].append(row)
        said: list[dict[int, Any]] = [{} for _ in _FIELDS]
        histories: _Histories = {
            item: {}
            for child, insides in self.parents.items()
            for item in (child, *(one.parent for one in insides))
        }
        lot = Role.LOT  # looked up once, not for every link
        for event in sorted(self.events.values(), key=itemgetter(1, 0)):
            mentioned, used, whole = self._statements(event)
            for row in by_event[event[0]]:
                item, role = row[0], row[1]
                new = mentioned if role == lot else used if role in _DONE_TO_OTHERS else whole
                if item in histories:
                    history = histories[item]
                    for field, value in new:
                        history.setdefault(field, []).append((event[1], event[0], value))
                else:
                    for field, value in new:
                        said[field][item] = value
        for item in histories.keys() & items:
            for field, value in _newest(histories, self.reach(item)):
                said[field][item] = value
        return said

    def _statements(self, event: EventRow) -> tuple[_Said, _Said, _Said]:
        """What an event says of lots, of inputs, and of other items."""
        _id, time, log, _event_id, step, disposition, location, holder = event
        # What befalls one of its members doesn't befall the lot.
        mentioned: _Said = ((_REPORT, (time, self._organisations[log])),)
        used = mentioned
        if not (step is None and location is None and holder is None):
            stated = ((_STEP, step), (_PLACE, location), (_HOLDER, holder))
            used += tuple(one for one in stated if one[1] is not None)
        # The disposition speaks of the outputs; a member has another role as well.
        return mentioned, used, used if disposition is None else (*used, (_STATUS, disposition))


def _newest(histories: _Histories, reach: dict[int, tuple[Span, ...]]) -> Iterator[tuple[int, Any]]:
    """The newest statements about an item, its own or those about what it was inside then."""
    best: dict[int, tuple[int, int, Any]] = {}
    for item, spans in reach.items():
        for field, stated in histories[item].items():
            for start, end in spans:
                at = bisect_right(stated, (end, FOREVER))
                if at and stated[at - 1][0] >= start:
                    newest = stated[at - 1]
                    if field not in best or newest[:2] > best[field][:2]:
                        best[field] = newest
    return ((field, value) for field, (_time, _event, value) in best.items())
