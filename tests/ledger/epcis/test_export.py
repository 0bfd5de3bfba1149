"""Stored events come back as they were captured."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.epcis.checking import check_event
from ledger.epcis.context import STANDARD_CONTEXT
from ledger.epcis.events import CheckedEvent
from ledger.epcis.export import export_document, export_event
from ledger.epcis.reader import Reader
from ledger.errors import CanonicalError
from ledger.log.canonical import (
    canonical_bytes,
    decimal_pointers,
    parse_canonical,
    parse_strict,
)

CREATED = "2026-03-01T08:00:00Z"


def stored(checked: CheckedEvent) -> dict[str, Any]:
    """Give the body of an event's entry as it is read back from the log."""
    body = {"event": checked.event, "decimals": decimal_pointers(checked.event)}
    if checked.context:
        body["context"] = list(checked.context)
    value: dict[str, Any] = parse_canonical(canonical_bytes(body))
    return value


def captured(data: bytes) -> list[CheckedEvent]:
    """Read and check all events of a document."""
    reader = Reader(io.BytesIO(data))
    return [check_event(source.event, source.text, reader.context) for source in reader]


def test_samples_round_trip(vectors: Path) -> None:
    """Every sample, exported alone or as a document and captured again, is the same event."""
    count = 0
    for path in sorted((vectors / "epcis").rglob("*.json*")):
        if {"spec", "Queries", "expected_equal"} & set(path.parts):
            continue
        first = captured(path.read_bytes())
        bodies = [stored(checked) for checked in first]
        for context in ((), first[0].context):
            text = b"".join(export_document(bodies, creation_date=CREATED, context=context))
            assert [stored(checked) for checked in captured(text)] == bodies
        for body in bodies:
            assert [stored(checked) for checked in captured(export_event(body))] == [body]
        count += len(bodies)
    assert count


numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)
values = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    | numbers.map(lambda number: ("number", format(number, "f")))
    | st.integers(-(10**20), 10**20).map(lambda number: ("number", str(number))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex(r"\A[a-z~/:01]{1,4}\Z"), inner, max_size=4)
    ),
    max_leaves=10,
)


def written(value: Any) -> str:
    """Write a value as JSON text with its numbers exactly as given."""
    if isinstance(value, tuple):
        return str(value[1])
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{written(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


@given(st.dictionaries(st.sampled_from(["a", "b/c", "d~e"]), values, max_size=3))
def test_any_value_round_trips(value: dict[str, Any]) -> None:
    """Whatever is nested how, exported numbers have the decimal value that came in."""
    event = parse_strict(written(value))
    body = parse_canonical(canonical_bytes({"event": event, "decimals": decimal_pointers(event)}))
    kept = json.dumps(body)
    again = parse_strict(export_event(body))
    assert again.pop("@context") == [STANDARD_CONTEXT]
    assert again == event
    assert decimal_pointers(again) == decimal_pointers(event)
    assert json.dumps(body) == kept


def test_own_context_stands_in_its_event() -> None:
    """A document writes shared context entries once, and others into the event that has them."""
    shared, own = {"a": "http://a/"}, {"b": "http://b/"}
    bodies: list[dict[str, Any]] = [
        {"event": {"type": "x"}, "context": [shared, own]},
        {"event": {"type": "y"}},
    ]
    text = b"".join(export_document(bodies, creation_date=CREATED, context=[shared]))
    document = json.loads(text)
    assert document["@context"] == [STANDARD_CONTEXT, shared]
    assert document["epcisBody"]["eventList"] == [{"@context": [own], "type": "x"}, {"type": "y"}]
    empty = json.loads(b"".join(export_document([], creation_date=CREATED)))
    assert empty["epcisBody"] == {"eventList": []}


@pytest.mark.parametrize(
    "pointer", ["/missing", "/text", "/list/5", "/list/x", "/list/0/deeper", "/number/deeper", ""]
)
def test_a_pointer_to_no_number(pointer: str) -> None:
    """A body whose decimals do not exist is refused, never written as broken JSON."""
    event = {"text": "a", "list": ["b"], "number": "1.5"}
    with pytest.raises(CanonicalError):
        export_event({"event": event, "decimals": [pointer]})
