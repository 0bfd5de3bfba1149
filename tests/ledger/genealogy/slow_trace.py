"""A slow trace, written from docs/tracing.md alone, that the real ones are compared with.

It knows no table, no index and no span. Time is cut into *moments*: before everything, each time that is named, each gap
between two of them, after everything. A set of moments is a number with a bit for each. A link says at which moments it
leads from one item to the other, and whether what it leads to bears it from then on; the trace repeats all links until
nothing new comes. So every rule of docs/tracing.md stands here once, in the plainest form that it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS = frozenset({"transformed", "part_of_lot", "installed", "packed", "measured"})
INTERVALS = {"association": "installed", "aggregation": "packed"}

DIMENSIONS = {
    None: ("pieces", Decimal(1)),
    "EA": ("pieces", Decimal(1)),
    "H87": ("pieces", Decimal(1)),
    "KGM": ("mass", Decimal(1)),
    "GRM": ("mass", Decimal("0.001")),
    "TNE": ("mass", Decimal(1000)),
    "LTR": ("volume", Decimal("0.001")),
}
"""Units of the generator: the dimension, and how many of its SI unit one is."""


@dataclass(frozen=True)
class Thing:
    """An item as an event names it."""

    code: str
    product: str | None = None
    """The product of a serial or a lot; None of anything else."""
    lot: str | None = None
    """The code of its lot, where a serial's code names that too."""
    is_lot: bool = False
    quantity: Decimal | None = None
    """Stated for lots; None where the event doesn't say how much."""
    unit: str | None = None


@dataclass(frozen=True)
class Happening:
    """One event. Times are whole numbers of any scale."""

    name: str
    """Its eventID."""
    what: str
    """object, transformation, association, aggregation or transaction."""
    time: int
    received: int = 0
    """When it reached the ledger."""
    action: str = "ADD"
    things: tuple[Thing, ...] = ()
    """The objects of an object event or transaction, the children of the others."""
    parent: str | None = None
    inputs: tuple[Thing, ...] = ()
    outputs: tuple[Thing, ...] = ()
    transformation: str | None = None
    """The transformationID."""
    lot_number: Mapping[str, str] = field(default_factory=dict)
    """The code of the lot that cbvmda:lotNumber names, by product."""
    devices: tuple[str, ...] = ()
    location: str | None = None
    disposition: str | None = None
    declares_error: bool = False
    """It is not an event but says that the event of this name was an error."""


@dataclass(frozen=True)
class Question:
    """What is asked."""

    code: str
    backward: bool = False
    as_of: int | None = None
    known_at: int | None = None
    since: int | None = None
    until: int | None = None
    kinds: frozenset[str] | None = None
    depth: int | None = None


@dataclass(frozen=True)
class Link:
    """One link, and the moments at which it leads on."""

    kind: str
    source: str
    target: str
    event: str
    moments: int
    for_ever: bool
    """What it leads to is reached from then on, not only then."""
    quantity: tuple[Decimal, str | None] | None = None


@dataclass(frozen=True)
class Reached:
    """How an item was reached."""

    depth: int
    container: bool
    exposed_from: int | None
    """None: from the beginning."""
    exposed_until: int | None
    """None: for ever."""


LinkTold = tuple[str, str, str, str, Decimal | None, str | None]
"""Kind, from, to, the name of the event, quantity and unit."""


@dataclass(frozen=True)
class Told:
    """The answer."""

    items: Mapping[str, Reached]
    links: frozenset[LinkTold]
    beyond: frozenset[str]
    """The items with links beyond the limit of depth."""


class Moments:
    """Every moment that can differ from another one."""

    def __init__(self, times: Iterable[int]) -> None:
        self.times = sorted(set(times))
        # Bit 0 is before all, bits 1, 3, 5 … are the times, the even ones between them the gaps.
        self.at = {time: 2 * number + 1 for number, time in enumerate(self.times)}
        self.last = 2 * len(self.times)
        self.always = (1 << (self.last + 1)) - 1

    def instant(self, time: int) -> int:
        """The one moment of a time."""
        return 1 << self.at[time]

    def between(self, start: int | None, end: int | None) -> int:
        """All moments from a time to a time, both with them."""
        first = 0 if start is None else self.at[start]
        last = self.last if end is None else self.at[end]
        return sum(1 << bit for bit in range(first, last + 1))

    def onward(self, moments: int) -> int:
        """The first of these moments and all after it."""
        return self.always & ~((moments & -moments) - 1) if moments else 0

    def until(self, moments: int) -> int:
        """The last of these moments and all before it."""
        return (1 << moments.bit_length()) - 1

    def first(self, moments: int) -> int | None:
        """The time at which these moments begin."""
        bit = (moments & -moments).bit_length() - 1
        return None if bit == 0 else self.times[bit // 2]

    def end(self, moments: int) -> int | None:
        """The time at which these moments end."""
        bit = moments.bit_length() - 1
        return None if bit == self.last else self.times[bit // 2]


class World:
    """All that happened, as far as it is known and true at the times that are asked about."""

    def __init__(
        self, happenings: Iterable[Happening], question: Question, times: Iterable[int] = ()
    ) -> None:
        """Look at the events; `times` are those that other questions may name."""
        as_of, known_at = question.as_of, question.known_at
        sent = list(happenings)
        limits = [one for one in (question.since, question.until) if one is not None]
        self.moments = Moments([*(one.time for one in sent), *limits, *times])
        known = [one for one in sent if known_at is None or one.received <= known_at]
        errors = {one.name for one in known if one.declares_error}
        there = [
            one for one in known if one.name not in errors and (as_of is None or one.time <= as_of)
        ]
        # Of one time they stand in the order of arrival.
        self.there = sorted(there, key=lambda one: one.time)
        self.links = all_links(self.there, self.moments)


def all_links(there: list[Happening], moments: Moments) -> list[Link]:
    """Every link that these events make."""
    found = [*_transformed(there, moments), *_of_lots(there, moments), *_measured(there, moments)]
    for what in INTERVALS:
        found += _intervals([one for one in there if one.what == what], moments)
    return found


def _transformed(there: list[Happening], moments: Moments) -> Iterable[Link]:
    transformations = [one for one in there if one.what == "transformation"]
    for use in transformations:
        for making in transformations:
            joined = use.transformation is not None and use.transformation == making.transformation
            if (use is making or joined) and making.time >= use.time:
                for a in use.inputs:
                    for b in making.outputs:
                        yield Link(
                            "transformed",
                            a.code,
                            b.code,
                            making.name,
                            moments.instant(use.time),
                            for_ever=True,
                            quantity=None if a.quantity is None else (a.quantity, a.unit),
                        )


def _of_lots(there: list[Happening], moments: Moments) -> Iterable[Link]:
    for one in there:
        for thing in (*one.things, *one.inputs, *one.outputs):
            if thing.lot is not None:
                yield Link(
                    "part_of_lot", thing.lot, thing.code, one.name, moments.always, for_ever=False
                )
        if one.what == "transformation" or (one.what, one.action) == ("object", "ADD"):
            made = one.outputs if one.what == "transformation" else one.things
            for thing in made:
                if thing.product is None or thing.is_lot:
                    continue
                if lot := one.lot_number.get(thing.product):
                    yield Link(
                        "part_of_lot", lot, thing.code, one.name, moments.always, for_ever=False
                    )


def _measured(there: list[Happening], moments: Moments) -> Iterable[Link]:
    for one in there:
        named = [thing.code for thing in (*one.things, *one.outputs)]
        named += [] if one.parent is None else [one.parent]
        for device in one.devices:
            for code in named:
                yield Link(
                    "measured", device, code, one.name, moments.instant(one.time), for_ever=True
                )


def _intervals(there: list[Happening], moments: Moments) -> Iterable[Link]:
    """The times that each child was in each parent: one link for each ADD."""
    pairs = {
        (one.parent, thing.code)
        for one in there
        for thing in one.things
        if one.action == "ADD" and one.parent is not None
    }
    for parent, child in sorted(pairs):
        mine = [one for one in there if one.parent == parent]
        adds = [one for one in mine if one.action == "ADD" and _names(one, child)]
        deletes = [
            one for one in mine if one.action == "DELETE" and (_names(one, child) or not one.things)
        ]
        by_amount = _can_be_added(
            [thing for one in (*adds, *deletes) for thing in one.things if thing.code == child]
        )
        open_since: list[Happening] = []
        left = Decimal(0)
        for time in sorted({one.time for one in (*adds, *deletes)}):
            coming = [one for one in adds if one.time == time]
            going = [one for one in deletes if one.time == time]
            empties = any(not one.things for one in going)
            was_in = bool(open_since) or (empties and _anything_in(mine, parent, time))
            if not was_in:
                open_since += coming
                left += _amount(coming, child)
            if going:
                left -= _amount(going, child)
                if empties or not by_amount or left <= 0:
                    for one in open_since:
                        yield _interval(one, child, time, moments)
                    open_since, left = [], Decimal(0)
            if was_in:
                open_since += coming
                left += _amount(coming, child)
        for one in open_since:
            yield _interval(one, child, None, moments)


def _names(one: Happening, child: str) -> bool:
    return any(thing.code == child for thing in one.things)


def _can_be_added(things: list[Thing]) -> bool:
    """Whether all of them state a quantity, in units that measure the same."""
    if any(thing.quantity is None for thing in things):
        return False
    return len({DIMENSIONS[thing.unit][0] for thing in things}) == 1


def _amount(events: list[Happening], child: str) -> Decimal:
    return sum(
        (
            thing.quantity * DIMENSIONS[thing.unit][1]
            for one in events
            for thing in one.things
            if thing.code == child and thing.quantity is not None
        ),
        Decimal(0),
    )


def _anything_in(mine: list[Happening], parent: str, time: int) -> bool:
    """Whether any child at all was in a parent right before a time."""
    before = [one for one in mine if one.time < time]
    moments = Moments([one.time for one in mine])
    gap = moments.instant(time) >> 1
    return any(link.moments & gap for link in _intervals(before, moments))


def _interval(add: Happening, child: str, end: int | None, moments: Moments) -> Link:
    thing = next(thing for thing in add.things if thing.code == child)
    assert add.parent is not None
    return Link(
        INTERVALS[add.what],
        child,
        add.parent,
        add.name,
        moments.between(add.time, end),
        for_ever=False,
        quantity=None if thing.quantity is None else (thing.quantity, thing.unit),
    )


def trace(world: World, question: Question) -> Told:
    """What is ahead of an item, or behind it."""
    moments = world.moments
    links = _asked_for(world.links, question, used=_used(world.there, question.code))
    reached = {question.code: moments.between(question.since, question.until)}
    depths = {question.code: 0}
    told: set[Link] = set()
    level = 0
    while level != question.depth:
        level += 1
        taken = [link for link in links if _onto(link, reached, moments, question)]
        after = dict(reached)
        for link in taken:
            to = _end(link, question)
            after[to] = after.get(to, 0) | _onto(link, reached, moments, question)
            depths.setdefault(to, level)
        if after == reached and told.issuperset(taken):
            break
        told.update(taken)
        reached = after
    further = {link for link in links if _onto(link, reached, moments, question)} - told
    return Told(
        items={
            code: Reached(
                depth=depth,
                container=not question.backward
                and depth > 0
                and all(link.kind == "packed" for link in told if link.target == code),
                exposed_from=moments.first(reached[code]),
                exposed_until=moments.end(reached[code]),
            )
            for code, depth in depths.items()
        },
        links=frozenset(_told(link) for link in told),
        beyond=frozenset(_start(link, question) for link in further),
    )


def manner(world: World, kind: str, source: str, target: str, event: str) -> str | None:
    """What people call that which a link's event did, of transformations."""
    if kind != "transformed":
        return None
    [making] = [one for one in world.there if one.name == event]
    joined = [
        one
        for one in world.there
        if one is making
        or (one.transformation is not None and one.transformation == making.transformation)
    ]
    inputs = {thing.code: thing.product for one in joined for thing in one.inputs}
    outputs = {thing.code: thing.product for one in joined for thing in one.outputs}
    if source == target or inputs[source] is None or inputs[source] != outputs[target]:
        return None
    if len(inputs) == 1:
        return "renamed" if len(outputs) == 1 else "split"
    return "merged" if len(outputs) == 1 else None


def between(world: World, code: str, target: str) -> frozenset[LinkTold]:
    """The links on all ways from an item forward to another one, of the kinds that goods are made of."""
    links = [link for link in world.links if link.kind != "measured"]
    ahead = _all_moments(world, links, Question(code))
    behind = _all_moments(world, links, Question(target, backward=True))
    both = {one: moments & behind.get(one, 0) for one, moments in ahead.items()}
    on_a_way = set()
    for link in links:
        here = both.get(link.source, 0) & link.moments
        there = world.moments.onward(here) if link.for_ever else here
        if there & both.get(link.target, 0):
            on_a_way.add(_told(link))
    return frozenset(on_a_way)


def _all_moments(world: World, links: list[Link], question: Question) -> dict[str, int]:
    reached = {question.code: world.moments.always}
    while True:
        after = dict(reached)
        for link in links:
            to = _end(link, question)
            after[to] = after.get(to, 0) | _onto(link, after, world.moments, question)
        if after == reached:
            return reached
        reached = after


def _used(there: list[Happening], code: str) -> bool:
    return any(code == thing.code for one in there for thing in one.inputs)


def _asked_for(links: list[Link], question: Question, *, used: bool) -> list[Link]:
    """The links of the kinds that are asked for; without a choice readings only as docs say."""
    kinds = question.kinds
    if kinds is None:
        went_into = {link.kind for link in links if link.source == question.code}
        kinds = KINDS if went_into == {"measured"} and not used else KINDS - {"measured"}
    return [link for link in links if link.kind in kinds]


def _told(link: Link) -> LinkTold:
    quantity, unit = link.quantity or (None, None)
    return link.kind, link.source, link.target, link.event, quantity, unit


def _start(link: Link, question: Question) -> str:
    return link.target if question.backward else link.source


def _end(link: Link, question: Question) -> str:
    return link.source if question.backward else link.target


def _onto(link: Link, reached: Mapping[str, int], moments: Moments, question: Question) -> int:
    """The moments for which a link leads to its other end; none if it isn't taken at all."""
    here = reached.get(_start(link, question), 0)
    if not link.for_ever:
        return here & link.moments
    if question.backward:
        return link.moments & moments.until(here)
    return moments.onward(here & link.moments)


@dataclass(frozen=True)
class Standing:
    """Where an item is and how it fares."""

    location: str | None
    disposition: str | None
    inside: str | None


def standing(world: World, code: str) -> Standing:
    """What its newest events say, and those of what it was inside then."""
    moments, there = world.moments, world.there
    links = [link for link in world.links if link.kind in INTERVALS.values()]
    within = {code: moments.always}
    while True:
        after = dict(within)
        for link in links:
            now = after.get(link.source, 0) & link.moments
            after[link.target] = after.get(link.target, 0) | now
        if after == within:
            break
        within = after
    # A disposition says how the outputs fare; what went in is no more.
    about = [one for one in there if _told_of(_codes(one), one, within, moments)]
    fares = [one for one in about if _told_of(_codes(one, used=False), one, within, moments)]
    still = [link for link in links if link.source == code and moments.end(link.moments) is None]
    started = {one.name: number for number, one in enumerate(there)}
    return Standing(
        location=next((one.location for one in reversed(about) if one.location), None),
        disposition=next((one.disposition for one in reversed(fares) if one.disposition), None),
        inside=max(still, key=lambda link: started[link.event]).target if still else None,
    )


def _told_of(codes: set[str], one: Happening, within: Mapping[str, int], moments: Moments) -> bool:
    return any(within.get(code, 0) & moments.instant(one.time) for code in codes)


def _codes(one: Happening, *, used: bool = True) -> set[str]:
    things = (*one.things, *one.outputs, *(one.inputs if used else ()))
    return {thing.code for thing in things} | ({one.parent} if one.parent else set())
