"""A walk in arrays, a whole level at a time: what both directions share.

How far an item is reached is one number, its *strength*: forward the earlier the stronger, for what
is reached from some time on stays so; backward the later the stronger, for what an output was made
of came before it. 0 is unreached. Nodes have a strength too: the earliest input, or the latest
output, through which they were entered.

Links that hold for an interval (installed, packed), and whatever kinds come after these four, are
taken a row at a time by the steps of `ledger.genealogy.walk`, of which `grow` leads back here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ledger.genealogy.index.segment import QUANTITY, ROLE
from ledger.genealogy.index.view import seen_events
from ledger.genealogy.limits import TimedLinks
from ledger.genealogy.walk import BackwardStep, ForwardStep, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ledger.genealogy.index.segment import Array, Segment
    from ledger.genealogy.index.view import View
    from ledger.genealogy.intervals import Span
    from ledger.genealogy.links import LinkReader
    from ledger.genealogy.roles import Kind
    from ledger.genealogy.walk import Walk

__all__ = ["LOTS", "MADE", "ROWS", "WideWalk", "first_of_each"]

MADE, LOTS, ROWS = 1, 2, 3
"""What is done with a link by its role: with all transformations, with all lots, or row by row."""
_NONE: Final = np.empty(0, np.int64)


class _RowsForward(ForwardStep):
    __slots__ = ("wide",)
    wide: WideWalk

    def grow(self, item: int, span: Span) -> None:
        self.wide.grow(item, span)


class _RowsBackward(BackwardStep):
    __slots__ = ("wide",)
    wide: WideWalk

    def grow(self, item: int, span: Span) -> None:
        self.wide.grow(item, span)


class WideWalk(ABC):
    """A walk that has become wide."""

    forward: bool
    in_arrays: Mapping[Kind, int]
    """Kinds that are taken in arrays, and how."""

    def __init__(self, view: View, links: LinkReader, step: Step) -> None:
        """Prepare to go on where `step` has come to."""
        self.view = view
        self.state: Walk = step.state
        self.kinds = step.kinds
        self._reader = step.links
        self._lanes = [(one, seen_events(one, links)) for one in view.segments]
        self._room = view.take_room(max(self.state.reached) + 1)
        self.strength = self._room.strength
        self.entered = self._room.entered
        self.passed = self._room.passed
        self._item_marks = self._room.item_marks
        self._node_marks = self._room.node_marks
        self._nodes: list[Array] = [np.fromiter(step.reach_by_node, np.int64)]
        """Nodes that were touched."""
        self.others = [kind for kind in self.kinds if kind not in self.in_arrays]
        self.actions = np.zeros(256, np.uint8)
        for kind in self.kinds:
            for role in step.leaving[kind]:
                self.actions[[role, role | QUANTITY]] = self.in_arrays.get(kind, ROWS)
        self.count = 0
        """Items reached."""
        self._levels: list[tuple[Array, Array]] = []
        """Items and depths, in order of depth."""
        self._new: list[Array] = []
        self._new_rows: list[int] = []
        self._fresh: list[Array] = []
        self._fresh_rows: list[int] = []
        self._settled = False
        for node, time in step.reach_by_node.items():
            self.entered[node] = self.power(time)

    @abstractmethod
    def power(self, time: int) -> int:
        """The strength of a time."""

    @abstractmethod
    def powers(self, times: Array) -> Array:
        """As `power`, of many."""

    @abstractmethod
    def grow(self, item: int, span: Span) -> None:
        """Reach an item for a span."""

    @property
    @abstractmethod
    def going(self) -> bool:
        """Whether anything is left to look at."""

    @abstractmethod
    def take_over(self, frontier: Mapping[int, list[Span]]) -> None:
        """Take over the state of the rows' walk, and what it would look at next."""

    @abstractmethod
    def level(self, level: int) -> None:
        """Go one level on."""

    @abstractmethod
    def waiting(self) -> Iterator[Iterable[int]]:
        """The items that are looked at in this level, and those that it has held apart so far."""

    @abstractmethod
    def frontier_spans(self) -> dict[int, list[Span]]:
        """What would be looked at next, as the rows' walk has it."""

    @abstractmethod
    def spans(self) -> dict[int, tuple[Span, ...]]:
        """For which spans each item is reached."""

    def rows_step(self, kinds: Collection[Kind]) -> Step:
        """A step that takes links of some kinds row by row."""
        step: Any = (_RowsForward if self.forward else _RowsBackward)(
            self._reader, self.state, kinds
        )
        step.wide = self
        rows: Step = step
        return rows

    def leaving(self, items: Array) -> Iterator[tuple[Segment, Array, Array, Array]]:
        """The links that items are left through: segment, places of owners and rows, actions."""
        for segment, seen in self._lanes:
            owner, at = segment.of_items(items)
            action = self.actions.take(segment.item_role.take(at))
            if seen is not None:
                action *= seen.take(segment.item_event.take(at))
            yield segment, owner, at, action

    def standing(self, nodes: Array, role: int) -> Iterator[tuple[Segment, Array, Array]]:
        """The links of nodes in a role: segment, places of owners and rows."""
        for segment, seen in self._lanes:
            owner, at = segment.of_nodes(nodes, role)
            good = segment.node_role.take(at) & ROLE == role
            if seen is not None:
                good &= seen.take(segment.node_event.take(at))
            if not good.all():
                owner, at = owner.compress(good), at.compress(good)
            yield segment, owner, at

    def enter(self, nodes: Array, strengths: Array) -> tuple[Array, Array]:
        """Enter nodes; return those that were entered anew or more strongly, and how before."""
        nodes = nodes.astype(np.int64)
        better = strengths > self.entered.take(nodes)
        if not better.all():
            nodes, strengths = nodes.compress(better), strengths.compress(better)
        unique = first_of_each(nodes, self._node_marks)
        before = self.entered.take(unique)
        self._nodes.append(unique)
        _raise(self.entered, nodes, strengths, once=len(unique) == len(nodes))
        return unique, before

    def raise_all(self, items: Array, strengths: Array) -> None:
        """Reach items more strongly, where they are."""
        items = items.astype(np.int64)
        better = strengths > self.strength.take(items)
        if not better.all():
            items, strengths = items.compress(better), strengths.compress(better)
        fresh = first_of_each(items, self._item_marks)
        self._fresh.append(fresh)
        self._new.append(fresh.compress(self.strength.take(fresh) == 0))
        _raise(self.strength, items, strengths, once=len(fresh) == len(items))

    def raise_one(self, item: int, strength: int) -> None:
        """Reach an item more strongly, if it is."""
        before = int(self.strength[item])
        if before == 0:
            self._new_rows.append(item)
        if strength > before:
            self.strength[item] = strength
            self._fresh_rows.append(item)

    def note_new(self, item: int) -> None:
        """Note that an item was reached for the first time."""
        self._new_rows.append(item)

    def note_fresh(self, item: int) -> None:
        """Note that an item is to be looked at."""
        self._fresh_rows.append(item)

    def end_level(self, level: int) -> Array:
        """Note the depth of what is new; return what is to be looked at, each once."""
        new = _together(self._new, self._new_rows)
        self._levels.append((new, np.full(len(new), level)))
        self.count += len(new)
        fresh = _together(self._fresh, self._fresh_rows)
        once = sum(map(len, self._fresh)) in {0, max(map(len, self._fresh), default=0)}
        once = once and not self._fresh_rows
        for one in (self._new, self._new_rows, self._fresh, self._fresh_rows):
            one.clear()
        return fresh if once else first_of_each(fresh, self._item_marks)

    def start(self) -> None:
        """Take over what the rows' walk has reached."""
        depth = self.state.depth
        self.count = len(depth)
        items = np.fromiter(depth, np.int64, len(depth))
        self._levels.append((items, np.fromiter(depth.values(), np.int64, len(depth))))

    def depths(self) -> tuple[Array, Array]:
        """All items, nearest first, and their depths."""
        if len(self._levels) > 1:
            items, depths = map(np.concatenate, zip(*self._levels, strict=True))
            self._levels = [(items, depths)]
        return self._levels[0]

    def touch(self, nodes: Array) -> None:
        """Note nodes that are passed without being entered."""
        self._nodes.append(nodes)

    def leave(self) -> None:
        """Give the room back, as empty as it was; nothing can be asked any more."""
        items, _depths = self.depths()
        self.strength[items] = 0
        for nodes in self._nodes:
            self.entered[nodes] = 0
            self.passed[nodes] = False
        self.view.give_room(self._room)

    def begin_level(self) -> None:
        """Find out whether time is up, where it is limited.

        Raises:
            TimeIsUpError: It is.
        """
        if isinstance(self._reader, TimedLinks):
            self._reader.check()

    def stop(self, level: int) -> None:
        """End in the middle of a level, because time is up, as the rows' walk does."""
        fresh = self.end_level(level)
        waiting = np.fromiter(chain.from_iterable(self.waiting()), np.int64)
        items = np.unique(np.concatenate((fresh, waiting)))
        beyond = [items[owner[action > 0]] for _, owner, _, action in self.leaving(items)]
        self.state.beyond = np.unique(np.concatenate(beyond)).tolist()
        self.state.stopped_by = "time" if self.state.beyond else None

    @property
    def stopped_by(self) -> str | None:
        """As in `Walk`."""
        return self.state.stopped_by

    def peek(self, limit: str) -> None:
        """Find out whether a limit cuts anything off, as the rows' walk does."""
        self._settle()
        kind = ForwardStep if self.forward else BackwardStep
        kind(self._reader, self.state, self.kinds).peek(self.frontier_spans(), limit)

    def _settle(self) -> None:
        """Put what was found in arrays into the walk's state."""
        if not self._settled:
            self._settled = True
            items, depths = self.depths()
            self.state.depth = dict(zip(items.tolist(), depths.tolist(), strict=True))
            self.state.reached = self.spans()
            self.state.nodes.update(np.flatnonzero(self.passed).tolist())

    def walked(self) -> Walk:
        """The whole walk."""
        self._settle()
        numbers = np.fromiter(self.state.nodes, np.int64, len(self.state.nodes))
        self.state.nodes = set(self.view.node_ids(numbers).tolist())
        return self.state


def _together(arrays: list[Array], single: list[int]) -> Array:
    filled = [one for one in arrays if len(one)]
    if len(filled) == 1 and not single:
        return filled[0]
    return np.concatenate([_NONE, *filled, np.array(single, np.int64)])


def first_of_each(numbers: Array, marks: Array) -> Array:
    """The numbers, each once.

    Args:
        numbers: Below the length of `marks`.
        marks: Room to work in; what it holds doesn't matter.
    """
    places = np.arange(len(numbers), dtype=marks.dtype)
    marks[numbers] = places
    found: Array = numbers.compress(marks.take(numbers) == places)
    return found


def _raise(known: Array, places: Array, strengths: Array, *, once: bool) -> None:
    """Note strengths that are greater than those that are known; `once` where no place is twice."""
    if once:
        known[places] = strengths
    else:
        np.maximum.at(known, places, strengths)
