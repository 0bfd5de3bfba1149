"""How fast a ledger is verified, against reading and hashing the same entries."""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

from bench.measuring import Figure, best, print_figure, title
from ledger.keys import KeyFolder
from ledger.store.engine import open_engine
from ledger.verification import verify_ledger

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["bench_verify"]


def bench_verify(folder: Path, runs: int) -> None:
    """Verify the ledger that was captured in a folder."""
    path = folder / "ledger.db"
    engine = open_engine(f"sqlite:///{path}")
    took, reports = best(runs, lambda: verify_ledger(engine, KeyFolder(folder / "keys")))
    engine.dispose()
    assert not any(report.findings for report in reports), reports
    size = sum(report.size for report in reports)
    title(f"Verification of {size:,} entries with their projections, SQLite")
    floor = Figure("hash and parse", size, best(runs, lambda: _read(path))[0])
    print_figure(floor, "entries", note="floor: SHA-256 and orjson over the same bytes")
    print_figure(Figure("verify", size, took), "entries", [floor])


def _read(path: Path) -> bytes:
    head = b""
    with sqlite3.connect(path) as connection:
        for (raw,) in connection.execute("SELECT bytes FROM entry ORDER BY log_id, seq"):
            head = sha256(b"\0" + raw).digest()
            orjson.loads(raw)
    return head
