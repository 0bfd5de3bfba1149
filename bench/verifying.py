"""How fast a ledger is verified, against reading and hashing the same entries and nothing else."""

from __future__ import annotations

import gc
import resource
import shutil
import sqlite3
import sys
from hashlib import sha256
from pathlib import Path

import orjson

from bench.ledgers import fresh_ledger
from bench.measuring import Figure, best, child, print_figure, race, title
from bench.small_ledgers import capture_small, write_small
from ledger.keys import KeyFolder
from ledger.store.engine import open_engine
from ledger.verification import Scope, verify_ledger
from ledger.verifying.crew import Source

__all__ = ["bench_verify", "bench_verify_memory"]


def bench_verify(folder: Path, runs: int) -> None:
    """Verify the ledger that was captured in a folder, and one of small events."""
    _bench(folder, runs, "generated events")
    small = folder.parent / "small"
    with sqlite3.connect(folder / "ledger.db") as connection:
        [(size,)] = connection.execute("SELECT count(*) FROM entry")
    if not small.exists():
        capture_small(small, size)
    _bench(small, runs, "small events, of one item each")


def _bench(folder: Path, runs: int, what: str) -> None:
    path = folder / "ledger.db"
    with sqlite3.connect(path) as connection:
        [(size, mean)] = connection.execute("SELECT count(*), avg(length(bytes)) FROM entry")
    title(f"Verification of {size:,} entries of {mean:,.0f} bytes ({what}), SQLite")
    kinds = [
        ("the log alone, one process", False, 1),
        ("the log alone, two processes", False, 2),
        ("with projections, one process", True, 1),
        ("with projections, two processes", True, 2),
    ]
    times = race(
        runs,
        [
            lambda: _read(path),
            *(
                lambda projections=projections, jobs=jobs: _verify(folder, projections, jobs)
                for _, projections, jobs in kinds
            ),
        ],
    )
    floor = Figure("read and hash", size, times[0])
    print_figure(floor, "entries", note="floor: SELECT of the same columns, SHA-256 of the bytes")
    shown: list[Figure] = []
    for (name, _, jobs), seconds in zip(kinds, times[1:], strict=True):
        figure = Figure(name, size, seconds)
        print_figure(figure, "entries", [floor, *(shown[-1:] if jobs > 1 else [])])
        shown.append(figure)


def _verify(folder: Path, projections: bool, jobs: int) -> None:  # noqa: FBT001
    url = f"sqlite:///{folder / 'ledger.db'}"
    engine = open_engine(url)
    scope = Scope(projections=projections, jobs=jobs, source=Source(url))
    reports = verify_ledger(engine, KeyFolder(folder / "keys"), scope=scope)
    engine.dispose()
    assert not any(report.findings for report in reports), reports


def _read(path: Path) -> bytes:
    head = b""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT seq, bytes, leaf, prev, received_at, schema, submitter FROM entry"
            " ORDER BY log_id, seq"
        )
        for row in rows:
            head = sha256(b"\0" + row[1]).digest()
    return head


def bench_verify_memory(folder: Path, sizes: list[int]) -> None:
    """Print the peak memory of verifications of one growing ledger, a process each."""
    title("Memory while a ledger of small events is verified, SQLite")
    place = folder / "verified"
    shutil.rmtree(place, ignore_errors=True)
    ledger = fresh_ledger(place)
    done = 0
    for size in sizes:
        write_small(ledger, done, size)
        ledger.engine.dispose()
        done = size
        for kind in ("log", "all"):
            found = child("bench.verifying", place, kind)
            peak, seconds = found["peak"] / 1024, found["seconds"]
            print(f"  {size:>10,} entries, {kind:4}{peak:12,.0f} MiB{seconds:10,.1f} s", flush=True)


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 50)
    taken, _ = best(1, lambda: _verify(Path(sys.argv[1]), sys.argv[2] == "all", 1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(orjson.dumps({"peak": peak, "seconds": taken}).decode())
