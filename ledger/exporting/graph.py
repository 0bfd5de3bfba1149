"""An answer as boxes and arrows that a person can look at: above a limit items share boxes.

Rules kept:

* Up to `MOST_BOXES` items each has a box of its own. Above, the members of one lot (or, where the
  answer names no lot, of one product) that are of one kind and depth share one, and lots have their
  own; if that is not enough all lots of a product share one, then all items of one depth, then of
  some neighbouring depths. Affected items and mere places share none, and nothing the root's.
* Links between the same two boxes, of one kind, are one arrow with their number.
* The same answer gives the same boxes, in the order of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.exporting.naming import class_of
from ledger.genealogy.roles import Kind

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from ledger.genealogy.trace import Trace, TraceItem

__all__ = ["MOST_ARROWS", "MOST_BOXES", "Arrow", "Box", "Graph", "graphs_of"]

MOST_BOXES: Final = 500
MOST_ARROWS: Final = 2_000
_BANDS: Final = (64, 16, 4, 1)
"""Into how many parts the depths are divided where even one box for each depth is too much."""


@dataclass(slots=True)
class Box:
    """One item or event, or several items that share a box."""

    code: str
    """Of the first item; of the event."""
    depth: int
    item: TraceItem | None = None
    """The first item; None for an event between very many items, and a root of unknown state."""
    root: bool = False
    count: int = 1
    """How many items share it."""
    kinds: set[str] = field(default_factory=set)
    depths: set[int] = field(default_factory=set)
    statuses: set[str | None] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    """Lots or products of the items, as far as they tell the boxes apart."""

    @property
    def container(self) -> bool:
        """True for items that are only the place of others."""
        return self.item is not None and self.item.container

    @property
    def status(self) -> str | None:
        """The status that all items of the box have, if it is one alone."""
        return next(iter(self.statuses)) if len(self.statuses) == 1 else None


@dataclass(slots=True)
class Arrow:
    """The links of one kind from one box to another."""

    source: int
    target: int
    kind: str
    count: int = 1


@dataclass(slots=True)
class Graph:
    """What is drawn."""

    boxes: list[Box]
    arrows: list[Arrow]
    shared: bool
    """True when items share boxes."""


def graphs_of(trace: Trace) -> Iterator[Graph]:
    """Graphs of an answer, each with fewer boxes than the one before; the last one is tiny.

    None has more than `MOST_BOXES` boxes or `MOST_ARROWS` arrows, so that whoever finds one too
    large for other reasons takes the next.
    """
    last = max((item.depth for item in trace.items), default=0)
    for step in range(4 + len(_BANDS)):
        found = _graph(trace, step, last)
        if found is not None:
            yield found


def _graph(trace: Trace, step: int, last: int) -> Graph | None:
    """The graph of one step, or None where it is too large."""
    lots = _lots(trace) if step == 1 else {}
    boxes = [Box(trace.root, 0, trace.root_item, root=True)]
    if trace.root_item is not None:
        boxes[0].statuses.add(trace.root_item.status)
    place: dict[str, int] = {trace.root: 0}
    by_key: dict[Hashable, int] = {}
    for item in trace.items:
        key = _key(item, step, last, lots)
        at = by_key.setdefault(key, len(boxes))
        if at == len(boxes):
            if at == MOST_BOXES:
                return None
            boxes.append(Box(item.code, item.depth, item, count=0))
        box = boxes[at]
        box.count += 1
        box.kinds.add(item.kind.value)
        box.depths.add(item.depth)
        box.statuses.add(item.status)
        if step in {1, 2}:
            box.classes.add(_shared(item, lots))
        place[item.code] = at
    arrows: dict[tuple[int, int, str], Arrow] = {}
    for link in trace.links:
        ends: list[int] = []
        for code, other in ((link.source, link.target), (link.target, link.source)):
            if code not in place:
                # An event between very many items: it goes with the depth of one of them.
                near = boxes[place.get(other, 0)].depth
                event = by_key.setdefault(("event", code if step == 0 else near), len(boxes))
                if event == len(boxes):
                    if event == MOST_BOXES:
                        return None
                    boxes.append(Box(code, near, count=0))
                boxes[event].count += 1
                place[code] = event
            ends.append(place[code])
        kind = link.kind.value
        arrow = arrows.get((ends[0], ends[1], kind))
        if arrow is not None:
            arrow.count += 1
        elif len(arrows) == MOST_ARROWS:
            return None
        else:
            arrows[ends[0], ends[1], kind] = Arrow(ends[0], ends[1], kind)
    return Graph(boxes, list(arrows.values()), shared=step > 0)


def _key(item: TraceItem, step: int, last: int, lots: dict[str, str]) -> Hashable:
    """What the items of one box have in common."""
    if step == 0:
        return item.code
    if step == 1:
        own = item.code if item.kind is Level.LOT else _shared(item, lots)
        return item.depth, item.kind, item.container, own
    if step == 2:  # noqa: PLR2004 - the second of the rules above
        return item.depth, item.kind, item.container, _shared(item, lots)
    if step == 3:  # noqa: PLR2004
        return item.depth, item.container
    return item.depth * _BANDS[step - 4] // (last + 1), item.container


def _shared(item: TraceItem, lots: dict[str, str]) -> str:
    return lots.get(item.code) or class_of(item.code)


def _lots(trace: Trace) -> dict[str, str]:
    """The lot of each member, where the answer names it."""
    return {link.target: link.source for link in trace.links if link.kind is Kind.PART_OF_LOT}
