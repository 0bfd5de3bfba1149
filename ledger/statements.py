"""The entries that are no events: statements about keys, personal fields, losses, master data.

They are few among millions, so an index of their own finds them (`ix_entry_statement`); it is used
by queries that say, as it does, that no event is wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.schemas import EVENT_SCHEMA
from ledger.store.sets import fetch
from ledger.stored import stored_bytes

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["newest_statement", "statements"]

_SELECT: Final = (
    "SELECT seq, bytes FROM entry"
    f" WHERE log_id = {{p}} AND schema = {{p}} AND schema <> '{EVENT_SCHEMA}' ORDER BY seq"
)


def statements(connection: Connection, log: int, schema: str) -> list[tuple[Any, Any]]:
    """(seq, bytes) of the entries of a schema, as they are stored, in order of seq."""
    return fetch(connection, _SELECT, log, schema)


def newest_statement(connection: Connection, log: int, schema: str) -> bytes | None:
    """The bytes of the newest entry of a schema.

    Raises:
        DamageError: The row holds no bytes.
    """
    rows = fetch(connection, f"{_SELECT} DESC LIMIT 1", log, schema)
    return stored_bytes(rows[0][1], "entry.bytes") if rows else None
