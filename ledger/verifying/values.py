"""Step 7 for personal values: what entries commit to is there and fits, or an entry has erased it.

Of each value that an entry commits to there is one row. Either it has salt and value, and they make
the commitment; or it has neither, and names an entry of its log, or of one that goes on for it,
that erases this very value. An entry that erases values has erased exactly those that it names.

So a value that vanishes without its entry is found, and so is one that comes back: from an older
copy, or because the deletion was only stated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ledger.errors import EntryError
from ledger.log.commitment import verify_commitment
from ledger.log.entry import decode_entry
from ledger.log.report import Finding, Kind
from ledger.personal import Erased, read_erasure, sealed_members
from ledger.recovery import lineage
from ledger.schemas import ERASURE_SCHEMA
from ledger.statements import statements
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

__all__ = ["PersonalValues", "Row", "erasure_findings"]

Row = tuple[Any, ...]
"""pointer, commitment, salt, value, erased_log, erased_seq."""

_KNOWN: Final = 20_000
"""Erased values that are remembered, at least those of one entry: about 10 MB."""


@dataclass(slots=True)
class PersonalValues:
    """Checks the personal values of one log's entries."""

    connection: Connection
    log: int
    """Surrogate id."""
    origin: str
    _erasures: dict[tuple[Any, Any], frozenset[Erased]] = field(default_factory=dict)
    """What entries erase, by log and seq."""
    _lines: dict[int, list[int]] | None = None

    def rows(self, start: int, end: int) -> dict[int, list[Row]]:
        """The stored rows of entries from `start` to before `end`, by seq.

        A seq that is no integer, which SQLite would store, is that of the entry before it.
        """
        found: dict[int, list[Row]] = {}
        for seq, *row in fetch(
            self.connection,
            "SELECT seq, pointer, commitment, salt, value, erased_log, erased_seq"
            " FROM personal_value WHERE log_id = {p} AND seq >= {p} AND seq < {p}",
            self.log,
            start,
            end,
        ):
            found.setdefault(int(seq), []).append(tuple(row))
        return found

    def findings(self, seq: int, body: dict[str, Any], rows: list[Row]) -> Iterator[Finding]:
        """Compare the values of an event or a statement of master data, by themselves.

        Raises:
            EntryError: What the entry calls personal isn't.
        """
        wanted = sealed_members(body)
        stored = {row[0]: row for row in rows}
        if len(stored) < len(rows):
            text = "A value stands there twice."
            yield _finding(self.origin, seq, "personal_value", Kind.PROJECTION, text)
        for pointer in sorted(wanted.keys() - stored.keys()):
            text = f"The value at {pointer} is gone, and no entry has erased it."
            yield _finding(self.origin, seq, "personal_value", Kind.ERASURE, text)
        for pointer in sorted(stored.keys() - wanted.keys(), key=repr):
            text = f"The entry commits to no value at {pointer!r}."
            yield _finding(self.origin, seq, "personal_value.pointer", Kind.PROJECTION, text)
        for pointer in sorted(wanted.keys() & stored.keys()):
            if fault := _fault(wanted[pointer], stored[pointer]):
                column, kind, text = fault
                yield _finding(self.origin, seq, f"personal_value.{column}", kind, text)

    def are_erased(self, seq: int, rows: list[Row]) -> bool:
        """Tell whether each value that is said to be erased is, by the entry that it names."""
        return all(
            self._erases(erased, Erased(self.origin, seq, pointer, _hex(commitment)))
            for pointer, commitment, _, _, *erased in rows
            if erased != [None, None]
        )

    def _erases(self, entry: list[Any], one: Erased) -> bool:
        """Tell whether an entry, by log and seq, erases a value."""
        log, seq = entry
        if log != self.log:
            if self._lines is None:
                self._lines = lineage(self.connection)
            if self.log not in self._lines.get(log, ()):
                return False
        if (log, seq) not in self._erasures:
            erases = self._read(log, seq)
            if sum(map(len, self._erasures.values())) + len(erases) > _KNOWN:
                self._erasures.clear()
            self._erasures[log, seq] = erases
        return one in self._erasures[log, seq]

    def _read(self, log: Any, seq: Any) -> frozenset[Erased]:
        for origin, raw in fetch(
            self.connection,
            "SELECT origin, bytes FROM entry JOIN log ON log.id = log_id"
            " WHERE log_id = {p} AND seq = {p}",
            log,
            seq,
        ):
            try:
                entry = decode_entry(raw)
                if entry.header.schema == ERASURE_SCHEMA and entry.header.log == origin:
                    return frozenset(read_erasure(entry.body).values)
            except (EntryError, TypeError):
                pass  # the walk over its own log says what is wrong with it
        return frozenset()

    def has_erased(self, seq: int, body: dict[str, Any]) -> bool:
        """Tell whether an entry has erased what it says, and nothing else.

        Raises:
            EntryError: The entry is no erasure.
        """
        rows = fetch(
            self.connection,
            "SELECT origin, seq, pointer, commitment, salt, value FROM personal_value"
            " JOIN log ON log.id = log_id WHERE erased_log = {p} AND erased_seq = {p}",
            self.log,
            seq,
        )
        gone = {
            (origin, at, pointer, _hex(commitment))
            for origin, at, pointer, commitment, salt, value in rows
            if (salt, value) == (None, None)
        }
        return gone == {msgspec.structs.astuple(one) for one in read_erasure(body).values}


def erasure_findings(connection: Connection, log: int, origin: str) -> Iterator[Finding]:
    """Name what `are_erased` and `has_erased` found, once the log was found to be sound."""
    check = PersonalValues(connection, log, origin)
    rows = fetch(
        connection,
        "SELECT seq, pointer, commitment, salt, value, erased_log, erased_seq FROM personal_value"
        " WHERE log_id = {p} AND (erased_log IS NOT NULL OR erased_seq IS NOT NULL) ORDER BY seq",
        log,
    )
    for seq, *row in rows:
        if not check.are_erased(seq, [tuple(row)]):
            text = f"The entry that is said to erase the value at {row[0]} doesn't."
            yield _finding(origin, seq, "personal_value.erased_seq", Kind.ERASURE, text)
    for seq, raw in statements(connection, log, ERASURE_SCHEMA):
        if not check.has_erased(seq, decode_entry(raw).body):
            text = "Not just the values that the entry names were erased by it."
            yield _finding(origin, seq, "personal_value.erased_seq", Kind.ERASURE, text)


def _hex(commitment: object) -> str:
    """A commitment as an erasure names it; SQLite would also store another type there."""
    return commitment.hex() if isinstance(commitment, bytes) else ""


def _finding(origin: str, seq: int, column: str, kind: Kind, message: str) -> Finding:
    return Finding(origin, seq, column, kind, message)


def _fault(commitment: bytes, row: Row) -> tuple[str, Kind, str] | None:
    """What is wrong with a row alone: column, kind, and the sentence."""
    pointer, stored, salt, value, *erased = row
    if stored != commitment:
        text = f"The entry has another commitment at {pointer}."
        return "commitment", Kind.PROJECTION, text
    if erased != [None, None]:
        if (salt, value) != (None, None):
            return "value", Kind.ERASURE, f"The value at {pointer} is erased, and still there."
    elif salt is None or value is None:
        return "value", Kind.ERASURE, f"The value at {pointer} is gone, and no entry has erased it."
    elif not _fits(commitment, salt, value):
        text = f"Salt and value at {pointer} aren't those that the entry commits to."
        return "value", Kind.CONTENT, text
    return None


def _fits(commitment: bytes, salt: object, value: object) -> bool:
    if type(salt) is not bytes or type(value) is not bytes:
        return False
    try:
        verify_commitment(commitment, salt, value)
    except EntryError:
        return False
    return True
