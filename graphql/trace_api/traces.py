# mypy: disallow-subclassing-any=False
"""Traces: what an item went into, what it came from, and how complete the answer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import graphene

from ledger.genealogy import trace as genealogy
from ledger.genealogy.answer import link_order
from ledger.genealogy.explaining import explain
from ledger.genealogy.selecting import narrowed
from trace_api.columns import attribute
from trace_api.enums import (
    Direction,
    Language,
    Level,
    LinkKind,
    LinkManner,
    OpenEndReason,
    QuestionTopic,
    enum_argument,
)
from trace_api.enums import MessageLanguage as MessageWords
from trace_api.errors import LimitError
from trace_api.items import parsed
from trace_api.paging import Page, check_first, connection_type, page_arguments, page_of
from trace_api.questions import asked_ways, part_arguments, selection_of, way_argument
from trace_api.resources import asking
from trace_api.scalars import DateTime, Long
from trace_api.sights import SIGHT_ARGUMENTS, sight_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import GraphQLResolveInfo

    from ledger.genealogy.roles import Kind
    from ledger.genealogy.stages import Stage
    from ledger.genealogy.trace import Trace as Answer
    from ledger.genealogy.trace import TraceItem as ReachedItem
    from ledger.genealogy.trace import TraceLink as Step

__all__ = [
    "MOST_ITEMS",
    "TRACE",
    "ItemConnection",
    "LinkConnection",
    "LogHead",
    "Trace",
    "TraceItem",
    "asked_trace",
    "link_page",
]

MOST_ITEMS: Final = 10_000
"""Items after which a trace is cut; the command line and exports have no limit."""
MOST_CODES: Final = 100
"""Codes that a question names."""


class LogHead(graphene.ObjectType):
    """How far a log reached when it was read."""

    log = graphene.String(required=True, description="The log's origin.")
    size = Long(required=True, description="Entries.")
    root = graphene.String(
        required=True, description="Merkle root of these entries, base64 as in a checkpoint."
    )


class TraceItem(graphene.ObjectType):
    """An item that the trace reached."""

    code = graphene.String(required=True, description="Its canonical code.")
    kind = graphene.Field(graphene.NonNull(Level), description="What the code stands for.")
    depth = graphene.Int(required=True, description="The fewest links from the root.")
    quantity = graphene.String(
        description="How much of it was made, as an exact decimal, where stated in one unit."
    )
    unit = graphene.String(description="UN/ECE Rec 20 unit of the quantity; null means a count.")
    status = graphene.String(description='CBV disposition, or "announced".')
    location = graphene.String(description="Code of the place where it is.")
    holder = graphene.String(description="Code of the party that holds it.")
    inside = graphene.String(description="Code of what it is packed or installed in.")
    container = graphene.Boolean(
        required=True,
        description="True when it was reached only as a place where others are packed: "
        "it is not affected.",
    )
    exposed_from = DateTime(
        description="Forward: since when it is affected; null means ever since it is there."
    )
    exposed_until = DateTime(
        description="Forward: when what affected it was taken out; null means it is affected now."
    )
    step = graphene.String(description="Newest business step: a CBV word, or a URI.")
    last_time = DateTime(description="When the newest event happened that it takes part in.")


class TraceLink(graphene.ObjectType):
    """A step of the genealogy; the ends are the same in either direction of the trace."""

    from_ = graphene.String(
        name="from",
        required=True,
        description="The input, child or lot.",
        resolver=attribute("source"),
    )
    to = graphene.String(
        required=True,
        description="The output, parent or member.",
        resolver=attribute("target"),
    )
    kind = graphene.Field(graphene.NonNull(LinkKind), description="The kind of link.")
    event = graphene.String(required=True, description="eventID of the evidence.")
    time = DateTime(required=True, description="When it happened.")
    until = DateTime(description="The end of an interval that has ended.")
    quantity = graphene.String(
        description="How much of `from` went into the event, as an exact decimal."
    )
    unit = graphene.String(description="UN/ECE Rec 20 unit of the quantity; null means a count.")
    step = graphene.String(
        description="Business step of the evidence, such as repackaging or replacing: "
        "a CBV word, or a URI."
    )
    manner = graphene.Field(
        LinkManner, description="What people call it; null where there is no such word."
    )


def _first(name: str, found: Sequence[Any], first: int) -> Sequence[Any]:
    check_first(name, first)
    return found[:first]


def _at(cut: tuple[str, Sequence[str]], _info: GraphQLResolveInfo, first: int) -> Sequence[str]:
    return _first("at", cut[1], first)


class Cut(graphene.ObjectType):
    """Where a trace stopped although it would have gone on, and why."""

    reason = graphene.String(
        required=True,
        description='A limit: "depth", "items" or "time"; "rights": logs that were not to be '
        'read tell more; "unverified": later entries do.',
        resolver=lambda cut, _info: cut[0],
    )
    count = graphene.Int(
        required=True,
        description="At how many items.",
        resolver=lambda cut, _info: len(cut[1]),
    )
    at = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(graphene.String))),
        description="Codes of these items.",
        resolver=_at,
        **page_arguments("at", after=False),
    )


class OpenEnd(graphene.ObjectType):
    """An item whose life goes on where nobody has reported it."""

    code = graphene.String(required=True, description="The item's canonical code.")
    reason = graphene.Field(graphene.NonNull(OpenEndReason), description="Why the end is open.")
    since = DateTime(description="When the newest event happened that it takes part in.")


class TraceQuestion(graphene.ObjectType):
    """What was said and can't be meant, or doesn't say enough: a person must find out."""

    topic = graphene.Field(graphene.NonNull(QuestionTopic), description="What is odd.")
    codes = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(graphene.String))),
        description="Codes of the items that it is about.",
        resolver=lambda question, _info: question.codes[:MOST_CODES],
    )
    event = graphene.String(description="eventID of the event that says so; null: several do.")


ItemConnection: Final = connection_type(TraceItem, "the items of a trace, nearest first")
LinkConnection: Final = connection_type(TraceLink, "the links of a trace, oldest first")


_LINK_SHAPE: Final = (int, str, str, int, str, str, str, str)


def _items(
    trace: Answer, _info: GraphQLResolveInfo, first: int, after: str | None = None
) -> Page[ReachedItem]:
    check_first("items", first)
    return page_of(trace.items, lambda one: (one.depth, one.code), (int, str), first, after)


def _links(
    trace: Answer, _info: GraphQLResolveInfo, first: int, after: str | None = None
) -> Page[Step]:
    return link_page(trace.links, first, after)


def link_page(links: Sequence[Step], first: int, after: str | None) -> Page[Step]:
    """A page of links, which are in the order of an answer."""
    check_first("links", first)
    return page_of(links, link_order, _LINK_SHAPE, first, after)


def _explanation(
    trace: Answer, _info: GraphQLResolveInfo, code: str, language: MessageWords
) -> list[str]:
    return explain(trace, parsed(code).uri, language.value)


def _heads(trace: Answer, _info: GraphQLResolveInfo) -> list[dict[str, Any]]:
    return [
        {"log": origin, "size": head.size, "root": head.root}
        for origin, head in trace.heads.items()
    ]


class Trace(graphene.ObjectType):
    """The answer to a question about the genealogy of one item.

    Pages of one trace belong together only while nothing is captured between them: ask for all of
    them with the same `knownAt`.
    """

    root = graphene.String(required=True, description="Canonical code of the item asked about.")
    direction = graphene.Field(graphene.NonNull(Direction), description="Which way it looks.")
    target = graphene.String(
        description="Canonical code of the item that the ways lead to; null without `to`."
    )
    as_of = DateTime(description="The event time asked about; null means now.")
    known_at = DateTime(description="The ledger time asked about; null means now.")
    complete = graphene.Boolean(
        required=True, description="True when nothing that is known at `heads` is missing."
    )
    cut = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(Cut))),
        description="Where and why the trace stopped early; empty when it is complete.",
    )
    explanation = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(graphene.String))),
        description="Why an item is in the answer: a sentence for each link from the root to it.",
        resolver=_explanation,
        code=graphene.String(required=True, description="The item's code, in any form."),
        language=enum_argument(Language, MessageWords.EN, "Of the sentences."),
    )
    heads = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(LogHead))),
        description="What the answer is complete to.",
        resolver=_heads,
    )
    open_ends = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(OpenEnd))),
        description="Items, the root among them, whose life goes on where nobody has reported it.",
        resolver=lambda trace, _info, first: _first("openEnds", trace.open_ends, first),
        **page_arguments("openEnds", after=False),
    )
    questions = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(TraceQuestion))),
        description="What was said and can't be meant, or doesn't say enough.",
        resolver=lambda trace, _info, first: _first("questions", trace.questions, first),
        **page_arguments("questions", after=False),
    )
    left_out = graphene.Int(
        required=True,
        description="How many items were reached that the arguments leave out of the answer.",
    )
    item_count = graphene.Int(
        required=True,
        description="How many items it reached.",
        resolver=lambda trace, _info: len(trace.items),
    )
    link_count = graphene.Int(
        required=True,
        description="How many links it followed.",
        resolver=lambda trace, _info: len(trace.links),
    )
    items = graphene.Field(
        graphene.NonNull(ItemConnection),
        description="The items it reached, without the root.",
        resolver=_items,
        **page_arguments("items"),
    )
    links = graphene.Field(
        graphene.NonNull(LinkConnection),
        description="The links between them.",
        resolver=_links,
        **page_arguments("links"),
    )


def asked_trace(
    info: GraphQLResolveInfo,
    code: str,
    direction: genealogy.Direction,
    *,
    links: Sequence[Kind] | None,
    sight: Mapping[str, Any] | None = None,
    to: str | None = None,
    **options: Any,
) -> Answer:
    """A trace, as the fields of the API ask for it."""
    kinds = None if links is None else tuple(dict.fromkeys(links))
    depth = options.get("depth")
    if depth is not None and depth < 0:
        raise LimitError(f"Expected a depth of 0 or more, got {depth}.")
    request = asking(info)
    options["walker"] = request.resources.walker(request.connection)
    options |= sight_options(request, **(sight or {}))
    if to is not None:
        return asked_ways(request.connection, code, direction, to=to, kinds=kinds, options=options)
    found = parsed(code).uri
    return genealogy.trace(request.connection, found, direction, kinds=kinds, **options)


def _trace(
    _root: None,
    info: GraphQLResolveInfo,
    *,
    code: str,
    direction: genealogy.Direction,
    max_items: int,
    to: str | None = None,
    as_of: int | None = None,
    known_at: int | None = None,
    links: Sequence[Kind] | None = None,
    product: str | None = None,
    party: str | None = None,
    place: str | None = None,
    stage: Stage | None = None,
    since: int | None = None,
    until: int | None = None,
    depth: int | None = None,
    **sight: Any,
) -> Answer:
    if not 1 <= max_items <= MOST_ITEMS:
        raise LimitError(f"Expected maxItems from 1 to {MOST_ITEMS}, got {max_items}.")
    found = asked_trace(
        info,
        code,
        direction,
        links=links,
        sight=sight,
        to=to,
        as_of=as_of,
        known_at=known_at,
        since=since,
        until=until,
        depth=depth,
        most_items=max_items,
    )
    return narrowed(found, selection_of(product=product, party=party, place=place, stage=stage))


TRACE: Final = graphene.Field(
    Trace,
    description="Trace an item: what it went into, or what it came from.",
    resolver=_trace,
    code=graphene.String(required=True, description="The item's code, in any form."),
    direction=enum_argument(Direction, genealogy.Direction.FORWARD, "Which way to look."),
    to=way_argument(),
    as_of=DateTime(description="Leave out events that happened later."),
    known_at=DateTime(description="Leave out what the ledger received later."),
    links=graphene.List(
        graphene.NonNull(LinkKind),
        description="Kinds of links to follow; by default all, but `MEASURED` only "
        "from an instrument that went into nothing itself.",
    ),
    **part_arguments(),
    max_items=graphene.Int(
        required=True,
        default_value=MOST_ITEMS,
        description=f"Items after which the trace is cut, at most {MOST_ITEMS}.",
    ),
    **SIGHT_ARGUMENTS,
)
