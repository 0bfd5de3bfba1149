"""Labels on sheets: a PDF with a grid of labels on each page.

Sizes kept here (GS1 General Specifications section 5; X is the width of one module):

* Codes are drawn at the largest X that fits the label and the standard, rounded down to whole dots
  of a 600 dpi printer (0.0423 mm): QR 0.396 to 0.743 mm, DataMatrix 0.380 to 0.743 mm, GS1-128
  0.495 to 0.940 mm.
* Quiet zones are part of a symbol's box and stay white: QR 4 X (1.6 to 3.0 mm), DataMatrix 1 X,
  GS1-128 10 X left and right (5.0 to 9.4 mm). GS1-128 bars are 31.75 mm high.
* Nothing is drawn within 4.5 mm of a label's edge: office printers leave that much white, and
  sheets creep.
* A code that does not fit its label at the least X is refused; it is never shrunk below.

Stocks: ``a4-3x8``, 24 labels of 70 x 37 mm, for items; ``a4-2x4``, 8 labels of 105 x 74 mm, for
logistic units (an SSCC at X = 0.495 mm is 87.1 mm wide). Without a stock each label gets its own, a
change starting a new page.

Labels are taken from the iterable one at a time; finished pages are held compressed until the file
is written.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas

from labels.errors import SizeError
from labels.fonts import Typeface, chinese_typeface
from labels.render import dark_runs
from labels.symbols import BAR_HEIGHT_MM, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from labels.label import Label

__all__ = ["A4_2X4", "A4_3X8", "STOCKS", "SheetSummary", "Stock", "write_sheets"]

_MM = 72 / 25.4  # points
_DOT_MM = 25.4 / 600
_PADDING_MM = 4.5
_GAP_MM = 1.5
_LEADING = 1.22  # line height over type size


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

    def origin(self, index: int) -> tuple[float, float]:
        """Find a label's upper left corner from that of the page, the grid being centred."""
        row, column = divmod(index, self.columns)
        left = (self.page_width - self.columns * self.label_width) / 2
        top = (self.page_height - self.rows * self.label_height) / 2
        return left + column * self.label_width, top + row * self.label_height

    @property
    def labels(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows


A4_3X8 = Stock("a4-3x8", 210, 297, 3, 8, 70, 37)
A4_2X4 = Stock("a4-2x4", 210, 297, 2, 4, 105, 74)
STOCKS = {stock.name: stock for stock in (A4_3X8, A4_2X4)}


@dataclass(frozen=True, slots=True)
class SheetSummary:
    """What was written."""

    labels: int
    pages: int
    symbols: int
    """Codes printed, the DataMatrix beside a QR counted as well."""


def write_sheets(
    target: IO[bytes] | str | Path,
    labels: Iterable[Label],
    *,
    stock: Stock | None = None,
    font: Path | None = None,
) -> SheetSummary:
    """Write a PDF of label sheets to a file; nothing is written where a label is refused.

    Raises:
        LabelError: a label cannot be printed on this stock; see `labels.errors`.
    """
    typeface = chinese_typeface(font)
    canvas: Any = None
    current: Stock | None = None
    index = pages = count = symbols_count = 0
    for label in labels:
        symbols = label.symbols()
        wanted = stock or (A4_2X4 if symbols[0].is_linear else A4_3X8)
        if canvas is None:
            destination: Any = target if hasattr(target, "write") else str(target)
            canvas = _SheetCanvas(destination, pageCompression=1, invariant=1)
            canvas.setTitle("Suyuan labels")
        if current is not wanted or index == wanted.labels:
            if current is not None:
                canvas.showPage()
            canvas.setPageSize((wanted.page_width * _MM, wanted.page_height * _MM))
            current, index, pages = wanted, 0, pages + 1
        _Pen(canvas, typeface, wanted, index).draw(label, symbols)
        index, count, symbols_count = index + 1, count + 1, symbols_count + len(symbols)
    if canvas is None:
        raise SizeError("Expected at least one label, found none; name the codes to print.")
    canvas.showPage()
    canvas.save()
    return SheetSummary(count, pages, symbols_count)


def _largest_x(symbol: Symbol, width: float, height: float, stock: Stock) -> float:
    """Choose the largest X-dimension in mm at which a symbol fits into a box."""
    across = width / symbol.width_mm(1)
    down = math.inf if symbol.is_linear else height / symbol.height_mm(1)
    rules = symbol.rules
    best = min(across, down, rules.max_x_mm)
    x_mm = max(math.floor(best / _DOT_MM) * _DOT_MM, min(best, rules.min_x_mm))
    if x_mm < rules.min_x_mm or (symbol.is_linear and height < BAR_HEIGHT_MM):
        need = f"{symbol.width_mm(rules.min_x_mm):.1f} x {symbol.height_mm(rules.min_x_mm):.1f} mm"
        raise SizeError(
            f"Expected {need} for the {symbol.kind} of {' '.join(symbol.hri)}, found "
            f"{width:.1f} x {height:.1f} mm on {stock.name}; use a larger label."
        )
    return x_mm


class _SheetCanvas(Canvas):  # type: ignore[misc]
    """Compresses finished pages, which the library itself keeps plain until the end."""

    def showPage(self) -> None:  # noqa: N802
        """End the page, and keep only its compressed form."""
        super().showPage()
        document: Any = vars(self)["_doc"]
        page = document.Pages.pages[-1]
        page.Contents = PDFStream(
            PDFDictionary({"Filter": PDFName("FlateDecode")}),
            zlib.compress(page.stream.encode("latin-1")),
        )
        page.stream = None


class _Pen:
    """Draws one label; coordinates are mm from the label's upper left corner."""

    def __init__(self, canvas: Any, typeface: Typeface, stock: Stock, index: int) -> None:
        self._canvas = canvas
        self._typeface = typeface
        self._stock = stock
        self._left, self._top = stock.origin(index)

    def draw(self, label: Label, symbols: tuple[Symbol, ...]) -> None:
        """Draw everything: bars below the text, a square symbol left of it."""
        for text in (label.title_zh, label.title_en, *label.notes, *symbols[0].hri):
            self._typeface.check(text)
        if symbols[0].is_linear:
            self._draw_stacked(label, symbols[0])
        else:
            self._draw_beside(label, symbols)

    def _draw_stacked(self, label: Label, symbol: Symbol) -> None:
        width = self._stock.label_width - 2 * _PADDING_MM
        height = self._stock.label_height - 2 * _PADDING_MM
        text_mm = 5.0  # one line of human readable text under the bars
        x_mm = _largest_x(symbol, width, height - text_mm, self._stock)
        bars = symbol.width_mm(x_mm)
        left = _PADDING_MM + (width - bars) / 2
        top = _PADDING_MM + height - text_mm - BAR_HEIGHT_MM
        self._symbol(symbol, left, top, x_mm)
        line = " ".join(symbol.hri)
        size = self._fitting(line, 11, width)
        middle = _PADDING_MM + (width - self._typeface.width(line, size) / _MM) / 2
        self._line(middle, _PADDING_MM + height - 0.8, line, size)
        self._text(label, (), _PADDING_MM, width, top - _GAP_MM, large=True)

    def _draw_beside(self, label: Label, symbols: tuple[Symbol, ...]) -> None:
        symbol, *more = symbols
        height = self._stock.label_height - 2 * _PADDING_MM
        x_mm = _largest_x(symbol, self._stock.label_width / 2, height, self._stock)
        box = symbol.width_mm(x_mm)
        # The quiet zone may lie in the padding, where nothing is drawn anyway: the text gains that
        # room.
        left = _PADDING_MM - min(_PADDING_MM, symbol.rules.quiet_x * x_mm)
        self._symbol(symbol, left, (self._stock.label_height - box) / 2, x_mm)
        text_left = left + box
        width = self._stock.label_width - _PADDING_MM - text_left
        bottom = self._stock.label_height - _PADDING_MM
        for extra in more:
            x_mm = _largest_x(extra, width, height / 2, self._stock)
            x_mm = min(x_mm, extra.rules.target_x_mm)
            bottom -= extra.height_mm(x_mm)
            self._symbol(
                extra, self._stock.label_width - _PADDING_MM - extra.width_mm(x_mm), bottom, x_mm
            )
        self._text(label, symbol.hri, text_left, width, bottom, large=False)

    def _text(
        self,
        label: Label,
        hri: tuple[str, ...],
        left: float,
        width: float,
        bottom: float,
        *,
        large: bool,
    ) -> None:
        """Set names, notes and human readable text from the top; what finds no room is refused."""
        room = bottom - _PADDING_MM
        lines: list[tuple[str, float, bool]] = []
        needed = math.inf
        for name_lines in ((2, 2), (2, 1), (1, 1)):
            if needed > room:
                lines = self._lines(label, hri, width, name_lines, 1.6 if large else 1.0)
                needed = sum(size * _LEADING for _, size, _ in lines) / _MM
        if needed > room:
            raise SizeError(
                f"Expected at most {room:.1f} mm of text beside the code of {label.code.uri}, "
                f"found {needed:.1f} mm; leave out notes or use a larger label."
            )
        # Under a code text starts at the edge; beside one it stands level with it.
        y = _PADDING_MM if large else _PADDING_MM + (room - needed) / 2
        for line, size, bold in lines:
            y += size * _LEADING / _MM
            self._line(left, y - 0.25 * size / _MM, line, size, bold=bold)

    def _lines(
        self,
        label: Label,
        hri: tuple[str, ...],
        width: float,
        name_lines: tuple[int, int],
        grow: float,
    ) -> list[tuple[str, float, bool]]:
        """Break text into (line, size in points, bold); `name_lines` bounds the two names."""
        wrap = self._typeface.wrap
        lines: list[tuple[str, float, bool]] = []
        for text, size, most, bold in (
            (label.title_zh, 9.5 * grow, name_lines[0], True),
            (label.title_en, 7.5 * grow, name_lines[1], True),
            *((note, 6.5 * grow, 1, False) for note in label.notes),
        ):
            if text:
                broken = wrap(text, size, width * _MM, lines=most, bold=bold)
                lines += [(line, size, bold) for line in broken]
        for part in hri:
            size = self._fitting(part, 7.5, width)
            broken = wrap(part, size, width * _MM, lines=len(part))
            lines += [(line, size, False) for line in broken]
        return lines

    def _fitting(self, text: str, size: float, width: float) -> float:
        """Shrink a size in points until text fits the width in mm, but not below 5.5 points."""
        natural = self._typeface.width(text, size) / _MM
        return size if natural <= width else max(5.5, size * width / natural)

    def _line(self, x: float, y: float, text: str, size: float, *, bold: bool = False) -> None:
        self._typeface.draw(
            self._canvas,
            (self._left + x) * _MM,
            (self._stock.page_height - self._top - y) * _MM,
            text,
            size,
            bold=bold,
        )

    def _symbol(self, symbol: Symbol, x: float, y: float, x_mm: float) -> None:
        """Draw a symbol whose box, quiet zone included, has its upper left corner at (x, y)."""
        row_mm = BAR_HEIGHT_MM if symbol.is_linear else x_mm
        left = (self._left + x + symbol.rules.quiet_x * x_mm) * _MM
        top = (self._stock.page_height - self._top - y - symbol.rules.quiet_y * x_mm) * _MM
        self._canvas.saveState()
        # One unit is one module: whole numbers keep the page small and edges exact.
        self._canvas.transform(x_mm * _MM, 0, 0, -row_mm * _MM, left, top)
        path = self._canvas.beginPath()
        for index, row in enumerate(symbol.rows):
            for start, length in dark_runs(row):
                path.rect(start, index, length, 1)
        self._canvas.drawPath(path, stroke=0, fill=1)
        self._canvas.restoreState()
