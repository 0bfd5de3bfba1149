"""A trace worked out the slow way, from docs/tracing.md alone.

Time is a handful of numbered moments. What is reached is a plain set of (item, moment), grown by every rule
in turn until nothing is added. Backward is no walk at all: B is behind A when A is ahead of B.
"""

from collections.abc import Iterable
from dataclasses import dataclass

Link = tuple[str, str, str]
"""(source, target, kind)"""
Reach = set[tuple[str, int]]

MOMENTS = range(-1, 9)
"""Events happen at 0 to 7; -1 is before, and 8 after, all of them."""


@dataclass(frozen=True)
class Happening:
    """An event, as the reference and the ledger are both told of it."""

    number: int
    kind: str
    """make, fit, remove, strip, pack, unpack, empty, or lot."""
    minute: int
    left: tuple[str, ...]
    """Inputs, children, or members."""
    right: tuple[str, ...]
    """Outputs, the one parent, or the one lot."""
    run: int | None = None
    """The transformationID."""
    log: int = 0


ENDS = {"fit": ("remove", "strip"), "pack": ("unpack", "empty")}
KINDS = {"fit": "installed", "pack": "packed"}


class World:
    """All that happened, as it is known at one moment."""

    def __init__(self, happenings: Iterable[Happening]) -> None:
        self.happenings = list(happenings)
        self.made: list[tuple[str, int, str, int]] = []
        self.inside: list[tuple[str, str, str, int, int]] = []
        self.lots: list[tuple[str, str]] = []
        for one in self.happenings:
            if one.kind == "make":
                self.made += self._made(one)
            elif one.kind == "lot":
                self.lots += [(one.right[0], member) for member in one.left]
            elif one.kind in ENDS:
                self.inside += [
                    (child, one.right[0], KINDS[one.kind], one.minute, self._end(one, child))
                    for child in one.left
                ]

    def _made(self, one: Happening) -> Iterable[tuple[str, int, str, int]]:
        for other in self.happenings:
            same = other is one or (one.run is not None and other.run == one.run)
            if other.kind == "make" and same and one.minute <= other.minute:
                for source in one.left:
                    for target in other.right:
                        yield source, one.minute, target, other.minute

    def _end(self, one: Happening, child: str) -> int:
        leaves, empties = ENDS[one.kind]
        left = {
            other.minute
            for other in self.happenings
            if other.right == one.right
            and ((other.kind == leaves and child in other.left) or other.kind == empties)
        }
        if one.minute in left and any(
            self._end(other, child) == one.minute
            for other in self.happenings
            if (other.kind, other.right) == (one.kind, one.right)
            and other.minute < one.minute
            and child in other.left
        ):
            left.remove(one.minute)  # it was in there before, so that is what ended
        return min((minute for minute in left if minute >= one.minute), default=MOMENTS[-1])

    def step(self, reach: Reach) -> tuple[Reach, set[Link]]:
        """Return all that is one link ahead of what is reached, and those links."""
        new: Reach = set()
        links: set[Link] = set()
        for source, used, target, since in self.made:
            if (source, used) in reach:
                links.add((source, target, "transformed"))
                new |= {(target, moment) for moment in MOMENTS if moment >= since}
        for child, parent, kind, start, end in self.inside:
            shared = {moment for moment in MOMENTS if start <= moment <= end} & {
                moment for item, moment in reach if item == child
            }
            if shared:
                links.add((child, parent, kind))
                new |= {(parent, moment) for moment in shared}
        for lot, member in self.lots:
            shared = {moment for item, moment in reach if item == lot}
            if shared:
                links.add((lot, member, "part_of_lot"))
                new |= {(member, moment) for moment in shared}
        return new, links

    def ahead(self, root: str) -> tuple[dict[str, int], set[Link]]:
        """Return all that is ahead of an item with its depth, and the links between."""
        reach: Reach = {(root, moment) for moment in MOMENTS}
        depth = {root: 0}
        level = 0
        while True:
            level += 1
            new, links = self.step(reach)
            if new <= reach:
                del depth[root]
                return depth, links
            for item, _moment in new:
                depth.setdefault(item, level)
            reach |= new

    def links_within(self, root: str, depth: int) -> set[Link]:
        """Return the links that lead on from less than `depth` links away."""
        reach: Reach = {(root, moment) for moment in MOMENTS}
        links: set[Link] = set()
        for _level in range(depth):
            new, links = self.step(reach)
            reach |= new
        return links
