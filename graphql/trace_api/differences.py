# mypy: disallow-subclassing-any=False
"""How a trace differs from what it was at an earlier moment of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import graphene

from ledger.genealogy.difference import difference
from ledger.genealogy.selecting import narrowed
from ledger.genealogy.trace import Direction as Way
from trace_api.columns import attribute
from trace_api.enums import Direction, ItemField, LinkKind, enum_argument
from trace_api.paging import check_first, connection_type, page_arguments, page_of
from trace_api.questions import part_arguments, selection_of, way_argument
from trace_api.scalars import DateTime
from trace_api.sights import SIGHT_ARGUMENTS
from trace_api.traces import (
    MOST_ITEMS,
    ItemConnection,
    LinkConnection,
    Trace,
    TraceItem,
    asked_trace,
    link_page,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphql import GraphQLResolveInfo

    from ledger.genealogy.difference import TraceDifference as Answer
    from ledger.genealogy.roles import Kind
    from ledger.genealogy.stages import Stage
    from trace_api.paging import Page

__all__ = ["TRACE_DIFFERENCE"]


def _items(name: str) -> Callable[..., Page[Any]]:
    def resolve(
        found: Answer, _info: GraphQLResolveInfo, first: int, after: str | None = None
    ) -> Page[Any]:
        check_first(name, first)
        items = getattr(found, name)
        return page_of(items, lambda one: (one.depth, one.code), (int, str), first, after)

    return resolve


def _changed(
    found: Answer, _info: GraphQLResolveInfo, first: int, after: str | None = None
) -> Page[Any]:
    check_first("changed", first)
    key = lambda one: (one.after.depth, one.after.code)  # noqa: E731 - one word of a call
    return page_of(found.changed, key, (int, str), first, after)


class ItemChange(graphene.ObjectType):
    """An item that both answers hold, and of which they don't say the same."""

    before = graphene.Field(graphene.NonNull(TraceItem), description="As it was.")
    after = graphene.Field(graphene.NonNull(TraceItem), description="As it is.")
    fields = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(ItemField))),
        description="The fields of which they don't say the same.",
        resolver=attribute("changed"),
    )


ChangeConnection: Final = connection_type(ItemChange, "the changes of items, nearest first")


class TraceDifference(graphene.ObjectType):
    """What a frozen recall scope has to add, drop and change since."""

    before = graphene.Field(graphene.NonNull(Trace), description="The answer of then.")
    after = graphene.Field(graphene.NonNull(Trace), description="The answer of now.")
    added = graphene.Field(
        graphene.NonNull(ItemConnection),
        description="Items that were not reached then.",
        resolver=_items("added"),
        **page_arguments("added"),
    )
    removed = graphene.Field(
        graphene.NonNull(ItemConnection),
        description="Items that are not reached any more: an event was declared an error.",
        resolver=_items("removed"),
        **page_arguments("removed"),
    )
    changed = graphene.Field(
        graphene.NonNull(ChangeConnection),
        description="Items of which the answers don't say the same.",
        resolver=_changed,
        **page_arguments("changed"),
    )
    added_links = graphene.Field(
        graphene.NonNull(LinkConnection),
        description="Links that were not followed then.",
        resolver=lambda found, _info, first, after=None: link_page(found.added_links, first, after),
        **page_arguments("addedLinks"),
    )
    removed_links = graphene.Field(
        graphene.NonNull(LinkConnection),
        description="Links that are not there any more.",
        resolver=lambda found, _info, first, after=None: link_page(
            found.removed_links, first, after
        ),
        **page_arguments("removedLinks"),
    )


def _difference(
    _root: None,
    info: GraphQLResolveInfo,
    *,
    code: str,
    direction: Way,
    before: int,
    after: int | None = None,
    links: Sequence[Kind] | None = None,
    to: str | None = None,
    product: str | None = None,
    party: str | None = None,
    place: str | None = None,
    stage: Stage | None = None,
    **options: Any,
) -> Answer:
    selection = selection_of(product=product, party=party, place=place, stage=stage)
    options["most_items"] = MOST_ITEMS
    options["sight"] = {name: options.pop(name) for name in SIGHT_ARGUMENTS if name in options}
    known = (
        asked_trace(info, code, direction, links=links, to=to, known_at=moment, **options)
        for moment in (before, after)
    )
    return difference(*(narrowed(found, selection) for found in known))


TRACE_DIFFERENCE: Final = graphene.Field(
    TraceDifference,
    description="How a trace differs between two moments of the ledger.",
    resolver=_difference,
    code=graphene.String(required=True, description="The item's code, in any form."),
    direction=enum_argument(Direction, Way.FORWARD, "Which way to look."),
    to=way_argument(),
    before=DateTime(required=True, description="What was received later is not in the older one."),
    after=DateTime(description="The same for the newer one; now by default."),
    as_of=DateTime(description="Leave out events that happened later."),
    links=graphene.List(
        graphene.NonNull(LinkKind), description="Kinds of links to follow, as in `trace`."
    ),
    **part_arguments(),
    **SIGHT_ARGUMENTS,
)
