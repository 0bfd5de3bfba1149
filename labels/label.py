"""What stands on one label: a code, the product's names, and a few lines for people.

Rules kept here:

* Text must be printable: control characters, line breaks and lone surrogates are refused, not
  swallowed.
* The symbols follow from the code (`labels.symbols.kinds_for`); the caller may ask for a DataMatrix
  beside the QR.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.errors import UnprintableCharacterError
from labels.symbols import DEFAULT_STEM, kinds_for, make_symbol

if TYPE_CHECKING:
    from identifiers import ItemCode
    from labels.kinds import Environment, SymbolKind
    from labels.symbol import Symbol

__all__ = ["Label"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label as its maker wants it; sizes are the sheet's business."""

    code: ItemCode
    title_zh: str = ""
    """Product name in Chinese."""
    title_en: str = ""
    """Product name in English."""
    notes: tuple[str, ...] = ()
    """More lines for people, e.g. quantity or best-before date."""
    data_matrix: bool = False
    """Print a GS1 DataMatrix beside the QR, for factory scanners; GS1-128 labels ignore it."""
    stem: str = DEFAULT_STEM
    """Service that the QR's Digital Link leads to, e.g. ``http://127.0.0.1:8000``."""

    query: str = ""
    """What stands in the query of that link, such as a tag."""
    kinds: tuple[SymbolKind, ...] = ()
    """The symbols to print; by the code where there are none."""
    environment: Environment | None = None
    """Where they are scanned, as far as sizes are concerned; where they usually are when None."""

    def __post_init__(self) -> None:
        for name, text in (
            ("title_zh", self.title_zh),
            ("title_en", self.title_en),
            ("query", self.query),
            *((f"notes[{index}]", note) for index, note in enumerate(self.notes)),
        ):
            for position, character in enumerate(text):
                if not character.isprintable():
                    raise UnprintableCharacterError(
                        f"Expected printable text in {name}, found U+{ord(character):04X} at "
                        f"position {position}; remove it or use one note for each line."
                    )

    def symbols(self) -> tuple[Symbol, ...]:
        """Make the label's symbols, the main one first.

        Raises:
            LabelError: a symbol cannot hold the code; see `labels.errors`.
        """
        return tuple(
            make_symbol(
                self.code,
                kind,
                stem=self.stem,
                query=self.query,
                environment=self.environment,
            )
            for kind in self.kinds or kinds_for(self.code, data_matrix=self.data_matrix)
        )
