"""The secret keys that codes are issued with, as files beside the signing keys.

Rules kept:

* One secret of 256 random bits for each version, in a file of its own, `issuing-v1.secret` and so
  on, readable by its owner only (mode 0600). No database ever holds one.
* The key of serials and the key of tags are derived from it (HKDF-SHA-256, RFC 5869), and so is an
  identifier that may be known: the database keeps it, so that another key under an old number is
  noticed before anything is issued with it.
* A version is made once. Two programs that make the same one at the same time end up with one
  secret: the file appears whole, or was there already.
* `rotate` begins a new version. Earlier ones stay: their tags go on to hold, and their serials must
  not be given out again.
* A version whose secret became known is revoked by renaming its file to `issuing-v1.revoked`: its
  tags hold no more, its serials still count as given out.
* A file that is lost takes with it the tags of its version and the way back from its serials. Back
  the folder up.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.errors import StoreError
from ledger.files import sync_folder, write_new
from ledger.issuance.marks import Marks

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IssuingKeys", "KeyVersion"]

_SECRET_LENGTH: Final = 32  # bytes
_NAME: Final = re.compile(r"issuing-v([1-9][0-9]{0,5})\.(secret|revoked)\Z")
_CONTENT: Final = re.compile(r"suyuan issuing key ([0-9a-f]{64})\n?\Z")
_BACKUP: Final = "Put the file back from your backup of the keys."


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version of the issuing key, as the keys that are derived from it."""

    number: int
    """From 1."""
    serial_key: bytes = field(repr=False)
    """AES-256 key of the permutation of serials."""
    tag_key: bytes = field(repr=False)
    """HMAC key of the tags, 32 bytes."""
    identifier: str
    """Names the secret without giving it away: 16 hexadecimal digits."""
    revoked: bool = False
    """Whether its tags hold no more."""


def _derived(number: int, secret: bytes, *, revoked: bool) -> KeyVersion:
    def expand(use: str, length: int) -> bytes:
        info = f"suyuan issuing v{number} {use}".encode()
        return HKDF(SHA256(), length, salt=None, info=info).derive(secret)

    return KeyVersion(
        number,
        expand("serials", 32),
        expand("tags", 32),
        expand("identifier", 8).hex(),
        revoked,
    )


@dataclass(frozen=True, slots=True)
class IssuingKeys:
    """A folder with the issuing keys of one ledger."""

    folder: Path

    @property
    def marks(self) -> Marks:
        """How far the counters of each product went."""
        return Marks(self.folder / "issued")

    def versions(self) -> tuple[KeyVersion, ...]:
        """All versions, oldest first; none where no code was ever issued.

        Raises:
            StoreError: A file can't be read, is damaged, or others may read it.
        """
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(
                f"The folder of the issuing keys can't be read: {error}.",
                "Check its permissions.",
            ) from error
        # A file that is there both ways counts as revoked: "revoked" comes first.
        found = {
            int(match[1]): name
            for name in sorted(names, key=lambda name: name.endswith(".revoked"))
            if (match := _NAME.match(name))
        }
        return tuple(self._load(number, name) for number, name in sorted(found.items()))

    def newest(self) -> KeyVersion | None:
        """The version that codes are issued with now; None where there is none yet.

        Raises:
            StoreError: A file can't be used, or the newest version is revoked.
        """
        versions = self.versions()
        if not versions:
            return None
        if versions[-1].revoked:
            raise StoreError(
                f"Version {versions[-1].number} of the issuing key is revoked, and there is no"
                " newer one.",
                "Begin one with 'suyuan code rotate'.",
            )
        return versions[-1]

    def rotate(self) -> KeyVersion:
        """Begin a new version, the first one where there is none.

        Raises:
            StoreError: The folder can't be written.
        """
        versions = self.versions()
        return self.begin(versions[-1].number + 1 if versions else 1)

    def begin(self, number: int) -> KeyVersion:
        """Make a version, or load it where another program has just made it.

        A crash before the link leaves a spare file without effect; after it, a version that the
        next start uses.

        Raises:
            StoreError: The folder can't be written.
        """
        path = self.folder / f"issuing-v{number}.secret"
        spare = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        content = f"suyuan issuing key {secrets.token_bytes(_SECRET_LENGTH).hex()}\n"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_new(spare, content)
            try:
                os.link(spare, path)  # unlike a renaming, it never takes another's place
            except FileExistsError:
                pass
            finally:
                spare.unlink()
            sync_folder(self.folder)
        except OSError as error:
            raise StoreError(
                f"The issuing key can't be written: {error}.",
                "Check the folder's permissions and the free space.",
            ) from error
        return self._load(number, path.name)

    def _load(self, number: int, name: str) -> KeyVersion:
        path = self.folder / name
        try:
            mode = path.stat().st_mode
            text = path.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"The issuing key {name} can't be read: {error}.", _BACKUP) from error
        if mode & 0o077:
            raise StoreError(f"Others may read the issuing key {name}.", f"Run chmod 600 {path}.")
        match = _CONTENT.match(text)
        if match is None:
            raise StoreError(f"The issuing key {name} is damaged.", _BACKUP)
        return _derived(number, bytes.fromhex(match[1]), revoked=name.endswith(".revoked"))
