"""Step 7 the quick way: the rows that runs of entries should have made, compared with those stored.

For each run the expected rows of `event` and `link` are made from the entries' bytes alone, by the
functions that captured them, and compared by whole columns. Nothing is looked for: where anything
differs `Difference` is raised, and `ledger.verifying.exact` names entry and column.

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
from ledger.verifying.columns import read_events, read_links
from ledger.verifying.making import EVENT_COLUMNS, LINK_COLUMNS, Facts, Made, facts_in
from ledger.verifying.naming import Difference, Known, Named
from ledger.verifying.plain import are_canonical, decode_plain, named_by_content
from ledger.verifying.values import PersonalValues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from ledger.log.segments import Row
    from ledger.verifying.plain import Body
    from ledger.verifying.values import Row as ValueRow

__all__ = ["Account", "Difference", "Projections"]

_KEYS: Final = {"body", "header"}
_BEGIN: Final = len(b'{"body":')
_STORED: Final = ("seq", "received_at", "id", *EVENT_COLUMNS, "declared_by")
_JOINED: Final = (
    f"SELECT {', '.join(LINK_COLUMNS)} FROM link"
    " WHERE node = {p} AND event_row >= {p} AND event_row <= {p}"
)
_ITEM, _EVENT_ROW = LINK_COLUMNS.index("item_id"), LINK_COLUMNS.index("event_row")


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
        self._statements = 0
        self.account = Account()
        self._named = Named(Known(self.account.items))
        self._made = Made(self._named)
        self._values = PersonalValues(connection, log, origin)
        self._sealed: dict[int, list[ValueRow]] = {}
        """Personal values of the run by seq, until their entry was looked at."""

    def check(self, run: Sequence[Row], tails: Sequence[int]) -> None:
        """Check what was made of entries whose rows are sound.

        Args:
            run: The rows.
            tails: How many of the last bytes of each row's entry are the header that its columns
                make; 0 where the header says more than they do.

        Raises:
            Difference: Something isn't what it should be, or the bytes are no entry of ours.
        """
        try:
            self._check(run, tails)
        except (LedgerError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise Difference from error

    def _check(self, run: Sequence[Row], tails: Sequence[int]) -> None:
        statements: list[tuple[int, dict[str, Any]]] = []
        events = [row for row in run if row[5] == EVENT_SCHEMA]
        bodies = [
            row[1][_BEGIN:-tail] if tail else b""
            for row, tail in zip(run, tails, strict=True)
            if row[5] == EVENT_SCHEMA
        ]
        start, end = run[0][0], run[-1][0] + 1
        self._sealed = self._values.rows(start, end)
        for row in run if len(events) < len(run) else ():
            if row[5] != EVENT_SCHEMA:
                self._check_other(row, statements)
        self._check_events(start, end, events, bodies)
        if self._sealed:
            raise Difference  # values of entries that commit to none
        if statements:
            self._check_statements(statements)

    def _check_events(
        self, start: int, end: int, events: Sequence[Row], bodies: Sequence[bytes]
    ) -> None:
        stored = read_events(self._connection, _STORED, self._log, start, end)
        ids = stored.values("id")
        if not (
            len(ids) == len(events)
            and stored.agree("seq", [row[0] for row in events])
            and stored.agree("received_at", [row[4] for row in events])
        ):
            raise Difference
        if not ids:
            return
        self._check_ids(ids)
        decoded = _decode(events, bodies)
        others = {at: self._facts_in(events[at]) for at, body in enumerate(decoded) if body is None}
        joined = {one.node for one in others.values() if one.node is not None}
        made = self._made
        made.clear()
        compare_links = self._read_links(ids, joined)
        digests, names = named_by_content(bodies)
        for at, (body, row) in enumerate(zip(decoded, ids, strict=True)):
            if body is None:
                made.add(others[at], row)
            elif not made.add_plain(body.event, row, names[at], digests[at]):
                made.add(self._facts_in(events[at]), row)
        for name, column in zip(EVENT_COLUMNS, zip(*made.rows, strict=True), strict=True):
            if not stored.agree(name, column):
                raise Difference
        if made.declared or not stored.agree("declared_by", [None] * len(ids)):
            self.account.declared = True
        compare_links()

    def _facts_in(self, row: Row) -> Facts:
        """Project an event the long way, on which its personal values are checked."""
        body = _body_of(row[1])
        self._check_values(row[0], body)
        return facts_in(body)

    def _check_other(self, row: Row, statements: list[tuple[int, dict[str, Any]]]) -> None:
        """Check an entry that is no event; one of master data is added to the `statements`."""
        seq, schema, body = row[0], row[5], _body_of(row[1])
        if schema == VOCABULARY_SCHEMA:
            self._check_values(seq, body)
            statements.append((seq, body))
        elif schema == RECOVERY_SCHEMA and seq == 0:
            read_recovery(body)
        elif schema == PERSONAL_SCHEMA:
            read_declaration(body)
        elif schema == ERASURE_SCHEMA:
            self.account.statements_sound &= self._values.has_erased(seq, body)
        elif schema != KEY_SCHEMA:  # `ledger.verifying.beside` follows these
            raise Difference

    def _check_values(self, seq: int, body: dict[str, Any]) -> None:
        rows = self._sealed.pop(seq, [])
        if rows or "personal" in body:
            if any(self._values.findings(seq, body, rows)):
                raise Difference
            self.account.statements_sound &= self._values.are_erased(seq, rows)

    def _check_ids(self, ids: list[Any]) -> None:
        """Note the ids of the next events, which rise."""
        account = self.account
        if set(map(type, ids)) != {int} or ids != sorted(set(ids)) or ids[-1] > LAST_ROW:
            raise Difference
        if ids[0] <= account.last_event:
            raise Difference
        if account.first_event is None:
            account.first_event = ids[0]
        account.last_event = ids[-1]

    def _read_links(self, ids: list[int], joined: Iterable[int]) -> Callable[[], None]:
        """Read the links of events and the items that they name, and return what compares them."""
        connection, made = self._connection, self._made
        first, last = ids[0], ids[-1]
        # Events of other logs may stand between.
        own = set(ids) if len(ids) <= last - first else None
        begin, end = node_of(first, 0, None), node_of(last + 1, 0, None)
        stored = read_links(connection, LINK_COLUMNS, begin, end, own)
        shared = [
            link
            for node in sorted(joined)
            for link in fetch(connection, _JOINED, node, first, last)
            if own is None or link[_EVENT_ROW] in own
        ]
        items = stored.values("item_id")
        self._named.load(connection, {*items, *(link[_ITEM] for link in shared)})

        def compare() -> None:
            links = made.links
            links.sort()
            if len(links) != len(items) or len(made.joined) != len(shared):
                raise Difference
            for name, column in zip(LINK_COLUMNS, zip(*links, strict=True), strict=bool(links)):
                if not stored.agree(name, column):
                    raise Difference
            if set(made.joined) != set(shared):
                raise Difference
            self.account.links += len(items) + len(shared)

        return compare

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


def _body_of(raw: bytes) -> dict[str, Any]:
    """The body of an entry, which is canonical and has nothing else beside its header."""
    value = parse_canonical(raw)
    if value.keys() != _KEYS:
        raise Difference
    body: dict[str, Any] = value["body"]
    return body


def _decode(events: Sequence[Row], bodies: Sequence[bytes]) -> list[Body | None]:
    """Decode the events that are plain, all of which are canonical.

    Before a body stands its key and behind it a canonical header, so an entry is canonical when its
    body is.
    """
    decoded = decode_plain(bodies)
    plain = [(raw, body) for raw, body in zip(bodies, decoded, strict=True) if body is not None]
    if plain and not are_canonical(*zip(*plain, strict=True)):
        for row, body in zip(events, decoded, strict=True):
            if body is not None:
                _body_of(row[1])
    return decoded
