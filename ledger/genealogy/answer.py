"""Building an answer: from what was walked, in surrogate ids, to codes, states and links.

Quantities are exact decimals as text, with UN/ECE Rec 20 units; no unit means a count. The quantity
of a transformed link is what of `from` went into that event: an event with several outputs repeats
it on each of their links, it is not to be added up over them.

An event that joins very many inputs to very many outputs would have their product in links.
Above `PAIRS_LISTED` pairs the event itself stands in between: links from each input to the event,
and from the event to each output.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import chain, starmap
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ledger.genealogy.intervals import FOREVER, touches
from ledger.genealogy.manners import Manner, fitted_manner, joined_manners, of_one_product
from ledger.genealogy.roles import Kind, Role
from ledger.genealogy.units import as_amount, dimension_of, factor_of, is_additive, si_unit
from ledger.levels import level_of
from ledger.state import Lives
from ledger.store.sets import fetch_plain_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from identifiers import Level
    from ledger.genealogy.links import LinkReader, LinkRow
    from ledger.genealogy.walk import Walk

__all__ = ["PAIRS_LISTED", "Answer", "TraceItem", "TraceLink", "link_order"]

PAIRS_LISTED: Final = 10_000
"""Pairs of one event that are listed one by one; see the module's docstring."""

_MADE: Final = frozenset({Role.OUTPUT, Role.CREATED})
_BEFORE: Final = {
    Role.INPUT: Kind.TRANSFORMED,
    Role.LOT: Kind.PART_OF_LOT,
    Role.INSTRUMENT: Kind.MEASURED,
}
_AFTER: Final = {
    Role.OUTPUT: Kind.TRANSFORMED,
    Role.MEMBER: Kind.PART_OF_LOT,
    Role.MEASURED: Kind.MEASURED,
}
_READINGS: Final = (Role.INSTRUMENT, Role.MEASURED)


# Answers have a hundred thousand of these: a dataclass takes ten times as long to make, and as long
# again to be looked at by the garbage collector.
class TraceItem(Struct, frozen=True, gc=False):
    """An item that the trace reached."""

    code: str
    kind: Level
    depth: int
    """The fewest links from the root."""
    quantity: str | None
    """How much of it was made, where that was stated in one unit."""
    unit: str | None
    status: str | None
    location: str | None
    holder: str | None
    inside: str | None
    """What it is packed or installed in now."""
    container: bool
    """True when it was reached only as the place where others are packed: it is not affected."""
    exposed_from: int | None = None
    """Forward, since when it is affected, in microseconds; None: ever since it is there."""
    exposed_until: int | None = None
    """Forward, when it ceased to be: what affected it was taken out. None: it is for ever."""
    step: str | None = None
    """The newest business step: the bare CBV word, or a URI."""
    last_time: int | None = None
    """Of the newest event it takes part in; microseconds."""


class TraceLink(Struct, frozen=True, gc=False):
    """A step of the genealogy, from input, child or lot to output, parent or member."""

    source: str
    target: str
    kind: Kind
    event: str
    """eventID of the evidence."""
    time: int
    """Microseconds since 1970 UTC."""
    until: int | None
    """The end of an interval that has ended."""
    quantity: str | None
    unit: str | None
    step: str | None = None
    """The business step of the evidence, which tells a repackaging, a replacement or a return: the
    bare CBV word, or a URI."""
    manner: Manner | None = None
    """What people call it, where there is a word (`ledger.genealogy.manners`)."""


_Text = str | None
_Link = tuple[str, str, Kind, str, int, int | None, _Text, _Text, _Text, Manner | None]
"""The fields of a TraceLink."""
_Order = tuple[int, str, str, int, str, str, str, str]
_Target = tuple["LinkRow", int]
"""An output, and the latest moment at which an input can have gone into it."""
_Meeting = tuple[Kind, "list[LinkRow]", "list[_Target]"]
"""A kind of link, and the rows of its sources and targets at one event node."""


def link_order(link: TraceLink) -> _Order:
    """What the links of an answer are ordered by, oldest first: unique for each of them."""
    # All of a link but what its event says of itself: two may differ in their quantity only.
    return _order(
        (
            link.source,
            link.target,
            link.kind,
            link.event,
            link.time,
            link.until,
            link.quantity,
            link.unit,
            link.step,
            link.manner,
        )
    )


def _order(link: _Link) -> _Order:
    source, target, kind, event, time, until, quantity, unit, _step, _manner = link
    end = -1 if until is None else until
    return (time, source, target, end, event, kind, quantity or "", unit or "")


@dataclass(slots=True)
class Answer:
    """Turns walks in surrogate ids into codes, states and links."""

    reader: LinkReader
    depths: dict[int, int]
    walks: Sequence[Walk]
    kinds: Collection[Kind] = tuple(Kind)
    """The kinds of links that were followed."""
    lives: Lives = field(init=False)
    """What was read of the items."""
    _codes: dict[int, str] = field(default_factory=dict)
    _levels: dict[int, Level] = field(default_factory=dict)
    _meetings: list[list[_Meeting]] = field(init=False)
    """Of each walk, the event nodes that it passed."""
    _manners: dict[int, Manner] = field(init=False)
    """Of the transformations among them."""

    def __post_init__(self) -> None:
        self.lives = Lives(self.reader, self.depths)
        self._name(self.depths)
        self._meetings = [list(self._met(one)) for one in self.walks]

    def _name(self, rows: Iterable[int]) -> None:
        missing = set(rows).difference(self._codes)
        if missing:
            found = fetch_plain_in(
                self.reader.connection, "id, code, level", "item WHERE id {ids}", missing
            )
            codes, levels = self._codes, self._levels
            for row, code, level in found:
                codes[row], levels[row] = code, level_of(level)

    @property
    def names(self) -> Mapping[int, str]:
        """The codes of all items, by id."""
        return {row: self._codes[row] for row in self.depths}

    def items(self) -> list[TraceItem]:
        """The items, the root first, in order of depth, then code."""
        states = self.lives.states(self.depths)
        self._name({one.inside for one in states.values() if one.inside is not None})
        codes, levels = self._codes, self._levels
        quantities = self._quantities()
        places = self._places()
        exposed = self._exposed()
        unknown = None, None
        ordered = sorted((depth, codes[row], row) for row, depth in self.depths.items())
        found = []
        for depth, code, row in ordered:
            state = states[row]
            quantity, unit = quantities.get(row, unknown)
            since, until = exposed.get(row, unknown)
            found.append(
                TraceItem(
                    code,
                    levels[row],
                    depth,
                    quantity,
                    unit,
                    state.status,
                    state.location,
                    state.holder,
                    None if state.inside is None else codes[state.inside],
                    row in places,
                    since,
                    until,
                    state.step,
                    state.last_time,
                )
            )
        return found

    def _exposed(self) -> dict[int, tuple[int | None, int | None]]:
        """The times of items that a forward walk has reached, from the first to the last."""
        return {
            row: (
                None if spans[0][0] == -FOREVER else spans[0][0],
                None if spans[-1][1] == FOREVER else spans[-1][1],
            )
            for one in self.walks
            if one.forward
            for row, spans in one.reached.items()
        }

    def _quantities(self) -> dict[int, tuple[str, str | None]]:
        """What was made of each item, unless that was stated in units that have no sum."""
        sums: dict[int, dict[str | None, Decimal]] = {}
        for row in self.lives.rows:
            if row[6] is not None and row[1] in _MADE:
                by_unit = sums.setdefault(row[0], {})
                by_unit[row[7]] = by_unit.get(row[7], Decimal(0)) + Decimal(row[6])
        found = ((item, _sum(by_unit)) for item, by_unit in sums.items())
        return {item: total for item, total in found if total is not None}

    def _places(self) -> set[int]:
        """Items that a forward walk reached only because others are packed in them."""
        packed: set[int] = set()
        affected = {one.root for one in self.walks}  # one may come round to itself
        for one in self.walks:
            if one.forward:
                for inside in one.inside:
                    (packed if inside.role == Role.PACKED else affected).add(inside.parent)
        if not packed:
            return packed
        for one, meetings in zip(self.walks, self._meetings, strict=True):
            if one.forward:
                for _kind, sources, targets in meetings:
                    first = min(row[4] for row in sources)
                    affected.update(row[0] for row, moment in targets if moment >= first)
        return packed - affected

    def links(self) -> list[TraceLink]:
        """The links, in order of time."""
        self._manners = joined_manners(self.reader, self._codes, self._joined())
        found = dict.fromkeys(
            chain(
                *map(self._inside, self.walks),
                chain.from_iterable(starmap(self._pairs, chain(*self._meetings))),
            )
        )
        ordered = sorted(found, key=_order)
        return list(starmap(TraceLink, ordered))

    def _joined(self) -> Iterator[tuple[int, Collection[int], Collection[int]]]:
        """The transformations that were passed, each with the items that met there.

        Not those that show at once that several items met several.
        """
        for kind, sources, targets in chain(*self._meetings):
            if kind is Kind.TRANSFORMED:
                first, last = sources[0], targets[0][0]
                if len(sources) == len(targets) == 1:
                    yield first[3], (first[0],), (last[0],)
                elif first[0] == sources[-1][0] or last[0] == targets[-1][0][0]:
                    inputs, outputs = {row[0] for row in sources}, {row[0] for row, _ in targets}
                    yield first[3], inputs, outputs

    def _inside(self, one: Walk) -> Iterator[_Link]:
        codes, events = self._codes, self.lives.events
        for link in one.inside:
            event = events[link.event]
            packed = link.role == Role.PACKED
            yield (
                codes[link.child],
                codes[link.parent],
                Kind.PACKED if packed else Kind.INSTALLED,
                event[3],
                link.span[0],
                None if link.span[1] == FOREVER else link.span[1],
                link.quantity,
                link.unit,
                event[4],
                None if packed else fitted_manner(event[4]),
            )

    def _met(self, one: Walk) -> Iterator[_Meeting]:
        """The event nodes of a walk, with what was reached in time for a link there."""
        sources: dict[int, dict[int, list[LinkRow]]] = {
            role: defaultdict(list) for role, kind in _BEFORE.items() if kind in self.kinds
        }
        targets: dict[int, dict[int, list[_Target]]] = {
            role: defaultdict(list) for role, kind in _AFTER.items() if kind in self.kinds
        }
        rows: Iterable[LinkRow] = self.lives.rows
        if Kind.MEASURED in self.kinds:
            rows = chain(rows, self.reader.of_nodes(one.nodes, _READINGS))
        nodes, reached = one.nodes, one.reached
        lot, member = Role.LOT, Role.MEMBER  # looked up once, not for every link
        for row in rows:
            item, role, _event, node, time, _peer, _quantity, _unit = row
            if node not in nodes:
                continue
            spans = reached.get(item)
            if spans is None:
                continue
            if role in sources:
                if role == lot or spans[0][0] <= time <= spans[0][1] or touches(spans, time):
                    sources[role][node].append(row)
            else:  # a node's links are all of one kind
                end = spans[-1][1]
                moment = time if time <= end or role == member else end
                targets[role][node].append((row, moment))
        for (role, before), after in zip(sources.items(), targets.values(), strict=True):
            for node in before.keys() & after.keys():
                yield _BEFORE[role], before[node], after[node]

    def _pairs(self, kind: Kind, sources: list[LinkRow], targets: list[_Target]) -> Iterable[_Link]:
        """Links through an event node: every source to every target that isn't older."""
        codes, events = self._codes, self.lives.events
        if len(sources) * len(targets) > PAIRS_LISTED:
            return self._through(kind, sources, targets)
        manner = self._manners.get(sources[0][3]) if kind is Kind.TRANSFORMED else None
        found: list[_Link] = []
        for row, moment in targets:
            target, event, at = codes[row[0]], events[row[2]], row[4]
            name, step = event[3], event[4]
            for source in sources:
                if moment >= source[4]:
                    first, quantity, unit = codes[source[0]], source[6], source[7]
                    own = manner if manner and of_one_product(first, target) else None
                    found.append((first, target, kind, name, at, None, quantity, unit, step, own))
        return found

    def _through(
        self, kind: Kind, sources: list[LinkRow], targets: list[_Target]
    ) -> Iterator[_Link]:
        """Likewise where there are very many: from each source to the event, and on from there."""
        codes = self._codes
        first, last = min(row[4] for row in sources), max(moment for _row, moment in targets)
        one = min((row for row, _ in targets), key=lambda row: (row[0], row[4], row[2]))
        between = self.lives.events[one[2]]
        name, step = between[3], between[4]
        for item, _role, _event, _node, time, _peer, quantity, unit in sources:
            if time <= last:
                yield codes[item], name, kind, name, time, None, quantity, unit, step, None
        for (item, _role, _event, _node, time, _peer, quantity, unit), moment in targets:
            if moment >= first:
                yield name, codes[item], kind, name, time, None, quantity, unit, step, None


def _sum(by_unit: dict[str | None, Decimal]) -> tuple[str, str | None] | None:
    """What amounts in several units come to: in the one there is, else in their dimension's own."""
    if len(by_unit) == 1:
        [(unit, total)] = by_unit.items()
        return format(total, "f"), unit
    dimensions = {dimension_of(unit) for unit in by_unit}
    if len(dimensions) > 1 or not all(map(is_additive, dimensions)):
        return None
    [dimension] = dimensions
    whole = sum(Fraction(total) * factor_of(unit) for unit, total in by_unit.items())
    amount = as_amount(Fraction(whole))
    return (amount.text, si_unit(dimension)) if amount.exact else None
