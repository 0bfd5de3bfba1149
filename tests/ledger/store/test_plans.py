"""How SQLite looks up the sets that capture and traces ask for."""

from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import FORWARD, Role
from ledger.store import tables
from ledger.store.engine import reading, writing
from ledger.store.sets import fetch, fetch_in, insert_rows
from ledger.verifying.columns import _query
from ledger.verifying.making import LINK_COLUMNS

ITEM = "SELECT code, id, level FROM item WHERE code {ids}"
EVENT = (
    "SELECT event_id, declaration, digest, seq, id FROM event WHERE event_id {ids} AND log_id = {p}"
)
STATES = (
    "SELECT event.id, time, disposition, location, holder, organisation FROM event"
    " JOIN log ON log.id = event.log_id WHERE event.id {ids}"
)


def plan(engine: Engine, sql: str, *values: object) -> str:
    """Return how SQLite would run a statement over a set, a line for each step."""
    with reading(engine) as connection:
        rows = fetch_in(connection, "EXPLAIN QUERY PLAN " + sql, [1, 2], *values)
    return "\n".join(row[3] for row in rows)


@pytest.mark.parametrize("analyzed", [False, True])
@pytest.mark.parametrize(
    ("sql", "values", "step"),
    [
        (ITEM, (), "SEARCH item USING INDEX sqlite_autoindex_item_1 (code=?)"),
        (
            ITEM.replace("WHERE code", "WHERE id"),
            (),
            "SEARCH item USING INTEGER PRIMARY KEY (rowid=?)",
        ),
        (
            EVENT,
            (1,),
            "SEARCH event USING INDEX sqlite_autoindex_event_1 (log_id=? AND event_id=?)",
        ),
        (STATES, (), "SEARCH event USING INTEGER PRIMARY KEY (rowid=?)"),
    ],
)
def test_a_set_is_looked_up_in_an_index(
    sqlite_engine: Engine, sql: str, values: tuple[object, ...], step: str, *, analyzed: bool
) -> None:
    """Codes, ids and events of a set are searched one by one, with and without statistics."""
    if analyzed:
        with writing(sqlite_engine) as connection:
            many = [(row, f"urn:x:{row}", 1) for row in range(1, 2000)]
            insert_rows(connection, tables.item, "id code level", many)
            connection.exec_driver_sql("ANALYZE")
    assert step in plan(sqlite_engine, sql, *values)


@pytest.mark.parametrize("as_of", [None, 5])
def test_links_are_looked_up_from_both_sides(sqlite_engine: Engine, as_of: int | None) -> None:
    """Links are searched by item in the primary key, by node in the index that covers a step."""
    seen: list[str] = []
    with reading(sqlite_engine) as connection:
        links = LinkReader.open(connection, as_of=as_of)
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(seen.append)  # with the values in their places
        links.of_items([1, 2], [role for roles in FORWARD.values() for role in roles])
        list(links.scan_nodes([1, 2], Role.OUTPUT))
        driver.set_trace_callback(None)
        by_item, by_node = (sql for sql in seen if sql.startswith("SELECT"))
        plans = [
            "\n".join(row[3] for row in driver.execute("EXPLAIN QUERY PLAN " + sql))
            for sql in (by_item, by_node)
        ]
    assert "SEARCH link USING PRIMARY KEY (item_id=? AND role>? AND role<?)" in plans[0]
    assert (
        "SEARCH link USING COVERING INDEX ix_link_node (node=? AND role>? AND role<?)" in plans[1]
    )


@pytest.mark.parametrize("analyzed", [False, True])
def test_columns_are_read_in_the_order_of_an_index(
    sqlite_engine: Engine, *, analyzed: bool
) -> None:
    """What verification reads by whole columns comes in its order without being sorted."""
    events = "event WHERE log_id = 1 AND seq >= 0 AND seq < 9"
    links = "link WHERE node >= 0 AND node < 9"
    order = "node, role, item_id, time, event_row, line"
    with writing(sqlite_engine) as connection:
        if analyzed:
            connection.exec_driver_sql("ANALYZE")
        for sql in (
            _query(connection, ("seq", "digest"), events, "seq"),
            _query(connection, LINK_COLUMNS, links, order),
        ):
            steps = [row[3] for row in fetch(connection, f"EXPLAIN QUERY PLAN {sql}")]
            assert any("USING INDEX" in step or "USING COVERING INDEX" in step for step in steps)
            assert not any("TEMP B-TREE" in step for step in steps), steps
            assert "ORDER BY" in sql
