"""The book of a balance: every account of every lot, gathered by lot, party, step and place.

Rules kept:

* Of pieces that were shipped together and did not all arrive, the others are missing where the last
  ones were received; as long as none arrived, all are on their way.
* Gaps and questions of many pieces in one event are told once, with how many there are.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ledger.genealogy.accounts import FoundGap, GapKind, Reason, keep_account
from ledger.genealogy.balance_answer import Conversion, Count, Side, Station
from ledger.genealogy.flows import Flow, FlowKind
from ledger.genealogy.strands import strands_of
from ledger.genealogy.tolerance import EXACT, LOSS, TOLERANCE, Tolerance, stated_tolerances
from ledger.genealogy.units import Dimension, as_amount, dimension_of, factor_of, si_unit
from ledger.genealogy.yields import product_of, transformations
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.genealogy.accounts import Account, Amount, Doubt
    from ledger.genealogy.flows import EventRow
    from ledger.genealogy.links import LinkReader
    from ledger.genealogy.lots import Group, Subject
    from ledger.genealogy.moves import Moves
    from ledger.genealogy.strands import Strand
    from ledger.genealogy.yields import SideSum, Transformation

__all__ = ["Book", "FlowKey", "GapKey", "QuestionKey", "Sums", "Told"]


@dataclass(slots=True)
class Sums:
    """The amounts of one total, in SI units."""

    known: bool = False
    opening: Amount = 0
    opening_transit: Amount = 0
    stock: Amount = 0
    transit: Amount = 0
    flows: dict[FlowKind, Amount] = field(default_factory=lambda: defaultdict(int))
    gap: Amount = 0

    def add(self, other: Sums) -> None:
        """Add another total."""
        self.known |= other.known
        self.opening += other.opening
        self.opening_transit += other.opening_transit
        self.stock += other.stock
        self.transit += other.transit
        self.gap += other.gap
        for kind, amount in other.flows.items():
            self.flows[kind] += amount


@dataclass(slots=True)
class Told:
    """A gap or a question, gathered over the pieces of one lot."""

    amount: Amount | None = None
    base: Amount = 0
    items: list[str] = field(default_factory=list)

    def add(self, amount: Amount | None) -> None:
        """Add what is known of the amount."""
        if amount is not None:
            self.amount = (self.amount or 0) + amount


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A piece that was shipped and not received."""

    lot: str | None
    item: int
    flow: Flow


_Key = tuple[str | None, str]
"""(lot, dimension)"""


class FlowKey(NamedTuple):
    """What flows are added up by."""

    lot: str | None
    dimension: str
    kind: FlowKind
    log: int
    place: str | None
    step: str | None
    to: str | None


class GapKey(NamedTuple):
    """What gaps of pieces are gathered by."""

    lot: str | None
    dimension: str
    kind: GapKind
    event: EventRow
    below: bool
    """Something is missing."""


class QuestionKey(NamedTuple):
    """What questions are gathered by."""

    lot: str | None
    dimension: str
    reason: Reason
    event: EventRow | None


@dataclass(slots=True)
class Book:
    """The accounts of one question."""

    links: LinkReader
    subject: Subject
    moves: Moves
    since: int = 0
    place: str | None = None
    given: Tolerance | None = None
    product: str = ""
    counts: list[Count] = field(default_factory=list)
    conversions: list[Conversion] = field(default_factory=list)
    sums: dict[_Key, Sums] = field(default_factory=lambda: defaultdict(Sums))
    flows: dict[FlowKey, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    told_gaps: dict[GapKey, Told] = field(default_factory=dict)
    told_questions: dict[QuestionKey, Told] = field(default_factory=dict)
    _tolerances: dict[str, Tolerance] = field(default_factory=dict)
    parties: dict[int, str] = field(default_factory=dict)
    _units: dict[str, str | None] = field(default_factory=dict)

    def reckon(self, code: str, known_at: int | None) -> None:
        """Keep all accounts."""
        connection = self.links.connection
        self.parties = dict(fetch(connection, "SELECT id, organisation FROM log"))
        self.product = product_of(code)
        self._choose_units()
        stated = {self.product, code, *(self._lot(group) or code for group in self.subject.groups)}
        self._tolerances, unreadable = stated_tolerances(connection, stated, TOLERANCE, known_at)
        for group in self.subject.groups:
            self._reckon_group(group)
        self._reckon_yields(known_at)
        for event in self.moves.errors:
            self._ask(Reason.DECLARED_ERROR, event)
        for event in self.moves.different:
            self._ask(Reason.TOLD_DIFFERENTLY, event)
        if self.subject.class_item is not None:
            item = self.subject.class_item
            for part in self.moves.parts.get(item, []):
                event = self.moves.events[part.event]
                told = self._ask(Reason.CLASS_ONLY, event, item, dimension_of(part.unit))
                told.add(part.amount)
        for item in self.subject.several:
            self._ask(Reason.SEVERAL_LOTS, None, item)
        for wrong in unreadable:
            told = self._ask(Reason.UNREADABLE_TOLERANCE, None)
            told.items.append(wrong)

    def _lot(self, group: Group) -> str | None:
        return None if group.lot is None else self.subject.codes[group.lot]

    def _choose_units(self) -> None:
        """The unit of a dimension: the one that was stated, if it is the only one."""
        units: dict[str, set[str | None]] = defaultdict(set)
        for item, parts in self.moves.parts.items():
            if item != self.subject.class_item:
                for part in parts:
                    if part.named:
                        units[dimension_of(part.unit)].add(part.unit)
        for dimension, found in units.items():
            self._units[dimension] = found.pop() if len(found) == 1 else si_unit(dimension)

    def unit(self, dimension: str) -> str | None:
        """The unit that a dimension is told in."""
        return self._units.get(dimension, si_unit(dimension))

    def _reckon_group(self, group: Group) -> None:
        lot = self._lot(group)
        found = strands_of(self.moves, group.lot, group.pieces)
        waiting: list[_Waiting] = []
        arrived: dict[int, list[Flow]] = defaultdict(list)
        came = sum(strand.piece for strand in found.strands)
        for strand in found.strands:
            account = keep_account(
                strand.flows, since=self.since, judged=strand.judged, whole=not strand.piece
            )
            self._enter(lot, strand, account, came)
            if strand.piece:
                waiting += [_Waiting(lot, strand.item, flow) for flow, _ in account.under_way]
                for event, flow in account.arrived.items():
                    arrived[event].append(flow)
        self._miss(waiting, arrived)
        for item, dimension, gap in found.gaps:
            self._gap(lot, item, dimension, gap)
        for item, dimension, doubt in found.doubts:
            self._doubt(lot, item, dimension, doubt)

    def _enter(self, lot: str | None, strand: Strand, account: Account, came: int) -> None:
        """Enter one account into the sums."""
        sums = self.sums[lot, strand.dimension]
        sums.known |= bool(account.stock) or not account.unknown
        sums.opening += sum(account.opening.values())
        sums.opening_transit += account.opening_transit
        sums.stock += sum(account.stock.values())
        sums.transit += account.transit
        for flow in account.flows:
            event = flow.event
            if flow.kind is FlowKind.COUNTED or not self._here(event):
                continue
            sums.flows[flow.kind] += flow.amount
            where = (event.log, event.place, event.step, event.to)
            self.flows[FlowKey(lot, strand.dimension, flow.kind, *where)].append(flow)
        for gap in account.gaps:
            base = gap.base if not strand.piece else came
            whole = FoundGap(gap.kind, gap.flow, gap.amount, base)
            self._gap(lot, strand.item, strand.dimension, whole)
        for doubt in account.doubts:
            self._doubt(lot, strand.item, strand.dimension, doubt)
        if strand.piece:
            return
        for count in account.counts:
            event = count.flow.event
            if self._here(event):
                unit = self.unit(strand.dimension)
                counted, computed = (
                    as_amount(amount / factor_of(unit)).text
                    for amount in (count.flow.amount, count.computed)
                )
                self.counts.append(Count(lot, self.station(event), counted, computed, unit))

    def _miss(self, waiting: Iterable[_Waiting], arrived: dict[int, list[Flow]]) -> None:
        """Of pieces that were shipped together, those that did not arrive with the others."""
        missing: dict[int, int] = defaultdict(int)
        for one in waiting:
            missing[one.flow.event.row] += 1
        for one in waiting:
            others = arrived.get(one.flow.event.row)
            if not others:
                continue
            last = max(others, key=lambda flow: (flow.event.time, flow.event.row))
            sums = self.sums[one.lot, Dimension.COUNT.value]
            sums.transit -= 1
            if last.event.time < self.since:
                sums.opening_transit -= 1
                continue
            together = len(others) + missing[one.flow.event.row]
            gap = FoundGap(GapKind.TRANSIT, last, -1, together)
            self._gap(one.lot, one.item, Dimension.COUNT.value, gap)

    def _here(self, event: EventRow | None) -> bool:
        return self.place is None or (event is not None and event.place == self.place)

    def _gap(self, lot: str | None, item: int | None, dimension: str, gap: FoundGap) -> None:
        event = gap.flow.event
        if not self._here(event) or event.time < self.since:
            return
        key = GapKey(lot, dimension, gap.kind, event, below=gap.amount < 0)
        told = self.told_gaps.setdefault(key, Told(base=gap.base))
        told.add(gap.amount)
        if item is not None:
            told.items.append(self.subject.codes[item])
            self.sums[lot, dimension].gap += gap.amount

    def _doubt(self, lot: str | None, item: int, dimension: str, doubt: Doubt) -> None:
        told = self._ask(doubt.reason, doubt.flow.event, item, dimension, lot)
        told.add(doubt.amount)

    def _ask(
        self,
        reason: Reason,
        event: EventRow | None,
        item: int | None = None,
        dimension: str = "",
        lot: str | None = None,
    ) -> Told:
        told = Told()
        if not self._here(event) or (event is not None and event.time < self.since):
            return told
        key = QuestionKey(lot, dimension, reason, event)
        told = self.told_questions.setdefault(key, told)
        if item is not None:
            told.items.append(self.subject.codes[item])
        return told

    def _reckon_yields(self, known_at: int | None) -> None:
        found = transformations(self.links, self.moves.nodes, self.since)
        products = {part.product for one in found for part in one.inputs}
        losses, _ = stated_tolerances(self.links.connection, products, LOSS, known_at)
        for one in found:
            if self._here(one.event):
                self._convert(one, losses)

    def _convert(self, one: Transformation, losses: dict[str, Tolerance]) -> None:
        loss, unit = one.loss, None
        if loss is not None:
            base, dimension = one.inputs[0].amount or 0, one.inputs[0].dimension
            unit = self.unit(dimension)
            gap = FoundGap(GapKind.YIELD, Flow(FlowKind.PRODUCED, one.event, 0), -loss, base)
            allowed = losses.get(one.inputs[0].product)
            grown = loss < 0 and dimension == Dimension.MASS.value
            wasted = loss > 0 and allowed and not allowed.allows(loss, base, dimension)
            if grown or wasted:
                self._gap(None, None, dimension, gap)
        share = one.share
        self.conversions.append(
            Conversion(
                self.station(one.event),
                tuple(self._side(part) for part in one.inputs),
                tuple(self._side(part) for part in one.outputs),
                loss=None if loss is None else as_amount(loss / factor_of(unit)).text,
                share=None if share is None else as_amount(share).text,
                unit=unit,
                apart=one.apart,
            )
        )

    def _side(self, part: SideSum) -> Side:
        unit = self.unit(part.dimension)
        amount = part.amount
        text = None if amount is None else as_amount(amount / factor_of(unit)).text
        return Side(part.product, text, unit)

    def station(self, event: EventRow) -> Station:
        """Where and when an event was."""
        return Station(event.name, event.time, event.step, event.place, self.parties[event.log])

    def tolerance(self, lot: str | None) -> Tolerance:
        """What a gap of a lot may be."""
        if self.given is not None:
            return self.given
        stated = self._tolerances
        return stated.get(lot or self.product) or stated.get(self.product) or EXACT
