"""Sets of ids and rows, to and from either database, at the driver's speed.

The object layer costs fifteen times the floor on these paths, so they speak to the driver through
SQLAlchemy's connection with SQL text of our own; values are always bound.

In that text `{ids}` stands for "this column is in the given set of ids" and `{p}` for one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.errors import DamageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Table

__all__ = ["fetch", "fetch_in", "fetch_plain_in", "insert_rows", "is_sqlite", "scan_in"]

_FIX: Final = "The ledger was damaged or changed; run 'suyuan verify'."


def is_sqlite(connection: Connection) -> bool:
    """Tell whether a connection speaks to SQLite (otherwise it is PostgreSQL)."""
    return connection.dialect.name == "sqlite"


def fetch(connection: Connection, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Run a query whose placeholders are `{p}` and return its rows as plain tuples."""
    mark = "?" if is_sqlite(connection) else "%s"
    return list(_rows(connection, sql.format(p=mark), tuple(values)))


def fetch_in(
    connection: Connection, sql: str, ids: Collection[int] | Collection[str], *values: object
) -> list[tuple[Any, ...]]:
    """Run a query over a set, as `scan_in` does, and return all rows."""
    return list(scan_in(connection, sql, ids, *values))


def fetch_plain_in(
    connection: Connection, columns: str, rest: str, ids: Collection[int], *values: object
) -> list[tuple[Any, ...]]:
    """As `fetch_in`, of columns that hold integers and text: sooner, where rows are many.

    SQLite's driver takes as long for each value as SQLite does to find the row. So each column
    leaves SQLite as one value, an array in JSON, which takes half the time.

    Args:
        connection: An open transaction.
        columns: The names of the columns, as they stand between SELECT and FROM.
        rest: What stands behind FROM.
        ids: The set.
        values: As in `fetch`.

    Raises:
        DamageError: A row holds something else.
    """
    if not is_sqlite(connection):
        return fetch_in(connection, f"SELECT {columns} FROM {rest}", ids, *values)
    arrays = ", ".join(f"json_group_array({name})" for name in columns.split(", "))
    [found] = fetch_in(connection, f"SELECT {arrays} FROM {rest}", ids, *values)
    try:
        return list(zip(*map(orjson.loads, found), strict=True))
    except orjson.JSONDecodeError as error:  # an infinite number is spelt in no JSON
        raise DamageError("A row holds no integer where it should.", _FIX) from error


def scan_in(
    connection: Connection, sql: str, ids: Collection[int] | Collection[str], *values: object
) -> Iterator[tuple[Any, ...]]:
    """Run a query over a set: `{ids}` once in the text, before any `{p}`.

    The ids are bound as one value (a JSON array, or a PostgreSQL array), so the text, and with it
    the prepared statement, is the same for any number of them. Sorted, they are looked up in the
    order of the index.

    Rows that are let go one by one cost the garbage collector nothing; keeping them took a wide
    trace a third longer.
    """
    ordered: list[Any] = sorted(ids)
    if is_sqlite(connection):
        text = sql.format(ids="IN (SELECT value FROM json_each(?))", p="?")
        bound: object = _json_array(ordered)
    else:
        text = sql.format(ids="= ANY(%s)", p="%s")
        bound = ordered
    return _rows(connection, text, (bound, *values))


def _rows(
    connection: Connection, text: str, values: tuple[object, ...]
) -> Iterator[tuple[Any, ...]]:
    # The driver's own cursor and rows: a narrow trace is some thirty queries of microseconds each,
    # and the object layer would cost more than they do.
    cursor: Any = connection.connection.cursor()
    cursor.execute(text, values)
    return iter(cursor)


def _json_array(ordered: Sequence[Any]) -> str:
    if ordered and isinstance(ordered[0], str):
        return orjson.dumps(ordered).decode()
    return str(ordered)  # a Python list of integers is spelt as a JSON array is


def insert_rows(
    connection: Connection, table: Table, columns: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """Insert rows: one prepared statement on SQLite, COPY on PostgreSQL.

    Args:
        connection: An open writing transaction.
        table: Where to.
        columns: The names of the columns, with spaces between, in the order of each row.
        rows: The values.
    """
    names = ", ".join(f'"{name}"' for name in columns.split())
    if is_sqlite(connection):
        marks = ", ".join("?" * len(columns.split()))
        many = list(rows)
        if many:
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", many)
        return
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
