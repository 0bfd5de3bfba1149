"""One symbol as a grid of modules, the same for PNG, SVG, PDF and ZPL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.kinds import size_rules

if TYPE_CHECKING:
    from labels.kinds import Environment, SizeRules, SymbolKind

__all__ = ["Symbol"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol as modules, without its quiet zone."""

    kind: SymbolKind
    content: str
    """What a reader returns: GS stands for FNC1, the leading FNC1 left out."""
    hri: tuple[str, ...]
    """Human readable interpretation: bracketed element strings, the digits of a retail symbol, or
    the URI of another scheme."""
    rows: tuple[str, ...]
    """Rows from top to bottom, ``1`` for dark; those of a linear symbol have their own heights."""
    per_x: int = 1
    """Columns to one X: two for ITF-14, whose wide bars are 2.5 X."""
    row_x: tuple[int, ...] = (0,)
    """Heights of the rows of a linear symbol, in X; 0 for its bars, which have theirs in mm. Guard
    bars of EAN and UPC stand below them, bearer bars of ITF-14 above and below."""
    environment: Environment | None = None
    """Where it is scanned; None for where its kind usually is."""

    @property
    def is_linear(self) -> bool:
        """Whether the rows are bars to be drawn to a height of their own."""
        return self.kind.is_linear

    @property
    def rules(self) -> SizeRules:
        """The sizes that it may have."""
        return size_rules(self.kind, self.environment)

    @property
    def columns(self) -> int:
        """Columns across, without quiet zones."""
        return len(self.rows[0])

    def width_mm(self, x_mm: float) -> float:
        """Width with quiet zones at an X-dimension, in mm."""
        rules = self.rules
        return (self.columns / self.per_x + rules.quiet_left + rules.quiet_right) * x_mm

    def height_mm(self, x_mm: float, bars_mm: float | None = None) -> float:
        """Height with quiet zones at an X-dimension, in mm; `bars_mm` as in `row_heights_mm`."""
        return sum(self.row_heights_mm(x_mm, bars_mm)) + 2 * self.rules.quiet_y * x_mm

    def row_heights_mm(self, x_mm: float, bars_mm: float | None = None) -> tuple[float, ...]:
        """The height of each row at an X-dimension, in mm.

        Args:
            x_mm: The X-dimension.
            bars_mm: The height of bars; the least where None.
        """
        if not self.is_linear:
            return (x_mm,) * len(self.rows)
        bars = self.rules.bar_height_mm(x_mm) if bars_mm is None else bars_mm
        return tuple(height * x_mm if height else bars for height in self.row_x)
