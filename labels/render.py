"""One symbol as a picture: PNG for screens and office printers, SVG for artwork.

Rules kept here (GS1 General Specifications section 5, symbol specification tables):

* An X-dimension outside the symbol's range is refused; without one, the target is used: 0.495 mm.
* Quiet zones belong to the picture: 4 X around QR, 1 X around DataMatrix, 10 X beside GS1-128.
* A module is a whole number of pixels; the PNG's resolution tag is set so that X comes out exact on
  paper.
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labels.symbols import Symbol

__all__ = ["as_png", "as_svg", "checked_x", "dark_runs", "hri_lines"]

_MM_PER_INCH = 25.4
_MIN_PIXELS_PER_MODULE = 2
_TEXT_LINE_MM = 3.2  # height of a line of human readable text
_TEXT_WIDTH_MM = 1.75  # width to reckon with for one of its characters
_RUN = re.compile("1+")


def dark_runs(row: str) -> Iterator[tuple[int, int]]:
    """Give start and length of each run of dark modules.

    >>> list(dark_runs("1101"))
    [(0, 2), (3, 1)]
    """
    return ((run.start(), len(run[0])) for run in _RUN.finditer(row))


def checked_x(symbol: Symbol, x_mm: float | None) -> float:
    """Return the X-dimension to print at, in mm: the target when none is asked for.

    Raises:
        SizeError: scanners are not promised to read a symbol of that size.
    """
    rules = symbol.rules
    if x_mm is None:
        return rules.target_x_mm
    if not rules.min_x_mm <= x_mm <= rules.max_x_mm:
        raise SizeError(
            f"Expected an X-dimension of {rules.min_x_mm} to {rules.max_x_mm} mm for "
            f"{symbol.kind}, found {x_mm} mm; {rules.target_x_mm} mm is the standard's target."
        )
    return x_mm


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
    symbol: Symbol, *, x_mm: float | None = None, dpi: int = 300, text: bool = True
) -> bytes:
    """Draw a symbol with its quiet zone as PNG, `dpi` dots per inch or the nearest whole module.

    Raises:
        SizeError: the X-dimension is outside the standard's range, or too few dots make a module.
    """
    x_mm = checked_x(symbol, x_mm)
    module = round(x_mm * dpi / _MM_PER_INCH)
    if module < _MIN_PIXELS_PER_MODULE:
        raise SizeError(
            f"Expected at least {_MIN_PIXELS_PER_MODULE} dots to a module, found "
            f"{x_mm * dpi / _MM_PER_INCH:.1f} at {dpi} dpi; print with more dots per inch."
        )
    per_mm = module / x_mm
    rules = symbol.rules
    width = (symbol.columns + 2 * rules.quiet_x) * module
    row_height = round(symbol.height_mm(x_mm) * per_mm) if symbol.is_linear else module
    top = rules.quiet_y * module
    symbol_height = top + row_height * len(symbol.rows) + top
    lines = _lines_below(symbol, x_mm) if text else []
    line_height = round(_TEXT_LINE_MM * per_mm)
    picture = Image.new("L", (width, symbol_height + line_height * len(lines)), 255)
    draw = ImageDraw.Draw(picture)
    for index, row in enumerate(symbol.rows):
        y = top + index * row_height
        for start, length in dark_runs(row):
            x = (rules.quiet_x + start) * module
            draw.rectangle((x, y, x + length * module - 1, y + row_height - 1), fill=0)
    font = ImageFont.load_default(size=0.75 * line_height)
    for index, line in enumerate(lines):
        at = (width / 2, symbol_height + index * line_height)
        draw.text(at, line, fill=0, font=font, anchor="ma")
    buffer = BytesIO()
    resolution = per_mm * _MM_PER_INCH
    picture.save(buffer, "PNG", dpi=(resolution, resolution), optimize=True)
    return buffer.getvalue()


def as_svg(symbol: Symbol, *, x_mm: float | None = None, text: bool = True) -> str:
    """Draw a symbol with its quiet zone as SVG: sizes in mm, one user unit to a module.

    Raises:
        SizeError: the X-dimension is outside the standard's range.
    """
    x_mm = checked_x(symbol, x_mm)
    rules = symbol.rules
    width = symbol.columns + 2 * rules.quiet_x
    row_height = symbol.height_mm(x_mm) / x_mm if symbol.is_linear else 1
    symbol_height = 2 * rules.quiet_y + row_height * len(symbol.rows)
    lines = _lines_below(symbol, x_mm) if text else []
    line_height = _TEXT_LINE_MM / x_mm
    height = symbol_height + line_height * len(lines)
    path = "".join(
        f"M{rules.quiet_x + start} {_number(rules.quiet_y + index * row_height)}"
        f"h{length}v{_number(row_height)}h-{length}z"
        for index, row in enumerate(symbol.rows)
        for start, length in dark_runs(row)
    )
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
        f'viewBox="0 0 {width} {_number(height)}" shape-rendering="crispEdges">'
        f"<title>{escape(' '.join(symbol.hri))}</title>"
        f'<rect width="{width}" height="{_number(height)}" fill="#fff"/>'
        f'<path d="{path}"/>{texts}</svg>'
    )


def _lines_below(symbol: Symbol, x_mm: float) -> list[str]:
    return hri_lines(symbol, max(8, int(symbol.width_mm(x_mm) / _TEXT_WIDTH_MM)))


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
