# mypy: disallow-subclassing-any=False
"""Events, and trace items with their state and history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import graphene

from identifiers import ItemCode, read_item_code
from ledger import query
from ledger.epcis.cbv import plain_word
from ledger.epcis.export import export_event
from trace_api.enums import Level
from trace_api.paging import Page, check_first, connection_type, key_of, page_arguments, page_of
from trace_api.resources import asking
from trace_api.scalars import DateTime, Long, usable_text

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    from ledger.query import StoredEvent

__all__ = ["EVENTS", "ITEM", "parsed"]


def parsed(code: str) -> ItemCode:
    """Read the code of an argument, in any form.

    Raises:
        ApiError: It can't be any code.
        IdentifierError: It isn't what it claims to be.
    """
    return read_item_code(usable_text("code", code))


def _of_event(name: str) -> Any:
    return lambda stored, _info: stored.event.get(name)


def _place(name: str) -> Any:
    return lambda stored, _info: (stored.event.get(name) or {}).get("id")


class Event(graphene.ObjectType):
    """One EPCIS event with its place in a log."""

    event_id = graphene.String(required=True, description="Its eventID.")
    log = graphene.String(required=True, description="The origin of the log that holds it.")
    seq = Long(required=True, description="Its place in that log, from 0.")
    type = graphene.String(
        required=True,
        description="ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent, "
        "AssociationEvent, or an extension's type.",
        resolver=_of_event("type"),
    )
    action = graphene.String(
        description="ADD, OBSERVE or DELETE; null for a transformation.",
        resolver=_of_event("action"),
    )
    time = DateTime(required=True, description="When it happened.")
    received_at = DateTime(required=True, description="When the ledger received it.")
    declared_error = graphene.Boolean(
        required=True, description="True when a later event has taken it back."
    )
    biz_step = graphene.String(
        description="CBV business step, as a bare word, or a URI.", resolver=_of_event("bizStep")
    )
    disposition = graphene.String(
        description="CBV disposition of its items from then on.", resolver=_of_event("disposition")
    )
    read_point = graphene.String(
        description="The point where it was recorded.", resolver=_place("readPoint")
    )
    biz_location = graphene.String(
        description="The place where its items are from then on.", resolver=_place("bizLocation")
    )
    document = graphene.String(
        required=True,
        description="The whole event as EPCIS 2.0 JSON-LD.",
        resolver=lambda stored, _info: export_event(stored.body).decode("utf-8"),
    )


EventConnection: Final = connection_type(Event, "events")


class ItemState(graphene.ObjectType):
    """Where an item is, who holds it, inside what, and in which state."""

    status = graphene.String(
        description='CBV disposition, or "announced" for an item that was only mentioned yet.'
    )
    location = graphene.String(description="Code of the place it was last seen at.")
    holder = graphene.String(
        description="Code of the party it last went to, else who last reported it."
    )
    inside = graphene.String(description="Code of the container or assembly it is in.")
    last_time = DateTime(description="When the newest event happened that it takes part in.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """An item as it was asked for."""

    code: ItemCode
    state: query.Item

    def events(
        self, info: GraphQLResolveInfo, first: int, after: str | None = None
    ) -> Page[StoredEvent]:
        return _events(None, info, first, after, code=self.code.uri)

    def history(
        self, info: GraphQLResolveInfo, first: int, after: str | None = None
    ) -> Page[StoredEvent]:
        check_first("history", first)
        found = query.item_history(asking(info).connection, self.code.uri)
        return page_of(found, lambda one: (one.time, one.row), (int, int), first, after)


class Item(graphene.ObjectType):
    """A trace item: a serial instance, a lot, a logistic unit, or what another scheme names."""

    code = graphene.String(
        required=True,
        description="Its canonical code.",
        resolver=lambda asked, _info: asked.code.uri,
    )
    level = graphene.Field(
        graphene.NonNull(Level),
        description="What the code stands for.",
        resolver=lambda asked, _info: asked.state.kind,
    )
    product = graphene.String(
        description="Canonical code of its product class, where the code names one.",
        resolver=lambda asked, _info: asked.code.product,
    )
    lot = graphene.String(
        description="Canonical code of the lot that the code names.",
        resolver=lambda asked, _info: asked.code.lot,
    )
    serial = graphene.String(
        description="The serial number that the code names.",
        resolver=lambda asked, _info: asked.code.serial,
    )
    state = graphene.Field(graphene.NonNull(ItemState), description="Its state then.")
    events = graphene.Field(
        graphene.NonNull(EventConnection),
        description="The events that name it, in the order of their arrival.",
        resolver=lambda asked, info, **page: asked.events(info, **page),
        **page_arguments("events"),
    )
    history = graphene.Field(
        graphene.NonNull(EventConnection),
        description="The events of its life, oldest first, with those of what it was inside then; "
        "without events that were taken back.",
        resolver=lambda asked, info, **page: asked.history(info, **page),
        **page_arguments("history"),
    )


def _item(
    _root: None,
    info: GraphQLResolveInfo,
    code: str,
    as_of: int | None = None,
    known_at: int | None = None,
) -> _Asked:
    item_code = parsed(code)
    state = query.item(asking(info).connection, item_code.uri, as_of=as_of, known_at=known_at)
    return _Asked(item_code, state)


def _events(
    _root: None,
    info: GraphQLResolveInfo,
    first: int,
    after: str | None = None,
    code: str | None = None,
    biz_step: str | None = None,
) -> Page[StoredEvent]:
    check_first("events", first)
    row = 0 if after is None else key_of(after, (int,))[0]
    if biz_step is not None:
        biz_step = usable_text("bizStep", biz_step)
        biz_step = plain_word("bizStep", biz_step) or biz_step
    found = query.events(
        asking(info).connection,
        first=first + 1,
        after=int(row),
        code=None if code is None else parsed(code).uri,
        biz_step=biz_step,
    )
    return Page.cut(found, lambda one: (one.row,), first, after)


ITEM: Final = graphene.Field(
    Item,
    description="The item that a code stands for.",
    resolver=_item,
    code=graphene.String(
        required=True,
        description="Its code in any form: Digital Link, EPC URN, element string, another URI.",
    ),
    as_of=DateTime(description="State at this event time; now by default."),
    known_at=DateTime(description="State as the ledger knew it then; now by default."),
)

EVENTS: Final = graphene.Field(
    EventConnection,
    description="Events in the order of their arrival.",
    resolver=_events,
    **page_arguments("events"),
    code=graphene.String(description="Only events that name this item, by its code in any form."),
    biz_step=graphene.String(
        description="Only events of this business step: a CBV word, its URN, or another URI."
    ),
)
