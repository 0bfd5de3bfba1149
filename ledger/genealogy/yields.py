"""What transformations gave for what they took.

Rules kept:

* Inputs and outputs are compared where one product goes in and one comes out, in one dimension.
  Lots of one product are added; several products, or several dimensions, are told and not added.
* Mass can't grow: more of it out than in is a gap. Pieces, lengths and volumes can (a bar is cut
  into pins), so there the yield is told and not judged.
* What was lost is told. It is a gap only where the input's product states how much it may be.
* All events of one transformationID are one transformation.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from identifiers import Level
from ledger.genealogy.flows import EventRow, told_again
from ledger.genealogy.moves import quantity_of, read_events, rows_by_event
from ledger.genealogy.roles import Role
from ledger.genealogy.units import dimension_of, is_additive
from ledger.levels import level_of
from ledger.projection import canonical_code
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ledger.genealogy.links import LinkReader, LinkRow

__all__ = ["SideSum", "Transformation", "product_of", "transformations"]


@dataclass(frozen=True, slots=True)
class SideSum:
    """What one product puts into a transformation, or gets out of it, in one dimension."""

    product: str
    """Canonical code; of a code without a product the code itself."""
    dimension: str
    amount: Fraction | None
    """In the SI unit; None when it isn't stated."""


@dataclass(frozen=True, slots=True)
class Transformation:
    """One transformation with its own balance."""

    event: EventRow
    """The newest of its events."""
    inputs: tuple[SideSum, ...]
    outputs: tuple[SideSum, ...]

    @property
    def apart(self) -> str | None:
        """Why inputs and outputs can't be compared; None when they can."""
        sides = (*self.inputs, *self.outputs)
        if not self.inputs or not self.outputs:
            return "one_side"
        if any(part.amount is None for part in sides):
            return "missing_quantity"
        if len({part.product for part in self.inputs}) > 1:
            return "several_products"
        if len({part.product for part in self.outputs}) > 1:
            return "several_products"
        if len({part.dimension for part in sides}) > 1:
            return "several_dimensions"
        return None if is_additive(self.inputs[0].dimension) else "several_dimensions"

    @property
    def loss(self) -> Fraction | None:
        """What went in less what came out; below zero where more came out."""
        if self.apart:
            return None
        return (self.inputs[0].amount or Fraction(0)) - (self.outputs[0].amount or Fraction(0))

    @property
    def share(self) -> Fraction | None:
        """What came out for what went in, of 1."""
        before = self.inputs[0].amount if not self.apart else None
        return (self.outputs[0].amount or Fraction(0)) / before if before else None


def product_of(code: str) -> str:
    """The product of a lot or piece; a code that names none is its own."""
    return canonical_code(code).product or code


def transformations(links: LinkReader, nodes: Collection[int], since: int) -> list[Transformation]:
    """The transformations of some nodes that ended in a window, oldest first."""
    by_node: dict[int, list[LinkRow]] = defaultdict(list)
    items: set[int] = set()
    rows = links.of_nodes(nodes, (Role.INPUT, Role.OUTPUT))
    events = read_events(links, {row[2] for row in rows})
    again, _different = told_again(events, rows_by_event(rows))
    for row in rows:
        if row[2] not in again:
            by_node[row[3]].append(row)
            items.add(row[0])
    named = {
        row: (product_of(code), level_of(level))
        for row, code, level in fetch_in(
            links.connection, "SELECT id, code, level FROM item WHERE id {ids}", items
        )
    }
    found = []
    for own in by_node.values():
        last = max((events[row[2]] for row in own), key=lambda one: (one.time, one.row))
        if last.time >= since:
            sides = [_side(own, role, named) for role in (Role.INPUT, Role.OUTPUT)]
            found.append(Transformation(last, *sides))
    return sorted(found, key=lambda one: (one.event.time, one.event.row))


def _side(
    rows: Iterable[LinkRow], role: int, named: dict[int, tuple[str, Level]]
) -> tuple[SideSum, ...]:
    sums: dict[tuple[str, str], Fraction | None] = {}
    for row in rows:
        if row[1] != role:
            continue
        product, level = named[row[0]]
        piece = row[6] is None and level not in {Level.LOT, Level.PRODUCT}
        amount = Fraction(1) if piece else quantity_of(row[6], row[7])
        key = (product, dimension_of(row[7]))
        before = sums.get(key, Fraction(0))
        if amount is None or amount < 0 or before is None:
            sums[key] = None
        else:
            sums[key] = before + amount
    return tuple(SideSum(*key, amount) for key, amount in sorted(sums.items(), key=_by_key))


def _by_key(item: tuple[tuple[str, str], object]) -> tuple[str, str]:
    return item[0]
