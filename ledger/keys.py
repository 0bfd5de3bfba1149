"""The signing keys of logs, as files beside the ledger.

* A private key stands in its own file, readable by its owner only (mode 0600); a file that others
  may read is refused, with the command that mends it.
* A key is made once, when its log begins. A log whose key is gone is never given another silently:
  that would look like a rewritten history to everybody who pinned the first.
* The verifier key (public, C2SP signed-note) is written beside it. It is what `suyuan verify`
  trusts; the copy in the database is for readers who have nothing better.
* So is the newest checkpoint that the key has signed. A ledger that doesn't contain it is an old
  copy, or another ledger: appending to it would fork the log, so it is refused.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.errors import NoteError, StoreError
from ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.log.note import Signer, Verifier, parse_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["KeyFolder", "Pin"]


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """A folder of key files, one pair for each log origin."""

    folder: Path

    def create(self, origin: str) -> Signer:
        """Make the key of a new log, or load it where an earlier start was cut short.

        Raises:
            StoreError: The folder can't be written.
        """
        try:
            if self._path(origin, "key").exists():
                return self.signer(origin)
            signer = Signer.generate(origin)
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._path(origin, "vkey"), signer.verifier.vkey + "\n", 0o644)
            _write(self._path(origin, "key"), _as_pem(signer), 0o600)
        except OSError as error:
            raise StoreError(
                f"The key of {origin} can't be written: {error}.",
                "Check the folder's permissions and the free space.",
            ) from error
        return signer

    def signer(self, origin: str) -> Signer:
        """Load the private key of a log.

        Raises:
            StoreError: It is missing, damaged, or others may read it.
        """
        path = self._path(origin, "key")
        try:
            mode = path.stat().st_mode
            text = path.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(
                f"The signing key of {origin} can't be read: {error}.",
                "Put the file back from your backup of the keys; a new key would break the log.",
            ) from error
        if mode & 0o077:
            raise StoreError(
                f"Others may read the signing key {path.name}.", f"Run chmod 600 {path}."
            )
        try:
            private = load_pem_private_key(text.encode("ascii"), None)
            if not isinstance(private, Ed25519PrivateKey):
                raise TypeError("it is no Ed25519 key")  # noqa: TRY301 - one message for all
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise StoreError(
                f"The signing key {path.name} is damaged: {error}.",
                "Put the file back from your backup of the keys.",
            ) from error
        return Signer(origin, private)

    def verifier(self, origin: str) -> Verifier | None:
        """The pinned verifier key of a log; None where this folder has none.

        Raises:
            StoreError: The file is there and can't be used.
        """
        path = self._path(origin, "vkey")
        try:
            return Verifier.from_vkey(path.read_text("ascii").strip())
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, NoteError) as error:
            raise StoreError(
                f"The verifier key {path.name} can't be used: {error}",
                "Put the file back from your backup of the keys.",
            ) from error

    def pin(self, origin: str) -> Pin:
        """The newest checkpoint of a log, as it is kept here."""
        return Pin(self._path(origin, "checkpoint"), origin, self.verifier(origin))

    def pinned(self) -> list[str]:
        """The origins of all logs that have a verifier key here.

        Raises:
            StoreError: A file is there and can't be used.
        """
        found = []
        for path in sorted(self.folder.glob("*.vkey")):
            name = path.read_text("ascii", "replace").partition("+")[0]
            if self._path(name, "vkey") == path and self.verifier(name) is not None:
                found.append(name)
        return found

    def _path(self, origin: str, ending: str) -> Path:
        return self.folder / (re.sub(r"[^A-Za-z0-9.-]", "+", origin) + "." + ending)


@dataclass(frozen=True, slots=True)
class Pin:
    """The newest checkpoint that was signed with a log's key, in a file beside the key."""

    path: Path
    origin: str
    verifier: Verifier | None

    def newest(self) -> tuple[str, Checkpoint] | None:
        """The signed note and what it says; None before the first, or without a pinned key.

        Raises:
            StoreError: The file is there and can't be used.
        """
        if self.verifier is None:
            return None
        try:
            note = self.path.read_text("utf-8")
            return note, open_checkpoint(note, self.origin, [self.verifier])
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, NoteError) as error:
            raise StoreError(
                f"The kept checkpoint {self.path.name} can't be used: {error}",
                "Put the file back from your backup of the keys.",
            ) from error

    def keep(self, note: str) -> None:
        """Keep a checkpoint that has just been committed, unless a newer one is kept already.

        Several processes commit to one log and keep their checkpoints after that, in any order. A
        crash before leaves the one before it, which the ledger contains as well.

        Raises:
            StoreError: It can't be written.
        """
        size = parse_checkpoint(parse_note(note).text).size
        try:
            with _alone(self.path):
                known = self.newest()
                if known is None or known[1].size < size:
                    _write(self.path, note, 0o644)
        except OSError as error:
            raise StoreError(
                f"The events are stored, but their checkpoint can't be kept: {error}.",
                "Free some space or mend the permissions of the keys' folder.",
            ) from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a file against other processes; the lock ends with the process, however it ends."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, text: str, mode: int) -> None:
    # Written beside and renamed, so that a power cut leaves the whole file or none; a key that
    # was made and not used yet is taken up by the next start.
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    # The folder as well: else a power cut may keep the bytes and lose their name.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _as_pem(signer: Signer) -> str:
    pem = signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")
