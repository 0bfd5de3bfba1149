"""Capture: from a stream of bytes to entries in a log, with a receipt for each event.

Rules kept:

* Nothing is overwritten. The same content again is a `duplicate`; the same eventID with other
  content is a `conflict`.
* `rollback` stores all of a document or nothing; `proceed` stores what is fine, in groups.
* An event is in the log, chained, projected and covered by a signed checkpoint, or it isn't there
  at all: one transaction does it, and the report follows the commit.
* Memory doesn't grow with the document: events pass in groups of `GROUP`.

A group is what a crash can cost under `proceed`: groups committed before stay, whole. Sending the
document again gives duplicates for them and stores the rest.

EPCIS 2.0 section 8.2 (capture) and 12.6 (rollback, proceed); DESIGN section 5.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from msgspec import Struct

from ledger.appending import LogWriter
from ledger.errors import CanonicalError
from ledger.log.canonical import canonical_bytes, decimal_pointers
from ledger.log.entry import decode_entry
from ledger.masterdata import store_vocabularies
from ledger.problems import Problem, problem
from ledger.projection import MAX_CODE, EventFacts, content_digest, content_name, facts_of
from ledger.receipts import Mode, Receipt, Report, Status
from ledger.recovery import lineage
from ledger.schemas import EVENT_SCHEMA
from ledger.sources import Candidate, Source, open_source
from ledger.store.engine import writing
from ledger.store.sets import fetch_in
from ledger.storing import Accepted, ProjectionStore
from ledger.times import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from ledger.epcis.events import CheckedEvent
    from ledger.keys import Pin
    from ledger.log.note import Signer
    from ledger.organisations import Organisation

__all__ = ["GROUP", "capture"]

GROUP: Final = 1000
"""Events that are stored together."""
_AHEAD: Final = 24 * 3600 * 1_000_000
"""Microseconds that a sender's clock may be ahead: a day, which covers a wrong time zone."""
_MAX_LINE: Final = 2**15 - 1
"""Times that one event may list an item, and lots that it may name."""


def capture(
    engine: Engine,
    stream: BinaryIO,
    *,
    organisation: Organisation,
    signer: Signer,
    submitter: str,
    now: Callable[[], int],
    mode: Mode = Mode.ROLLBACK,
    pin: Pin | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Capture a document of events to an organisation's log.

    Args:
        engine: The ledger.
        stream: EPCIS 2.0 JSON-LD (document, query document, event or list), or Catena-X twins.
        organisation: Whose log.
        signer: The log's key.
        submitter: Who hands the document in; stands in every entry.
        now: The clock, in microseconds since 1970 UTC.
        mode: What a refused event does to the others.
        pin: The newest checkpoint as it is kept beside the key. A log that doesn't contain it is
            not written to, and it is replaced after each commit.
        progress: Called with the number of events seen so far.

    Returns:
        The report; `report.refused` tells whether anything was.

    Raises:
        StoreError: The store can't be written, or is an old copy. Nothing of the running group is
            stored.
    """
    report = Report(organisation.origin, mode)
    source = open_source(stream)
    run = _Run(engine, organisation, signer, submitter, now, report, pin)
    if mode is Mode.ROLLBACK:
        with run.transaction():
            for group in _groups(source, report, progress):
                run.take(group)
            run.finish(source)
    else:
        for group in _groups(source, report, progress):
            with run.transaction():
                run.take(group)
        with run.transaction():
            run.finish(source)
    return report


def _groups(
    source: Source, report: Report, progress: Callable[[int], None] | None
) -> Iterator[list[_Ready | Receipt]]:
    seen = 0
    # Each event is read to the end before the next one: what was parsed of it is gone by then.
    ready = map(_read, source)
    while group := list(islice(ready, GROUP)):
        yield group
        seen += len(group)
        if progress is not None:
            progress(seen)
    report.problems += source.problems


class _RolledBack(Exception):  # noqa: N818 - control flow, caught at once
    """Something was refused under `rollback`."""


@dataclass(slots=True)
class _Run:
    engine: Engine
    organisation: Organisation
    signer: Signer
    submitter: str
    now: Callable[[], int]
    report: Report
    pin: Pin | None
    _log: LogWriter | None = None
    _store: ProjectionStore | None = None
    _logs: list[int] = field(default_factory=list)
    """The log, and those that it goes on for."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction: commits with a signed checkpoint, or leaves nothing."""
        before = 0
        try:
            with writing(self.engine) as connection:
                self._log = LogWriter.open(connection, self.organisation.row)
                self._store = ProjectionStore(connection, self.organisation.row)
                row = self.organisation.row
                self._logs = [row, *lineage(connection).get(row, ())]
                before = self._log.size
                if self.pin is not None and (known := self.pin.newest()):
                    self._log.require(known[1])
                yield
                if self.report.mode is Mode.ROLLBACK and self.report.refused:
                    raise _RolledBack  # noqa: TRY301 - it has to pass through `writing`
                note = self._log.seal(self.signer) if self._log.size > before else None
        except _RolledBack:
            self.report.take_back(before)
            return
        if self.pin is not None and note is not None:
            self.pin.keep(note)
        self.report.committed |= note is not None or not self.report.refused
        self.report.checkpoint = note or self.report.checkpoint

    def finish(self, source: Source) -> None:
        """Store what the document says of places, parties and products."""
        assert self._log is not None  # noqa: S101 - for the type checker: we are in a transaction
        if not self.report.refused or self.report.mode is Mode.PROCEED:
            store_vocabularies(
                self._log.connection, self._log, source.vocabularies, self.submitter, self.now()
            )

    def take(self, group: Sequence[_Ready | Receipt]) -> None:
        """Give each event of a group its receipt, and store those that are accepted."""
        assert self._log is not None  # noqa: S101 - for the type checker: we are in a transaction
        assert self._store is not None  # noqa: S101
        known = _Known.read(self._log.connection, self._logs, group)
        accepted: list[Accepted] = []
        received_at = self.now()
        for one in group:
            if isinstance(one, Receipt):
                self.report.add(one)
                continue
            status, problems = known.judge(one)
            if one.facts.time > received_at + _AHEAD:
                late = problem(
                    f"{one.pointer}/eventTime", "capture.future", as_text(one.facts.time)
                )
                problems = (*problems, late)
            key = one.event_id, one.declaration
            seq = None if key in known.closed else known.seq.get(key)
            if status is Status.ACCEPTED:
                seq = self._log.add(
                    one.body, schema=EVENT_SCHEMA, submitter=self.submitter, received_at=received_at
                )
                known.add(one, seq)
                accepted.append(
                    Accepted(
                        seq,
                        one.event_id,
                        one.digest,
                        received_at,
                        one.facts,
                        known.rows.get((one.event_id, False)) if one.declaration else None,
                        None if one.declaration else known.rows.get((one.event_id, True)),
                    )
                )
            self.report.add(
                Receipt(one.pointer, status, one.event_id, seq, (*one.warnings, *problems))
            )
        if self.report.mode is Mode.ROLLBACK and self.report.refused:
            self._log.discard()
            return  # it will all be taken back; read on only to report every problem
        self._log.flush()
        self._store.store(accepted)


class _Ready(Struct, frozen=True, gc=False):
    """A valid event with what identifies it."""

    pointer: str
    facts: EventFacts
    warnings: tuple[Problem, ...]
    event_id: str
    digest: bytes
    original: bytes
    """The digest of the event without its errorDeclaration."""
    body: bytes

    @property
    def declaration(self) -> bool:
        return self.facts.declaration


def _read(candidate: Candidate) -> _Ready | Receipt:
    checked = candidate.checked
    if checked is None:
        return Receipt(candidate.pointer, Status.REJECTED, None, None, candidate.problems)
    try:
        raw = canonical_bytes(checked.event)
        digest = content_digest(checked.event, raw=raw)
        original = digest
        if checked.error_declaration is not None:
            original = content_digest(checked.event, without="errorDeclaration")
        body = _body(checked, raw)
    except CanonicalError as error:
        flaw = problem(candidate.pointer, "json.not-canonical", str(error))
        return Receipt(candidate.pointer, Status.REJECTED, checked.event_id, None, (flaw,))
    event_id = checked.event_id or content_name(original)
    facts = facts_of(checked)
    if too_large := _too_large(candidate.pointer, event_id, facts):
        problems = (*checked.warnings, too_large)
        return Receipt(candidate.pointer, Status.REJECTED, event_id, None, problems)
    return _Ready(candidate.pointer, facts, checked.warnings, event_id, digest, original, body)


def _body(checked: CheckedEvent, raw: bytes) -> bytes:
    """The body of the entry, put together in the order of canonical keys around the event."""
    members = []
    if checked.context:
        members.append(b'"context":' + canonical_bytes(list(checked.context)))
    if decimals := decimal_pointers(checked.event):
        members.append(b'"decimals":' + canonical_bytes(decimals))
    members.append(b'"event":' + raw)
    return b"{" + b",".join(members) + b"}"


def _too_large(pointer: str, event_id: str, facts: EventFacts) -> Problem | None:
    """What the tables and their indexes can't hold; the limits are those of PostgreSQL."""
    said = (facts.biz_step, facts.disposition, facts.location, facts.holder, facts.transformation)
    for code in (event_id, *said, *(link.code for link in facts.links)):
        if code is not None and len(code) > MAX_CODE:
            return problem(pointer, "capture.code-too-long", code, limit=MAX_CODE)
    if any(link.line > _MAX_LINE for link in facts.links):
        return problem(pointer, "capture.too-many-lines", limit=_MAX_LINE)
    return None


_Key = tuple[str, bool]
"""eventID, and whether it is the declaration of an error."""


@dataclass(slots=True)
class _Known:
    """The events with the ids of a group that are in the log, or came earlier in the group."""

    digests: dict[_Key, bytes] = field(default_factory=dict)
    seq: dict[_Key, int] = field(default_factory=dict)
    rows: dict[_Key, int] = field(default_factory=dict)
    declared: dict[str, bytes] = field(default_factory=dict)
    """By eventID the digest of an event that is to come and was declared an error already."""

    closed: set[_Key] = field(default_factory=set)
    """Those in a log that a recovery has closed, in whose place this one goes on."""

    @classmethod
    def read(
        cls, connection: Connection, logs: Sequence[int], group: Sequence[_Ready | Receipt]
    ) -> _Known:
        """Look in the log, which stands first, and in those that it goes on for."""
        known = cls()
        ids = {one.event_id for one in group if isinstance(one, _Ready)}
        for log in reversed(logs):
            known.look(connection, log, ids)
            known.closed |= known.digests.keys() if log != logs[0] else set()
        return known

    def look(self, connection: Connection, log: int, ids: set[str]) -> None:
        known, here = self, set[str]()
        rows = fetch_in(
            connection,
            "SELECT event_id, declaration, digest, seq, id FROM event"
            " WHERE event_id {ids} AND log_id = {p}",
            ids,
            log,
        )
        for event_id, declaration, digest, seq, row in rows:
            key = event_id, bool(declaration)
            known.digests[key], known.seq[key], known.rows[key] = bytes(digest), seq, row
            here |= {event_id} if declaration else set()
        early = {
            known.seq[event_id, True]: event_id
            for event_id in here
            if (event_id, False) not in known.seq
        }
        entries = fetch_in(
            connection,
            "SELECT seq, bytes FROM entry WHERE seq {ids} AND log_id = {p}",
            early,
            log,
        )
        for seq, raw in entries:
            event = decode_entry(bytes(raw)).body["event"]
            known.declared[early[seq]] = content_digest(event, without="errorDeclaration")

    def add(self, one: _Ready, seq: int) -> None:
        key = one.event_id, one.declaration
        self.digests[key], self.seq[key] = one.digest, seq
        if one.declaration:
            self.declared[one.event_id] = one.original

    def judge(self, one: _Ready) -> tuple[Status, tuple[Any, ...]]:
        known = self.digests.get((one.event_id, one.declaration))
        if known == one.digest:
            return Status.DUPLICATE, ()
        original = self.digests.get((one.event_id, False), self.declared.get(one.event_id))
        if known is not None or (original is not None and original != one.original):
            return Status.CONFLICT, (problem(one.pointer, "capture.conflict", one.event_id),)
        return Status.ACCEPTED, ()
