"""All ways from one item to another, as one answer: a part of the genealogy, not a list of paths.

An item is on a way when it is ahead of the first for a moment at which it is behind the last; so
are the links between such items that touch those moments. Ten thousand paths through diamonds are
as many items and links as they share.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from ledger.genealogy.answer import Answer
from ledger.genealogy.beyond import cuts
from ledger.genealogy.intervals import overlap
from ledger.genealogy.limits import time_limit
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import MATERIAL, Kind
from ledger.genealogy.sight import sight_of
from ledger.genealogy.trace import Direction, Trace, heads, root_row
from ledger.genealogy.walk import Walk, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection

    from ledger.genealogy.intervals import Span
    from ledger.genealogy.sight import LogHead
    from ledger.genealogy.walk import Walker

__all__ = ["trace_between"]


def trace_between(
    connection: Connection,
    code: str,
    target: str,
    *,
    as_of: int | None = None,
    known_at: int | None = None,
    kinds: Collection[Kind] = MATERIAL,
    walker: Walker | None = None,
    most_items: int | None = None,
    seconds: float | None = None,
    told_by: Collection[str] | None = None,
    verified: Mapping[str, LogHead] | None = None,
    clock: Callable[[], float] = monotonic,
) -> Trace:
    """The items and links on the ways from an item forward to another, by their canonical codes.

    Args:
        connection: A reading transaction; the answer is of one moment.
        code: Where the ways begin; the root of the answer.
        target: Where they end; it is among the items unless no way leads there.
        as_of: Event time in microseconds; later events are not looked at.
        known_at: Ledger time in microseconds; what was received later is not looked at.
        kinds: Kinds of links to follow.
        walker: Walks over an index of what `connection` sees; the database is walked without one.
        most_items: A limit after which either walk is cut, for callers with bounded memory. Ways
            beyond it are missing, and the answer says so.
        seconds: As of `trace`; so are the others. Where something is withheld, or time was up, the
            items ahead of `code` are named from which ways may lead on.
        told_by: See there.
        verified: See there.
        clock: See there.

    Raises:
        NotFoundError: No event names one of the codes, or there is no such organisation.
    """
    time_is_up = time_limit(seconds, clock)
    sight = sight_of(connection, told_by, verified)
    reader = LinkReader.open(connection, as_of=as_of, known_at=known_at, share=sight.share)
    first, last = (root_row(reader, one, sight) for one in (code, target))

    def walked(root: int, *, forward: bool) -> Walk:
        return (walker or walk)(
            reader,
            root,
            forward=forward,
            kinds=kinds,
            most_items=most_items,
            time_is_up=time_is_up,
        )

    walks, ways = [walked(first, forward=True)], Walk(first, forward=True)
    if last in walks[0].reached:
        walks.append(walked(last, forward=False))
        ways = _common(*walks)
    answer = Answer(reader, ways.depth or {first: 0}, [ways], kinds)
    root, *items = answer.items()
    spans = {code: ways.reached.get(row, ()) for row, code in answer.names.items()}
    return Trace(
        root=code,
        direction=Direction.FORWARD,
        as_of=as_of,
        known_at=known_at,
        heads=heads(connection, sight),
        items=tuple(items),
        links=tuple(
            one
            for one in answer.links()
            # A lot and its member may be on ways at different times: not through each other then.
            if one.kind is not Kind.PART_OF_LOT
            or not {one.source, one.target} <= spans.keys()
            or _shared(spans[one.source], spans[one.target])
        ),
        cut=cuts(reader, walks, sight, kinds, (as_of, known_at)),
        root_item=root,
        target=target,
        share=sight.share,
    )


def _common(onward: Walk, back: Walk) -> Walk:
    """What two walks that meet have in common, at the moments that they have in common."""
    ways = Walk(onward.root, forward=True)
    for item in onward.reached.keys() & back.reached.keys():
        spans = _shared(onward.reached[item], back.reached[item])
        if spans:
            ways.reached[item] = spans
            ways.depth[item] = onward.depth[item]
    ways.nodes = onward.nodes & back.nodes
    ways.inside = {
        one
        for one in onward.inside & back.inside
        if overlap(
            _shared(ways.reached.get(one.child, ()), ways.reached.get(one.parent, ())), one.span
        )
    }
    return ways


def _shared(ones: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(part for one in ones for part in overlap(others, one))
