"""Clocks, children and the lines that are printed.

* A figure is never printed alone: it stands beside a named rival or floor that ran in the same
  process run on the same bytes, and the ratio of the two is what may be compared between machines.
* The best of several runs is taken, for other programs only ever make a run slower. Wall time is
  used, so waiting for the disk counts.
* Memory is the peak of a child process of its own (`ru_maxrss`).
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["Figure", "best", "child", "print_figure", "race", "title"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured rate or time."""

    name: str
    amount: float
    """Things done."""
    seconds: float
    """What they took, in the best run."""

    @property
    def rate(self) -> float:
        """Things a second."""
        return self.amount / self.seconds


def best(
    runs: int, function: Callable[[], T], clock: Callable[[], float] = time.perf_counter
) -> tuple[float, T]:
    """Run a function several times; return the seconds of the fastest run and its result."""
    fastest: tuple[float, T] | None = None
    for _ in range(runs):
        start = clock()
        result = function()
        took = clock() - start
        if fastest is None or took < fastest[0]:
            fastest = took, result
    assert fastest is not None
    return fastest


def race(
    runs: int,
    functions: Sequence[Callable[[], object]],
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Run several functions in turn, so that what disturbs the machine meets each of them.

    Args:
        runs: Of each.
        functions: Which.
        clock: Seconds; `time.process_time` where all that counts happens in this process.

    Returns:
        The seconds of the fastest run of each.
    """
    times = [[best(1, function, clock)[0] for function in functions] for _ in range(runs)]
    return [min(column) for column in zip(*times, strict=True)]


def child(module: str, *arguments: object) -> dict[str, Any]:
    """Run a module of the bench in a process of its own and return the JSON that it prints."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    value: dict[str, Any] = orjson.loads(done.stdout)
    return value


def title(text: str) -> None:
    """Begin a section."""
    print(f"\n{text}", flush=True)


def print_figure(figure: Figure, unit: str, rivals: Sequence[Figure] = (), note: str = "") -> None:
    """Print a figure with its ratio to each rival: 2.0 x means twice as fast."""
    # Of a single thing the time says more than the rate.
    shown = (
        f"{figure.rate:12,.0f} {unit}/s"
        if unit
        else f"{figure.seconds / figure.amount * 1000:12,.1f} ms"
    )
    ratios = "; ".join(f"{figure.rate / rival.rate:.2f} x {rival.name}" for rival in rivals)
    tail = "; ".join(part for part in (ratios, note) if part)
    print(f"  {figure.name:44}{shown:>24}   {tail}".rstrip(), flush=True)
