"""Bar codes: GS1-128, EAN-13, EAN-8, UPC-A and ITF-14.

Rules kept:

* GS1-128 starts with FNC1; a second FNC1 stands after each value of variable length that others
  follow. At most 48 characters, and 165.10 mm with quiet zones at the least X (GS1 General
  Specifications, section 5.4).
* EAN, UPC and ITF-14 carry a GTIN and nothing else: a code that says more is refused, and so is a
  GTIN that is too long for them. Which one a GTIN fits follows from its leading zeros (section
  3.3.2).
* The guard bars of EAN and UPC reach 5 X further down (section 5.2.1.2). Wide bars of ITF-14 are
  2.5 times the narrow ones (section 5.3.2.3), and bearer bars of 2 X stand above and below, so that
  a scan across the edge reads nothing (section 5.3.2.4).

The bars are those of python-barcode; tests read every one of them back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import barcode

from identifiers import as_element_string
from labels.errors import ContentTooLongError, UnknownSymbolError
from labels.kinds import SymbolKind, size_rules
from labels.symbol import Symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identifiers import ItemCode
    from identifiers.gs1.elements import Message
    from labels.kinds import Environment

__all__ = ["gs1_128_symbol", "gtin_symbol"]

_GS = "\x1d"
_FNC1 = "\xf1"  # how python-barcode writes it
_GS1_128_MAX_CHARACTERS = 48
_GS1_128_MAX_WIDTH_MM = 165.10
_GUARD_X = 5
_BEARER_X = 2

_RETAIL: Final = {
    # digits, python-barcode's name, columns whose bars reach further down
    SymbolKind.EAN_13: (13, "ean13", (range(3), range(45, 50), range(92, 95))),
    SymbolKind.UPC_A: (12, "upca", (range(10), range(45, 50), range(85, 95))),
    SymbolKind.EAN_8: (8, "ean8", (range(3), range(31, 36), range(64, 67))),
}


def gs1_128_symbol(code: Message, hri: tuple[str, ...], environment: Environment | None) -> Symbol:
    """A code's element strings as GS1-128.

    Raises:
        ContentTooLongError: They don't fit into one symbol.
    """
    content = as_element_string(code)
    if len(content) > _GS1_128_MAX_CHARACTERS:
        raise ContentTooLongError(
            f"Expected at most {_GS1_128_MAX_CHARACTERS} characters for GS1-128, found "
            f"{len(content)}; print it as {SymbolKind.DATA_MATRIX} or {SymbolKind.QR}."
        )
    maker: Any = barcode.get_barcode_class("gs1_128")(content.replace(_GS, _FNC1))
    rows = tuple(maker.build())
    symbol = Symbol(SymbolKind.GS1_128, content, hri, rows, environment=environment)
    width = symbol.width_mm(size_rules(SymbolKind.GS1_128).min_x_mm)
    if width > _GS1_128_MAX_WIDTH_MM:
        raise ContentTooLongError(
            f"Expected a GS1-128 symbol of at most {_GS1_128_MAX_WIDTH_MM} mm, found "
            f"{width:.1f} mm; print it as {SymbolKind.DATA_MATRIX} or {SymbolKind.QR}."
        )
    return symbol


def gtin_symbol(code: ItemCode, kind: SymbolKind, environment: Environment | None) -> Symbol:
    """A GTIN as EAN-13, EAN-8, UPC-A or ITF-14.

    Raises:
        UnknownSymbolError: The code says more than a GTIN, or its GTIN is longer.
    """
    keys: Sequence[tuple[str, str]] = code.keys
    if [ai for ai, _ in keys] != ["01"]:
        raise UnknownSymbolError(
            f"Expected a GTIN alone for {kind}, found {code.uri!r}; print it as"
            f" {SymbolKind.DATA_MATRIX} or {SymbolKind.QR}, or name the product."
        )
    gtin = keys[0][1]
    if kind is SymbolKind.ITF_14:
        itf: Any = barcode.get_barcode_class("itf")(gtin)
        [bars] = itf.build()
        bearer = "1" * len(bars)
        return Symbol(
            kind,
            gtin,
            (gtin,),
            (bearer, bars, bearer),
            per_x=2,
            row_x=(_BEARER_X, 0, _BEARER_X),
            environment=environment,
        )
    digits, name, guards = _RETAIL[kind]
    zeros, value = gtin[:-digits], gtin[-digits:]
    if zeros.strip("0"):
        raise UnknownSymbolError(
            f"Expected a GTIN of {digits} digits for {kind}, found {gtin.lstrip('0')};"
            f" print it as {SymbolKind.EAN_13 if gtin.startswith('0') else SymbolKind.ITF_14}."
        )
    maker: Any = barcode.get_barcode_class(name)(value)
    [bars] = maker.build()
    reaching = {column for guard in guards for column in guard}
    guard_row = "".join(bar if at in reaching else "0" for at, bar in enumerate(bars))
    return Symbol(
        kind, value, (value,), (bars, guard_row), row_x=(0, _GUARD_X), environment=environment
    )
