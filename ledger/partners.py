"""Partners' checkpoints: what we, as their customer or supplier, hold of their logs.

Whoever keeps a checkpoint is a witness without doing anything: the next one has to be consistent
with it. The rules:

* The first checkpoint of a log is kept with its verifier key, which the caller has from the partner
  and not from the log itself. The key is never replaced silently.
* A newer one takes the place of the kept one only with a consistency proof that verifies.
* A proof that fails shows nothing by itself: anybody can write a wrong one. That a log was
  rewritten is said only when two of its signed checkpoints contradict each other: one size with
  two roots, or tiles that lead to the newer root and to another one at the older size. The second
  checkpoint is then kept as evidence; both are signed with the partner's key.

Files stand in ``partners/`` of the keys' folder: nobody who can change the database changes them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from ledger.errors import (
    NoteError,
    NotFoundError,
    ProofError,
    StoreError,
    UsageError,
    VerifyError,
)
from ledger.keeping import read_small, write_whole
from ledger.log import tiles
from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import verify_consistency
from ledger.log.note import Verifier, parse_note

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.tiles import TileReader

__all__ = ["Kept", "Partners", "TilesOf", "origin_of"]


class TilesOf(Protocol):
    """Where a log's tiles come from."""

    def __call__(self, size: int) -> TileReader:
        """Return the tiles of the tree of a size."""
        ...


class Kept(StrEnum):
    """What became of a partner's checkpoint."""

    FIRST = "first"  # nothing was known of the log before
    NEWER = "newer"  # consistent with the kept one, which it replaces
    SAME = "same"  # nothing new
    OLDER = "older"  # consistent with the kept one, which stays


def origin_of(note: str) -> str:
    """The origin that a checkpoint names; nothing is verified by that.

    Raises:
        NoteError: It is no signed note.
    """
    return parse_note(note).text.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Partners:
    """The kept checkpoints of other ledgers' logs."""

    folder: Path

    def keep(
        self, note: str, key: Verifier | None, proof: Sequence[bytes] | TilesOf | None
    ) -> tuple[Kept, Checkpoint, Checkpoint | None]:
        """Compare a partner's checkpoint with the kept one, and keep the newer of them.

        Args:
            note: The signed checkpoint.
            key: The log's verifier key; needed for its first checkpoint, the same ever after.
            proof: The consistency proof from the smaller to the larger size, or the partner's
                tiles to make it of; neither is trusted.

        Returns:
            What became of it, what it says, and the one that was kept before.

        Raises:
            NoteError: It is no checkpoint, or not signed with the log's key.
            UsageError: The key or proof is missing, or the key is another than before.
            ProofError: It is not shown to be consistent with the kept one, which stays.
            VerifyError: It contradicts the kept one, which stays; it is kept as evidence.
            StoreError: A file can't be read or written.
        """
        stem = re.sub(r"[^A-Za-z0-9.-]", "+", origin_of(note))[:150]
        digest = sha256(origin_of(note).encode()).hexdigest()[:8]
        path = self.folder / f"{stem}-{digest}.checkpoint"
        verifier = self._key(path.with_suffix(".vkey"), key)
        checkpoint = open_checkpoint(note, None, [verifier])
        if not path.exists():
            # A crash in between leaves the key alone; the next call keeps the checkpoint.
            write_whole(path.with_suffix(".vkey"), verifier.vkey + "\n")
            write_whole(path, note)
            return Kept.FIRST, checkpoint, None
        before = self._kept(path, verifier)
        if not _continues(before, checkpoint, proof):
            evidence = path.with_suffix(f".{sha256(note.encode()).hexdigest()[:16]}.evidence")
            write_whole(evidence, note)
            raise VerifyError(
                f"{checkpoint.origin} was rewritten: its checkpoint of size {checkpoint.size}"
                f" contradicts the kept one of size {before.size}. Both are signed with its key;"
                f" the new one is kept as {evidence.name} in the keys' folder."
            )
        if checkpoint.size > before.size:
            write_whole(path, note)
            return Kept.NEWER, checkpoint, before
        return Kept.SAME if checkpoint.size == before.size else Kept.OLDER, checkpoint, before

    def all(self) -> list[Checkpoint]:
        """All kept checkpoints, by file name.

        Raises:
            StoreError: A file can't be used.
        """
        return [
            self._kept(path, self._key(path.with_suffix(".vkey"), None))
            for path in sorted(self.folder.glob("*.checkpoint"))
        ]

    @staticmethod
    def _key(path: Path, given: Verifier | None) -> Verifier:
        if not path.exists():
            if given is None:
                raise UsageError(
                    "Nothing is known of this log yet: name its verifier key with --key, as the"
                    " partner gave it to you."
                )
            return given
        try:
            known = Verifier.from_vkey(read_small(path).strip())
        except NoteError as error:
            raise StoreError(
                f"The kept key {path.name} can't be used: {error}",
                "Put the file back from your backup of the keys.",
            ) from error
        if given is not None and given != known:
            raise UsageError(
                f"Another key was kept for this log: {known.vkey}. If the partner has told you of a"
                f" new one, move {path.name} away first."
            )
        return known

    @staticmethod
    def _kept(path: Path, verifier: Verifier) -> Checkpoint:
        try:
            return open_checkpoint(read_small(path), None, [verifier])
        except NoteError as error:
            raise StoreError(
                f"The kept checkpoint {path.name} can't be used: {error}",
                "Put the file back from your backup of the keys.",
            ) from error


def _continues(one: Checkpoint, other: Checkpoint, proof: Sequence[bytes] | TilesOf | None) -> bool:
    """Tell whether the larger of two checkpoints continues the smaller, or contradicts it.

    Raises:
        ProofError: Neither is shown.
        UsageError: There is nothing that could show it.
    """
    old, new = sorted((one, other), key=lambda checkpoint: checkpoint.size)
    if old.size == new.size:
        return old.root == new.root
    if old.size == 0:
        return True  # every log continues the empty one
    if proof is None:
        raise UsageError(
            f"A consistency proof from size {old.size} to {new.size} is needed: name the log's"
            " address, or the partner's proof with --proof."
        )
    if isinstance(proof, Sequence):
        verify_consistency(old.size, new.size, old.root, new.root, proof)
        return True
    reader = proof(new.size)
    try:
        authentic = tiles.root(reader, new.size) == new.root
        hashes = tiles.consistency_proof(reader, old.size, new.size)
    except NotFoundError as error:
        raise ProofError(f"The partner's tiles are not complete: {error}") from None
    if not authentic:
        raise ProofError(
            f"The partner's tiles don't lead to the root of the checkpoint of size {new.size}."
        )
    try:
        verify_consistency(old.size, new.size, old.root, new.root, hashes)
    except ProofError:
        return False
    return True
