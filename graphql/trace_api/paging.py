# mypy: disallow-subclassing-any=False
"""Pages by key: a cursor holds the key of a value, so what was read stays what it was.

Rules kept:

* A page is never an offset. Values that arrive later don't move the values of a page that was read.
* A cursor is opaque and checked like any text from outside: a wrong one is refused.
* Each paged field stands in `SIZES`, from which its arguments and its cost are made.

https://relay.dev/graphql/connections.htm
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar, overload

import graphene
import orjson

from trace_api.columns import Columnar
from trace_api.errors import ApiError, ErrorCode, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "SIZES",
    "Page",
    "PageInfo",
    "PageSize",
    "check_first",
    "connection_type",
    "cursor_of",
    "key_of",
    "page_arguments",
    "page_of",
]

_Value = TypeVar("_Value")
Key = tuple[str | int, ...]
"""What values are ordered by; unique for each value."""

_LONGEST_CURSOR: Final = 8000  # characters
_LARGEST: Final = 2**63 - 1  # what a database's integer holds


class PageSize(NamedTuple):
    """How many values a field returns at once."""

    usual: int
    most: int
    by_column: bool = False
    """True where all that can be selected is completed by column (`trace_api.columns`)."""


SIZES: Final = {
    "events": PageSize(50, 500),
    "history": PageSize(50, 500),
    "organisations": PageSize(50, 500),
    "items": PageSize(500, 10_000, by_column=True),
    "links": PageSize(500, 10_000, by_column=True),
    "added": PageSize(500, 10_000, by_column=True),
    "removed": PageSize(500, 10_000, by_column=True),
    "changed": PageSize(500, 10_000, by_column=True),
    "addedLinks": PageSize(500, 10_000, by_column=True),
    "removedLinks": PageSize(500, 10_000, by_column=True),
    "at": PageSize(100, 1000),
    "openEnds": PageSize(100, 1000),
    "questions": PageSize(100, 1000),
    "receipts": PageSize(500, 5000),
    "lots": PageSize(100, 1000),
    "flows": PageSize(500, 5000),
    "counts": PageSize(100, 1000),
    "conversions": PageSize(100, 1000),
    "inputs": PageSize(10, 100),
    "outputs": PageSize(10, 100),
    "gaps": PageSize(100, 1000),
}
"""By field name; a name stands for the same sizes wherever it is used."""


@dataclass(frozen=True, slots=True)
class Edge(Generic[_Value]):
    """A value with its place."""

    node: _Value
    key: Key

    @property
    def cursor(self) -> str:
        """The place as text."""
        return cursor_of(self.key)


@dataclass(frozen=True, slots=True)
class Edges(Columnar[Edge[_Value]]):
    """The values of a page with their places; a cursor is written when it is asked for."""

    nodes: Sequence[_Value]
    key: Callable[[_Value], Key]

    def __len__(self) -> int:
        return len(self.nodes)

    @overload
    def __getitem__(self, index: int) -> Edge[_Value]: ...
    @overload
    def __getitem__(self, index: slice) -> Edges[_Value]: ...
    def __getitem__(self, index: int | slice) -> Edge[_Value] | Edges[_Value]:
        if isinstance(index, slice):
            return Edges(self.nodes[index], self.key)
        node = self.nodes[index]
        return Edge(node, self.key(node))

    def column(self, name: str) -> list[Any]:
        """All values, or all cursors."""
        if name == "cursor":
            return list(map(cursor_of, map(self.key, self.nodes)))
        return list(self.nodes)


@dataclass(frozen=True, slots=True)
class Page(Generic[_Value]):
    """Part of an ordered set of values."""

    edges: Edges[_Value]
    more: bool
    """True when values follow."""
    later: bool
    """True when it isn't the first page."""

    @classmethod
    def cut(
        cls,
        found: Sequence[_Value],
        key: Callable[[_Value], Key],
        first: int,
        after: str | None,
    ) -> Page[_Value]:
        """Make a page of values that were asked for with one more than `first`."""
        return cls(Edges(found[:first], key), len(found) > first, after is not None)


def page_of(
    values: Sequence[_Value],
    key: Callable[[_Value], Key],
    shape: tuple[type, ...],
    first: int,
    after: str | None,
) -> Page[_Value]:
    """A page of values that are all there, in the order of their keys."""
    start = 0 if after is None else bisect_right(values, key_of(after, shape), key=key)
    return Page.cut(values[start : start + first + 1], key, first, after)


def cursor_of(key: Key) -> str:
    """Write a key as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode("ascii")


def key_of(cursor: str, shape: tuple[type, ...]) -> Key:
    """Read a cursor whose key has the given types.

    Raises:
        ApiError: It isn't a cursor of this field.
    """
    wrong = ApiError(
        ErrorCode.INVALID_ARGUMENT,
        f"Expected the cursor of an earlier page, got {cursor[:40]!r}. Copy endCursor unchanged.",
    )
    if len(cursor) > _LONGEST_CURSOR:
        raise wrong
    try:
        found = json.loads(base64.b64decode(cursor.encode("ascii"), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise wrong from None
    if not isinstance(found, list) or tuple(map(type, found)) != shape:
        raise wrong
    if any(isinstance(part, int) and abs(part) > _LARGEST for part in found):
        raise wrong
    return tuple(found)


def check_first(field: str, first: int) -> None:
    """Check the size of a page.

    Raises:
        LimitError: It is larger than the field allows, or smaller than 1.
    """
    most = SIZES[field].most
    if not 1 <= first <= most:
        raise LimitError(f"Expected first of {field} from 1 to {most}, got {first}.")


def page_arguments(field: str, *, after: bool = True) -> dict[str, Any]:
    """The arguments of a paged field."""
    size = SIZES[field]
    arguments: dict[str, Any] = {
        "first": graphene.Int(
            required=True,
            default_value=size.usual,
            description=f"The most values to return, from 1 to {size.most}.",
        )
    }
    if after:
        arguments["after"] = graphene.String(
            description="The endCursor of the page before; leave it out for the first page."
        )
    return arguments


class PageInfo(graphene.ObjectType):
    """Where a page stands among the others."""

    has_next_page = graphene.Boolean(
        required=True,
        description="True when values follow.",
        resolver=lambda page, _info: page.more,
    )
    has_previous_page = graphene.Boolean(
        required=True,
        description="True when it isn't the first page.",
        resolver=lambda page, _info: page.later,
    )
    start_cursor = graphene.String(
        description="The cursor of the first value; null on an empty page.",
        resolver=lambda page, _info: page.edges[0].cursor if page.edges else None,
    )
    end_cursor = graphene.String(
        description="The cursor of the last value, to ask for the next page with.",
        resolver=lambda page, _info: page.edges[-1].cursor if page.edges else None,
    )


def connection_type(node: Any, plural: str) -> Any:
    """Make the connection type of a node type; its source is a `Page`."""
    name = node._meta.name  # noqa: SLF001 - graphene's documented place of a type's name
    edge = type(
        f"{name}Edge",
        (graphene.ObjectType,),
        {
            "__doc__": f"One of {plural} with its cursor.",
            "node": graphene.Field(graphene.NonNull(node), description="The value."),
            "cursor": graphene.String(required=True, description="Its place, as an opaque text."),
        },
    )
    return type(
        f"{name}Connection",
        (graphene.ObjectType,),
        {
            "__doc__": f"A page of {plural}.",
            "edges": graphene.Field(
                graphene.NonNull(graphene.List(graphene.NonNull(edge))),
                description="The values with their cursors.",
            ),
            "page_info": graphene.Field(
                graphene.NonNull(PageInfo),
                description="Where the page stands.",
                resolver=lambda page, _info: page,
            ),
        },
    )
