"""Whether a picture may hold another symbol besides those that were read.

The first step of the reading looks only at what stands straight, dark on light and in its own
size. This cheap look (a tenth of the next step's time) tells whether the next one is worth taking:
symbols are dense fields of strong edges, whichever way they stand. On 1,199 photographed symbols it
missed none of the 98 that the next step alone reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanners.scan import Quad

__all__ = ["more_to_read"]

_LONGEST = 960
"""Pixels of the longer side, about, at which edges are looked at."""
_CELLS = 48
"""Along the longer side."""
_STEP = 40
"""Grey levels between neighbours that make an edge."""
_DENSE = 60
"""Share of a cell's pixels, of 255, that are edges."""
_MARGIN = 1.35
"""How much larger than its corners a symbol that was read is taken to be."""


def more_to_read(image: Image.Image, read: Iterable[Quad]) -> bool:
    """Tell whether dense edges stand outside of the symbols that were read, in a grey picture."""
    share = max(1, round(max(image.size) / _LONGEST))
    small = image.reduce(share) if share > 1 else image
    cell = max(1, max(small.size) // _CELLS)
    across = ImageChops.difference(small, ImageChops.offset(small, 2, 0))
    down = ImageChops.difference(small, ImageChops.offset(small, 0, 2))
    edges = ImageChops.lighter(across, down).point([0] * _STEP + [255] * (256 - _STEP))
    density = edges.reduce(cell)
    draw = ImageDraw.Draw(density)
    for quad in read:
        middle_x, middle_y = (sum(side) / 4 for side in zip(*quad, strict=True))
        draw.polygon(
            [
                (
                    (middle_x + (x - middle_x) * _MARGIN) / share / cell,
                    (middle_y + (y - middle_y) * _MARGIN) / share / cell,
                )
                for x, y in quad
            ],
            fill=0,
        )
    dense = density.point([0] * _DENSE + [255] * (256 - _DENSE))
    if min(dense.size) < 2:  # noqa: PLR2004 - cells
        return dense.getbbox() is not None
    # Two by two cells: single ones are corners of things.
    beside = ImageChops.darker(dense, ImageChops.offset(dense, 1, 0))
    square = ImageChops.darker(beside, ImageChops.offset(beside, 0, 1))
    return square.getbbox() is not None
