"""One segment of a stored log, checked the quick way: what a process of the crew does at a time.

A segment's rows are compared with the bytes (`ledger.log.segments`), the checkpoints that end in it
are verified, and the projections of its entries (`ledger.verifying.projecting`). The answer is
small, so that answers can be sent between processes and be kept until it is their turn.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NoteError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.keychain import parse_keys
from ledger.log.segments import RUN, Segment, check_segment
from ledger.store.sets import fetch
from ledger.verifying.copies import strict_text
from ledger.verifying.projecting import Account, Difference, Projections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.keyring import KeyRing
    from ledger.log.segments import Row

__all__ = ["WIDTH", "Answer", "StoredRows", "Task", "examine"]

WIDTH: Final = 65_536
"""Entries of a segment: one tile of the second level stands over them."""

_ROWS: Final = (
    "SELECT seq, bytes, leaf, prev, received_at, schema, submitter FROM entry"
    " WHERE log_id = {p} AND seq >= {p} AND seq < {p} ORDER BY seq"
)
_TILES: Final = (
    'SELECT "index", hashes FROM tile'
    ' WHERE log_id = {p} AND level = {p} AND "index" >= {p} AND "index" < {p} ORDER BY "index"'
)
_CHECKPOINTS: Final = (
    "SELECT size, root, note FROM checkpoint WHERE log_id = {p} AND size >= {p} AND size <= {p}"
)


@dataclass(frozen=True, slots=True)
class Task:
    """A segment to check."""

    log: int
    """Surrogate id of the log."""
    origin: str
    start: int
    end: int
    width: int
    keys: str
    """The log's keys, as `format_keys` writes them."""
    sizes: tuple[int, ...]
    """Of trees that are known from elsewhere and end in the segment."""
    projections: bool
    """False: the log alone."""


@dataclass(slots=True)
class Answer:
    """What was found out about a segment."""

    segment: Segment
    signed: list[tuple[int, bytes]] = field(default_factory=list)
    """Size and root of each checkpoint stored that ends in the segment."""
    account: Account = field(default_factory=Account)


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows of one log in the database."""

    connection: Connection
    log: int

    def rows(self, start: int, end: int) -> Iterator[Sequence[Row]]:
        """Yield the entries' rows, in runs."""
        for first in range(start, end, RUN):
            yield fetch(self.connection, _ROWS, self.log, first, min(end, first + RUN))

    def tiles(self, level: int, first: int, end: int) -> list[tuple[Any, Any]]:
        """Return index and hashes of tiles of a level."""
        return fetch(self.connection, _TILES, self.log, level, first, end)


def examine(connection: Connection, task: Task) -> Answer:
    """Check a segment; what it finds to differ is only said to differ."""
    try:
        with strict_text(connection):
            return _examine(connection, task)
    except sqlite3.Error as error:
        # SQLite keeps in any column what an intruder put there: text that is no UTF-8, bytes where
        # there should be none, more than JSON may hold.
        if not any(word in str(error).lower() for word in ("decode", "json", "too big")):
            raise
        return Answer(Segment(task.start, task.end, sound=False))


def _examine(connection: Connection, task: Task) -> Answer:
    answer = Answer(Segment(task.start, task.end, sound=False))
    try:
        # The tree without leaves belongs to the first segment.
        first = task.start + 1 if task.start else 0
        keys = parse_keys(task.keys)
        for row in fetch(connection, _CHECKPOINTS, task.log, first, task.end):
            checkpoint = _open(row, task.origin, keys)
            answer.signed.append((checkpoint.size, checkpoint.root))
        projections = Projections(connection, task.log, task.origin)
        answer.account = projections.account
        sizes = {size for size, _ in answer.signed if size} | set(task.sizes)
        for segment, run, tails in check_segment(
            StoredRows(connection, task.log),
            task.origin,
            task.start,
            task.end,
            width=task.width,
            sizes=sizes,
        ):
            answer.segment = segment
            if run and task.projections:
                projections.check(run, tails)
        if task.projections and answer.segment.sound:
            projections.finish(task.start, task.end)
    except (Difference, NoteError):
        answer.segment.sound = False
    return answer


def _open(row: tuple[Any, ...], origin: str, keys: KeyRing) -> Checkpoint:
    size, root, note = row
    if not isinstance(note, str | bytes):
        raise Difference
    checkpoint = open_checkpoint(note, origin, keys)
    if type(size) is not int or (size, root) != (checkpoint.size, checkpoint.root):
        raise Difference
    return checkpoint
