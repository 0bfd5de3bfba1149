"""Closed spans of time, in microseconds, and what is inside what when.

* A part is in its parent from an ADD to the first DELETE at or after it; without one, for ever. A
  DELETE of the same instant took out what was put in before, if anything still was: the ADD then
  puts it in again.
* A DELETE that lists no children empties the parent: it ends the span of every child. What is put
  in in the same instant stays, if anything at all was in there before.
* Spans are closed at both ends. Partners' clocks tick in seconds, so a removal and a use in the
  same instant are held to touch: a recall may look at one item too many, never at one too few.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = ["ALWAYS", "FOREVER", "Span", "covers", "ends", "merge", "overlap", "touches"]

FOREVER: Final = (1 << 63) - 1
Span = tuple[int, int]
"""First and last microsecond, both inside."""
ALWAYS: Final[tuple[Span, ...]] = ((-FOREVER, FOREVER),)


def ends(
    starts: Sequence[int], deletes: Collection[int], first: Collection[int] = frozenset()
) -> list[int]:
    """For each ADD time its end: the first DELETE time at or after it, else FOREVER.

    A DELETE of the same instant counts only where it ends no earlier ADD.

    Args:
        starts: The times of the ADDs.
        deletes: The times of the DELETEs.
        first: Times at which a DELETE goes before an ADD in any case.
    """
    ordered = sorted(deletes)
    found: dict[int, int] = {}
    end = -FOREVER
    for start in sorted(set(starts)):
        at = (bisect_right if end == start or start in first else bisect_left)(ordered, start)
        end = found[start] = ordered[at] if at < len(ordered) else FOREVER
    return [found[start] for start in starts]


def overlap(spans: Sequence[Span], other: Span) -> list[Span]:
    """The parts of `spans` inside `other`."""
    start, end = other
    return [
        (max(first, start), min(last, end))
        for first, last in spans
        if first <= end and start <= last
    ]


def covers(spans: Sequence[Span], other: Span) -> bool:
    """Tell whether one of the disjoint `spans` holds the whole of `other`."""
    start, end = other
    for first, last in spans:  # noqa: SIM110 - once for every link, and `any` takes twice as long
        if first <= start and end <= last:
            return True
    return False


def touches(spans: Iterable[Span], time: int) -> bool:
    """Tell whether a time is in one of the spans."""
    for first, last in spans:  # noqa: SIM110 - as above
        if first <= time <= last:
            return True
    return False


def merge(spans: Sequence[Span], other: Span) -> tuple[Span, ...]:
    """`spans` with `other` added: disjoint, in order."""
    start, end = other
    apart: list[Span] = []
    for first, last in spans:
        if last < start or end < first:
            apart.append((first, last))
        else:
            start, end = min(first, start), max(last, end)
    return tuple(sorted([*apart, (start, end)]))
