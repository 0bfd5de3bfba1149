"""The account of one thing: how much of it came, went, is on its way and should be there.

A *strand* is what an account is kept of: one instance, or the quantity of one lot in one dimension.
Pure: flows in, sums and gaps out. Rules kept:

* Each log has a stock of its own: what a party received and made, less what it shipped and used.
* What is shipped is on its way until it is received. A receipt closes the shipment of the same
  amount to the same party, else the oldest ones in turn. A shipment that was received in part is
  short: the rest is missing, and no longer on its way. One that nobody received is on its way.
* A receipt without any shipping comes from outside the ledger; of goods that were made inside, it
  is an open question, and counted as less on the way, so that nothing is there twice.
* A stock that ends below zero is a gap at the step since which it is. One that was below zero in
  between only has times that contradict one another, which is an open question.
* A log that never got any has no stock that is known; what went out is an open question.
* A count sets the stock; the difference is a gap where it was counted.

Signs: a gap is what was found less what should have been there. Below zero something is missing,
above zero there is more than can be.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from ledger.genealogy.flows import INCOMING, RECEIPTS, SHIPMENTS, Flow, FlowKind
from ledger.genealogy.intervals import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Account", "Doubt", "FoundGap", "GapKind", "Reason", "Stocktaking", "keep_account"]


class GapKind(StrEnum):
    """Where a gap comes from."""

    TRANSIT = "transit"  # what was received is not what was shipped
    OVERDRAWN = "overdrawn"  # more went out than ever came
    COUNT = "count"  # what was counted is not what should be there
    SERIALS = "serials"  # more serial numbers than the lot has pieces
    YIELD = "yield"  # a transformation gave more than went in, or lost more than it may


class Reason(StrEnum):
    """Why something can't be decided."""

    MISSING_QUANTITY = "missing_quantity"
    NEGATIVE_QUANTITY = "negative_quantity"
    MIXED_DIMENSIONS = "mixed_dimensions"
    NOT_ADDITIVE = "not_additive"
    CLASS_ONLY = "class_only"
    NO_SOURCE = "no_source"
    NOT_SHIPPED = "not_shipped"
    NOTHING_TO_VOID = "nothing_to_void"
    TIMES_CONTRADICT = "times_contradict"
    TOLD_DIFFERENTLY = "told_differently"
    MADE_TWICE = "made_twice"
    SERIALS_DIFFER = "serials_differ"
    SEVERAL_LOTS = "several_lots"
    ONE_PLACE_COUNTED = "one_place_counted"
    UNREADABLE_TOLERANCE = "unreadable_tolerance"
    DECLARED_ERROR = "declared_error"


Amount = Fraction | int


@dataclass(frozen=True, slots=True)
class FoundGap:
    """A gap of one strand."""

    kind: GapKind
    flow: Flow
    """The step at which it arises."""
    amount: Amount
    """Below zero: missing."""
    base: Amount
    """What it is a share of."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An open question of one strand."""

    reason: Reason
    flow: Flow
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Stocktaking:
    """What was counted, beside what should have been there."""

    flow: Flow
    computed: Amount


@dataclass(slots=True)
class _Shipment:
    flow: Flow
    rest: Amount
    number: int
    touched_by: Flow | None = None

    @property
    def is_rest(self) -> bool:
        """Whether some of it was closed already."""
        return self.rest != self.flow.amount


@dataclass(slots=True)
class Account:
    """What became of one strand in a window of time."""

    flows: list[Flow] = field(default_factory=list)
    """Those inside the window."""
    opening: dict[int, Amount] = field(default_factory=dict)
    """By log, before the window; without the logs whose stock isn't known."""
    opening_transit: Amount = 0
    stock: dict[int, Amount] = field(default_factory=dict)
    """By log, at the end."""
    unknown: set[int] = field(default_factory=set)
    """Logs that took out what they never got."""
    transit: Amount = 0
    """On the way; less what was received and never shipped."""
    gaps: list[FoundGap] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    counts: list[Stocktaking] = field(default_factory=list)
    under_way: list[tuple[Flow, Amount]] = field(default_factory=list)
    """Shipments of which nothing was received."""
    arrived: dict[int, Flow] = field(default_factory=dict)
    """The last receipt by the event that shipped it."""


def keep_account(
    flows: Iterable[Flow], *, since: int = -FOREVER, judged: bool = True, whole: bool = True
) -> Account:
    """Account for one strand.

    Args:
        flows: All of it up to the end of the window, in any order.
        since: Begin of the window in microseconds; what was before is the opening stock.
        judged: Look for gaps; without, sums only.
        whole: A count names all that a party has at a place. Of single instances it doesn't: the
            ones it leaves out may be elsewhere.
    """
    ordered = sorted(
        flows,
        key=lambda flow: (flow.event.time, flow.kind not in INCOMING, flow.kind, flow.event.row),
    )
    before = [flow for flow in ordered if flow.event.time < since]
    account = Account(flows=[flow for flow in ordered if flow.event.time >= since])
    if before:
        opening = Account()
        _take_stock(before, opening, whole=whole)
        _match(before, opening)
        account.opening, account.opening_transit = opening.stock, opening.transit
    _take_stock(ordered, account, whole=whole)
    _match(ordered, account)
    account.gaps = [gap for gap in account.gaps if judged and gap.flow.event.time >= since]
    account.doubts = [
        doubt for doubt in account.doubts if judged and doubt.flow.event.time >= since
    ]
    account.counts = [count for count in account.counts if count.flow.event.time >= since]
    return account


def _take_stock(ordered: Sequence[Flow], account: Account, *, whole: bool) -> None:
    by_log: dict[int, list[Flow]] = defaultdict(list)
    for flow in ordered:
        by_log[flow.event.log].append(flow)
    for log, own in by_log.items():
        if not any(flow.kind in INCOMING or flow.kind is FlowKind.COUNTED for flow in own):
            account.unknown.add(log)
            account.doubts += [Doubt(Reason.NO_SOURCE, flow, flow.amount) for flow in own]
            continue
        _take_stock_of(log, own, account, whole=whole)


def _take_stock_of(log: int, own: Sequence[Flow], account: Account, *, whole: bool) -> None:
    stock: Amount = 0
    came: Amount = 0
    known = False
    below: Flow | None = None
    places = {flow.event.place for flow in own if flow.kind in INCOMING}
    for flow in own:
        if flow.kind is FlowKind.COUNTED:
            if not known:
                came = flow.amount
            elif whole and places - {flow.event.place}:
                account.doubts.append(Doubt(Reason.ONE_PLACE_COUNTED, flow, flow.amount))
                continue
            else:
                account.counts.append(Stocktaking(flow, stock))
                if flow.amount != stock:
                    account.gaps.append(FoundGap(GapKind.COUNT, flow, flow.amount - stock, came))
            stock, known, below = flow.amount, True, None
            continue
        if flow.kind in INCOMING:
            stock += flow.amount
            came += flow.amount
            known = True
        else:
            stock -= flow.amount
        if stock >= 0:
            if below is not None:
                account.doubts.append(Doubt(Reason.TIMES_CONTRADICT, below))
            below = None
        elif below is None:
            below = flow
    if below is not None:
        account.gaps.append(FoundGap(GapKind.OVERDRAWN, below, -stock, came))
    account.stock[log] = stock


def _match(ordered: Sequence[Flow], account: Account) -> None:
    """Join receipts to shipments, and tell what is short, over, or on its way."""
    moves = sorted(
        (flow for flow in ordered if flow.kind in SHIPMENTS | RECEIPTS | {FlowKind.VOIDED}),
        key=lambda flow: (
            flow.event.time,
            flow.kind not in SHIPMENTS,
            flow.kind in RECEIPTS,
            flow.event.row,
        ),
    )
    pool = _Pool()
    unmatched: list[Flow] = []
    for flow in moves:
        if flow.kind in SHIPMENTS:
            pool.add(flow)
            continue
        left = _close(flow, pool)
        if flow.kind is FlowKind.VOIDED:
            if left:
                account.doubts.append(Doubt(Reason.NOTHING_TO_VOID, flow, left))
                account.transit -= left
        elif left == flow.amount:
            unmatched.append(flow)
        elif left:
            account.gaps.append(FoundGap(GapKind.TRANSIT, flow, left, flow.amount - left))
    _from_nowhere(ordered, unmatched, pool, account)
    for one in pool.shipments:
        if one.touched_by is not None:
            account.arrived[one.flow.event.row] = one.touched_by
        if not one.rest or one.flow.kind is FlowKind.SOLD:
            continue
        if one.touched_by is None:
            account.transit += one.rest
            account.under_way.append((one.flow, one.rest))
        else:
            gap = FoundGap(GapKind.TRANSIT, one.touched_by, -one.rest, one.flow.amount)
            account.gaps.append(gap)


@dataclass(slots=True)
class _Queue:
    """Shipments that the same receipts may close, oldest first."""

    first: Flow
    waiting: deque[_Shipment] = field(default_factory=deque)
    by_rest: dict[Amount, list[tuple[bool, int, _Shipment]]] = field(default_factory=dict)
    """Heaps, whole shipments before rests; one whose rest has changed since is passed over."""

    def wait(self, one: _Shipment) -> None:
        """Find a shipment by what is left of it."""
        heappush(self.by_rest.setdefault(one.rest, []), (one.is_rest, one.number, one))

    def oldest(self) -> _Shipment | None:
        """The oldest shipment of which something is left."""
        while self.waiting and not self.waiting[0].rest:
            self.waiting.popleft()
        return self.waiting[0] if self.waiting else None

    def exact(self, amount: Amount) -> _Shipment | None:
        """The oldest shipment of exactly this amount, else of which exactly this is left."""
        heap = self.by_rest.get(amount, [])
        while heap and heap[0][2].rest != amount:
            heappop(heap)
        return heap[0][2] if heap else None


class _Pool:
    """All shipments. A lot may have a hundred thousand of them: none is looked at for nothing."""

    __slots__ = ("_queues", "shipments")

    def __init__(self) -> None:
        self.shipments: list[_Shipment] = []
        self._queues: dict[tuple[object, ...], _Queue] = {}

    def add(self, flow: Flow) -> None:
        """Add a shipment; they come in order of time."""
        one = _Shipment(flow, flow.amount, len(self.shipments))
        self.shipments.append(one)
        queue = self._queue(flow)
        queue.waiting.append(one)
        queue.wait(one)

    def _queue(self, flow: Flow) -> _Queue:
        key = (flow.event.to, flow.event.log, flow.kind is FlowKind.SOLD)
        return self._queues.setdefault(key, _Queue(flow))

    def find(self, flow: Flow, exact: Amount | None = None) -> _Shipment | None:
        """The oldest shipment that a flow may close, of all or of those with an exact rest."""
        found: list[_Shipment] = []
        for queue in self._queues.values():
            if _may_be(queue.first, flow):
                one = queue.oldest() if exact is None else queue.exact(exact)
                if one is not None:
                    found.append(one)
        # What was sold has arrived: it comes back only when nothing else is on its way.
        # What is missing of an earlier shipment doesn't come with one that came as it was sent.
        return min(
            found,
            key=lambda one: (
                one.flow.kind is FlowKind.SOLD,
                exact is not None and one.is_rest,
                one.number,
            ),
            default=None,
        )

    def take(self, one: _Shipment, amount: Amount) -> None:
        """Close a shipment, or a part of it."""
        one.rest -= amount
        if one.rest:
            self._queue(one.flow).wait(one)


def _close(flow: Flow, pool: _Pool) -> Amount:
    """Close shipments by a receipt or its voiding; return what of it none was left for."""
    left = flow.amount
    one = pool.find(flow, exact=left) or pool.find(flow)
    while one is not None and left:
        taken = min(left, one.rest)
        pool.take(one, taken)
        left -= taken
        if flow.kind is not FlowKind.VOIDED:
            one.touched_by = flow
        one = pool.find(flow)
    return left


def _may_be(shipped: Flow, flow: Flow) -> bool:
    own = shipped.event.log == flow.event.log
    if flow.kind is FlowKind.VOIDED:
        return own and shipped.kind is not FlowKind.SOLD
    if flow.kind is FlowKind.RETURNED and own:
        return True
    if shipped.kind is FlowKind.SOLD:
        return flow.kind is FlowKind.RETURNED
    return None in {shipped.event.to, flow.event.to} or shipped.event.to == flow.event.to


def _from_nowhere(
    ordered: Sequence[Flow], unmatched: Sequence[Flow], pool: _Pool, to: Account
) -> None:
    """Judge receipts without an earlier shipping: it was told with a later time, or not at all."""
    made = next((f.event.time for f in ordered if f.kind is FlowKind.PRODUCED), FOREVER)
    for flow in unmatched:
        later = pool.find(flow, exact=flow.amount)
        if later is not None:
            pool.take(later, flow.amount)
            later.touched_by = later.touched_by or flow
            to.doubts.append(Doubt(Reason.TIMES_CONTRADICT, flow))
        elif made <= flow.event.time:
            to.transit -= flow.amount
            to.doubts.append(Doubt(Reason.NOT_SHIPPED, flow, flow.amount))
