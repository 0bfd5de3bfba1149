"""How fast a world is generated and captured, and that its memory doesn't grow with it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from bench.measuring import Figure, child, print_figure, title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["bench_world"]


def bench_world(folder: Path, items: int, sizes: Sequence[int], runs: int) -> None:
    """Print events a second of generating and of capturing a world, and peaks of generating.

    Args:
        folder: Where the ledger goes.
        items: Of the world that is captured.
        sizes: Of the worlds whose peak memory is told, a process each.
        runs: Of each speed; the best one counts.
    """
    title(f"A world of {items:,} items (`suyuan demo --items`), documents of 14 firms, SQLite")
    generated = [child("bench.one_world", items) for _ in range(runs)]
    captured = []
    for _ in range(runs):
        shutil.rmtree(folder / "world", ignore_errors=True)
        captured.append(child("bench.one_world", items, folder / "world"))
    events = generated[0]["events"]
    alone = min(one["seconds"] for one in generated)
    floor = Figure("generating alone", events, alone)
    print_figure(floor, "events", note=f"{generated[0]['bytes'] / events:,.0f} bytes an event")
    whole = Figure("generating and capturing", events, min(one["seconds"] for one in captured))
    print_figure(whole, "events", [floor])
    for size in sizes:
        one = child("bench.one_world", size)
        peak, before = one["peak_kb"] / 1024, one["before_kb"] / 1024
        print(
            f"  {one['items']:>9,} items, {one['events']:>9,} events generated:"
            f" peak {peak:4,.0f} MiB ({before:,.0f} before);"
            f" {one['events'] / one['seconds']:,.0f} events/s",
            flush=True,
        )
    shutil.rmtree(folder / "world", ignore_errors=True)
