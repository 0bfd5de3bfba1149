"""Capture one document in a process of its own, and print what it took as JSON.

`python -m bench.one_capture DOCUMENT FOLDER MODE [URL]`; the ledger is made in FOLDER, or in the
empty database at URL.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import orjson

from bench.ledgers import fresh_ledger
from ledger.receipts import Mode
from suyuan.collector import relax_collector

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def peak_kb() -> int:
    """The most memory of this process so far; `getrusage` would count its parent's as well."""
    found = _PEAK.search(Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) if found else 0


if __name__ == "__main__":
    relax_collector()  # as the product runs
    document, folder, mode, *url = sys.argv[1:]
    ledger = fresh_ledger(Path(folder), *url)
    before = peak_kb()
    start, cpu = time.perf_counter(), time.process_time()
    with Path(document).open("rb") as stream:
        report = ledger.capture(stream, Mode(mode))
    result = {
        "events": sum(report.counts.values()),
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "before_kb": before,
        "peak_kb": peak_kb(),
    }
    print(orjson.dumps(result).decode())
