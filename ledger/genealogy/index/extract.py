"""Links out of the table and into arrays.

A row is eight numbers: item, role with the bit of a quantity, event, node, time, peer (0 for none).
SQLite's rows go through Python, some two million of them a second for each process; PostgreSQL
sends binary ones.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ledger.genealogy.index.segment import LEFT_OUT, QUANTITY
from ledger.genealogy.roles import Role
from ledger.log.entry import decode_entry
from ledger.projection import TYPES, node_of
from ledger.store.sets import fetch, fetch_in, is_sqlite, scan_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.genealogy.index.segment import Array

__all__ = ["CHUNK", "COLUMNS", "links_after", "links_of_items", "logs_after"]

COLUMNS: Final = ("item", "role", "event", "node", "time", "peer")
CHUNK: Final = 100_000
"""Rows that are in memory at once while the table is read: 5 MB as numbers, 30 MB as objects."""
_SELECT: Final = (
    f"SELECT item_id, role + CASE WHEN quantity IS NULL THEN 0 ELSE {QUANTITY} END, event_row,"
    " node, time, coalesce(peer, 0) FROM link WHERE"
)
_LEFT_OUT: Final = f"+role NOT IN ({', '.join(map(str, sorted(LEFT_OUT)))})"
_HEADER, _ROW = 19, 2 + len(COLUMNS) * 12  # bytes of COPY's header and of one of its rows
_BINARY: Final = np.dtype(
    [
        ("count", ">i2"),
        *(
            (f"{at}{name}", ">i4" if at == "length" else ">i8")
            for name in COLUMNS
            for at in ("length", "")
        ),
    ]
)


def links_of_items(
    connection: Connection, first: int, end: int, last_event: int
) -> Iterator[Array]:
    """The links of items from `first` up to and without `end`, in their order, in chunks.

    Args:
        connection: A reading transaction.
        first: Id of an item.
        end: Likewise.
        last_event: Links of later events are left out.
    """
    where = f" item_id >= {{p}} AND item_id < {{p}} AND {_LEFT_OUT} AND event_row <= {{p}}"
    order = " ORDER BY item_id, role, event_row, line"
    given = (first, end, last_event)
    if is_sqlite(connection):
        cursor: Any = connection.connection.cursor()
        cursor.execute((_SELECT + where + order).format(p="?"), given)
        while rows := cursor.fetchmany(CHUNK):
            yield np.array(rows, dtype=np.int64)
        return
    cursor = connection.connection.cursor()
    wide = ", ".join(f"c{at}::bigint" for at in range(len(COLUMNS)))
    names = ", ".join(f"c{at}" for at in range(len(COLUMNS)))
    select = (_SELECT + where + order).format(p="%s")
    with cursor.copy(
        f"COPY (SELECT {wide} FROM ({select}) AS one({names})) TO STDOUT (FORMAT BINARY)", given
    ) as copy:
        blocks = iter(copy)
        head = bytes(next(blocks))[_HEADER:]
        while rows := list(islice(blocks, CHUNK)):
            raw = head + b"".join(rows)
            head = b""
            whole = len(raw) // _ROW  # the trailer is shorter than a row
            yield _numbers(raw, whole)


def _numbers(raw: bytes, count: int) -> Array:
    table = np.frombuffer(raw, _BINARY, count)
    return np.stack([table[name].astype(np.int64) for name in COLUMNS], axis=1)


def links_after(connection: Connection, event: int, last: int) -> Array | None:
    """The links of the events behind one, up to another one; None where they can't be told.

    The table has no index by event, and needs none: the node of most links is made of the event.
    The others meet at the node of a transformationID, which stands in the event's entry.
    """
    low, high = node_of(event + 1, 0, None), node_of(last + 1, 0, None)
    found = fetch(
        connection, f"{_SELECT} node >= {{p}} AND node < {{p}} AND {_LEFT_OUT}", low, high
    )
    alone = {
        row[0]
        for row in fetch(
            connection,
            "SELECT id FROM event WHERE id > {p} AND id <= {p} AND declaration = 0 AND type = {p}",
            event,
            last,
            TYPES.index("TransformationEvent"),
        )
    } - {row[2] for row in found if row[1] & ~QUANTITY in {Role.INPUT, Role.OUTPUT}}
    if alone:
        nodes = _joined(connection, alone)
        if nodes is None:
            return None
        found += [
            row
            for row in scan_in(connection, f"{_SELECT} node {{ids}} AND {_LEFT_OUT}", nodes)
            if event < row[2] <= last
        ]
    return np.array(found, dtype=np.int64).reshape(len(found), len(COLUMNS))


def logs_after(connection: Connection, event: int, last: int) -> Array:
    """The log of each event behind one, up to another one; 0 for ids that no event has."""
    found = np.zeros(max(last - event, 0), np.int64)
    rows = fetch(
        connection, "SELECT id, log_id FROM event WHERE id > {p} AND id <= {p}", event, last
    )
    if rows:
        ids, logs = np.array(rows, np.int64).T
        found[ids - event - 1] = logs
    return found


def _joined(connection: Connection, events: set[int]) -> set[int] | None:
    """The nodes of the transformationIDs that events name; None where an entry is missing."""
    rows = fetch_in(
        connection,
        "SELECT entry.bytes FROM event JOIN entry ON entry.log_id = event.log_id"
        " AND entry.seq = event.seq WHERE event.id {ids}",
        events,
    )
    if len(rows) < len(events):
        return None
    named = (decode_entry(bytes(row[0])).body["event"].get("transformationID") for row in rows)
    return {node_of(0, 0, name) for name in named if name is not None}
