"""What in a ledger's database no entry accounts for: the steps of verification beside the entries.

12. no row stands in the database that no entry accounts for, and an item's level is one that some
    event gives it;
13. an event is marked as taken back exactly when its declaration is in the same log, or in one that
    goes on for it;
14. the log's row and all of its tiles are what the entries make of them.

Step 15 is in `ledger.verifying.beside`.

Nothing here writes. What is remembered of the items is one byte for each.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.errors import shown
from ledger.levels import level_number
from ledger.log import tiles
from ledger.log.entry import decode_entry
from ledger.log.merkle import HASH_SIZE
from ledger.log.report import Finding, Kind
from ledger.projection import Statement, canonical_code, statement_of
from ledger.recovery import lineage
from ledger.schemas import VOCABULARY_SCHEMA
from ledger.statements import statements
from ledger.store.sets import fetch
from ledger.stored_facts import stored_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.organisations import Organisation

__all__ = [
    "LAST_ROW",
    "Items",
    "event_findings",
    "has_rows_beside",
    "head_findings",
    "item_findings",
    "row_findings",
    "stray_findings",
    "tile_findings",
    "vocabulary_findings",
]

LAST_ROW: Final = (1 << 42) - 1
"""The largest id of an event whose nodes fit into 63 bits."""

_RUN: Final = 8 * tiles.TILE_WIDTH
"""Leaves or items that are read at once."""
_CHUNK_BITS: Final = 16
# A bit each, so that the marks of two segments are one `or` away from those of both.
_SEEN, _TAUGHT = 1, 3
_OF_A_LOG: Final = (
    "entry",
    "event",
    "tile",
    "checkpoint",
    "vocabulary",
    "cosignature",
    "time_stamp",
    "personal_value",
)


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

    def add(self, other: Items) -> None:
        """Add what other entries name."""
        for number, marks in other._marks.items():
            chunk = self._marks[number]
            both = int.from_bytes(chunk) | int.from_bytes(marks)
            chunk[:] = both.to_bytes(1 << _CHUNK_BITS)

    def account_for(self, stored: int) -> bool:
        """Tell whether the items named are all of the `stored` ones, each with a level it may have.

        The caller's share: every item that was taken is stored.
        """
        counts = [sum(marks.count(one) for marks in self._marks.values()) for one in (1, 3)]
        return counts == [0, stored]

    def findings(self, connection: Connection, origin: str) -> Iterator[Finding]:
        """Items that no event names, and levels that none gives."""
        [(stored,)] = fetch(connection, "SELECT count(*) FROM item")
        if self.account_for(stored):
            return
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


def item_findings(
    connection: Connection, origin: str, share: int, shares: int
) -> Iterator[Finding]:
    """Step 12 for a share of the items, when not all entries were read.

    Links are compared with entries in every run or another, so an item is in an event when it is in
    a link; its level is one that its code shows, or else an event about it gives.
    """
    [(first, last)] = fetch(connection, "SELECT min(id), max(id) FROM item")
    if first is None:
        return
    width = -(-(last + 1 - first) // shares)
    low, end = first + share * width, first + (share + 1) * width
    while True:
        rows = fetch(
            connection,
            "SELECT id, code, level, EXISTS (SELECT 1 FROM link WHERE item_id = item.id)"
            f" FROM item WHERE id >= {{p}} AND id < {{p}} ORDER BY id LIMIT {_RUN}",
            low,
            end,
        )
        for row, code, level, linked in rows:
            if not linked:
                text = f"The item {code} is in no event."
                yield Finding(origin, None, "item", Kind.PROJECTION, text)
            elif not _may_have(connection, row, code, level):
                text = f"The item {code} has a level that no event gives it."
                yield Finding(origin, None, "item.level", Kind.PROJECTION, text)
        if len(rows) < _RUN:
            return
        low = rows[-1][0] + 1


def _may_have(connection: Connection, row: int, code: str, level: object) -> bool:
    """Tell whether an item's level is right, which mostly its code shows."""
    shown_level = level_number(canonical_code(code).level)
    if level == shown_level:
        return True
    entries = fetch(
        connection,
        "SELECT DISTINCT entry.log_id, entry.seq, bytes FROM link"
        " JOIN event ON event.id = event_row"
        " JOIN entry ON entry.log_id = event.log_id AND entry.seq = event.seq WHERE item_id = {p}",
        row,
    )
    for _, _, raw in entries:
        facts = stored_facts(raw)
        if any(link.code == code and level_number(link.level) == level for link in facts.links):
            return True
    return False


def stray_findings(
    connection: Connection, origin: str, links: int, *, declared: bool
) -> Iterator[Finding]:
    """Steps 12 and 13, over all logs.

    Args:
        connection: The ledger.
        origin: The log that findings about none are put down to.
        links: How many links the entries account for.
        declared: Whether any event declares an error or is marked as one.
    """
    logs = [row[0] for row in fetch(connection, "SELECT id FROM log ORDER BY id")]
    for table in _OF_A_LOG:
        if _is_of_other_logs(connection, table, logs):
            sql = f"SELECT count(*) FROM {table} LEFT JOIN log ON log.id = log_id"
            [(strays,)] = fetch(connection, f"{sql} WHERE log.id IS NULL")
            text = f"The table {table} has {strays} rows of a log that isn't there."
            yield Finding(origin, None, f"{table}.log_id", Kind.PROJECTION, text)
    [(stored,)] = fetch(connection, "SELECT count(*) FROM link")
    if stored != links:
        text = f"{stored} links are stored, the logs account for {links}."
        yield Finding(origin, None, "link", Kind.PROJECTION, text)
    if not declared:
        return
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


def _is_of_other_logs(connection: Connection, table: str, logs: list[int]) -> bool:
    """Look between the ids of the logs, with the index: counting would read the whole table."""
    conditions: list[tuple[str, list[int]]] = [("log_id IS NULL", [])]
    for low, high in pairwise([None, *logs, None]):
        sides = [("log_id > {p}", low), ("log_id < {p}", high)]
        given = [(text, value) for text, value in sides if value is not None]
        condition = " AND ".join(text for text, _ in given) or "1 = 1"
        conditions.append((condition, [value for _, value in given]))
    return any(
        fetch(connection, f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1", *values)
        for condition, values in conditions
    )


def has_rows_beside(connection: Connection, table: str, log: int, size: int) -> list[object]:
    """The seq of a row of a log that is none of its `size` entries; an empty list without one."""
    outside = "seq IS NULL OR seq < 0 OR seq >= {p}"
    sql = f"SELECT seq FROM {table} WHERE log_id = {{p}} AND ({outside}) LIMIT 1"
    return [row[0] for row in fetch(connection, sql, log, size)]


def row_findings(connection: Connection, one: Organisation, size: int) -> Iterator[Finding]:
    """Step 12 for one log: entries and events beside its `size` sound entries."""
    for table, column, kind in (
        ("entry", "seq", Kind.LINKAGE),
        ("event", "event", Kind.PROJECTION),
        ("personal_value", "personal_value.seq", Kind.PROJECTION),
    ):
        for seq in has_rows_beside(connection, table, one.row, size):
            text = f"A row with seq {shown(seq)} stands beside the log's {size} entries."
            yield Finding(one.origin, None, column, kind, text)


def event_findings(connection: Connection, one: Organisation, events: int) -> Iterator[Finding]:
    """Step 12 for one log, whose entries make so many events: a row at an entry that is none."""
    [(stored,)] = fetch(connection, "SELECT count(*) FROM event WHERE log_id = {p}", one.row)
    if stored != events:
        text = f"{stored} events stored, {events} in the log."
        yield Finding(one.origin, None, "event", Kind.PROJECTION, text)


def vocabulary_findings(connection: Connection, one: Organisation) -> Iterator[Finding]:
    """Step 7 for master data, once the log was found to be sound: each row and its entry."""
    logged: dict[str, tuple[Statement, int]] = {}
    for seq, raw in statements(connection, one.row, VOCABULARY_SCHEMA):
        statement = statement_of(decode_entry(raw).body)
        logged[statement.code] = statement, seq
    rows = fetch(
        connection,
        "SELECT code, type, attributes, seq FROM vocabulary WHERE log_id = {p}",
        one.row,
    )
    stored = {row[0]: (Statement(*row[:3]), row[3]) for row in rows}
    for code in sorted(stored.keys() ^ logged.keys(), key=repr):
        text = f"{code} is stored or logged, not both."
        yield Finding(one.origin, None, "vocabulary", Kind.PROJECTION, text)
    for code, (statement, seq) in logged.items():
        if code in stored and stored[code] != (statement, seq):
            text = f"What is stored of {code} is not its entry."
            yield Finding(one.origin, seq, "vocabulary", Kind.PROJECTION, text)


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
