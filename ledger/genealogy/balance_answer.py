"""The answer to a question about a mass balance, in codes, units and text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ledger.times import as_text

if TYPE_CHECKING:
    from identifiers import Level
    from ledger.genealogy.accounts import GapKind, Reason
    from ledger.genealogy.flows import FlowKind
    from ledger.genealogy.trace import LogHead

__all__ = [
    "Balance",
    "Conversion",
    "Count",
    "FlowSum",
    "Gap",
    "Question",
    "Side",
    "Station",
    "Total",
]


@dataclass(frozen=True, slots=True)
class Station:
    """Where something happened: who told it, at which step and place, when."""

    event: str
    """eventID."""
    time: int
    """Microseconds since 1970 UTC."""
    step: str | None
    """CBV business step, as a bare word, or a URI."""
    place: str | None
    """Canonical code of the place."""
    party: str
    """The organisation in whose log it stands."""


@dataclass(frozen=True, slots=True)
class Total:
    """What became of one lot, or of all that was asked about, in one dimension."""

    lot: str | None
    """Canonical code; None for all together, and for pieces that belong to no lot."""
    unit: str | None
    """UN/ECE Rec 20; None counts pieces."""
    opening: str | None
    """In stock before the window; None where no stock is known, or a place was asked about."""
    opening_transit: str | None
    """On the way before the window."""
    flows: dict[str, str]
    """What came and went in the window, by kind."""
    in_stock: str | None
    """What should be there at the end."""
    in_transit: str | None
    """Shipped and not received; less what was received and never shipped."""
    gap: str
    """The sum of the gaps in the window; below zero something is missing."""
    exact: bool
    """False when a quantity was rounded."""


@dataclass(frozen=True, slots=True)
class FlowSum:
    """A kind of flow of one lot, of one party at one step and place."""

    lot: str | None
    kind: FlowKind
    party: str
    place: str | None
    step: str | None
    to: str | None
    """Canonical code of the party it went to."""
    quantity: str
    unit: str | None
    events: int
    """Of how many events this is the sum."""


@dataclass(frozen=True, slots=True)
class Count:
    """A stocktaking, beside what should have been there."""

    lot: str | None
    at: Station
    counted: str
    computed: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference, with the step and place where it arises."""

    kind: GapKind
    lot: str | None
    quantity: str
    """What was found less what should have been; below zero it is missing."""
    unit: str | None
    of: str
    """What it is a share of."""
    at: Station
    items: tuple[str, ...]
    """Codes of the lot or pieces, at most `MOST_CODES`."""
    item_count: int
    tolerance: str
    """What would have been tolerated."""
    finding: bool
    """True when it is beyond the tolerance."""


@dataclass(frozen=True, slots=True)
class Question:
    """What can't be decided, and is in no sum."""

    reason: Reason
    lot: str | None
    at: Station | None
    """None where it is about no event."""
    quantity: str | None
    unit: str | None
    items: tuple[str, ...]
    """Codes of the lot or pieces, at most `MOST_CODES`."""
    item_count: int


@dataclass(frozen=True, slots=True)
class Side:
    """What one product put into a transformation, or got out of it."""

    product: str
    quantity: str | None
    """None where it isn't stated."""
    unit: str | None


@dataclass(frozen=True, slots=True)
class Conversion:
    """A transformation's own balance."""

    at: Station
    inputs: tuple[Side, ...]
    outputs: tuple[Side, ...]
    loss: str | None
    """Inputs less outputs; None where they can't be compared."""
    share: str | None
    """The yield: output for input, of 1, rounded to 12 places."""
    unit: str | None
    apart: str | None
    """Why they can't be compared: "several_products", "several_dimensions", "missing_quantity" or
    "one_side"."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The answer to one question."""

    code: str
    level: Level
    since: int | None
    """Begin of the window, event time in microseconds; None for everything before."""
    until: int | None
    """End of the window; None for now."""
    known_at: int | None
    place: str | None
    """The place that the answer is narrowed to."""
    heads: dict[str, LogHead]
    """By log origin."""
    totals: tuple[Total, ...]
    """Of all that was asked about, one for each dimension."""
    lots: tuple[Total, ...]
    """The same for each lot, where several were asked about."""
    flows: tuple[FlowSum, ...]
    counts: tuple[Count, ...]
    conversions: tuple[Conversion, ...]
    gaps: tuple[Gap, ...]
    """In order of time."""
    questions: tuple[Question, ...]

    @property
    def findings(self) -> tuple[Gap, ...]:
        """The gaps beyond the tolerance."""
        return tuple(gap for gap in self.gaps if gap.finding)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of `suyuan --json balance`."""
        return {
            "code": self.code,
            "kind": self.level.value,
            "from": as_text(self.since),
            "to": as_text(self.until),
            "known_at": as_text(self.known_at),
            "place": self.place,
            "balanced": not self.findings,
            "heads": {
                origin: {"size": head.size, "root": head.root}
                for origin, head in self.heads.items()
            },
            "totals": [asdict(one) for one in self.totals],
            "lots": [asdict(one) for one in self.lots],
            "flows": [asdict(one) for one in self.flows],
            "counts": [_told(one) for one in self.counts],
            "conversions": [_told(one) for one in self.conversions],
            "gaps": [_told(one) for one in self.gaps],
            "questions": [_told(one) for one in self.questions],
        }


def _told(one: Count | Conversion | Gap | Question) -> dict[str, Any]:
    told = asdict(one)
    if one.at is not None:
        told["at"]["time"] = as_text(one.at.time)
    return told
