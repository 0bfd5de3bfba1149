"""The trace index: making, opening, and walks over it beside C, the database, and each other."""

from __future__ import annotations

import shutil
import time
from random import Random
from typing import TYPE_CHECKING, Any

from bench.breadth_first import plain_walk
from bench.genealogies import code_of, fill
from bench.ledgers import fresh_ledger, now
from bench.libraries import bench_libraries, bench_paths
from bench.measuring import Figure, best, print_figure, race, title
from bench.shapes import CHAIN, DIAMONDS, add_shapes
from bench.tracing import TRANSFORMED
from ledger.genealogy.index.folder import TraceIndex
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.links import LinkReader
from ledger.genealogy.sight import sight_of
from ledger.genealogy.trace import Direction, item_row, trace
from ledger.genealogy.walk import walk
from ledger.store.engine import reading
from ledger.store.sets import fetch, is_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from bench.genealogies import Genealogy
    from bench.ledgers import Ledger
    from bench.shapes import Shapes
    from ledger.genealogy.index.walker import IndexWalker

__all__ = ["bench_index"]

_NARROW = range(100, 501)
"""Items that a narrow backward trace names."""
_HIDDEN = 0.01
"""Share of the events that are declared errors where some are."""
_SOME = 2000


def bench_index(folder: Path, links: int, runs: int, url: str | None = None) -> None:
    """Print what the index costs, and what it is worth."""
    shutil.rmtree(folder, ignore_errors=True)
    ledger = fresh_ledger(folder, url)
    made = fill(ledger, links)
    shapes = add_shapes(ledger)
    name = ledger.engine.dialect.name
    title(f"Trace index, {made.links:,} links between {made.items:,} items, {name}")
    if name == "postgresql":
        with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    index = TraceIndex(folder / "index", now)
    _build(ledger, index)
    with reading(ledger.engine) as connection:
        took, walker = best(runs, lambda: TraceIndex(folder / "index", now).at(connection))
        print_figure(Figure("opened", 1, took), "")
        walker = index.at(connection)
        assert walker is not None
        _wide(connection, walker, made, folder, runs)
        narrow = _narrow(connection, walker, made.items, runs)
        _libraries(connection, walker, item_row(connection, made.wide), narrow, runs)
        bench_paths(_shapes(connection, walker, shapes, runs))
    ledger.engine.dispose()


def _build(ledger: Ledger, index: TraceIndex) -> None:
    took, rows = best(1, lambda: _read_all(ledger))
    read = Figure("reading the table once, in order", rows, took)
    print_figure(read, "links")
    took, updated = best(1, lambda: index.update(ledger.engine, rebuild=True))
    manifest = updated.manifest
    assert manifest is not None
    note = f"{manifest.size / manifest.links:.1f} bytes a link, both ways together"
    print_figure(Figure("made", rows, took), "links", [read], note)


def _read_all(ledger: Ledger) -> int:
    """Read what the index is made of, as rows of Python."""
    rows = 0
    with reading(ledger.engine) as connection:
        plain: Any = connection.connection
        cursor = plain.cursor() if is_sqlite(connection) else plain.cursor(name="every_link")
        cursor.execute(
            "SELECT item_id, role, event_row, node, time, peer, quantity FROM link"
            " ORDER BY item_id, role, event_row, line"
        )
        while found := cursor.fetchmany(100_000):
            rows += len(found)
    return rows


def _wide(
    connection: Connection, walker: IndexWalker, made: Genealogy, folder: Path, runs: int
) -> None:
    root = item_row(connection, made.wide)
    links = LinkReader.open(connection)
    clock = _clock(connection)
    took, rows = best(1, lambda: fetch(connection, TRANSFORMED, root), clock)
    rivals = [Figure("SQL", 1, took)]
    note = f"{len(rows):,} items reached, {len(rows) / made.items:.1%}"
    print_figure(Figure("wide forward, recursive SQL, transformed only", 1, took), "", note=note)
    plain = plain_walk(walker.view.segments[0], folder)
    random = Random(1)  # noqa: S311 - drawn from a seed, on purpose
    last = walker.view.last_event
    hidden = frozenset(random.sample(range(1, last), int(last * _HIDDEN)))
    share = sight_of(connection, ["bench"]).share
    strict = LinkReader(connection, _middle(connection), last - 1, hidden, share)

    def reach() -> object:
        return walker.reach(links, root, forward=True)

    def reach_strictly() -> object:
        return walker.reach(strict, root, forward=True)

    found = walker.reach(links, root, forward=True)
    assert {row[0] for row in rows} == set(found.items.tolist())
    floor = [lambda: plain(root)] if plain is not None else []
    ours, then, *theirs = race(5 * runs, [reach, reach_strictly, *floor], time.process_time)
    if theirs:
        rivals.append(Figure("C", 1, theirs[0]))
        print_figure(Figure("wide forward, breadth first in C", 1, theirs[0]), "")
    figure = Figure("wide forward, ids and depths", 1, ours)
    print_figure(figure, "", rivals)
    print_figure(
        Figure("the same as of a time, 1 % declared, 1 % may not be read", 1, then),
        "",
        [figure],
        f"{len(walker.reach(strict, root, forward=True).items):,} items",
    )
    took, walked = best(runs, lambda: walker(links, root, forward=True), clock)
    took_sql, walked_sql = best(1, lambda: walk(links, root, forward=True), clock)
    assert walked.reached == walked_sql.reached
    print_figure(
        Figure("wide forward, the whole walk", 1, took), "", [Figure("by SQL", 1, took_sql)]
    )


def _clock(connection: Connection) -> Callable[[], float]:
    """Processor time, where the database works in this process too."""
    return time.process_time if is_sqlite(connection) else time.perf_counter


def _middle(connection: Connection) -> int:
    """A time behind nearly all events."""
    [(newest,)] = fetch(connection, "SELECT max(time) FROM event")
    return int(newest) - 1


def _libraries(
    connection: Connection, walker: IndexWalker, wide: int, narrow: int | None, runs: int
) -> None:
    links = LinkReader.open(connection)

    def reach(root: int, forward: bool) -> list[int]:  # noqa: FBT001 - as it is asked
        found: list[int] = walker.reach(links, root, forward=forward).items.tolist()
        return found

    questions = [("wide forward", wide, True)]
    if narrow is not None:
        questions.append(("narrow backward", narrow, False))
    bench_libraries(connection, questions, reach, runs)


def _narrow(connection: Connection, walker: IndexWalker, items: int, runs: int) -> int | None:
    """Print a narrow backward trace; return its item's row, or None where there is none."""
    links = LinkReader.open(connection)
    for row in range(items, 0, -max(1, items // _SOME)):
        if len(walker.reach(links, row, forward=False).items) - 1 in _NARROW:
            break
    else:
        print("  no item has a narrow backward trace")
        return None
    _both(connection, walker, ("narrow backward", code_of(row), Direction.BACKWARD), 20 * runs)
    return row


def _shapes(connection: Connection, walker: IndexWalker, shapes: Shapes, runs: int) -> float:
    """Print traces through both shapes; return the seconds of the walk up the ladder."""
    chain = (f"chain of {CHAIN:,} levels", shapes.chain, Direction.FORWARD)
    ladder = (f"ladder of {DIAMONDS} diamonds", shapes.ladder, Direction.FORWARD)
    _both(connection, walker, chain, 5 * runs)
    return _both(connection, walker, ladder, 20 * runs)


def _both(
    connection: Connection, walker: IndexWalker, asked: tuple[str, str, Direction], runs: int
) -> float:
    """Print the walk, and the whole trace with codes, states and links, beside those by SQL.

    Returns:
        The seconds of the walk.
    """
    name, code, direction = asked
    root = item_row(connection, code)
    links = LinkReader(connection, FOREVER, FOREVER, frozenset())
    forward = direction is Direction.FORWARD
    walks = race(
        runs,
        [
            lambda: walker(links, root, forward=forward),
            lambda: walk(links, root, forward=forward),
        ],
        _clock(connection),
    )
    print_figure(Figure(f"{name}, walk", 1, walks[0]), "", [Figure("by SQL", 1, walks[1])])
    traces = race(
        runs,
        [
            lambda: trace(connection, code, direction, walker=walker),
            lambda: trace(connection, code, direction),
        ],
        _clock(connection),
    )
    answer = trace(connection, code, direction, walker=walker)
    note = f"{len(answer.items):,} items, {len(answer.links):,} links"
    figure = Figure(f"{name}, whole trace", 1, traces[0])
    print_figure(figure, "", [Figure("by SQL", 1, traces[1])], note)
    strictly: dict[str, Any] = {"as_of": _middle(connection), "told_by": ["bench"]}
    plain, strict = race(
        runs,
        [
            lambda: trace(connection, code, direction, walker=walker),
            lambda: trace(connection, code, direction, walker=walker, **strictly),
        ],
        _clock(connection),
    )
    print_figure(
        Figure("the same as of a time, of one log", 1, strict),
        "",
        [Figure("without", 1, plain)],
    )
    return walks[0]
