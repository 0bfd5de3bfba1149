"""Step 7 the quick way: the rows that runs of entries should have made, compared with those stored.

For each run the expected rows of `event` and `link` are made from the entries' bytes alone, by the
functions that captured them, and compared as whole lists and sets. Nothing is looked for: where
anything differs `Difference` is raised, and `ledger.verifying.exact` names entry and column.

What only the whole ledger shows is handed on in `Account`: how many links there are, which items
were named, whether the ids of events rise. It is small, and accounts of segments add up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import LedgerError
from ledger.log.canonical import parse_canonical
from ledger.personal import read_declaration
from ledger.projection import node_of, statement_of
from ledger.recovery import read_recovery
from ledger.schemas import (
    ERASURE_SCHEMA,
    EVENT_SCHEMA,
    KEY_SCHEMA,
    PERSONAL_SCHEMA,
    RECOVERY_SCHEMA,
    VOCABULARY_SCHEMA,
)
from ledger.store.sets import fetch, fetch_in
from ledger.verifying.accounting import LAST_ROW, Items
from ledger.verifying.making import Made
from ledger.verifying.values import PersonalValues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ledger.log.segments import Row
    from ledger.verifying.values import Row as ValueRow

__all__ = ["Account", "Difference", "Projections"]

_KNOWN_ITEMS: Final = 100_000
"""Items remembered between runs: about 30 MB."""
_KEYS: Final = {"body", "header"}

_EVENTS: Final = (
    "SELECT seq, received_at, id, declared_by, event_id, declaration, digest, type, action, time,"
    " biz_step, disposition, location, holder FROM event"
    " WHERE log_id = {p} AND seq >= {p} AND seq < {p} ORDER BY seq"
)
_LINKS: Final = (
    "SELECT item_id, role, event_row, line, node, time, peer, quantity, unit FROM link WHERE "
)


class Difference(Exception):  # noqa: N818 - no error: it says that the exact walk has to look
    """What is stored isn't what the entries make."""


@dataclass(slots=True)
class Account:
    """What entries account for, of one segment or of many."""

    links: int = 0
    statements_sound: bool = True
    """The rows of master data and of erased values are what the entries say."""
    first_event: int | None = None
    """Id of the first event; ids rise with seq."""
    last_event: int = 0
    declared: bool = False
    """Some event declares an error, or is marked as declared one."""
    items: Items = field(default_factory=Items)

    def add(self, other: Account) -> None:
        """Add the account of the entries that follow.

        Raises:
            Difference: The ids of the events don't rise.
        """
        if other.first_event is not None:
            if other.first_event <= self.last_event:
                raise Difference
            if self.first_event is None:
                self.first_event = other.first_event
            self.last_event = other.last_event
        self.links += other.links
        self.statements_sound &= other.statements_sound
        self.declared |= other.declared
        self.items.add(other.items)


class Projections:
    """Checks runs of entries of one log, in order of seq."""

    def __init__(self, connection: Connection, log: int, origin: str) -> None:
        self._connection = connection
        self._log = log
        self._items: dict[int, tuple[Any, Any]] = {}
        self._statements = 0
        self._values = PersonalValues(connection, log, origin)
        self.account = Account()

    def check(self, run: Sequence[Row]) -> None:
        """Check what was made of entries whose rows are sound.

        Raises:
            Difference: Something isn't what it should be, or the bytes are no entry of ours.
        """
        try:
            self._check(run)
        except (LedgerError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise Difference from error

    def _check(self, run: Sequence[Row]) -> None:
        start, end = run[0][0], run[-1][0] + 1
        stored = fetch(self._connection, _EVENTS, self._log, start, end)
        ids = [row[2] for row in stored]
        self._check_ids(ids)
        rows = iter(stored)
        values = self._values.rows(start, end)
        made = Made()
        statements: list[tuple[int, dict[str, Any]]] = []
        # Each entry is done with before the next is decoded, while the processor has it at hand.
        for seq, raw, _, _, received_at, schema, _ in run:
            value = parse_canonical(raw)
            if value.keys() != _KEYS:
                raise Difference
            body = value["body"]
            if schema == EVENT_SCHEMA:
                row = next(rows, None)
                if row is None or row[0] != seq or row[1] != received_at:
                    raise Difference
                if made.columns(body, raw, row[2]) != row[4:]:
                    raise Difference
                if row[3] is not None:
                    made.declared = True
            elif schema == VOCABULARY_SCHEMA:
                statements.append((seq, body))
            elif schema == RECOVERY_SCHEMA and seq == 0:
                read_recovery(body)
            elif schema == PERSONAL_SCHEMA:
                read_declaration(body)
            elif schema == ERASURE_SCHEMA:
                self.account.statements_sound &= self._values.has_erased(seq, body)
            elif schema != KEY_SCHEMA:  # `ledger.verifying.beside` follows these
                raise Difference
            if "personal" in body or seq in values:
                self._check_values(seq, body, values.get(seq, []))
        if next(rows, None) is not None:
            raise Difference
        self.account.declared |= made.declared
        if ids:
            self._check_links(ids, made)
        if statements:
            self._check_statements(statements)

    def _check_values(self, seq: int, body: dict[str, Any], rows: list[ValueRow]) -> None:
        if any(self._values.findings(seq, body, rows)):
            raise Difference
        self.account.statements_sound &= self._values.are_erased(seq, rows)

    def _check_ids(self, ids: list[Any]) -> None:
        """Note the ids of the next events, which rise."""
        if not ids:
            return
        account = self.account
        if set(map(type, ids)) != {int} or ids != sorted(set(ids)) or ids[-1] > LAST_ROW:
            raise Difference
        if ids[0] <= account.last_event:
            raise Difference
        if account.first_event is None:
            account.first_event = ids[0]
        account.last_event = ids[-1]

    def _check_links(self, ids: list[int], made: Made) -> None:
        first, last = ids[0], ids[-1]
        sql = _LINKS + "node >= {p} AND node < {p}"
        stored = fetch(self._connection, sql, node_of(first, 0, None), node_of(last + 1, 0, None))
        for node in sorted(made.joined):
            sql = _LINKS + "node = {p} AND event_row >= {p} AND event_row <= {p}"
            stored += fetch(self._connection, sql, node, first, last)
        if len(ids) <= last - first:  # events of other logs stand between
            own = set(ids)
            stored = [link for link in stored if link[2] in own]
        if len(stored) != len(made.links):
            raise Difference
        items = self._known({link[0] for link in stored})
        by_code = {code: (row, level) for row, (code, level) in items.items()}
        rows = {code: row for row, (code, _) in items.items()}
        rows_of = {None: None} | rows
        expected = {
            (rows[code], role, event, line, node, time, rows_of[peer], quantity, unit)
            for code, role, event, line, node, time, peer, quantity, unit in made.links
        }
        if expected != set(stored):
            raise Difference
        self.account.links += len(stored)
        take = self.account.items.take
        for code, level in made.levels:
            if not take(*by_code[code], level):
                raise Difference

    def _known(self, rows: set[int]) -> dict[int, tuple[Any, Any]]:
        """Code and level of items, by id."""
        known = self._items
        missing = rows - known.keys()
        if missing:
            if len(known) > _KNOWN_ITEMS:
                known.clear()
                missing = rows
            sql = "SELECT id, code, level FROM item WHERE id {ids}"
            for row, code, level in fetch_in(self._connection, sql, missing):
                known[row] = code, level
        return {row: known[row] for row in rows}

    def _check_statements(self, statements: list[tuple[int, dict[str, Any]]]) -> None:
        """Each code's row holds its newest statement: this one, or one of a later entry."""
        made = {seq: statement_of(body) for seq, body in statements}
        found = fetch_in(
            self._connection,
            "SELECT code, type, attributes, seq FROM vocabulary WHERE code {ids} AND log_id = {p}",
            {one.code for one in made.values()},
            self._log,
        )
        stored = {row[0]: row[1:] for row in found}
        for seq, one in made.items():
            kind, attributes, newest = stored.get(one.code, (None, None, None))
            if newest == seq and (kind, attributes) == (one.type, one.attributes):
                self._statements += 1
            elif type(newest) is not int or newest <= seq:
                self.account.statements_sound = False

    def finish(self, start: int, end: int) -> None:
        """Look for master data that no entry of the segment has stated."""
        [(stored,)] = fetch(
            self._connection,
            "SELECT count(*) FROM vocabulary WHERE log_id = {p} AND seq >= {p} AND seq < {p}",
            self._log,
            start,
            end,
        )
        if stored != self._statements:
            self.account.statements_sound = False
