"""The GS1 logistic label: who, what, and bars.

Rules kept (GS1 General Specifications, section 6.6; GS1 Logistic Label Guideline):

* Three segments from top to bottom: free text of the company, the contents as text with their data
  titles, and the bar codes with their human readable interpretation.
* Every label bears an SSCC, in the lowest bar code, alone. What else is to be scanned stands in as
  few GS1-128 symbols above it as hold it, in the order given.
* Bars are at least 31.75 mm high at X from 0.495 to 0.940 mm; interpretation and text are 3 mm
  high where they find room.
* 105 x 148 mm (A6) is the least size of the guideline; a larger stock may be named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from identifiers import parse_bracketed
from identifiers.gs1.elements import make_message
from labels.errors import ContentTooLongError, SizeError, UnknownSymbolError
from labels.fonts import chinese_typeface
from labels.kinds import Environment
from labels.layout import MM, Layout, PlacedSymbol, PlacedText, largest_x
from labels.linear import gs1_128_symbol
from labels.sheet import SheetSummary, write_layouts
from labels.stocks import A6, Stock
from labels.texts import titled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import IO

    from labels.fonts import Typeface
    from labels.symbol import Symbol

__all__ = ["LogisticLabel", "lay_out_logistic", "write_logistic"]

_HRI_PT: Final = 11.8
"""A capital of Helvetica is then 3 mm high."""
_TITLE_PT: Final = 6.5
_NAME_PT: Final = 13.0
_LEADING: Final = 1.22
_GAP_MM: Final = 2.0
_RULE_MM: Final = 0.4
_TEXT_MM: Final = 5.0  # a line of interpretation below bars
_LEAST_PT: Final = 7.0
_SCALES: Final = (0.85, 0.7, 0.6)
"""What text is shrunk to where it finds no room at 3 mm."""


@dataclass(frozen=True, slots=True)
class LogisticLabel:
    """One logistic unit's label as its maker wants it."""

    sscc: str
    """18 digits."""
    contents: str = ""
    """Further element strings in brackets, such as ``(02)09506000134352(37)24``."""
    company: str = ""
    """Who sends it."""
    notes: tuple[str, ...] = ()
    """More free text, a line each: from, to, carrier."""


def write_logistic(
    target: IO[bytes] | str | Path,
    labels: Iterable[LogisticLabel],
    *,
    current_year: int,
    stock: Stock = A6,
    font: Path | None = None,
) -> SheetSummary:
    """Write logistic labels as a PDF.

    Raises:
        IdentifierError: An SSCC or the contents are no valid element strings.
        LabelError: A label cannot be printed on this stock.
    """
    typeface = chinese_typeface(font)

    def placed() -> Iterator[tuple[Stock, Layout]]:
        for label in labels:
            yield stock, lay_out_logistic(label, stock, typeface, current_year)

    return write_layouts(target, placed(), typeface)


def lay_out_logistic(
    label: LogisticLabel, stock: Stock, typeface: Typeface, current_year: int
) -> Layout:
    """Lay a logistic label out.

    Args:
        label: What stands on it.
        stock: What it is printed on.
        typeface: Its fonts.
        current_year: Settles the century of dates.

    Raises:
        IdentifierError: The SSCC or the contents are no valid element strings.
        LabelError: The label cannot be printed on this stock.
    """
    # Judged as one message: what the contents require may stand in the SSCC.
    sscc, *contents = parse_bracketed(f"(00){label.sscc}{label.contents}").elements
    if any(ai == "00" for ai, _ in contents):
        raise UnknownSymbolError(
            "Expected contents without (00), found an SSCC; the label has one of its own."
        )
    for text in (label.company, *label.notes):
        typeface.check(text)
    draft = _Draft(stock, typeface, [], [], [])
    symbols = [*draft.packed(contents), _symbol((sscc,))]
    top = draft.bars(symbols)
    texts, y = draft.upper(label, [*contents, sscc], current_year, 1.0)
    for scale in _SCALES:
        if y > top:
            texts, y = draft.upper(label, [*contents, sscc], current_year, scale)
    if y > top:
        raise SizeError(
            f"Expected at most {top - stock.padding:.1f} mm of text above the bars of SSCC"
            f" {label.sscc}, found {y - stock.padding:.1f} mm; leave lines out or use a larger"
            " label."
        )
    draft.rule(top - _GAP_MM / 2)
    # In the order in which they are read: from the top.
    return Layout(
        (*texts, *reversed(draft.texts)), tuple(reversed(draft.symbols)), tuple(draft.lines)
    )


def _symbol(elements: tuple[tuple[str, str], ...]) -> Symbol:
    hri = tuple(f"({ai}){value}" for ai, value in elements)
    return gs1_128_symbol(make_message(elements), hri, Environment.LOGISTIC)


@dataclass(frozen=True, slots=True)
class _Draft:
    stock: Stock
    typeface: Typeface
    texts: list[PlacedText]
    symbols: list[PlacedSymbol]
    lines: list[tuple[float, float, float, float]]

    @property
    def _width(self) -> float:
        return self.stock.label_width - 2 * self.stock.padding

    def packed(self, contents: list[tuple[str, str]]) -> list[Symbol]:
        """As few symbols as hold the contents in their order."""
        found: list[Symbol] = []
        waiting: tuple[tuple[str, str], ...] = ()
        for element in contents:
            try:
                symbol = _symbol((*waiting, element))
            except ContentTooLongError:
                symbol = None
            fits = symbol is not None and symbol.width_mm(symbol.rules.min_x_mm) <= self._width
            if symbol is not None and waiting and fits:
                found[-1] = symbol
                waiting = (*waiting, element)
            else:
                found.append(_symbol((element,)))
                waiting = (element,)
        return found

    def bars(self, symbols: list[Symbol]) -> float:
        """Set the bar codes from the foot of the label upwards; return where they begin."""
        bottom = self.stock.label_height - self.stock.padding
        for symbol in reversed(symbols):
            x_mm = largest_x(symbol, self._width, bottom - _TEXT_MM, self.stock.name)
            top = bottom - _TEXT_MM - symbol.height_mm(x_mm)
            left = (self.stock.label_width - symbol.width_mm(x_mm)) / 2
            self.symbols.append(PlacedSymbol(left, top, x_mm, symbol))
            line = " ".join(symbol.hri)
            size = self._fitting(line, _HRI_PT)
            middle = (self.stock.label_width - self.typeface.width(line, size) / MM) / 2
            self.texts.append(PlacedText(middle, bottom - 1.0, line, size))
            bottom = top - _GAP_MM
        return bottom

    def upper(
        self,
        label: LogisticLabel,
        elements: list[tuple[str, str]],
        current_year: int,
        scale: float,
    ) -> tuple[list[PlacedText], float]:
        """The free text and the contents, at a scale; return them and where they end."""
        texts: list[PlacedText] = []
        y = self.stock.padding
        for text, size, bold in (
            (label.company, _NAME_PT * scale, True),
            *((note, _HRI_PT * scale, False) for note in label.notes),
        ):
            if text:
                wrap = self.typeface.wrap
                for line in wrap(text, size, self._width * MM, lines=2, bold=bold):
                    y += size * _LEADING / MM
                    at = y - 0.25 * size / MM
                    texts.append(PlacedText(self.stock.padding, at, line, size, bold))
        self.lines[:] = []
        return texts, self._table(texts, elements, self.rule(y), current_year, scale)

    def _table(
        self,
        texts: list[PlacedText],
        elements: list[tuple[str, str]],
        y: float,
        current_year: int,
        scale: float,
    ) -> float:
        """The contents, two to a row, each with its title above; return where they end."""
        half, most = self._width / 2, _HRI_PT * scale
        row = (_TITLE_PT + most) * _LEADING / MM
        column = 0
        for ai, value in elements:
            title, shown = titled(ai, value, current_year)
            wide = self.typeface.width(shown, most) / MM > half - _GAP_MM
            if wide and column:
                column, y = 0, y + row
            left = self.stock.padding + column * half
            texts.append(PlacedText(left, y + _TITLE_PT / MM, title, _TITLE_PT))
            size = self._fitting(shown, most) if wide else most
            texts.append(PlacedText(left, y + row - 0.25 * most / MM, shown, size))
            column = 0 if wide else 1 - column
            y += 0 if column else row
        return y + (row if column else 0)

    def rule(self, y: float) -> float:
        """A line across; return where it ends."""
        self.lines.append((self.stock.padding, y + _GAP_MM / 2, self._width, _RULE_MM))
        return y + _GAP_MM

    def _fitting(self, text: str, size: float) -> float:
        natural = self.typeface.width(text, size) / MM
        return size if natural <= self._width else max(_LEAST_PT, size * self._width / natural)
