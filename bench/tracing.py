"""Narrow and wide traces through a generated genealogy, against one recursive query."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from bench.genealogies import fill
from bench.ledgers import fresh_ledger
from bench.libraries import bench_libraries
from bench.measuring import Figure, best, print_figure, title
from ledger.genealogy.links import LinkReader
from ledger.genealogy.trace import Direction, item_row, trace
from ledger.genealogy.walk import walk
from ledger.store.engine import reading
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from sqlalchemy import Connection

    from bench.genealogies import Genealogy
    from bench.libraries import Question

__all__ = ["TRANSFORMED", "bench_trace"]

TRANSFORMED = """
WITH RECURSIVE reached(item_id) AS (
    SELECT CAST({p} AS bigint)
    UNION
    SELECT made.item_id
    FROM reached
    JOIN link AS used ON used.item_id = reached.item_id AND used.role = 1
    JOIN link AS made ON made.node = used.node AND made.role = 2 AND made.time >= used.time
)
SELECT item_id FROM reached
"""
"""The reached set through transformations alone: all that this genealogy holds."""

ALL_KINDS = """
WITH RECURSIVE reached(item_id, since) AS (
    SELECT CAST({p} AS bigint), CAST(0 AS bigint)
    UNION
    SELECT coalesce(made.item_id, used.peer), coalesce(made.time, used.time)
    FROM reached
    JOIN link AS used ON used.item_id = reached.item_id AND used.role IN (1, 3, 5, 9)
        AND used.time >= reached.since
    LEFT JOIN link AS made ON made.node = used.node AND used.role IN (1, 3)
        AND made.role = used.role + 1 AND made.time >= used.time
)
SELECT DISTINCT item_id FROM reached
"""
"""The question that a trace asks, as far as one query can ask it: through lots, transformations,
packing and building in, where times follow. It knows no ends of intervals and no depth."""


def bench_trace(folder: Path, links: int, runs: int, url: str | None = None) -> None:
    """Print the walk and the whole trace against the recursive query."""
    shutil.rmtree(folder, ignore_errors=True)
    ledger = fresh_ledger(folder, url)
    made = fill(ledger, links)
    name = ledger.engine.dialect.name
    title(f"Forward traces, {made.links:,} links between {made.items:,} items, {name}")
    if name == "postgresql":
        with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    with reading(ledger.engine) as connection:
        for width, code in (("narrow", made.narrow), ("wide", made.wide)):
            _compare(connection, width, code, made.items, runs)
        bench_libraries(connection, _questions(connection, made), _reach_in(connection), runs)
    ledger.engine.dispose()


def _questions(connection: Connection, made: Genealogy) -> list[Question]:
    """A tenth of all items forward, and the last item backward."""
    return [
        ("wide forward", item_row(connection, made.wide), True),
        ("narrow backward", made.items, False),
    ]


def _reach_in(connection: Connection) -> Callable[[int, bool], Collection[int]]:
    def reach(root: int, forward: bool) -> Collection[int]:  # noqa: FBT001 - as it is asked
        return walk(LinkReader.open(connection), root, forward=forward).reached.keys()

    return reach


def _compare(connection: Connection, width: str, code: str, items: int, runs: int) -> None:
    root = item_row(connection, code)
    rivals = []
    for name, sql in (("SQL, all kinds", ALL_KINDS), ("SQL, transformed", TRANSFORMED)):
        took, rows = best(runs, lambda sql=sql: fetch(connection, sql, root))  # type: ignore[misc]
        rivals.append(Figure(name, 1, took))
        share = f"{len(rows):,} items reached, {len(rows) / items:.1%}"
        print_figure(Figure(f"{width}, recursive {name}", 1, took), "", note=share)
    took, walked = best(runs, lambda: walk(LinkReader.open(connection), root, forward=True))
    found = walked.reached.keys()
    assert found == {row[0] for row in rows}
    print_figure(Figure(f"{width}, walk: reached set, spans, depths", 1, took), "", rivals)
    took, answer = best(runs, lambda: trace(connection, code, Direction.FORWARD))
    assert len(answer.items) == len(found) - 1
    note = f"{len(answer.links):,} links, states"
    figure = Figure(f"{width}, whole trace", 1, took)
    print_figure(figure, "", rivals, note)
    [(newest,)] = fetch(connection, "SELECT max(time) FROM event")
    took, answer = best(runs, lambda: trace(connection, code, as_of=newest - 1, told_by=["bench"]))
    note = f"{len(answer.items):,} items, cut at {len(answer.cut[0][1]) if answer.cut else 0:,}"
    name = f"{width}, as of a time, 1 % may not be read"
    print_figure(Figure(name, 1, took), "", [figure], note)
