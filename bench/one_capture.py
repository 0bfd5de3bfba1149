"""Capture one document in a process of its own, and print what it took as JSON.

`python -m bench.one_capture DOCUMENT FOLDER MODE [URL]`; the ledger is made in FOLDER, or in the
empty database at URL.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import orjson

from bench.ledgers import fresh_ledger
from ledger.receipts import Mode
from suyuan.collector import relax_collector

if __name__ == "__main__":
    relax_collector()  # as the product runs
    document, folder, mode, *url = sys.argv[1:]
    ledger = fresh_ledger(Path(folder), *url)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, cpu = time.perf_counter(), time.process_time()
    with Path(document).open("rb") as stream:
        report = ledger.capture(stream, Mode(mode))
    result = {
        "events": sum(report.counts.values()),
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "before_kb": before,
        "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    print(orjson.dumps(result).decode())
