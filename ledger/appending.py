"""Appending entries to one log: the only place that writes to `entry`, `tile` and `checkpoint`.

One writer holds a log at a time: on SQLite by the database's own lock, on PostgreSQL by the lock of
the log's row. `UNIQUE(log, seq)` and `UNIQUE(log, prev)` stand behind it.

Everything happens in the caller's transaction. What a crash leaves:

* before the commit: nothing at all;
* after the commit: entries, tiles, head and a signed checkpoint that agree.

There is no state in between, so there is nothing to recover. The root is computed from the stored
tiles, and signed only when the tiles and the log's row agree about the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.errors import StoreError
from ledger.log import tiles
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.entry import Header, encode_entry, leaf_hash
from ledger.loggedkeys import usable_signers
from ledger.store import tables
from ledger.store.sets import fetch, insert_rows, is_sqlite
from ledger.stored import stored_bytes
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.log.note import NoteSigner

__all__ = ["LogWriter"]

_PREV = 4  # the place of `prev` in a row of `entry`


@dataclass(slots=True)
class LogWriter:
    """A log opened for appending, within one writing transaction."""

    connection: Connection
    log: int
    origin: str
    size: int
    """Entries, with those that are not flushed yet."""
    head: bytes
    """Leaf hash of the newest entry."""
    _stored: int
    _rows: list[tuple[object, ...]] = field(default_factory=list)
    _leaves: list[bytes] = field(default_factory=list)

    @classmethod
    def open(cls, connection: Connection, log: int) -> LogWriter:
        """Take the log's lock and read its head."""
        lock = "" if is_sqlite(connection) else " FOR UPDATE"
        [(origin, size, head)] = fetch(
            connection, f"SELECT origin, size, head FROM log WHERE id = {{p}}{lock}", log
        )
        return cls(connection, log, origin, size, stored_bytes(head, "log.head"), size)

    def require(self, known: Checkpoint) -> None:
        """Refuse to append unless the log contains a checkpoint that is known from elsewhere.

        Raises:
            StoreError: It doesn't; appending would fork the log.
        """
        rows = fetch(
            self.connection,
            "SELECT root FROM checkpoint WHERE log_id = {p} AND size = {p}",
            self.log,
            known.size,
        )
        if not rows or stored_bytes(rows[0][0], "checkpoint.root") != known.root:
            raise StoreError(
                f"{self.origin} has {self.size} entries here and doesn't contain the checkpoint of"
                f" {known.size} that its key has signed: this is an older copy, or another ledger.",
                "Restore the newest copy; give another ledger its own keys' folder (SUYUAN_KEYS).",
            )

    def add(self, body: bytes, *, schema: str, submitter: str, received_at: int) -> int:
        """Chain a canonical body to the log and return its seq; `flush` stores it."""
        seq = self.size
        header = Header(self.origin, seq, self.head, received_at, schema, submitter, None)
        raw = encode_entry(header, body)
        leaf = leaf_hash(raw)
        self._rows.append((self.log, seq, raw, leaf, self.head, received_at, schema, submitter))
        self._leaves.append(leaf)
        self.head = leaf
        self.size = seq + 1
        return seq

    def flush(self) -> None:
        """Store what was added, with its tiles."""
        if not self._rows:
            return
        insert_rows(
            self.connection,
            tables.entry,
            "log_id seq bytes leaf prev received_at schema submitter",
            self._rows,
        )
        stored = StoredTiles(self.connection, self.log)
        changed = tiles.append_leaves(stored, self._stored, self._leaves)
        mark = "?" if is_sqlite(self.connection) else "%s"
        self.connection.exec_driver_sql(
            f'INSERT INTO tile (log_id, level, "index", hashes) VALUES ({", ".join([mark] * 4)})'
            ' ON CONFLICT (log_id, level, "index") DO UPDATE SET hashes = excluded.hashes',
            [(self.log, level, index, hashes) for (level, index), hashes in changed.items()],
        )
        self._stored = self.size
        self._rows.clear()
        self._leaves.clear()

    def take_back(self, size: int) -> None:
        """Forget the entries from seq `size` on, none of which is flushed."""
        kept = size - self._stored
        if kept < len(self._rows):
            self.head = self._rows[kept][_PREV]  # type: ignore[assignment]
            self.size = size
            del self._rows[kept:], self._leaves[kept:]

    def seal(self, signer: NoteSigner | Sequence[NoteSigner], *, changes_keys: bool = False) -> str:
        """Store the rest, move the log's head, sign a checkpoint and return it.

        The caller commits at once.

        Args:
            signer: The log's keys in use (`KeyFolder.signers`), or its only one. One that was
                retired since it was loaded doesn't sign.
            changes_keys: The last entry states other keys, and the caller knows which sign.

        Raises:
            StoreError: The keys were changed since they were loaded, so that they can't sign.
        """
        self.flush()
        signers = signer if isinstance(signer, Sequence) else [signer]
        if not changes_keys:
            signers = usable_signers(self.connection, self.log, self.origin, signers, self.size)
        root = tiles.root(StoredTiles(self.connection, self.log), self.size)
        note = sign_checkpoint(Checkpoint(self.origin, self.size, root), signers)
        self.connection.execute(
            tables.log.update()
            .where(tables.log.c.id == self.log)
            .values(size=self.size, head=self.head)
        )
        self.connection.execute(
            tables.checkpoint.insert().values(log_id=self.log, size=self.size, root=root, note=note)
        )
        return note
