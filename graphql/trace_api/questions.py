"""What `trace` and `traceDifference` are asked alike: for a part, or for the ways to an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import graphene

from ledger.genealogy.between import trace_between
from ledger.genealogy.roles import MATERIAL
from ledger.genealogy.selecting import Selection
from ledger.genealogy.trace import Direction
from ledger.projection import canonical_code
from trace_api.enums import LifeStage
from trace_api.errors import ApiError, ErrorCode
from trace_api.items import parsed
from trace_api.scalars import DateTime, usable_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from ledger.genealogy.roles import Kind
    from ledger.genealogy.stages import Stage
    from ledger.genealogy.trace import Trace

__all__ = ["asked_ways", "part_arguments", "selection_of", "way_argument"]


def way_argument() -> Any:
    """The argument `to`."""
    return graphene.String(
        description="Show only what is on the ways forward to this item: its code, in any form. "
        "Not together with `since`, `until` and `depth`."
    )


def part_arguments() -> dict[str, Any]:
    """The arguments that ask for a part of an answer."""
    return {
        "since": DateTime(
            description="Only what the item was from this event time on: a gauge, a lot gone bad."
        ),
        "until": DateTime(description="Only what the item was up to this event time."),
        "product": graphene.String(
            description="Show items of this product only: its code, in any form."
        ),
        "party": graphene.String(
            description="Show only what this party holds: its code, or an organisation's short "
            "name."
        ),
        "place": graphene.String(
            description="Show only what is at this place, or at a part of it."
        ),
        "stage": graphene.Argument(
            LifeStage, description="Show only what is in this stage of its life."
        ),
        "depth": graphene.Int(description="The most links from the root; no limit by default."),
    }


def selection_of(
    *,
    product: str | None,
    party: str | None,
    place: str | None,
    stage: Stage | None,
) -> Selection:
    """Which items are shown."""
    return Selection(
        product=None if product is None else parsed(product).uri,
        party=None if party is None else canonical_code(usable_text("party", party)).uri,
        place=None if place is None else canonical_code(usable_text("place", place)).uri,
        stage=stage,
    )


def asked_ways(
    connection: Connection,
    code: str,
    direction: Direction,
    *,
    to: str,
    kinds: Collection[Kind] | None,
    options: Mapping[str, Any],
) -> Trace:
    """The ways from an item to another, as the fields of the API ask for them.

    Raises:
        ApiError: The other arguments ask for something else than whole ways forward.
    """
    others = dict(options)
    if {others.pop(name, None) for name in ("since", "until", "depth")} != {None}:
        raise ApiError(
            ErrorCode.INVALID_ARGUMENT,
            "Expected no since, until and depth together with to, which asks for whole ways.",
        )
    if direction is not Direction.FORWARD:
        raise ApiError(
            ErrorCode.INVALID_ARGUMENT,
            f"Expected direction FORWARD together with to, got {direction.name}: "
            "exchange code and to instead.",
        )
    return trace_between(
        connection,
        parsed(code).uri,
        parsed(to).uri,
        kinds=kinds or MATERIAL,
        **others,
    )
