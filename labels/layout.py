"""Where everything stands on one label, whatever draws it.

Sizes kept here (GS1 General Specifications section 5; X is the width of one module):

* Codes are drawn at the largest X that fits the label and the standard, rounded down to whole dots
  of a 600 dpi printer (0.0423 mm), within the range of `labels.kinds`.
* Quiet zones are part of a symbol's box and stay white.
* A code that does not fit its label at the least X is refused; it is never shrunk below.
* Bars stand below the text, a square symbol left of it.

All coordinates are mm from the label's upper left corner, down and to the right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.errors import SizeError

if TYPE_CHECKING:
    from labels.fonts import Typeface
    from labels.label import Label
    from labels.stocks import Stock
    from labels.symbol import Symbol

__all__ = ["MM", "Layout", "PlacedSymbol", "PlacedText", "largest_x", "lay_out"]

MM = 72 / 25.4
"""Points."""

_DOT_MM = 25.4 / 600
_THREE_DOTS_MM = 0.376  # of 203 dpi; four of 300 are less
_GAP_MM = 1.5
_LEADING = 1.22  # line height over type size
_TEXT_MM = 5.0  # one line of human readable text under the bars


@dataclass(frozen=True, slots=True)
class PlacedText:
    """One line."""

    x: float
    """Where it begins."""
    y: float
    """Of its baseline."""
    text: str
    size: float
    """Points."""
    bold: bool = False


@dataclass(frozen=True, slots=True)
class PlacedSymbol:
    """A symbol; its corner is that of its quiet zone."""

    x: float
    y: float
    x_mm: float
    """X-dimension."""
    symbol: Symbol
    bars_mm: float | None = None
    """Height of bars, where it isn't the least."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One label."""

    texts: tuple[PlacedText, ...]
    symbols: tuple[PlacedSymbol, ...]
    lines: tuple[tuple[float, float, float, float], ...] = ()
    """Rules between its parts: x, y, width and height."""


def lay_out(label: Label, symbols: tuple[Symbol, ...], stock: Stock, typeface: Typeface) -> Layout:
    """Lay a label out on a stock.

    Raises:
        SizeError: A symbol or the text finds no room.
        UnprintableCharacterError: The font lacks a character.
    """
    for text in (label.title_zh, label.title_en, *label.notes, *symbols[0].hri):
        typeface.check(text)
    draft = _Draft(label, stock, typeface, [], [])
    if symbols[0].is_linear:
        draft.stacked(symbols[0])
    else:
        draft.beside(symbols)
    return Layout(tuple(draft.texts), tuple(draft.symbols))


def largest_x(symbol: Symbol, width: float, height: float, name: str) -> float:
    """Choose the largest X-dimension in mm at which a symbol fits into a box.

    Raises:
        SizeError: It doesn't fit at the least one; `name` is where.
    """
    across = width / symbol.width_mm(1)
    rules = symbol.rules
    down = math.inf if symbol.is_linear else height / symbol.height_mm(1)
    best = min(across, down, rules.max_x_mm)
    x_mm = max(math.floor(best / _DOT_MM) * _DOT_MM, min(best, rules.min_x_mm))
    while symbol.is_linear and symbol.height_mm(x_mm) > height and x_mm > rules.min_x_mm:
        x_mm = max(x_mm - _DOT_MM, rules.min_x_mm)  # bars of EAN and UPC grow with X
    if x_mm < rules.min_x_mm or symbol.height_mm(x_mm) > height + 1e-9:
        need = f"{symbol.width_mm(rules.min_x_mm):.1f} x {symbol.height_mm(rules.min_x_mm):.1f} mm"
        raise SizeError(
            f"Expected {need} for the {symbol.kind} of {' '.join(symbol.hri)}, found "
            f"{width:.1f} x {height:.1f} mm on {name}; use a larger label."
        )
    return x_mm


@dataclass(frozen=True, slots=True)
class _Draft:
    label: Label
    stock: Stock
    typeface: Typeface
    texts: list[PlacedText]
    symbols: list[PlacedSymbol]

    def stacked(self, symbol: Symbol) -> None:
        """Bars at the foot of the label, names above."""
        padding = self.stock.padding
        width = self.stock.label_width - 2 * padding
        height = self.stock.label_height - 2 * padding
        x_mm = largest_x(symbol, width, height - _TEXT_MM, self.stock.name)
        if not symbol.rules.height_x:
            self._stack(symbol, x_mm)
            return
        # Bars that grow with X leave no room, so they are the least that thermal printers can make
        # of whole dots; without room for the text even then, the target.
        target = symbol.rules.target_x_mm
        try:
            self._stack(symbol, min(x_mm, max(target, _THREE_DOTS_MM)))
        except SizeError:
            self.texts.clear()
            self.symbols.clear()
            self._stack(symbol, min(x_mm, target))

    def _stack(self, symbol: Symbol, x_mm: float) -> None:
        padding = self.stock.padding
        width = self.stock.label_width - 2 * padding
        height = self.stock.label_height - 2 * padding
        left = padding + (width - symbol.width_mm(x_mm)) / 2
        top = padding + height - _TEXT_MM - symbol.height_mm(x_mm)
        self.symbols.append(PlacedSymbol(left, top, x_mm, symbol))
        line = " ".join(symbol.hri)
        size = self._fitting(line, 11, width)
        middle = padding + (width - self.typeface.width(line, size) / MM) / 2
        self.texts.append(PlacedText(middle, padding + height - 0.8, line, size))
        self._text((), padding, width, top - _GAP_MM, large=True)

    def beside(self, symbols: tuple[Symbol, ...]) -> None:
        """A square symbol on the left, text and further symbols on the right."""
        symbol, *more = symbols
        stock, padding = self.stock, self.stock.padding
        height = stock.label_height - 2 * padding
        x_mm = largest_x(symbol, stock.label_width / 2, height, stock.name)
        # The quiet zone may lie in the padding, where nothing is drawn anyway: the text gains that
        # room.
        left = padding - min(padding, symbol.rules.quiet_left * x_mm)
        top = (stock.label_height - symbol.height_mm(x_mm)) / 2
        self.symbols.append(PlacedSymbol(left, top, x_mm, symbol))
        text_left = left + symbol.width_mm(x_mm)
        width = stock.label_width - padding - text_left
        bottom = stock.label_height - padding
        for extra in more:
            x_mm = largest_x(extra, width, height / 2, stock.name)
            x_mm = min(x_mm, extra.rules.target_x_mm)
            bottom -= extra.height_mm(x_mm)
            right = stock.label_width - padding - extra.width_mm(x_mm)
            self.symbols.append(PlacedSymbol(right, bottom, x_mm, extra))
        self._text(symbol.hri, text_left, width, bottom, large=False)

    def _text(
        self, hri: tuple[str, ...], left: float, width: float, bottom: float, *, large: bool
    ) -> None:
        """Set names, notes and human readable text from the top; what finds no room is refused."""
        padding = self.stock.padding
        room = bottom - padding
        lines: list[tuple[str, float, bool]] = []
        needed = math.inf
        full = 1.6 if large else 1.0
        for name_lines, grow in (((2, 2), full), ((2, 1), full), ((1, 1), full), ((1, 1), 1.0)):
            if needed > room:
                lines = self._lines(hri, width, name_lines, grow)
                needed = sum(size * _LEADING for _, size, _ in lines) / MM
        if needed > room:
            raise SizeError(
                f"Expected at most {room:.1f} mm of text beside the code of {self.label.code.uri}, "
                f"found {needed:.1f} mm; leave out notes or use a larger label."
            )
        # Under a code text starts at the edge; beside one it stands level with it.
        y = padding if large else padding + (room - needed) / 2
        for line, size, bold in lines:
            y += size * _LEADING / MM
            self.texts.append(PlacedText(left, y - 0.25 * size / MM, line, size, bold))

    def _lines(
        self, hri: tuple[str, ...], width: float, name_lines: tuple[int, int], grow: float
    ) -> list[tuple[str, float, bool]]:
        """Break text into (line, size in points, bold); `name_lines` bounds the two names."""
        wrap = self.typeface.wrap
        lines: list[tuple[str, float, bool]] = []
        for text, size, most, bold in (
            (self.label.title_zh, 9.5 * grow, name_lines[0], True),
            (self.label.title_en, 7.5 * grow, name_lines[1], True),
            *((note, 6.5 * grow, 1, False) for note in self.label.notes),
        ):
            if text:
                broken = wrap(text, size, width * MM, lines=most, bold=bold)
                lines += [(line, size, bold) for line in broken]
        for part in hri:
            size = self._fitting(part, 7.5, width)
            broken = wrap(part, size, width * MM, lines=len(part))
            lines += [(line, size, False) for line in broken]
        return lines

    def _fitting(self, text: str, size: float, width: float) -> float:
        """Shrink a size in points until text fits the width in mm, but not below 5.5 points."""
        natural = self.typeface.width(text, size) / MM
        return size if natural <= width else max(5.5, size * width / natural)
