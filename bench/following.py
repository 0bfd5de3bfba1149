"""Capture while another process asks the trace index ten times a second, and while nobody does.

As a program (`python -m bench.following DATABASE INDEX`) it is that other process: it goes on until
its input ends, then prints as JSON how often it asked and how long the slowest answer took.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import orjson

from bench.documents import FRAME, events
from bench.ledgers import fresh_ledger, now
from bench.measuring import Figure, print_figure, title
from ledger.genealogy.index.folder import TraceIndex
from ledger.store.engine import open_engine, reading

if TYPE_CHECKING:
    from bench.ledgers import Ledger

__all__ = ["bench_following"]

_DOCUMENT = 100
"""Events of each document: a small sender's, so that there are many commits to follow."""
_PAUSE = 0.1  # seconds between two questions
_WRITTEN = 5000  # events behind from which on they are written to the index, as the service does


def bench_following(folder: Path, count: int, runs: int) -> None:
    """Print events a second with and without somebody who asks."""
    title(f"Capture of {count:,} events, {_DOCUMENT} a document, and the trace index, SQLite")
    source = events(count, 1)
    bodies = [
        orjson.dumps(FRAME | {"epcisBody": {"eventList": some}})
        for some in iter(lambda: list(islice(source, _DOCUMENT)), [])
    ]
    alone, followed, asked = [], [], {}
    for _ in range(runs):
        alone.append(_capture(_fresh(folder), bodies))
        ledger = _fresh(folder)
        index = folder / "index"
        TraceIndex(index, now).update(ledger.engine)
        command = [sys.executable, "-m", "bench.following", ledger.engine.url.database, index]
        with subprocess.Popen(
            [str(one) for one in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()  # it is up: what starting costs is nobody's following
            followed.append(_capture(ledger, bodies))
            said, _ = process.communicate()
        asked = orjson.loads(said)
    floor = Figure("alone", count, min(alone))
    print_figure(floor, "events")
    note = f"asked {asked['times']} times, slowest {asked['slowest'] * 1000:.0f} ms"
    print_figure(Figure("with the index following", count, min(followed)), "events", [floor], note)


def _fresh(folder: Path) -> Ledger:
    shutil.rmtree(folder, ignore_errors=True)
    return fresh_ledger(folder)


def _capture(ledger: Ledger, bodies: list[bytes]) -> float:
    start = time.perf_counter()
    for body in bodies:
        ledger.capture(io.BytesIO(body))
    took = time.perf_counter() - start
    ledger.engine.dispose()
    return took


def _ask(database: str, folder: str) -> dict[str, Any]:
    engine = open_engine(f"sqlite:///{database}")
    index = TraceIndex(Path(folder), now)
    waiting = Thread(target=sys.stdin.read)
    waiting.start()
    times, slowest = 0, 0.0
    with reading(engine) as connection:
        index.at(connection)
    print("ready", flush=True)
    while waiting.is_alive():
        start = time.perf_counter()
        with reading(engine) as connection:
            walker = index.at(connection)
            behind = index.behind(connection)
        assert walker is not None
        times, slowest = times + 1, max(slowest, time.perf_counter() - start)
        if behind is not None and behind >= _WRITTEN:
            index.update(engine, processes=1)
        time.sleep(_PAUSE)
    return {"times": times, "slowest": slowest}


if __name__ == "__main__":
    print(orjson.dumps(_ask(*sys.argv[1:])).decode())
