"""Reading items and events back, a page at a time.

Pages go by key, never by offset: a page that was read stays what it was while events are captured,
and the millionth page costs what the first does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.errors import NotFoundError
from ledger.genealogy.links import LinkReader
from ledger.genealogy.trace import item_row
from ledger.levels import level_of
from ledger.state import history_of, states_of
from ledger.store.sets import fetch, fetch_in
from ledger.stored import stored_entry

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from identifiers import Level

__all__ = [
    "Item",
    "StoredEvent",
    "Vocabulary",
    "event_by_id",
    "events",
    "events_by_row",
    "has_items_of",
    "item",
    "item_history",
    "vocabulary_of",
]


@dataclass(frozen=True, slots=True)
class Item:
    """A trace item and its state at the moment that was asked about."""

    code: str
    kind: Level
    status: str | None
    """CBV disposition, "announced", or None."""
    location: str | None
    holder: str | None
    inside: str | None
    """Code of the container or assembly it is in."""
    last_time: int | None
    """Event time of the newest event it takes part in; microseconds."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in a log."""

    row: int
    """Surrogate id, in order of arrival."""
    event_id: str
    log: str
    """Origin."""
    seq: int
    time: int
    """Event time; microseconds since 1970 UTC."""
    received_at: int
    declared_error: bool
    """True when an errorDeclaration has taken it back."""
    submitter: str
    body: dict[str, Any]
    """The entry's body: `event` in canonical form, `decimals`, `context`."""

    @property
    def event(self) -> dict[str, Any]:
        """The EPCIS event, canonical (decimals are text; see `ledger.epcis.export`)."""
        found: dict[str, Any] = self.body["event"]
        return found


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Master data of one location, party or product."""

    code: str
    type: str
    attributes: str
    """Canonical JSON, attribute id to value."""
    organisation: str
    """Who stated it."""


def item(
    connection: Connection, code: str, *, as_of: int | None = None, known_at: int | None = None
) -> Item:
    """An item by its canonical code.

    Raises:
        NotFoundError: No event names it.
    """
    row = item_row(connection, code)
    links = LinkReader.open(connection, as_of=as_of, known_at=known_at)
    state = states_of(links, (row,))[row]
    named = {
        found: (name, level)
        for found, name, level in fetch_in(
            connection,
            "SELECT id, code, level FROM item WHERE id {ids}",
            {row} if state.inside is None else {row, state.inside},
        )
    }
    return Item(
        code=code,
        kind=level_of(named[row][1]),
        status=state.status,
        location=state.location,
        holder=state.holder,
        inside=None if state.inside is None else named[state.inside][0],
        last_time=state.last_time,
    )


_EVENTS = (
    "SELECT event.id, event_id, origin, event.seq, event.time, event.received_at, declared_by,"
    " submitter, bytes FROM event JOIN log ON log.id = event.log_id"
    " JOIN entry ON entry.log_id = event.log_id AND entry.seq = event.seq"
)


def _stored(row: tuple[Any, ...]) -> StoredEvent:
    found, event_id, origin, seq, time, received_at, declared_by, submitter, raw = row
    return StoredEvent(
        row=found,
        event_id=event_id,
        log=origin,
        seq=seq,
        time=time,
        received_at=received_at,
        declared_error=declared_by is not None,
        submitter=submitter,
        body=stored_entry(raw).body,
    )


def events(
    connection: Connection,
    *,
    first: int,
    after: int = 0,
    code: str | None = None,
    biz_step: str | None = None,
) -> list[StoredEvent]:
    """A page of events in order of arrival.

    Args:
        connection: A reading transaction.
        first: The most events to return.
        after: The `row` of the last event of the page before; 0 for the first page.
        code: Only events that name this item (canonical code).
        biz_step: Only events of this business step (bare CBV word, or a URI).

    Raises:
        NotFoundError: No event names the code.
    """
    conditions, values = ["event.id > {p}"], [after]
    parameters: list[object] = list(values)
    if code is not None:
        conditions.append(
            "event.id IN (SELECT event_row FROM link WHERE item_id = {p} AND event_row > {p})"
        )
        parameters += [item_row(connection, code), after]
    if biz_step is not None:
        conditions.append("biz_step = {p}")
        parameters.append(biz_step)
    sql = f"{_EVENTS} WHERE {' AND '.join(conditions)} ORDER BY event.id LIMIT {{p}}"
    return [_stored(row) for row in fetch(connection, sql, *parameters, first)]


def events_by_row(connection: Connection, rows: Collection[int]) -> list[StoredEvent]:
    """Events by their surrogate ids, in event time order."""
    found = [
        _stored(row) for row in fetch_in(connection, f"{_EVENTS} WHERE event.id {{ids}}", rows)
    ]
    return sorted(found, key=lambda one: (one.time, one.row))


def event_by_id(connection: Connection, event_id: str) -> StoredEvent:
    """An event by its eventID; of several logs that hold it, the first that did.

    Raises:
        NotFoundError: There is none.
    """
    rows = fetch(
        connection,
        f"{_EVENTS} WHERE event_id = {{p}} AND declaration = 0 ORDER BY event.id LIMIT 1",
        event_id,
    )
    if not rows:
        raise NotFoundError(f"No event {event_id!r} in this ledger. Check the eventID.")
    return _stored(rows[0])


def item_history(connection: Connection, code: str) -> list[StoredEvent]:
    """The events of an item's life, oldest first, with those of what it was inside at the time.

    Events declared an error are not part of it.

    Raises:
        NotFoundError: No event names the code.
    """
    links = LinkReader.open(connection)
    return events_by_row(connection, history_of(links, item_row(connection, code)))


def has_items_of(connection: Connection, product: str) -> bool:
    """Whether an event names a lot or piece of a product, by the product's canonical code.

    One look-up in the index of codes: in every locale, the first code that doesn't sort before what
    all of them begin with is one of them.
    """
    start = f"{product}/"
    sql = "SELECT code FROM item WHERE code >= {p} ORDER BY code LIMIT 1"
    return any(code.startswith(start) for (code,) in fetch(connection, sql, start))


def vocabulary_of(connection: Connection, codes: Collection[str]) -> dict[str, Vocabulary]:
    """Master data by canonical code; where several organisations state it, the newest statement."""
    rows = fetch_in(
        connection,
        "SELECT code, type, attributes, organisation FROM vocabulary"
        " JOIN log ON log.id = vocabulary.log_id"
        " JOIN entry ON entry.log_id = vocabulary.log_id AND entry.seq = vocabulary.seq"
        " WHERE code {ids} ORDER BY entry.received_at, vocabulary.log_id",
        codes,
    )
    return {row[0]: Vocabulary(*row) for row in rows}
