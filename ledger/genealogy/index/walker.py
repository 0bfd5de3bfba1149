"""Walks over the index: what `ledger.genealogy.walk.walk` finds, sooner.

A walk begins a row at a time, with the steps of `ledger.genealogy.walk` over the index's rows.
Once a level is wide it goes on in arrays (`wide_forward`, `wide_backward`). Both find what the
database would: items, spans, depths, nodes, intervals and where a limit cut, at the times that the
reader was opened for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ledger.genealogy.index.reader import IndexReader, NotIndexedError
from ledger.genealogy.index.wide import WideWalk
from ledger.genealogy.index.wide_backward import WideBackward
from ledger.genealogy.index.wide_forward import WideForward
from ledger.genealogy.intervals import ALWAYS, Span
from ledger.genealogy.limits import TimedLinks, TimeIsUpError
from ledger.genealogy.roles import MATERIAL
from ledger.genealogy.walk import BackwardStep, ForwardStep, Step, Walk, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ledger.genealogy.index.segment import Array
    from ledger.genealogy.index.view import View
    from ledger.genealogy.links import LinkReader
    from ledger.genealogy.roles import Kind
    from ledger.genealogy.walk import Links

__all__ = ["WIDE", "IndexWalker", "Reach"]

WIDE: Final = 200
"""Items of a level from which on arrays are faster than rows."""

_EARLY: Final = 2
"""Levels at which a few items are looked at for their many links: what a recall begins with is
often one lot that went into everything. Later it would slow down every level of a long chain."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a walk reached, without spans and links."""

    items: Array
    """Surrogate ids, the root among them, nearest first."""
    depths: Array
    """The fewest links from the root to each."""
    stopped_by: str | None
    """As in `Walk`."""


@dataclass(frozen=True, slots=True)
class IndexWalker:
    """Walks over one view; a `Walker`."""

    view: View
    wide: int = WIDE

    def __call__(
        self,
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
        """Walk as `ledger.genealogy.walk.walk` does."""
        try:
            done = self._walk(
                links,
                root,
                forward=forward,
                kinds=kinds,
                spans=spans,
                depth=depth,
                most_items=most_items,
                time_is_up=time_is_up,
            )
        except NotIndexedError:
            return walk(
                links,
                root,
                forward=forward,
                kinds=kinds,
                spans=spans,
                depth=depth,
                most_items=most_items,
                time_is_up=time_is_up,
            )
        if isinstance(done, Walk):
            return done
        walked = done.walked()
        done.leave()
        return walked

    def reach(
        self,
        links: LinkReader,
        root: int,
        *,
        forward: bool,
        kinds: Collection[Kind] = MATERIAL,
        depth: int | None = None,
        most_items: int | None = None,
    ) -> Reach:
        """Walk likewise, and return no more than ids and depths."""
        try:
            done = self._walk(
                links,
                root,
                forward=forward,
                kinds=kinds,
                spans=ALWAYS,
                depth=depth,
                most_items=most_items,
            )
        except NotIndexedError:
            done = walk(
                links, root, forward=forward, kinds=kinds, depth=depth, most_items=most_items
            )
        if isinstance(done, WideWalk):
            found = Reach(*done.depths(), done.stopped_by)
            done.leave()
            return found
        count = len(done.depth)
        return Reach(
            np.fromiter(done.depth, np.int64, count),
            np.fromiter(done.depth.values(), np.int64, count),
            done.stopped_by,
        )

    def _walk(
        self,
        links: LinkReader,
        root: int,
        *,
        forward: bool,
        kinds: Collection[Kind],
        spans: Sequence[Span],
        depth: int | None,
        most_items: int | None,
        time_is_up: Callable[[], bool] | None = None,
    ) -> Walk | WideWalk:
        reader: Links = IndexReader(self.view, links)
        if time_is_up is not None:
            reader = TimedLinks(reader, time_is_up)
        state = Walk(root, forward, {root: tuple(spans)}, {root: 0})
        step: Step = (ForwardStep if forward else BackwardStep)(reader, state, kinds)
        frontier: Mapping[int, list[Span]] = {root: list(spans)}
        level = 0
        while frontier:
            limit = _limit(level, len(state.reached), depth, most_items)
            if limit is not None:
                step.peek(frontier, limit)
                break
            if len(frontier) >= self.wide or (level < _EARLY and self._is_wide(frontier)):
                wide = (WideForward if forward else WideBackward)(self.view, links, step)
                wide.take_over(frontier)
                while wide.going:
                    limit = _limit(level, wide.count, depth, most_items)
                    if limit is not None:
                        wide.peek(limit)
                        break
                    level += 1
                    try:
                        wide.begin_level()
                        wide.level(level)
                    except TimeIsUpError:
                        wide.stop(level)
                        break
                return wide
            level += 1
            try:
                frontier = step.level(frontier, level)
            except TimeIsUpError:
                step.stop(frontier, level)
                break
        numbers = np.fromiter(state.nodes, np.int64, len(state.nodes))
        state.nodes = set(self.view.node_ids(numbers).tolist())
        return state

    def _is_wide(self, frontier: Iterable[int]) -> bool:
        """Whether few items have many links."""
        links = sum(len(lane.of_item(item)) for item in frontier for lane in self.view.lanes)
        return links >= self.wide


def _limit(level: int, reached: int, depth: int | None, most_items: int | None) -> str | None:
    """The limit that is reached, if one is."""
    if depth is not None and level >= depth:
        return "depth"
    if most_items is not None and reached > most_items:
        return "items"
    return None
