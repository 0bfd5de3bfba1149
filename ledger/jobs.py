"""Capture jobs: documents that were handed in to the inbox, and their way into the log.

A job is handed in (`ledger.inbox.hand_in`), and settled by whoever comes by: its sender who waits
for the answer, or a server that looks after the inbox. After a crash the jobs that were not
answered are settled by the same function, `settle`; there is no other recovery.

EPCIS 2.0 section 12.6 (capture jobs).
"""

from __future__ import annotations

import io
import logging
from collections import deque
from typing import TYPE_CHECKING, Final

from ledger.errors import StoreError
from ledger.heads import Shown, require_heads
from ledger.inbox import Submission, find, hand_in, waiting
from ledger.preparing import prepared_groups
from ledger.problems import problem
from ledger.sequencing import Document, commit_each, keep_checkpoint, next_group
from ledger.sources import open_source
from ledger.store.engine import reading
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ledger.pins import Pin
    from ledger.receipts import Mode, Report
    from ledger.sequencing import LogAccess

__all__ = ["capture_once", "job_of", "settle", "submit"]

_LOG: Final = logging.getLogger(__name__)


def submit(access: LogAccess, body: bytes, *, submitter: str, key: str, mode: Mode) -> Submission:
    """Keep a document for its log; `settle` stores it.

    Args:
        access: The log.
        body: What `ledger.capture.capture` reads.
        submitter: Who hands the document in.
        key: The submitter's name for this document; the same again is the same job.
        mode: What a refused event does to the others.

    Raises:
        UsageError: The key is empty or too long.
        ConflictError: The key stands for another document.
        StoreError: The store can't be written.
    """
    job = hand_in(
        access.engine,
        access.organisation.row,
        submitter=submitter,
        key=key,
        body=body,
        mode=mode,
        received_at=access.now(),
    )
    return _acknowledged(job, access.pin)


def job_of(engine: Engine, log: int, pin: Pin, row: int) -> Submission:
    """Look up what became of a document.

    Args:
        engine: The ledger.
        log: Row of the log that the document is for.
        pin: The checkpoint beside the log's key.
        row: Of the job.

    Raises:
        NotFoundError: There is no such job, or its answer was forgotten.
        StoreError: Its checkpoint can't be kept, so that it can't be acknowledged yet.
    """
    return _acknowledged(find(engine, log, row), pin)


def _acknowledged(job: Submission, pin: Pin | None) -> Submission:
    """Who stored the answer may have failed before the checkpoint was kept; so it is kept now."""
    if job.report is not None:
        keep_checkpoint(pin, None, job.report.checkpoint)
    return job


def capture_once(
    access: LogAccess,
    body: bytes,
    *,
    submitter: str,
    key: str,
    mode: Mode,
    known_checkpoint: str | None = None,
) -> Report:
    """Capture a document by its key: however often it is sent, it is captured once.

    What is sent again gets the answer that was given the first time.

    Args:
        access: The log.
        body: What `ledger.capture.capture` reads.
        submitter: Who hands the document in.
        key: The submitter's name for this document.
        mode: What a refused event does to the others.
        known_checkpoint: A signed checkpoint of this log that the submitter holds. It is compared
            before anything is kept; what a log contains once, it contains for good.

    Raises:
        UsageError: The key is empty or too long.
        ConflictError: The key stands for another document.
        VerifyError: The log doesn't contain what the submitter holds of it. Nothing is kept.
        NoteError: What the submitter holds is no checkpoint of this log. Nothing is kept.
        StoreError: The store can't be written; the document may be waiting in the inbox.
    """
    if known_checkpoint is not None:
        shown = Shown(known_checkpoint, submitter, access.now())
        row = access.organisation.row
        with reading(access.engine) as connection:
            [(size,)] = fetch(connection, "SELECT size FROM log WHERE id = {p}", row)
            require_heads(access.pin, connection, row, size, [shown])
    job = submit(access, body, submitter=submitter, key=key, mode=mode)
    while job.report is None:
        settle(access)
        job = find(access.engine, access.organisation.row, job.row)
    return job.report


def settle(access: LogAccess) -> int:
    """Store the documents that wait longest for a log, in groups, and answer them.

    A document that breaks the program is answered as well, so that those behind it don't wait for
    ever. What can't be stored now, for want of space or of a lock, stays.

    Returns:
        How many were answered; 0 when none wait.

    Raises:
        StoreError: The store can't be written, or is an old copy.
    """
    documents = [_read(job, body) for job, body in waiting(access.engine, access.organisation.row)]
    line = deque(documents)
    while line:
        group = next_group(line)
        commit_each(access, group)
        for document in group:
            if isinstance(document.error, StoreError):
                raise document.error
            if document.error is not None:
                _LOG.error("Capture job %s failed", document.row, exc_info=document.error)
                # A defect once more leaves the row where it is, and is raised.
                commit_each(access, failed := [_failed(document)])
                if failed[0].error is not None:
                    raise failed[0].error
    return len(documents)


def _read(job: Submission, body: bytes) -> Document:
    document = Document(job.submitter, job.mode, [], [], row=job.row)
    source = open_source(io.BytesIO(body))
    try:
        # It came in one piece, so it fits into memory in one piece.
        document.events = [one for group in prepared_groups(source) for one in group]
    except Exception:  # noqa: BLE001 - the sender is answered, and the cause stands in the log
        _LOG.exception("Capture job %s can't be read", job.row)
        return _failed(document)
    document.problems, document.vocabularies = source.problems, source.vocabularies
    return document


def _failed(document: Document) -> Document:
    flaw = problem("", "capture.defect")
    return Document(document.submitter, document.mode, [], [flaw], row=document.row)
