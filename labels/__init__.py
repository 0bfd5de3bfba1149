"""Printing codes: QR with GS1 Digital Link, GS1 symbols, bar codes; pictures, sheets and ZPL.

>>> from identifiers import parse_item_code
>>> from labels import make_symbol
>>> make_symbol(parse_item_code("(01)09506000134352(21)A7"), stem="https://example.com").content
'https://example.com/01/09506000134352/21/A7'

All but the errors is imported when it is first asked for: they cost no library of pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.late import late
from labels.errors import (
    ContentTooLongError,
    LabelError,
    SizeError,
    UnknownSymbolError,
    UnprintableCharacterError,
)

if TYPE_CHECKING:
    from labels.kinds import Environment, SymbolKind
    from labels.label import Label
    from labels.render import as_png, as_svg
    from labels.sheet import SheetSummary, write_sheets
    from labels.stocks import A4_2X4, A4_3X8, A6, STOCKS, Stock, roll, stock_named
    from labels.symbol import Symbol
    from labels.symbols import DEFAULT_STEM, digital_link, kinds_for, make_symbol

__all__ = [
    "A4_2X4",
    "A4_3X8",
    "A6",
    "DEFAULT_STEM",
    "STOCKS",
    "ContentTooLongError",
    "Environment",
    "Label",
    "LabelError",
    "SheetSummary",
    "SizeError",
    "Stock",
    "Symbol",
    "SymbolKind",
    "UnknownSymbolError",
    "UnprintableCharacterError",
    "as_png",
    "as_svg",
    "digital_link",
    "kinds_for",
    "make_symbol",
    "roll",
    "stock_named",
    "write_sheets",
]

__getattr__ = late(
    __name__,
    {
        "labels.kinds": ("Environment", "SymbolKind"),
        "labels.label": ("Label",),
        "labels.render": ("as_png", "as_svg"),
        "labels.sheet": ("SheetSummary", "write_sheets"),
        "labels.stocks": ("A4_2X4", "A4_3X8", "A6", "STOCKS", "Stock", "roll", "stock_named"),
        "labels.symbol": ("Symbol",),
        "labels.symbols": ("DEFAULT_STEM", "digital_link", "kinds_for", "make_symbol"),
    },
)
