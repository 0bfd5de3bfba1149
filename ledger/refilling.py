"""Rows that a newer version of the product makes of entries, for entries that an older one stored.

The tables beside the log are made of the entries' bytes. When a version makes more of them, what
is stored has to be brought up to it, or verification would miss the rows. It happens in the
transaction of the migration: before it nothing is there, after it everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.genealogy.roles import Role
from ledger.store.sets import fetch, is_sqlite
from ledger.stored_facts import stored_facts
from ledger.storing import ProjectionStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.projection import EventFacts

__all__ = ["refill"]

_RUN: Final = 1_000
"""Events that are read at once."""
_INSTRUMENTS: Final = "0005"
"""The revision from which on instruments are linked."""


def refill(connection: Connection, before: str | None) -> None:
    """Bring the rows of stored events up to this version.

    Args:
        connection: The transaction of the migration.
        before: The schema's revision before it; None for an empty database.

    Raises:
        DamageError: An entry isn't what was written; 'suyuan verify' of the older version names it.
    """
    if before is None or before >= _INSTRUMENTS:
        return
    for log, events in _with_devices(connection):
        ProjectionStore(connection, log).add_links(events, {Role.INSTRUMENT, Role.MEASURED})


def _with_devices(connection: Connection) -> Iterator[tuple[int, dict[int, EventFacts]]]:
    """Events that name an instrument, by their ids, in runs of one log."""
    named = (
        "instr(bytes, CAST('\"deviceID\"' AS blob)) > 0"
        if is_sqlite(connection)
        else "position('\"deviceID\"'::bytea IN bytes) > 0"
    )
    for (log,) in fetch(connection, "SELECT id FROM log ORDER BY id"):
        last = -1
        while True:
            rows = fetch(
                connection,
                "SELECT entry.seq, event.id, bytes FROM entry"
                " JOIN event ON event.log_id = entry.log_id AND event.seq = entry.seq"
                f" WHERE entry.log_id = {{p}} AND entry.seq > {{p}} AND {named}"
                f" ORDER BY entry.seq LIMIT {_RUN}",
                log,
                last,
            )
            if not rows:
                break
            last = rows[-1][0]
            yield log, {event: stored_facts(raw) for _, event, raw in rows}
