"""Checkpoints: C2SP tlog-checkpoint, the signed head of a log.

The rules:

* a checkpoint is a signed note whose text is origin, tree size and root hash, one line each, and
  perhaps extension lines, none of them empty;
* the size is ASCII decimal without leading zeros, below 2^63; the root is base64 of 32 bytes;
* a tree of size 0 has the root of the empty tree and no other;
* where the log's keys come as a `KeyRing`, each counts for the sizes of its own range only.

https://c2sp.org/tlog-checkpoint

>>> checkpoint = Checkpoint("example.org/log/acme", 0, EMPTY_ROOT)
>>> parse_checkpoint(checkpoint.text()) == checkpoint
True
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.errors import NoteError, shown
from ledger.log.keyring import KeyRing
from ledger.log.merkle import EMPTY_ROOT, HASH_SIZE
from ledger.log.note import Key, NoteSigner, parse_note, sign_note, strict_base64, verify_note

__all__ = [
    "Checkpoint",
    "open_checkpoint",
    "parse_checkpoint",
    "sign_checkpoint",
    "strict_decimal",
]

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_SIZE_LIMIT: Final = 2**63
_LINES: Final = 3  # origin, size, root


def strict_decimal(text: str, what: str) -> int:
    """Parse an ASCII decimal without sign or leading zeros, below 2^63.

    Raises:
        NoteError: names `what` it should have been.
    """
    if not _DECIMAL.fullmatch(text) or int(text) >= _SIZE_LIMIT:
        raise NoteError(f"Expected {what} as a decimal below 2^63, got {shown(text)}.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: what it holds up to a size, in one hash."""

    origin: str
    """Which log: its unique name, for example ``ledger.example/log/acme``."""
    size: int
    """Number of entries, 0 to 2^63 - 1."""
    root: bytes
    """Root of the Merkle tree over these entries, 32 bytes."""
    extensions: tuple[str, ...] = ()
    """Opaque lines that are signed too; we write none."""

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise NoteError(f"Expected lines of a checkpoint that are not empty: {line!r}.")
        if not 0 <= self.size < _SIZE_LIMIT:
            raise NoteError(f"Expected a tree size from 0 to 2^63 - 1, got {self.size}.")
        if len(self.root) != HASH_SIZE:
            raise NoteError(f"Expected a root of {HASH_SIZE} bytes, got {len(self.root)}.")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise NoteError(f"Expected the empty tree's root at size 0, got {self.root.hex()}.")

    def text(self) -> str:
        """Return the text to sign."""
        root = base64.b64encode(self.root).decode()
        return "".join(
            f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions)
        )


def parse_checkpoint(text: str) -> Checkpoint:
    """Parse a checkpoint's text, the signed part without signatures.

    Raises:
        NoteError: says which line is malformed.
    """
    *lines, rest = text.split("\n")
    if rest or len(lines) < _LINES:
        raise NoteError(f"Expected at least three lines that end in newlines, got {shown(text)}.")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin,
        strict_decimal(size, "a tree size"),
        strict_base64(root, "a root hash"),
        tuple(extensions),
    )


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[NoteSigner]) -> str:
    """Return the checkpoint as a signed note; two keys sign while a key is rotated.

    The caller's share: never sign two checkpoints of one log that are inconsistent.
    """
    return sign_note(checkpoint.text(), signers)


def open_checkpoint(note: str | bytes, origin: str | None, verifiers: Iterable[Key]) -> Checkpoint:
    """Verify a signed checkpoint and return it.

    Args:
        note: the signed note.
        origin: the log it must be of; None: the name of a key that signed it.
        verifiers: the log's keys that we trust; a `KeyRing` also says for which sizes.

    Raises:
        NoteError: malformed, not signed by a trusted key, or of another log; with a `KeyRing` also
            where only a key signed whose range the size is outside of.
    """
    parsed = parse_note(note)
    if isinstance(verifiers, KeyRing):
        checkpoint = parse_checkpoint(parsed.text)
        signed: tuple[Key, ...] = verifiers.verify(parsed, checkpoint.size)
    else:
        signed = verify_note(parsed, verifiers)
        checkpoint = parse_checkpoint(parsed.text)
    names = {origin} if origin is not None else {verifier.name for verifier in signed}
    if checkpoint.origin not in names:
        raise NoteError(
            f"Expected a checkpoint of {' or '.join(sorted(names))}, "
            f"got one of {shown(checkpoint.origin)}."
        )
    return checkpoint
