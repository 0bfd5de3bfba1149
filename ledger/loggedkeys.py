"""The keys of a log as the database has them, and whether they are what the log says.

The table `log_key` and the column `log.verifier_key` are copies, for readers who pinned nothing and
for writers that loaded their keys a while ago. The truth are the pinned keys and the log's own
statements (`ledger.log.keychain`); nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.errors import DamageError, NoteError, StoreError, shown
from ledger.log.keychain import KeyChain, parse_vkey
from ledger.log.keyring import KeyRange, KeyRing
from ledger.log.report import Finding, Kind
from ledger.schemas import KEY_SCHEMA
from ledger.statements import statements
from ledger.store.sets import fetch
from ledger.stored import stored_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.log.entry import Entry
    from ledger.log.note import NoteSigner
    from ledger.organisations import Organisation

__all__ = ["KeyCheck", "key_rows", "stored_keys", "trusted_keys", "usable_signers"]

_Row = tuple[str, int, int | None]


def key_rows(connection: Connection, log: int) -> list[_Row]:
    """(verifier key, first size, last size) of each key of a log, as stored."""
    return [
        (key, first, last)
        for key, first, last in fetch(
            connection,
            "SELECT verifier_key, first_size, last_size FROM log_key WHERE log_id = {p}"
            " ORDER BY first_size, verifier_key",
            log,
        )
    ]


def usable_signers(
    connection: Connection, log: int, origin: str, signers: Sequence[NoteSigner], size: int
) -> list[NoteSigner]:
    """The signers that may sign a checkpoint of this size; the log's lock is held.

    Keys change under the same lock, so a writer that loaded its own before is seen here.

    Raises:
        StoreError: None may, or a kind that has to sign is missing.
    """
    try:
        open_at = {
            key: parse_vkey(key).kind
            for key, first, last in key_rows(connection, log)
            if first <= size and (last is None or size <= last)
        }
    except (NoteError, TypeError, AttributeError) as error:
        raise StoreError(
            f"What is stored about the keys of {origin} was changed: {error}.",
            "Run 'suyuan verify' and restore the ledger from a backup.",
        ) from error
    usable = [one for one in signers if one.verifier.vkey in open_at]
    if not usable or set(open_at.values()) - {one.verifier.kind for one in usable}:
        raise StoreError(
            f"The keys of {origin} were changed since this command loaded them.",
            "Start it again; if it is refused again, run 'suyuan key follow' for the organisation.",
        )
    return usable


def stored_keys(connection: Connection, organisation: Organisation) -> KeyRing:
    """The keys as the database has them: proves less than pinned ones.

    Raises:
        NoteError: What is stored are no keys.
    """
    rows = key_rows(connection, organisation.row)
    try:
        ranges = tuple(KeyRange(parse_vkey(key), first, last) for key, first, last in rows)
        return KeyRing(ranges) if ranges else KeyRing.of(parse_vkey(organisation.verifier_key))
    except (TypeError, AttributeError) as error:
        raise NoteError(f"The stored keys are none: {error}.") from None


def trusted_keys(
    connection: Connection, organisation: Organisation, pinned: KeyRing | None
) -> KeyRing:
    """The keys to verify a log with: the pinned ones, led on by what the log states behind them.

    A crash after a change of keys was committed leaves the pinned ones a step behind; a reader may
    have pinned the first and no other. Only statements that the pinned keys signed are followed.

    Raises:
        NoteError: No key is pinned, and what is stored are no keys.
    """
    if pinned is None:
        return stored_keys(connection, organisation)
    if _rows(pinned) == key_rows(connection, organisation.row):
        return pinned
    chain = KeyChain(pinned)
    for seq, entry in _statements(connection, organisation.row):
        try:
            chain.take(seq, entry.body)
        except NoteError:
            continue  # one from before the pinned keys, or one that verification reports
    return chain.ring


def _rows(ring: KeyRing) -> list[_Row]:
    rows = ((one.key.vkey, one.first, one.last) for one in ring.ranges)
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _statements(connection: Connection, log: int) -> Iterator[tuple[int, Entry]]:
    for seq, raw in statements(connection, log, KEY_SCHEMA):
        try:
            yield seq, stored_entry(raw)
        except DamageError:
            continue  # which verification reports


@dataclass(slots=True)
class KeyCheck:
    """Follows a log's statements about its keys, and compares what else says which these are."""

    organisation: Organisation
    trusted: KeyRing
    """As `trusted_keys` gave them."""
    _chain: KeyChain = field(init=False)

    def __post_init__(self) -> None:
        # A log begins with one key, for all sizes; the rest has to follow from its entries.
        self._chain = KeyChain(KeyRing.of(self.trusted.ranges[0].key))

    def take(self, seq: int, entry: Entry) -> list[Finding]:
        """Follow one entry of the schema `KEY_SCHEMA`; call it in order of seq."""
        try:
            self._chain.take(seq, entry.body)
        except NoteError as error:
            text = f"The entry can't change the keys: {error}"
            return [Finding(self.organisation.origin, seq, "bytes", Kind.CHECKPOINT, text)]
        return []

    def findings(self, connection: Connection) -> Iterator[Finding]:
        """Compare the keys that the log states with the trusted ones and with their copies."""
        ring = self._chain.ring
        if ring != self.trusted:
            text = "The log doesn't state the keys that are pinned for it."
            yield self._finding("log_key.verifier_key", text)
        want, have = _rows(ring), key_rows(connection, self.organisation.row)
        for name, place in (("verifier_key", 0), ("first_size", 1), ("last_size", 2)):
            said, stored = [row[place] for row in want], [row[place] for row in have]
            if said != stored:
                text = f"The log says {shown(said)}, the table {shown(stored)}."
                yield self._finding(f"log_key.{name}", text)
                break
        if self.organisation.verifier_key != ring.current.vkey:
            text = (
                f"The newest key is {ring.current.key_id.hex()}, the log's row has"
                f" {shown(self.organisation.verifier_key)}."
            )
            yield self._finding("log.verifier_key", text)

    def _finding(self, column: str, message: str) -> Finding:
        return Finding(self.organisation.origin, None, column, Kind.CHECKPOINT, message)
