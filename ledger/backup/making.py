"""Making a backup: one archive file that is whole, or isn't there.

What a crash leaves:

* before the rename: the file of before, or none; and a file `.NAME.new` that the next backup to the
  same name takes over;
* after it: the new file.

Private keys are in it only when that is asked for, and only encrypted.
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from ledger.backup.age import WORK_FACTOR, AgeWriter
from ledger.backup.archive import (
    BLOCK,
    MAX_SMALL,
    ArchiveWriter,
    Manifest,
    Member,
    file_name,
    is_name,
    manifest_text,
)
from ledger.backup.dump import dumped, exclusive_file
from ledger.errors import StoreError, UsageError
from ledger.files import sync_folder
from ledger.log.note import sign_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from ledger.backup.archive import Head
    from ledger.keys import KeyFolder
    from ledger.log.note import Signer

__all__ = ["SHORTEST", "Made", "make_backup"]

SHORTEST: Final = 12
"""Characters of a passphrase; shorter ones are guessed, whatever the work factor."""
_FIX: Final = "Free some space, or name another place; nothing was replaced."


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds."""

    manifest: Manifest
    size: int
    """Bytes of the file."""
    signed_by: tuple[str, ...]
    """Origins of the logs whose keys signed the manifest."""
    encrypted: bool


def make_backup(
    engine: Engine,
    keys: KeyFolder,
    path: Path,
    *,
    now: Callable[[], int],
    product: str,
    passphrase: str | None = None,
    work_factor: int = WORK_FACTOR,
    with_keys: bool = False,
    replace: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Made:
    """Write a ledger into an archive, while others go on writing to the ledger.

    Args:
        engine: The ledger.
        keys: Its keys.
        path: The archive.
        now: The clock, in microseconds since 1970 UTC.
        product: The version of suyuan.
        passphrase: Encrypts the archive.
        work_factor: What a guess at the passphrase costs, as a power of two.
        with_keys: Put the private keys and the marks of issuing into it as well.
        replace: Overwrite a file that is there.
        progress: Called with the step ("copy" or "write"), what is done and what there is to do.

    Raises:
        UsageError: The file is there already; or keys would be written without encryption.
        StoreError: The database can't be read, or the file not be written.
    """
    if with_keys and passphrase is None:
        raise UsageError("Private keys are put into an encrypted backup only; add --encrypt.")
    if passphrase is not None and len(passphrase) < SHORTEST:
        raise UsageError(f"Expected a passphrase of at least {SHORTEST} characters.")
    _refuse_existing(path, replace=replace)
    told = _Told(progress)
    try:
        with dumped(engine, told.copied) as dump:
            small = dict(_small(dump.heads, keys, with_keys=with_keys))
            ending = "sqlite" if dump.kind == "sqlite" else "sql"
            manifest = Manifest.make(
                product=product,
                schema=dump.schema,
                database=dump.kind,
                created_at=now(),
                logs=dump.heads,
                members=(
                    *(_member(name, io.BytesIO(raw)) for name, raw in small.items()),
                    _member(f"database.{ending}", dump.file),
                ),
            )
            raw = manifest.as_bytes()
            signers = tuple(_signers(dump.heads, keys))
            note = sign_note(manifest_text(raw), signers) if signers else None
            beside = path.with_name(f".{path.name}.new")
            with exclusive_file(beside, "backup to this file") as file:
                lock = None
                if passphrase is not None:
                    lock = AgeWriter(file, passphrase, work_factor=work_factor)
                writer = ArchiveWriter(lock or file, raw, note)
                for member in manifest.members[:-1]:
                    writer.add(member, io.BytesIO(small[member.name]))
                told.total = manifest.members[-1].size
                dump.file.seek(0)
                writer.add(manifest.members[-1], dump.file, told.wrote)
                writer.finish()
                if lock is not None:
                    lock.finish()
                size = file.tell()
                file.flush()
                os.fsync(file.fileno())
                # A crash up to here leaves what stood at the path, and a file that is taken over.
                _publish(beside, path, replace=replace)
    except OSError as error:
        said = error.strerror or error
        raise StoreError(f"The backup can't be written: {said}.", _FIX) from error
    return Made(manifest, size, tuple(one.name for one in signers), passphrase is not None)


@dataclass(slots=True)
class _Told:
    """Says how far it is, without a caller that listens as well."""

    progress: Callable[[str, int, int], None] | None
    total: int = 0
    done: int = 0

    def copied(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress("copy", done, total)

    def wrote(self, size: int) -> None:
        self.done += size
        if self.progress is not None:
            self.progress("write", self.done, self.total)


def _refuse_existing(path: Path, *, replace: bool) -> None:
    if path.exists() and not replace:
        raise UsageError(f"{str(path)!r} is there already; name another file, or add --force.")
    if path.exists() and not path.is_file():
        raise UsageError(f"{str(path)!r} is no file, so it can't be replaced by one.")


def _publish(beside: Path, path: Path, *, replace: bool) -> None:
    if replace:
        beside.replace(path)
    else:
        # A link, unlike a rename, refuses a file that came meanwhile; the other name goes after it.
        os.link(beside, path)
    sync_folder(path.absolute().parent)


def _member(name: str, source: BinaryIO) -> Member:
    digest = hashlib.sha256()
    size = 0
    while block := source.read(BLOCK):
        digest.update(block)
        size += len(block)
    return Member(name, size, digest.hexdigest())


def _small(
    heads: tuple[Head, ...], keys: KeyFolder, *, with_keys: bool
) -> Iterator[tuple[str, bytes]]:
    """The checkpoints of the database that is in the backup, and keys as they are beside it."""
    for head in heads:
        if head.checkpoint is not None:
            yield f"checkpoints/{file_name(head.origin)}.checkpoint", head.checkpoint.encode()
    for path in sorted(keys.folder.rglob("*")):
        name = f"keys/{path.relative_to(keys.folder).as_posix()}"
        public = path.suffix == ".vkey"
        # The newest checkpoints are those above: a pin may be newer than the state that was copied.
        wanted = public or (with_keys and path.suffix not in {".checkpoint", ".new"})
        if wanted and is_name(name) and path.is_file() and path.stat().st_size <= MAX_SMALL:
            yield name, path.read_bytes()


def _signers(heads: tuple[Head, ...], keys: KeyFolder) -> Iterator[Signer]:
    """The keys that can be used; a backup is wanted most where one of them is damaged."""
    for head in heads:
        try:
            yield keys.signer(head.origin)
        except StoreError:
            continue
