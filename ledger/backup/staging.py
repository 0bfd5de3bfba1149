"""A restored database beside the one in use, which it replaces in one step or not at all.

`SqliteStage` keeps it in a file beside the ledger's; `ledger.backup.schemas` in a schema.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from ledger.backup.dump import database_file, exclusive_file
from ledger.errors import BackupError, StoreError
from ledger.files import sync_folder
from ledger.store.engine import open_engine, store_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from ledger.backup.archive import Database

__all__ = ["SqliteStage", "Stage", "sqlite_stage"]

_FIX: Final = "Free some space or check the disk; the ledger is as it was."
# SQLite's locks stand on these bytes of the file: pending, reserved and the range of the readers.
_LOCK_START, _LOCK_SIZE = 0x40000000, 512
_HEADER: Final = b"SQLite format 3\0"
_PATIENCE: Final = 2000  # milliseconds that we wait for others to close the ledger


class Stage(Protocol):
    """Where a backup is put before it replaces anything."""

    kind: Database
    """Which backups can be put here."""
    engine: Engine
    """The restored database, once it was loaded."""

    def load(self, blocks: Iterable[bytes], size: int, schema: str) -> None:
        """Take the database in, as it stands in a backup."""
        ...

    def publish(self, stamp: str) -> str | None:
        """Put it where the ledger is; return where the one of before is kept, if there was one."""
        ...


class SqliteStage:
    """A file beside the ledger's."""

    kind: Database = "sqlite"

    def __init__(self, target: Path, staged: Path, file: BinaryIO) -> None:
        """Take an empty file that this program alone works on."""
        self._target = target
        self._staged = staged
        self._file = file
        self.engine = open_engine(f"sqlite:///{staged}")

    def load(self, blocks: Iterable[bytes], size: int, schema: str) -> None:  # noqa: ARG002
        """Write the file, and find out whether it is a whole SQLite database without programs.

        Raises:
            BackupError: It isn't.
            StoreError: The disk is too small.
        """
        free = shutil.disk_usage(self._target.absolute().parent).free
        if free < size:
            raise StoreError(f"The ledger takes {size} bytes, {free} are free.", _FIX)
        try:
            for block in blocks:
                self._file.write(block)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StoreError(
                f"The ledger can't be written: {error.strerror or error}.", _FIX
            ) from error
        try:
            with closing(sqlite3.connect(self._staged)) as connection:
                # What somebody put into the schema must not run.
                connection.execute("PRAGMA trusted_schema=OFF")
                programs = connection.execute(
                    "SELECT name FROM sqlite_schema WHERE type NOT IN ('table', 'index')"
                ).fetchall()
                said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise BackupError(f"The database in the backup is damaged: {error}.") from error
        if programs or said != "ok":
            what = f"it holds the program {programs[0][0]!r}" if programs else said
            raise BackupError(f"The database in the backup is no ledger of ours: {what}.")

    def publish(self, stamp: str) -> str | None:
        """Replace the ledger's file.

        What a crash leaves is said at each step; none of them leaves a ledger that isn't whole.

        Raises:
            StoreError: Another program has the ledger open, or the disk fails.
        """
        kept = self._target.with_name(f"{self._target.name}.before-restore-{stamp}")
        while kept.exists():  # as after a crash that left the old ledger under two names
            kept = kept.with_name(f"{kept.name}-again")
        self.engine.dispose()
        try:
            with store_errors(), closing(sqlite3.connect(self._staged)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal
            present = self._target.exists()
            if present:
                _resemble(self._file, self._target)
            os.fsync(self._file.fileno())
            # Crash: the old ledger, and a file that the next restore takes over.
            with ExitStack() as stack:
                if present:
                    stack.enter_context(_alone(self._target, kept))
                    # Crash: the old ledger, which is one file now.
                    _keep(self._target, kept)
                    sync_folder(self._target.absolute().parent)
                    # Crash: the old ledger, under two names.
                self._staged.replace(self._target)
                # Crash: the old ledger or the new one, as the disk has the name.
                sync_folder(self._target.absolute().parent)
                # Crash: the new ledger.
        except OSError as error:
            raise StoreError(
                f"The ledger can't be replaced: {error.strerror or error}.", _FIX
            ) from error
        return str(kept) if present else None


@contextmanager
def sqlite_stage(engine: Engine) -> Iterator[SqliteStage]:
    """Open a stage for the SQLite ledger at an engine's address; what isn't published is removed.

    Raises:
        StoreError: Another restore is running, or the folder can't be written.
    """
    target = database_file(engine)
    staged = target.with_name(f"{target.name}.restoring")
    with exclusive_file(staged, "restore of this ledger") as file:
        for ending in ("-wal", "-shm", "-journal"):  # a killed restore may have left them
            staged.with_name(staged.name + ending).unlink(missing_ok=True)
        stage = SqliteStage(target, staged, file)
        try:
            yield stage
        finally:
            stage.engine.dispose()


@contextmanager
def _alone(target: Path, kept: Path) -> Iterator[None]:
    """Be the only program that has the ledger open, and fold its write-ahead log into the file.

    Who opens the file meanwhile waits, and finds afterwards that it was moved away
    (`ledger.store.engine` compares), so that nothing is written to the old one.
    """
    with ExitStack() as stack:
        if not _locked_by_sqlite(target, stack):
            stack.enter_context(_damaged(target, kept))
        yield


def _locked_by_sqlite(target: Path, stack: ExitStack) -> bool:
    """Whether SQLite could read the ledger and lock it, until the stack is closed."""
    with target.open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            return False  # SQLite might throw away the write-ahead log beside it
    connection = sqlite3.connect(target, isolation_level=None)
    stack.callback(connection.close)
    try:
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE}")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        # SQLite leaves WAL mode only for a connection that is the only one.
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise _in_use() from error
        connection.close()
        return False
    return True


@contextmanager
def _damaged(target: Path, kept: Path) -> Iterator[None]:
    """The same for a file that SQLite can't read, perhaps the reason why a backup is restored."""
    with target.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_SIZE, _LOCK_START)
        except OSError as error:
            raise _in_use() from error
        for ending in ("-wal", "-journal"):
            beside = target.with_name(target.name + ending)
            if beside.exists():
                # Left there, SQLite would play it into the new ledger.
                beside.replace(kept.with_name(kept.name + ending))
        target.with_name(target.name + "-shm").unlink(missing_ok=True)
        sync_folder(target.absolute().parent)
        # Crash: the damaged ledger as before, its newest writes beside it under their new name.
        yield


def _resemble(file: BinaryIO, old: Path) -> None:
    """Give the new file the old one's owner and mode: the server may run under another account."""
    seen = old.stat()
    with suppress(PermissionError):
        os.fchown(file.fileno(), seen.st_uid, seen.st_gid)
    os.fchmod(file.fileno(), seen.st_mode & 0o777)


def _in_use() -> StoreError:
    return StoreError(
        "Another program has the ledger open.", "Stop the server and all commands, then try again."
    )


def _keep(target: Path, kept: Path) -> None:
    """Give the old file a second name; where the file system has no such thing, copy it.

    Weak there: closing the copy's source gives back the lock of `_alone` (POSIX), so that another
    program could open the ledger in the moment before it is replaced, and write to the old one.
    """
    try:
        os.link(target, kept)
    except OSError:
        shutil.copyfile(target, kept)
        with kept.open("rb+") as file:
            os.fsync(file.fileno())
