"""One symbol as a picture: PNG for screens and office printers, SVG for artwork.

Rules kept here (GS1 General Specifications section 5, symbol specification tables):

* Sizes outside the symbol's range are refused; without any, the target is used (`labels.kinds`).
* Quiet zones belong to the picture.
* X is a whole number of pixels, and so is half of it for ITF-14; the PNG's resolution tag is set so
  that X comes out exact on paper.
* Human readable interpretation stands below the quiet zone, application identifiers in brackets
  (section 4.14).
"""

from __future__ import annotations

import re
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from labels.errors import SizeError
from labels.kinds import checked_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labels.symbol import Symbol

__all__ = ["as_png", "as_svg", "dark_runs", "hri_lines"]

_MM_PER_INCH = 25.4
_MIN_PIXELS_PER_MODULE = 2
_DPI = (72, 2400)  # from screens to image setters; more would only take memory
_TEXT_LINE_MM = 3.2  # height of a line of human readable text
_TEXT_WIDTH_MM = 1.75  # width to reckon with for one of its characters
_RUN = re.compile("1+")


def dark_runs(row: str) -> Iterator[tuple[int, int]]:
    """Give start and length of each run of dark modules.

    >>> list(dark_runs("1101"))
    [(0, 2), (3, 1)]
    """
    return ((run.start(), len(run[0])) for run in _RUN.finditer(row))


def hri_lines(symbol: Symbol, width: int) -> list[str]:
    """Lay the human readable interpretation in lines of at most `width` characters.

    A line holds as many whole element strings as fit; a longer one is broken.
    """
    lines = [""]
    for part in symbol.hri:
        if lines[-1] and len(lines[-1]) + 1 + len(part) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {part}".lstrip()
        while len(lines[-1]) > width:
            lines.append(lines[-1][width:])
            lines[-2] = lines[-2][:width]
    return lines


def as_png(
    symbol: Symbol,
    *,
    x_mm: float | None = None,
    height_mm: float | None = None,
    dpi: int = 300,
    text: bool = True,
) -> bytes:
    """Draw a symbol with its quiet zone as PNG, `dpi` dots per inch or the nearest whole module.

    Args:
        symbol: What to draw.
        x_mm: The X-dimension; the standard's target where None.
        height_mm: The height of bars; the least where None.
        dpi: Dots per inch.
        text: Whether the human readable text stands below.

    Raises:
        SizeError: a size is outside the standard's range, or too few dots make a module.
    """
    x_mm, bars_mm = checked_size(symbol.kind, symbol.rules, x_mm, height_mm)
    if not _DPI[0] <= dpi <= _DPI[1]:
        raise SizeError(
            f"Expected {_DPI[0]} to {_DPI[1]:,} dots per inch, found {dpi}; 300 and 600 are usual."
        )
    column = round(x_mm / symbol.per_x * dpi / _MM_PER_INCH)
    module = column * symbol.per_x
    if module < _MIN_PIXELS_PER_MODULE or not column:
        raise SizeError(
            f"Expected at least {_MIN_PIXELS_PER_MODULE} dots to a module, found "
            f"{x_mm * dpi / _MM_PER_INCH:.1f} at {dpi} dpi; print with more dots per inch."
        )
    per_mm = module / x_mm
    rules = symbol.rules
    width = symbol.columns * column + (rules.quiet_left + rules.quiet_right) * module
    heights = [round(one * per_mm) for one in symbol.row_heights_mm(x_mm, bars_mm)]
    top = rules.quiet_y * module
    symbol_height = top + sum(heights) + top
    lines = _lines_below(symbol, x_mm) if text else []
    line_height = round(_TEXT_LINE_MM * per_mm)
    picture = Image.new("L", (width, symbol_height + line_height * len(lines)), 255)
    draw = ImageDraw.Draw(picture)
    y = top
    for row, height in zip(symbol.rows, heights, strict=True):
        for start, length in dark_runs(row):
            x = rules.quiet_left * module + start * column
            draw.rectangle((x, y, x + length * column - 1, y + height - 1), fill=0)
        y += height
    font = ImageFont.load_default(size=0.75 * line_height)
    for index, line in enumerate(lines):
        at = (width / 2, symbol_height + index * line_height)
        draw.text(at, line, fill=0, font=font, anchor="ma")
    buffer = BytesIO()
    resolution = per_mm * _MM_PER_INCH
    picture.save(buffer, "PNG", dpi=(resolution, resolution), optimize=True)
    return buffer.getvalue()


def as_svg(
    symbol: Symbol,
    *,
    x_mm: float | None = None,
    height_mm: float | None = None,
    text: bool = True,
) -> str:
    """Draw a symbol with its quiet zone as SVG: sizes in mm, one user unit to X.

    Raises:
        SizeError: a size is outside the standard's range.
    """
    x_mm, bars_mm = checked_size(symbol.kind, symbol.rules, x_mm, height_mm)
    rules = symbol.rules
    width = symbol.width_mm(1)
    symbol_height = symbol.height_mm(x_mm, bars_mm) / x_mm
    lines = _lines_below(symbol, x_mm) if text else []
    line_height = _TEXT_LINE_MM / x_mm
    height = symbol_height + line_height * len(lines)
    parts: list[str] = []
    y: float = rules.quiet_y
    for row, row_mm in zip(symbol.rows, symbol.row_heights_mm(x_mm, bars_mm), strict=True):
        for start, length in dark_runs(row):
            across = _number(length / symbol.per_x)
            left = _number(rules.quiet_left + start / symbol.per_x)
            parts.append(f"M{left} {_number(y)}h{across}v{_number(row_mm / x_mm)}h-{across}z")
        y += row_mm / x_mm
    texts = "".join(
        f'<text x="{_number(width / 2)}" '
        f'y="{_number(symbol_height + (index + 0.75) * line_height)}" '
        f'font-size="{_number(0.75 * line_height)}" font-family="sans-serif" '
        f'text-anchor="middle">{escape(line)}</text>'
        for index, line in enumerate(lines)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{_number(width * x_mm)}mm" height="{_number(height * x_mm)}mm" '
        f'viewBox="0 0 {_number(width)} {_number(height)}" shape-rendering="crispEdges">'
        f"<title>{escape(' '.join(symbol.hri))}</title>"
        f'<rect width="{_number(width)}" height="{_number(height)}" fill="#fff"/>'
        f'<path d="{"".join(parts)}"/>{texts}</svg>'
    )


def _lines_below(symbol: Symbol, x_mm: float) -> list[str]:
    return hri_lines(symbol, max(8, int(symbol.width_mm(x_mm) / _TEXT_WIDTH_MM)))


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
