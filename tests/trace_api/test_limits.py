"""Hostile requests, refused in a time that doesn't depend on what they would unfold to."""

import json
import time
from typing import Any

import pytest
from graphql import GraphQLError, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from tests.trace_api.house import LOT, House
from trace_api import limits
from trace_api.errors import LimitError
from trace_api.limits import check_document, check_text, check_variables
from trace_api.paging import SIZES
from trace_api.schema import SCHEMA

BOUND_S = 5.0  # generous: a bomb that goes off takes minutes or all memory


def bomb(width: int, depth: int) -> str:
    """Return fragments that unfold to width ** depth fields."""
    parts = [f"fragment F{depth} on Query {{ __typename }}"]
    parts += [
        f"fragment F{level} on Query {{ {f'...F{level + 1} ' * width} }}" for level in range(depth)
    ]
    return "{ ...F0 } " + " ".join(parts)


def chain(length: int) -> str:
    """Return fragments of which each spreads the next."""
    links = [f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(length)]
    return f"{{ ...F0 }} {' '.join(links)} fragment F{length} on Query {{ __typename }}"


HOSTILE = {
    "a long document": "{ __typename }" + "#" * limits.MOST_CHARACTERS,
    "many tokens": "{" + "__typename " * limits.MOST_TOKENS + "}",
    "deep nesting": "{a" * 5000 + "}" * 5000,
    "deep inline fragments": "{" + "...{" * 5000 + "a" + "}" * 5000 + "}",
    "deep lists": "{a(b:" + "[" * 5000 + "]" * 5000 + ")}",
    "deep objects": "{a(b:" + "{a:" * 3000 + "1" + "}" * 3000 + ")}",
    "deep fields": "{a" * 18 + "}" * 18,
    "many aliases": "{" + " ".join(f"a{n}: __typename" for n in range(21)) + "}",
    "many root fields": "{" + "__typename " * 11 + "}",
    "many fields": "{ __schema {" + "description " * 501 + "} }",
    "many directives": "{ __typename " + "@skip(if: false) " * 21 + "}",
    "directives that don't exist": "{ __typename " + "@a " * 900 + "}",
    "a fragment of itself": "{ ...A } fragment A on Query { ...A }",
    "a ring of fragments": "{ ...A } fragment A on Query { ...B } "
    "fragment B on Query { events { edges { ...A } } }",
    "an unused ring": "{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a fragment bomb": bomb(30, 25),
    "an unused bomb": "{ __typename }" + bomb(30, 25).removeprefix("{ ...F0 }"),
    "many fragments": chain(31),
    "many operations": " ".join(f"query Q{n} {{ __typename }}" for n in range(11)),
    "large pages": "{"
    + " ".join(
        f"a{n}: trace(code: 1) {{ items(first: 10000) {{ edges {{ node {{ code }} }} }} }}"
        for n in range(8)
    )
    + "}",
    "a large page many times": "{ trace(code: 1) { items(first: 10000) {"
    + " ".join(f"a{n}: edges {{ node {{ code kind depth }} }}" for n in range(19))
    + "} } }",
    "a large page with many aliases": "{ trace(code: 1) { changed: items(first: 10000) {"
    f"edges {{ node {{ {' '.join(f'a{n}: code' for n in range(500))} }} }} }} }} }}",
    "a large page in fragments": "{ trace(code: 1) { items(first: 10000) { edges { node { ...F } } } } }"
    f" fragment F on TraceItem {{ {'... on TraceItem { code depth } ' * 40} }}",
    "costly fields": "{ a: verify { log } b: verify { log } c: verify { log } d: verify { log } }",
    "types defined": " ".join(f"type T{n} {{ a: Int }}" for n in range(99)) + " { __typename }",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents(empty_house: House, name: str) -> None:
    """A hostile document is refused for its size, before it is validated, and at once."""
    started = time.monotonic()
    code, message = empty_house.refusal(HOSTILE[name])
    assert code == "LIMIT_EXCEEDED", message
    assert len(message) < 600
    assert time.monotonic() - started < BOUND_S


@pytest.mark.parametrize("length", [3, 29])
def test_chains_of_fragments(empty_house: House, length: int) -> None:
    """Fragments that lead nowhere back are answered."""
    assert empty_house.data(chain(length)) == {"__typename": "Query"}


def test_largest_document_is_validated_in_time(empty_house: House) -> None:
    """The document that costs the validation most within the limits is refused at once too."""
    inner = "edges { node { code } } " * 40
    text = "{ trace(code: 1) { " + f"items {{ {inner} }} " * 3 + "} }"
    started = time.monotonic()
    empty_house.refusal(text)
    worst = "{" + "a(b: 1) " * 10 + "__schema {" + "directives { name } " * 240 + "} }"
    empty_house.refusal(worst)
    assert time.monotonic() - started < BOUND_S


@pytest.mark.parametrize(
    "variables",
    [
        {"a": list(range(300))},
        {str(n): n for n in range(300)},
        {"a": [[[[[[[[]]]]]]]]},
        {"a": [{"b": [{"c": [{"d": [{}]}]}]}]},
        {"links": ["TRANSFORMED"] * 1_000_000},
    ],
)
def test_hostile_variables(empty_house: House, variables: dict[str, Any]) -> None:
    """Variables with many or deep values are refused, even those nobody uses."""
    assert empty_house.refusal("{ __typename }", variables)[0] == "LIMIT_EXCEEDED"


def test_introspection_is_allowed(empty_house: House) -> None:
    """The usual introspection query of tools passes."""
    found = empty_house.data(get_introspection_query(descriptions=True))
    assert found["__schema"]["queryType"]["name"] == "Query"


def test_introspection_is_limited(empty_house: House) -> None:
    """An introspection that goes round in circles is refused."""
    inner = "name"
    for _round in range(4):
        inner = f"fields {{ type {{ {inner} }} }}"
    assert "errors" in empty_house.ask(f"{{ __schema {{ types {{ {inner} }} }} }}")


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ events(first: 501) { edges { cursor } } }", {}),
        ("{ events(first: 0) { edges { cursor } } }", {}),
        ("query($n: Int!) { events(first: $n) { edges { cursor } } }", {"n": -1}),
        ("{ organisations(first: 501) { edges { cursor } } }", {}),
        ('{ trace(code: "urn:a:b", maxItems: 10001) { complete } }', {}),
        ('{ trace(code: "urn:a:b", maxItems: 0) { complete } }', {}),
        ('{ trace(code: "urn:a:b", depth: -1) { complete } }', {}),
    ],
)
def test_sizes_are_capped(empty_house: House, query: str, variables: dict[str, Any]) -> None:
    """A page or a trace larger than its cap is refused, not shortened."""
    code, message = empty_house.refusal(query, variables)
    assert code == "LIMIT_EXCEEDED"
    assert "Expected" in message


def cost(query: str, variables: dict[str, Any] | None = None) -> int:
    """Find the cost of a query by the limit it would just pass."""
    size = limits._Measure(variables or {}, {})
    (operation,) = parse(query).definitions
    return size.selection(operation.selection_set).cost  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("first", "variables", "times"),
    [
        ("", {}, 50),
        ("(first: 7)", {}, 7),
        ("(first: 100000000000000000000)", {}, 500),
        ("(first: -5)", {}, 1),
        ("(first: $n)", {"n": 9}, 9),
        ("(first: $n)", {"n": 9.0}, 500),
        ("(first: $n)", {}, 500),
        ('(after: "x")', {}, 50),
        ('(first: "x")', {}, 50),
    ],
)
def test_cost_of_pages(first: str, variables: dict[str, Any], times: int) -> None:
    """A page costs its size times what is selected in it; an unknown size counts as the largest."""
    assert cost(f"{{ events{first} {{ edges {{ cursor }} }} }}", variables) == 1 + times * 2


def test_cost_of_pages_by_column() -> None:
    """A page that is completed by column counts for a third, rounded up."""
    assert cost("{ trace { items(first: 10) { edges { cursor } } } }") == 10_000 + 1 + 7
    assert cost("{ items { edges { cursor } } }") == 1 + 334
    assert cost("{ items }") == 1


def test_largest_pages_of_items_and_links(empty_house: House) -> None:
    """All fields of ten thousand items, and those of as many links, are within the limits together."""
    item, link = (" ".join(SCHEMA.type_map[name].fields) for name in ("TraceItem", "TraceLink"))  # type: ignore[attr-defined]
    query = (
        f'{{ trace(code: "{LOT}") {{ items(first: 10000) {{ edges {{ node {{ {item} }} cursor }} }}'
        f" links(first: 10000) {{ edges {{ node {{ {link} }} cursor }} }} }} }}"
    )
    assert empty_house.refusal(query)[0] == "NOT_FOUND"


def test_every_paged_field_has_its_cost() -> None:
    """Each field of the schema that takes `first` is one whose cost is multiplied."""
    paged = {
        name
        for kind in SCHEMA.type_map.values()
        for name, field in getattr(kind, "fields", {}).items()
        if "first" in getattr(field, "args", {})
    }
    assert paged == set(SIZES)


@given(st.text(max_size=200) | st.text("{}[]()@#$!:.\"' \nab1", max_size=200))
def test_any_text(text: str) -> None:
    """Any text is checked, or refused with an error of GraphQL; nothing else is raised."""
    try:
        check_text(text)
        check_document(parse(text), {})
    except GraphQLError as error:
        assert error.message  # noqa: PT017 - either way is right


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: {"a": value})
)
def test_any_variables(variables: dict[str, Any]) -> None:
    """Any JSON passes or is refused as too much; what passes is small."""
    try:
        check_variables(variables)
    except LimitError:
        assert json.dumps(variables).count("[") + json.dumps(variables).count("{") > 1
    else:
        assert json.dumps(variables)
