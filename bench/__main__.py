"""`python -m bench [PART ...]`: speeds as ratios, in one run; `--help` names the parts.

Without a name everything runs, about three minutes. Figures depend on the machine and on what else
it does; the ratios to the floors and rivals that ran beside them hardly do. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import tempfile
from pathlib import Path

from bench.capturing import bench_capture, bench_memory
from bench.codes import bench_identifiers
from bench.committing import bench_commits
from bench.exporting import bench_export
from bench.following import bench_following
from bench.graphing import bench_graphql
from bench.grouping import bench_groups
from bench.indexing import bench_index
from bench.issuing import bench_issuing
from bench.labels import bench_labels
from bench.proving import bench_proofs
from bench.scans import bench_scans
from bench.tracing import bench_trace
from bench.verifying import bench_verify, bench_verify_memory
from bench.worlds import bench_world
from suyuan.collector import relax_collector

PARTS = (
    "identifiers",
    "issuing",
    "labels",
    "capture",
    "grouping",
    "verify",
    "proofs",
    "trace",
    "export",
    "graphql",
    "world",
    "index",
    "memory",
    "scans",
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--events", type=int, default=20_000, help="in the captured document")
    parser.add_argument("--items", type=int, default=10_000, help="in the generated world")
    parser.add_argument("--links", type=int, default=1_000_000, help="in the generated genealogy")
    parser.add_argument("--runs", type=int, default=3, help="of each; the best one counts")
    parser.add_argument(
        "--full",
        action="store_true",
        help="memory, world: a million as well, ten million verified; proofs, index: ten million",
    )
    parser.add_argument(
        "--postgresql", metavar="URL", help="an empty database, for a part there too"
    )
    parser.add_argument("--folder", type=Path, help="where ledgers go; a temporary one by default")
    found = parser.parse_args()
    if unknown := set(found.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; choose of {', '.join(PARTS)}")
    return found


def _run(given: argparse.Namespace, folder: Path) -> None:
    parts = given.parts or PARTS
    if "identifiers" in parts:
        bench_identifiers(given.runs)
    if "issuing" in parts:
        bench_issuing(given.runs)
    if "labels" in parts:
        bench_labels(folder / "labels", given.runs)
    if {"capture", "verify"} & set(parts):
        captured = bench_capture(folder, given.events, given.runs)
        if "capture" in parts:
            bench_commits(folder, 300, given.runs)
        if "verify" in parts:
            bench_verify(captured, given.runs)
    if "grouping" in parts:
        bench_groups(folder, given.events // 20)
        if given.postgresql:
            bench_groups(folder, given.events // 20, given.postgresql)
    if "proofs" in parts:
        bench_proofs(folder, [1_000_000, *[10_000_000] * given.full], given.runs)
    if "trace" in parts:
        bench_trace(folder / "trace", given.links, given.runs)
        if given.postgresql:
            bench_trace(folder / "trace", given.links, given.runs, given.postgresql)
    if "export" in parts:
        # A tenth of the items is reached: a hundred thousand of them at a million links' default.
        bench_export(folder / "export", given.links * 5 // 2, given.runs)
    if "graphql" in parts:
        bench_graphql(folder, given.runs)
    if "world" in parts:
        sizes = [10_000, 100_000] + [1_000_000] * given.full
        bench_world(folder, given.items, sizes, given.runs)
    if "index" in parts:
        for links in (given.links, *[10_000_000] * given.full):
            bench_index(folder / "index", links, given.runs)
            if given.postgresql:
                bench_index(folder / "index", links, given.runs, given.postgresql)
        bench_following(folder / "following", given.events, given.runs)
    if "scans" in parts:
        bench_scans()
    if "memory" in parts:
        bench_memory(folder, [10_000, 100_000] + [1_000_000] * given.full)
        bench_verify_memory(folder, [10_000, 100_000] + [1_000_000, 10_000_000] * given.full)


def main() -> None:
    """Run the parts that were asked for."""
    relax_collector()  # as the product runs
    given = _arguments()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" {os.cpu_count()} cores, load {load}; best of {given.runs} runs.\n"
        "2.00 x means: twice as fast as what is named behind it."
    )
    if given.folder:
        given.folder.mkdir(parents=True, exist_ok=True)
        _run(given, given.folder)
        return
    with tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder:
        _run(given, Path(folder))


if __name__ == "__main__":
    main()
