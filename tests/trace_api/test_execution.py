"""How an answer is written."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace_api.house import House
from trace_api.execution import encoded

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
