"""Which state of the ledger an index was made from, and whether that state still stands.

An index is of use where the ledger still contains what it was made from. That is so when

* each log has the origin it had, is as long or longer, and has the same Merkle root at the size it
  had then: a restored, rolled back or forked log has not;
* the schema is the same, and samples of events and items bear the same ids: tables that were made
  again from the logs might number them otherwise.

Events are never changed, and their ids rise in the order of commits, so an index that stands lacks
nothing but the events behind its last one.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from ledger.errors import NotFoundError, ProofError, StoreError
from ledger.log import tiles
from ledger.store.sets import fetch, fetch_in
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "Heads",
    "LogState",
    "State",
    "contains",
    "newest_event",
    "read_heads",
    "read_state",
    "stands",
]

_SAMPLES: Final = 16

Heads: TypeAlias = tuple[tuple[int, int, bytes], ...]
"""Surrogate id, size, and leaf hash of the newest entry of each log."""


class LogState(Struct, frozen=True, order=True):
    """How far a log reached."""

    row: int
    """Its surrogate id."""
    origin: str
    size: int
    root: bytes
    """Merkle root of so many entries."""


class State(Struct, frozen=True):
    """What the ledger held."""

    logs: tuple[LogState, ...]
    schema: str
    """The newest migration."""
    last_event: int
    """Id of the newest event; 0 for none."""
    samples: dict[str, list[int]]
    """Ids of events and items that `digest` is of."""
    digest: bytes
    """SHA-256 over the samples."""


def newest_event(connection: Connection) -> int:
    """The id of the newest event in the caller's transaction; 0 for none."""
    [(newest,)] = fetch(connection, "SELECT coalesce(max(id), 0) FROM event")
    return int(newest)


def read_heads(connection: Connection) -> Heads:
    """The logs as the caller's transaction sees them."""
    found = fetch(connection, "SELECT id, size, head FROM log ORDER BY id")
    return tuple((row, size, bytes(head)) for row, size, head in found)


def contains(connection: Connection, heads: Heads) -> bool:
    """Tell whether the logs go on from heads that were read before.

    An entry names the hash of the one before it, so the newest one stands for all.
    """
    sql = "SELECT leaf FROM entry WHERE log_id = {p} AND seq = {p}"
    return all(
        size == 0 or [(head,)] == fetch(connection, sql, row, size - 1) for row, size, head in heads
    )


def read_state(connection: Connection) -> State:
    """Read the state that the caller's transaction sees."""
    logs = tuple(
        LogState(row, origin, size, tiles.root(StoredTiles(connection, row), size))
        for row, origin, size in fetch(connection, "SELECT id, origin, size FROM log ORDER BY id")
    )
    last = newest_event(connection)
    [(items,)] = fetch(connection, "SELECT coalesce(max(id), 0) FROM item")
    samples = {"event": _spread(last), "item": _spread(items)}
    return State(logs, _schema(connection), last, samples, _digest(connection, samples))


def stands(connection: Connection, state: State) -> bool:
    """Tell whether the ledger contains a state, as the caller's transaction sees it."""
    if newest_event(connection) < state.last_event or _schema(connection) != state.schema:
        return False
    now = {row[0]: row for row in fetch(connection, "SELECT id, origin, size FROM log")}
    for log in state.logs:
        _row, origin, size = now.get(log.row, (0, "", -1))
        if origin != log.origin or size < log.size or _root(connection, log) != log.root:
            return False
    return _digest(connection, state.samples) == state.digest


def _root(connection: Connection, log: LogState) -> bytes | None:
    stored = fetch(
        connection,
        "SELECT root FROM checkpoint WHERE log_id = {p} AND size = {p}",
        log.row,
        log.size,
    )
    if stored:
        root = stored[0][0]
        return root if isinstance(root, bytes) else None
    try:
        return tiles.root(StoredTiles(connection, log.row), log.size)
    except (StoreError, NotFoundError, ProofError):
        return None


def _schema(connection: Connection) -> str:
    [(version,)] = fetch(connection, "SELECT version_num FROM alembic_version")
    return str(version)


def _spread(last: int) -> list[int]:
    """Some ids up to the last one."""
    return sorted({last * step // _SAMPLES for step in range(1, _SAMPLES + 1)} - {0})


def _digest(connection: Connection, samples: dict[str, list[int]]) -> bytes:
    events = "SELECT id, log_id, seq, digest, time FROM event WHERE id {ids}"
    items = "SELECT id, code FROM item WHERE id {ids}"
    found = [
        *fetch_in(connection, events, samples["event"]),
        *fetch_in(connection, items, samples["item"]),
    ]
    rows = ([bytes(one) if isinstance(one, memoryview) else one for one in row] for row in found)
    return sha256("\n".join(sorted(map(repr, rows))).encode()).digest()
