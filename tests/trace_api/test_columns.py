# mypy: disallow-subclassing-any=False
"""Lists by column, held against graphql-core row by row: whatever is asked of whatever rows."""

import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import graphene
import msgspec
import pytest
from graphql import ExecutionContext, Undefined, execute_sync, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from identifiers import Level
from ledger.genealogy.answer import TraceItem, TraceLink
from ledger.genealogy.difference import ItemChange
from ledger.genealogy.manners import Manner
from ledger.genealogy.roles import Kind
from ledger.times import as_text
from tests.trace_api.house import LOT, House
from trace_api import execution
from trace_api.columns import ColumnContext, _NotSimpleError, _reader, attribute
from trace_api.paging import SIZES, connection_type, page_of
from trace_api.scalars import DateTime, Long
from trace_api.schema import SCHEMA


class Colour(StrEnum):
    """An enum of ours."""

    RED = "red"
    BLUE = "blue"


class Leaf(graphene.ObjectType):
    """What hangs on a row."""

    name = graphene.String(required=True)
    size = graphene.Int()


class Named(graphene.Interface):
    """An interface that fragments may be on."""

    text = graphene.String()


class Row(graphene.ObjectType):
    """A row with fields of every simple kind, and of some that aren't."""

    class Meta:
        """Of graphene."""

        interfaces = (Named,)

    text = graphene.String(required=True)
    note = graphene.String(default_value="by default")
    number = graphene.Int()
    flag = graphene.Boolean()
    colour = graphene.Enum.from_enum(Colour)()
    time = DateTime()
    long = Long()
    other = graphene.String(resolver=attribute("text"))
    leaf = graphene.Field(Leaf)
    leaves = graphene.List(graphene.NonNull(Leaf))
    words = graphene.List(graphene.String, required=True)
    made = graphene.String(resolver=lambda row, _info: str(row)[:9])
    asked = graphene.Int(times=graphene.Int(default_value=2))


RowConnection = connection_type(Row, "rows")


class Query(graphene.ObjectType):
    """Lists of rows."""

    rows = graphene.List(Row)
    sure = graphene.List(graphene.NonNull(Row))
    page = graphene.Field(RowConnection)
    grid = graphene.List(graphene.List(Row))
    named = graphene.List(Named)


ROWS = graphene.Schema(query=Query, types=[Row]).graphql_schema
SIMPLE = [
    "text",
    "note",
    "number",
    "flag",
    "colour",
    "time",
    "long",
    "other",
    "words",
    "__typename",
]
NESTED = ["leaf { name }", "leaf { size name }", "leaves { name size }", "leaves { __typename }"]
NOT_SIMPLE = ["made", "asked", "asked(times: 3)"]


@dataclass
class Thing:
    """The source of a row."""

    text: Any = "a"
    note: Any = None
    number: Any = 1
    flag: Any = True
    colour: Any = Colour.RED
    time: Any = 0
    long: Any = 2**52
    leaf: Any = None
    leaves: Any = ()
    words: Any = ()
    asked: Any = 5


class Poor:
    """A source that lacks most of what is asked for."""

    text = "poor"
    words = ("x",)


GOOD: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=3),
    "note": st.none() | st.text(max_size=3),
    "number": st.none() | st.integers(-(2**31), 2**31 - 1),
    "flag": st.none() | st.booleans(),
    "colour": st.none() | st.sampled_from(Colour),
    "time": st.none() | st.integers(-(2**58), 2**58),
    "long": st.none() | st.integers(0, 2**53),
    "leaf": st.none()
    | st.builds(dict, name=st.text(max_size=2), size=st.none() | st.integers(0, 9)),
    "leaves": st.none() | st.lists(st.builds(dict, name=st.just("l"), size=st.just(1)), max_size=3),
    "words": st.lists(st.none() | st.text(max_size=2), max_size=3),
}
BAD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, Undefined, 2**31, 2**70, -(2**70), 1.5, float("nan"), 7, True, "x", b"x", "red"),
        *("BLUE", Colour.BLUE, object, {"name": None}, [{}], ({"name": 1},), {1}, [None]),
        ValueError("no"),
    ]
)
THINGS = st.fixed_dictionaries(GOOD).map(lambda values: Thing(**values))
ODD = st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, BAD))
BAD_THINGS = st.builds(
    lambda thing, odd: Thing(**{**vars(thing), **odd}),
    THINGS,
    ODD,
)
LISTS = (
    st.lists(THINGS, max_size=4)
    | st.lists(THINGS.map(vars), max_size=4)
    | st.lists(THINGS | BAD_THINGS | THINGS.map(vars) | st.just(Poor()) | BAD, max_size=4)
)


@st.composite
def selections(draw: st.DrawFn, simple: bool = False, depth: int = 3) -> str:  # noqa: FBT001, FBT002
    """Draw the inside of a selection set of `Row`."""
    fields = st.sampled_from(SIMPLE + NESTED + ([] if simple else NOT_SIMPLE))
    parts = []
    for number in range(draw(st.integers(1, 5))):
        inner = draw(fields)
        kind = draw(st.integers(0, 7))
        condition = draw(st.sampled_from(["", "", " @skip(if: $no)", " @include(if: $yes)"]))
        directive = f" @include(if: ${draw(st.sampled_from(['yes', 'no']))})"
        if kind == 0 and depth:
            on = draw(st.sampled_from(["", "on Row", "on Named"]))
            inside = "text __typename" if on == "on Named" else draw(selections(simple, depth - 1))
            parts.append(f"... {on} {condition} {{ {inside} }}")
        elif kind == 1 and depth:
            parts.append(draw(st.sampled_from(["...F", "...G", "...F @skip(if: $yes)"])))
        elif kind == 2 and not inner.startswith("__"):
            name, brace, rest = inner.partition(" {")
            parts.append(f"a{depth}{number}: {name}{directive}{brace}{rest}")
        else:
            parts.append(inner)
    return " ".join(parts)


def asked(inside: str, fragment: str = "text") -> str:
    """Return a query with a selection."""
    return (
        f"query($yes: Boolean! = true, $no: Boolean! = false) {{ rows {{ {inside} }}"
        f" sure {{ {inside} }} grid {{ {inside} }} named {{ __typename text ... on Row {{ number }} }}"
        f" page {{ edges {{ cursor node {{ {inside} }} }} pageInfo {{ endCursor }} }} }}"
        f" fragment F on Row {{ {fragment} leaf {{ size }} }} fragment G on Named {{ t: text }}"
    )


def answered(
    query: str, rows: list[Any], context: type[ExecutionContext], values: Mapping[str, Any]
) -> str:
    """Execute a query, and return data and errors as JSON, keys in their order."""
    page = page_of(rows, lambda row: (str(id(row)),), (str,), 10, None)
    root = {"rows": rows, "sure": rows, "page": page, "grid": [rows, rows], "named": tuple(rows)}
    result = execute_sync(
        ROWS,
        parse(query),
        root,
        variable_values=dict(values),
        execution_context_class=context,
        type_resolver=lambda *_: "Row",
    )
    errors = [error.formatted for error in result.errors or ()]
    return json.dumps([msgspec.to_builtins(result.data), errors])


@settings(max_examples=300, deadline=None)
@given(
    selections(),
    selections(simple=True, depth=0),
    LISTS,
    st.fixed_dictionaries({}, optional={"yes": st.booleans(), "no": st.booleans()}),
)
def test_both_ways_are_one(
    inside: str, fragment: str, rows: list[Any], values: dict[str, bool]
) -> None:
    """Whatever is selected of whatever rows, data, order of keys and errors are graphql-core's."""
    query = asked(inside, fragment)
    ours = answered(query, rows, ColumnContext, values)
    assert ours == answered(query, rows, ExecutionContext, values)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    "value",
    [
        None,
        Undefined,
        "x",
        b"x",
        2**31,
        2**70,
        [None],
        [Undefined],
        {"name": None},
        ValueError("no"),
    ],
    ids=str,
)
def test_bad_values(name: str, value: object) -> None:
    """A value that its field can't have, among good ones, is told as graphql-core tells it."""
    inside = " ".join(SIMPLE + NESTED)
    rows = [Thing(), Thing(**{name: value}), Thing()]
    expected = answered(asked(inside), rows, ExecutionContext, {})
    assert answered(asked(inside), rows, ColumnContext, {}) == expected


@pytest.mark.parametrize(
    "rows",
    ["text", b"x", {"a": 1}, {1}, 5, Thing(), iter([])],
    ids=lambda rows: type(rows).__name__,
)
def test_lists_that_are_none(rows: Any) -> None:
    """What is no list, or only once, is graphql-core's."""
    query = parse("{ rows { text } }")
    results = [
        execute_sync(ROWS, query, {"rows": copy(rows)}, execution_context_class=context).formatted
        for context in (ColumnContext, ExecutionContext)
    ]
    assert results[0] == results[1]


@pytest.fixture
def never_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make graphql-core refuse to complete a list."""

    def refuse(*_: object) -> None:
        raise AssertionError("by row")

    monkeypatch.setattr(ExecutionContext, "complete_list_value", refuse)


@pytest.mark.usefixtures("never_by_row")
@pytest.mark.parametrize("rows", [[], [Thing(), Thing(leaves=[Thing()])], [vars(Thing())]])
def test_simple_lists_go_by_column(rows: list[Any]) -> None:
    """Attributes, aliases, fragments and directives are completed without graphql-core."""
    inside = (
        " ".join(SIMPLE)
        + " b: text ...F ... @skip(if: $yes) { number } leaves { size: __typename }"
    )
    result = json.loads(
        answered(asked(inside).replace("named {", "x: rows {"), rows, ColumnContext, {})
    )
    assert result[1] == []
    assert len(result[0]["page"]["edges"]) == len(rows)


@pytest.mark.parametrize("inside", NOT_SIMPLE)
def test_other_lists_go_by_row(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver of one's own and a field with arguments are graphql-core's."""
    rows = [Thing(), Thing()]
    expected = answered(asked(f"text {inside}"), rows, ExecutionContext, {})
    monkeypatch.setattr(ColumnContext, "_values", lambda *_: pytest.fail("by column"))
    with pytest.raises(BaseException, match="by column"):
        answered(asked(f"text {inside}"), rows, ColumnContext, {})
    monkeypatch.undo()
    assert answered(asked(f"text {inside}"), rows, ColumnContext, {}) == expected


def test_only_names_are_read() -> None:
    """What isn't the name of an attribute is left to graphql-core."""
    assert _reader("text")([Thing(), Thing("b")]) == ["a", "b"]
    for name in ("leaf.name", "text for x in ()", "", "__import__('os')"):
        with pytest.raises(_NotSimpleError):
            _reader(name)


def test_middleware_sees_each_field() -> None:
    """With a middleware, which wants to see every field, nothing goes by column."""
    seen = []

    def watch(following: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> Any:
        seen.append(info.field_name)
        return following(source, info, **arguments)

    query = parse("{ rows { text } }")
    root = {"rows": [Thing(), Thing()]}
    execute_sync(ROWS, query, root, middleware=[watch], execution_context_class=ColumnContext)
    assert seen == ["rows", "text", "text"]


@pytest.mark.usefixtures("never_by_row")
@pytest.mark.parametrize("name", [name for name, size in SIZES.items() if size.by_column])
def test_cheap_pages_go_by_column(name: str) -> None:
    """All that can be selected in a page that counts for a third is completed by column."""
    for kind in SCHEMA.type_map.values():
        field = getattr(kind, "fields", {}).get(name)
        if field is None or "first" not in field.args:
            continue
        page = field.type.of_type
        context = ColumnContext.build(SCHEMA, parse("{ __typename }"))
        assert isinstance(context, ColumnContext)
        row = SOURCES[
            page.fields["edges"].type.of_type.of_type.of_type.fields["node"].type.of_type.name
        ]
        edges = page_of([row], lambda _row: (1,), (int,), 1, None).edges
        (node,) = parse(f"{{ edges {everything(page.fields['edges'].type)} }}").definitions
        (selected,) = node.selection_set.selections  # type: ignore[attr-defined]
        found = context._values(page.fields["edges"].type.of_type.of_type, [selected], edges)
        assert len(found) == 1


ITEM = TraceItem("a", Level.LOT, 1, None, None, None, None, None, None, container=False)
SOURCES: dict[str, Any] = {
    "TraceItem": ITEM,
    "ItemChange": ItemChange(ITEM, msgspec.structs.replace(ITEM, depth=2, holder="b")),
    "TraceLink": TraceLink(
        "a", "b", Kind.TRANSFORMED, "e", 0, 1, "2", "KGM", "repackaging", Manner.SPLIT
    ),
}


def everything(kind: Any) -> str:
    """Return the selection of all that a type has."""
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    fields = getattr(kind, "fields", None)
    if fields is None:
        return ""
    return "{ " + " ".join(f"{name} {everything(one.type)}" for name, one in fields.items()) + " }"


@given(
    st.lists(st.integers(-(2**64), 2**64) | st.integers(-(2**50), 2**50).map(lambda n: n * 1000))
)
def test_times_by_column(times: list[int]) -> None:
    """Many times at once are written as each of them alone."""
    assert DateTime.serialize_column(times) == list(map(as_text, times))


@pytest.mark.parametrize(
    "name", ["forward_trace", "backward_trace", "events_page", "trace_difference"]
)
def test_operations_both_ways(
    house: House, operation: Callable[[str], str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The committed documents get the same answer by column and by row."""
    values = {"code": LOT, "before": "2026-03-01T00:00:00Z"}
    ours = house.ask(operation(name), values)
    monkeypatch.setattr(execution, "ColumnContext", ExecutionContext)
    assert json.dumps(ours) == json.dumps(house.ask(operation(name), values))


def test_drawn_queries_are_valid() -> None:
    """The queries of these tests fit their schema, all fields in it."""
    inside = " ".join(SIMPLE + NOT_SIMPLE[:2]) + " leaf { name size } leaves { name }"
    inside += " ...F ...G ... @include(if: $yes) @skip(if: $no) { text }"
    assert validate(ROWS, parse(asked(inside))) == []
