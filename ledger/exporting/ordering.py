"""The order of the boxes of each rank: few crossings, by barycentre sweeps.

A long arrow passes the ranks between its ends at *bends*, which are ordered as boxes are. Each
sweep sorts the boxes of a rank by the mean place of their neighbours in the rank before, to and
fro; the best order of all sweeps is kept.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Layers", "crossings", "ordered"]

_SWEEPS: Final = 12

Layers = list[list[int]]
"""The boxes and bends of each rank, in their order."""


def ordered(layers: Layers, before: Sequence[list[int]], after: Sequence[list[int]]) -> Layers:
    """The same layers in an order with few crossings.

    Args:
        layers: Each rank in any order, which settles ties.
        before: Neighbours of each box or bend in the rank before.
        after: Those in the rank behind.
    """
    best = [[*layer] for layer in layers]
    fewest = crossings(best, after)
    current = [[*layer] for layer in layers]
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        neighbours = before if down else after
        ranks = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
        for rank in ranks:
            beside = current[rank - 1 if down else rank + 1]
            place = {box: at for at, box in enumerate(beside)}
            current[rank] = _sorted(current[rank], neighbours, place)
        found = crossings(current, after)
        if found < fewest:
            fewest = found
            best = [[*layer] for layer in current]
    return best


def _sorted(layer: list[int], neighbours: Sequence[list[int]], place: dict[int, int]) -> list[int]:
    """A layer by the mean places of its neighbours; what has none stays beside what it was."""
    keys: dict[int, float] = {}
    last = -1.0
    for box in layer:
        near = neighbours[box]
        if near:
            last = sum(place[one] for one in near) / len(near)
        keys[box] = last
    return sorted(layer, key=keys.__getitem__)


def crossings(layers: Layers, after: Sequence[list[int]]) -> int:
    """How many pairs of arrows cross between neighbouring ranks."""
    total = 0
    for upper, lower in pairwise(layers):
        place = {box: at for at, box in enumerate(lower)}
        seen: list[int] = []
        for box in upper:
            ends = sorted(place[one] for one in after[box])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total
