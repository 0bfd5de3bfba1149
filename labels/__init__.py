"""Printing codes: QR with GS1 Digital Link, GS1 DataMatrix, GS1-128; pictures and label sheets.

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
    from labels.label import Label
    from labels.render import as_png, as_svg
    from labels.sheet import A4_2X4, A4_3X8, STOCKS, SheetSummary, Stock, write_sheets
    from labels.symbols import (
        DEFAULT_STEM,
        Symbol,
        SymbolKind,
        digital_link,
        kinds_for,
        make_symbol,
    )

__all__ = [
    "A4_2X4",
    "A4_3X8",
    "DEFAULT_STEM",
    "STOCKS",
    "ContentTooLongError",
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
    "write_sheets",
]

__getattr__ = late(
    __name__,
    {
        "labels.label": ("Label",),
        "labels.render": ("as_png", "as_svg"),
        "labels.sheet": ("A4_2X4", "A4_3X8", "STOCKS", "SheetSummary", "Stock", "write_sheets"),
        "labels.symbols": (
            "DEFAULT_STEM",
            "Symbol",
            "SymbolKind",
            "digital_link",
            "kinds_for",
            "make_symbol",
        ),
    },
)
