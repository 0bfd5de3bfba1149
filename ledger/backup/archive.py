"""The archive of a backup: a compressed tar file whose first member says what the others are.

The members, in this order:

* `manifest.json`: canonical JSON with the size and SHA-256 of each member behind it;
* `manifest.note`: a signed note (C2SP signed-note) of the manifest's SHA-256, by the key of each
  log; left out where no key was at hand;
* what the manifest lists: `checkpoints/`, `keys/`, and the database at the end.

Reading is strict: the members are those of the manifest, in its order and of its sizes, and nothing
stands between or behind them. So no header of a member is ever believed: no path leads out of a
folder, and what is unpacked is bounded by the manifest, which is bounded by `MAX_MANIFEST`.
Programs such as `tar` open the archive as well.

POSIX.1-1988 (ustar), RFC 1952 (gzip), https://c2sp.org/signed-note
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zlib
from gzip import BadGzipFile, GzipFile
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

import msgspec
from msgspec import Struct

from ledger.backup.age import MAGIC, AgeReader
from ledger.errors import BackupError, CanonicalError
from ledger.log.canonical import canonical_bytes, parse_canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "BLOCK",
    "MAX_SMALL",
    "ArchiveReader",
    "ArchiveWriter",
    "Database",
    "Head",
    "Manifest",
    "Member",
    "file_name",
    "is_name",
    "manifest_text",
    "opened",
]

Database = Literal["sqlite", "postgresql"]
BLOCK: Final = 1 << 20
"""Bytes that are moved at once: 1 MiB."""
MAX_MANIFEST: Final = 4 << 20  # 4 MiB
MAX_SMALL: Final = 64 << 10
"""The largest checkpoint, key or mark: 64 KiB."""
_MAX_MEMBERS: Final = 20_000
_FORMAT: Final = "suyuan/backup/1"
_NAMES: Final = re.compile(
    r"(?:checkpoints/|keys/(?:issued/)?)[A-Za-z0-9][A-Za-z0-9.+-]{0,199}|database\.(?:sqlite|sql)"
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_GZIP: Final = b"\x1f\x8b"
_MANIFEST, _NOTE = "manifest.json", "manifest.note"
_LEVEL: Final = 1  # of compression: hashes don't shrink, and the disk is waited for anyway


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a backup."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    """Lower-case hex."""

    @property
    def is_database(self) -> bool:
        """Whether it is the database, the one member that may be large."""
        return self.name.startswith("database.")


class Head(Struct, frozen=True, forbid_unknown_fields=True):
    """The head of one log in the backup."""

    organisation: str
    origin: str
    size: int
    """Entries."""
    verifier_key: str
    """As the database has it, C2SP vkey."""
    checkpoint: str | None
    """The newest signed note; None for a log without entries."""


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds."""

    format: str
    product: str
    """The version of suyuan that made it."""
    schema: str
    """The database's schema revision."""
    database: Database
    created_at: int
    """Microseconds since 1970 UTC."""
    logs: tuple[Head, ...]
    members: tuple[Member, ...]

    @classmethod
    def make(cls, **fields: Any) -> Manifest:
        """A manifest of the format that this module writes."""
        return cls(_FORMAT, **fields)

    def as_bytes(self) -> bytes:
        """The canonical JSON."""
        return canonical_bytes(msgspec.to_builtins(self))

    @classmethod
    def parse(cls, raw: bytes) -> Manifest:
        """Read a manifest.

        Raises:
            BackupError: It isn't one, or names members that no backup has.
        """
        try:
            found = msgspec.convert(parse_canonical(raw), cls)
        except (CanonicalError, msgspec.ValidationError) as error:
            raise BackupError(f"The backup's manifest is malformed: {error}") from None
        if found.format != _FORMAT:
            raise BackupError(
                f"Expected a backup of the format {_FORMAT}, got {found.format[:60]!r}."
                " A newer suyuan may have made it."
            )
        names = [member.name for member in found.members]
        if len(set(names)) != len(names) or len(names) > _MAX_MEMBERS:
            raise BackupError("The backup's manifest names a member twice, or too many.")
        ending = "sqlite" if found.database == "sqlite" else "sql"
        if names[-1:] != [f"database.{ending}"]:
            raise BackupError("The backup's manifest doesn't end with its database.")
        for member in found.members:
            small = not member.is_database or member is not found.members[-1]
            if (
                not _NAMES.fullmatch(member.name)
                or not _DIGEST.fullmatch(member.sha256)
                or not 0 <= member.size <= (MAX_SMALL if small else 1 << 50)
            ):
                raise BackupError(f"No backup has a member such as {member.name[:60]!r}.")
        return found


def manifest_text(raw: bytes) -> str:
    """What the logs' keys sign of a manifest; with two lines it is no checkpoint."""
    return f"{_FORMAT}\n{hashlib.sha256(raw).hexdigest()}\n"


class ArchiveWriter:
    """Writes an archive into a stream that takes bytes."""

    def __init__(self, stream: Any, manifest: bytes, note: str | None) -> None:
        """Write what stands before the members.

        Args:
            stream: Has `write`; `AgeWriter` or a file.
            manifest: The manifest's bytes.
            note: The signed note, where there is one.
        """
        # Neither name nor time: equal content gives equal bytes.
        self._gzip = GzipFile("", "wb", _LEVEL, stream, 0)
        self._put(_MANIFEST, io.BytesIO(manifest), len(manifest))
        if note is not None:
            self._put(_NOTE, io.BytesIO(note.encode()), len(note.encode()))

    def add(
        self, member: Member, source: BinaryIO, progress: Callable[[int], None] | None = None
    ) -> None:
        """Write a member, in the manifest's order; `progress` is told how many bytes were moved."""
        self._put(member.name, source, member.size, progress)

    def finish(self) -> None:
        """Write the end of the archive."""
        self._gzip.write(bytes(2 * tarfile.BLOCKSIZE))
        self._gzip.close()

    def _put(
        self,
        name: str,
        source: BinaryIO,
        size: int,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        header = tarfile.TarInfo(name)
        header.size, header.mode = size, 0o600
        self._gzip.write(header.tobuf(tarfile.GNU_FORMAT))
        for block in iter(lambda: source.read(BLOCK), b""):
            self._gzip.write(block)
            if progress is not None:
                progress(len(block))
        self._gzip.write(bytes(-size % tarfile.BLOCKSIZE))


def opened(stream: BinaryIO, passphrase: Callable[[], str]) -> BinaryIO:
    """The compressed archive in a file, whether it is encrypted or not.

    Args:
        stream: The file; its `read` gives all it is asked for but at the end.
        passphrase: Asked where the file is encrypted.

    Raises:
        BackupError: It is neither an encrypted nor an open backup; or the passphrase is wrong.
    """
    begin = stream.read(len(MAGIC))
    stream.seek(0)
    if begin == MAGIC:
        return io.BufferedReader(AgeReader(stream, passphrase()), BLOCK)
    if begin.startswith(_GZIP):
        return stream
    raise BackupError(
        "This is no backup of suyuan, or its beginning is damaged."
        " Expected what 'suyuan backup' wrote."
    )


class ArchiveReader:
    """Reads an archive, member by member."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read what stands before the members.

        Raises:
            BackupError: It is damaged.
        """
        self._gzip = GzipFile(fileobj=stream, mode="rb")
        self._next = self._header()
        self.raw = self._small(_MANIFEST, MAX_MANIFEST)
        """The manifest's bytes."""
        self.manifest = Manifest.parse(self.raw)
        self.note: bytes | None = None
        """The signed note of the manifest, not verified yet."""
        if self._next is not None and self._next.name == _NOTE:
            self.note = self._small(_NOTE, MAX_SMALL)

    def members(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """Each member with its blocks, which have to be read to their end before the next one.

        What was read holds once this ends without an error: hashes stand behind what they are of.

        Raises:
            BackupError: Something isn't what the manifest says, or the archive doesn't end there.
        """
        for member in self.manifest.members:
            self._expect(member.name, member.size, member.size)
            yield member, self._blocks(member)
            self._next = self._header()
        if self._next is not None or any(self._exactly(tarfile.BLOCKSIZE)) or self._read(1):
            raise BackupError("The backup is damaged: something stands behind its last member.")

    def _expect(self, name: str, smallest: int, largest: int) -> int:
        """Compare the header that was read last, and return the size that it says."""
        found = self._next
        if found is None or found.name != name or found.type != tarfile.REGTYPE:
            said = "the end" if found is None else repr(found.name[:60])
            raise BackupError(f"The backup is damaged: expected {name}, got {said}.")
        if not smallest <= found.size <= largest:
            raise BackupError(
                f"The backup is damaged: expected {name} of {largest} bytes, got {found.size}."
            )
        return found.size

    def _small(self, name: str, largest: int) -> bytes:
        size = self._expect(name, 1, largest)
        raw = self._exactly(size)
        self._exactly(-size % tarfile.BLOCKSIZE)
        self._next = self._header()
        return raw

    def _header(self) -> tarfile.TarInfo | None:
        """The next member's header; None for the block of zeros at the end."""
        block = self._exactly(tarfile.BLOCKSIZE)
        if not any(block):
            return None
        try:
            return tarfile.TarInfo.frombuf(block, "ascii", "strict")
        except (tarfile.TarError, UnicodeDecodeError) as error:
            raise BackupError(f"The backup is damaged: a member's header: {error}.") from None

    def _blocks(self, member: Member) -> Iterator[bytes]:
        digest = hashlib.sha256()
        left = member.size
        while left:
            block = self._read(min(left, BLOCK))
            if not block:
                raise BackupError(f"The backup was cut off in {member.name}.")
            digest.update(block)
            left -= len(block)
            yield block
        if any(self._exactly(-member.size % tarfile.BLOCKSIZE)):
            raise BackupError(f"The backup is damaged: something stands behind {member.name}.")
        if digest.hexdigest() != member.sha256:
            raise BackupError(
                f"The backup is damaged: {member.name} has the SHA-256 {digest.hexdigest()},"
                f" its manifest says {member.sha256}."
            )

    def _exactly(self, size: int) -> bytes:
        raw = self._read(size)
        if len(raw) != size:
            raise BackupError("The backup was cut off.")
        return raw

    def _read(self, size: int) -> bytes:
        try:
            return self._gzip.read(size)
        except (BadGzipFile, EOFError, zlib.error) as error:
            raise BackupError(f"The backup is damaged or was cut off: {error}.") from None


def file_name(origin: str) -> str:
    """A log's origin as it stands in the names of files."""
    return re.sub(r"[^A-Za-z0-9.-]", "+", origin)


def is_name(name: str) -> bool:
    """Whether a backup may have a member of this name."""
    return _NAMES.fullmatch(name) is not None
