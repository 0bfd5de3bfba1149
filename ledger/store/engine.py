"""Opening a ledger's database.

* SQLite runs in WAL mode with `synchronous=FULL`: what was acknowledged survives a power cut.
* A writing transaction on SQLite starts with `BEGIN IMMEDIATE`, so that two writers queue for the
  lock instead of failing half-way; a reading one takes a snapshot that later writes don't move.
* Programs that open one new file at once take turns at switching it to WAL.
* On PostgreSQL a reading transaction is `REPEATABLE READ`, for the same reason.
* Errors of the driver that a person can mend (missing folder, locked or full disk, no server) leave
  as `StoreError` with the likely fix; others are defects and are not hidden.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from ledger.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.pool import ConnectionPoolEntry

__all__ = [
    "SQLITE_PRAGMAS",
    "driver_errors",
    "open_engine",
    "reading",
    "store_errors",
    "writing",
]

SQLITE_PRAGMAS: Final = (
    "busy_timeout=10000",  # milliseconds that a writer waits for another one's lock
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-65536",  # 64 MiB
    # The random keys of many groups fall on the same pages, which then are moved to the file once.
    "wal_autocheckpoint=8192",  # pages, 32 MiB
    "journal_size_limit=67108864",  # 64 MiB of the log are kept; one huge capture may need more
    "temp_store=MEMORY",
    "secure_delete=ON",  # what is erased, or was in the inbox, doesn't stay in free pages
)
"""What every connection to SQLite is set to."""

_PATIENCE: Final = 10.0  # seconds that a program waits for another one at the same file
_WAIT: Final = 120_000  # milliseconds
_PAUSE: Final = 0.005  # seconds between two attempts

_PATIENT: Final = (
    f"SET LOCAL lock_timeout = {_WAIT}; SET LOCAL idle_in_transaction_session_timeout = {_WAIT}"
)
"""A writer waits so long for another one, and lets go when its own sender stalls for so long."""

_CAUSES: Final = (
    ("lock timeout", "Another program holds the ledger's lock; close it, or try again."),
    ("idle-in-transaction", "The sender stalled while the log was held; send the file again."),
    ("database is locked", "Another program holds the ledger's lock; close it, or try again."),
    ("database or disk is full", "The disk is full; free some space and send the same file again."),
    ("disk i/o error", "The disk is full or failing; check it, then run 'suyuan verify'."),
    ("unable to open database", "Check that the folder exists and that you may write to it."),
    ("readonly database", "The file is read-only; check its permissions and its folder's."),
    ("file is not a database", "The file is no SQLite ledger, or it is damaged; check the path."),
    ("malformed", "The file is damaged; restore it from a backup."),
    ("could not decode", "The file was damaged or changed; run 'suyuan verify'."),
    ("json cannot hold", "The file was damaged or changed; run 'suyuan verify'."),
    ("no such table", "The ledger isn't set up yet; run 'suyuan migrate' first."),
    ("does not exist", "The database or its tables are missing; run 'suyuan migrate' first."),
    ("deadlock detected", "Two captures waited for each other; send the same file again."),
    ("no space left on device", "The server's disk is full; free some space and send it again."),
    ("connection refused", "No PostgreSQL server answers there; start it, or check the address."),
    (
        "connection failed",
        "The PostgreSQL server can't be reached; check the address and password.",
    ),
    ("connection is bad", "No PostgreSQL server answers there; start it, or check the address."),
    ("failed to resolve host", "There is no such host; check the address."),
    ("invalid connection option", "Check what stands behind the '?' of the address."),
    ("terminating connection", "The PostgreSQL server was stopped; start it, then try again."),
    ("connection is lost", "The PostgreSQL server was stopped; start it and try again."),
    ("server closed the connection", "The PostgreSQL server was stopped; start it and try again."),
)
"""What the drivers say, and what a person does about it. First match wins."""


_PASSWORD: Final = re.compile(r"(://[^:@/]*:)[^@]*@")
"""The password in a URL, well-formed or not: it must not reach a screen or a log."""
_URL_FIX: Final = "Use sqlite:///FILE or postgresql://HOST/NAME."


def open_engine(url: str) -> Engine:
    """Return an engine for the ledger at a SQLAlchemy database URL.

    Plain `postgresql://` means psycopg 3. No connection is made yet.

    Raises:
        StoreError: The URL is no database URL, or its driver isn't installed.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        if parsed.get_backend_name() == "postgresql":
            return sa.create_engine(parsed, pool_pre_ping=True)
    except (SQLAlchemyError, ValueError) as error:  # ValueError: a port that is no number
        shown = _PASSWORD.sub(r"\1***@", url)
        raise StoreError(f"{shown!r} is no database URL.", _URL_FIX) from error
    except ModuleNotFoundError as error:
        raise StoreError(
            "PostgreSQL needs the psycopg driver.",
            "Install it with pip install 'suyuan[postgresql]'.",
        ) from error
    raise StoreError(
        f"Expected a sqlite or postgresql URL, got {parsed.get_backend_name()!r}.", _URL_FIX
    )


def _sqlite(url: sa.URL) -> Engine:
    in_memory = url.database in {None, "", ":memory:"}
    if url.database and not in_memory:
        folder = Path(url.database).parent
        if not folder.is_dir():
            raise StoreError(f"The folder {str(folder)!r} is missing.", "Make it, or correct --db.")
    # Closing the last connection empties the write-ahead log, with two more waits for the disk than
    # a commit needs; so some are kept open. Readers and writers in any number may be added.
    kept: dict[str, Any] = {} if in_memory else {"poolclass": QueuePool, "max_overflow": -1}
    engine = sa.create_engine(url, **kept)

    @event.listens_for(engine, "do_connect")
    def _connecting(
        _dialect: object, record: ConnectionPoolEntry, _args: object, _given: object
    ) -> None:
        # Before the file is opened: one that takes its place meanwhile, while we wait for the lock
        # of a restore, is then found to be another.
        record.info["file"] = _file_number(url)

    @event.listens_for(engine, "connect")
    def _connected(driver: Any, record: ConnectionPoolEntry) -> None:
        driver.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's late one
        cursor = driver.cursor()
        for pragma in SQLITE_PRAGMAS:
            _set(cursor, pragma)
        cursor.close()
        if record.info["file"] is None:  # this connection has made it
            record.info["file"] = _file_number(url)

    @event.listens_for(engine, "checkout")
    def _checked_out(_driver: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        # A connection would go on with a file that was moved away, and what it stored be lost.
        if record.info["file"] != _file_number(url):
            raise DisconnectionError

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        if connection.get_execution_options().get("writing", False):
            _queue(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _queue(connection: Connection) -> None:
    """Wait for the lock of the writers.

    SQLite itself looks again after up to a tenth of a second, in which twenty others could have
    committed; so it is asked not to wait, and is asked again after `_PAUSE`.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute("PRAGMA busy_timeout=0")
        _insist(lambda: cursor.execute("BEGIN IMMEDIATE"))
    finally:
        cursor.execute(f"PRAGMA {SQLITE_PRAGMAS[0]}")
        cursor.close()


def _set(cursor: sqlite3.Cursor, pragma: str) -> None:
    """Set a connection; wait where SQLite doesn't.

    A new file is switched to WAL once. Who switches it reads it first, then asks to be its only
    user. Two who do so at once would wait for each other, so SQLite refuses one of them at once,
    without the busy timeout. The one that was refused lets go of the file, so that the other ends.
    """
    _insist(lambda: cursor.execute(f"PRAGMA {pragma}"))


def _insist(step: Callable[[], object]) -> None:
    """Do a step as soon as nobody else holds what it needs."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            step()
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # without its details
            if not busy or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _file_number(url: sa.URL) -> int | None:
    try:
        return Path(url.database or "").stat().st_ino
    except OSError:
        return None


def driver_errors() -> tuple[type[Exception], ...]:
    """What the drivers raise, through SQLAlchemy or past it."""
    # COPY lets psycopg's own errors through, which SQLAlchemy doesn't cover there.
    psycopg = sys.modules.get("psycopg")
    return (DBAPIError, sqlite3.Error, *([psycopg.Error] if psycopg else []))


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn the driver errors that a person can mend into `StoreError`."""
    try:
        yield
    except driver_errors() as error:
        said = " ".join(str(getattr(error, "orig", error)).split())
        for words, fix in _CAUSES:
            if words in said.lower():
                raise StoreError(f"The database says: {said[:200]}.", fix) from error
        raise


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end of the block, rolled back on any error.

    Raises:
        StoreError: The store can't be written now, with the likely fix.
    """
    with (
        store_errors(),
        engine.connect().execution_options(writing=True) as connection,
        connection.begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(_PATIENT)
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one unmoving state of the ledger.

    Raises:
        StoreError: The store can't be read now, with the likely fix.
    """
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with (
        store_errors(),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection
