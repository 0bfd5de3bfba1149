"""The symbols we print, and the sizes at which scanners are promised to read them.

Rules kept (GS1 General Specifications, section 5.12.3, the symbol specification tables, one for
each environment in which a symbol is scanned):

* X, the width of one module, lies between a least and a greatest value; a target is printed where
  nobody asks for another.
* Quiet zones are counted in X and belong to the symbol. EAN-13 has 11 X on the left and 7 X on the
  right, and so on.
* Bars have a least height in mm. Those of EAN and UPC grow with X besides.
* A symbol that a table doesn't name isn't printed for its environment.

The tables were taken second hand, for the standard's text isn't free; where sources differ, the
narrower range stands here. rMQR and Han Xin stand in none of them: their ranges are ours, their
quiet zones those of ISO/IEC 23941 (2 X) and ISO/IEC 20830 (3 X).

Standard: https://ref.gs1.org/standards/genspecs/

>>> size_rules(SymbolKind.EAN_13).bar_height_mm(0.33)
22.85
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labels.errors import SizeError, UnknownSymbolError

__all__ = ["Environment", "SizeRules", "SymbolKind", "checked_size", "size_rules"]


class SymbolKind(StrEnum):
    """Symbols we print."""

    QR = "qr"
    """A link, for telephones."""
    DATA_MATRIX = "datamatrix"
    """GS1 DataMatrix: element strings behind FNC1."""
    GS1_128 = "gs1-128"
    GS1_QR = "gs1-qr"
    """GS1 QR Code: element strings behind FNC1."""
    RMQR = "rmqr"
    """Rectangular Micro QR, with FNC1 for GS1 codes: for narrow labels."""
    HAN_XIN = "hanxin"
    """A link in a Han Xin Code, drawn by the program zint."""
    EAN_13 = "ean-13"
    EAN_8 = "ean-8"
    UPC_A = "upc-a"
    ITF_14 = "itf-14"

    @property
    def is_linear(self) -> bool:
        """Whether it has bars, which are drawn to a height of their own."""
        return self in _LINEAR


_LINEAR: Final = frozenset(
    (
        SymbolKind.GS1_128,
        SymbolKind.EAN_13,
        SymbolKind.EAN_8,
        SymbolKind.UPC_A,
        SymbolKind.ITF_14,
    )
)


class Environment(StrEnum):
    """Where a symbol is scanned."""

    RETAIL = "retail"
    """At points of sale (table 1)."""
    DISTRIBUTION = "distribution"
    """Trade items in general distribution (table 2)."""
    LOGISTIC = "logistic"
    """Logistic units (table 5)."""
    HEALTHCARE = "healthcare"
    """Regulated healthcare, neither in retail nor in general distribution (table 6)."""
    DIRECT = "direct-marking"
    """Marked on the part itself (table 7)."""
    OTHER = "other"
    """By none of the tables."""


@dataclass(frozen=True, slots=True)
class SizeRules:
    """Sizes of one symbol in one environment."""

    min_x_mm: float
    target_x_mm: float
    max_x_mm: float
    quiet_left: int
    """Quiet zone in X; likewise below."""
    quiet_right: int
    quiet_y: int
    """Above and below."""
    min_height_mm: float = 0
    """Of bars; 0 for symbols without."""
    height_x: float = 0
    """Least height of bars in X, where it grows with X."""

    def bar_height_mm(self, x_mm: float) -> float:
        """The least height of bars at an X-dimension."""
        return max(self.min_height_mm, round(self.height_x * x_mm, 2))


def _square(low: float, target: float, high: float, quiet: int) -> SizeRules:
    return SizeRules(low, target, high, quiet, quiet, quiet)


def _bars(
    low: float, target: float, high: float, height_mm: float, quiet: tuple[int, int] = (10, 10)
) -> SizeRules:
    return SizeRules(low, target, high, *quiet, 0, height_mm)


def _retail(kind: SymbolKind, low: float, target: float, height_mm: float) -> SizeRules:
    left, right, height_x = _EAN_UPC[kind]
    return SizeRules(low, target, 0.660, left, right, 0, height_mm, height_x)


_EAN_UPC: Final = {
    # Quiet zones, and the height in X: 22.85 mm, or 18.23 mm of EAN-8, at 0.330 mm.
    SymbolKind.EAN_13: (11, 7, 22.85 / 0.33),
    SymbolKind.UPC_A: (9, 9, 22.85 / 0.33),
    SymbolKind.EAN_8: (7, 7, 18.23 / 0.33),
}
_AT_RETAIL: Final = {
    SymbolKind.EAN_13: _retail(SymbolKind.EAN_13, 0.264, 0.330, 18.28),
    SymbolKind.UPC_A: _retail(SymbolKind.UPC_A, 0.264, 0.330, 18.28),
    SymbolKind.EAN_8: _retail(SymbolKind.EAN_8, 0.264, 0.330, 14.58),
}

_TABLES: Final[dict[Environment, dict[SymbolKind, SizeRules]]] = {
    Environment.RETAIL: {
        SymbolKind.QR: _square(0.396, 0.495, 0.743, 4),
        SymbolKind.DATA_MATRIX: _square(0.380, 0.495, 0.743, 1),
        **_AT_RETAIL,
    },
    Environment.DISTRIBUTION: {
        SymbolKind.GS1_128: _bars(0.495, 0.495, 1.016, 31.75),
        SymbolKind.ITF_14: _bars(0.495, 0.495, 1.016, 31.75),
        SymbolKind.EAN_13: _retail(SymbolKind.EAN_13, 0.495, 0.660, 34.28),
        SymbolKind.UPC_A: _retail(SymbolKind.UPC_A, 0.495, 0.660, 34.28),
        SymbolKind.EAN_8: _retail(SymbolKind.EAN_8, 0.495, 0.660, 27.35),
        SymbolKind.DATA_MATRIX: _square(0.743, 0.743, 1.500, 1),
        SymbolKind.GS1_QR: _square(0.743, 0.743, 1.500, 4),
        SymbolKind.QR: _square(0.743, 0.743, 1.500, 4),
    },
    Environment.LOGISTIC: {
        SymbolKind.GS1_128: _bars(0.495, 0.495, 0.940, 31.75),
        SymbolKind.DATA_MATRIX: _square(0.743, 0.743, 1.500, 1),
        SymbolKind.GS1_QR: _square(0.743, 0.743, 1.500, 4),
    },
    Environment.HEALTHCARE: {
        SymbolKind.DATA_MATRIX: _square(0.254, 0.380, 0.990, 1),
        SymbolKind.GS1_128: _bars(0.170, 0.495, 0.495, 12.70),
        SymbolKind.ITF_14: _bars(0.170, 0.495, 0.495, 12.70),
        **_AT_RETAIL,
    },
    Environment.DIRECT: {
        SymbolKind.DATA_MATRIX: _square(0.254, 0.300, 0.615, 1),
        SymbolKind.GS1_QR: _square(0.254, 0.300, 0.615, 4),
    },
    Environment.OTHER: {
        SymbolKind.RMQR: _square(0.254, 0.495, 1.500, 2),
        SymbolKind.HAN_XIN: _square(0.254, 0.495, 1.500, 3),
    },
}
_USUAL: Final = {
    SymbolKind.QR: Environment.RETAIL,
    SymbolKind.DATA_MATRIX: Environment.RETAIL,
    SymbolKind.GS1_128: Environment.LOGISTIC,
    SymbolKind.GS1_QR: Environment.DISTRIBUTION,
    SymbolKind.RMQR: Environment.OTHER,
    SymbolKind.HAN_XIN: Environment.OTHER,
    SymbolKind.EAN_13: Environment.RETAIL,
    SymbolKind.EAN_8: Environment.RETAIL,
    SymbolKind.UPC_A: Environment.RETAIL,
    SymbolKind.ITF_14: Environment.DISTRIBUTION,
}


def size_rules(kind: SymbolKind, environment: Environment | None = None) -> SizeRules:
    """The sizes of a symbol in an environment; in its usual one where none is named.

    Raises:
        UnknownSymbolError: The table of the environment doesn't name the symbol.
    """
    environment = environment or _USUAL[kind]
    found = _TABLES[environment].get(kind)
    if found is None:
        others = ", ".join(one for one in Environment if kind in _TABLES[one])
        raise UnknownSymbolError(
            f"Expected one of {', '.join(_TABLES[environment])} for {environment}, found {kind};"
            f" {kind} is printed for {others}."
        )
    return found


def checked_size(
    kind: SymbolKind, rules: SizeRules, x_mm: float | None, height_mm: float | None = None
) -> tuple[float, float]:
    """The X-dimension and the height of bars to print at, in mm: the target when none is asked for.

    Raises:
        SizeError: Scanners are not promised to read a symbol of that size.
    """
    if x_mm is None:
        x_mm = rules.target_x_mm
    if not rules.min_x_mm <= x_mm <= rules.max_x_mm:
        raise SizeError(
            f"Expected an X-dimension of {rules.min_x_mm} to {rules.max_x_mm} mm for "
            f"{kind}, found {x_mm} mm; {rules.target_x_mm} mm is the standard's target."
        )
    least = rules.bar_height_mm(x_mm)
    if height_mm is not None and kind.is_linear and not least <= height_mm <= _TALLEST_MM:
        raise SizeError(
            f"Expected bars of {least} to {_TALLEST_MM} mm for {kind} at {x_mm} mm, found"
            f" {height_mm} mm; leave the height out to get the least."
        )
    return x_mm, least if height_mm is None else height_mm


_TALLEST_MM: Final = 150  # ours: taller bars help nobody, and a picture of them takes memory
