"""Backward in arrays: an input was used at one moment, and what it was made of came before.

What a walk goes on through transformations is the latest moment an item is reached for; its other
moments are noted and sorted at the end. Through lots and intervals each moment goes on by itself,
so items that have such links are *exact*: all their spans are at hand, and taken row by row.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from ledger.genealogy.index.wide import MADE, ROWS, WideWalk
from ledger.genealogy.intervals import FOREVER, covers, merge
from ledger.genealogy.roles import Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ledger.genealogy.index.segment import Array
    from ledger.genealogy.intervals import Span

__all__ = ["WideBackward"]

_UNKNOWN, _PLAIN, _EXACT = 0, 1, 2
_Moments = tuple["Array", "Array"]
"""Items, and the moments that they are reached for."""


class WideBackward(WideWalk):
    """A wide walk towards what items came from."""

    forward = False
    in_arrays = {Kind.TRANSFORMED: MADE}  # noqa: RUF012 - never changed
    _frontier: Array
    _frontier_exact: Mapping[int, list[Span]]

    @property
    def going(self) -> bool:
        """Whether anything is left to look at."""
        return bool(len(self._frontier) or self._frontier_exact)

    def power(self, time: int) -> int:
        """The strength of a time: the later, the stronger."""
        return time + FOREVER

    def powers(self, times: Array) -> Array:
        """As `power`, of many."""
        found: Array = times.view(np.uint64) + np.uint64(FOREVER)
        return found

    def take_over(self, frontier: Mapping[int, list[Span]]) -> None:
        """Take over the state of the rows' walk, and what it would look at next."""
        self._kind = self._room.kinds
        self._exact: dict[int, tuple[Span, ...]] = dict(self.state.reached)
        self._fresh_exact: dict[int, list[Span]] = {}
        self._moments: list[list[_Moments]] = [[]]
        self._extras: list[list[tuple[int, Span]]] = [[]]
        self._other_rows = self.rows_step(self.others)
        self._told = [np.fromiter(self._exact, np.int64)]
        for item, spans in self._exact.items():
            self._kind[item] = _EXACT
            self.strength[item] = self.power(spans[-1][1])
        self._frontier = np.array(list(frontier), np.int64)
        self._frontier_exact = frontier
        self.start()

    def level(self, level: int) -> None:
        """Go one level on."""
        items = self._frontier
        exact, self._fresh_exact = self._frontier_exact, {}
        self._moments.append([])
        self._extras.append([])
        strengths = self.strength.take(items)
        nodes, whens = [], []
        for segment, owner, at, action in self.leaving(items):
            made = action == MADE
            rows = at.compress(made)
            when = self.powers(segment.times.take(segment.item_event.take(rows)))
            nodes.append(segment.item_node.take(rows))
            whens.append(np.minimum(when, strengths.take(owner.compress(made))))
        self._other_rows.expand(exact)
        self._use(np.concatenate(nodes), np.concatenate(whens))
        self._frontier = self.end_level(level)
        self._frontier_exact = self._fresh_exact

    def _use(self, nodes: Array, strengths: Array) -> None:
        """Reach what went in where an item came out, at the moment that it did."""
        nodes, before = self.enter(nodes, strengths)
        entered = self.entered.take(nodes)
        for segment, owner, at in self.standing(nodes, Role.INPUT):
            times = segment.times.take(segment.node_event.take(at))
            when = self.powers(times)
            # What came in before is reached already, where the node was entered for it.
            good = (when <= entered.take(owner)) & (when > before.take(owner))
            self.passed[nodes.take(owner.compress(good))] = True
            items = segment.node_item.take(at.compress(good)).astype(np.int64)
            self._reach(items, times.compress(good), when.compress(good))

    def _reach(self, items: Array, times: Array, strengths: Array) -> None:
        self._tell_kinds(items)
        plain = self._kind.take(items) == _PLAIN
        self._moments[-1].append((items.compress(plain), times.compress(plain)))
        self.raise_all(items.compress(plain), strengths.compress(plain))
        for item, time in zip(items[~plain].tolist(), times[~plain].tolist(), strict=True):
            self.grow(item, (time, time))

    def _tell_kinds(self, items: Array) -> None:
        """Find out which items have links that are taken row by row."""
        unknown = np.unique(items[self._kind[items] == _UNKNOWN])
        self._kind[unknown] = _PLAIN
        self._told.append(unknown)
        for _segment, owner, _at, action in self.leaving(unknown):
            self._kind[unknown[owner[action == ROWS]]] = _EXACT

    def grow(self, item: int, span: Span) -> None:
        """Reach an item for a span."""
        self._tell_kinds(np.array([item]))
        if self._kind[item] == _EXACT:
            known = self._exact.get(item, ())
            if covers(known, span):
                return
            self._exact[item] = merge(known, span)
            self._fresh_exact.setdefault(item, []).append(span)
        else:
            self._extras[-1].append((item, span))
        self.raise_one(item, self.power(span[1]))

    def leave(self) -> None:
        """Give the room back."""
        for items in self._told:
            self._kind[items] = _UNKNOWN
        super().leave()

    def waiting(self) -> Iterator[Iterable[int]]:
        """The items that are looked at in this level, and those that it has held apart so far."""
        return iter((self._frontier.tolist(), self._frontier_exact, self._fresh_exact))

    def frontier_spans(self) -> dict[int, list[Span]]:
        """What would be looked at next, as the rows' walk has it."""
        found: dict[int, list[Span]] = defaultdict(list, self._frontier_exact)
        last = [*_spans_of(self._moments[-1]), *self._extras[-1]]
        items = {item for item, _span in last}
        known: dict[int, tuple[Span, ...]] = defaultdict(tuple)
        for moments, extras in zip(self._moments[:-1], self._extras[:-1], strict=True):
            earlier = (one for one in (*_spans_of(moments), *extras) if one[0] in items)
            for item, span in earlier:
                known[item] = merge(known[item], span)
        for item, span in last:
            if not covers(known[item], span):
                found[item].append(span)
        return dict(found)

    def spans(self) -> dict[int, tuple[Span, ...]]:
        """For which spans each item is reached."""
        by_item: dict[int, list[Span]] = {}
        moments = [one for level in self._moments for one in level]
        none = np.empty(0, np.int64)
        items, times = map(np.concatenate, zip((none, none), *moments, strict=True))
        order = np.lexsort((times, items))
        items, times = items[order], times[order]
        new = np.flatnonzero((np.diff(items, prepend=-1) != 0) | (np.diff(times, prepend=0) != 0))
        for item, time in zip(items[new].tolist(), times[new].tolist(), strict=True):
            by_item.setdefault(item, []).append((time, time))
        found = {item: tuple(spans) for item, spans in by_item.items()}
        for item, span in (one for level in self._extras for one in level):
            found[item] = merge(found.get(item, ()), span)
        return found | self._exact


def _spans_of(moments: Iterable[_Moments]) -> Iterator[tuple[int, Span]]:
    for items, times in moments:
        for item, time in zip(items.tolist(), times.tolist(), strict=True):
            yield item, (time, time)
