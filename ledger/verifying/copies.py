"""Opening a copy of a ledger's file to read it, without leaving a trace beside it.

A copy stands still: SQLite is told so (`immutable`), takes no lock, and makes neither a write-ahead
log nor its index. A file that has a write-ahead log with something in it is no whole copy, for the
newest entries may stand there alone; it is refused.

https://www.sqlite.org/uri.html section 3
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from ledger.errors import StoreError
from ledger.store.engine import open_engine
from ledger.store.sets import is_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

__all__ = ["any_text", "open_copy", "strict_text"]


def open_copy(url: str) -> Engine:
    """Open a ledger to read it: a file of SQLite as a copy that nobody writes to.

    Raises:
        StoreError: There is no such file, it isn't whole, or the URL is none.
    """
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        return open_engine(url)  # which says what is wrong with it
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return open_engine(url)
    file = Path(parsed.database)
    if not file.is_file():
        raise StoreError(f"There is no ledger at {str(file)!r}.", "Check the path behind --db.")
    rest = file.with_name(file.name + "-wal")
    if rest.exists() and rest.stat().st_size:
        raise StoreError(
            f"The file {file.name!r} has a write-ahead log beside it, so it isn't a whole copy.",
            "Copy it with 'suyuan backup' or sqlite3's .backup, or verify the ledger itself.",
        )
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, isolation_level=None),
        poolclass=NullPool,
    )

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


@contextmanager
def _text(connection: Connection, factory: Callable[[bytes], object]) -> Iterator[None]:
    if not is_sqlite(connection):
        yield
        return
    driver: Any = connection.connection.driver_connection
    before = driver.text_factory
    driver.text_factory = factory
    try:
        yield
    finally:
        driver.text_factory = before


def any_text(connection: Connection) -> AbstractContextManager[None]:
    """Read text that is no UTF-8 as well: SQLite keeps in any column what an intruder put there.

    Escaped, it is text that can be shown, and equals nothing that an entry says.
    """
    return _text(connection, lambda raw: raw.decode("utf-8", "backslashreplace"))


def strict_text(connection: Connection) -> AbstractContextManager[None]:
    """Read text at the driver's speed, which stops at what is no UTF-8."""
    return _text(connection, str)
