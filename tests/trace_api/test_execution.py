"""How an answer is written."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace_api.house import House
from trace_api.execution import _parsed, encoded

ROW = msgspec.defstruct("Row", ["field"], rename={"field": "from"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_answer(value: Any) -> None:
    """Whatever texts and numbers are in it, an answer reads back as what it was."""
    assert json.loads(encoded({"data": value})) == {"data": value}


@pytest.mark.parametrize("text", ["plain", "溯源", "\ud800", '"\\\0\x7f\u2028'])
def test_texts(text: str) -> None:
    """Any text is written, half a surrogate pair as an escape; rows stand as objects."""
    written = encoded({"data": [ROW(text)], "errors": [2**70]})
    assert json.loads(written) == {"data": [{"from": text}], "errors": [2**70]}
    written.decode("utf-8")


def test_names_as_they_are(house: House) -> None:
    """A name of other letters is sent as UTF-8, and read back as it is."""
    response = house.client.send(
        "GET", params={"query": "{ organisations { edges { node { name } } } }"}
    )
    assert "主厂 Main".encode() in response.content
    assert response.headers["content-type"] == "application/json"


def test_a_document_is_read_once(house: House) -> None:
    """The same text is parsed and validated once, and judged with each request's variables."""
    _parsed.cache_clear()
    query = "query ($first: Int) { organisations(first: $first) { edges { node { slug } } } }"
    answers = [house.ask(query, {"first": first}) for first in (1, 1, 100_000)]
    assert [bool(one.get("errors")) for one in answers] == [False, False, True]
    assert _parsed.cache_info().misses == 1
    wrong = [house.ask("{ nothing }") for _ in range(2)]
    assert wrong[0] == wrong[1]
    assert wrong[0]["errors"]
