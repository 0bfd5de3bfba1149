"""Making a segment in memory from a few links: those of the events behind an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ledger.genealogy.index.segment import ROLE, Segment, log_type, narrowest
from ledger.genealogy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.genealogy.index.segment import Array

__all__ = ["make_tail", "node_count", "number_nodes"]

_UNKNOWN: Final = -1


def node_count(segments: Sequence[Segment]) -> int:
    """How many nodes have numbers."""
    return segments[-1].first_node + len(segments[-1].node_ids)


def number_nodes(segments: Sequence[Segment], nodes: Array) -> Array:
    """The numbers of nodes by their ids, -1 for unknown ones."""
    found = np.full(len(nodes), _UNKNOWN, np.int64)
    for segment in segments:
        ids = segment.node_ids
        if len(ids):
            places = np.searchsorted(ids, nodes)
            places[places == len(ids)] = 0
            hits = ids[places] == nodes
            found[hits] = places[hits] + segment.first_node
    return found


def make_tail(segments: Sequence[Segment], links: Array, last_event: int, logs: Array) -> Segment:
    """Make a segment of the links behind earlier segments.

    Args:
        segments: The earlier ones, a base first.
        links: Rows as `ledger.genealogy.index.extract` reads them.
        last_event: The last event that was looked at.
        logs: The logs of the events behind the earlier segments, as
            `ledger.genealogy.index.extract` reads them.
    """
    first_event = segments[-1].last_event + 1
    first_node = node_count(segments)
    item, role, event, node, time, peer = links.T
    ids, own = np.unique(node, return_inverse=True)
    numbers = number_nodes(segments, ids)
    new = numbers == _UNKNOWN
    numbers[new] = np.arange(first_node, first_node + np.count_nonzero(new))
    number = numbers[own]
    event = event - first_event
    times = np.zeros(int(event.max(initial=-1)) + 1, np.int64)
    times[event] = time
    item_type = narrowest(int(item.max(initial=0)))
    node_type = narrowest(int(number.max(initial=0)))
    event_type = narrowest(len(times))
    by_item = np.lexsort((event, role, item))
    by_node = np.lexsort((role & ROLE, number))
    item_keys, item_starts = _rows(item[by_item])
    node_keys, node_starts = _rows(number[by_node])
    places = np.searchsorted(node_keys, number[(role & ROLE) == Role.INPUT])
    inputs = np.bincount(places, minlength=len(node_keys))
    return Segment(
        first_event=first_event,
        last_event=last_event,
        first_node=first_node,
        item_keys=item_keys.astype(item_type),
        item_starts=item_starts,
        item_node=number[by_item].astype(node_type),
        item_event=event[by_item].astype(event_type),
        item_role=role[by_item].astype(np.uint8),
        item_peer=peer[by_item].astype(item_type),
        node_keys=node_keys.astype(node_type),
        node_starts=node_starts,
        node_middles=node_starts[:-1] + inputs.astype(node_starts.dtype),
        node_item=item[by_node].astype(item_type),
        node_event=event[by_node].astype(event_type),
        node_role=role[by_node].astype(np.uint8),
        node_ids=ids[new],
        times=times,
        logs=logs[: len(times)].astype(log_type(int(logs.max(initial=0)))),
    )


def _rows(owners: Array) -> tuple[Array, Array]:
    """The owners of sorted rows, and where the rows of each begin."""
    keys, begins = np.unique(owners, return_index=True)
    return keys, np.append(begins, len(owners)).astype(np.uint32)
