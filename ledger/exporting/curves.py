"""The curves of arrows: from the side of a box, through its bends, to the side of another.

Arrows that leave or reach one side of a box are spread along it in the order of where they lead,
so that none hides another. Between two ranks a curve is one cubic Bezier; beside a box that it
passes it is straight.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.exporting.graph import Graph
    from ledger.exporting.placing import Layout

__all__ = ["HEIGHT", "STEP", "WIDTH", "Curve", "curves_of", "number"]

# Pixels of CSS.
WIDTH: Final = 232.0
"""Of a box."""
HEIGHT: Final = 56.0
"""Of a box."""
STEP: Final = WIDTH + 78
"""From one rank to the next."""
_USED: Final = 0.7  # of the side of a box, for arrows

Curve = str
"""The path of an arrow, as SVG writes it."""
_Point = tuple[float, float]


def number(value: float) -> str:
    """A length as SVG writes it, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def curves_of(graph: Graph, layout: Layout, left: float, top: float) -> Iterator[Curve]:
    """The curve of each arrow of a graph.

    Args:
        graph: Boxes and arrows.
        layout: Where the boxes stand and the arrows bend.
        left: Of the first rank.
        top: Of the first edge of all.
    """
    ports = _ports(graph, layout)
    for at, arrow in enumerate(graph.arrows):
        ends = [
            (left + layout.ranks[box] * STEP, top + layout.centres[box])
            for box in (arrow.source, arrow.target)
        ]
        if arrow.source == arrow.target:
            yield _loop(*ends[0])
            continue
        back = at in layout.turned
        starts = (ends[0][0] + (0 if back else WIDTH), ends[0][1] + ports[at, 0])
        stops = (ends[1][0] + (WIDTH if back else 0), ends[1][1] + ports[at, 1])
        bends = [(left + rank * STEP, top + place) for rank, place in layout.bends[at]]
        yield _through(starts, bends, stops, back=back)


def _ports(graph: Graph, layout: Layout) -> dict[tuple[int, int], float]:
    """How far from the middle of its box each arrow begins (0) and ends (1)."""
    sides: dict[tuple[int, bool], list[tuple[float, int, int]]] = defaultdict(list)
    for at, arrow in enumerate(graph.arrows):
        bends = layout.bends[at]
        back = at in layout.turned
        first = bends[0][1] if bends else layout.centres[arrow.target]
        last = bends[-1][1] if bends else layout.centres[arrow.source]
        sides[arrow.source, not back].append((first, at, 0))
        sides[arrow.target, back].append((last, at, 1))
    found: dict[tuple[int, int], float] = {}
    for members in sides.values():
        members.sort()
        step = HEIGHT * _USED / len(members)
        for place, (_towards, at, end) in enumerate(members):
            found[at, end] = step * (place - (len(members) - 1) / 2)
    return found


def _through(start: _Point, bends: Sequence[_Point], stop: _Point, *, back: bool) -> Curve:
    """A curve through bends; each bend is a straight line along the column of its rank."""
    path = [f"M{number(start[0])} {number(start[1])}"]
    last = start
    for x, y in bends:
        near, far = (x + WIDTH, x) if back else (x, x + WIDTH)
        path.append(f"{_curve(last, (near, y))}H{number(far)}")
        last = (far, y)
    path.append(_curve(last, stop))
    return "".join(path)


def _curve(start: _Point, stop: _Point) -> str:
    (_x, up), (right, down) = start, stop
    middle = number((start[0] + right) / 2)
    return f"C{middle} {number(up)} {middle} {number(down)} {number(right)} {number(down)}"


def _loop(left: float, centre: float) -> Curve:
    """An arrow from a box to itself, at its upper right corner."""
    right, top = left + WIDTH, centre - HEIGHT / 2
    return (
        f"M{number(right)} {number(top + 12)}C{number(right + 26)} {number(top + 12)}"
        f" {number(right - 14)} {number(top - 20)} {number(right - 20)} {number(top)}"
    )
