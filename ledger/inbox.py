"""The durable inbox: what was handed in and isn't in a log yet, and the answer once it is.

Rules kept:

* What was handed in is committed before its sender hears of it, and isn't lost after that.
* A submitter's idempotency key stands for one document. The same key and document again is the same
  row, with the same answer; with another document it is refused.
* The answer is stored by the transaction that stores the events. So there is one exactly when the
  document is in the log, or was refused.
* Two processes that take the same row up are told apart by the log's lock: who holds the log looks
  again which rows have no answer.
* An answer is kept for `KEPT` and then forgotten with its key; earlier, when values are erased.

The IETF's draft of the Idempotency-Key header has the same rules; EPCIS 2.0 section 12.6 calls a
row a capture job.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import msgspec

from ledger.errors import ConflictError, NotFoundError, UsageError, shown
from ledger.receipts import Mode, Report
from ledger.store.engine import reading, writing
from ledger.store.sets import fetch, fetch_in
from ledger.stored import stored_bytes

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Engine

__all__ = [
    "KEPT",
    "LONGEST_KEY",
    "Submission",
    "answers",
    "find",
    "forget",
    "forget_answers",
    "hand_in",
    "logs_waiting",
    "record",
    "waiting",
]

KEPT: Final = 30 * 24 * 3600 * 1_000_000
"""Microseconds that an answer is kept after its document was received."""

LONGEST_KEY: Final = 200
"""Characters of an idempotency key."""


_MOST: Final = 1000
_FITTING: Final = 16 * 1024 * 1024
"""Documents, and bytes of them, that are read at once."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A row of the inbox."""

    row: int
    submitter: str
    key: str
    mode: Mode
    received_at: int
    """Microseconds since 1970 UTC."""
    report: Report | None
    """None while it waits."""
    finished_at: int | None
    """Microseconds since 1970 UTC."""


_COLUMNS: Final = "id, submitter, key, mode, received_at, report, finished_at"


def _submission(found: tuple[object, ...]) -> Submission:
    row, submitter, key, mode, received_at, report, finished_at = found
    return Submission(
        row,  # type: ignore[arg-type]
        submitter,  # type: ignore[arg-type]
        key,  # type: ignore[arg-type]
        Mode(str(mode)),
        received_at,  # type: ignore[arg-type]
        None if report is None else _report(report),  # type: ignore[arg-type]
        finished_at,  # type: ignore[arg-type]
    )


def _report(raw: bytes) -> Report:
    return msgspec.json.decode(stored_bytes(raw, "submission.report"), type=Report)


def hand_in(
    engine: Engine,
    log: int,
    *,
    submitter: str,
    key: str,
    body: bytes,
    mode: Mode,
    received_at: int,
) -> Submission:
    """Keep a document until it has its place in a log.

    Args:
        engine: The ledger.
        log: Row of the log that it is for.
        submitter: Who hands it in.
        key: The submitter's name for this document, at most `LONGEST_KEY` characters.
        body: The document as it was received.
        mode: What a refused event does to the others.
        received_at: Microseconds since 1970 UTC.

    Returns:
        The row; the one that is there already, with its answer, if the document was handed in
        before.

    Raises:
        UsageError: The key is empty or too long.
        ConflictError: The key stands for another document.
        StoreError: The store can't be written.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise UsageError(f"Expected a key of 1 to {LONGEST_KEY} characters, got {len(key)}.")
    if not key.isprintable():  # among others what PostgreSQL keeps in no text
        raise UsageError(f"Expected a key of printable characters, got {shown(key)}.")
    digest = sha256(body).digest()
    with writing(engine) as connection:
        fetch(
            connection,
            "INSERT INTO submission (log_id, submitter, key, digest, mode, received_at, body)"
            " VALUES ({p}, {p}, {p}, {p}, {p}, {p}, {p})"
            " ON CONFLICT (log_id, submitter, key) DO NOTHING RETURNING id",
            log,
            submitter,
            key,
            digest,
            mode.value,
            received_at,
            body,
        )
        [(stored, *found)] = fetch(
            connection,
            f"SELECT digest, {_COLUMNS} FROM submission"
            " WHERE log_id = {p} AND submitter = {p} AND key = {p}",
            log,
            submitter,
            key,
        )
    known = _submission(tuple(found))
    if stored_bytes(stored, "submission.digest") != digest or known.mode is not mode:
        raise ConflictError(
            f"The key {key!r} was sent with another document or mode before. "
            "Send each document with a key of its own."
        )
    return known


def find(engine: Engine, log: int, row: int) -> Submission:
    """Look a document up that was handed in.

    Raises:
        NotFoundError: There is none, or its answer was forgotten.
    """
    with reading(engine) as connection:
        rows = fetch(
            connection,
            f"SELECT {_COLUMNS} FROM submission WHERE id = {{p}} AND log_id = {{p}}",
            row,
            log,
        )
    if not rows:
        raise NotFoundError(f"No capture job {row} here; jobs are kept for 30 days.")
    return _submission(rows[0])


def waiting(engine: Engine, log: int) -> list[tuple[Submission, bytes]]:
    """The documents that wait longest, with their bodies: one at least, and others as they fit."""
    with reading(engine) as connection:
        lengths = fetch(
            connection,
            "SELECT id, length(body) FROM submission WHERE log_id = {p} AND report IS NULL"
            f" ORDER BY id LIMIT {_MOST}",
            log,
        )
        sizes = list(accumulate(length for _row, length in lengths))
        fitting = [row for (row, _), size in zip(lengths, sizes, strict=True) if size <= _FITTING]
        rows = fetch_in(
            connection,
            f"SELECT body, {_COLUMNS} FROM submission WHERE id {{ids}} ORDER BY id",
            fitting or [row for row, _ in lengths[:1]],
        )
    return [
        (_submission(tuple(found)), stored_bytes(body, "submission.body")) for body, *found in rows
    ]


def logs_waiting(engine: Engine) -> list[int]:
    """The rows of the logs that documents wait for."""
    with reading(engine) as connection:
        rows = fetch(connection, "SELECT DISTINCT log_id FROM submission WHERE report IS NULL")
    return [row for (row,) in rows]


def answers(connection: Connection, rows: Collection[int]) -> dict[int, Report]:
    """The answers that rows of the inbox have already."""
    found = fetch_in(
        connection, "SELECT id, report FROM submission WHERE id {ids} AND report IS NOT NULL", rows
    )
    return {row: _report(raw) for row, raw in found}


def record(connection: Connection, row: int, report: Report, now: int) -> None:
    """Store the answer to a document, in the transaction that stores its events."""
    fetch(
        connection,
        "UPDATE submission SET report = {p}, finished_at = {p}, body = NULL WHERE id = {p}"
        " RETURNING id",
        msgspec.json.encode(report),
        now,
        row,
    )


def forget(engine: Engine, before: int) -> None:
    """Forget answered documents that were received before a time, with their keys."""
    with writing(engine) as connection:
        fetch(
            connection,
            "DELETE FROM submission WHERE report IS NOT NULL AND received_at < {p} RETURNING id",
            before,
        )


def forget_answers(connection: Connection, logs: Collection[int]) -> None:
    """Forget all answered documents of logs, with their keys: sent again, they are duplicates."""
    fetch_in(
        connection,
        "DELETE FROM submission WHERE log_id {ids} AND report IS NOT NULL RETURNING id",
        logs,
    )
