"""Many small documents, a durable transaction each, against the driver's bare commits."""

from __future__ import annotations

import io
import shutil
import sqlite3
from typing import TYPE_CHECKING

import orjson

from bench.documents import FRAME, events
from bench.ledgers import fresh_ledger
from bench.measuring import Figure, best, print_figure, title
from ledger.store.engine import SQLITE_PRAGMAS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["bench_commits"]

_EVENTS = 3  # in each document
_SIZE = 4_000  # bytes a bare commit writes: about what becomes of a document


def bench_commits(folder: Path, documents: int, runs: int) -> None:
    """Print documents a second."""
    title(f"{documents} documents of {_EVENTS} events, each validated, signed and durable, SQLite")
    stream = list(events(documents * _EVENTS))
    texts = [
        orjson.dumps({**FRAME, "epcisBody": {"eventList": stream[at : at + _EVENTS]}})
        for at in range(0, len(stream), _EVENTS)
    ]
    floor = Figure("bare commits", documents, best(runs, lambda: _bare(folder, documents))[0])
    print_figure(floor, "commits", note=f"floor: one insert of {_SIZE:,} bytes each")
    took, _ = best(runs, lambda: _capture(folder / "small", texts))
    print_figure(Figure("documents", documents, took), "documents", [floor])


def _bare(folder: Path, count: int) -> None:
    path = folder / "bare.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE bare (number INTEGER PRIMARY KEY, bytes BLOB)")
    for number in range(count):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare VALUES (?, ?)", (number, bytes(_SIZE)))
        connection.execute("COMMIT")
    connection.close()


def _capture(folder: Path, texts: list[bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    ledger = fresh_ledger(folder)
    for text in texts:
        ledger.capture(io.BytesIO(text))
    ledger.engine.dispose()
