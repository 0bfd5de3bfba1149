# mypy: disallow-subclassing-any=False
"""Mass balances: what came of a lot or product, what went, and the gaps between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import graphene

from ledger.genealogy import balance as balancing
from ledger.genealogy.tolerance import parse_tolerance
from trace_api.enums import Level
from trace_api.items import parsed
from trace_api.paging import check_first, page_arguments
from trace_api.resources import asking
from trace_api.scalars import DateTime, usable_text
from trace_api.traces import LogHead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import GraphQLResolveInfo

    from ledger.genealogy.balance_answer import Balance as Answer
    from ledger.genealogy.balance_answer import Total

__all__ = ["BALANCE", "MOST_ITEMS"]

MOST_ITEMS: Final = 10_000
"""Lots and pieces that a balance reckons with; the command line has no limit."""


def _list(field: str, node: Any, description: str) -> Any:
    """A list whose length is asked for; a balance is small, and is read as a whole."""

    def cut(source: Any, _info: GraphQLResolveInfo, first: int) -> Sequence[Any]:
        check_first(field, first)
        values: Sequence[Any] = getattr(source, field)
        return values[:first]

    return graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(node))),
        description=f"{description}, at most `first` of them.",
        resolver=cut,
        **page_arguments(field, after=False),
    )


class Station(graphene.ObjectType):
    """Where something happened."""

    event = graphene.String(required=True, description="eventID of the evidence.")
    time = DateTime(required=True, description="When.")
    step = graphene.String(description="CBV business step, as a bare word, or a URI.")
    place = graphene.String(description="Code of the place.")
    party = graphene.String(required=True, description="The organisation that told of it.")


def _station(node: Any, description: str) -> Any:
    # `at` is the name of a page elsewhere, and would cost what one does.
    return graphene.Field(node, description=description, resolver=lambda one, _info: one.at)


class Quantity(graphene.ObjectType):
    """A kind of flow with how much of it there was."""

    kind = graphene.String(
        required=True,
        description='"produced", "received", "returned", "removed" and "voided" add; "consumed", '
        '"installed", "shipped", "sent_back", "sold", "scrapped", "lost" and "ended" take away.',
    )
    quantity = graphene.String(required=True, description="An exact decimal.")


def _sums_of(total: Total, _info: GraphQLResolveInfo) -> list[dict[str, str]]:
    return [{"kind": kind, "quantity": amount} for kind, amount in total.flows.items()]


class BalanceTotal(graphene.ObjectType):
    """What became of one lot, or of everything asked about, in one dimension."""

    lot = graphene.String(description="Code of the lot; null for everything, and without a lot.")
    unit = graphene.String(description="UN/ECE Rec 20 unit; null means a count.")
    opening = graphene.String(description="In stock before; null where that isn't known.")
    opening_transit = graphene.String(description="On its way before the window.")
    sums = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(Quantity))),
        description="What came and went in the window.",
        resolver=_sums_of,
    )
    in_stock = graphene.String(description="What should be there; null where that isn't known.")
    in_transit = graphene.String(
        description="Shipped and not received, less what was received and never shipped."
    )
    gap = graphene.String(
        required=True, description="The sum of the gaps; below zero something is missing."
    )
    exact = graphene.Boolean(required=True, description="False when a quantity was rounded.")


class BalanceFlow(graphene.ObjectType):
    """One kind of flow of one lot, at one step and place."""

    lot = graphene.String(description="Code of the lot.")
    kind = graphene.String(required=True, description="As in the totals.")
    party = graphene.String(required=True, description="The organisation that told of it.")
    place = graphene.String(description="Code of the place.")
    step = graphene.String(description="CBV business step, as a bare word, or a URI.")
    to = graphene.String(description="Code of the party it went to.")
    quantity = graphene.String(required=True, description="An exact decimal.")
    unit = graphene.String(description="UN/ECE Rec 20 unit; null means a count.")
    events = graphene.Int(required=True, description="Of how many events it is the sum.")


class BalanceCount(graphene.ObjectType):
    """A stocktaking beside what should have been there."""

    lot = graphene.String(description="Code of the lot.")
    station = _station(graphene.NonNull(Station), "Where and when.")
    counted = graphene.String(required=True, description="What was counted.")
    computed = graphene.String(required=True, description="What should have been there.")
    unit = graphene.String(description="UN/ECE Rec 20 unit; null means a count.")


class BalanceGap(graphene.ObjectType):
    """A difference, with the step and place where it arises."""

    kind = graphene.String(
        required=True,
        description='"transit", "overdrawn", "count", "serials" or "yield".',
    )
    lot = graphene.String(description="Code of the lot.")
    quantity = graphene.String(
        required=True, description="What was found less what should be; below zero it is missing."
    )
    unit = graphene.String(description="UN/ECE Rec 20 unit; null means a count.")
    of = graphene.String(required=True, description="What it is a share of.")
    station = _station(graphene.NonNull(Station), "Where it arises.")
    items = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(graphene.String))),
        description=f"Codes of the lot or pieces, at most {balancing.MOST_CODES}.",
    )
    item_count = graphene.Int(required=True, description="How many these are.")
    tolerance = graphene.String(required=True, description="What would have been tolerated.")
    finding = graphene.Boolean(required=True, description="True beyond the tolerance.")


class BalanceQuestion(graphene.ObjectType):
    """What can't be decided, and is in no sum."""

    reason = graphene.String(
        required=True, description='Why, as a word such as "missing_quantity".'
    )
    lot = graphene.String(description="Code of the lot.")
    station = _station(Station, "Where; null where it is about no event.")
    quantity = graphene.String(description="How much it is about, where that is known.")
    unit = graphene.String(description="UN/ECE Rec 20 unit; null means a count.")
    items = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(graphene.String))),
        description=f"Codes of the lot or pieces, at most {balancing.MOST_CODES}.",
    )
    item_count = graphene.Int(required=True, description="How many these are.")


class ConversionSide(graphene.ObjectType):
    """What one product put into a transformation, or got out of it."""

    product = graphene.String(required=True, description="Code of the product.")
    quantity = graphene.String(description="An exact decimal; null where it isn't stated.")
    unit = graphene.String(description="UN/ECE Rec 20 unit; null means a count.")


class Conversion(graphene.ObjectType):
    """A transformation's own balance."""

    station = _station(graphene.NonNull(Station), "Where and when it ended.")
    inputs = _list("inputs", ConversionSide, "What went in")
    outputs = _list("outputs", ConversionSide, "What came out")
    loss = graphene.String(description="Inputs less outputs; null where they can't be compared.")
    share = graphene.String(description="The yield, of 1, rounded to 12 places.")
    unit = graphene.String(description="UN/ECE Rec 20 unit of the loss; null means a count.")
    apart = graphene.String(
        description='Why they can\'t be compared: "several_products", "several_dimensions", '
        '"missing_quantity" or "one_side".'
    )


class Balance(graphene.ObjectType):
    """The mass balance of a lot, a product or a piece."""

    code = graphene.String(required=True, description="Canonical code of what was asked about.")
    level = graphene.Field(graphene.NonNull(Level), description="What the code stands for.")
    from_ = DateTime(
        name="from",
        description="Begin of the window; null means from the first event.",
        resolver=lambda found, _info: found.since,
    )
    to = DateTime(
        description="End of the window; null means now.",
        resolver=lambda found, _info: found.until,
    )
    known_at = DateTime(description="The ledger time asked about; null means now.")
    place = graphene.String(description="The place that the answer is narrowed to.")
    balanced = graphene.Boolean(
        required=True,
        description="True when no gap is beyond the tolerance.",
        resolver=lambda found, _info: not found.findings,
    )
    heads = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(LogHead))),
        description="What the answer is complete to.",
        resolver=lambda found, _info: [
            {"log": origin, "size": head.size, "root": head.root}
            for origin, head in found.heads.items()
        ],
    )
    totals = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(BalanceTotal))),
        description="Everything together, once for each dimension.",
    )
    lots = _list("lots", BalanceTotal, "The same for each lot, where there are several")
    flows = _list("flows", BalanceFlow, "What came and went, by lot, kind, party, place and step")
    counts = _list("counts", BalanceCount, "Stocktakings")
    conversions = _list("conversions", Conversion, "Transformations, oldest first")
    gaps = _list("gaps", BalanceGap, "The gaps, oldest first")
    questions = _list("questions", BalanceQuestion, "What can't be decided")


def _balance(
    _root: None,
    info: GraphQLResolveInfo,
    *,
    code: str,
    from_: int | None = None,
    to: int | None = None,
    known_at: int | None = None,
    place: str | None = None,
    tolerance: str | None = None,
) -> Answer:
    return balancing.balance(
        asking(info).connection,
        parsed(code).uri,
        since=from_,
        until=to,
        known_at=known_at,
        place=None if place is None else parsed(place).uri,
        tolerance=None
        if tolerance is None
        else parse_tolerance(usable_text("tolerance", tolerance)),
        most_items=MOST_ITEMS,
    )


BALANCE: Final = graphene.Field(
    Balance,
    description="Balance what came of a lot or product against what went.",
    resolver=_balance,
    code=graphene.String(
        required=True, description="A lot, a product (all its lots), or one piece, in any form."
    ),
    from_=DateTime(
        name="from", description="Begin of the window; what was before is the opening stock."
    ),
    to=DateTime(description="End of the window."),
    known_at=DateTime(description="Leave out what the ledger received later."),
    place=graphene.String(description="Tell only what happened at this place, by its code."),
    tolerance=graphene.String(
        description="What a gap may be: 0.5%, 2 KGM or 3; by default as master data says."
    ),
)
