"""Verification of a whole ledger: each log against its bytes, and every projection against the log.

`ledger.log.verify` checks a log alone; this module adds what only the database knows, and still
trusts nothing but the entries' bytes and the pinned keys:

 7. each event's row and links are what its entry says; master data rows likewise;
11. the newest checkpoint covers the newest entry, as capture always leaves it;
12. to 15. `ledger.accounting`.

Nothing here writes. Rows are read in runs of `RUN`, so memory doesn't grow with the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ledger.accounting import (
    Items,
    any_text,
    head_findings,
    loss_findings,
    stray_findings,
    tile_findings,
)
from ledger.epcis.checking import read_event
from ledger.epcis.context import Context, parse_context
from ledger.errors import LedgerError, NoteError
from ledger.log.report import Finding, Kind, Report, StoredCheckpoint, StoredEntry
from ledger.log.verify import MAX_FINDINGS, verify_log
from ledger.loggedkeys import KeyCheck, trusted_keys
from ledger.organisations import Organisation, find_organisation, organisations
from ledger.projection import (
    Statement,
    content_digest,
    content_name,
    facts_of,
    node_of,
    statement_of,
)
from ledger.recovery import believed_loss, read_recovery
from ledger.schemas import EVENT_SCHEMA, KEY_SCHEMA, RECOVERY_SCHEMA, VOCABULARY_SCHEMA
from ledger.store.engine import reading
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from ledger.keys import KeyFolder
    from ledger.log.checkpoint import Checkpoint
    from ledger.log.entry import Entry

__all__ = ["verify_ledger"]

RUN: Final = 2_000
"""Entries whose projections are read at once."""
_LAST_ROW: Final = (1 << 42) - 1
"""The largest id of an event whose nodes fit into 63 bits."""

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
        keys: Where the pinned verifier keys are; a log without one there is checked with the keys
            that the database names, which proves less: an intruder may have changed both.
        organisation: The slug of one organisation, to verify its log only. Steps 12 and 13 look at
            all logs together and are left out then.
        progress: Called with origin, entries done, entries to do.

    Raises:
        NotFoundError: There is no such organisation.
        StoreError: The store can't be read, or a pinned key can't be used.
    """
    with reading(engine) as connection, any_text(connection):
        chosen = (
            organisations(connection)
            if organisation is None
            else [find_organisation(connection, organisation)]
        )
        items = Items()
        reports: list[Report] = []
        links = 0
        for one in chosen:
            check = _Projections(connection, one, items)
            reports.append(_verify(check, keys, progress))
            links += check.links
        if organisation is None and not any(report.findings for report in reports):
            origin = reports[0].log if reports else ""
            more = [
                *stray_findings(connection, origin, links),
                *islice(items.findings(connection, origin), MAX_FINDINGS),
            ]
            if more:
                first = reports[0] if reports else Report("", 0, None, None, (), None)
                reports[:1] = [replace(first, findings=tuple(more))]
        return reports


def _verify(
    check: _Projections, keys: KeyFolder, progress: Callable[[str, int, int], None] | None
) -> Report:
    """Verify one log; what stands beside its entries is looked at when these are sound."""
    one, connection = check.organisation, check.connection
    damaged = [*_row_findings(one)]
    try:
        ring = None if damaged else trusted_keys(connection, one, keys.ring(one.origin))
    except NoteError as error:
        text = f"The log's row holds no verifier key: {error}"
        damaged.append(Finding(one.origin, None, "log.verifier_key", Kind.CHECKPOINT, text))
        ring = None
    if ring is None:
        return Report(str(one.origin), 0, None, None, tuple(damaged), None)
    check.keys = KeyCheck(one, ring)
    kept = keys.pin(one.origin).newest(ring)
    loss = believed_loss(connection, keys, one.origin)
    if loss is not None and kept is not None and loss.excuses(kept[1]):
        kept = None  # the log ended before it, as somebody has stated
    report = verify_log(
        _StoredLog(connection, one, kept),
        one.origin,
        ring,
        check_projection=check,
        progress=None if progress is None else _named(progress, one.origin),
        require_checkpoint=True,
    )
    if report.findings:
        return report
    more = [
        *check.keys.findings(connection),
        *check.leftovers(),
        *head_findings(connection, one, report.size),
        *islice(tile_findings(connection, one, report.size), MAX_FINDINGS),
    ]
    if loss is not None:
        more += loss_findings(loss, report)
        report = replace(report, missing=loss.recovery.missing, successor=loss.successor)
    return replace(report, findings=tuple(more))


def _row_findings(one: Organisation) -> Iterator[Finding]:
    """Find out whether the log's row names a log at all."""
    for column, value in (("organisation", one.slug), ("origin", one.origin)):
        if type(value) is not str:
            text = f"Expected text in the log's row, got {value!r}."
            yield Finding(str(one.origin), None, f"log.{column}", Kind.PROJECTION, text)
            return


def _named(progress: Callable[[str, int, int], None], origin: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(origin, done, total)


@dataclass(frozen=True, slots=True)
class _StoredLog:
    """The log as the database has it; columns are handed on as they are, right or wrong."""

    connection: Connection
    organisation: Organisation
    kept: tuple[str, Checkpoint] | None
    """The newest checkpoint as it is kept beside the key: the log must contain it."""

    def size(self, log: str) -> int:  # noqa: ARG002 - the reader is of one log
        size: object = self.organisation.size
        return size if type(size) is int else 0  # which `head_findings` reports

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
        yield from (StoredCheckpoint(*row) for row in rows)
        if self.kept is not None:
            note, known = self.kept
            yield StoredCheckpoint(known.size, known.root, note)


@dataclass(slots=True)
class _Projections:
    """Compares what is stored of each entry with what its bytes say; called in order of seq."""

    connection: Connection
    organisation: Organisation
    items: Items
    keys: KeyCheck | None = None
    links: int = 0
    """Links that the entries account for."""
    events: int = 0
    _last: int = 0
    """The id of the event before, for ids rise in order of arrival."""
    _start: int = 0
    _end: int = 0
    _rows: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    """seq to (id, event columns)."""
    _links: dict[int, set[tuple[Any, ...]]] = field(default_factory=dict)
    """Event id to its links."""
    _joined: set[int] = field(default_factory=set)
    """Nodes of transformationIDs whose links were read."""
    _levels: dict[str, tuple[int, object]] = field(default_factory=dict)
    """Code to the item's id and its stored level."""
    _statements: dict[str, tuple[Statement, int]] = field(default_factory=dict)
    """Master data: code to its newest statement and the seq of it."""

    def __call__(self, stored: StoredEntry, entry: Entry) -> list[Finding]:
        try:
            if entry.header.schema == EVENT_SCHEMA:
                return self._event(stored.seq, entry)
            if entry.header.schema == KEY_SCHEMA and self.keys is not None:
                return self.keys.take(stored.seq, entry)
            if entry.header.schema == VOCABULARY_SCHEMA:
                statement = statement_of(entry.body)
                self._statements[statement.code] = statement, stored.seq
                return []
            if entry.header.schema == RECOVERY_SCHEMA and stored.seq == 0:
                read_recovery(entry.body)
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
        if not self._last < row <= _LAST_ROW:
            text = f"The event's id {row} is not above the {self._last} of the event before it."
            return [self._finding(seq, "event.id", text)]
        self._last = row
        event = entry.body["event"]
        checked = read_event(event, _context(entry.body))
        facts = facts_of(checked)
        digest = content_digest(event)
        expected = (
            checked.event_id or content_name(content_digest(event, without="errorDeclaration")),
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
            self._add_joined(node_of(row, 0, facts.transformation))
        have_links = self._links.get(row, set())
        if wanted == have_links:
            levels = ((link.code, link.level, *self._levels[link.code]) for link in facts.links)
            return [
                self._finding(seq, "item.level", f"{code} is of the level {level}, not {stored!r}.")
                for code, level, item, stored in levels
                if not self.items.take(item, stored, level)
            ]
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
        self._joined = set()
        self._levels = {}
        ids = [row[1] for row in rows if 0 < row[1] <= _LAST_ROW]
        if ids:
            first, last = node_of(min(ids), 0, None), node_of(max(ids) + 1, 0, None)
            self._add_links("node >= {p} AND node < {p}", first, last)

    def _add_joined(self, node: int) -> None:
        """Read the links at a node that many events may share, once for the entries of a run."""
        if node not in self._joined:
            self._joined.add(node)
            ids = [row[0] for row in self._rows.values()]
            condition = "node = {p} AND event_row >= {p} AND event_row <= {p}"
            self._add_links(condition, node, min(ids), max(ids))

    def _add_links(self, condition: str, *values: int) -> None:
        rows = fetch(
            self.connection,
            "SELECT event_row, item.id, item.level,"
            " item.code, role, line, node, time,"
            " coalesce(parent.code, CASE WHEN peer IS NOT NULL THEN 'no item' END), quantity, unit"
            " FROM link JOIN item ON item.id = item_id LEFT JOIN item AS parent ON parent.id = peer"
            f" WHERE {condition}",
            *values,
        )
        for event, item, level, *link in rows:
            self._links.setdefault(event, set()).add(tuple(link))
            self._levels[link[0]] = item, level

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
            for code in sorted(stored.keys() ^ self._statements.keys(), key=repr)
        ]
        for code, (statement, seq) in self._statements.items():
            if code in stored and stored[code] != (statement, seq):
                found.append(
                    self._finding(seq, "vocabulary", f"What is stored of {code} is not its entry.")
                )
        return found


def _context(body: dict[str, Any]) -> Context:
    return parse_context(body.get("context"))
