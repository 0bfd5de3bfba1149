"""Writing to a log: one holder at a time, and many documents in one commit.

The holder of a log is the transaction that has its lock: on SQLite the database's, on PostgreSQL
that of the log's row. This is the sequencer's lease. It ends with its connection, so a process that
dies or is killed never leaves one behind, and no clock decides whose it is. `UNIQUE(log, seq)` and
`UNIQUE(log, prev)` stand behind it (docs/adr/0008).

What was handed in until the log is ours becomes the next group: at most `GROUP` events, or one
document that has more. Nobody waits for a group to fill. A document is answered after the commit of
its group, and then it is in the log, chained, projected and under a signed checkpoint.

What a crash leaves, step by step:

1. before the commit: nothing of the group. Documents of the inbox wait there still; `ledger.inbox`
   hands them in again through the same function;
2. after the commit, before the checkpoint is pinned beside the key: the pin is older, and the log
   contains it. Whoever sends the same again is acknowledged after it is pinned;
3. after that, before the answer: who sends the same again gets duplicates, or by the same
   idempotency key the same answer.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Condition, Lock
from typing import TYPE_CHECKING

from ledger.admission import Known, admit
from ledger.appending import LogWriter
from ledger.errors import NoteError
from ledger.heads import newest_note, require_heads
from ledger.inbox import answers, record
from ledger.masterdata import stated, store_statements
from ledger.oddities import stored_oddities
from ledger.personal import declared_fields
from ledger.preparing import GROUP, Prepared
from ledger.receipts import Mode, Report
from ledger.sealing import sealed
from ledger.store.engine import writing
from ledger.storing import ProjectionStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine

    from ledger.epcis.documents import Vocabulary
    from ledger.heads import Shown
    from ledger.keys import KeyFolder
    from ledger.log.note import NoteSigner
    from ledger.organisations import Organisation
    from ledger.pins import Pin
    from ledger.problems import Problem
    from ledger.receipts import Receipt

__all__ = [
    "Document",
    "LogAccess",
    "Sequencer",
    "commit",
    "commit_each",
    "held",
    "keep_checkpoint",
    "next_group",
]


@dataclass(frozen=True, slots=True)
class LogAccess:
    """What it takes to write to a log."""

    engine: Engine
    organisation: Organisation
    """Whose log."""
    signer: NoteSigner | Sequence[NoteSigner]
    """The log's keys in use, or its only one."""
    now: Callable[[], int]
    """The clock, in microseconds since 1970 UTC."""
    pin: Pin | None = None
    """The newest checkpoint as it is kept beside the key. A log that doesn't contain it is not
    written to, and it is replaced after each commit."""

    @classmethod
    def by_keys(
        cls, engine: Engine, keys: KeyFolder, organisation: Organisation, now: Callable[[], int]
    ) -> LogAccess:
        """Write with the key, and compare with the checkpoint, that a folder has of a log.

        Raises:
            StoreError: The key is missing, damaged, or others may read it.
        """
        origin = organisation.origin
        return cls(engine, organisation, keys.signers(origin), now, keys.pin(origin))


@dataclass(slots=True)
class Document:
    """A document that was read to its end and waits for its place in a log."""

    submitter: str
    mode: Mode
    events: Sequence[Prepared | Receipt]
    problems: Sequence[Problem]
    """Of the document as a whole."""
    vocabularies: Sequence[Vocabulary] = ()
    known: Shown | None = None
    """The checkpoint of this log that the submitter holds."""
    row: int | None = None
    """Its row in the inbox."""
    report: Report | None = None
    """The answer, once its group is committed."""
    error: Exception | None = None
    """Why there is none; nothing of it is stored then."""

    @property
    def done(self) -> bool:
        """Whether it was answered, one way or the other."""
        return self.report is not None or self.error is not None


@contextmanager
def held(access: LogAccess, *shown: Shown) -> Iterator[LogWriter]:
    """Hold a log: committed at the end of the block, all of it or nothing.

    The block may raise to take everything back. The caller pins the sealed checkpoint afterwards.

    Raises:
        StoreError: The store can't be written, or is an older copy than the pinned checkpoint, or
            than others have said.
        VerifyError: The log doesn't contain a checkpoint that was shown.
        NoteError: What was shown is no checkpoint of this log.
    """
    with writing(access.engine) as connection:
        log = LogWriter.open(connection, access.organisation.row)
        # Only now: while we waited for the log, its last holder has pinned a newer one.
        if access.pin is not None and (known := access.pin.newest()):
            log.require(known[1])
        require_heads(access.pin, connection, log.log, log.size, shown)
        yield log


def commit(access: LogAccess, documents: Sequence[Document]) -> None:
    """Store a group of documents in one commit, each with its own report.

    A document whose mode is `rollback` is stored whole or not at all, whatever becomes of the
    others. Documents of the inbox that somebody else has answered meanwhile are left alone.

    Raises:
        StoreError: The store can't be written, or is an old copy. Nothing is stored.
        VerifyError: The log doesn't contain a checkpoint that one of the submitters holds.
        NoteError: What one of the submitters holds is no checkpoint of this log.
    """
    _commit(access, lambda: documents)


def _commit(access: LogAccess, take: Callable[[], Sequence[Document]]) -> None:
    """Store the documents that `take` gives once the log is held; raises what `commit` does."""
    reports: list[tuple[Document, Report]] = []
    with held(access) as log:
        documents = take()
        if shown := [document.known for document in documents if document.known is not None]:
            require_heads(access.pin, log.connection, log.log, log.size, shown)
        before = log.size
        rows = [document.row for document in documents if document.row is not None]
        answered = answers(log.connection, rows) if rows else {}
        waiting = [document for document in documents if document.row not in answered]
        fields = declared_fields(log.connection, log.log)
        events = [sealed(document.events, fields) for document in waiting]
        ids = {one.event_id for many in events for one in many if isinstance(one, Prepared)}
        known = Known.read(log.connection, log.log, ids)
        accepted = []
        for document, found in zip(waiting, events, strict=True):
            report = Report(access.organisation.origin, document.mode)
            reports.append((document, report))
            size, admitted = log.size, known.admitted
            new = admit(
                log,
                known,
                found,
                report,
                submitter=document.submitter,
                received_at=access.now(),
            )
            statements, problems = stated(document.vocabularies, fields)
            report.problems += [*document.problems, *problems]
            if report.refused and document.mode is Mode.ROLLBACK:
                log.take_back(size)
                known.forget(admitted)
                report.take_back(size)
                continue
            accepted += new
            store_statements(log, statements, fields, document.submitter, access.now())
            report.committed = log.size > size or not report.refused
        log.flush()
        store = ProjectionStore(log.connection, log.log)
        store.store(accepted)
        if odd := stored_oddities(store, accepted):
            for _, report in reports:
                report.remark(odd)
        note = log.seal(access.signer) if log.size > before else None
        for document, report in reports:
            report.checkpoint = note or newest_note(log.connection, log.log)
            if document.row is not None:
                record(log.connection, document.row, report, access.now())
    keep_checkpoint(access.pin, note, reports[-1][1].checkpoint if reports else None)
    for document in documents:
        document.report = answered.get(document.row)  # type: ignore[arg-type]  # None has none
    for document, report in reports:
        document.report = report


def keep_checkpoint(pin: Pin | None, sealed: str | None, newest: str | None) -> None:
    """Keep the checkpoint of a commit beside the key, before anything of it is acknowledged.

    Args:
        pin: Where it is kept, if anywhere.
        sealed: The checkpoint that was just committed; None if nothing was new.
        newest: Then the newest of the log. Who committed it may have failed before it was kept;
            sending the same again gives duplicates, and these are acknowledged now.

    Raises:
        StoreError: It can't be written.
    """
    if pin is None:
        return
    if sealed is not None:
        pin.keep(sealed)
    elif newest is not None:
        # It comes out of the database: what our key hasn't signed is for `verify` to name.
        with suppress(NoteError):
            pin.learn(newest)


@dataclass(slots=True)
class _Line:
    """The documents that wait for one log."""

    waiting: deque[Document] = field(default_factory=deque)
    moved: Condition = field(default_factory=Condition)
    """Told when a group is done."""
    is_held: bool = False
    """Whether one of the threads is committing a group."""


class Sequencer:
    """Commits what the threads of one process hand in for the same log together.

    It has no thread of its own: whose turn it is takes the others' documents along.
    """

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = {}
        self._lock = Lock()

    def submit(self, access: LogAccess, document: Document) -> Report:
        """Store a document, with others that wait for the same log.

        Raises:
            StoreError: The store can't be written, or is an old copy. Nothing of it is stored.
            VerifyError: The log doesn't contain what the submitter holds of it.
            NoteError: What the submitter holds is no checkpoint of this log.
        """
        with self._lock:
            line = self._lines.setdefault(access.organisation.row, _Line())
        with line.moved:
            line.waiting.append(document)
        try:
            while self._is_our_turn(line, document):
                try:
                    self._commit_next(access, line)
                finally:
                    with line.moved:
                        line.is_held = False
                        line.moved.notify_all()
        finally:
            if not document.done:  # we were interrupted: nobody waits for its answer
                with line.moved:
                    left = [one for one in line.waiting if one is not document]
                    line.waiting.clear()
                    line.waiting += left
        if document.error is not None:
            raise document.error
        assert document.report is not None  # noqa: S101 - for the type checker: it is done
        return document.report

    @staticmethod
    def _is_our_turn(line: _Line, document: Document) -> bool:
        """Wait until a document is done, or it is our turn to commit a group."""
        with line.moved:
            line.moved.wait_for(lambda: document.done or not line.is_held)
            if not document.done:
                line.is_held = True
            return not document.done

    @staticmethod
    def _commit_next(access: LogAccess, line: _Line) -> None:
        """Commit what waits when the log is ours; what fails stands in each document's `error`."""
        group: list[Document] = []

        def take() -> list[Document]:
            with line.moved:
                group.extend(next_group(line.waiting))
            return group

        try:
            try:
                _commit(access, take)
            except Exception as error:  # noqa: BLE001 - it is handed to whom it belongs
                if group:
                    _commit_singly(access, group, error)
                else:  # the log couldn't be had, which would take each as long again to be told
                    for one in take():
                        one.error = error
        finally:
            # If we were interrupted, what was taken along still waits, in front.
            with line.moved:
                line.waiting.extendleft(one for one in reversed(group) if not one.done)


def next_group(waiting: deque[Document]) -> list[Document]:
    """Take the documents that are stored together next: at most `GROUP` events, or one document."""
    group = [waiting.popleft()]
    events = len(group[0].events)
    while waiting and events + len(waiting[0].events) <= GROUP:
        events += len(waiting[0].events)
        group.append(waiting.popleft())
    return group


def commit_each(access: LogAccess, group: Sequence[Document]) -> None:
    """Commit a group; what fails stands in each document's `error`.

    A group that fails is tried document by document, so that none harms another.
    """
    try:
        commit(access, group)
    except Exception as error:  # noqa: BLE001 - it is handed to whom it belongs
        _commit_singly(access, group, error)


def _commit_singly(access: LogAccess, group: Sequence[Document], error: Exception) -> None:
    """Commit the documents of a group that failed one by one; one alone has just failed."""
    if len(group) == 1:
        group[0].error = error
        return
    for document in group:
        commit_each(access, [document])
