"""An index as it is asked: its segments, and what walks need beside them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ledger.genealogy.index.segment import Segment, span_of
from ledger.genealogy.index.tail import node_count, number_nodes
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.genealogy.index.segment import Array
    from ledger.genealogy.links import LinkReader

__all__ = ["Lane", "Room", "View", "seen_events"]


@dataclass(frozen=True, slots=True)
class Lane:
    """A segment read one row at a time: plain buffers, of which Python reads a number quickly."""

    first_event: int
    item_keys: memoryview
    item_starts: memoryview
    item_stops: memoryview
    item_node: memoryview
    item_event: memoryview
    item_role: memoryview
    item_peer: memoryview
    node_keys: memoryview
    node_starts: memoryview
    node_middles: memoryview
    node_stops: memoryview
    node_item: memoryview
    node_event: memoryview
    node_role: memoryview
    times: memoryview
    logs: memoryview

    @classmethod
    def over(cls, segment: Segment) -> Lane:
        """The lane over a segment."""
        arrays = {name: one.data for name, one in segment.arrays() if name != "node_ids"}
        for owner in ("item", "node"):
            starts = arrays[f"{owner}_starts"]
            arrays[f"{owner}_starts"], arrays[f"{owner}_stops"] = starts[:-1], starts[1:]
        return cls(segment.first_event, **arrays)

    def of_item(self, item: int) -> range:
        """Places of the rows of an item."""
        return span_of(self.item_keys, self.item_starts, self.item_stops, item)

    def of_node(self, node: int, role: int) -> range:
        """Places of rows of a node, by its number, among them all in a role."""
        if role == Role.INPUT:
            return span_of(self.node_keys, self.node_starts, self.node_middles, node)
        return span_of(self.node_keys, self.node_middles, self.node_stops, node)


class Room:
    """Arrays that a wide walk works in: zeros, but for the marks."""

    __slots__ = ("entered", "item_marks", "kinds", "node_marks", "passed", "strength")

    def __init__(self, items: int, nodes: int) -> None:
        self.strength: Array = np.zeros(items, np.uint64)
        self.kinds: Array = np.zeros(items, np.uint8)
        self.item_marks: Array = np.empty(items, np.uint32)
        self.entered: Array = np.zeros(nodes, np.uint64)
        self.passed: Array = np.zeros(nodes, bool)
        self.node_marks: Array = np.empty(nodes, np.uint32)


@dataclass(frozen=True, slots=True)
class View:
    """Segments that follow one another without a gap."""

    segments: tuple[Segment, ...]
    lanes: tuple[Lane, ...]
    items: int
    """Above the id of every item."""
    nodes: int
    """How many nodes have numbers."""
    _rooms: list[Room] = field(default_factory=list, compare=False)
    """Rooms that nobody works in: making one takes as long as a walk."""

    @classmethod
    def over(cls, segments: Sequence[Segment]) -> View:
        """The view over a base and what is behind it."""
        items = len(segments[0].item_starts) - 1
        for one in segments[1:]:
            items = max(
                items, int(one.item_keys.max(initial=0)) + 1, int(one.item_peer.max(initial=0)) + 1
            )
        lanes = tuple(map(Lane.over, segments))
        return cls(tuple(segments), lanes, items, node_count(segments))

    @property
    def last_event(self) -> int:
        """The last event it knows."""
        return self.segments[-1].last_event

    def take_room(self, items: int) -> Room:
        """Room for a walk; `items` is above the id of every item that it knows of already."""
        if items <= self.items:
            with suppress(IndexError):
                return self._rooms.pop()
        return Room(max(items, self.items), self.nodes)

    def give_room(self, room: Room) -> None:
        """Take room back, as empty as it was."""
        self._rooms.append(room)

    def node_ids(self, numbers: Array) -> Array:
        """The ids of nodes by their numbers."""
        found = np.empty(len(numbers), np.int64)
        for one in self.segments:
            own = (numbers >= one.first_node) & (numbers < one.first_node + len(one.node_ids))
            found[own] = one.node_ids[numbers[own] - one.first_node]
        return found

    def node_numbers(self, ids: Array) -> Array:
        """The numbers of nodes by their ids, -1 for unknown ones."""
        return number_nodes(self.segments, ids)


def seen_events(segment: Segment, links: LinkReader) -> Array | None:
    """Which of a segment's events a reader sees, by their numbers; None for all of them."""
    seen = None
    if links.as_of != FOREVER:
        seen = segment.times <= links.as_of
    if links.newest_event < segment.last_event:
        known = np.arange(len(segment.times)) <= links.newest_event - segment.first_event
        seen = known if seen is None else seen & known
    first, end = segment.first_event, segment.first_event + len(segment.times)
    if links.share is not None:
        after, last = np.zeros((2, int(segment.logs.max(initial=0)) + 1), np.int64)
        for log, stretch in links.share.stretches.items():
            if log < len(last):
                after[log], last[log] = stretch
        numbers = np.arange(first, end)
        shared = (after[segment.logs] < numbers) & (numbers <= last[segment.logs])
        seen = shared if seen is None else seen & shared
    hidden = [event - first for event in links.hidden if first <= event < end]
    if hidden:
        seen = np.ones(len(segment.times), bool) if seen is None else seen
        seen[hidden] = False
    return seen
