"""Where answers are cut, and at which items events lead on that they are not made of.

Of such an event nothing is told but that there is one, at an item that the answer names anyway:

* it has the item in a role that the walk leaves items in; or
* it stands at the node of a transformationID that the item went into or came out of, on the other
  side.

What may not be read is judged without any time, whatever times were asked about: else somebody
could ask again and again and find out when it happened. What is merely unverified is judged as the
walk would have taken it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ledger.genealogy.intervals import FOREVER, touches
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import BACKWARD, FORWARD, Kind, Role
from ledger.genealogy.sight import RIGHTS
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ledger.genealogy.intervals import Span
    from ledger.genealogy.sight import Sight, Withheld
    from ledger.genealogy.walk import Walk

__all__ = ["cuts"]

_LOTS: Final = frozenset({Role.LOT, Role.MEMBER})
_MOMENTS: Final = frozenset({Role.INPUT, Role.INSTRUMENT})
"""Roles that lead on only where the item is reached at that very moment."""


def cuts(
    reader: LinkReader,
    walks: Sequence[Walk],
    sight: Sight,
    kinds: Collection[Kind],
    times: tuple[int | None, int | None],
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Where an answer was cut: (reason, codes of the items that lead on), limits first.

    Args:
        reader: What the answer was read with.
        walks: What was walked.
        sight: What the reader sees, and what not.
        kinds: The kinds of links that were followed.
        times: `as_of` and `known_at` of the question.
    """
    found = [(one.stopped_by, set(one.beyond)) for one in walks if one.stopped_by]
    for one in sight.withheld:
        items = _beyond(reader, one, walks, kinds, times)
        if items:
            found.append((one.reason, items))
    return tuple((reason, tuple(_codes(reader, items))) for reason, items in found)


def _codes(reader: LinkReader, items: Collection[int]) -> list[str]:
    rows = fetch_in(reader.connection, "SELECT code FROM item WHERE id {ids}", items)
    return sorted(code for (code,) in rows)


def _beyond(
    reader: LinkReader,
    withheld: Withheld,
    walks: Sequence[Walk],
    kinds: Collection[Kind],
    times: tuple[int | None, int | None],
) -> set[int]:
    """The items at which withheld events lead on."""
    timed = withheld.reason != RIGHTS
    as_of, known_at = times if timed else (None, None)
    opened = LinkReader.open(
        reader.connection, as_of=as_of, known_at=known_at, share=withheld.known
    )
    rest = replace(opened, share=withheld.share)
    found: set[int] = set()
    for one in walks:
        found.update(_leaving(rest, one, kinds, timed=timed))
        if Kind.TRANSFORMED in kinds:
            found.update(_shared(reader, rest, one, timed=timed))
    return found


def _leaving(rest: LinkReader, one: Walk, kinds: Collection[Kind], *, timed: bool) -> Iterator[int]:
    """Items that withheld events have in a role that the walk leaves items in."""
    leaving = FORWARD if one.forward else BACKWARD
    roles = {role for kind in kinds for role in leaving[kind]}
    for item, role, _event, _node, time, *_ in rest.scan_items(one.reached, roles):
        if not timed or _leads_on(role, time, one.reached[item]):
            yield item


def _leads_on(role: int, time: int, spans: Sequence[Span]) -> bool:
    if role in _LOTS:
        return True
    if role in _MOMENTS:
        return touches(spans, time)
    return spans[-1][1] >= time


def _shared(reader: LinkReader, rest: LinkReader, one: Walk, *, timed: bool) -> Iterator[int]:
    """Items of a transformation of several events of which withheld ones tell the other side."""
    own, other = (Role.INPUT, Role.OUTPUT) if one.forward else (Role.OUTPUT, Role.INPUT)
    entered: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for item, _event, node, time in reader.scan_shared(one.reached, own):
        if _leads_on(own, time, one.reached[item]):
            entered[node].append((item, time))
    ends: dict[int, int] = {}
    for _item, _event, node, time in rest.scan_nodes(entered, other):
        # Forward the latest output counts, backward the earliest input.
        ends[node] = max(ends.get(node, -FOREVER), time if one.forward else -time)
    for node, end in ends.items():
        for item, time in entered[node]:
            if not timed or (time if one.forward else -time) <= end:
                yield item
