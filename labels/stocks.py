"""What labels are printed on: sheets of labels, and rolls.

Rules kept:

* A sheet is a grid, centred on its page; all sizes are in mm. Those of the stocks that are sold
  under Avery's numbers are their makers' data; the numbers say what fits, not whose paper it is.
* A roll is a page of the label's size.
* Nothing is drawn within a stock's padding: sheets whose labels touch one another creep, and office
  printers leave 4.4 mm white.

>>> STOCKS["l7160"].labels
21
>>> roll(100, 50).name
'roll-100x50'
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from labels.errors import SizeError

__all__ = ["A4_2X4", "A4_3X8", "A5", "A6", "STOCKS", "Stock", "roll", "stock_named"]

_ROLL = re.compile(r"roll-([0-9]{1,4}(?:\.[0-9]{1,2})?)x([0-9]{1,4}(?:\.[0-9]{1,2})?)\Z")
_LEAST_MM = 10
_GREATEST_MM = 500


@dataclass(frozen=True, slots=True)
class Stock:
    """A kind of label sheet; all sizes in mm."""

    name: str
    page_width: float
    page_height: float
    columns: int
    rows: int
    label_width: float
    label_height: float
    gap_x: float = 0
    """Between two labels that stand side by side."""
    gap_y: float = 0
    """Between two labels that stand below one another."""
    padding: float = 2.0
    """What stays white within the edges of a label."""

    def origin(self, index: int) -> tuple[float, float]:
        """Find a label's upper left corner from that of the page, the grid being centred."""
        row, column = divmod(index, self.columns)
        across, down = self.label_width + self.gap_x, self.label_height + self.gap_y
        left = (self.page_width + self.gap_x - self.columns * across) / 2
        top = (self.page_height + self.gap_y - self.rows * down) / 2
        return left + column * across, top + row * down

    @property
    def labels(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows


def _a4(name: str, grid: tuple[int, int], width: float, height: float, gap: float) -> Stock:
    return Stock(name, 210, 297, *grid, width, height, gap)


def _letter(name: str, grid: tuple[int, int], width: float, height: float, gap: float) -> Stock:
    """Sizes in inches, as these sheets are sold."""
    inch = 25.4
    return Stock(name, 8.5 * inch, 11 * inch, *grid, width * inch, height * inch, gap * inch)


A4_3X8: Final = Stock("a4-3x8", 210, 297, 3, 8, 70, 37, padding=4.5)
A4_2X4: Final = Stock("a4-2x4", 210, 297, 2, 4, 105, 74, padding=4.5)
A5: Final = Stock("a5", 148, 210, 1, 1, 148, 210, padding=4.0)
A6: Final = Stock("a6", 105, 148, 1, 1, 105, 148, padding=3.0)
"""One label a page: logistic labels."""

STOCKS: Final = {
    stock.name: stock
    for stock in (
        A4_3X8,
        A4_2X4,
        _a4("l7159", (3, 8), 63.5, 33.9, 2.5),
        _a4("l7160", (3, 7), 63.5, 38.1, 2.5),
        _a4("l7161", (3, 6), 63.5, 46.6, 2.5),
        _a4("l7162", (2, 8), 99.1, 33.9, 2.5),
        _a4("l7163", (2, 7), 99.1, 38.1, 2.5),
        _a4("l7165", (2, 4), 99.1, 67.7, 2.5),
        _a4("l7166", (2, 3), 99.1, 93.1, 2.5),
        _a4("l7168", (1, 2), 199.6, 143.5, 0),
        _a4("l7173", (2, 5), 99.1, 57.0, 2.5),
        _a4("l7651", (5, 13), 38.1, 21.2, 2.5),
        _letter("5160", (3, 10), 2.625, 1, 0.125),
        _letter("5161", (2, 10), 4, 1, 0.1875),
        _letter("5162", (2, 7), 4, 4 / 3, 0.1875),
        _letter("5163", (2, 5), 4, 2, 0.1875),
        _letter("5164", (2, 3), 4, 10 / 3, 0.1875),
        A5,
        A6,
    )
}


def roll(width: float, height: float) -> Stock:
    """Labels on a roll: one to a page, sizes in mm.

    Raises:
        SizeError: Nothing of ours prints such a label.
    """
    for size in (width, height):
        if not (math.isfinite(size) and _LEAST_MM <= size <= _GREATEST_MM):
            raise SizeError(
                f"Expected a label of {_LEAST_MM} to {_GREATEST_MM} mm, found {size:g} mm; give"
                " its width and height in mm."
            )
    return Stock(f"roll-{width:g}x{height:g}", width, height, 1, 1, width, height)


def stock_named(name: str) -> Stock:
    """A stock by its name; rolls are named as in ``roll-100x50``.

    Raises:
        SizeError: There is none of that name.
    """
    found = STOCKS.get(name.lower())
    if found is not None:
        return found
    match = _ROLL.match(name.lower())
    if match is None:
        raise SizeError(
            f"Expected a stock of {', '.join(STOCKS)}, or roll-WIDTHxHEIGHT in mm; found"
            f" {name[:40]!r}."
        )
    return roll(float(match[1]), float(match[2]))
