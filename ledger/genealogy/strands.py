"""From what moved the items of one lot to strands: flows that are counted once.

The same goods are often told of twice. Rules kept:

* A lot that is told as a number of pieces and as serials is one strand of pieces: an event that
  names both moves the number; giving serials to pieces that are there makes no more of them.
* A lot that a transformation gave and an ObjectEvent ADD brings into being was made once.
* A TransactionEvent says to which order goods belong. It moves them only where no ObjectEvent of
  the same party does.
* A piece is made once and ends once: making what exists, or ending what was used up, scrapped or
  sold, adds nothing.
* A lot in several dimensions (kilograms and metres, kilograms and serials) is told in each of them
  and added in none; its gaps can't be told, which is an open question.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ledger.genealogy.accounts import Doubt, FoundGap, GapKind, Reason
from ledger.genealogy.flows import INCOMING, OBJECT, TRANSACTION, Flow, FlowKind
from ledger.genealogy.units import Dimension, dimension_of, is_additive

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ledger.genealogy.accounts import Amount
    from ledger.genealogy.moves import Moves, Part

__all__ = ["Strand", "Strands", "strands_of"]

_COUNT: Final = Dimension.COUNT.value
_TRANSFORMATION: Final = 3
"""The stored number of the type TransformationEvent."""
_GONE: Final = frozenset({FlowKind.CONSUMED, FlowKind.SOLD, FlowKind.SCRAPPED, FlowKind.LOST})
_ONCE: Final = frozenset({FlowKind.SCRAPPED, FlowKind.LOST})


@dataclass(frozen=True, slots=True)
class Strand:
    """One thing to keep an account of."""

    item: int
    """The lot, class or piece."""
    dimension: str
    flows: tuple[Flow, ...]
    piece: bool
    """One instance, whose amount is 1 always."""
    judged: bool = True
    """False where its gaps can't be told."""


@dataclass(slots=True)
class Strands:
    """The strands of one lot with what can't be decided about them."""

    strands: list[Strand] = field(default_factory=list)
    doubts: list[tuple[int, str, Doubt]] = field(default_factory=list)
    """(item, dimension, question)"""
    gaps: list[tuple[int, str, FoundGap]] = field(default_factory=list)
    """(item, dimension, gap)"""


def strands_of(moves: Moves, lot: int | None, pieces: Collection[int]) -> Strands:
    """The strands of a lot or class and of the pieces that belong to it."""
    found = Strands()
    own: dict[str, list[Flow]] = {}
    if lot is not None:
        own = _class_flows(moves, lot, found)
    single: dict[int, list[Flow]] = {}
    for item in pieces:
        if item in moves.classes:  # a code that is a piece in one event and a quantity in another
            for dimension, flows in _class_flows(moves, item, found).items():
                found.strands.append(Strand(item, dimension, tuple(flows), piece=False))
        elif flows := _piece_flows(moves, item):
            single[item] = flows
    if lot is None or not own:
        found.strands += _single(single)
        return found
    dimensions = set(own) | ({_COUNT} if single else set())
    judged = len(dimensions) == 1
    if not judged:
        first = min((flow for flows in own.values() for flow in flows), key=_by_time)
        found.doubts.append((lot, min(own), Doubt(Reason.MIXED_DIMENSIONS, first)))
    if single and _COUNT in own:
        own[_COUNT] = _pooled(lot, own[_COUNT], single, found)
    else:
        found.strands += _single(single)
    found.strands += [
        Strand(lot, dimension, tuple(flows), piece=False, judged=judged)
        for dimension, flows in own.items()
    ]
    return found


def _single(single: dict[int, list[Flow]]) -> list[Strand]:
    return [Strand(item, _COUNT, tuple(flows), piece=True) for item, flows in single.items()]


def _by_time(flow: Flow) -> tuple[int, int]:
    return flow.event.time, flow.event.row


def _parts_once(moves: Moves, item: int) -> list[Part]:
    """The parts of an item, without TransactionEvents that repeat what ObjectEvents say."""
    parts = moves.parts.get(item, [])
    said = {
        (part.kind, moves.events[part.event].log)
        for part in parts
        if moves.events[part.event].type == OBJECT
    }
    return [
        part
        for part in parts
        if moves.events[part.event].type != TRANSACTION
        or (part.kind, moves.events[part.event].log) not in said
    ]


def _class_flows(moves: Moves, item: int, found: Strands) -> dict[str, list[Flow]]:
    sums: dict[tuple[str, FlowKind, int], Amount] = defaultdict(int)
    for part in _parts_once(moves, item):
        dimension = dimension_of(part.unit)
        reason: Reason | None = None
        if part.amount is None:
            reason = Reason.MISSING_QUANTITY
        elif part.amount < 0:
            reason = Reason.NEGATIVE_QUANTITY
        elif not is_additive(dimension):
            reason = Reason.NOT_ADDITIVE
        else:
            sums[dimension, part.kind, part.event] += part.amount
        if reason is not None:
            flow = Flow(part.kind, moves.events[part.event], 0)
            found.doubts.append((item, dimension, Doubt(reason, flow, part.amount)))
    flows: dict[str, list[Flow]] = defaultdict(list)
    for (dimension, kind, event), amount in sums.items():
        if amount or kind is FlowKind.COUNTED:
            flows[dimension].append(Flow(kind, moves.events[event], amount))
    return {
        dimension: _made_once(item, dimension, some, found) for dimension, some in flows.items()
    }


def _made_once(item: int, dimension: str, flows: list[Flow], found: Strands) -> list[Flow]:
    """Leave out the bringing into being of what a transformation gave."""
    made = [flow for flow in flows if flow.kind is FlowKind.PRODUCED]
    given = [flow for flow in made if flow.event.type == _TRANSFORMATION]
    added = [flow for flow in made if flow.event.type != _TRANSFORMATION]
    if not given or not added:
        return flows
    if _sum(given) != _sum(added):
        found.doubts.append((item, dimension, Doubt(Reason.MADE_TWICE, added[0], _sum(added))))
    return [flow for flow in flows if flow not in added]


def _sum(flows: Iterable[Flow]) -> Amount:
    return sum((flow.amount for flow in flows), 0)


def _piece_flows(moves: Moves, item: int) -> list[Flow]:
    flows = {
        (part.kind, part.event): Flow(part.kind, moves.events[part.event], 1)
        for part in _parts_once(moves, item)
    }
    gone = any(kind in _GONE for kind, _event in flows)
    kept: list[Flow] = []
    exists = ended = False
    seen: set[FlowKind] = set()
    for flow in sorted(flows.values(), key=lambda flow: (flow.event.time, not _makes(flow))):
        if flow.kind is FlowKind.PRODUCED:
            if exists:
                continue
            exists, ended = True, False
            seen.clear()
        elif flow.kind is FlowKind.ENDED:
            if gone or ended:
                continue
            exists, ended = False, True
        elif flow.kind in _ONCE and flow.kind in seen:
            continue
        seen.add(flow.kind)
        kept.append(flow)
    return kept


def _makes(flow: Flow) -> bool:
    return flow.kind is FlowKind.PRODUCED


def _pooled(
    lot: int, own: Sequence[Flow], single: dict[int, list[Flow]], found: Strands
) -> list[Flow]:
    """The flows of a lot that is told in pieces and in serials, each once."""
    numbers = {(flow.kind, flow.event.row): flow for flow in own}
    made = [flow for flow in own if flow.kind is FlowKind.PRODUCED]
    stocked = {flow.event.log for flow in own if flow.kind in INCOMING}
    listed: dict[tuple[FlowKind, int], Flow] = {}
    serials: list[Flow] = []
    for flows in single.values():
        for flow in flows:
            if flow.kind is FlowKind.PRODUCED and (made or flow.event.log in stocked):
                serials.append(flow)
                continue
            key = (flow.kind, flow.event.row)
            before = listed[key].amount if key in listed else 0
            listed[key] = replace(flow, amount=before + 1)
    if made and len(serials) > _sum(made):
        last = max(serials, key=_by_time)
        gap = FoundGap(GapKind.SERIALS, last, len(serials) - _sum(made), _sum(made))
        found.gaps.append((lot, _COUNT, gap))
    for key, flow in listed.items():
        number = numbers.setdefault(key, flow)
        if number.amount != flow.amount:
            found.doubts.append((lot, _COUNT, Doubt(Reason.SERIALS_DIFFER, number, flow.amount)))
    return list(numbers.values())
