"""Forward and backward traces: the question, and the answer with what it is complete to.

An answer names every item reached, its state, and every link between them with the event that
is the evidence. It says `complete` with the log heads it was read at, or names the `cut`: the
reason (a limit of depth, items or time; logs that may not be read; entries that are not verified)
and the items where it fell. Items that others mention and whose own record has not come are counted
among the items with the status "announced".

What quantities mean, and how events with very many items are told, stands in `answer`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING, Any

from ledger.errors import NotFoundError
from ledger.genealogy.answer import Answer, TraceItem, TraceLink
from ledger.genealogy.beyond import cuts
from ledger.genealogy.completeness import OpenEnd, Question, begun, open_ends, questions
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.limits import time_limit
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import FORWARD, MATERIAL, Kind, Role
from ledger.genealogy.sight import LogHead, Share, Sight, sight_of
from ledger.genealogy.walk import walk
from ledger.store.sets import fetch
from ledger.stored import stored_bytes
from ledger.times import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection

    from ledger.genealogy.walk import Walker

__all__ = [
    "Direction",
    "LogHead",
    "Trace",
    "TraceItem",
    "TraceLink",
    "heads",
    "item_row",
    "root_row",
    "trace",
]


class Direction(StrEnum):
    """Which way to look."""

    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Trace:
    """The answer to one question."""

    root: str
    direction: Direction
    as_of: int | None
    known_at: int | None
    heads: dict[str, LogHead]
    """By log origin."""
    items: tuple[TraceItem, ...]
    """In order of depth, then code; the root is not among them."""
    links: tuple[TraceLink, ...]
    cut: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    """(reason, codes of the items that have links beyond it)."""
    root_item: TraceItem | None = None
    """The item that was asked about, as it is now."""
    open_ends: tuple[OpenEnd, ...] = ()
    """Items, the root among them, whose life goes on where nobody has reported it."""
    questions: tuple[Question, ...] = ()
    """What was said and can't be meant, or doesn't say enough."""
    left_out: int = 0
    """Items that were reached and aren't shown (`ledger.genealogy.selecting`)."""
    target: str | None = None
    """Where the ways end, of an answer about the ways between two items."""
    share: Share | None = field(default=None, repr=False)
    """The events that it was made of, for who reads on; None for all."""

    @property
    def complete(self) -> bool:
        """True when nothing that is known at `heads` is missing."""
        return not self.cut

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of `suyuan --json trace`."""
        return {
            "root": self.root,
            "target": self.target,
            "direction": self.direction.value,
            "as_of": as_text(self.as_of),
            "known_at": as_text(self.known_at),
            "complete": self.complete,
            "left_out": self.left_out,
            "cut": [{"reason": reason, "at": list(codes)} for reason, codes in self.cut],
            "heads": {
                origin: {"size": head.size, "root": head.root}
                for origin, head in self.heads.items()
            },
            "open_ends": [
                {"code": one.code, "reason": one.reason.value, "since": as_text(one.since)}
                for one in self.open_ends
            ],
            "questions": [
                {"topic": one.topic.value, "codes": list(one.codes), "event": one.event}
                for one in self.questions
            ],
            "items": [
                {
                    "code": item.code,
                    "kind": item.kind.value,
                    "depth": item.depth,
                    "quantity": item.quantity,
                    "unit": item.unit,
                    "status": item.status,
                    "location": item.location,
                    "holder": item.holder,
                    "inside": item.inside,
                    "container": item.container,
                    "exposed_from": as_text(item.exposed_from),
                    "exposed_until": as_text(item.exposed_until),
                    "step": item.step,
                    "last_time": as_text(item.last_time),
                }
                for item in self.items
            ],
            "links": [
                {
                    "from": link.source,
                    "to": link.target,
                    "kind": link.kind.value,
                    "event": link.event,
                    "time": as_text(link.time),
                    "until": as_text(link.until),
                    "quantity": link.quantity,
                    "unit": link.unit,
                    "step": link.step,
                    "manner": None if link.manner is None else link.manner.value,
                }
                for link in self.links
            ],
        }


def heads(connection: Connection, sight: Sight | None = None) -> dict[str, LogHead]:
    """The newest checkpointed head of every log; with `sight`, of what was read of those read."""
    rows = fetch(
        connection,
        "SELECT origin, checkpoint.size, root FROM checkpoint JOIN log ON log.id = log_id"
        " AND log.size = checkpoint.size ORDER BY origin",
    )
    found = {
        origin: LogHead(
            size, base64.b64encode(stored_bytes(root, "checkpoint.root")).decode("ascii")
        )
        for origin, size, root in rows
    }
    if sight is None:
        return found
    read = found if sight.verified is None else sight.verified
    return {
        origin: read[origin]
        for origin in sorted(read)
        if sight.origins is None or origin in sight.origins
    }


def item_row(connection: Connection, code: str) -> int:
    """The surrogate id of an item, by its canonical code.

    Raises:
        NotFoundError: No event names it.
    """
    rows = fetch(connection, "SELECT id FROM item WHERE code = {p}", code)
    if not rows:
        raise _not_found(code)
    found: int = rows[0][0]
    return found


def root_row(links: LinkReader, code: str, sight: Sight) -> int:
    """As `item_row`, of an item that events which may be used name.

    Raises:
        NotFoundError: None of them does; the sentence doesn't tell whether others do.
    """
    try:
        row = item_row(links.connection, code)
    except NotFoundError:
        row = None
    if row is not None and links.knows(row):
        return row
    if sight.verified is None:
        raise _not_found(code)
    raise NotFoundError(
        f"No verified event in this ledger names {code}. Check the code, or run 'suyuan verify'."
    )


def _not_found(code: str) -> NotFoundError:
    return NotFoundError(f"No event in this ledger names {code}. Check the code, or capture it.")


def trace(
    connection: Connection,
    code: str,
    direction: Direction = Direction.FORWARD,
    *,
    as_of: int | None = None,
    known_at: int | None = None,
    kinds: Collection[Kind] | None = None,
    since: int | None = None,
    until: int | None = None,
    depth: int | None = None,
    most_items: int | None = None,
    seconds: float | None = None,
    told_by: Collection[str] | None = None,
    verified: Mapping[str, LogHead] | None = None,
    walker: Walker | None = None,
    clock: Callable[[], float] = monotonic,
) -> Trace:
    """Trace an item by its canonical code.

    Args:
        connection: A reading transaction; the answer is of one moment.
        code: The canonical code of the root.
        direction: "both" is the forward and the backward trace together, not a walk to and fro.
        as_of: Event time in microseconds; later events are not looked at.
        known_at: Ledger time in microseconds; what was received later is not looked at.
        kinds: Kinds of links to follow; by default those of goods, and of readings as well from an
            instrument that went into nothing.
        since: The root is meant from this event time on, as an instrument that was out of
            calibration, or a lot that something befell.
        until: The root is meant up to this event time.
        depth: The most links from the root.
        most_items: A limit after which the trace is cut, for callers with bounded memory.
        seconds: Walking ends soon after. What was found is told, which takes its time as well.
        told_by: Slugs of the organisations whose logs may be read. Of others nothing is told but at
            which items they tell more, whenever that was; what only they name is not found.
        verified: By log origin how far it was verified (`ledger.verified`): entries behind that are
            not used, and the items named at which they lead on.
        walker: Walks over an index of what `connection` sees; the database is walked without one.
        clock: Seconds that only grow.

    Raises:
        NotFoundError: No event names the code, or there is no such organisation.
    """
    time_is_up = time_limit(seconds, clock)
    sight = sight_of(connection, told_by, verified)
    links = LinkReader.open(connection, as_of=as_of, known_at=known_at, share=sight.share)
    root = root_row(links, code, sight)
    ways = [way for way in (True, False) if direction is Direction.BOTH or _is(direction, way)]
    if kinds is None:
        left = {row[1] for row in links.of_items([root], chain(*FORWARD.values()))}
        # What was taken out of something that it wasn't in went into nothing.
        measures_only = left - {Role.REMOVED, Role.UNPACKED} == set(FORWARD[Kind.MEASURED])
        kinds = tuple(Kind) if measures_only else MATERIAL
    span = -FOREVER if since is None else since, FOREVER if until is None else until
    walk_along = walker or walk
    walks = [
        walk_along(
            links,
            root,
            forward=way,
            kinds=kinds,
            spans=(span,),
            depth=depth,
            most_items=most_items,
            time_is_up=time_is_up,
        )
        for way in ways
    ]
    depths = dict(walks[0].depth)
    for one in walks[1:]:
        for item, level in one.depth.items():
            depths[item] = min(level, depths.get(item, level))
    answer = Answer(links, depths, walks, kinds)
    root_item, *items = answer.items()
    steps = answer.links()
    names = answer.names
    backward = direction is not Direction.FORWARD
    return Trace(
        root=code,
        direction=direction,
        as_of=as_of,
        known_at=known_at,
        heads=heads(connection, sight),
        items=tuple(items),
        links=tuple(steps),
        cut=cuts(links, walks, sight, kinds, (as_of, known_at)),
        root_item=root_item,
        open_ends=tuple(
            open_ends(
                (root_item, *items),
                steps,
                backward=backward,
                begun=begun(answer.lives.rows, names) if backward else set(),
            )
        ),
        questions=tuple(questions(links, walks, names, steps, answer.lives.rows)),
        share=sight.share,
    )


def _is(direction: Direction, forward: bool) -> bool:  # noqa: FBT001 - one word, used once
    return direction is (Direction.FORWARD if forward else Direction.BACKWARD)
