"""What others hold of our logs: checkpoints that a log must contain, or it was rewritten.

A supplier keeps the checkpoint of each receipt and shows it with the next push; a witness says up
to which size it has seen the log. The rules:

* A checkpoint that our key has signed and the log does not contain means that the log was rolled
  back (it is shorter) or forked (it has another root at that size).
* Such evidence is kept beside the key, where who rewrote the database need not be able to write,
  and from then on nothing is written to the log. It heals by itself: once the log contains what
  the evidence says, because the right copy was restored, writing goes on.
* A checkpoint that our key has not signed proves nothing and is refused as malformed.
* A bare size, which a witness says without a signature, counts as long as the log is shorter.

Files stand in ``<log>.known/`` of the keys' folder, one for each piece of evidence, named by its
hash, so that two processes never overwrite each other's.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.errors import NoteError, NotFoundError, ProofError, StoreError, VerifyError
from ledger.keeping import read_small, write_whole
from ledger.log import tiles
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.store.sets import fetch
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from ledger.log.note import Key
    from ledger.pins import Pin

__all__ = ["Evidence", "KnownHeads", "Shown", "contradiction", "newest_note", "require_heads"]

_MOST: Final = 20
"""Pieces of evidence that are kept of a log; one is enough, more help to see since when."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """That somebody has seen more, or something else, of a log than it holds."""

    size: int
    said_by: str
    """A witness or submitter, for the operator."""
    at: int
    """When it was found: microseconds since 1970 UTC."""
    note: str | None = None
    """The checkpoint that our key has signed; None where a witness said the size alone."""


def contradiction(
    connection: Connection, log: int, size: int, known: Checkpoint | int
) -> str | None:
    """Say how a log contradicts what is known of it, or None when it contains it.

    Args:
        connection: An open transaction.
        log: Surrogate id of the log.
        size: Of the log.
        known: A checkpoint of it that its key has signed, or a bare size.
    """
    at = known if isinstance(known, int) else known.size
    if at > size:
        return f"it was rolled back: it has {size} entries here, and had {at}"
    if isinstance(known, int):
        return None
    try:
        root = tiles.root(StoredTiles(connection, log), at)
    except (StoreError, NotFoundError, ProofError) as error:
        return f"its tiles are damaged: {error}"
    if root != known.root:
        return f"it was forked or changed: its first {at} entries are not those that its key signed"
    return None


@dataclass(frozen=True, slots=True)
class KnownHeads:
    """The evidence against one log, in a folder beside its key."""

    folder: Path
    origin: str
    keys: Iterable[Key]
    """The log's keys: those of now and earlier ones, each with the sizes that it may sign."""

    @classmethod
    def of(cls, pin: Pin) -> KnownHeads:
        """The evidence beside a pinned checkpoint."""
        stem = pin.path.name.removesuffix(".checkpoint")
        keys = pin.rings(pin.origin) or ()
        return cls(pin.path.with_name(f"{stem}.known"), pin.origin, keys)

    def require(self, connection: Connection, log: int, size: int) -> None:
        """Refuse to write to a log that contradicts what is known of it.

        Raises:
            StoreError: It does, or the evidence can't be read.
        """
        for one in self.all():
            known = one.size if one.note is None else self.opened(one.note)
            found = contradiction(connection, log, size, known)
            if found is not None:
                raise StoreError(
                    f"{self.origin} is not written to: {found} ({one.said_by}).",
                    "Restore the newest copy of the ledger, then try again; the evidence is in"
                    f" {self.folder.name} beside the key.",
                )

    def show(
        self, connection: Connection, log: int, size: int, note: str, *, said_by: str, now: int
    ) -> Checkpoint:
        """Compare a log with a checkpoint of it that somebody else holds.

        Args:
            connection: An open transaction.
            log: Surrogate id of the log.
            size: Of the log.
            note: The signed checkpoint.
            said_by: Who shows it.
            now: The clock, microseconds since 1970 UTC.

        Raises:
            NoteError: It is no checkpoint of this log, or not signed with its key.
            VerifyError: The log does not contain it; the evidence has been kept.
        """
        checkpoint = self.opened(note)
        found = contradiction(connection, log, size, checkpoint)
        if found is not None:
            self.keep(Evidence(checkpoint.size, said_by, now, note))
            raise VerifyError(
                f"{self.origin} does not contain the checkpoint that {said_by} holds: {found}."
                " Nothing is written to it until the right copy is restored; run 'suyuan verify'."
            )
        return checkpoint

    def opened(self, note: str) -> Checkpoint:
        """What a signed checkpoint of this log says.

        Raises:
            NoteError: It is none, or not signed with the log's key.
        """
        return open_checkpoint(note, self.origin, self.keys)

    def keep(self, evidence: Evidence) -> None:
        """Keep evidence; the same once only.

        Raises:
            StoreError: It can't be written.
        """
        said = evidence.note or str(evidence.size)
        name = sha256(f"{evidence.said_by}\n{said}".encode()).hexdigest()[:32]
        path = self.folder / f"{name}.json"
        if path.exists() or len(self._files()) >= _MOST:
            return
        value = {
            "at": evidence.at,
            "note": evidence.note,
            "said_by": evidence.said_by,
            "size": evidence.size,
        }
        write_whole(path, orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")

    def all(self) -> list[Evidence]:
        """All evidence.

        Raises:
            StoreError: A file is there and can't be used.
        """
        return list(self._read())

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.json"))

    def _read(self) -> Iterator[Evidence]:
        for path in self._files():
            try:
                value = orjson.loads(read_small(path))
                evidence = _evidence(value)
                if evidence.note is not None:
                    self.opened(evidence.note)
            except (orjson.JSONDecodeError, KeyError, TypeError, NoteError) as error:
                raise StoreError(
                    f"The evidence {path.name} against {self.origin} can't be used: {error}.",
                    "Put the file back from your backup of the keys, or move it away.",
                ) from error
            yield evidence


@dataclass(frozen=True, slots=True)
class Shown:
    """The checkpoint that a submitter holds of our log, shown with a push."""

    note: str
    said_by: str
    now: int
    """Microseconds since 1970 UTC."""


def require_heads(
    pin: Pin | None, connection: Connection, log: int, size: int, shown: Iterable[Shown]
) -> None:
    """Refuse to write to a log that contradicts what others hold of it; for capture's transaction.

    Args:
        pin: The log's pinned checkpoint; without one there is nothing to compare with.
        connection: The transaction that holds the log's lock.
        log: Surrogate id of the log.
        size: Of the log.
        shown: What submitters hold.

    Raises:
        StoreError: The log contradicts evidence that was kept.
        VerifyError: The log contradicts what the submitter shows, which has been kept.
        NoteError: What the submitter shows is no checkpoint of this log.
    """
    if pin is None:
        return
    heads = KnownHeads.of(pin)
    heads.require(connection, log, size)
    for one in shown:
        heads.show(connection, log, size, one.note, said_by=one.said_by, now=one.now)


def newest_note(connection: Connection, log: int) -> str | None:
    """The newest checkpoint as the log signed it, for a receipt; None while there is none."""
    rows = fetch(
        connection,
        "SELECT note FROM checkpoint WHERE log_id = {p} ORDER BY size DESC LIMIT 1",
        log,
    )
    return str(rows[0][0]) if rows else None


def _evidence(value: dict[str, Any]) -> Evidence:
    note, size = value["note"], value["size"]
    if type(size) is not int or not (note is None or type(note) is str):
        raise TypeError("size or note is of another type")
    return Evidence(size, str(value["said_by"]), int(value["at"]), note)
