"""One unmoving state of a database as a file, while others go on writing.

* SQLite: the online backup, out of one reading transaction. Within it every step sees the state
  that the first one saw, so writers neither wait nor make it begin again.
* PostgreSQL: `pg_dump` of a snapshot that our own reading transaction exports.

The heads of the logs are read in the same transaction: they are those of the file.

The file stands where the ledger's content is anyway (beside the SQLite ledger), or has no name
(PostgreSQL). A crash leaves the first one, which the next backup takes over.

https://www.sqlite.org/backup.html, https://www.postgresql.org/docs/current/app-pgdump.html
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from ledger.backup.archive import Head
from ledger.errors import StoreError
from ledger.store.engine import reading
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from ledger.backup.archive import Database

__all__ = ["Dump", "database_file", "dumped", "exclusive_file"]

_PAGES: Final = 2048  # moved between two calls of `progress`
_SERVER_PROGRAMS: Final = Path("/usr/lib/postgresql")  # where Debian keeps each version's programs
_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Dump:
    """A database in a file."""

    kind: Database
    file: BinaryIO
    """At its beginning."""
    schema: str
    """The revision."""
    heads: tuple[Head, ...]
    """Of every log, by organisation."""


@contextmanager
def dumped(engine: Engine, progress: Callable[[int, int], None] | None = None) -> Iterator[Dump]:
    """Copy a ledger's database into a file that is gone after the block.

    Args:
        engine: The ledger.
        progress: Called with what is done and what there is to do, in any unit.

    Raises:
        StoreError: The database can't be read or the copy not be written; or there is no `pg_dump`
            that reads this server.
    """
    with ExitStack() as stack:
        with reading(engine) as connection:
            schema = MigrationContext.configure(connection).get_current_revision() or ""
            # The first query of the transaction: from here on nothing moves.
            heads = tuple(_heads(connection))
            if engine.dialect.name == "sqlite":
                kind: Database = "sqlite"
                file = stack.enter_context(
                    _sqlite_copy(connection, database_file(engine), progress)
                )
            else:
                kind = "postgresql"
                file = stack.enter_context(_postgresql_dump(connection))
        # The transaction is over: a long one would keep the database from tidying up.
        yield Dump(kind, file, schema, heads)


def database_file(engine: Engine) -> Path:
    """The file of an SQLite ledger."""
    return Path(str(engine.url.database))


def _heads(connection: Connection) -> Iterator[Head]:
    rows = fetch(
        connection,
        "SELECT organisation, origin, log.size, verifier_key, note FROM log LEFT JOIN checkpoint"
        " ON log_id = log.id AND checkpoint.size = log.size ORDER BY organisation",
    )
    for row in rows:
        yield Head(*row)


@contextmanager
def exclusive_file(path: Path, what: str) -> Iterator[BinaryIO]:
    """An empty file that this program alone works on; gone at the end, unless it was renamed.

    A crash leaves it, and the next program takes it over.

    Args:
        path: Where.
        what: What works on it, for the error: "backup of this ledger".

    Raises:
        StoreError: Another program does, or it can't be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"{str(path)!r} can't be written: {error.strerror}.",
            "Check the folder's permissions and the free space.",
        ) from error
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = _is_at(path, descriptor)  # or its name went while we opened it
        except BlockingIOError:
            mine = False
        if not mine:
            raise StoreError(f"Another {what} is running.", "Wait for its end, or stop it.")
        try:
            file.truncate(0)
            yield file
        finally:
            if _is_at(path, descriptor):
                path.unlink()


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return path.lstat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


@contextmanager
def _sqlite_copy(
    connection: Connection, source: Path, progress: Callable[[int, int], None] | None
) -> Iterator[BinaryIO]:
    spool = source.with_name(f"{source.name}.backing-up")
    with exclusive_file(spool, "backup of this ledger"):
        driver: Any = connection.connection.driver_connection
        with closing(sqlite3.connect(spool)) as target:
            # Nobody else reads the copy, and a crash throws it away.
            target.execute("PRAGMA journal_mode=OFF")
            target.execute("PRAGMA synchronous=OFF")

            def told(_status: int, remaining: int, total: int) -> None:
                if progress is not None:
                    progress(total - remaining, total)

            driver.backup(target, pages=_PAGES, progress=told)
        with spool.open("rb") as file:
            yield file


@contextmanager
def _postgresql_dump(connection: Connection) -> Iterator[BinaryIO]:
    [(snapshot, schema, version)] = fetch(
        connection,
        "SELECT pg_export_snapshot(), current_schema(), current_setting('server_version_num')",
    )
    program = _pg_dump(int(version) // 10_000)
    url = connection.engine.url
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)  # a command line can be read by everybody
    command = [
        program,
        "--format=plain",
        "--encoding=UTF8",
        "--no-owner",
        "--no-privileges",
        "--no-password",
        f'--schema="{schema}"',
        f"--snapshot={snapshot}",
        f"--dbname={_libpq_url(url)}",
    ]
    with tempfile.TemporaryFile(dir=_large_folder()) as file:
        done = subprocess.run(  # noqa: S603 - our own words, and the address of the ledger
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.PIPE,
            env=environment,
        )
        if done.returncode:
            said = " ".join(done.stderr.decode("utf-8", "replace").split())[-300:]
            raise StoreError(
                f"pg_dump failed: {said or done.returncode}.",
                "Check the free space of the folder TMPDIR, and that the role may read all tables.",
            )
        file.seek(0)
        yield file


def _libpq_url(url: sa.URL) -> str:
    """The address as libpq spells it, without its password."""
    plain = sa.URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    return plain.render_as_string()


def _large_folder() -> str | None:
    """Where large files without a name may stand: /tmp is memory on many machines."""
    if "TMPDIR" in os.environ:
        return None
    return "/var/tmp" if os.access("/var/tmp", os.W_OK) else None  # noqa: S108 - it gets no name


def _pg_dump(server: int) -> str:
    """The program that reads a server of this major version: of the same version, else newer."""
    found = []
    for program in [
        *map(str, _SERVER_PROGRAMS.glob("*/bin/pg_dump")),
        *([on_path] if (on_path := shutil.which("pg_dump")) else []),
    ]:
        said = subprocess.run(  # noqa: S603 - a program of the system
            [program, "--version"], check=False, capture_output=True, text=True
        )
        if match := _VERSION.search(said.stdout):
            found.append((int(match[1]), program))
    fitting = [one for one in found if one[0] >= server]
    if fitting:
        return min(fitting)[1]
    newest = f"there is only version {max(found)[0]}" if found else "there is none"
    raise StoreError(
        f"A backup of this PostgreSQL server needs pg_dump {server} or newer; {newest}.",
        f"Install it: 'apt install postgresql-client-{server}'.",
    )
