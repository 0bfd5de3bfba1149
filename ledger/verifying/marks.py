"""The verified-mark: what a sound verification has seen of a log, signed and kept beside the keys.

With it the next verification reads only the entries behind it and a share of the older ones, and a
log that is shorter, or another one, is noticed even where every checkpoint over it is gone.

The rules:

* It is a signed note (C2SP signed-note) of a key of its own, made where it is first needed; that
  key signs nothing else, so a stolen one can't sign a checkpoint, nor a log's key a mark.
* It stands in a file, never in the database: who changes the ledger's database can't change it.
* It is written once everything was found to be sound, never by a run that left projections out.
* One that is missing or forged is as good as none: everything is read again, and people are told.

The text is `suyuan/verified-mark/1`, the log's origin, size, hashes of the complete subtrees of its
tree, links of the whole segments, width of segments, number of the round, and time, a line each.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import NoteError, ProofError
from ledger.files import write_whole
from ledger.keys import KeyFolder
from ledger.log.checkpoint import strict_decimal
from ledger.log.merkle import HASH_SIZE, CompactRange
from ledger.log.note import parse_note, sign_note, strict_base64, verify_note

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Mark", "MarkFolder"]

_HEADER: Final = "suyuan/verified-mark/1"
_SIGNER: Final = "suyuan-verification"
"""The key's name; what it signs says itself which log it is about."""
_LINES: Final = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """What a sound verification has seen of a log."""

    origin: str
    size: int
    """Entries."""
    nodes: tuple[bytes, ...]
    """Roots of the complete subtrees over them, the largest first."""
    links: int
    """Links of the events in the whole segments."""
    width: int
    """Entries of a segment."""
    round: int
    """Which share of the older segments the next run reads."""
    at: int
    """When it was found: microseconds since 1970, UTC."""

    @property
    def tree(self) -> CompactRange:
        """The tree over the entries."""
        return CompactRange.of(self.size, self.nodes)

    def text(self) -> str:
        """Return the text to sign."""
        nodes = base64.b64encode(b"".join(self.nodes)).decode()
        numbers = (self.links, self.width, self.round, self.at)
        return "\n".join([_HEADER, self.origin, str(self.size), nodes, *map(str, numbers), ""])


def _parse(text: str) -> Mark:
    """Parse a mark's text.

    Raises:
        NoteError: It is malformed.
    """
    header, *lines, rest = text.split("\n")
    if header != _HEADER or rest or len(lines) != _LINES - 1:
        raise NoteError("Expected the eight lines of a verified-mark.")
    origin, size, nodes, *numbers = lines
    hashes = strict_base64(nodes, "hashes")
    links, width, round_, at = (strict_decimal(text, "a number") for text in numbers)
    mark = Mark(
        origin,
        strict_decimal(size, "a size"),
        tuple(hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)),
        links,
        width,
        round_,
        at,
    )
    try:
        _ = mark.tree
    except ProofError as error:
        raise NoteError(str(error)) from None
    return mark


@dataclass(frozen=True, slots=True)
class MarkFolder:
    """The marks of a ledger's logs, below the folder of its keys."""

    folder: Path

    @classmethod
    def beside(cls, keys: KeyFolder) -> MarkFolder:
        """The marks that belong to a folder of keys."""
        return cls(keys.folder / "verified")

    def read(self, origin: str) -> Mark | None:
        """A log's mark; None where there is none yet.

        Raises:
            NoteError: There is one, and it can't be trusted: it is malformed, of another log, or
                our key did not sign it.
        """
        try:
            note = self._path(origin).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NoteError(f"Expected a mark that can be read: {error}.") from None
        verifier = KeyFolder(self.folder).verifier(_SIGNER)
        if verifier is None:
            raise NoteError("Expected the key of the marks beside them, found none.")
        parsed = parse_note(note)
        verify_note(parsed, [verifier])
        mark = _parse(parsed.text)
        if mark.origin != origin:
            raise NoteError(f"Expected a mark of {origin}, got one of {mark.origin}.")
        return mark

    def keep(self, mark: Mark) -> None:
        """Keep a mark in the place of the one before.

        A crash leaves one of the two, and each of them is true.

        Raises:
            StoreError: The key can't be made or read.
            OSError: It can't be written.
        """
        note = sign_note(mark.text(), [KeyFolder(self.folder).create(_SIGNER)])
        write_whole(self._path(mark.origin), note)

    def _path(self, origin: str) -> Path:
        return self.folder / (re.sub(r"[^A-Za-z0-9.-]", "+", origin) + ".verified")
