"""Traces written to files, against the bare query that made them."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Final, TypeVar

from bench.genealogies import fill
from bench.ledgers import fresh_ledger, now
from bench.measuring import best, title
from ledger.exporting.formats import FormatName, format_by_name
from ledger.exporting.options import Options, TableName
from ledger.genealogy.trace import Direction, trace
from ledger.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from ledger.genealogy.trace import Trace

__all__ = ["bench_export"]

T = TypeVar("T")

_MARK: Final = 1.5
_WRITTEN: Final = (
    (FormatName.NDJSON, TableName.ITEMS),
    (FormatName.JSON, TableName.ITEMS),
    (FormatName.CSV, TableName.ITEMS),
    (FormatName.CSV, TableName.LINKS),
    (FormatName.DOT, TableName.ITEMS),
    (FormatName.SVG, TableName.ITEMS),
    (FormatName.XLSX, TableName.ITEMS),
)
"""Evidence is left out: the generated genealogy has no entries."""


def bench_export(folder: Path, links: int, runs: int) -> None:
    """Print what a wide trace costs, and what it costs together with each file of it.

    Processor time counts, for both are work of this process alone.
    """
    shutil.rmtree(folder, ignore_errors=True)
    ledger = fresh_ledger(folder)
    made = fill(ledger, links)
    with reading(ledger.engine) as connection:
        query, answer = _best(runs, lambda: trace(connection, made.wide, Direction.FORWARD))
        _print_files(connection, answer, query, runs)
    ledger.engine.dispose()


def _print_files(connection: Connection, answer: Trace, query: float, runs: int) -> None:
    items, steps = len(answer.items), len(answer.links)
    title(f"Files of a trace of {items:,} items and {steps:,} links; mark: {_MARK} x its query")
    print(f"  {'the bare query':44}{query * 1000:21,.1f} ms", flush=True)
    for name, table in _WRITTEN:
        options = Options(created=now(), table=table, connection=connection)
        took, size = _best(runs, lambda name=name, options=options: _written(answer, name, options))  # type: ignore[misc]
        label = f"{name} ({table})" if name is FormatName.CSV else name
        ratio = f"{(query + took) / query:.2f} x the bare query; {size / 1e6:,.1f} MB"
        print(f"  query and {label:34}{(query + took) * 1000:21,.1f} ms   {ratio}", flush=True)


def _best(runs: int, function: Callable[[], T]) -> tuple[float, T]:
    """As `best`, in seconds of processor time."""
    times = list[float]()

    def timed() -> T:
        start = time.process_time()
        result = function()
        times.append(time.process_time() - start)
        return result

    _wall, result = best(runs, timed)
    return min(times), result


def _written(answer: Trace, name: FormatName, options: Options) -> int:
    """Write an answer to nowhere; return the size of the file in bytes."""
    return sum(map(len, format_by_name(name).write(answer, options)))
