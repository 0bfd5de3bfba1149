"""Labels in ZPL II, the language of Zebra's printers and many others.

Rules kept:

* What the printer can draw itself is sent as its content: QR (``^BQ``), GS1 DataMatrix (``^BX``),
  GS1-128 (``^BC``), EAN, UPC and ITF-14. The printer's dots are then exact.
* FNC1 is sent by the escapes of each command: ``>8`` in ``^BC``, ``_1`` in ``^BX``. ``^BQ`` has
  none that all firmware knows, so a GS1 QR Code is a bitmap, and so are rMQR and Han Xin, and
  modules above 10 dots, the most that ``^BQ`` promises.
* X is a whole number of dots that lies in the standard's range and is hardly larger than the label
  was laid out for; where there is none, more dots to an inch are asked for.
* Latin text is the printer's own font; a line with other characters is a bitmap of a TrueType font.
* No character of a text is ever a command: ``^``, ``~`` and ``_`` are sent in hexadecimal.

ZPL II Programming Guide, Zebra Technologies.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from labels.errors import SizeError, UnprintableCharacterError
from labels.kinds import SymbolKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from labels.fonts import Typeface
    from labels.layout import Layout, PlacedSymbol, PlacedText
    from labels.runs import RunCode, RunDesign
    from labels.stocks import Stock
    from labels.symbol import Symbol

__all__ = ["DPI", "as_zpl", "code_128_data", "zpl_of_run"]

DPI: Final = (152, 203, 300, 600)
"""Dots per inch of the printers that there are."""

_MM_PER_INCH: Final = 25.4
_POINTS_PER_INCH: Final = 72
_MOST_DOTS: Final = 10  # of a module that ^BQ and ^BX promise
_LARGER: Final = 1.02
"""By how much X may be above that of the layout: four dots of 203 dpi are 0.5005 mm, not 0.495. The
quiet zone then reaches a little into the padding."""
_GS: Final = "\x1d"
_SAFE: Final = re.compile(r"[ -\]`-}]*\Z")  # all but ^, _ and ~
_DIGITS: Final = re.compile(r"[0-9]+")
_PAIRED: Final = 4  # digits from which code set C is shorter


def as_zpl(layout: Layout, stock: Stock, typeface: Typeface, *, dpi: int = 203) -> str:
    """One label as a ZPL format, from ``^XA`` to ``^XZ``.

    Raises:
        SizeError: No whole number of dots makes a module.
        UnprintableCharacterError: A text needs a font that isn't installed.
    """
    pen = _Pen(dpi, typeface)
    parts = [pen.head(stock)]
    parts += [pen.symbol(placed, placed.symbol.content) for placed in layout.symbols]
    parts += [pen.box(*line) for line in layout.lines]
    parts += [pen.text(line, line.text) for line in layout.texts]
    return "\n".join([*parts, "^XZ\n"])


def zpl_of_run(design: RunDesign, codes: Iterable[RunCode], *, dpi: int = 203) -> Iterator[str]:
    """The labels of a run, a format each.

    Raises:
        SizeError: No whole number of dots makes a module.
        UnprintableCharacterError: A text needs a font that isn't installed.
    """
    pen = _Pen(dpi, design.typeface)
    constant = [pen.text(line, line.text) for line in design.constant]
    start = "\n".join([pen.head(design.stock), *constant])
    [placed] = design.layout.symbols
    pen.symbol(placed, placed.symbol.content)  # whether it can be printed at all
    for code in codes:
        lines = zip(design.varying, design.lines(code.serial), strict=True)
        varying = [pen.text(line, text) for line, text in lines]
        yield "\n".join([start, pen.symbol(placed, code.link), *varying, "^XZ\n"])


def code_128_data(content: str) -> str:
    """The data of ``^BC`` for element strings: start, FNC1, and the code sets by their escapes.

    >>> code_128_data("0109506000134352")
    '>;>80109506000134352'
    >>> code_128_data("10L-7" + chr(29) + "2112")
    '>:>810L-7>8>52112'
    """
    in_pairs = _pairs_at(content, 0) > 0
    parts = [">;" if in_pairs else ">:", ">8"]
    at = 0
    while at < len(content):
        if content[at] == _GS:
            parts.append(">8")
            at += 1
            continue
        pairs = _pairs_at(content, at)
        if not pairs and in_pairs and content[at : at + 2].isdigit() and len(content) == at + 2:
            pairs = 2  # the last two digits need no other set
        if bool(pairs) != in_pairs:
            parts.append(">5" if pairs else ">6")
            in_pairs = bool(pairs)
        step = pairs or 1
        piece = content[at : at + step]
        parts.append({">": ">0", "^": "><", "~": ">="}.get(piece, piece))
        at += step
    return "".join(parts)


def _pairs_at(content: str, at: int) -> int:
    """How many digits to write in pairs from here: an even number, or none."""
    match = _DIGITS.match(content, at)
    count = len(match[0]) if match else 0
    return count // 2 * 2 if count >= _PAIRED and (count % 2 == 0 or at == 0) else 0


class _Pen:
    def __init__(self, dpi: int, typeface: Typeface) -> None:
        if dpi not in DPI:
            raise SizeError(
                f"Expected {', '.join(map(str, DPI))} dots per inch, found {dpi}; name those of"
                " the printer."
            )
        self._dpi = dpi
        self._typeface = typeface

    def head(self, stock: Stock) -> str:
        """The format's begin: UTF-8, and the label's size."""
        width, height = self._dots(stock.label_width), self._dots(stock.label_height)
        return f"^XA^CI28^PW{width}^LL{height}^LH0,0"

    def box(self, x: float, y: float, width: float, height: float) -> str:
        """A line between the label's parts."""
        thick = max(1, self._dots(height))
        return f"^FO{self._dots(x)},{self._dots(y)}^GB{self._dots(width)},{thick},{thick}^FS"

    def text(self, line: PlacedText, text: str) -> str:
        """One line with its baseline where the layout has it."""
        x, y = self._dots(line.x), self._dots(line.y)
        size = round(line.size * self._dpi / _POINTS_PER_INCH)
        if text.isascii():
            # The printer's scalable font counts its height from top to bottom of a letter's box.
            return f"^FT{x},{y}^A0N,{size},{size}{_field(text)}"
        if self._typeface.path is None:
            raise UnprintableCharacterError(
                f"Expected a TrueType font for {text!r} in ZPL, found none; install one (on Debian:"
                " apt install fonts-wqy-microhei)."
            )
        picture, above = _drawn(text, size, self._typeface.path)
        return _bitmap(picture, x, max(0, y - above))

    def symbol(self, placed: PlacedSymbol, content: str) -> str:
        """A symbol with another content of the same kind, or its own."""
        symbol, rules = placed.symbol, placed.symbol.rules
        module = self._module(placed)
        x = self._dots(placed.x) + rules.quiet_left * module
        y = self._dots(placed.y) + rules.quiet_y * module
        at = f"^FO{x},{y}"
        if not symbol.is_linear:
            if module > _MOST_DOTS or symbol.kind not in _NATIVE:
                if content != symbol.content:
                    raise SizeError(
                        f"Expected modules of at most {_MOST_DOTS} dots in a run, found {module};"
                        " print with fewer dots per inch, or on smaller labels."
                    )
                return _bitmap(_enlarged(symbol, module), x, y)
            if symbol.kind is SymbolKind.QR:
                return f"{at}^BQN,2,{module}{_field(f'MA,{content}')}"
            data = "_1" + content.replace("_", "__").replace(_GS, "_1")
            return f"{at}^BXN,{module},200,,,,_,1^FD{data}^FS"
        heights = symbol.row_heights_mm(placed.x_mm, placed.bars_mm)
        height = max(1, self._dots(heights[symbol.row_x.index(0)]))
        command, digits = _LINEAR[symbol.kind]
        if symbol.kind is SymbolKind.GS1_128:
            return f"{at}^BY{module}{command.format(height)}^FD{code_128_data(content)}^FS"
        bars = f"^BY{module},2.5{command.format(height)}^FD{content[:digits]}^FS"
        if symbol.kind is not SymbolKind.ITF_14:
            return at + bars
        thick = symbol.row_x[0] * module
        across = round(symbol.columns / symbol.per_x * module)
        bearer = f"^GB{across},{thick},{thick}^FS"
        below = y + thick + height
        return f"{at}{bearer}\n^FO{x},{y + thick}{bars}\n^FO{x},{below}{bearer}"

    def _module(self, placed: PlacedSymbol) -> int:
        rules = placed.symbol.rules
        per_mm = self._dpi / _MM_PER_INCH
        module = int(placed.x_mm * _LARGER * per_mm + 1e-6)
        if module < 1 or module / per_mm < rules.min_x_mm - 1e-6:
            raise SizeError(
                f"Expected a module of {rules.min_x_mm} to {placed.x_mm:.3f} mm for"
                f" {placed.symbol.kind}, found {module / per_mm:.3f} mm at {self._dpi} dpi; print"
                " with more dots per inch, or on a larger label."
            )
        return module

    def _dots(self, mm: float) -> int:
        return round(mm * self._dpi / _MM_PER_INCH)


_NATIVE: Final = frozenset((SymbolKind.QR, SymbolKind.DATA_MATRIX))
_LINEAR: Final[dict[SymbolKind, tuple[str, int | None]]] = {
    # The command, and how many digits are sent: the printer adds the check digit of the others.
    SymbolKind.GS1_128: ("^BCN,{},N,N,N,N", None),
    SymbolKind.EAN_13: ("^BEN,{},N,N", 12),
    SymbolKind.EAN_8: ("^B8N,{},N,N", 7),
    SymbolKind.UPC_A: ("^BUN,{},N,N,N", 11),
    SymbolKind.ITF_14: ("^B2N,{},N,N,N", None),
}


def _field(text: str) -> str:
    """Field data; what could be a command, or isn't ASCII, in hexadecimal."""
    if _SAFE.match(text):
        return f"^FD{text}^FS"
    safe = "".join(
        one if _SAFE.match(one) else "".join(f"_{byte:02X}" for byte in one.encode())
        for one in text
    )
    return f"^FH^FD{safe}^FS"


def _enlarged(symbol: Symbol, module: int) -> Image.Image:
    rows = np.array([[one == "1" for one in row] for row in symbol.rows])
    return Image.fromarray(np.kron(rows, np.ones((module, module), dtype=bool)))


@lru_cache(maxsize=256)
def _drawn(text: str, size: int, path: Path) -> tuple[Image.Image, int]:
    """A line as a bitmap, dark where True, and how far it reaches above its baseline."""
    font = ImageFont.truetype(str(path), size)
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    size_px = (max(1, round(right - min(left, 0))), max(1, round(bottom - top)))
    picture = Image.new("1", size_px)
    ImageDraw.Draw(picture).text((-min(left, 0), -top), text, fill=1, font=font, anchor="ls")
    return picture, round(-top)


def _bitmap(picture: Image.Image, x: int, y: int) -> str:
    """A graphic field (``^GF``) in hexadecimal; a row ends with a whole byte."""
    data = picture.convert("1").tobytes()
    across = (picture.width + 7) // 8
    return f"^FO{x},{y}^GFA,{len(data)},{len(data)},{across},{data.hex().upper()}^FS"
