"""What an event does to the quantity of an item that it names: the flows of a mass balance.

| flow | stock | from |
| --- | --- | --- |
| produced | more | output of a transformation; ObjectEvent ADD |
| received | more | bizStep receiving |
| returned | more | bizStep receiving with disposition returned |
| removed | more | AssociationEvent DELETE: the part is out of the assembly |
| voided | more | bizStep void_shipping: the shipping did not take place |
| consumed | less | input of a transformation |
| installed | less | AssociationEvent ADD: the part is in the assembly |
| shipped | less | bizStep shipping |
| sent_back | less | bizStep shipping with disposition returned |
| sold | less | bizStep retail_selling or dispensing: it leaves for good |
| scrapped | less | bizStep destroying; disposition destroyed or disposed, DELETE or no bizStep |
| lost | less | disposition stolen |
| ended | less | any other ObjectEvent DELETE |
| counted | is set | bizStep cycle_counting, stock_taking or inventory_check |

Rules kept:

* Everything else moves nothing: inspecting, storing, packing. Aggregation says where goods are,
  never how much there is.
* A bizStep speaks before the action: an ObjectEvent ADD with bizStep receiving is a receipt.
* Of the events that only look, ObjectEvents and TransactionEvents move goods.

CBV 2.0 sections 7.1 (business steps) and 7.2 (dispositions).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.genealogy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping
    from fractions import Fraction

__all__ = [
    "BACK",
    "INCOMING",
    "OBJECT",
    "RECEIPTS",
    "SHIPMENTS",
    "TRANSACTION",
    "EventRow",
    "Flow",
    "FlowKind",
    "flow_kind",
    "told_again",
]

OBJECT: Final = 0
"""The stored number of the type ObjectEvent (`ledger.projection.TYPES`)."""
TRANSACTION: Final = 2
"""And of TransactionEvent."""


class FlowKind(StrEnum):
    """How goods come, go or are counted; the names stand in every answer."""

    PRODUCED = "produced"
    RECEIVED = "received"
    RETURNED = "returned"
    REMOVED = "removed"
    VOIDED = "voided"
    CONSUMED = "consumed"
    INSTALLED = "installed"
    SHIPPED = "shipped"
    SENT_BACK = "sent_back"
    SOLD = "sold"
    SCRAPPED = "scrapped"
    LOST = "lost"
    ENDED = "ended"
    COUNTED = "counted"


INCOMING: Final = frozenset(
    {
        FlowKind.PRODUCED,
        FlowKind.RECEIVED,
        FlowKind.RETURNED,
        FlowKind.REMOVED,
        FlowKind.VOIDED,
    }
)
SHIPMENTS: Final = frozenset({FlowKind.SHIPPED, FlowKind.SENT_BACK, FlowKind.SOLD})
RECEIPTS: Final = frozenset({FlowKind.RECEIVED, FlowKind.RETURNED})
BACK: Final = "returned"
"""The disposition of goods on their way back."""


class EventRow(NamedTuple):
    """What a balance needs of an event."""

    row: int
    """Surrogate id."""
    log: int
    name: str
    """eventID."""
    type: int
    action: int
    time: int
    """Microseconds since 1970 UTC."""
    step: str | None
    disposition: str | None
    place: str | None
    to: str | None
    """The party that has or owns the goods afterwards."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A quantity that came, went or was counted in one event."""

    kind: FlowKind
    event: EventRow
    amount: Fraction | int
    """In the SI unit of its dimension, or in pieces; never negative."""


_BY_STEP: Final = {
    "shipping": FlowKind.SHIPPED,
    "receiving": FlowKind.RECEIVED,
    "void_shipping": FlowKind.VOIDED,
    "destroying": FlowKind.SCRAPPED,
    "retail_selling": FlowKind.SOLD,
    "dispensing": FlowKind.SOLD,
    "cycle_counting": FlowKind.COUNTED,
    "stock_taking": FlowKind.COUNTED,
    "inventory_check": FlowKind.COUNTED,
}
_BY_ROLE: Final = {
    Role.INPUT: FlowKind.CONSUMED,
    Role.OUTPUT: FlowKind.PRODUCED,
    Role.INSTALLED: FlowKind.INSTALLED,
    Role.REMOVED: FlowKind.REMOVED,
}
_WENT_BACK: Final = {
    FlowKind.SHIPPED: FlowKind.SENT_BACK,
    FlowKind.RECEIVED: FlowKind.RETURNED,
}
_GONE: Final = frozenset({"destroyed", "disposed"})
_STOLEN: Final = "stolen"


def flow_kind(role: int, event: EventRow) -> FlowKind | None:
    """How an event moves an item that stands in it in a role; None when it doesn't."""
    if role in _BY_ROLE:
        return _BY_ROLE[role]
    if role not in {Role.OBSERVED, Role.CREATED, Role.ENDED}:
        return None
    if role == Role.OBSERVED and event.type not in {OBJECT, TRANSACTION}:
        return None
    by_step = _BY_STEP.get(event.step or "")
    if by_step is not None:
        back = event.disposition == BACK
        return _WENT_BACK.get(by_step, by_step) if back else by_step
    if role == Role.CREATED:
        return FlowKind.PRODUCED
    if event.disposition == _STOLEN:
        return FlowKind.LOST
    ended = role == Role.ENDED
    if event.disposition in _GONE and (ended or event.step is None):
        return FlowKind.SCRAPPED
    return FlowKind.ENDED if ended else None


_Group = tuple[EventRow, ...]


def told_again(
    events: Mapping[int, EventRow], contents: Mapping[int, Hashable]
) -> tuple[set[int], list[EventRow]]:
    """Find the events that tell again what an event of another log tells.

    Two partners may both report one shipping: the same eventID, or the same content under ids of
    their own, stands in both their logs. It is counted once, for the party whose doing it was.

    Args:
        events: By surrogate id.
        contents: What each names of the items asked about, in a form that can be compared.

    Returns:
        The ids of events to leave out, and those among them that have the id of another event and
        say something else.
    """
    told_by: dict[tuple[str | None, str | None], set[int]] = defaultdict(set)
    for event in events.values():
        told_by[event.step, event.to].add(event.log)
    again: set[int] = set()
    different: list[EventRow] = []
    by_name: dict[str, list[EventRow]] = defaultdict(list)
    for event in events.values():
        by_name[event.name].append(event)
    for same in by_name.values():
        kept = _order(same, told_by)[0]
        for event in same:
            if event.log != kept.log:
                again.add(event.row)
                if _key(event, contents) != _key(kept, contents):
                    different.append(event)
    by_content: dict[Hashable, list[EventRow]] = defaultdict(list)
    for event in events.values():
        if event.row not in again:
            by_content[_key(event, contents)].append(event)
    for same in by_content.values():
        logs = Counter(event.log for event in same)
        if len(logs) > 1:
            # As often as one log tells it, it happened: two equal bags in one second are two.
            again |= {event.row for event in _order(same, told_by)[max(logs.values()) :]}
    return again, different


def _key(event: EventRow, contents: Mapping[int, Hashable]) -> Hashable:
    return event.type, event.action, event.time, event.step, event.to, contents.get(event.row)


_OTHER_END: Final = {"shipping": "receiving", "receiving": "shipping"}


def _order(
    same: Iterable[EventRow], told_by: Mapping[tuple[str | None, str | None], set[int]]
) -> list[EventRow]:
    """The party whose doing it was first: who receives doesn't ship, and the other way round."""

    def place(event: EventRow) -> tuple[bool, int, int]:
        others = told_by.get((_OTHER_END.get(event.step or ""), event.to), set())
        return event.log in others, event.log, event.row

    return sorted(same, key=place)
