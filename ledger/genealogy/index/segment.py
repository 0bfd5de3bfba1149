"""The arrays of the index, and how links are found in them.

A segment holds the links of a run of events, twice: by item and by node. The first one, the *base*,
reaches from the first event to some event; *deltas* and a *tail* follow it. Rules:

* An item stands for itself by its surrogate id; nodes, whose ids are far apart, are numbered. A
  node keeps its number in later segments, new ones are numbered on.
* An event is a number from the segment's first event on, and its time and log stand once in `times`
  and `logs`.
* `*_keys` names the owners of the rows in order; a base has none, for each owner is its own place.
* Bit 7 of a role says that the link states a quantity, which is read from the table where needed.
* Links in the roles of `LEFT_OUT` lead nowhere and are not here.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ledger.genealogy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ARRAYS",
    "LEFT_OUT",
    "QUANTITY",
    "ROLE",
    "Array",
    "Segment",
    "expand",
    "log_type",
    "narrowest",
]

Array: TypeAlias = NDArray[Any]

LEFT_OUT: Final = frozenset({Role.OBSERVED, Role.CREATED, Role.ENDED})
"""Roles that no link of a genealogy is made of."""
QUANTITY: Final = 0x80
"""The bit of a role that says: the table states a quantity."""
ROLE: Final = QUANTITY - 1
"""The other bits."""
_NOWHERE: Final = range(0)


def log_type(largest: int) -> np.dtype[Any]:
    """The unsigned type that holds a log's surrogate id: there are few, and one for each event."""
    return np.dtype(np.uint8) if largest < 1 << 8 else narrowest(largest)


def narrowest(largest: int) -> np.dtype[Any]:
    """The unsigned type of 4 or 8 bytes that holds a number."""
    return np.dtype(np.uint32 if largest < 1 << 32 else np.uint64)


@dataclass(frozen=True, slots=True)
class Segment:
    """The links of a run of events."""

    first_event: int
    last_event: int
    """The run ends here, whether or not this event has links."""
    first_node: int
    """The number of the first of `node_ids`."""
    item_keys: Array
    item_starts: Array
    """Where the rows of each owner begin, and at the end where they stop."""
    item_node: Array
    item_event: Array
    item_role: Array
    item_peer: Array
    """A child's parent; 0 for none."""
    node_keys: Array
    node_starts: Array
    node_middles: Array
    """The rows of a node are in order of role: those of inputs end here."""
    node_item: Array
    node_event: Array
    node_role: Array
    node_ids: Array
    """Ids of the nodes that no earlier segment has, in order."""
    times: Array
    """Microseconds, by event from `first_event` on."""
    logs: Array
    """Surrogate ids of the logs, likewise; 0 for an event that isn't there."""

    def arrays(self) -> Iterator[tuple[str, Array]]:
        """The arrays with their names."""
        return ((name, getattr(self, name)) for name in ARRAYS)

    def of_items(self, items: Array) -> tuple[Array, Array]:
        """Places of the rows of items; see `expand`."""
        return expand(self.item_keys, self.item_starts[:-1], self.item_starts[1:], items)

    def of_nodes(self, nodes: Array, role: int) -> tuple[Array, Array]:
        """Places of rows of nodes, by number, among them all in a role; see `expand`."""
        if role == Role.INPUT:
            return expand(self.node_keys, self.node_starts[:-1], self.node_middles, nodes)
        return expand(self.node_keys, self.node_middles, self.node_starts[1:], nodes)


ARRAYS: Final = tuple(one.name for one in fields(Segment))[3:]
"""Names of the arrays, which are those of their files."""


def expand(keys: Array, starts: Array, stops: Array, owners: Array) -> tuple[Array, Array]:
    """Rows of owners.

    Args:
        keys: Who owns rows, in order; empty where each owner is its own place.
        starts: Where the rows of each begin.
        stops: Where they end.
        owners: Whose rows are wanted; who isn't known has none.

    Returns:
        For each row the place of its owner in `owners`, and the place of the row.
    """
    # By `take` and `compress`, and numbers of 8 bytes, numpy finds places two to four times as fast
    # as by brackets.
    known = len(starts)
    there: Array | None = None
    if len(keys):
        places = np.searchsorted(keys, owners)
        places[places == known] = 0
        there = np.flatnonzero(keys.take(places) == owners)
        own = places.take(there)
    elif owners.max(initial=0) < known:
        own = owners
    else:
        there = np.flatnonzero(owners < known)
        own = owners.take(there)
    begins = starts.take(own).astype(np.int64)
    counts = stops.take(own).astype(np.int64) - begins
    sums = np.cumsum(counts)
    total = int(sums[-1]) if len(sums) else 0
    owner = np.repeat(np.arange(len(own)), counts)
    rows = np.arange(total) + (begins - (sums - counts)).take(owner)
    return owner if there is None else there.take(owner), rows


def span_of(keys: memoryview, starts: memoryview, stops: memoryview, owner: int) -> range:
    """As `expand`, for one owner: the places of its rows."""
    if keys:
        place = bisect_left(keys, owner)
        if place == len(keys) or keys[place] != owner:
            return _NOWHERE
        owner = place
    elif owner >= len(starts):
        return _NOWHERE
    return range(starts[owner], stops[owner])
