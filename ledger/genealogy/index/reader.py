"""Links read from the index, a row at a time, as `LinkReader` reads them from the database.

It is for walks that reach a few hundred items, which arrays would make slower, and it makes them
exact with nothing said twice: `ledger.genealogy.walk` runs over it as over the database. Two things
differ. A node is its number. Quantities are read, from the table, with links of children only:
those whose amounts say when an interval ends.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from ledger.genealogy.index.segment import LEFT_OUT, QUANTITY, ROLE
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ledger.genealogy.index.view import View
    from ledger.genealogy.links import LinkReader, LinkRow, StepRow

__all__ = ["IndexReader", "NotIndexedError"]

_CHILDREN: Final = frozenset({Role.PACKED, Role.UNPACKED, Role.INSTALLED, Role.REMOVED})


class NotIndexedError(Exception):
    """Links in these roles are in the table only."""


class IndexReader:
    """Has the methods of `LinkReader` that walks call."""

    __slots__ = ("_all", "_links", "_view")

    def __init__(self, view: View, links: LinkReader) -> None:
        self._view = view
        self._links = links
        self._all = (
            links.as_of == FOREVER
            and links.newest_event >= view.last_event
            and not links.hidden
            and links.share is None
        )

    def scan_items(self, items: Collection[int], roles: Iterable[int]) -> Iterator[LinkRow]:
        """As `LinkReader.scan_items`."""
        wanted = _wanted(tuple(roles))
        stated: set[int] = set()
        for lane in self._view.lanes:
            first, role_of, event_of = lane.first_event, lane.item_role, lane.item_event
            times = lane.times
            for item in items:
                for at in lane.of_item(item):
                    role = role_of[at]
                    if not wanted >> (role & ROLE) & 1:
                        continue
                    event = event_of[at]
                    time = times[event]
                    if not self._all and self._is_hidden(event + first, time, lane.logs[event]):
                        continue
                    event += first
                    if role & QUANTITY and role & ROLE in _CHILDREN:
                        stated.add(item)
                        continue
                    peer = lane.item_peer[at] or None
                    yield item, role & ROLE, event, lane.item_node[at], time, peer, None, None
        if stated:
            # Rows without a quantity were read already.
            roles = [role for role in _CHILDREN if wanted >> role & 1]
            rows = [row for row in self._links.of_items(stated, roles) if row[6] is not None]
            numbers = self._view.node_numbers(np.array([row[3] for row in rows], np.int64))
            for row, node in zip(rows, numbers.tolist(), strict=True):
                yield *row[:3], node, *row[4:]

    def of_items(self, items: Collection[int], roles: Iterable[int]) -> list[LinkRow]:
        """As `LinkReader.of_items`."""
        return list(self.scan_items(items, roles))

    def scan_nodes(self, nodes: Collection[int], role: int) -> Iterator[StepRow]:
        """As `LinkReader.scan_nodes`, of nodes by their numbers."""
        _wanted((role,))
        for lane in self._view.lanes:
            first, role_of, event_of = lane.first_event, lane.node_role, lane.node_event
            times, item_of = lane.times, lane.node_item
            for node in nodes:
                for at in lane.of_node(node, role):
                    if role_of[at] & ROLE != role:
                        continue
                    event = event_of[at]
                    time = times[event]
                    if not self._all and self._is_hidden(event + first, time, lane.logs[event]):
                        continue
                    yield item_of[at], event + first, node, time

    def of_nodes(self, nodes: Collection[int], roles: Iterable[int]) -> list[LinkRow]:
        """As `LinkReader.of_nodes`, of nodes by their numbers."""
        at_nodes = set(nodes)
        roles = list(roles)
        items = {step[0] for role in roles for step in self.scan_nodes(at_nodes, role)}
        return [row for row in self.scan_items(items, roles) if row[3] in at_nodes]

    def _is_hidden(self, event: int, time: int, log: int) -> bool:
        links = self._links
        return (
            time > links.as_of
            or event > links.newest_event
            or event in links.hidden
            or (links.share is not None and not links.share.holds(log, event))
        )


@cache
def _wanted(roles: tuple[int, ...]) -> int:
    """A bit for each of the roles."""
    wanted = 0
    for role in roles:
        if role in LEFT_OUT:
            raise NotIndexedError
        wanted |= 1 << role
    return wanted
