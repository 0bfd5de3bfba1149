"""Declaring fields to be personal, finding what they hold, and erasing it.

An erasure is one transaction under the log's lock:

1. entries that name the values are appended; salts and values are deleted, and name their entries;
2. the commit: the values are gone and the log says so, or nothing of it has happened;
3. the checkpoint is kept beside the key. A crash before leaves the pin older, as a capture does;
4. the free space is cleaned. A crash before leaves what was deleted in pages of the database that
   nobody reads any more; `scrub` does it again.

What this can't reach: backups that were made before, what was sent to others, and what a file
system or a disk keeps of pages that were overwritten (docs/personal.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ledger.errors import UsageError
from ledger.inbox import forget_answers
from ledger.jobs import settle
from ledger.log.canonical import canonical_bytes
from ledger.log.proof import format_proof
from ledger.personal import (
    MAX_FIELDS,
    Erased,
    Erasure,
    declared_fields,
    field_names,
    require_field,
    subject_of,
)
from ledger.projection import canonical_code
from ledger.proofs import prove_entry
from ledger.recovery import lineage
from ledger.schemas import ERASURE_SCHEMA, PERSONAL_SCHEMA, VOCABULARY_SCHEMA
from ledger.sequencing import held, keep_checkpoint
from ledger.statements import statements
from ledger.store.engine import driver_errors, reading
from ledger.store.sets import fetch, is_sqlite
from ledger.stored import stored_entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection, Engine

    from ledger.organisations import Organisation
    from ledger.sequencing import LogAccess

__all__ = [
    "Choice",
    "PersonalValue",
    "certificates",
    "declare",
    "erase",
    "personal_values",
    "scrub",
]

_AT_ONCE: Final = 10_000
"""Values that one entry erases: less than 3 MB."""
_RUN: Final = 1_000
"""Rows that are read at once."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which personal values are meant: those that all of this holds for."""

    code: str | None = None
    """Canonical: values in events that name this item, or in master data about this code."""
    event: str | None = None
    """The eventID of the event they are in."""
    field: str | None = None
    """Full name of their field."""
    value: str | None = None
    """A text that the value is, or that stands in it as the whole value of some member."""
    before: int | None = None
    """Received before this time; microseconds since 1970 UTC."""

    @property
    def is_all(self) -> bool:
        """Whether nothing was chosen: every value is meant."""
        return self == Choice()


@dataclass(frozen=True, slots=True)
class PersonalValue:
    """A value that can still be read."""

    log: int
    """Surrogate id."""
    origin: str
    seq: int
    pointer: str
    field: str
    """Full name."""
    commitment: bytes
    value: bytes
    """Canonical JSON."""
    received_at: int
    """Microseconds since 1970 UTC."""


def declare(
    access: LogAccess, add: Collection[str], remove: Collection[str], *, submitter: str
) -> frozenset[str]:
    """Declare fields of a log to be personal, or no longer; return all that are.

    It holds for what is captured from now on; what is sealed stays sealed.

    Raises:
        UsageError: No personal field can have this name, or there are too many.
        StoreError: The store can't be written, or is an old copy.
    """
    for field in add:
        require_field(field)
    with held(access) as log:
        known = declared_fields(log.connection, log.log)
        fields = (known | set(add)) - set(remove)
        if len(fields) > MAX_FIELDS:
            raise UsageError(f"Expected at most {MAX_FIELDS} personal fields, got {len(fields)}.")
        if fields == known:
            return known
        log.add(
            canonical_bytes({"fields": sorted(fields)}),
            schema=PERSONAL_SCHEMA,
            submitter=submitter,
            received_at=access.now(),
        )
        note = log.seal(access.signer)
    keep_checkpoint(access.pin, note, note)
    return fields


def personal_values(
    connection: Connection, organisation: Organisation, choice: Choice
) -> Iterator[PersonalValue]:
    """The values of an organisation that can still be read, in order of their entries.

    Those of logs that a recovery has closed, for which this one goes on, are among them.
    """
    for log in (*reversed(lineage(connection).get(organisation.row, [])), organisation.row):
        places = _places(connection, log, choice)
        if places is None:
            found: Iterable[PersonalValue] = _all(connection, log)
        else:
            found = (one for seq in sorted(places) for one in _read(connection, log, seq, seq + 1))
        yield from (one for one in found if _is_meant(one, choice))


def _places(connection: Connection, log: int, choice: Choice) -> set[int] | None:
    """The entries that a choice is about; None for all."""
    found: set[int] | None = None
    if choice.event is not None:
        rows = fetch(
            connection,
            "SELECT seq FROM event WHERE log_id = {p} AND event_id = {p}",
            log,
            choice.event,
        )
        found = {row[0] for row in rows}
    if choice.code is not None:
        rows = fetch(
            connection,
            "SELECT event.seq FROM item JOIN link ON item_id = item.id"
            " JOIN event ON event.id = event_row WHERE code = {p} AND log_id = {p}",
            choice.code,
            log,
        )
        named = {row[0] for row in rows} | {
            seq
            for seq, raw in statements(connection, log, VOCABULARY_SCHEMA)
            if canonical_code(subject_of(stored_entry(raw).body)[1]["id"]).uri == choice.code
        }
        found = named if found is None else found & named
    return found


def _all(connection: Connection, log: int) -> Iterator[PersonalValue]:
    seq = 0
    while True:
        rows = fetch(
            connection,
            "SELECT DISTINCT seq FROM personal_value WHERE log_id = {p} AND seq >= {p}"
            f" ORDER BY seq LIMIT {_RUN}",
            log,
            seq,
        )
        if not rows:
            return
        yield from _read(connection, log, seq, rows[-1][0] + 1)
        seq = rows[-1][0] + 1


def _read(connection: Connection, log: int, start: int, end: int) -> Iterator[PersonalValue]:
    rows = fetch(
        connection,
        "SELECT seq, pointer, commitment, value FROM personal_value"
        " WHERE log_id = {p} AND seq >= {p} AND seq < {p} AND value IS NOT NULL"
        " ORDER BY seq, pointer",
        log,
        start,
        end,
    )
    for seq, values in groupby(rows, itemgetter(0)):
        # One entry at a time: it may be of megabytes, and have many thousand values.
        for origin, raw in fetch(
            connection,
            "SELECT origin, bytes FROM entry JOIN log ON log.id = log_id"
            " WHERE log_id = {p} AND seq = {p}",
            log,
            seq,
        ):
            entry = stored_entry(raw)
            name, received_at = field_names(entry.body), entry.header.received_at
            for _, at, commitment, value in values:
                yield PersonalValue(
                    log, origin, seq, at, name(at), bytes(commitment), bytes(value), received_at
                )


def _is_meant(one: PersonalValue, choice: Choice) -> bool:
    if choice.field is not None and one.field != choice.field:
        return False
    if choice.before is not None and one.received_at >= choice.before:
        return False
    return choice.value is None or choice.value in _texts(msgspec.json.decode(one.value))


def _texts(value: Any) -> set[str]:
    """The texts that a value has in it; a number counts as its text, nothing as `null`."""
    found, waiting = set(), [value]
    for one in waiting:
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        else:
            found.add(one if isinstance(one, str) else msgspec.json.encode(one).decode())
    return found


def erase(
    access: LogAccess, choice: Choice, *, submitter: str, reason: str
) -> tuple[list[PersonalValue], list[int]]:
    """Erase personal values for good, and say so in the log.

    Documents that wait in the inbox are stored first, so that none brings a value back; and its
    answers are forgotten, as they may repeat values that were refused.

    Returns:
        What was erased, and the places of the entries that say so; empty where nothing was meant.

    Raises:
        UsageError: Nothing was chosen, or no reason is given.
        StoreError: The store can't be written, or is an old copy. Nothing is erased.
    """
    if choice.is_all:
        raise UsageError("Say which values are meant: by code, event, field, value or age.")
    if not reason.strip():
        raise UsageError("Give a reason for the log; it stays, so it must not name the person.")
    while settle(access):
        pass
    with held(access) as log:
        found = list(personal_values(log.connection, access.organisation, choice))
        entries = []
        for start in range(0, len(found), _AT_ONCE):
            some = found[start : start + _AT_ONCE]
            values = sorted(
                Erased(one.origin, one.seq, one.pointer, one.commitment.hex()) for one in some
            )
            seq = log.add(
                canonical_bytes(msgspec.to_builtins(Erasure(tuple(values), reason))),
                schema=ERASURE_SCHEMA,
                submitter=submitter,
                received_at=access.now(),
            )
            _delete(log.connection, log.log, seq, some)
            entries.append(seq)
        if not entries:
            return [], []
        # Answers hold what was wrong with a document, and the hash of the whole.
        forget_answers(log.connection, {log.log, *(one.log for one in found)})
        note = log.seal(access.signer)
    keep_checkpoint(access.pin, note, note)
    return found, entries


def _delete(connection: Connection, log: int, seq: int, values: list[PersonalValue]) -> None:
    mark = "?" if is_sqlite(connection) else "%s"
    connection.exec_driver_sql(
        f"UPDATE personal_value SET salt = NULL, value = NULL, erased_log = {mark},"
        f" erased_seq = {mark} WHERE log_id = {mark} AND seq = {mark} AND pointer = {mark}",
        [(log, seq, one.log, one.seq, one.pointer) for one in values],
    )


def certificates(access: LogAccess, entries: Iterable[int]) -> list[str]:
    """The certificate of each entry that erases values: the proof that it stands in the log.

    It is a `.tlog-proof` file with the entry in it, which `suyuan check-proof` checks anywhere.

    Raises:
        NotFoundError: There is no such entry.
        VerifyError: The log isn't what was signed.
    """
    with reading(access.engine) as connection:
        proofs = [prove_entry(connection, access.organisation.row, seq) for seq in entries]
    return [format_proof(one.index, one.path, one.checkpoint, one.extra) for one in proofs]


def scrub(engine: Engine) -> bool:
    """Clean the space in which deleted values stood; tell whether nobody was in the way.

    SQLite overwrites what it deletes (`secure_delete`); here its log of earlier pages is emptied.
    PostgreSQL keeps old rows until its tables are rewritten.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            if is_sqlite(connection):
                cursor = connection.connection.cursor()
                [(busy, *_)] = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                return not busy
            connection.exec_driver_sql("SET lock_timeout = '10s'")
            try:
                for table in ("personal_value", "submission"):
                    connection.exec_driver_sql(f"VACUUM (FULL) {table}")
            finally:
                connection.exec_driver_sql("RESET lock_timeout")  # others get this connection
        except driver_errors():
            return False
    return True
