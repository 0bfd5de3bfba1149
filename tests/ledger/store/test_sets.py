"""Sets: the same rows from either database, whatever the ids and values hold."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import StoreError
from ledger.store.engine import reading, writing
from ledger.store.sets import fetch, fetch_in, fetch_plain_in, insert_rows, is_sqlite
from ledger.store.tables import item, link, tile

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def insert(engine: sa.Engine, rows: list[tuple[Any, ...]]) -> None:
    """Insert items in a transaction of its own."""
    with writing(engine) as connection:
        insert_rows(connection, item, "id code level", rows)


def test_which_database(sqlite_engine: sa.Engine, postgresql_engine: sa.Engine) -> None:
    """A connection tells which of the two it speaks to."""
    with reading(sqlite_engine) as one, reading(postgresql_engine) as other:
        assert is_sqlite(one)
        assert not is_sqlite(other)


def test_values_are_bound(engine: sa.Engine) -> None:
    """A value is never part of the text: quotes, marks and percent signs come back as they are."""
    odd = '\'; DROP TABLE item; -- %s %% ? {p} \\N \t\n "钢"'
    insert(engine, [(1, odd, 0)])
    with reading(engine) as connection:
        assert fetch(
            connection, "SELECT id FROM item WHERE code = {p} AND level = {p}", odd, 0
        ) == [(1,)]
        assert fetch_in(connection, "SELECT id FROM item WHERE code {ids}", [odd]) == [(1,)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.sets(TEXT, max_size=30), st.sets(TEXT, max_size=10))
def test_sets_of_text(engine: sa.Engine, known: set[str], asked: set[str]) -> None:
    """Exactly the rows whose text is in the set come back, each once."""
    with engine.connect() as connection, connection.begin() as transaction:
        insert_rows(
            connection, item, "id code level", [(n, code, 0) for n, code in enumerate(known, 1)]
        )
        wanted = asked | set(sorted(known)[::2])
        rows = fetch_in(connection, "SELECT code FROM item WHERE code {ids}", wanted)
        transaction.rollback()
    assert sorted(rows) == sorted((code,) for code in wanted & known)


@pytest.mark.parametrize(
    ("ids", "found"),
    [([], []), ([2], [2]), (range(10_000), [1, 2, 3]), ({3, 2**62}, [3]), ([-1, 0], [])],
)
def test_sets_of_integers(engine: sa.Engine, ids: Any, found: list[int]) -> None:
    """Integers of any size and number are looked up as one value."""
    insert(engine, [(n, f"urn:x:{n}", n % 2) for n in (1, 2, 3)])
    with reading(engine) as connection:
        rows = fetch_in(connection, "SELECT id FROM item WHERE id {ids} ORDER BY id", ids)
        odd = fetch_in(connection, "SELECT id FROM item WHERE id {ids} AND level = {p}", ids, 1)
    assert rows == [(n,) for n in found]
    assert sorted(odd) == [(n,) for n in found if n % 2]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | TEXT,
        ),
        max_size=20,
    ),
    st.sets(st.integers(0, 20)),
)
def test_rows_at_once(
    engine: sa.Engine, known: list[tuple[int, int | None, str | None]], asked: set[int]
) -> None:
    """Integers, text and missing values come back as from the driver's own rows."""
    rows = [(row, 1, 1, 0, node, 0, peer, unit) for row, (node, peer, unit) in enumerate(known)]
    with engine.connect() as connection, connection.begin() as transaction:
        insert_rows(connection, link, "item_id role event_row line node time peer unit", rows)
        wanted = "item_id, node, peer, unit", "link WHERE item_id {ids} AND role = {p}"
        found = fetch_plain_in(connection, *wanted, asked, 1)
        transaction.rollback()
    assert sorted(found) == [(row, *known[row]) for row in sorted(asked) if row < len(known)]


@pytest.mark.parametrize("value", ["9e999", "x'00ff'", "CAST(x'61ff' AS text)"])
def test_rows_at_once_of_a_damaged_file(sqlite_engine: sa.Engine, value: str) -> None:
    """A value that is neither integer nor text leads to the verification."""
    insert(sqlite_engine, [(1, "urn:x:1", 1)])
    with writing(sqlite_engine) as connection:
        connection.exec_driver_sql(f"UPDATE item SET level = {value}")
    with pytest.raises(StoreError, match="suyuan verify"), reading(sqlite_engine) as connection:
        fetch_plain_in(connection, "id, level", "item WHERE id {ids}", [1])


def test_rows_of_every_kind(engine: sa.Engine) -> None:
    """Bytes, reserved column names and large numbers of rows go in, from a list or a generator."""
    with writing(engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO log (id, organisation, origin, name, size, head, verifier_key)"
            " VALUES (1, 'a', 'b', 'c', 0, '', '')"
        )
        rows = ((1, 0, n, bytes([n % 256, 0, 92, 10])) for n in range(3_000))
        insert_rows(connection, tile, "log_id level index hashes", rows)
    with reading(engine) as connection:
        [(count,)] = fetch(connection, "SELECT count(*) FROM tile")
        [(hashes,)] = fetch(connection, 'SELECT hashes FROM tile WHERE "index" = {p}', 257)
    assert (count, bytes(hashes)) == (3_000, b"\x01\x00\\\n")


def test_no_rows(engine: sa.Engine) -> None:
    """Inserting nothing is no error."""
    insert(engine, [])
    with reading(engine) as connection:
        assert fetch(connection, "SELECT id FROM item") == []
