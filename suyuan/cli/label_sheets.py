"""Labels of given codes, in the format that the file's name asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from identifiers import Level
from labels.fonts import chinese_typeface
from labels.layout import lay_out
from labels.logistic import LogisticLabel, lay_out_logistic
from labels.render import as_png, as_svg
from labels.sheet import write_layouts
from labels.stocks import A4_2X4, A4_3X8, A6
from labels.symbols import make_symbol
from labels.zpl import as_zpl
from ledger.errors import StoreError, UsageError
from suyuan.labelling import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from identifiers import ItemCode
    from labels.kinds import Environment, SymbolKind
    from labels.layout import Layout
    from labels.stocks import Stock
    from suyuan.cli.output import Session

__all__ = ["Sheet", "Written"]


class Written(NamedTuple):
    """What was written."""

    labels: int
    pages: int
    symbols: int
    contents: list[list[str]]
    """What the symbols of each page hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is to be printed."""

    session: Session
    codes: list[ItemCode]
    queries: list[str]
    """What stands in the query of each code's link."""
    stem: str
    suffix: str
    """``.pdf``, ``.zpl``, ``.png`` or ``.svg``."""
    symbol: SymbolKind | None
    environment: Environment | None
    stock: Stock | None
    x_mm: float | None
    dpi: int
    font: Path | None
    notes: tuple[str, ...]
    company: str | None
    contents: str | None

    def verify(self, name: str) -> None:
        """Refuse what no format has.

        Args:
            name: The file's, for the message.

        Raises:
            UsageError: The file's name asks for a format that there isn't, or not for so many.
        """
        single = self.suffix in {".png", ".svg"} and len(self.codes) == 1
        if not single and self.suffix not in {".pdf", ".zpl"}:
            raise UsageError(
                "Expected --out as a .pdf or .zpl, or a .png or .svg for one code; got"
                f" {name!r} for {len(self.codes)} codes."
            )
        if self.x_mm is not None and not single:
            raise UsageError(
                "Expected --x for a .png or .svg; a label's size follows from --stock."
            )
        if self._is_logistic and any(code.level is not Level.LOGISTIC for code in self.codes):
            raise UsageError(
                "Expected SSCCs alone with --company or --contents; print other codes without."
            )

    def write(self, path: Path) -> Written:
        """Write the labels.

        Raises:
            LabelError: One can't be printed so.
        """
        if self.suffix in {".png", ".svg"}:
            return self._picture(path)
        typeface = chinese_typeface(self.font)
        pages: list[list[str]] = []
        if self.suffix == ".pdf":
            with path.open("wb") as file:
                made = write_layouts(file, _noted(self._layouts(), pages), typeface)
            return Written(made.labels, made.pages, made.symbols, pages)
        labels = symbols = 0
        with path.open("w", encoding="utf-8") as text:
            for stock, layout in self._layouts():
                text.write(as_zpl(layout, stock, typeface, dpi=self.dpi))
                labels, symbols = labels + 1, symbols + len(layout.symbols)
        return Written(labels, labels, symbols, [])

    @property
    def _is_logistic(self) -> bool:
        return self.company is not None or self.contents is not None

    def _picture(self, path: Path) -> Written:
        drawn = make_symbol(
            self.codes[0],
            self.symbol,
            stem=self.stem,
            query=self.queries[0],
            environment=self.environment,
        )
        if self.suffix == ".png":
            path.write_bytes(as_png(drawn, x_mm=self.x_mm, dpi=self.dpi))
        else:
            path.write_text(as_svg(drawn, x_mm=self.x_mm), "utf-8")
        return Written(1, 1, 1, [[drawn.content]])

    def _layouts(self) -> Iterator[tuple[Stock, Layout]]:
        typeface = chinese_typeface(self.font)
        if self._is_logistic:
            stock = self.stock or A6
            year = datetime.now(UTC).year
            for code in self.codes:
                sscc = dict(code.keys)["00"]
                unit = LogisticLabel(sscc, self.contents or "", self.company or "", self.notes)
                yield stock, lay_out_logistic(unit, stock, typeface, year)
            return
        try:
            workspace = self.session.ledger()
        except StoreError:
            workspace = None  # labels need no ledger; only the products' names come from it
        for plain in labels_of(workspace, self.codes, self.stem, self.queries):
            label = replace(
                plain,
                kinds=() if self.symbol is None else (self.symbol,),
                environment=self.environment,
                notes=self.notes,
            )
            symbols = label.symbols()
            stock = self.stock or (A4_2X4 if symbols[0].is_linear else A4_3X8)
            yield stock, lay_out(label, symbols, stock, typeface)


def _noted(
    layouts: Iterator[tuple[Stock, Layout]], pages: list[list[str]]
) -> Iterator[tuple[Stock, Layout]]:
    """The same layouts, while it is noted what stands on which page."""
    current: Stock | None = None
    labels = 0
    for stock, layout in layouts:
        if stock is not current or labels == stock.labels:
            pages.append([])
            current, labels = stock, 0
        labels += 1
        pages[-1] += [placed.symbol.content for placed in layout.symbols]
        yield stock, layout
