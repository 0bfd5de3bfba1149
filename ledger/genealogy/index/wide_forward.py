"""Forward in arrays: items are reached from some time on.

An item that is reached for other spans as well (it was in a pallet that was emptied, say) is held
apart, with all its spans, and its links are taken row by row: `_APART` marks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ledger.genealogy.index.wide import LOTS, MADE, ROWS, WideWalk
from ledger.genealogy.intervals import FOREVER, covers, merge
from ledger.genealogy.roles import Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ledger.genealogy.index.segment import Array
    from ledger.genealogy.intervals import Span

__all__ = ["WideForward"]

_APART: Final = 1
"""The strength of an item that is held apart; no time has it."""


class WideForward(WideWalk):
    """A wide walk towards what items went into."""

    forward = True
    in_arrays = {Kind.TRANSFORMED: MADE, Kind.PART_OF_LOT: LOTS}  # noqa: RUF012 - never changed
    _frontier: Array
    _frontier_apart: Mapping[int, list[Span]]

    @property
    def going(self) -> bool:
        """Whether anything is left to look at."""
        return bool(len(self._frontier) or self._frontier_apart)

    def power(self, time: int) -> int:
        """The strength of a time: the earlier, the stronger."""
        return FOREVER - time

    def powers(self, times: Array) -> Array:
        """As `power`, of many."""
        found: Array = np.uint64(FOREVER) - times.view(np.uint64)
        return found

    def take_over(self, frontier: Mapping[int, list[Span]]) -> None:
        """Take over the state of the rows' walk, and what it would look at next."""
        self._apart: dict[int, tuple[Span, ...]] = {}
        self._fresh_apart: dict[int, list[Span]] = {}
        self._all_rows = self.rows_step(self.kinds)
        self._other_rows = self.rows_step(self.others)
        for item, spans in self.state.reached.items():
            if len(spans) == 1 and spans[0][1] == FOREVER:
                self.strength[item] = self.power(spans[0][0])
            else:
                self.strength[item] = _APART
                self._apart[item] = spans
        self._frontier = np.array([item for item in frontier if item not in self._apart], np.int64)
        self._frontier_apart = {
            item: spans for item, spans in frontier.items() if item in self._apart
        }
        self.start()

    def level(self, level: int) -> None:
        """Go one level on."""
        items = self._frontier
        apart, self._fresh_apart = self._frontier_apart, {}
        strengths = self.strength.take(items)
        entered, lots, by_rows = [], [], set[int]()
        for segment, owner, at, action in self.leaving(items):
            used = action == MADE
            rows, own = (at, owner) if used.all() else (at.compress(used), owner.compress(used))
            when = self.powers(segment.times.take(segment.item_event.take(rows)))
            touched = when <= strengths.take(own)
            if not touched.all():
                rows, when = rows.compress(touched), when.compress(touched)
            entered.append((segment.item_node.take(rows), when))
            if action.max(initial=0) > MADE:  # most levels have nothing but transformations
                named = action == LOTS
                lots.append((segment.item_node[at[named]], strengths[owner[named]]))
                by_rows.update(items[owner[action == ROWS]].tolist())
        self._other_rows.expand({item: [(self._since(item), FOREVER)] for item in by_rows})
        self._all_rows.expand(apart)
        self._make(*_together(entered))
        if lots:
            self._name_members(*_together(lots))
        fresh = self.end_level(level)
        held = self.strength.take(fresh) == _APART
        for item in fresh.compress(held).tolist():
            self._fresh_apart[item] = list(self._apart[item])
        self._frontier = fresh.compress(~held) if self._fresh_apart else fresh
        # Some were apart for a moment and are whole again.
        self._frontier_apart = {
            item: spans for item, spans in self._fresh_apart.items() if item in self._apart
        }

    def _make(self, nodes: Array, strengths: Array) -> None:
        """Reach what was made where an affected item went in, from its use on."""
        nodes, _before = self.enter(nodes, strengths)
        entered = self.entered.take(nodes)
        for segment, owner, at in self.standing(nodes, Role.OUTPUT):
            when = self.powers(segment.times.take(segment.node_event.take(at)))
            good = when <= entered.take(owner)
            own, rows = owner, at
            if not good.all():
                own, rows = own.compress(good), rows.compress(good)
            self.passed[nodes.take(own)] = True
            self._grow_all(segment.node_item.take(rows), entered.take(own))

    def _name_members(self, nodes: Array, strengths: Array) -> None:
        """Reach the members of lots for what the lots are reached for."""
        nodes, own = np.unique(nodes, return_inverse=True)
        strongest = np.zeros(len(nodes), np.uint64)
        np.maximum.at(strongest, own, strengths)
        self.touch(nodes)
        for segment, owner, at in self.standing(nodes, Role.MEMBER):
            self.passed[nodes[owner]] = True
            self._grow_all(segment.node_item[at], strongest[owner])

    def _grow_all(self, items: Array, strengths: Array) -> None:
        if self._apart:
            held = self.strength[items] == _APART
            for item, strength in zip(items[held].tolist(), strengths[held].tolist(), strict=True):
                self.grow(item, (FOREVER - strength, FOREVER))
            items, strengths = items[~held], strengths[~held]
        self.raise_all(items, strengths)

    def _since(self, item: int) -> int:
        return FOREVER - int(self.strength[item])

    def grow(self, item: int, span: Span) -> None:
        """Reach an item for a span."""
        strength = int(self.strength[item])
        if strength == 0:
            known: tuple[Span, ...] = ()
            self.note_new(item)
        elif strength == _APART:
            known = self._apart[item]
        else:
            known = ((FOREVER - strength, FOREVER),)
        if covers(known, span):
            return
        spans = merge(known, span)
        if len(spans) == 1 and spans[0][1] == FOREVER:
            self.strength[item] = self.power(spans[0][0])
            self._apart.pop(item, None)
            self.note_fresh(item)
        else:
            self.strength[item] = _APART
            self._apart[item] = spans
            self._fresh_apart.setdefault(item, []).append(span)

    def waiting(self) -> Iterator[Iterable[int]]:
        """The items that are looked at in this level, and those that it has held apart so far."""
        return iter((self._frontier.tolist(), self._frontier_apart, self._fresh_apart))

    def frontier_spans(self) -> dict[int, list[Span]]:
        """What would be looked at next, as the rows' walk has it."""
        plain = {item: [(self._since(item), FOREVER)] for item in self._frontier.tolist()}
        return plain | dict(self._frontier_apart)

    def spans(self) -> dict[int, tuple[Span, ...]]:
        """For which spans each item is reached."""
        items, _depths = self.depths()
        since = (np.uint64(FOREVER) - self.strength[items]).view(np.int64)
        found: dict[int, tuple[Span, ...]] = {
            item: ((start, FOREVER),)
            for item, start in zip(items.tolist(), since.tolist(), strict=True)
        }
        return found | self._apart


def _together(found: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    nodes, strengths = zip(*found, strict=True)
    if len(found) == 1:
        return nodes[0], strengths[0]
    return np.concatenate(nodes), np.concatenate(strengths)
