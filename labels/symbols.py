"""Item codes as symbols: a grid of modules, the same for PNG, SVG and PDF.

Sizes per symbol, after the symbol specification tables of GS1 General Specifications section 5
(https://ref.gs1.org/standards/genspecs/), X being the width of one module:

* QR with a GS1 Digital Link: X 0.396 to 0.743 mm, target 0.495 mm; quiet zone 4 X on all four
  sides.
* GS1 DataMatrix: X 0.380 to 0.743 mm, target 0.495 mm; quiet zone 1 X on all four sides.
* GS1-128 on logistic units: X 0.495 to 0.940 mm, target 0.495 mm; bars at least 31.75 mm high;
  quiet zone 10 X left and right; at most 48 characters and 165.10 mm with quiet zones (section
  5.4).

Rules kept here:

* An SSCC is printed as GS1-128; everything else as QR, which telephones open, with a DataMatrix
  beside it if asked.
* GS1-128 and DataMatrix start with FNC1; a second FNC1 stands after each value of variable length
  that others follow.
* DataMatrix is read back before it is handed out: a symbol without FNC1, or with other content,
  never leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import barcode
import qrcode
import zxingcpp
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from identifiers import ItemCode, Level, as_element_string
from labels.errors import ContentTooLongError, UnknownSymbolError, UnprintableCharacterError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "DEFAULT_STEM",
    "Symbol",
    "SymbolKind",
    "digital_link",
    "kinds_for",
    "make_symbol",
]

DEFAULT_STEM = "https://id.gs1.org"
"""Where a printed Digital Link leads unless the caller names its own service."""

_GS = "\x1d"
_FNC1 = "\xf1"  # how python-barcode writes it
_DATA_MATRIX = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)
_GS1_128_MAX_CHARACTERS = 48
_GS1_128_MAX_WIDTH_MM = 165.10


class SymbolKind(StrEnum):
    """Symbols we print."""

    QR = "qr"
    DATA_MATRIX = "datamatrix"
    GS1_128 = "gs1-128"


@dataclass(frozen=True, slots=True)
class _Rules:
    """Sizes of one kind, in mm and modules; see the module's docstring."""

    min_x_mm: float
    target_x_mm: float
    max_x_mm: float
    quiet_x: int
    quiet_y: int


_RULES = {
    SymbolKind.QR: _Rules(0.396, 0.495, 0.743, 4, 4),
    SymbolKind.DATA_MATRIX: _Rules(0.380, 0.495, 0.743, 1, 1),
    SymbolKind.GS1_128: _Rules(0.495, 0.495, 0.940, 10, 0),
}

BAR_HEIGHT_MM = 31.75
"""Least height of GS1-128 bars on logistic units, in mm."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol as modules, without its quiet zone."""

    kind: SymbolKind
    content: str
    """What a reader returns: GS stands for FNC1, the leading FNC1 left out."""
    hri: tuple[str, ...]
    """Human readable interpretation: bracketed element strings, or the URI of another scheme."""
    rows: tuple[str, ...]
    """Rows from top to bottom, ``1`` for a dark module; one row for a linear symbol."""

    @property
    def is_linear(self) -> bool:
        """Whether the rows are bars to be drawn to a height of their own."""
        return self.kind is SymbolKind.GS1_128

    @property
    def rules(self) -> _Rules:
        """X-dimensions in mm and quiet zones in modules of this kind."""
        return _RULES[self.kind]

    @property
    def columns(self) -> int:
        """Modules across, without quiet zones."""
        return len(self.rows[0])

    def width_mm(self, x_mm: float) -> float:
        """Width with quiet zones at an X-dimension, in mm."""
        return (self.columns + 2 * self.rules.quiet_x) * x_mm

    def height_mm(self, x_mm: float) -> float:
        """Height with quiet zones at an X-dimension, in mm."""
        if self.is_linear:
            return BAR_HEIGHT_MM
        return (len(self.rows) + 2 * self.rules.quiet_y) * x_mm


def kinds_for(code: ItemCode, *, data_matrix: bool = False) -> tuple[SymbolKind, ...]:
    """Name the symbols a label of this code bears; `data_matrix` asks for one beside the QR."""
    if code.level is Level.LOGISTIC:
        return (SymbolKind.GS1_128,)
    if data_matrix and code.keys:
        return (SymbolKind.QR, SymbolKind.DATA_MATRIX)
    return (SymbolKind.QR,)


def digital_link(code: ItemCode, stem: str = DEFAULT_STEM, query: str = "") -> str:
    """Write the code's GS1 Digital Link on a stem; codes of other schemes keep their URI.

    What a link says besides, such as a tag, stands in its query.

    >>> from identifiers import parse_item_code
    >>> digital_link(parse_item_code("(01)09506000134352(21)A/7"), "http://127.0.0.1:8000")
    'http://127.0.0.1:8000/01/09506000134352/21/A%2F7'
    """
    if not code.keys:
        return code.uri
    link = stem.rstrip("/") + code.uri.removeprefix(DEFAULT_STEM)
    return f"{link}?{query}" if query else link


def make_symbol(
    code: ItemCode,
    kind: SymbolKind | str | None = None,
    *,
    stem: str = DEFAULT_STEM,
    query: str = "",
) -> Symbol:
    """Make the symbol of a code; without a kind, the one `kinds_for` names first.

    Stem and query are those of the link in a QR code.

    Raises:
        UnknownSymbolError: there is no such symbol, or none of that kind for this code.
        ContentTooLongError: the symbol cannot hold the content.
        UnprintableCharacterError: the symbol cannot hold one of its characters.
    """
    if kind is None:
        kind = kinds_for(code)[0]
    try:
        kind = SymbolKind(kind)
    except ValueError:
        raise UnknownSymbolError(
            f"Expected one of {', '.join(SymbolKind)}, found {kind!r}; choose one of these."
        ) from None
    if kind is not SymbolKind.QR and not code.keys:
        raise UnknownSymbolError(
            f"Expected a GS1 code for {kind}, found {code.uri!r}; print it as {SymbolKind.QR}."
        )
    if kind is SymbolKind.QR:
        return _qr(code, digital_link(code, stem, query))
    makers: dict[SymbolKind, Callable[[ItemCode], Symbol]] = {
        SymbolKind.DATA_MATRIX: _data_matrix,
        SymbolKind.GS1_128: _gs1_128,
    }
    return makers[kind](code)


def _hri(code: ItemCode, ais: frozenset[str] | None = None) -> tuple[str, ...]:
    if not code.keys:
        return (code.uri,)
    return tuple(f"({ai}){value}" for ai, value in code.keys if ais is None or ai in ais)


def _qr(code: ItemCode, content: str) -> Symbol:
    # Error correction M (15 %): what GS1 names as the least for printing on packages.
    maker = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    try:
        maker.add_data(content.encode("ascii"))
        maker.make(fit=True)
    except UnicodeEncodeError as error:
        raise UnprintableCharacterError(
            f"Expected ASCII in a URI, found {content[error.start]!r} at position {error.start}; "
            "percent-encode it."
        ) from None
    except (DataOverflowError, ValueError):
        raise ContentTooLongError(
            f"Expected at most 2,331 characters for a QR code, found {len(content):,}; "
            "use a shorter code or stem."
        ) from None
    rows = tuple("".join("1" if dark else "0" for dark in row) for row in maker.modules)
    # The canonical URI of an instance leaves out its lot: what is not in the symbol is not printed
    # as if it were.
    in_uri = frozenset(code.uri.removeprefix(f"{DEFAULT_STEM}/").split("/")[::2])
    return Symbol(SymbolKind.QR, content, _hri(code, in_uri), rows)


def _gs1_128(code: ItemCode) -> Symbol:
    content = as_element_string(code)
    if len(content) > _GS1_128_MAX_CHARACTERS:
        raise ContentTooLongError(
            f"Expected at most {_GS1_128_MAX_CHARACTERS} characters for GS1-128, found "
            f"{len(content)}; print it as {SymbolKind.DATA_MATRIX} or {SymbolKind.QR}."
        )
    maker: Any = barcode.get_barcode_class("gs1_128")(content.replace(_GS, _FNC1))
    symbol = Symbol(SymbolKind.GS1_128, content, _hri(code), tuple(maker.build()))
    width = symbol.width_mm(symbol.rules.min_x_mm)
    if width > _GS1_128_MAX_WIDTH_MM:
        raise ContentTooLongError(
            f"Expected a GS1-128 symbol of at most {_GS1_128_MAX_WIDTH_MM} mm, found "
            f"{width:.1f} mm; print it as {SymbolKind.DATA_MATRIX} or {SymbolKind.QR}."
        )
    return symbol


def _data_matrix(code: ItemCode) -> Symbol:
    content = as_element_string(code)
    # Left to itself the encoder picks the rectangles of ISO/IEC 21471, which GS1 does not know.
    # Square brackets, which no GS1 value can contain, leave round ones to the values.
    bracketed = "".join(f"[{ai}]{value}" for ai, value in code.keys)
    try:
        made = zxingcpp.create_barcode(
            bracketed, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True
        )
    except ValueError as error:
        reason = str(error).partition(" (retval")[0]
        raise ContentTooLongError(
            f"Expected content that GS1 DataMatrix can hold, found {len(content):,} characters "
            f"refused by the encoder ({reason}); print it as {SymbolKind.QR}."
        ) from None
    image = made.to_image(scale=4)
    read = zxingcpp.read_barcode(image, formats=_DATA_MATRIX)
    if read is None or read.symbology_identifier != "]d2" or read.bytes != content.encode("ascii"):
        raise UnprintableCharacterError(
            f"Expected a GS1 DataMatrix that reads {content!r}, found "
            f"{read.bytes if read else None!r}; print it as {SymbolKind.QR}."
        )
    view = memoryview(made.to_image(scale=1, add_quiet_zones=False))  # type: ignore[arg-type]
    pixels: Any = view.tolist()
    rows = tuple("".join("0" if pixel else "1" for pixel in row) for row in pixels)
    return Symbol(SymbolKind.DATA_MATRIX, content, _hri(code), rows)
