"""`python -m bench.one_world ITEMS [FOLDER]`: one generated world, as a child that tells its peak.

Without a folder it is generated and thrown away, else captured into a fresh SQLite ledger there.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import orjson

from suyuan.collector import relax_collector
from suyuan.demo.world.filling import batches, fill
from suyuan.demo.world.life import World
from suyuan.settings import Settings
from suyuan.workspace import create_ledger


def main() -> None:
    """Generate, capture if asked for, and print what it took as JSON."""
    relax_collector()
    world = World(int(sys.argv[1]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, cpu = time.perf_counter(), time.process_time()
    size = 0
    if len(sys.argv) > 2:  # noqa: PLR2004
        folder = Path(sys.argv[2])
        settings = Settings(db=f"sqlite:///{folder / 'ledger.db'}", keys=folder / "keys")
        workspace = create_ledger(settings)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, cpu = time.perf_counter(), time.process_time()
        filled = fill(workspace, world)
        if not filled.whole or filled.warnings:
            raise SystemExit("The generated events were not all accepted as they are.")
        workspace.engine.dispose()
    else:
        size = sum(len(batch.text()) for batch in batches(world.documents()))
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "items": world.named,
        "events": world.events,
        "bytes": size,
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "before_kb": before,
        "peak_kb": used.ru_maxrss,
    }
    sys.stdout.write(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main()
