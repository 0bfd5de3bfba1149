"""Labels on sheets and rolls: a PDF with a grid of labels on each page.

Every label may be of another kind here; runs of one product are drawn by `labels.runs`, some fifty
times faster. Where things stand is said in `labels.layout`, what they stand on in `labels.stocks`.
Without a stock each label gets its own, a change starting a new page: ``a4-3x8``, 24 labels of 70 x
37 mm, for items; ``a4-2x4``, 8 labels of 105 x 74 mm, for bars (an SSCC at X = 0.495 mm is 87.1 mm
wide).

Labels are taken from the iterable one at a time; finished pages are held compressed until the file
is written.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas

from labels.errors import SizeError
from labels.fonts import Typeface, chinese_typeface
from labels.layout import MM, lay_out
from labels.render import dark_runs
from labels.stocks import A4_2X4, A4_3X8, STOCKS, Stock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from labels.label import Label
    from labels.layout import Layout, PlacedSymbol

__all__ = ["A4_2X4", "A4_3X8", "STOCKS", "SheetSummary", "Stock", "write_layouts", "write_sheets"]


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

    def placed() -> Iterable[tuple[Stock, Layout]]:
        for label in labels:
            symbols = label.symbols()
            wanted = stock or (A4_2X4 if symbols[0].is_linear else A4_3X8)
            yield wanted, lay_out(label, symbols, wanted, typeface)

    return write_layouts(target, placed(), typeface)


def write_layouts(
    target: IO[bytes] | str | Path, layouts: Iterable[tuple[Stock, Layout]], typeface: Typeface
) -> SheetSummary:
    """Write labels that are laid out to a PDF; nothing is written where there is none.

    Raises:
        SizeError: There is no label.
    """
    canvas: Any = None
    current: Stock | None = None
    index = pages = count = symbols_count = 0
    for stock, layout in layouts:
        if canvas is None:
            destination: Any = target if hasattr(target, "write") else str(target)
            canvas = _SheetCanvas(destination, pageCompression=1, invariant=1)
            canvas.setTitle("Suyuan labels")
        if current is not stock or index == stock.labels:
            if current is not None:
                canvas.showPage()
            canvas.setPageSize((stock.page_width * MM, stock.page_height * MM))
            current, index, pages = stock, 0, pages + 1
        _Pen(canvas, typeface, stock, index).draw(layout)
        index, count, symbols_count = index + 1, count + 1, symbols_count + len(layout.symbols)
    if canvas is None:
        raise SizeError("Expected at least one label, found none; name the codes to print.")
    canvas.showPage()
    canvas.save()
    return SheetSummary(count, pages, symbols_count)


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
    """Draws one label."""

    def __init__(self, canvas: Any, typeface: Typeface, stock: Stock, index: int) -> None:
        self._canvas = canvas
        self._typeface = typeface
        self._height = stock.page_height
        self._left, self._top = stock.origin(index)

    def draw(self, layout: Layout) -> None:
        """Draw everything."""
        for symbol in layout.symbols:
            self._symbol(symbol)
        for x, y, width, height in layout.lines:
            left, top = self._at(x, y + height)
            self._canvas.rect(left, top, width * MM, height * MM, stroke=0, fill=1)
        for line in layout.texts:
            left, top = self._at(line.x, line.y)
            self._typeface.draw(self._canvas, left, top, line.text, line.size, bold=line.bold)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        """A place on the label, in points from the page's lower left corner."""
        return (self._left + x) * MM, (self._height - self._top - y) * MM

    def _symbol(self, placed: PlacedSymbol) -> None:
        symbol, x_mm = placed.symbol, placed.x_mm
        heights = symbol.row_heights_mm(x_mm, placed.bars_mm)
        column = x_mm / symbol.per_x
        left, top = self._at(
            placed.x + symbol.rules.quiet_left * x_mm, placed.y + symbol.rules.quiet_y * x_mm
        )
        self._canvas.saveState()
        # One unit is one module: whole numbers keep the page small and edges exact.
        self._canvas.transform(column * MM, 0, 0, -column * MM, left, top)
        path = self._canvas.beginPath()
        y = 0.0
        for row, height in zip(symbol.rows, heights, strict=True):
            down = 1 if height == column else height / column
            for start, length in dark_runs(row):
                path.rect(start, y, length, down)
            y += down
        self._canvas.drawPath(path, stroke=0, fill=1)
        self._canvas.restoreState()
