"""The signing keys of logs, as files beside the ledger.

* A private key stands in its own file, readable by its owner only (mode 0600), and on request
  protected with a passphrase (`ledger.keyfiles`).
* A key is made once, when its log begins, and later only by a rotation that the log itself states
  (`ledger.rotation`). A log whose key is gone is never given another silently: that would look
  like a rewritten history to everybody who pinned the first.
* The verifier keys (public, C2SP signed-note) stand beside, each with the sizes that it may sign.
  They are what `suyuan verify` trusts; the copy in the database is for readers who have nothing
  better.
* So does the newest checkpoint that the keys have signed. A ledger that doesn't contain it is an
  old copy, or another ledger: appending to it would fork the log, so it is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import NoteError, StoreError
from ledger.files import write_whole
from ledger.keyfiles import (
    PrivateKey,
    is_protected,
    load_private,
    save_private,
)
from ledger.log.keychain import format_keys, parse_keys
from ledger.log.keyring import KeyRing
from ledger.log.mldsa import MlDsaSigner
from ledger.log.note import Key, NoteSigner, Signer, Verifier
from ledger.pins import Pin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from cryptography.x509 import Certificate

__all__ = ["KeyFolder"]


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """A folder of key files, for each log origin its own."""

    folder: Path
    passphrase: Callable[[str], str | None] | None = field(default=None, repr=False)
    """Asked with a file's name when it is protected; None for nobody to ask."""
    _loaded: dict[Path, tuple[object, PrivateKey]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """Keys by file with what the file looked like: a passphrase is slow to try, on purpose."""

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
            # A crash between the two leaves a verifier key that signed nothing; the next start
            # makes a new pair.
            self._keep(KeyRing.of(signer.verifier))
            save_private(self._path(origin, "key"), signer.private_key, None)
        except OSError as error:
            raise _unwritable(origin, error) from error
        return signer

    def add(self, origin: str, *, post_quantum: bool = False) -> NoteSigner:
        """Make one more private key, protected as the log's newest one is.

        It signs nothing until it stands among the keys (`keep`). A crash, or a change that is not
        committed, leaves a file that no log needs.

        Raises:
            StoreError: The folder can't be written, or the newest key can't be opened.
        """
        signer = MlDsaSigner.generate(origin) if post_quantum else Signer.generate(origin)
        newest = self._private_path(self.signer(origin).verifier)
        secret = None
        if is_protected(newest) and self.passphrase is not None:
            secret = self.passphrase(newest.name)
        try:
            save_private(self._own_path(signer.verifier), signer.private_key, secret)
        except OSError as error:
            raise _unwritable(origin, error) from error
        return signer

    def keep(self, ring: KeyRing) -> None:
        """Replace a log's verifier keys: from now on these sign and are trusted.

        Raises:
            StoreError: They can't be written.
        """
        try:
            self._keep(ring)
        except OSError as error:
            raise _unwritable(ring.name, error) from error

    def _keep(self, ring: KeyRing) -> None:
        write_whole(self._path(ring.name, "vkey"), format_keys(ring), 0o644)

    def signer(self, origin: str) -> Signer:
        """Load the newest Ed25519 key of a log.

        Raises:
            StoreError: It is missing, damaged, others may read it, or it can't be opened; or a
                recovery has closed the log, so that nothing more is signed with it.
        """
        self._require_open(origin)
        ring = self.ring(origin)
        if ring is None:
            private = self._load(self._path(origin, "key"))
            if not isinstance(private, Ed25519PrivateKey):
                raise StoreError(
                    f"The signing key of {origin} is damaged: it is no Ed25519 key.",
                    "Put the file back from your backup of the keys.",
                )
            return Signer(origin, private)
        try:
            wanted = ring.current
        except NoteError as error:
            raise StoreError(str(error), "Put the keys back from your backup.") from error
        [signer] = self._signers([wanted])
        assert isinstance(signer, Signer)  # noqa: S101 - for the type checker: of the key's kind
        return signer

    def signers(self, origin: str) -> tuple[NoteSigner, ...]:
        """Load every key of a log that is in use: each signs each checkpoint.

        Read them anew for each capture: a key may have been rotated meanwhile.

        Raises:
            StoreError: One is missing, damaged, others may read it, or it can't be opened; or a
                recovery has closed the log.
        """
        self._require_open(origin)
        ring = self.ring(origin)
        if ring is None:
            return (self.signer(origin),)
        return tuple(self._signers(one.key for one in ring.in_use()))

    def _signers(self, keys: Iterable[Key]) -> Iterable[NoteSigner]:
        for key in keys:
            path = self._private_path(key)
            private = self._load(path)
            signer: NoteSigner = (
                Signer(key.name, private)
                if isinstance(private, Ed25519PrivateKey)
                else MlDsaSigner(key.name, private)
            )
            if signer.verifier != key:
                raise StoreError(
                    f"The signing key {path.name} is not the one of the verifier key"
                    f" {key.key_id.hex()}.",
                    "Put both files back from the same backup of the keys.",
                )
            yield signer

    def _load(self, path: Path) -> PrivateKey:
        try:
            stat = path.stat()
            seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size, stat.st_mode)
        except OSError:
            seen = None  # which loading explains
        known = self._loaded.get(path)
        if known is not None and known[0] == seen:
            return known[1]
        private = load_private(path, self.passphrase)
        self._loaded[path] = seen, private
        return private

    def protect(self, origin: str, passphrase: str) -> list[Path]:
        """Protect a log's private keys with a passphrase; return the files that were changed.

        Those that are protected already have to open with it. After a crash in between, the next
        call goes on.

        Raises:
            StoreError: A file can't be read, opened or written.
            UsageError: The passphrase is too short.
        """
        return self._reseal(origin, passphrase, lambda _: passphrase)

    def unprotect(self, origin: str) -> list[Path]:
        """Take the passphrase off a log's private keys; return the files that were changed.

        Raises:
            StoreError: A file can't be read, opened or written.
        """
        return self._reseal(origin, None, self.passphrase)

    def _reseal(
        self, origin: str, wanted: str | None, ask: Callable[[str], str | None] | None
    ) -> list[Path]:
        changed = []
        for path in self.private_files(origin):
            private = load_private(path, ask)
            if is_protected(path) == (wanted is not None):
                continue
            try:
                save_private(path, private, wanted)
            except OSError as error:
                raise _unwritable(origin, error) from error
            changed.append(path)
        return changed

    def private_files(self, origin: str) -> list[Path]:
        """The files of a log's private keys, those that are no longer in use included.

        Raises:
            StoreError: There is none.
        """
        stem = self._path(origin, "key")
        found = [stem, *sorted(self.folder.glob(f"{stem.name.removesuffix('.key')}@*.key"))]
        there = [path for path in found if path.exists()]
        if not there:
            raise StoreError(
                f"There is no signing key of {origin} in {self.folder}.",
                "Put the file back from your backup, or name the keys' folder (SUYUAN_KEYS).",
            )
        return there

    def private_file(self, key: Key) -> Path:
        """The file of a key's private half, whether it is there or not."""
        return self._private_path(key)

    def file(self, origin: str, ending: str) -> Path:
        """A file of a log that stands here, by its ending, whether it is there or not."""
        return self._path(origin, ending)

    def ring(self, origin: str) -> KeyRing | None:
        """The pinned verifier keys of a log with their sizes; None where this folder has none.

        Raises:
            StoreError: The file is there and can't be used.
        """
        path = self._path(origin, "vkey")
        try:
            ring = parse_keys(path.read_text("ascii"))
            if ring.name != origin:
                raise NoteError(f"it is of {ring.name}, not of {origin}.")  # noqa: TRY301
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, NoteError) as error:
            raise StoreError(
                f"The verifier key {path.name} can't be used: {error}",
                "Put the file back from your backup of the keys.",
            ) from error
        return ring

    def verifier(self, origin: str) -> Verifier | None:
        """The newest pinned Ed25519 key of a log, to show; `ring` is what verifies.

        Raises:
            StoreError: The file is there and can't be used.
        """
        ring = self.ring(origin)
        try:
            return None if ring is None else ring.current
        except NoteError as error:
            raise StoreError(str(error), "Put the keys back from your backup.") from error

    def close(self, origin: str, successor: str) -> None:
        """Note that a log was closed for good, and which one goes on in its place.

        Raises:
            StoreError: It can't be written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._path(origin, "closed"), successor + "\n", 0o644)
        except OSError as error:
            raise StoreError(
                f"That {origin} is closed can't be written: {error}.",
                "Free some space or mend the permissions of the keys' folder, then try again.",
            ) from error

    def successor(self, origin: str) -> str | None:
        """The log that goes on in place of one that was closed; None for one that is open.

        Raises:
            StoreError: It can't be read.
        """
        try:
            return self._path(origin, "closed").read_text("utf-8", "replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(
                f"Whether {origin} is closed can't be read: {error}.",
                "Check the permissions of the keys' folder.",
            ) from error

    def _require_open(self, origin: str) -> None:
        if successor := self.successor(origin):
            raise StoreError(
                f"The log {origin} was closed by a recovery.", f"It goes on as {successor}."
            )

    def pin(self, origin: str) -> Pin:
        """The newest checkpoint of a log, as it is kept here."""
        return Pin(self._path(origin, "checkpoint"), origin, self.ring)

    def stamp_roots(self) -> list[Certificate]:
        """The trusted root certificates of time stamping authorities.

        Raises:
            StoreError: A file can't be used.
        """
        # Imported late: X.509 takes longer to load than a short trace, and few ask for stamps.
        from ledger.timestamps import kept_roots

        return kept_roots(self.folder)

    def pinned(self) -> list[str]:
        """The origins of all logs that have a verifier key here.

        Raises:
            StoreError: A file is there and can't be used.
        """
        found = []
        for path in sorted(self.folder.glob("*.vkey")):
            name = path.read_text("ascii", "replace").partition("+")[0]
            if self._path(name, "vkey") == path and self.ring(name) is not None:
                found.append(name)
        return found

    def _path(self, origin: str, ending: str) -> Path:
        return self.folder / (re.sub(r"[^A-Za-z0-9.-]", "+", origin) + "." + ending)

    def _own_path(self, key: Key) -> Path:
        # No origin becomes a name with an @, so this is no other log's file.
        stem = self._path(key.name, "key")
        return stem.with_name(f"{stem.name.removesuffix('.key')}@{key.key_id.hex()}.key")

    def _private_path(self, key: Key) -> Path:
        own = self._own_path(key)
        # The first key of a log has its short name still.
        return own if own.exists() else self._path(key.name, "key")


def _unwritable(origin: str, error: OSError) -> StoreError:
    return StoreError(
        f"The key of {origin} can't be written: {error}.",
        "Check the folder's permissions and the free space.",
    )
