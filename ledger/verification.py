"""Verification of a whole ledger: each log against its bytes, and every projection against the log.

`ledger.log.verify` checks a log alone; this module adds what only the database knows, and still
trusts nothing but the entries' bytes and the pinned keys:

 7. each event's row and links are what its entry says; master data rows likewise;
12. no row of an event, link or master data stands in the database that no entry accounts for;
13. an event is marked as taken back exactly when its declaration is in the same log;
14. the log's row and its tiles agree with the entries.

Nothing here writes. Rows are read in runs of `RUN`, so memory doesn't grow with the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from ledger.appending import StoredTiles
from ledger.epcis.checking import read_event
from ledger.epcis.context import Context, parse_context
from ledger.errors import LedgerError
from ledger.log import tiles
from ledger.log.note import Verifier
from ledger.log.report import Finding, Kind, Report, StoredCheckpoint, StoredEntry
from ledger.log.verify import verify_log
from ledger.masterdata import Statement, statement_of
from ledger.organisations import Organisation, find_organisation, organisations
from ledger.projection import content_digest, facts_of
from ledger.schemas import EVENT_SCHEMA, VOCABULARY_SCHEMA
from ledger.store.engine import reading
from ledger.store.sets import fetch
from ledger.storing import node_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from ledger.keys import KeyFolder
    from ledger.log.entry import Entry

__all__ = ["verify_ledger"]

RUN: Final = 2_000
"""Entries whose projections are read at once."""

_EVENT_COLUMNS: Final = (
    "event_id",
    "declaration",
    "digest",
    "type",
    "action",
    "time",
    "received_at",
    "biz_step",
    "disposition",
    "location",
    "holder",
)


def verify_ledger(
    engine: Engine,
    keys: KeyFolder,
    *,
    organisation: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Report]:
    """Verify every log of a ledger, or one.

    Args:
        engine: The ledger.
        keys: Where the pinned verifier keys are; a log without one there is checked with the key
            that the database names, which proves less: an intruder may have changed both.
        organisation: The slug of one organisation, to verify its log only. Steps 12 and 13 look at
            all logs together and are left out then.
        progress: Called with origin, entries done, entries to do.

    Raises:
        NotFoundError: There is no such organisation.
        StoreError: The store can't be read, or a pinned key can't be used.
    """
    with reading(engine) as connection:
        chosen = (
            organisations(connection)
            if organisation is None
            else [find_organisation(connection, organisation)]
        )
        reports: list[Report] = []
        projections: list[_Projections] = []
        for one in chosen:
            check = _Projections(connection, one)
            projections.append(check)
            report = verify_log(
                _StoredLog(connection, one),
                one.origin,
                _verifiers(one, keys),
                check_projection=check,
                progress=None if progress is None else _named(progress, one.origin),
            )
            more = [*check.leftovers(), *_head(connection, one, report)]
            if more and not report.findings:
                report = replace(report, findings=(*report.findings, *more))
            reports.append(report)
        if organisation is None and not any(report.findings for report in reports):
            _whole(connection, reports, sum(check.links for check in projections))
        return reports


def _named(progress: Callable[[str, int, int], None], origin: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(origin, done, total)


def _verifiers(organisation: Organisation, keys: KeyFolder) -> list[Any]:
    pinned = keys.verifier(organisation.origin)
    if pinned is not None:
        return [pinned]
    return [Verifier.from_vkey(organisation.verifier_key)]


@dataclass(frozen=True, slots=True)
class _StoredLog:
    """The log as the database has it; columns are handed on as they are, right or wrong."""

    connection: Connection
    organisation: Organisation

    def size(self, log: str) -> int:  # noqa: ARG002 - the reader is of one log
        return self.organisation.size

    def entries(self, log: str, start: int) -> Iterator[StoredEntry]:  # noqa: ARG002
        while True:
            rows = fetch(
                self.connection,
                "SELECT seq, bytes, leaf, prev, received_at, schema, submitter FROM entry"
                " WHERE log_id = {p} AND seq >= {p} ORDER BY seq LIMIT {p}",
                self.organisation.row,
                start,
                RUN,
            )
            for row in rows:
                yield StoredEntry(*row)
            if len(rows) < RUN or not isinstance(rows[-1][0], int):
                return
            start = rows[-1][0] + 1

    def checkpoints(self, log: str) -> Iterator[StoredCheckpoint]:  # noqa: ARG002
        rows = fetch(
            self.connection,
            "SELECT size, root, note FROM checkpoint WHERE log_id = {p} ORDER BY size",
            self.organisation.row,
        )
        return (StoredCheckpoint(*row) for row in rows)


@dataclass(slots=True)
class _Projections:
    """Compares what is stored of each entry with what its bytes say; called in order of seq."""

    connection: Connection
    organisation: Organisation
    links: int = 0
    """Links that the entries account for."""
    events: int = 0
    _start: int = 0
    _end: int = 0
    _rows: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    """seq to (id, event columns)."""
    _links: dict[int, set[tuple[Any, ...]]] = field(default_factory=dict)
    """Event id to its links."""
    _statements: dict[str, tuple[Statement, int]] = field(default_factory=dict)
    """Master data: code to its newest statement and the seq of it."""

    def __call__(self, stored: StoredEntry, entry: Entry) -> list[Finding]:
        try:
            if entry.header.schema == EVENT_SCHEMA:
                return self._event(stored.seq, entry)
            if entry.header.schema == VOCABULARY_SCHEMA:
                statement = statement_of(entry.body)
                self._statements[statement.code] = statement, stored.seq
                return []
        except (LedgerError, KeyError, TypeError, ValueError, AttributeError) as error:
            # The bytes are chained and signed, yet they are no event as we write them.
            return [self._finding(stored.seq, "bytes", f"The entry can't be projected: {error!r}.")]
        return [self._finding(stored.seq, "schema", "The entry's schema is not known here.")]

    def _finding(self, seq: int | None, column: str, message: str) -> Finding:
        return Finding(self.organisation.origin, seq, column, Kind.PROJECTION, message)

    def _event(self, seq: int, entry: Entry) -> list[Finding]:
        if not self._start <= seq < self._end:
            self._load(seq)
        self.events += 1
        found = self._rows.get(seq)
        if found is None:
            return [self._finding(seq, "event", "The event's row is missing.")]
        row, *columns = found
        event = entry.body["event"]
        checked = read_event(event, _context(entry.body))
        facts = facts_of(checked)
        digest = content_digest(event)
        expected = (
            checked.event_id or columns[0],
            int(facts.declaration),
            digest,
            facts.type,
            facts.action,
            facts.time,
            entry.header.received_at,
            facts.biz_step,
            facts.disposition,
            facts.location,
            facts.holder,
        )
        for name, want, have in zip(_EVENT_COLUMNS, expected, columns, strict=True):
            if want != (bytes(have) if isinstance(have, memoryview) else have):
                return [self._finding(seq, f"event.{name}", f"The event says {want!r}.")]
        wanted = {
            (
                link.code,
                link.role,
                link.line,
                node_of(row, link.group, facts.transformation),
                facts.time,
                link.peer,
                link.quantity,
                link.unit,
            )
            for link in facts.links
        }
        self.links += len(wanted)
        if facts.transformation is not None:
            self._add_links(
                "event_row = {p} AND node = {p}", row, node_of(row, 0, facts.transformation)
            )
        have_links = self._links.get(row, set())
        if wanted == have_links:
            return []
        odd = min(map(repr, wanted ^ have_links))
        missing = "missing" if len(wanted - have_links) else "not in the event"
        return [self._finding(seq, "link", f"A link of the event is {missing}: {odd}.")]

    def _load(self, seq: int) -> None:
        self._start, self._end = seq, seq + RUN
        rows = fetch(
            self.connection,
            f"SELECT seq, id, {', '.join(_EVENT_COLUMNS)} FROM event"
            " WHERE log_id = {p} AND seq >= {p} AND seq < {p}",
            self.organisation.row,
            self._start,
            self._end,
        )
        self._rows = {row[0]: row[1:] for row in rows}
        self._links = {}
        if rows:
            ids = [row[1] for row in rows]
            first, last = node_of(min(ids), 0, None), node_of(max(ids) + 1, 0, None)
            self._add_links("node >= {p} AND node < {p}", first, last)

    def _add_links(self, condition: str, *values: int) -> None:
        rows = fetch(
            self.connection,
            "SELECT event_row, item.code, role, line, node, time, parent.code, quantity, unit"
            " FROM link JOIN item ON item.id = item_id LEFT JOIN item AS parent ON parent.id = peer"
            f" WHERE {condition}",
            *values,
        )
        for event, *link in rows:
            self._links.setdefault(event, set()).add(tuple(link))

    def leftovers(self) -> list[Finding]:
        """Rows that no entry accounts for, once the log has been read (steps 7 and 12)."""
        [(events,)] = fetch(
            self.connection,
            "SELECT count(*) FROM event WHERE log_id = {p}",
            self.organisation.row,
        )
        found = []
        if events != self.events:
            found.append(
                self._finding(None, "event", f"{events} events stored, {self.events} in the log.")
            )
        rows = fetch(
            self.connection,
            "SELECT code, type, attributes, seq FROM vocabulary WHERE log_id = {p}",
            self.organisation.row,
        )
        stored = {row[0]: (Statement(*row[:3]), row[3]) for row in rows}
        found += [
            self._finding(None, "vocabulary", f"{code} is stored or logged, not both.")
            for code in sorted(stored.keys() ^ self._statements.keys())
        ]
        for code, (statement, seq) in self._statements.items():
            if code in stored and stored[code] != (statement, seq):
                found.append(
                    self._finding(seq, "vocabulary", f"What is stored of {code} is not its entry.")
                )
        return found


def _context(body: dict[str, Any]) -> Context:
    return parse_context(body.get("context"))


def _head(connection: Connection, one: Organisation, report: Report) -> list[Finding]:
    """Step 14: the log's row and the tiles agree with the entries."""
    if report.findings or report.size == 0:
        return []
    [(leaf,)] = fetch(
        connection,
        "SELECT leaf FROM entry WHERE log_id = {p} AND seq = {p}",
        one.row,
        report.size - 1,
    )
    [(head,)] = fetch(connection, "SELECT head FROM log WHERE id = {p}", one.row)
    last = report.size - 1
    if bytes(leaf) != bytes(head):
        text = "The log's head is not its last entry."
        return [Finding(one.origin, last, "log.head", Kind.LINKAGE, text)]
    try:
        root = tiles.root(StoredTiles(connection, one.row), report.size)
    except LedgerError as error:
        return [Finding(one.origin, last, "tile.hashes", Kind.PROJECTION, str(error))]
    if root != report.root:
        text = "The tiles give another root than the entries."
        return [Finding(one.origin, last, "tile.hashes", Kind.PROJECTION, text)]
    return []


def _whole(connection: Connection, reports: list[Report], links: int) -> None:
    """Steps 12 and 13, over all logs; what is found stands in the first report."""
    found = []
    origin = reports[0].log if reports else ""
    [(stored,)] = fetch(connection, "SELECT count(*) FROM link")
    if stored != links:
        text = f"{stored} links are stored, the logs account for {links}."
        found.append(Finding(origin, None, "link", Kind.PROJECTION, text))
    rows = fetch(
        connection,
        "SELECT one.event_id, one.seq FROM event AS one LEFT JOIN event AS other"
        " ON other.id = one.declared_by AND other.log_id = one.log_id"
        " AND other.event_id = one.event_id AND other.declaration = 1"
        " WHERE one.declared_by IS NOT NULL AND other.id IS NULL"
        " UNION ALL SELECT one.event_id, one.seq FROM event AS other JOIN event AS one"
        " ON one.log_id = other.log_id AND one.event_id = other.event_id AND one.declaration = 0"
        " WHERE other.declaration = 1 AND one.declared_by IS NULL",
    )
    for event_id, seq in rows:
        text = f"Event {event_id} is marked as taken back without its declaration, or not marked."
        found.append(Finding(origin, seq, "event.declared_by", Kind.PROJECTION, text))
    if found:
        reports[0] = replace(reports[0], findings=(*reports[0].findings, *found))
