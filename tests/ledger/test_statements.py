"""The entries that are no events are found by an index, however many events stand between them."""

import pytest
from sqlalchemy import Engine

from ledger.log.entry import decode_entry
from ledger.schemas import EVENT_SCHEMA, KEY_SCHEMA, VOCABULARY_SCHEMA
from ledger.statements import newest_statement, statements
from ledger.store import tables
from ledger.store.engine import reading, writing
from ledger.store.sets import insert_rows
from tests.ledger.builders import Ledger, document, element, instance, seen


def test_statements_of_a_schema(ledger: Ledger) -> None:
    """All of one schema in order, the newest alone, and neither events nor another log's."""
    for n in range(3):
        ledger.send(document(seen(instance(n)), vocabularies={"Location": [element(f"urn:x:{n}")]}))
    ledger.take(seen(instance(1)), slug="two")
    with reading(ledger.engine) as connection:
        found = statements(connection, 1, VOCABULARY_SCHEMA)
        assert [seq for seq, _ in found] == [1, 3, 5]
        newest = newest_statement(connection, 1, VOCABULARY_SCHEMA)
        assert newest == bytes(found[-1][1])
        assert decode_entry(newest).header.seq == 5
        assert newest_statement(connection, 1, KEY_SCHEMA) is None
        assert statements(connection, 1, EVENT_SCHEMA) == []
        assert statements(connection, 2, VOCABULARY_SCHEMA) == []


@pytest.mark.parametrize("analyzed", [False, True])
@pytest.mark.parametrize("newest", [False, True])
def test_statements_are_looked_up(sqlite_ledger: Ledger, *, analyzed: bool, newest: bool) -> None:
    """They are searched in their index, already sorted, with and without statistics."""
    sqlite_ledger.organisation()
    if analyzed:
        with writing(sqlite_ledger.engine) as connection:
            many = [
                (
                    1,
                    n,
                    b"",
                    n.to_bytes(4),
                    b"",
                    0,
                    KEY_SCHEMA if n % 500 == 0 else EVENT_SCHEMA,
                    "t",
                )
                for n in range(3000)
            ]
            columns = "log_id seq bytes prev leaf received_at schema submitter"
            insert_rows(connection, tables.entry, columns, many)
            connection.exec_driver_sql("ANALYZE")
    seen_sql: list[str] = []
    with reading(sqlite_ledger.engine) as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(seen_sql.append)
        (newest_statement if newest else statements)(connection, 1, KEY_SCHEMA)
        driver.set_trace_callback(None)
        [sql] = [one for one in seen_sql if one.startswith("SELECT")]
        plan = "\n".join(row[3] for row in driver.execute("EXPLAIN QUERY PLAN " + sql))
    assert plan == "SEARCH entry USING INDEX ix_entry_statement (log_id=? AND schema=?)"


def test_statements_are_looked_up_by_postgresql(postgresql_engine: Engine) -> None:
    """PostgreSQL as well reads no events to find them."""
    with reading(postgresql_engine) as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        rows = connection.exec_driver_sql(
            "EXPLAIN SELECT seq, bytes FROM entry WHERE log_id = 1 AND schema = 'x'"
            f" AND schema <> '{EVENT_SCHEMA}' ORDER BY seq DESC LIMIT 1"
        )
        assert "using ix_entry_statement" in "\n".join(row[0] for row in rows)
