"""Walking the links, one level of items at a time.

Rules kept:

* **Times follow.** Each item is reached *for spans of time*, and a link is taken only where its own
  times touch them. Forward: an output is affected from the use of the input on, an assembly while
  the affected part was in it. Backward is the exact mirror: B lies behind A if and only if A lies
  ahead of B.
* **Never a path.** An item is looked at again only when it is reached for a span it was not reached
  for before, so diamonds cost nothing, cycles end, and every answer is a set.
* **Packed is a place.** The walk goes from a child to what it is packed in (that is where it is),
  and never from there down to its neighbours.
* A level is two to four queries, whatever its width.
* When time is up, what was found stands, and what may not have been looked at is named.

DESIGN section 6.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar, Protocol

from ledger.genealogy.emptying import JOINED, LEAVES, emptyings, filled_again, last_leaving
from ledger.genealogy.intervals import (
    ALWAYS,
    FOREVER,
    Span,
    covers,
    ends,
    merge,
    overlap,
    touches,
)
from ledger.genealogy.limits import TimedLinks, TimeIsUpError
from ledger.genealogy.roles import BACKWARD, FORWARD, MATERIAL, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from ledger.genealogy.links import LinkReader, LinkRow, StepRow

__all__ = [
    "BackwardStep",
    "ForwardStep",
    "Inside",
    "Links",
    "Step",
    "Walk",
    "Walker",
    "spans_of_children",
    "walk",
]

_BECOME = {Role.INPUT: Role.OUTPUT, Role.INSTRUMENT: Role.MEASURED}
_CAME_OF = {after: before for before, after in _BECOME.items()}


@dataclass(frozen=True, slots=True)
class Inside:
    """A child in a parent for a span of time."""

    child: int
    parent: int
    role: int
    """Role.PACKED or Role.INSTALLED."""
    event: int
    span: Span
    quantity: str | None
    unit: str | None


@dataclass(slots=True)
class Walk:
    """What a walk found, in surrogate ids."""

    root: int
    forward: bool
    reached: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    """Each item, the root among them, with the spans it is reached for."""
    depth: dict[int, int] = field(default_factory=dict)
    """The fewest links from the root."""
    nodes: set[int] = field(default_factory=set)
    """Event nodes (transformations, lot groups) that were passed."""
    inside: set[Inside] = field(default_factory=set)
    """Installed and packed links that were taken."""
    beyond: list[int] = field(default_factory=list)
    """Items at which a limit stopped the walk although it would have gone on."""
    stopped_by: str | None = None
    """"depth", "items" or "time" when a limit stopped the walk."""


def walk(
    links: LinkReader,
    root: int,
    *,
    forward: bool,
    kinds: Collection[Kind] = MATERIAL,
    spans: Sequence[Span] = ALWAYS,
    depth: int | None = None,
    most_items: int | None = None,
    time_is_up: Callable[[], bool] | None = None,
) -> Walk:
    """Walk from an item as far as the links go.

    Args:
        links: The open reader, which fixes the times that are asked about.
        root: The item to start from, as its surrogate id.
        forward: Towards what it went into; otherwise towards what it came from.
        kinds: The kinds of links to follow.
        spans: The times of the root that are meant.
        depth: The most links from the root; None for no limit.
        most_items: Stop after the level that reaches more items than this; None for no limit.
        time_is_up: Stop soon after it says so.
    """
    state = Walk(root, forward, {root: tuple(spans)}, {root: 0})
    read = links if time_is_up is None else TimedLinks(links, time_is_up)
    step = (ForwardStep if forward else BackwardStep)(read, state, kinds)
    frontier: Mapping[int, list[Span]] = {root: list(spans)}
    level = 0
    while frontier:
        if depth is not None and level >= depth:
            step.peek(frontier, "depth")
            break
        if most_items is not None and len(state.reached) > most_items:
            step.peek(frontier, "items")
            break
        level += 1
        try:
            frontier = step.level(frontier, level)
        except TimeIsUpError:
            step.stop(frontier, level)
            break
    return state


class Links(Protocol):
    """Where a walk's links come from: the database (`LinkReader`) or the trace index."""

    def of_items(self, items: Collection[int], roles: Iterable[int]) -> list[LinkRow]:
        """All links of these items in these roles."""
        ...

    def of_nodes(self, nodes: Collection[int], roles: Iterable[int]) -> list[LinkRow]:
        """All links of these nodes in these roles."""
        ...

    def scan_items(self, items: Collection[int], roles: Iterable[int]) -> Iterator[LinkRow]:
        """As `of_items`, row by row."""
        ...

    def scan_nodes(self, nodes: Collection[int], role: int) -> Iterator[StepRow]:
        """As `of_nodes`, row by row and in one role."""
        ...


class Walker(Protocol):
    """What walks as `walk` does, and finds the same."""

    def __call__(
        self,
        links: LinkReader,
        root: int,
        *,
        forward: bool,
        kinds: Collection[Kind] = ...,
        spans: Sequence[Span] = ...,
        depth: int | None = None,
        most_items: int | None = None,
        time_is_up: Callable[[], bool] | None = None,
    ) -> Walk:
        """See `walk`."""
        ...


@dataclass(slots=True)
class Step(ABC):
    """Takes a walk one level on; `walk` says how."""

    links: Links
    state: Walk
    kinds: Collection[Kind]
    fresh: dict[int, list[Span]] = field(default_factory=dict)
    leaving: ClassVar[Mapping[Kind, tuple[int, ...]]]
    """The roles of what the walk leaves behind."""
    reach_by_node: dict[int, int] = field(default_factory=dict)
    """Forward, the earliest input's time; backward, the latest moment that an output is meant at,
    up to its own time."""
    roles: tuple[int, ...] = field(init=False)
    """The roles that the walk leaves items in."""

    def __post_init__(self) -> None:
        """Find the roles."""
        self.roles = tuple(role for kind in self.kinds for role in self.leaving[kind])

    def level(self, frontier: Mapping[int, list[Span]], level: int) -> dict[int, list[Span]]:
        """Go one level on, and return the next frontier: what was reached anew, for which spans."""
        self.fresh = {}
        self.expand(frontier)
        depth = self.state.depth
        for item in self.fresh:
            depth.setdefault(item, level)
        return self.fresh

    def peek(self, frontier: Mapping[int, list[Span]], limit: str) -> None:
        """Find out whether a limit cuts anything off; if so, leave the state as it was."""
        state = self.state
        kept = (dict(state.reached), set(state.nodes), set(state.inside))
        while frontier:  # items that are known already may yet lead on, for spans that are new
            self.fresh = {}
            try:
                self.expand(frontier)
            except TimeIsUpError:
                limit = "time"
            links = state.nodes, state.inside
            ahead = state.reached.keys() != kept[0].keys() or links != kept[1:]
            if ahead or limit == "time":
                state.reached, state.nodes, state.inside = kept
                self.cut(frontier, limit)
                return
            frontier = self.fresh

    def stop(self, frontier: Iterable[int], level: int) -> None:
        """End in the middle of a level, because time is up."""
        for item in self.fresh:
            self.state.depth.setdefault(item, level)
        self.cut({*frontier, *self.fresh}, "time")

    def cut(self, items: Collection[int], limit: str) -> None:
        """Name those of some items that have links beyond a limit, if there are such."""
        try:
            rows = self.links.of_items(items, self.roles)
        except TimeIsUpError:  # which is said once
            rows = self.links.of_items(items, self.roles)
        self.state.beyond = sorted({row[0] for row in rows if row[1] not in LEAVES.values()})
        self.state.stopped_by = limit if self.state.beyond else None

    @abstractmethod
    def expand(self, frontier: Mapping[int, list[Span]]) -> None:
        """Grow the reach by one link from every item of the frontier."""

    def grow(self, item: int, span: Span) -> None:
        """Reach an item for a span; it is looked at next if any of the span is new."""
        reached = self.state.reached
        spans = reached.get(item)
        if spans is None:
            reached[item] = (span,)
            self.fresh[item] = [span]
        elif not covers(spans, span):
            reached[item] = merge(spans, span)
            self.fresh.setdefault(item, []).append(span)

    def take(self, inside: Inside, target: int, spans: Iterable[Span]) -> None:
        """Reach a parent or child for the parts of `spans` in which the one was in the other."""
        shared = overlap(list(spans), inside.span)
        if shared:
            self.state.inside.add(inside)
            for span in shared:
                self.grow(target, span)

    def lots(self, nodes: Mapping[int, list[Span]], role: int) -> None:
        """Membership of a lot holds at all times, so spans pass through it unchanged."""
        for item, _event, node, _time in self.links.scan_nodes(nodes, role):
            self.state.nodes.add(node)
            for span in nodes[node]:
                self.grow(item, span)


class ForwardStep(Step):
    """Towards what items went into."""

    __slots__ = ()
    leaving = FORWARD

    def expand(self, frontier: Mapping[int, list[Span]]) -> None:
        """Grow the reach by one link from every item of the frontier."""
        rows = self.links.scan_items(frontier, self.roles)
        earliest = self.reach_by_node
        entered: dict[int, set[int]] = defaultdict(set)
        lots: dict[int, list[Span]] = {}
        children: list[LinkRow] = []
        for row in rows:
            item, role, _event, node, time, _peer, _quantity, _unit = row
            if role in _BECOME:
                if time < earliest.get(node, FOREVER) and touches(frontier[item], time):
                    earliest[node] = time
                    entered[role].add(node)
            elif role == Role.LOT:
                lots.setdefault(node, []).extend(frontier[item])
            else:
                children.append(row)
        if children:
            for inside in spans_of_children(self.links, children):
                self.take(inside, inside.parent, frontier[inside.child])
        passed = self.state.nodes
        for role, nodes in entered.items():
            for item, _event, node, time in self.links.scan_nodes(nodes, _BECOME[role]):
                since = earliest[node]
                if time >= since:
                    passed.add(node)
                    # From the input on: an output may be told of when the last of it is made, and
                    # the first be gone by then.
                    self.grow(item, (since, FOREVER))
        if lots:
            self.lots(lots, Role.MEMBER)


class BackwardStep(Step):
    """Towards what items came from."""

    __slots__ = ()
    leaving = BACKWARD

    def expand(self, frontier: Mapping[int, list[Span]]) -> None:
        """Grow the reach by one link from every item of the frontier."""
        rows = self.links.scan_items(frontier, self.roles)
        latest = self.reach_by_node
        entered: dict[int, set[int]] = defaultdict(set)
        lots: dict[int, list[Span]] = {}
        parents: dict[int, set[int]] = defaultdict(set)
        for item, role, _event, node, time, _peer, _quantity, _unit in rows:
            if role in _CAME_OF:
                moment = min(time, max(frontier[item], key=itemgetter(1))[1])
                if moment > latest.get(node, -FOREVER):
                    latest[node] = moment
                    entered[role].add(node)
            elif role == Role.MEMBER:
                lots.setdefault(node, []).extend(frontier[item])
            else:
                parents[JOINED[role]].add(node)
        for role, nodes in parents.items():
            children = self.links.of_nodes(nodes, (role,))
            pairs = {(row[0], row[5]) for row in children}
            left = self.links.of_items({row[0] for row in children}, (LEAVES[role],))
            gone = [row for row in left if (row[0], row[5]) in pairs]
            for inside in spans_of_children(self.links, [*children, *gone]):
                self.take(inside, inside.child, frontier[inside.parent])
        passed = self.state.nodes
        for role, nodes in entered.items():
            for item, _event, node, time in self.links.scan_nodes(nodes, _CAME_OF[role]):
                if time <= latest[node]:
                    passed.add(node)
                    self.grow(item, (time, time))
        if lots:
            self.lots(lots, Role.LOT)


def spans_of_children(links: Links, rows: Collection[LinkRow]) -> list[Inside]:
    """Pair what went in with what came out: the spans of rows of children.

    Args:
        links: Where the events that emptied a whole parent are read.
        rows: Links in the roles PACKED, UNPACKED, INSTALLED and REMOVED; for each pair of child and
            parent all of them.
    """
    if not rows:
        return []
    came: dict[tuple[int, int, int], list[LinkRow]] = defaultdict(list)
    left: dict[tuple[int, int, int], list[LinkRow]] = defaultdict(list)
    for row in rows:
        item, role, _event, _node, _time, peer = row[:6]
        if peer is None:
            continue  # an event that names no parent says nothing about what is inside what
        if role in LEAVES:
            came[role, item, peer].append(row)
        else:
            left[Role.PACKED if role == Role.UNPACKED else Role.INSTALLED, item, peer].append(row)
    emptied = emptyings(links, {parent for _role, _child, parent in came})
    filled = filled_again(links, came, emptied)
    found: list[Inside] = []
    for (role, child, parent), entered in came.items():
        empties = emptied.get((role, parent), {}).keys()
        first = filled.get((role, parent), set())
        removed = left.get((role, child, parent))
        gone = last_leaving(entered, removed, empties, first) if removed else ()
        starts = [row[4] for row in entered]
        for row, start, end in zip(
            entered, starts, ends(starts, {*gone, *empties}, first), strict=True
        ):
            found.append(Inside(child, parent, role, row[2], (start, end), row[6], row[7]))
    return found
