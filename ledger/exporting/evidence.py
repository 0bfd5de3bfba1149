"""The evidence of an answer as an EPCIS 2.0 document: the events that it rests on.

Rules kept:

* The events are those of the items' own lives, as far as the answer looked (`as_of`, `known_at`,
  the logs that were read, without what was declared an error), and of what the items were inside
  then: they hold every link and every state in the answer. Captured to an empty ledger they give
  the same answer. (Where no event states a holder, that is who captures them.)
* An event about another member of a lot is no record of the lot, and is left out; but the newest
  of them, by which the lot was last heard of.
* Events stand as they are in the log: in order of arrival, personal values sealed.
* Events are read a batch at a time.

EPCIS 2.0 sections 7.4 and 9.2
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from ledger.epcis.export import export_document
from ledger.errors import UsageError
from ledger.exporting.records import gathered
from ledger.genealogy.emptying import witnesses
from ledger.genealogy.intervals import ALWAYS, Span, covers, merge, overlap
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import Role
from ledger.genealogy.walk import spans_of_children
from ledger.query import events_by_row
from ledger.store.sets import fetch_in
from ledger.times import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.exporting.options import Options
    from ledger.genealogy.links import LinkRow
    from ledger.genealogy.trace import Trace

__all__ = ["evidence_rows", "write_evidence"]

_BATCH: Final = 500  # events, each of some kilobytes
_ROLES: Final = tuple(
    role
    for name, role in vars(Role).items()
    if isinstance(role, int) and name != "INSTRUMENT"  # it stands for what befalls the measured
)
_CHILD: Final = frozenset({Role.PACKED, Role.UNPACKED, Role.INSTALLED, Role.REMOVED})


def write_evidence(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield an EPCIS document of the events that an answer rests on.

    Raises:
        UsageError: The options hold no connection to read from.
    """
    if options.connection is None:
        raise UsageError("Evidence is read from the ledger. Give the connection of the trace.")
    rows = evidence_rows(options.connection, trace)
    bodies = _bodies(options.connection, rows)
    return gathered(export_document(bodies, creation_date=as_text(options.created)))


def _bodies(connection: Connection, rows: list[int]) -> Iterator[dict[str, Any]]:
    for at in range(0, len(rows), _BATCH):
        batch = events_by_row(connection, rows[at : at + _BATCH])
        for stored in sorted(batch, key=lambda one: one.row):
            yield stored.body


def evidence_rows(connection: Connection, trace: Trace) -> list[int]:
    """The surrogate ids of the events that an answer rests on, in order of arrival."""
    links = LinkReader.open(
        connection, as_of=trace.as_of, known_at=trace.known_at, share=trace.share
    )
    codes = {trace.root, *(item.code for item in trace.items)}
    items = fetch_in(connection, "SELECT id FROM item WHERE code {ids}", codes)
    reached: dict[int, tuple[Span, ...]] = {row: ALWAYS for (row,) in items}
    events: set[int] = set()
    frontier = dict(reached)
    while frontier:
        children: list[LinkRow] = []
        heard: dict[int, tuple[int, int]] = {}
        for row in links.scan_items(frontier, _ROLES):
            item, role, event, _node, time = row[:5]
            if any(first <= time <= last for first, last in frontier[item]):
                if role == Role.LOT:
                    heard[item] = max(heard.get(item, (time, event)), (time, event))
                else:
                    events.add(event)
            if role in _CHILD:
                children.append(row)
        events.update(event for _time, event in heard.values())
        above: dict[int, list[Span]] = defaultdict(list)
        insides = spans_of_children(links, children)
        events |= witnesses(links, insides)
        for inside in insides:
            for shared in overlap(list(frontier[inside.child]), inside.span):
                known = reached.get(inside.parent, ())
                # It may have stood in there before the item came, when its own events don't count.
                events.add(inside.event)
                if not covers(known, shared):
                    reached[inside.parent] = merge(known, shared)
                    above[inside.parent].append(shared)
        frontier = {parent: tuple(spans) for parent, spans in above.items()}
    return sorted(events)
