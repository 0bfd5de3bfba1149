"""Which of the prepared events enter a log that is held: new ones, and no others.

Rules kept:

* Nothing is overwritten. The same content again is a `duplicate`; the same eventID with other
  content is a `conflict`. An event and the declaration that takes it back share their eventID.
* What is judged is chained in memory only, and can be taken back until it is flushed.

EPCIS 2.0 section 7.4.1.4 (error declarations); DESIGN section 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ledger.problems import Problem, problem
from ledger.projection import content_digest
from ledger.receipts import Receipt, Status
from ledger.recovery import lineage
from ledger.schemas import EVENT_SCHEMA
from ledger.sealing import as_known, stored_values
from ledger.store.sets import fetch_in
from ledger.stored import stored_bytes, stored_entry
from ledger.storing import Accepted
from ledger.times import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.appending import LogWriter
    from ledger.personal import Sealed
    from ledger.preparing import Prepared
    from ledger.receipts import Report

__all__ = ["Known", "admit"]

_AHEAD: Final = 24 * 3600 * 1_000_000
"""Microseconds that a sender's clock may be ahead: a day, which covers a wrong time zone."""

_Key = tuple[str, bool]
"""eventID, and whether it is the declaration of an error."""


@dataclass(slots=True)
class Known:
    """The events with certain ids that are in the log, or were admitted before."""

    digests: dict[_Key, bytes] = field(default_factory=dict)
    seq: dict[_Key, int] = field(default_factory=dict)
    rows: dict[_Key, int] = field(default_factory=dict)
    declared: dict[str, bytes] = field(default_factory=dict)
    """By eventID the digest of an event that is to come and was declared an error already."""
    personal: dict[_Key, tuple[Sealed, ...]] = field(default_factory=dict)
    """Their personal values."""
    closed: set[_Key] = field(default_factory=set)
    """Those in a log that a recovery has closed, in whose place this one goes on."""
    _admitted: list[_Key] = field(default_factory=list)

    @classmethod
    def read(cls, connection: Connection, log: int, ids: set[str]) -> Known:
        """Look up eventIDs in a log, and in those that it goes on for."""
        known = cls()
        for closed in reversed(lineage(connection).get(log, [])):
            known._look(connection, closed, ids)
            known.closed |= known.digests.keys()
        known._look(connection, log, ids)
        return known

    def _look(self, connection: Connection, log: int, ids: set[str]) -> None:
        declarations = set()
        rows = fetch_in(
            connection,
            "SELECT event_id, declaration, digest, seq, id FROM event"
            " WHERE event_id {ids} AND log_id = {p}",
            ids,
            log,
        )
        for event_id, declaration, raw, seq, row in rows:
            key = event_id, bool(declaration)
            digest = stored_bytes(raw, "event.digest")
            self.digests[key], self.seq[key], self.rows[key] = digest, seq, row
            if declaration:
                declarations.add(event_id)
        seqs = {seq for _, _, _, seq, _ in rows}
        values = stored_values(connection, log, seqs) if seqs else {}
        self.personal |= {(row[0], bool(row[1])): values.get(row[3], ()) for row in rows}
        early = {
            self.seq[event_id, True]: event_id
            for event_id in declarations
            if (event_id, False) not in self.seq
        }
        entries = fetch_in(
            connection,
            "SELECT seq, bytes FROM entry WHERE seq {ids} AND log_id = {p}",
            early,
            log,
        )
        for seq, raw in entries:
            event = stored_entry(raw).body["event"]
            self.declared[early[seq]] = content_digest(event, without="errorDeclaration")

    def judge(self, one: Prepared) -> tuple[Status, tuple[Problem, ...]]:
        """Tell a new event from one that is there, and from one that contradicts it."""
        key = one.event_id, one.declaration
        known = self.digests.get(key)
        if known is not None and known == as_known(one, self.personal.get(key, ()))[0]:
            return Status.DUPLICATE, ()
        other = one.event_id, (one.event_id, False) not in self.digests
        original = self.declared.get(one.event_id) if other[1] else self.digests[other]
        if known is not None or (
            original is not None and original != as_known(one, self.personal.get(other, ()))[1]
        ):
            return Status.CONFLICT, (problem(one.pointer, "capture.conflict", one.event_id),)
        return Status.ACCEPTED, ()

    def add(self, one: Prepared, seq: int) -> None:
        """Note an event that was admitted."""
        key = one.event_id, one.declaration
        self.digests[key], self.seq[key] = one.digest, seq
        self.personal[key] = one.personal
        if one.declaration:
            self.declared[one.event_id] = one.original
        self._admitted.append(key)

    @property
    def admitted(self) -> int:
        """How many events were admitted, for `forget`."""
        return len(self._admitted)

    def forget(self, admitted: int) -> None:
        """Forget the events that were admitted after the first so many."""
        for key in self._admitted[admitted:]:
            # What is admitted was not known before, so that nothing stood in its place.
            del self.digests[key], self.seq[key], self.personal[key]
            if key[1]:
                del self.declared[key[0]]
        del self._admitted[admitted:]


def admit(
    log: LogWriter,
    known: Known,
    events: Iterable[Prepared | Receipt],
    report: Report,
    *,
    submitter: str,
    received_at: int,
) -> list[Accepted]:
    """Give each event its receipt, and chain those that are new to the log, in memory.

    Args:
        log: The log, open.
        known: The events with these ids that are there already.
        events: In the order of their document; what was refused before comes with its receipt.
        report: Takes the receipts.
        submitter: Who hands them in; stands in every entry.
        received_at: Microseconds since 1970 UTC.

    Returns:
        What is to be stored.
    """
    accepted: list[Accepted] = []
    for one in events:
        if isinstance(one, Receipt):
            report.add(one)
            continue
        status, problems = known.judge(one)
        if one.facts.time > received_at + _AHEAD:
            late = problem(f"{one.pointer}/eventTime", "capture.future", as_text(one.facts.time))
            problems = (*problems, late)
        key = one.event_id, one.declaration
        seq = None if key in known.closed else known.seq.get(key)
        if status is Status.ACCEPTED:
            seq = log.add(
                one.body, schema=EVENT_SCHEMA, submitter=submitter, received_at=received_at
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
                    one.personal,
                )
            )
        report.add(Receipt(one.pointer, status, one.event_id, seq, (*one.warnings, *problems)))
    return accepted
