"""How fast events are captured, against inserting the rows that result and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.documents import write_document
from bench.measuring import Figure, child, print_figure, title
from ledger.preparing import GROUP
from ledger.receipts import Mode
from ledger.store.engine import SQLITE_PRAGMAS, open_engine
from ledger.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["bench_capture", "bench_memory", "document"]

_Batch = dict[str, list[tuple[Any, ...]]]
"""Rows by table."""


def document(folder: Path, events: int) -> Path:
    """Generate a document once."""
    path = folder / f"events-{events}.json"
    if not path.exists():
        write_document(path, events)
    return path


def bench_capture(folder: Path, events: int, runs: int) -> Path:
    """Print events a second in both modes, with the floor; return the folder of the ledger."""
    path = document(folder, events)
    size = path.stat().st_size / events
    title(f"Capture of {events:,} generated events of {size:,.0f} bytes, one document, SQLite")
    captured: dict[Mode, Figure] = {}
    for mode in (Mode.PROCEED, Mode.ROLLBACK):
        results = []
        for _ in range(runs):
            shutil.rmtree(folder / mode, ignore_errors=True)
            results.append(child("bench.one_capture", path, folder / mode, mode))
        seconds = min(result["seconds"] for result in results)
        cpu = min(result["cpu"] for result in results)
        name = f"capture, {mode} ({events / cpu:,.0f} a CPU second)"
        captured[mode] = Figure(name, events, seconds)
    batches = list(_batches(folder / Mode.PROCEED / "ledger.db"))
    floor = Figure(
        "raw insert", events, min(_raw_insert(folder / "raw", batches) for _ in range(runs))
    )
    rows = sum(len(rows) for batch in batches for rows in batch.values())
    print_figure(floor, "events", note=f"floor: {rows / events:.1f} rows an event, executemany")
    for figure in captured.values():
        print_figure(figure, "events", [floor])
    return folder / Mode.PROCEED


def _batches(path: Path) -> Iterator[_Batch]:
    """The rows of a captured ledger, as they came: `GROUP` events to a batch."""
    with sqlite3.connect(path) as connection:
        read = connection.execute
        links = read("SELECT * FROM link ORDER BY event_row")
        items = read("SELECT * FROM item ORDER BY id")
        following = next(links, None)
        [(events,)] = read("SELECT count(*) FROM event")
        known = 0
        for start in range(0, events, GROUP):
            between = "WHERE seq >= ? AND seq < ?", (start, start + GROUP)
            batch: _Batch = {
                table: read(f"SELECT * FROM {table} {between[0]}", between[1]).fetchall()
                for table in ("entry", "event")
            }
            rows = batch["link"] = []
            last = batch["event"][-1][0]
            while following is not None and following[2] <= last:
                rows.append(following)
                following = next(links, None)
            newest = max(chain((row[0] for row in rows), (row[6] or 0 for row in rows)))
            batch["item"] = items.fetchmany(max(0, newest - known))
            known = max(known, newest)
            yield batch


def _raw_insert(folder: Path, batches: list[_Batch]) -> float:
    """Insert batches with the driver alone, a transaction each; return the seconds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    engine = open_engine(f"sqlite:///{folder / 'ledger.db'}")
    upgrade(engine)
    engine.dispose()
    connection = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA foreign_keys=OFF")  # there is no log for the entries to belong to
    start = time.perf_counter()
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in batch.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def bench_memory(folder: Path, sizes: list[int]) -> None:
    """Print the peak memory of captures of growing size, a process each."""
    title("Memory while one document is captured (rollback: one transaction), SQLite")
    for events in sizes:
        path = document(folder, events)
        shutil.rmtree(folder / "memory", ignore_errors=True)
        result = child("bench.one_capture", path, folder / "memory", Mode.ROLLBACK)
        peak, before = result["peak_kb"] / 1024, result["before_kb"] / 1024
        print(
            f"  {events:>9,} events, file of {path.stat().st_size / 2**20:6,.0f} MiB:"
            f" peak {peak:4,.0f} MiB ({before:,.0f} before);"
            f" {events / result['seconds']:,.0f} events/s",
            flush=True,
        )
    shutil.rmtree(folder / "memory", ignore_errors=True)
