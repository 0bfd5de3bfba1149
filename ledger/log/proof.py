"""Proof files: C2SP tlog-proof, what shows offline that an entry stands in a log.

The rules:

* first line ``c2sp.org/tlog-proof@v1``, perhaps ``extra <base64>``, ``index <decimal>``, the
  inclusion proof one hash a line, an empty line, the checkpoint verbatim;
* the extra data are not authenticated and nothing here reads them;
* a proof holds when a trusted key signed the checkpoint and the path leads from the entry's bytes,
  at that index, to the checkpoint's root. Checking needs no database and no network.

https://c2sp.org/tlog-proof
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.errors import NoteError, ProofError, shown
from ledger.log.checkpoint import Checkpoint, open_checkpoint, strict_decimal
from ledger.log.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from ledger.log.note import Key, strict_base64

__all__ = ["InclusionProof", "check_proof", "format_proof", "parse_proof"]

_HEADER: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """A proof file's content; nothing is verified yet."""

    index: int
    """Place of the entry in the log, its seq."""
    path: tuple[bytes, ...]
    """Sibling hashes, 32 bytes each, from the leaf's up to the root's child."""
    checkpoint: str
    """The signed checkpoint, verbatim."""
    extra: bytes = b""
    """Data of the maker's own; not authenticated."""


def format_proof(index: int, path: Sequence[bytes], checkpoint: str, extra: bytes = b"") -> str:
    """Return a proof file's text; its name should end in ``.tlog-proof``."""
    lines = [_HEADER]
    if extra:
        lines.append(f"extra {base64.b64encode(extra).decode()}")
    lines.append(f"index {index}")
    lines += [base64.b64encode(value).decode() for value in path]
    return "\n".join(lines) + "\n\n" + checkpoint


def parse_proof(text: str | bytes) -> InclusionProof:
    """Parse a proof file strictly; `check_proof` is what proves.

    Raises:
        ProofError: says which line is malformed.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError:
            raise ProofError("Expected a proof in valid UTF-8.") from None
    head, divider, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != _HEADER or not divider:
        raise ProofError(f"Expected a proof that begins with {_HEADER}, got {shown(header)}.")
    extra = b""
    try:
        if lines and lines[0].startswith("extra "):
            extra = strict_base64(lines.pop(0).removeprefix("extra "), "extra data")
            if not extra:
                raise ProofError("Expected extra data behind the word extra, got none.")
        if not (lines and lines[0].startswith("index ")):
            raise ProofError(f"Expected a line with the index, got {shown(lines[:1])}.")
        index = strict_decimal(lines[0].removeprefix("index "), "an index")
        path = tuple(strict_base64(line, "a hash") for line in lines[1:])
    except NoteError as error:
        raise ProofError(str(error)) from None
    if any(len(value) != HASH_SIZE for value in path):
        raise ProofError(f"Expected hashes of {HASH_SIZE} bytes in the proof.")
    return InclusionProof(index, path, checkpoint, extra)


def check_proof(
    text: str | bytes, entry: bytes, verifiers: Iterable[Key], origin: str | None = None
) -> Checkpoint:
    """Check that the entry's bytes stand in the log, and return the checkpoint that says so.

    Args:
        text: the proof file.
        entry: the entry's exact bytes, which are the leaf.
        verifiers: the log's keys that we trust.
        origin: the log it must be; None: the name of the key that signed.

    Raises:
        ProofError: malformed, or the path does not lead to the checkpoint's root.
        NoteError: the checkpoint is malformed, of another log, or not signed by a trusted key.
    """
    proof = parse_proof(text)
    checkpoint = open_checkpoint(proof.checkpoint, origin, verifiers)
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint
