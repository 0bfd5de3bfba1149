"""What is left in a parent: of a lot that leaves in parts, and when a parent is emptied and filled.

Partners' clocks tick in seconds, some in days. What is said for one instant has no order, so it is
read as it can be meant: what leaves goes before what comes, if something was in there already;
otherwise what came is what leaves. For one child that is a matter of its own events. An event that
empties a parent ends the stay of every child, so whether something was in there is a matter of all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ledger.genealogy.roles import Role
from ledger.genealogy.units import amount_of, dimension_of, factor_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ledger.genealogy.links import LinkRow
    from ledger.genealogy.walk import Inside, Links

__all__ = ["JOINED", "LEAVES", "emptyings", "filled_again", "last_leaving", "witnesses"]

LEAVES: Final = {Role.PACKED: Role.UNPACKED, Role.INSTALLED: Role.REMOVED}
_EMPTIED: Final = {Role.EMPTIED: Role.PACKED, Role.STRIPPED: Role.INSTALLED}
JOINED: Final = {Role.CONTAINER: Role.PACKED, Role.ASSEMBLY: Role.INSTALLED}
_PARENT: Final = {child: parent for parent, child in JOINED.items()}
_Place = tuple[int, int]
"""Role.PACKED or Role.INSTALLED, and the parent."""


@dataclass(slots=True)
class _Stay:
    """One child in one parent: what comes and leaves, by time, and how much is in there."""

    coming: dict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    leaving: dict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    counted: bool = True
    """Some may leave and the rest stay; otherwise each leaving is of all there is."""
    rest: Fraction = Fraction(0)

    def pass_instant(self, time: int, *, emptied: bool, first: bool) -> bool:
        """Go on past what happens in an instant, and tell whether the last of it was taken out.

        Args:
            time: The instant.
            emptied: The whole parent is emptied.
            first: That, and all that leaves, goes before what comes, whatever was in there of this.
        """
        coming = self.coming.get(time, Fraction(0))
        first = first or self.rest > 0
        if not first:
            self.rest += coming
        left = False
        if time in self.leaving:
            self.rest -= self.leaving[time] if self.counted else self.rest
            left = self.rest <= 0
        if emptied or left:
            self.rest = Fraction(0)
        if first:
            self.rest += coming
        return left


def _stay(came: Iterable[LinkRow], left: Iterable[LinkRow]) -> _Stay:
    rows = ([*came], [*left])
    amounts = [[_amount(row) for row in side] for side in rows]
    units = {dimension_of(row[7]) for side in rows for row in side}
    counted = len(units) == 1 and all(one is not None for side in amounts for one in side)
    stay = _Stay(counted=counted)
    for side, found, by_time in zip(rows, amounts, (stay.coming, stay.leaving), strict=True):
        for row, amount in zip(side, found, strict=True):
            by_time[row[4]] += amount if counted and amount is not None else 1
    return stay


def last_leaving(
    came: Sequence[LinkRow],
    left: Sequence[LinkRow],
    empties: Collection[int],
    first: Collection[int],
) -> list[int]:
    """The times at which the last of a child left; before, some of a lot went and the rest stayed.

    Where a quantity is missing, or they don't measure the same, each leaving is of all there is.

    Args:
        came: Rows of one child in the roles PACKED or INSTALLED, with one parent.
        left: Likewise, UNPACKED or REMOVED.
        empties: The times at which the parent was emptied.
        first: Those at which that went before what came.
    """
    stay = _stay(came, left)
    times = sorted({*stay.coming, *stay.leaving, *empties})
    return [
        time
        for time in times
        if stay.pass_instant(time, emptied=time in empties, first=time in first)
    ]


def _amount(row: LinkRow) -> Fraction | None:
    """How much went in or came out, in its dimension's own unit; None where that isn't said."""
    amount = amount_of(row[6])
    return None if amount is None else amount * factor_of(row[7])


def emptyings(links: Links, parents: Collection[int]) -> dict[_Place, dict[int, set[int]]]:
    """By role and parent the times at which all was taken out, with the events that say so."""
    found: dict[_Place, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for item, role, event, _node, time, *_ in links.of_items(parents, _EMPTIED):
        found[_EMPTIED[role], item][time].add(event)
    return found


def filled_again(
    links: Links,
    came: Mapping[tuple[int, int, int], Sequence[LinkRow]],
    emptied: Mapping[_Place, Collection[int]],
) -> dict[_Place, set[int]]:
    """The times at which a parent was emptied of something and then filled again.

    Args:
        links: Where other children are read, which few parents need.
        came: By role, child and parent the rows of what was put in.
        emptied: By role and parent the times at which all was taken out.
    """
    asked = {
        (role, parent)
        for (role, _child, parent), rows in came.items()
        if any(row[4] in emptied.get((role, parent), ()) for row in rows)
    }
    return {place: _was_in(_contents(links, *place), emptied[place]) for place in asked}


def _contents(links: Links, role: int, parent: int) -> list[LinkRow]:
    """All rows of what was put into a parent, and of what was taken out of it child by child."""
    nodes = {row[3] for row in links.of_items([parent], (_PARENT[role],))}
    rows = [row for row in links.of_nodes(nodes, (role,)) if row[5] == parent]
    left = links.of_items({row[0] for row in rows}, (LEAVES[role],))
    return [*rows, *(row for row in left if row[5] == parent)]


def _was_in(rows: Iterable[LinkRow], empties: Collection[int]) -> set[int]:
    """The times of emptying at which something was in there."""
    by_child: dict[int, tuple[list[LinkRow], list[LinkRow]]] = defaultdict(lambda: ([], []))
    for row in rows:
        by_child[row[0]][row[1] in LEAVES.values()].append(row)
    stays = [_stay(*sides) for sides in by_child.values()]
    touched: dict[int, list[_Stay]] = defaultdict(list)
    for stay in stays:
        for time in {*stay.coming, *stay.leaving}:
            touched[time].append(stay)
    found: set[int] = set()
    present: dict[int, _Stay] = {}
    for time in sorted({*touched, *empties}):
        emptied = time in empties
        if emptied and present:
            found.add(time)
        moved = {id(stay): stay for stay in touched[time]}
        for key, stay in (moved | present if emptied else moved).items():
            stay.pass_instant(time, emptied=emptied, first=time in found)
            if stay.rest > 0:
                present[key] = stay
            else:
                present.pop(key, None)
    return found


def witnesses(links: Links, insides: Iterable[Inside]) -> set[int]:
    """The events that tell whether anything was in a parent that was emptied and filled at once."""
    filled: dict[_Place, set[int]] = defaultdict(set)
    for one in insides:
        filled[one.role, one.parent].add(one.span[0])
    emptied = emptyings(links, {parent for _role, parent in filled})
    found: set[int] = set()
    for place, times in filled.items():
        both = times & emptied.get(place, {}).keys()
        if both:
            found |= {row[2] for row in _contents(links, *place) if row[4] < max(both)}
            found |= {
                event
                for time, events in emptied[place].items()
                for event in events
                if time < max(both)
            }
    return found
