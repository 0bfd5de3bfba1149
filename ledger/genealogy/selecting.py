"""Showing a part of an answer: the items of a product, at a place, with a party, in a stage.

The walk is never narrowed, for what lies behind an item that isn't shown would be missed; the
answer is, and it says how many items it leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.genealogy.stages import stage_of
from ledger.projection import canonical_code

if TYPE_CHECKING:
    from ledger.genealogy.answer import TraceItem
    from ledger.genealogy.stages import Stage
    from ledger.genealogy.trace import Trace

__all__ = ["Selection", "narrowed"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items are shown: those that all of this holds for. Codes are canonical."""

    product: str | None = None
    """Of this product: the class itself, its lots and its instances."""
    party: str | None = None
    """Held by this party, or reported last by this organisation where nobody is named."""
    place: str | None = None
    """At this location, or at a part of it."""
    stage: Stage | None = None
    """In this stage of life."""

    def takes(self, item: TraceItem) -> bool:
        """Tell whether an item is shown."""
        return (
            (self.product is None or self._is_of_product(item.code))
            and (self.party is None or item.holder == self.party)
            and (self.place is None or self._is_there(item.location))
            and (self.stage is None or stage_of(item.step) is self.stage)
        )

    def _is_of_product(self, code: str) -> bool:
        return self.product in {code, canonical_code(code).product}

    def _is_there(self, location: str | None) -> bool:
        # A part of a location is its GLN with an extension behind it (GS1 AI 254).
        return location is not None and f"{location}/".startswith(f"{self.place}/")


def narrowed(found: Trace, selection: Selection) -> Trace:
    """The items of an answer that are selected, and the links between them and the root."""
    if selection == Selection():
        return found
    items = tuple(filter(selection.takes, found.items))
    shown = {found.root, *(item.code for item in items)}
    return replace(
        found,
        items=items,
        links=tuple(one for one in found.links if {one.source, one.target} <= shown),
        open_ends=tuple(one for one in found.open_ends if one.code in shown),
        questions=tuple(one for one in found.questions if not shown.isdisjoint(one.codes)),
        left_out=found.left_out + len(found.items) - len(items),
    )
