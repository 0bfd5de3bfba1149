"""Reached sets by DuckDB and rustworkx over the same links, and by listing every path.

Both are rivals that somebody may have installed (`pip install duckdb rustworkx`), and no
dependencies of ours; without them a line says so. They hold the links of transformations in their
own form before the clock starts. They answer less: no ends of intervals, no depths, nothing that
is hidden or declared wrong; rustworkx knows no times either.
"""

from __future__ import annotations

import importlib
import time
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from bench.measuring import Figure, best, print_figure, race
from bench.shapes import DIAMONDS
from ledger.genealogy.roles import Role
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sqlalchemy import Connection

__all__ = ["bench_libraries", "bench_paths"]

Question: TypeAlias = tuple[str, int, bool]
"""Its name, the item's row, and whether it is asked forward."""

_REACHED = """
WITH RECURSIVE reached(item_id) AS (
    SELECT CAST(? AS bigint)
    UNION
    SELECT far.item_id FROM reached
    JOIN link AS near ON near.item_id = reached.item_id AND near.role = {near}
    JOIN link AS far ON far.node = near.node AND far.role = {far} AND far.time {later} near.time
)
SELECT item_id FROM reached
"""
_PATIENCE_S = 1.0
"""After so many seconds for one ladder, listing paths has come to its end."""


def bench_libraries(
    connection: Connection,
    questions: list[Question],
    ours: Callable[[int, bool], Collection[int]],
    runs: int,
) -> None:
    """Print what each library takes for some questions beside what our own walk takes.

    Args:
        connection: Of a ledger that `bench.genealogies.fill` has filled.
        questions: Which.
        ours: The rows of the items that one reaches, forward or backward, itself among them.
        runs: Of each question.
    """
    makers = {"duckdb": _duckdb, "rustworkx": _rustworkx}
    there = {name: found for name in makers if (found := _library(name))}
    for name in makers.keys() - there.keys():
        print(f"  No race against {name}: it isn't installed (pip install {name}).")
    if not there:
        return
    links = _links(connection)
    racers = {}
    for name, library in there.items():
        took, racers[name] = best(1, partial(makers[name], library, links))
        print_figure(Figure(f"{name} loads the links", len(links), took), "links")
    for title, root, forward in questions:
        wanted = set(ours(root, forward))
        for name, reach in racers.items():
            assert reach(root, forward) == wanted, name
        asked = [ours, *racers.values()]
        times = race(runs, [partial(one, root, forward) for one in asked])
        named = zip(racers, times[1:], strict=True)
        theirs = [Figure(name, 1, took) for name, took in named]
        for one in theirs:
            print_figure(Figure(f"{title}, {one.name}", 1, one.seconds), "")
        note = f"{len(wanted):,} items"
        print_figure(Figure(f"{title}, our reached set", 1, times[0]), "", theirs, note)


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


def _links(connection: Connection) -> np.ndarray[Any, Any]:
    """Item, role, node (numbered anew from 0) and time of each link of a transformation."""
    rows = fetch(connection, "SELECT item_id, role, node, time FROM link WHERE role IN (1, 2)")
    found = np.array(rows, np.int64)
    found[:, 2] = np.unique(found[:, 2], return_inverse=True)[1]
    return found


_Reach: TypeAlias = "Callable[[int, bool], set[int]]"


def _duckdb(library: Any, links: np.ndarray[Any, Any]) -> _Reach:
    database = library.connect()
    columns = dict(zip(("item_id", "role", "node", "time"), links.T.copy(), strict=True))
    database.register("given", columns)
    database.execute("CREATE TABLE link AS SELECT * FROM given")
    forward = _REACHED.format(near=int(Role.INPUT), far=int(Role.OUTPUT), later=">=")
    backward = _REACHED.format(near=int(Role.OUTPUT), far=int(Role.INPUT), later="<=")

    def reach(root: int, is_forward: bool) -> set[int]:  # noqa: FBT001 - as it is asked
        sql = forward if is_forward else backward
        return {row[0] for row in database.execute(sql, [root]).fetchall()}

    return reach


def _rustworkx(library: Any, links: np.ndarray[Any, Any]) -> _Reach:
    graph = library.PyDiGraph()
    behind = int(links[:, 0].max()) + 1  # the first vertex that stands for a node and no item
    graph.add_nodes_from(range(behind + int(links[:, 2].max()) + 1))
    used = links[:, 1] == Role.INPUT
    item, node = links[:, 0], links[:, 2] + behind
    edges = np.where(used[:, None], np.column_stack((item, node)), np.column_stack((node, item)))
    graph.add_edges_from_no_data([*map(tuple, edges.tolist())])

    def reach(root: int, is_forward: bool) -> set[int]:  # noqa: FBT001 - as it is asked
        found = library.descendants(graph, root) if is_forward else library.ancestors(graph, root)
        return {root, *(one for one in found if one < behind)}

    return reach


def bench_paths(ours: float) -> None:
    """Print where listing every path through a ladder of diamonds comes to its end.

    Args:
        ours: Seconds of our walk through the whole ladder of `bench.shapes`.
    """
    for diamonds in count(1):
        start = time.perf_counter()
        ways = sum(1 for _ in _paths(3 * diamonds))
        took = time.perf_counter() - start
        if took > _PATIENCE_S:
            break
    assert ways == 2**diamonds
    note = f"{ways:,} ways; {2**DIAMONDS:,} ways of {DIAMONDS} would take"
    note += f" {took * 2 ** (DIAMONDS - diamonds):,.0f} s"
    print_figure(Figure(f"every path of {diamonds} diamonds, its end", 1, took), "", note=note)
    print_figure(Figure(f"our walk of {DIAMONDS} diamonds", 1, ours), "", [Figure("that", 1, took)])


def _paths(last: int) -> Iterator[list[int]]:
    """Yield every way up a ladder: from each foot two ways lead to the next, three above."""
    waiting = [[0]]
    while waiting:
        path = waiting.pop()
        here = path[-1]
        if here == last:
            yield path
        elif here % 3 == 0:
            waiting += [[*path, here + 1], [*path, here + 2]]
        else:
            waiting.append([*path, here - here % 3 + 3])
