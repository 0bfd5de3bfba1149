"""Capture: from a stream of bytes to entries in a log, with a receipt for each event.

Rules kept:

* Nothing is overwritten; see `ledger.admission`.
* `rollback` stores all of a document or nothing; `proceed` stores what is fine, in groups.
* An event is in the log, chained, projected and covered by a signed checkpoint, or it isn't there
  at all: one transaction does it, and the report follows the commit.
* Memory doesn't grow with the document: events pass in groups of `GROUP`. A document of one group
  is read and checked before the log is taken, and shares its commit with others
  (`ledger.sequencing`).

A group is what a crash can cost under `proceed`: groups committed before stay, whole. Sending the
document again gives duplicates for them and stores the rest.

EPCIS 2.0 section 8.2 (capture) and 12.6 (rollback, proceed); DESIGN section 5.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from ledger.admission import Known, admit
from ledger.heads import Shown, newest_note
from ledger.masterdata import stated, store_statements
from ledger.oddities import stored_oddities
from ledger.personal import declared_fields
from ledger.preparing import GROUP, Prepared, prepared_groups
from ledger.receipts import Mode, Report
from ledger.sealing import sealed
from ledger.sequencing import Document, LogAccess, Sequencer, held, keep_checkpoint
from ledger.sources import open_source
from ledger.storing import ProjectionStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.appending import LogWriter
    from ledger.receipts import Receipt
    from ledger.sources import Source

__all__ = ["capture"]


def capture(
    access: LogAccess,
    stream: BinaryIO,
    *,
    submitter: str,
    mode: Mode = Mode.ROLLBACK,
    known_checkpoint: str | None = None,
    sequencer: Sequencer | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Capture a document of events to an organisation's log.

    Args:
        access: The log.
        stream: EPCIS 2.0 JSON-LD (document, query document, event or list), or Catena-X twins.
        submitter: Who hands the document in; stands in every entry.
        mode: What a refused event does to the others.
        known_checkpoint: A signed checkpoint of this log that the submitter holds, from an earlier
            receipt. A log that doesn't contain it was rolled back or forked; see `ledger.heads`.
        sequencer: Commits small documents of several threads together.
        progress: Called with the number of events seen so far.

    Returns:
        The report; `report.refused` tells whether anything was.

    Raises:
        StoreError: The store can't be written, or is an old copy. Nothing of the running group is
            stored.
        VerifyError: The log doesn't contain what the submitter holds of it. Nothing is stored.
        NoteError: What the submitter holds is no checkpoint of this log. Nothing is stored.
    """
    known = None if known_checkpoint is None else Shown(known_checkpoint, submitter, access.now())
    source = open_source(stream)
    groups = prepared_groups(source)
    first = next(groups, [])
    second = next(groups, []) if len(first) == GROUP else []
    if not second:
        document = Document(submitter, mode, first, source.problems, source.vocabularies, known)
        report = (sequencer or Sequencer()).submit(access, document)
        if progress is not None:
            progress(len(first))
        return report
    report = Report(access.organisation.origin, mode)
    run = _Run(access, submitter, report, known)
    every = _counted(chain([first, second], groups), progress)
    if mode is Mode.ROLLBACK:
        with run.transaction():
            for group in every:
                run.take(group)
            run.finish(source)
    else:
        for group in every:
            with run.transaction():
                run.take(group)
        with run.transaction():
            run.finish(source)
    return report


def _counted(
    groups: Iterator[list[Prepared | Receipt]], progress: Callable[[int], None] | None
) -> Iterator[list[Prepared | Receipt]]:
    seen = 0
    for group in groups:
        yield group
        seen += len(group)
        if progress is not None:
            progress(seen)


class _RolledBack(Exception):  # noqa: N818 - control flow, caught at once
    """Something was refused under `rollback`."""


@dataclass(slots=True)
class _Run:
    """A document of several groups, in transactions of its own."""

    access: LogAccess
    submitter: str
    report: Report
    known: Shown | None
    """The checkpoint that the submitter holds."""
    _log: LogWriter | None = None
    _store: ProjectionStore | None = None
    _fields: frozenset[str] = frozenset()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction: commits with a signed checkpoint, or leaves nothing."""
        before = 0
        try:
            with held(self.access, *([self.known] if self.known else [])) as self._log:
                self.report.checkpoint = newest_note(self._log.connection, self._log.log)
                self._store = ProjectionStore(self._log.connection, self._log.log)
                self._fields = declared_fields(self._log.connection, self._log.log)
                before = self._log.size
                yield
                if self.report.mode is Mode.ROLLBACK and self.report.refused:
                    raise _RolledBack  # noqa: TRY301 - it has to pass through `held`
                note = self._log.seal(self.access.signer) if self._log.size > before else None
        except _RolledBack:
            self.report.take_back(before)
            return
        keep_checkpoint(self.access.pin, note, self.report.checkpoint)
        self.report.committed |= note is not None or not self.report.refused
        self.report.checkpoint = note or self.report.checkpoint

    def take(self, group: Sequence[Prepared | Receipt]) -> None:
        """Give each event of a group its receipt, and store those that are accepted."""
        assert self._log is not None  # noqa: S101 - for the type checker: we are in a transaction
        assert self._store is not None  # noqa: S101
        group = sealed(group, self._fields)
        ids = {one.event_id for one in group if isinstance(one, Prepared)}
        known = Known.read(self._log.connection, self._log.log, ids)
        size = self._log.size
        accepted = admit(
            self._log,
            known,
            group,
            self.report,
            submitter=self.submitter,
            received_at=self.access.now(),
        )
        if self.report.mode is Mode.ROLLBACK and self.report.refused:
            self._log.take_back(size)
            return  # it will all be taken back; read on only to report every problem
        self._log.flush()
        self._store.store(accepted)
        if odd := stored_oddities(self._store, accepted):
            self.report.remark(odd)

    def finish(self, source: Source) -> None:
        """Store what the document says of places, parties and products."""
        assert self._log is not None  # noqa: S101 - for the type checker: we are in a transaction
        statements, problems = stated(source.vocabularies, self._fields)
        self.report.problems += [*source.problems, *problems]
        if not self.report.refused or self.report.mode is Mode.PROCEED:
            store_statements(self._log, statements, self._fields, self.submitter, self.access.now())
