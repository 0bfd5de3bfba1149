"""Runs: labels of one product that differ in nothing but their serial, a hundred thousand of them.

Rules kept:

* One label is laid out, with the widest serial that can come; all are drawn from it. What stands on
  every label is drawn once and named on each.
* A QR code is an image of one bit a module, so no gap can show between its modules and a printer's
  scaling moves no edge by more than a dot.
* Pages come as compressed content, each a function of its codes alone: what was lost is drawn
  again, the same bytes.
* Memory holds the codes of one page, and a few bytes for each page that was written.

>>> design = RunDesign.of(RunProduct("09506000134352", "https://id.gs1.org"), A4_3X8)
>>> page, = design.pages([RunCode("A7", "https://id.gs1.org/01/09506000134352/21/A7")])
>>> page[:2].hex()
'7801'
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import accumulate
from typing import IO, TYPE_CHECKING, Final, NamedTuple

import numpy as np

from identifiers import as_digital_link, as_item_code, parse_element_string
from labels.errors import SizeError, UnprintableCharacterError
from labels.fonts import chinese_typeface
from labels.kinds import SymbolKind
from labels.label import Label
from labels.layout import MM, lay_out
from labels.pdf import PdfFile, TextPen, literal
from labels.qr_batches import qr_groups, qr_rows
from labels.stocks import A4_3X8, Stock
from labels.symbol import Symbol
from labels.symbols import ascii_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from labels.fonts import Typeface
    from labels.layout import Layout, PlacedSymbol, PlacedText

__all__ = ["A4_3X8", "RunCode", "RunDesign", "RunProduct"]

_GS: Final = "\x1d"
_WIDEST: Final = "W"
"""The widest character of a serial, in any font."""
_FAST: Final = 1  # zlib's level: the codes are as good as random, more saves next to nothing


class RunCode(NamedTuple):
    """What differs from label to label."""

    serial: str
    link: str
    """What the QR code holds."""


@dataclass(frozen=True, slots=True)
class RunProduct:
    """What all labels of a run have in common."""

    gtin: str
    """14 digits."""
    stem: str
    """What links begin with."""
    title_zh: str = ""
    """Product name in Chinese."""
    title_en: str = ""
    """Product name in English."""
    notes: tuple[str, ...] = ()
    """More lines for people."""
    lot: str | None = None
    """Value of AI (10) in every link."""
    query: str = ""
    """What stands in the query of a link, such as a tag; as long as it is in every link."""
    serial_length: int = 10
    """Characters of a serial."""


@dataclass(frozen=True, slots=True)
class RunDesign:
    """How the labels of a run look."""

    stock: Stock
    layout: Layout
    """Of a label with the widest serial."""
    varying: tuple[PlacedText, ...]
    """The lines that hold the serial; all others are the same on every label."""
    typeface: Typeface

    @classmethod
    def of(cls, product: RunProduct, stock: Stock, font: Path | None = None) -> RunDesign:
        """Lay out the labels of a run.

        Raises:
            IdentifierError: The GTIN, lot or stem can't stand in a Digital Link.
            LabelError: They cannot be printed on this stock; see `labels.errors`.
        """
        typeface = chinese_typeface(font)
        serial = _WIDEST * product.serial_length
        lot = "" if product.lot is None else f"10{product.lot}{_GS}"
        message = parse_element_string(f"01{product.gtin}{lot}21{serial}")
        if len(message.elements) != 2 + (product.lot is not None):
            raise UnprintableCharacterError(
                f"Expected a lot without separators, found {product.lot!r}; remove them."
            )
        link = ascii_link(as_digital_link(message, stem=product.stem))
        link += f"?{product.query}" if product.query else ""
        label = Label(
            code=as_item_code(message),
            title_zh=product.title_zh,
            title_en=product.title_en,
            notes=product.notes,
            stem=product.stem,
            query=product.query,
        )
        hri = tuple(f"({ai}){value}" for ai, value in message.elements)
        symbol = Symbol(SymbolKind.QR, link, hri, qr_rows(link.encode()))
        layout = lay_out(label, (symbol,), stock, typeface)
        return cls(stock, layout, _of_serial(layout, hri[-1]), typeface)

    @property
    def constant(self) -> tuple[PlacedText, ...]:
        """The lines that are the same on every label."""
        return self.layout.texts[: len(self.layout.texts) - len(self.varying)]

    def lines(self, serial: str) -> list[str]:
        """The text of the lines that hold the serial."""
        text = f"(21){serial}"
        ends = list(accumulate(len(line.text) for line in self.varying))
        return [
            text[end - len(line.text) : end] for end, line in zip(ends, self.varying, strict=True)
        ]

    def pages(self, codes: Sequence[RunCode]) -> Iterator[bytes]:
        """Draw labels; the compressed content of each page.

        Raises:
            LabelError: A code is longer than those that the design was made for.
        """
        [placed] = self.layout.symbols
        images = _images([code.link for code in codes], placed)
        corners = [self._corner(index) for index in range(self.stock.labels)]
        for first in range(0, len(codes), self.stock.labels):
            parts: list[str] = []
            for code, image, corner in zip(
                codes[first : first + self.stock.labels],
                images[first : first + self.stock.labels],
                corners,
                strict=False,
            ):
                lines = [
                    f"BT/F1 {line.size:.3f} Tf {line.x * MM:.3f} {-line.y * MM:.3f} Td"
                    f" {literal(text)} Tj ET"
                    for line, text in zip(self.varying, self.lines(code.serial), strict=True)
                ]
                parts.append(f"q {corner} cm/N Do {' '.join(lines)} {image} Q\n")
            yield zlib.compress("".join(parts).encode("latin-1"), _FAST)

    def write(self, target: IO[bytes], pages: Iterable[bytes]) -> int:
        """Write pages as a PDF; return how many there were.

        Raises:
            SizeError: There is none, or there are more than a PDF holds.
        """
        file = PdfFile(target)
        for page in pages:
            file.page(page, self.stock.page_width * MM, self.stock.page_height * MM)
        pen = TextPen(self.typeface, [line.text for line in self.constant])
        fonts = pen.fonts(file)
        drawn = "\n".join(pen.draw(line, line.x * MM, -line.y * MM) for line in self.constant)
        width, height = self.stock.label_width * MM, self.stock.label_height * MM
        form = file.compressed(
            f"<</Type/XObject/Subtype/Form/BBox[0 {-height:.3f} {width:.3f} 0]"
            f"/Resources<</Font{fonts}>>>>",
            drawn.encode("latin-1"),
        )
        count = file.finish(f"<</Font{fonts}/XObject<</N {form} 0 R>>>>")
        if not count:
            raise SizeError("Expected at least one label, found none; name how many to print.")
        return count

    def _corner(self, index: int) -> str:
        """The matrix that moves to a label's upper left corner."""
        left, top = self.stock.origin(index)
        return f"1 0 0 1 {left * MM:.3f} {(self.stock.page_height - top) * MM:.3f}"


def _of_serial(layout: Layout, part: str) -> tuple[PlacedText, ...]:
    """The last lines of a layout, as many as hold the serial."""
    for count in range(1, len(layout.texts) + 1):
        lines = layout.texts[-count:]
        if "".join(line.text for line in lines) == part:
            return lines
    raise SizeError(f"Expected {part} on the label, found no room for it; use a larger label.")


def _images(links: Sequence[str], placed: PlacedSymbol) -> list[str]:
    """Draw QR codes as inline images (ISO 32000-1, section 8.9.7), one bit a module."""
    found = [""] * len(links)
    rules, x = placed.symbol.rules, placed.x_mm * MM
    left = placed.x * MM + rules.quiet_left * x
    top = -placed.y * MM - rules.quiet_y * x
    for indices, size, words in qr_groups([link.encode() for link in links]):
        if size > placed.symbol.columns:
            raise SizeError(
                f"Expected QR codes of at most {placed.symbol.columns} modules, found {size} for"
                f" {links[indices[0]]!r}; use shorter codes."
            )
        side = size * x
        head = (
            f"{side:.4f} 0 0 {side:.4f} {left:.4f} {top - side:.4f} cm"
            f" BI/IM true/W {size}/H {size}/D[1 0]/F/AHx ID "
        )
        turned = np.ascontiguousarray(words.T, dtype=">u8")
        rows = turned.view(np.uint8).reshape(len(indices), size, 8)
        data = rows[:, :, : (size + 7) // 8].tobytes().hex()
        length = len(data) // len(indices)
        for at, index in enumerate(indices):
            found[index] = f"{head}{data[at * length : (at + 1) * length]}> EI"
    return found
