"""What in a ledger's database no entry accounts for: the steps of verification beside the entries.

12. no row stands in the database that no entry accounts for, and an item's level is one that some
    event gives it;
13. an event is marked as taken back exactly when its declaration is in the same log, or in one that
    goes on for it;
14. the log's row and all of its tiles are what the entries make of them;
15. a log that has lost entries, and goes on as another one, is as long as the signed statement of
    that says, and has the root that it says (`ledger.recovery`).

Nothing here writes. What is remembered of the items is one byte for each.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from identifiers import Level
from ledger.levels import level_number
from ledger.log import tiles
from ledger.log.merkle import HASH_SIZE
from ledger.log.report import Finding, Kind
from ledger.recovery import lineage
from ledger.store.sets import fetch, is_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.log.report import Report
    from ledger.organisations import Organisation
    from ledger.recovery import Loss

__all__ = ["Items", "any_text", "head_findings", "loss_findings", "stray_findings", "tile_findings"]

_RUN: Final = 8 * tiles.TILE_WIDTH
"""Leaves or items that are read at once."""
_CHUNK_BITS: Final = 16
_SEEN, _TAUGHT = 1, 2
_OF_A_LOG: Final = ("entry", "event", "tile", "checkpoint", "vocabulary")


def _chunk() -> bytearray:
    return bytearray(1 << _CHUNK_BITS)


@dataclass(slots=True)
class Items:
    """Which items the entries name, and whether one of them gives the level that is stored."""

    _marks: defaultdict[int, bytearray] = field(default_factory=lambda: defaultdict(_chunk))
    """By id, in chunks: ids of a large ledger are dense, and a forged one costs one chunk."""

    def take(self, row: int, stored: object, level: Level) -> bool:
        """Note that an event names an item, and tell whether the level that is stored can be right.

        Args:
            row: The item's id.
            stored: Its level in the database.
            level: Its level in this event; OTHER when the event can't tell.
        """
        chunk, place = self._marks[row >> _CHUNK_BITS], row & ((1 << _CHUNK_BITS) - 1)
        said = level_number(level)
        chunk[place] = max(chunk[place], _TAUGHT if stored == said else _SEEN)
        return level is Level.OTHER or (type(stored) is int and stored != 0)

    def findings(self, connection: Connection, origin: str) -> Iterator[Finding]:
        """Items that no event names, and levels that none gives."""
        last: object = None
        while True:
            after, values = ("", ()) if last is None else (" WHERE id > {p}", (last,))
            sql = f"SELECT id, code FROM item{after} ORDER BY id LIMIT {_RUN}"
            rows = fetch(connection, sql, *values)
            for row, code in rows:
                chunk = self._marks.get(row >> _CHUNK_BITS)
                mark = chunk[row & ((1 << _CHUNK_BITS) - 1)] if chunk else 0
                if mark != _TAUGHT:
                    column = "item.level" if mark else "item"
                    what = "has a level that no event gives it" if mark else "is in no event"
                    text = f"The item {code} {what}."
                    yield Finding(origin, None, column, Kind.PROJECTION, text)
            if len(rows) < _RUN:
                return
            last = rows[-1][0]


@contextmanager
def any_text(connection: Connection) -> Iterator[None]:
    """Read text that is no UTF-8 as well: SQLite keeps in any column what an intruder put there."""
    if not is_sqlite(connection):
        yield
        return
    driver: Any = connection.connection.driver_connection
    before = driver.text_factory
    # Escaped, it is text that can be shown, and equals nothing that an entry says.
    driver.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    try:
        yield
    finally:
        driver.text_factory = before


def stray_findings(connection: Connection, origin: str, links: int) -> Iterator[Finding]:
    """Steps 12 and 13, over all logs.

    Args:
        connection: The ledger.
        origin: The log that findings about none are put down to.
        links: How many links the entries account for.
    """
    for table in _OF_A_LOG:
        [(strays,)] = fetch(
            connection,
            f"SELECT count(*) FROM {table} LEFT JOIN log ON log.id = log_id WHERE log.id IS NULL",
        )
        if strays:
            text = f"The table {table} has {strays} rows of a log that isn't there."
            yield Finding(origin, None, f"{table}.log_id", Kind.PROJECTION, text)
    [(stored,)] = fetch(connection, "SELECT count(*) FROM link")
    if stored != links:
        text = f"{stored} links are stored, the logs account for {links}."
        yield Finding(origin, None, "link", Kind.PROJECTION, text)
    # Logs that went on after recoveries count as one: a correction may come behind the loss.
    first = {log: line[-1] for log, line in lineage(connection).items()}
    one_log, other_log = (_first_of(f"{name}.log_id", first) for name in ("one", "other"))
    rows = fetch(
        connection,
        "SELECT log.origin, one.event_id, one.seq FROM event AS one JOIN log ON log.id = one.log_id"
        " LEFT JOIN event AS other"
        f" ON other.id = one.declared_by AND {other_log} = {one_log}"
        " AND other.event_id = one.event_id AND other.declaration = 1"
        " WHERE one.declared_by IS NOT NULL AND other.id IS NULL"
        " UNION ALL SELECT log.origin, one.event_id, one.seq FROM event AS other"
        f" JOIN event AS one ON {one_log} = {other_log}"
        " AND one.event_id = other.event_id AND one.declaration = 0"
        " JOIN log ON log.id = one.log_id"
        " WHERE other.declaration = 1 AND one.declared_by IS NULL"
        " UNION ALL SELECT log.origin, event_id, seq FROM event JOIN log ON log.id = log_id"
        " WHERE declaration = 1 AND declared_by IS NOT NULL",
    )
    for log, event_id, seq in rows:
        text = f"Event {event_id} is marked as taken back without its declaration, or not marked."
        yield Finding(log, seq, "event.declared_by", Kind.PROJECTION, text)


def _first_of(column: str, first: dict[int, int]) -> str:
    """SQL for the first log of the line that a log belongs to."""
    if not first:
        return column
    cases = " ".join(f"WHEN {log} THEN {begin}" for log, begin in first.items())
    return f"CASE {column} {cases} ELSE {column} END"


def head_findings(connection: Connection, one: Organisation, size: int) -> Iterator[Finding]:
    """Step 14 for the log's row, once `size` entries were found to be sound."""
    last = size - 1 if size else None
    if type(one.size) is not int or one.size != size:
        text = f"The log has {size} entries, its row says {one.size!r}."
        yield Finding(one.origin, last, "log.size", Kind.LINKAGE, text)
    if not one.origin.endswith(f"/log/{one.slug}"):
        text = f"The log {one.origin} stands under the name {one.slug!r}."
        yield Finding(one.origin, None, "log.organisation", Kind.PROJECTION, text)
    leaf = fetch(
        connection, "SELECT leaf FROM entry WHERE log_id = {p} AND seq = {p}", one.row, size - 1
    )
    [(head,)] = fetch(connection, "SELECT head FROM log WHERE id = {p}", one.row)
    if head != (leaf[0][0] if leaf else bytes(HASH_SIZE)):
        text = "The log's head is not its last entry."
        yield Finding(one.origin, last, "log.head", Kind.LINKAGE, text)


def loss_findings(loss: Loss, report: Report) -> Iterator[Finding]:
    """Step 15."""
    said = loss.recovery
    if (report.size, report.root) != (said.size, loss.root):
        text = f"The recovery {loss.successor} says that {said.size} entries were left of this log."
        yield Finding(report.log, None, "seq", Kind.CHECKPOINT, text)


def tile_findings(connection: Connection, one: Organisation, size: int) -> Iterator[Finding]:
    """Step 14 for the tiles, once `size` entries were found to be sound."""
    edge: tiles.Tiles = {}
    made = 0
    for start in range(0, size, _RUN):
        rows = fetch(
            connection,
            "SELECT leaf FROM entry WHERE log_id = {p} AND seq >= {p} AND seq < {p} ORDER BY seq",
            one.row,
            start,
            start + _RUN,
        )
        changed = tiles.append_leaves(tiles.MemoryTiles(edge), start, [row[0] for row in rows])
        last = start + len(rows) == size
        edge |= changed
        for level, index in sorted(edge):
            tile = edge[level, index]
            if len(tile) < tiles.TILE_WIDTH * HASH_SIZE and not last:
                continue  # more will be appended to it
            made += 1
            stored = fetch(
                connection,
                'SELECT hashes FROM tile WHERE log_id = {p} AND level = {p} AND "index" = {p}',
                one.row,
                level,
                index,
            )
            if [row[0] for row in stored] != [tile]:
                text = f"Tile {level}/{index} is not what the entries make of it."
                seq = min(size, (index + 1) * tiles.TILE_WIDTH ** (level + 1)) - 1
                yield Finding(one.origin, seq, "tile.hashes", Kind.PROJECTION, text)
            del edge[level, index]
    [(stored_tiles,)] = fetch(connection, "SELECT count(*) FROM tile WHERE log_id = {p}", one.row)
    if stored_tiles != made:
        text = f"{stored_tiles} tiles are stored, the entries make {made}."
        yield Finding(one.origin, None, "tile", Kind.PROJECTION, text)
