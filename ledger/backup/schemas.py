"""A restored PostgreSQL database in a schema beside the one in use.

Nothing in a backup is run: the tables are made by our own migrations, and of what `pg_dump` wrote
only the rows are taken. So neither `psql` nor `pg_restore` is needed, and no program that somebody
put into a dump runs here.

The swap moves the tables of both schemas in one transaction. It takes the locks of all tables first
and waits for none: a program that is in the middle of something is told of, not cut off.

https://www.postgresql.org/docs/current/sql-copy.html (the text format)
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import OperationalError

from ledger.errors import BackupError, StoreError
from ledger.store.engine import driver_errors, open_engine, store_errors, writing
from ledger.store.migrate import upgrade
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Engine

    from ledger.backup.archive import Database

__all__ = ["PostgresqlStage", "postgresql_stage"]

_STAGE: Final = "suyuan_restoring"
_REVISION: Final = "alembic_version"
_COPY: Final = re.compile(
    rb'COPY (?:[a-z_][a-z0-9_]*|"[^"\n]+")\.([a-z_][a-z0-9_]*) \(([a-z0-9_", ]+)\) FROM stdin;\n'
)
_END: Final = b"\\.\n"
_LINE: Final = 1 << 16  # bytes of a line that are taken at once; a row may be longer
_LOCK_NOT_AVAILABLE: Final = "55P03"


class PostgresqlStage:
    """A schema in the ledger's database."""

    kind: Database = "postgresql"

    def __init__(self, ledger: Engine, schema: str) -> None:
        """Take an empty schema that this program alone works on."""
        self._ledger = ledger
        self._schema = schema
        options = str(ledger.url.query.get("options", ""))
        url = ledger.url.update_query_dict({"options": f"{options} -csearch_path={_STAGE}".strip()})
        self.engine = open_engine(url.render_as_string(hide_password=False))

    def load(self, blocks: Iterable[bytes], size: int, schema: str) -> None:  # noqa: ARG002
        """Make the tables of a revision and fill them from the text of `pg_dump`.

        Raises:
            BackupError: The text doesn't fit them.
            StoreError: The server can't take it.
        """
        upgrade(self.engine, schema)
        try:
            self._fill(_Lines(blocks))
        except driver_errors() as error:
            said = " ".join(str(getattr(error, "orig", error)).split())[:200]
            raise BackupError(f"The database in the backup isn't a ledger's: {said}.") from error

    def _fill(self, lines: _Lines) -> None:
        with writing(self.engine) as connection:
            columns = _columns(connection)
            # pg_dump writes the rows first and the constraints behind them.
            constraints = _drop_constraints(connection)
            while line := lines.next():
                if found := _COPY.fullmatch(line):
                    _fill(connection, found, columns, lines)
            for table, name, definition in constraints:
                connection.exec_driver_sql(
                    f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}'
                )
            if columns:
                raise BackupError(
                    f"The database in the backup has no table {min(columns)}; it was cut off."
                )
            _set_sequences(connection)

    def publish(self, stamp: str) -> str | None:
        """Put the restored tables in the place of the old ones, which move to another schema.

        One transaction: a crash leaves the old ledger or the new one. The stage is gone with it.

        Raises:
            StoreError: Another program is working on the ledger.
        """
        self.engine.dispose()
        kept = f"before_restore_{stamp}"
        try:
            with writing(self._ledger) as connection:
                old = _tables(connection, self._schema)
                new = _tables(connection, _STAGE)
                moved = [one for one in old if one in new]
                for table in moved:
                    connection.exec_driver_sql(
                        f'LOCK TABLE "{self._schema}"."{table}" IN ACCESS EXCLUSIVE MODE NOWAIT'
                    )
                while _tables(connection, kept):
                    kept += "_again"
                if moved:
                    connection.exec_driver_sql(f'CREATE SCHEMA "{kept}"')
                for table in moved:
                    connection.exec_driver_sql(
                        f'ALTER TABLE "{self._schema}"."{table}" SET SCHEMA "{kept}"'
                    )
                for table in new:
                    connection.exec_driver_sql(
                        f'ALTER TABLE "{_STAGE}"."{table}" SET SCHEMA "{self._schema}"'
                    )
                connection.exec_driver_sql(f'DROP SCHEMA "{_STAGE}"')
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            raise StoreError(
                "Another program is working on the ledger.",
                "Stop the server and all commands, then try again.",
            ) from error
        return f"schema {kept}" if moved else None


@contextmanager
def postgresql_stage(ledger: Engine) -> Iterator[PostgresqlStage]:
    """Open a stage in a ledger's database. What isn't published is removed.

    Raises:
        StoreError: Another restore is running, or the role may make no schema.
    """
    with (
        store_errors(),
        ledger.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        # A session's lock: the server gives it back when this program ends, however it ends.
        [(schema, mine)] = fetch(
            connection, "SELECT current_schema(), pg_try_advisory_lock(hashtext({p}))", _STAGE
        )
        if not mine:
            raise StoreError("Another restore of this ledger is running.", "Wait, or stop it.")
        try:
            _clear(ledger, make=True)
            stage = PostgresqlStage(ledger, str(schema))
            try:
                yield stage
            finally:
                stage.engine.dispose()
                _clear(ledger, make=False)
        finally:
            fetch(connection, "SELECT pg_advisory_unlock(hashtext({p}))", _STAGE)


def _clear(ledger: Engine, *, make: bool) -> None:
    with writing(ledger) as connection:
        # A killed restore may have left its schema.
        connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{_STAGE}" CASCADE')
        if make:
            connection.exec_driver_sql(f'CREATE SCHEMA "{_STAGE}"')


class _Lines:
    """The lines of a stream of blocks, in pieces where they are long."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._stream = io.BufferedReader(_Blocks(blocks), _LINE)

    def next(self) -> bytes:
        """The next line or a piece of it; nothing at the end."""
        return self._stream.readline(_LINE)


class _Blocks(io.RawIOBase):
    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._left:
            self._left = memoryview(next(self._blocks, b""))
        target = memoryview(buffer)
        size = min(len(target), len(self._left))
        target[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def _fill(
    connection: Connection,
    found: re.Match[bytes],
    columns: dict[str, set[str]],
    lines: _Lines,
) -> None:
    """Copy the rows behind a COPY line into its table; each table once."""
    table = found[1].decode()
    names = [name.strip('"') for name in found[2].decode().split(", ")]
    known = {_REVISION: {"version_num"}} | columns
    if table not in known or set(names) != known[table]:
        raise BackupError(f"The database in the backup has a table {table[:60]!r} that isn't ours.")
    columns.pop(table, None)
    if table == _REVISION:  # which the migrations have filled
        _skip(lines)
        return
    listed = ", ".join(f'"{name}"' for name in names)
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f'COPY "{table}" ({listed}) FROM STDIN') as copy:
        for piece in _rows(lines):
            copy.write(piece)


def _skip(lines: _Lines) -> None:
    for _piece in _rows(lines):
        pass


def _rows(lines: _Lines) -> Iterator[bytes]:
    begins = True  # a line, not a further piece of one
    while piece := lines.next():
        if begins and piece == _END:
            return
        begins = piece.endswith(b"\n")
        yield piece
    raise BackupError("The database in the backup was cut off within a table.")


def _columns(connection: Connection) -> dict[str, set[str]]:
    """The columns of each table of the ledger."""
    rows = fetch(
        connection,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = {p} AND table_name <> {p}",
        _STAGE,
        _REVISION,
    )
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found


def _drop_constraints(connection: Connection) -> list[tuple[Any, ...]]:
    found = fetch(
        connection,
        "SELECT relname, conname, pg_get_constraintdef(con.oid) FROM pg_constraint AS con"
        " JOIN pg_class ON pg_class.oid = conrelid JOIN pg_namespace AS n ON n.oid = relnamespace"
        " WHERE contype = 'f' AND nspname = {p} ORDER BY relname, conname",
        _STAGE,
    )
    for table, name, _definition in found:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    return found


def _set_sequences(connection: Connection) -> None:
    """Let every sequence go on behind the largest id that was given out."""
    rows = fetch(
        connection,
        "SELECT table_name, column_name, pg_get_serial_sequence(table_name, column_name)"
        " FROM information_schema.columns WHERE table_schema = {p}"
        " AND pg_get_serial_sequence(table_name, column_name) IS NOT NULL",
        _STAGE,
    )
    for table, column, sequence in rows:
        connection.exec_driver_sql(
            f"SELECT setval('{sequence}', coalesce(max(\"{column}\"), 1),"
            f' max("{column}") IS NOT NULL) FROM "{table}"'
        )


def _tables(connection: Connection, schema: str) -> list[str]:
    rows = fetch(
        connection,
        "SELECT table_name FROM information_schema.tables WHERE table_schema = {p}"
        " AND table_type = 'BASE TABLE' ORDER BY table_name",
        schema,
    )
    return [str(row[0]) for row in rows]
