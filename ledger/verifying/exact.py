"""The exact walk over a log in a database: what the quick one found to differ is named here.

`ledger.log.verify` has the steps; this module gives it the rows as they are stored, right or wrong,
and step 7: the rows of each entry's event and links, compared one by one.

Nothing here writes. Rows are read in runs of `RUN`, so memory doesn't grow with the log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ledger.epcis.checking import read_event
from ledger.epcis.context import Context, parse_context
from ledger.errors import LedgerError
from ledger.log.report import Finding, Kind, StoredCheckpoint, StoredEntry
from ledger.personal import read_declaration, read_erasure, sealed_members
from ledger.projection import content_digest, event_name, facts_of, node_of, statement_of
from ledger.recovery import read_recovery
from ledger.schemas import (
    ERASURE_SCHEMA,
    EVENT_SCHEMA,
    KEY_SCHEMA,
    PERSONAL_SCHEMA,
    RECOVERY_SCHEMA,
    VOCABULARY_SCHEMA,
)
from ledger.store.sets import fetch
from ledger.verifying.accounting import LAST_ROW, Items
from ledger.verifying.values import PersonalValues

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.log.entry import Entry
    from ledger.organisations import Organisation
    from ledger.verifying.values import Row

__all__ = ["ExactProjections", "StoredLog"]

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


@dataclass(frozen=True, slots=True)
class StoredLog:
    """The log as the database has it; columns are handed on as they are, right or wrong."""

    connection: Connection
    organisation: Organisation
    kept: Sequence[StoredCheckpoint]
    """Checkpoints that are kept elsewhere: the log must contain them."""

    def size(self, log: str) -> int:  # noqa: ARG002 - the reader is of one log
        """Return what the log's row says."""
        size: object = self.organisation.size
        return size if type(size) is int else 0  # which `head_findings` reports

    def entries(self, log: str, start: int) -> Iterator[StoredEntry]:  # noqa: ARG002
        """Yield the rows in order of seq, whatever is in them."""
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
        """Yield the stored checkpoints, then those that are kept elsewhere."""
        rows = fetch(
            self.connection,
            "SELECT size, root, note FROM checkpoint WHERE log_id = {p} ORDER BY size",
            self.organisation.row,
        )
        yield from (StoredCheckpoint(*row) for row in rows)
        yield from self.kept


@dataclass(slots=True)
class ExactProjections:
    """Compares what is stored of each entry with what its bytes say; called in order of seq."""

    connection: Connection
    organisation: Organisation
    items: Items
    links: int = 0
    """Links that the entries account for."""
    events: int = 0
    last: int = 0
    """The id of the event before, for ids rise in order of arrival."""
    _start: int = 0
    _end: int = 0
    _rows: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    """seq to (id, event columns)."""
    _links: dict[int, set[tuple[Any, ...]]] = field(default_factory=dict)
    """Event id to its links."""
    _joined: set[int] = field(default_factory=set)
    """Nodes of transformationIDs whose links were read."""
    _values_start: int = -RUN
    _value_rows: dict[int, list[Row]] = field(default_factory=dict)
    """seq to its personal values."""
    _levels: dict[str, tuple[int, object]] = field(default_factory=dict)
    """Code to the item's id and its stored level."""
    _values: PersonalValues = field(init=False)

    def __post_init__(self) -> None:
        one = self.organisation
        self._values = PersonalValues(self.connection, one.row, one.origin)

    def __call__(self, stored: StoredEntry, entry: Entry) -> list[Finding]:
        """Compare one entry; called in order of seq."""
        try:
            return self._entry(stored.seq, entry) or list(self._personal(stored.seq, entry))
        except (LedgerError, KeyError, TypeError, ValueError, AttributeError) as error:
            # The bytes are chained and signed, yet they are no event as we write them.
            return [self._finding(stored.seq, "bytes", f"The entry can't be projected: {error!r}.")]

    def _entry(self, seq: int, entry: Entry) -> list[Finding]:
        if entry.header.schema == EVENT_SCHEMA:
            return self._event(seq, entry)
        if entry.header.schema == VOCABULARY_SCHEMA:
            statement_of(entry.body)  # what is stored of it is compared at the end
            return []
        if entry.header.schema == RECOVERY_SCHEMA and seq == 0:
            read_recovery(entry.body)
            return []
        if entry.header.schema == KEY_SCHEMA:
            return []  # `ledger.verifying.beside` follows these
        if entry.header.schema == PERSONAL_SCHEMA:
            read_declaration(entry.body)
            return []
        if entry.header.schema == ERASURE_SCHEMA:
            read_erasure(entry.body)  # what it has erased is compared at the end
            return []
        return [self._finding(seq, "schema", "The entry's schema is not known here.")]

    def _personal(self, seq: int, entry: Entry) -> Iterator[Finding]:
        if not self._values_start <= seq < self._values_start + RUN:
            self._values_start = seq
            self._value_rows = self._values.rows(seq, seq + RUN)
        rows = self._value_rows.get(seq, [])
        if rows or "personal" in entry.body:
            yield from self._values.findings(seq, entry.body, rows)

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
        if not self.last < row <= LAST_ROW:
            text = f"The event's id {row} is not above the {self.last} of the event before it."
            return [self._finding(seq, "event.id", text)]
        self.last = row
        event = entry.body["event"]
        checked = read_event(event, _context(entry.body))
        facts = facts_of(checked)
        digest = content_digest(event)
        expected = (
            event_name(event, sealed_members(entry.body)),
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
        ids = [row[1] for row in rows if 0 < row[1] <= LAST_ROW]
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


def _context(body: dict[str, Any]) -> Context:
    return parse_context(body.get("context"))
