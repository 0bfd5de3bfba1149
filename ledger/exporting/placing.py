"""Where boxes stand and arrows bend: a layered layout of our own.

1. Ranks: `layering`. 2. Bends where a long arrow passes a rank. 3. The order in each rank:
`ordering`. 4. Places across the ranks: each box is drawn towards the mean of its neighbours, by
least squares that keep the order and the gaps (isotonic regression, pooling adjacent violators).

Rules kept: boxes of one rank don't touch; the same graph has the same layout; work and memory are
bounded by `MOST_BENDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ledger.exporting.layering import ranks_of, turned_arrows
from ledger.exporting.ordering import Layers, ordered

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MOST_BENDS", "Layout", "lay_out"]

MOST_BENDS: Final = 8_000
_SETTLING: Final = 10  # times that each rank is drawn towards its neighbours
_STRAIGHT: Final = 8.0  # how much more a bend insists on being in line with a bend than a box

Ends = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout; "across" is along a rank."""

    ranks: list[int]
    """Of each box, from 0."""
    centres: list[float]
    """The middle of each box across; the first edge of all is at 0."""
    bends: list[list[tuple[int, float]]]
    """For each arrow the rank and the place across of its bends, from its source on."""
    turned: frozenset[int]
    """Arrows that lead backward, to an earlier rank. Where there are no cycles there are none."""
    extent: float
    """From 0 to the last edge of all."""


def lay_out(sizes: Sequence[float], arrows: Sequence[Ends], gap: float) -> Layout | None:
    """Lay out a graph; None if it would take more than `MOST_BENDS` bends.

    Args:
        sizes: Of each box, across.
        arrows: Source and target of each, by the boxes' numbers. What leads to itself is let be.
        gap: Between two boxes of a rank.
    """
    count = len(sizes)
    turned = turned_arrows(count, arrows)
    straight = [
        (target, source) if number in turned else (source, target)
        for number, (source, target) in enumerate(arrows)
    ]
    ranks = ranks_of(count, [ends for ends in straight if ends[0] != ends[1]])
    spans = sum(ranks[target] - ranks[source] for source, target in straight)
    if spans - len(straight) > MOST_BENDS:
        return None
    drawn = _Drawn(ranks, [*sizes], [[] for _ in sizes], [[] for _ in sizes])
    chains = [drawn.chain(source, target) for source, target in straight]
    layers: Layers = [[] for _ in range(max(ranks, default=-1) + 1)]
    for box, rank in enumerate(drawn.ranks):
        layers[rank].append(box)
    layers = ordered(layers, drawn.before, drawn.after)
    places = _settled(drawn, layers, count, gap)
    first = min((places[box] - sizes[box] / 2 for box in range(count)), default=0.0)
    first = min([first, *places[count:]])
    places = [place - first for place in places]
    last = [places[box] + sizes[box] / 2 for box in range(count)] + places[count:]
    return Layout(
        ranks,
        places[:count],
        [
            [
                (drawn.ranks[bend], places[bend])
                for bend in (chain[::-1] if number in turned else chain)
            ]
            for number, chain in enumerate(chains)
        ],
        frozenset(turned),
        max(last, default=0.0),
    )


@dataclass(slots=True)
class _Drawn:
    """Boxes, and behind them bends, with their neighbours."""

    ranks: list[int]
    sizes: list[float]
    before: list[list[int]]
    after: list[list[int]]

    def __post_init__(self) -> None:
        self.ranks = [*self.ranks]

    def chain(self, source: int, target: int) -> list[int]:
        """Make the bends of an arrow; return them."""
        if source == target:
            return []
        bends: list[int] = []
        last = source
        for rank in range(self.ranks[source] + 1, self.ranks[target]):
            bend = len(self.ranks)
            self.ranks.append(rank)
            self.sizes.append(0.0)
            self.before.append([])
            self.after.append([])
            self._join(last, bend)
            bends.append(bend)
            last = bend
        self._join(last, target)
        return bends

    def _join(self, first: int, second: int) -> None:
        self.after[first].append(second)
        self.before[second].append(first)


def _settled(drawn: _Drawn, layers: Layers, count: int, gap: float) -> list[float]:
    """Places across that keep the order of the layers and the gaps between boxes."""
    places = [0.0] * len(drawn.ranks)
    offsets: list[list[float]] = []
    for layer in layers:
        steps = [0.0]
        for one, other in pairwise(layer):
            # Two bends may run closer to each other than two boxes stand.
            room = gap if one < count or other < count else gap / 2
            steps.append(steps[-1] + (drawn.sizes[one] + drawn.sizes[other]) / 2 + room)
        offsets.append(steps)
        for box, step in zip(layer, steps, strict=True):
            places[box] = step - steps[-1] / 2
    for turn in range(_SETTLING):
        down = turn % 2 == 0
        for rank in range(len(layers)) if down else range(len(layers) - 1, -1, -1):
            layer = layers[rank]
            wishes, weights = [], []
            for box in layer:
                near = (drawn.before if down else drawn.after)[box]
                mean = sum(places[one] for one in near) / len(near) if near else places[box]
                line = box >= count and all(one >= count for one in near)
                wishes.append(mean)
                weights.append(_STRAIGHT if line else 1.0)
            for box, place in zip(layer, _apart(wishes, weights, offsets[rank]), strict=True):
                places[box] = place
    return places


def _apart(wishes: list[float], weights: list[float], offsets: list[float]) -> list[float]:
    """The places nearest to the wishes, in weighted least squares, that are so far apart."""
    pools: list[tuple[float, float, int]] = []  # mean, weight, members
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        mean, total, members = wish - offset, weight, 1
        while pools and pools[-1][0] >= mean:
            other, heavy, many = pools.pop()
            mean = (mean * total + other * heavy) / (total + heavy)
            total += heavy
            members += many
        pools.append((mean, total, members))
    means = [mean for mean, _total, members in pools for _ in range(members)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
