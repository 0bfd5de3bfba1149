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

import os
import re
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
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.note import Signer, Verifier

if TYPE_CHECKING:
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
            StoreError: It is missing, damaged, or others may read it; or a recovery has closed the
                log, so that nothing more is signed with it.
        """
        if successor := self.successor(origin):
            raise StoreError(
                f"The log {origin} was closed by a recovery.", f"It goes on as {successor}."
            )
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

    def close(self, origin: str, successor: str) -> None:
        """Note that a log was closed for good, and which one goes on in its place.

        Raises:
            StoreError: It can't be written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._path(origin, "closed"), successor + "\n", 0o644)
        except OSError as error:
            raise StoreError(
                f"That {origin} is closed can't be written: {error}.",
                "Free some space or mend the permissions of the keys' folder, then try again.",
            ) from error

    def successor(self, origin: str) -> str | None:
        """The log that goes on in place of one that was closed; None for one that is open."""
        try:
            return self._path(origin, "closed").read_text("utf-8", "replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(
                f"Whether {origin} is closed can't be read: {error}.",
                "Check the permissions of the keys' folder.",
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

    def learn(self, note: str) -> Checkpoint:
        """Keep a checkpoint that was found elsewhere, such as with a witness or a customer.

        A larger one than is kept takes its place: from then on a ledger that doesn't contain it is
        not written to. A smaller one changes nothing.

        Raises:
            NoteError: It isn't signed by the log's pinned key, or is of another log.
            StoreError: It can't be written; or the key has signed another root for its size, so
                that the log was forked.
        """
        trusted = [] if self.verifier is None else [self.verifier]
        found = open_checkpoint(note, self.origin, trusted)
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
        """Keep a checkpoint that has just been committed.

        A crash before leaves the one before it, which the ledger contains as well.

        Raises:
            StoreError: It can't be written.
        """
        try:
            _write(self.path, note, 0o644)
        except OSError as error:
            raise StoreError(
                f"The events are stored, but their checkpoint can't be kept: {error}.",
                "Free some space or mend the permissions of the keys' folder.",
            ) from error


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
