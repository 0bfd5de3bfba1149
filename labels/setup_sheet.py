"""A sheet of test codes, by which a scanner is set up: what comes back tells how it sends.

Rules kept here:

* The codes stand below each other, numbered, far enough apart that a scanner sees one at a time.
* Modules are whole dots of a 600 dpi printer; quiet zones are white: 4 X around QR, 1 X around
  DataMatrix, 10 X beside Code 128.
* What is drawn was read back first: a symbol with other content never leaves.

X is 0.508 mm for the matrix symbols and 0.339 mm for Code 128 (GS1 General Specifications,
section 5).
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import zxingcpp
from reportlab.pdfgen.canvas import Canvas

from identifiers import parse_element_string
from labels.errors import UnprintableCharacterError
from labels.render import dark_runs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["write_setup_sheet"]

_MM = 72 / 25.4  # points
_DOT_MM = 25.4 / 600
_PAGE_MM = (210, 297)
_MARGIN_MM = 18
_STEP_MM = 37  # from one code to the next
_BAR_MM = 15
_MATRIX_X_MM = 12 * _DOT_MM
_LINEAR_X_MM = 8 * _DOT_MM
_FORMATS = {
    "datamatrix": zxingcpp.BarcodeFormat.DataMatrix,
    "code-128": zxingcpp.BarcodeFormat.Code128,
    "qr": zxingcpp.BarcodeFormat.QRCode,
}

_OPTIONS: dict[str, dict[str, Any]] = {
    # Left to itself the encoder picks rectangles that GS1 does not know.
    "datamatrix": {"gs1": True, "force_square": True},
    "qr": {"eci": "UTF-8"},
}


def write_setup_sheet(
    target: IO[bytes] | str | Path, codes: Iterable[tuple[str, str, str]], *, title: str
) -> None:
    """Write the sheet as a PDF page of A4.

    Args:
        target: The file.
        codes: Symbol (``datamatrix`` for a GS1 element string, ``code-128`` or ``qr``), content and
            caption of each, seven at most.
        title: The line above them.

    Raises:
        UnprintableCharacterError: A symbol cannot hold its content.
    """
    destination: Any = target if hasattr(target, "write") else str(target)
    canvas: Any = Canvas(destination, pageCompression=1, invariant=1)
    width, height = _PAGE_MM
    canvas.setPageSize((width * _MM, height * _MM))
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 12)
    canvas.drawString(_MARGIN_MM * _MM, (height - 14) * _MM, title)
    canvas.setFont("Helvetica", 10)
    for index, (symbol, content, caption) in enumerate(codes):
        top = height - 24 - index * _STEP_MM
        canvas.drawString(_MARGIN_MM * _MM, top * _MM, f"{index + 1}. {caption}")
        _draw(canvas, _rows(symbol, content), top - 3)
    canvas.save()


def _rows(symbol: str, content: str) -> list[str]:
    """Make a symbol's modules, 1 for dark; one row for Code 128."""
    kind = _FORMATS[symbol]
    written = content
    if symbol == "datamatrix":
        elements = parse_element_string(content).elements
        written = "".join(f"[{ai}]{value}" for ai, value in elements)
    options = _OPTIONS.get(symbol, {})
    try:
        made = zxingcpp.create_barcode(written, kind, **options)
    except ValueError as error:
        raise UnprintableCharacterError(
            f"Expected content that a {symbol} can hold, found {content!r}; use other content."
        ) from error
    read = zxingcpp.read_barcode(
        made.to_image(scale=4),
        formats=zxingcpp.BarcodeFormats(kind),
        text_mode=zxingcpp.TextMode.Plain,
    )
    if read is None or read.text != content:
        raise UnprintableCharacterError(
            f"Expected a {symbol} that reads {content!r}, found {read.text if read else None!r}; "
            "use other content."
        )
    view = memoryview(made.to_image(scale=1, add_quiet_zones=False))  # type: ignore[arg-type]
    pixels: Any = view.tolist()
    rows = ["".join("0" if pixel else "1" for pixel in row) for row in pixels]
    return rows[:1] if symbol == "code-128" else rows


def _draw(canvas: Any, rows: list[str], top: float) -> None:
    """Draw modules below a height in mm, at the sheet's left margin."""
    is_linear = len(rows) == 1
    x_mm = _LINEAR_X_MM if is_linear else _MATRIX_X_MM
    canvas.saveState()
    # One unit is one module: whole numbers keep edges exact.
    canvas.translate((_MARGIN_MM + 10 * x_mm) * _MM, (top - (0 if is_linear else 4 * x_mm)) * _MM)
    canvas.scale(x_mm * _MM, -(_BAR_MM if is_linear else x_mm) * _MM)
    path = canvas.beginPath()
    for index, row in enumerate(rows):
        for start, length in dark_runs(row):
            path.rect(start, index, length, 1)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
