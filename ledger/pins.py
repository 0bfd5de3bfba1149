"""The newest checkpoint that a log's keys have signed, in a file beside them.

A ledger that doesn't contain it is an old copy, or another ledger: appending to it would fork the
log, so it is refused (`ledger.appending.LogWriter.require`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import NoteError, StoreError
from ledger.files import alone, write_whole
from ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.log.note import parse_note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.log.keyring import KeyRing

__all__ = ["Pin"]


@dataclass(frozen=True, slots=True)
class Pin:
    """The newest checkpoint that was signed with a log's key, in a file beside the key."""

    path: Path
    origin: str
    rings: Callable[[str], KeyRing | None]
    """Gives the pinned keys of a log; asked each time, as they may have been rotated since."""

    def newest(self, ring: KeyRing | None = None) -> tuple[str, Checkpoint] | None:
        """The signed note and what it says; None before the first, or without a pinned key.

        Args:
            ring: The log's keys, where the caller has followed them beyond the pinned ones; the
                note may be good by either.

        Raises:
            StoreError: The file is there and can't be used.
        """
        # The note before the keys: what is kept when keys change is good by both, the old and new.
        try:
            note = self.path.read_text("utf-8")
            pinned = self.rings(self.origin)
            if pinned is None:
                return None
            try:
                return note, open_checkpoint(note, self.origin, pinned)
            except NoteError:
                if ring is None:
                    raise
                return note, open_checkpoint(note, self.origin, ring)
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, NoteError) as error:
            raise StoreError(
                f"The kept checkpoint {self.path.name} can't be used: {error}",
                "Put the file back from your backup of the keys.",
            ) from error

    def learn(self, note: str) -> Checkpoint:
        """Keep a checkpoint that was found elsewhere, such as with a witness or a customer.

        A larger one than is kept takes its place: from then on a ledger that doesn't contain it is
        not written to. A smaller one changes nothing.

        Raises:
            NoteError: It isn't signed by the log's pinned keys, or is of another log.
            StoreError: It can't be written; or the keys have signed another root for its size, so
                that the log was forked.
        """
        found = open_checkpoint(note, self.origin, self.rings(self.origin) or ())
        kept = self.newest()
        if kept is not None and kept[1].size == found.size and kept[1].root != found.root:
            raise StoreError(
                f"Two checkpoints of {found.size} entries are signed by the key of {self.origin}"
                " and have other roots: the log was forked.",
                "Keep both as evidence, and find out who has used the key.",
            )
        if kept is None or kept[1].size < found.size:
            self.keep(note)
        return found

    def keep(self, note: str) -> None:
        """Keep a checkpoint that has just been committed, unless a newer one is kept already.

        Several processes commit to one log and keep their checkpoints after that, in any order. A
        crash before leaves the one before it, which the ledger contains as well.

        Raises:
            StoreError: It can't be written.
        """
        size = parse_checkpoint(parse_note(note).text).size
        try:
            with alone(self.path):
                known = self._size()
                if known is None or known <= size:
                    write_whole(self.path, note, 0o644)
        except OSError as error:
            raise StoreError(
                f"The events are stored, but their checkpoint can't be kept: {error}.",
                "Free some space or mend the permissions of the keys' folder.",
            ) from error

    def _size(self) -> int | None:
        """The size of what is kept; a note that can't be read is replaced."""
        try:
            return parse_checkpoint(parse_note(self.path.read_text("utf-8")).text).size
        except (FileNotFoundError, UnicodeDecodeError, NoteError):
            return None
