"""Small documents read in one go: nobody can tell it from the reading token by token."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger import sources
from ledger.epcis.context import STANDARD_CONTEXT
from ledger.epcis.whole import read_whole
from ledger.epcis.window import MAX_DEPTH
from ledger.preparing import prepare
from ledger.sources import open_source
from tests.ledger.builders import (
    declared_wrong,
    document,
    element,
    family,
    instance,
    made,
    seen,
    some,
)

LOT = "urn:epc:class:lgtin:9506000.012345.L1"
WHOLE = document(
    seen(instance("A"), eventID="urn:x:1", bizStep="inspecting", readPoint={"id": "urn:x:dock"}),
    made([some(LOT, 2.50, "KGM")], [instance("B")], ilmd={"ex:lot": "L/1~é"}),
    declared_wrong(family(instance("P"), instance("B"))),
    vocabularies={"Location": [element("urn:x:place", name="Dock", area=1.5e3)]},
)
WHOLE["@context"] = [STANDARD_CONTEXT, {"ex": "https://example.com/"}]
TOKENS = [
    *'{}[],:"\\ \n\r\t\x00\ufeffé',
    *("null", "true", "NaN", "-Infinity", "1e400", "0.10", "1e1", "12345678901234567890", "-0"),
    *('"\\ud83d"', '"\\ud83d\\ude00"', '"a":1,', '"type":"EPCISDocument",', '"type":"event",'),
    *('"@context":[],', '"eventList":[],', '"queryResults":{"resultsBody":{"eventList":[{}]}},'),
    *('"epcisBody":{"eventList":[]},', '"comment":"x",', '"comment":{"comment":[]},', "[" * 60),
    *('"eventID":"urn:x:1",', '"\\u0065ventList":[],', '"é":1,', '"":0,', "[[]],", "{},"),
]
MEMBERS = st.sampled_from(["@context", "type", "epcisBody", "eventList", "comment", "ex:é", "id"])
SMALL = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=3),
    max_leaves=8,
)


def encoded(value: Any) -> bytes:
    """Return a value as JSON bytes."""
    return json.dumps(value, ensure_ascii=False).encode()


def found(data: bytes) -> tuple[object, ...]:
    """Return all that capture learns of an input."""
    source = open_source(io.BytesIO(data))
    candidates = list(source)
    return candidates, [prepare(one) for one in candidates], source.problems, source.vocabularies


def agree(data: bytes) -> None:
    """Hold the quick reading to the one of streams."""
    quick = found(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "read_whole", lambda _: None)
        assert found(data) == quick


def test_a_flawless_document_is_read_whole() -> None:
    """Each event comes with its exact text, and the frame with its master data."""
    data = encoded(WHOLE).replace(b'"urn:x:1"', b' "urn:x:\\u0031"\n')
    whole = read_whole(data)
    assert whole is not None
    events = WHOLE["epcisBody"]["eventList"]
    assert [event["type"] for event, _ in whole.events] == [event["type"] for event in events]
    assert ' "urn:x:\\u0031"\n' in whole.events[0][1]
    assert [json.loads(text) for _, text in whole.events] == events
    assert whole.context.entries == ({"ex": "https://example.com/"},)
    assert [one.type for one in whole.vocabularies] == ["urn:epcglobal:epcis:vtype:Location"]
    assert whole.warnings == ()
    agree(data)


def test_what_is_forgiven_comes_as_a_warning() -> None:
    """A remark in the frame costs a warning, and the document is still read in one go."""
    data = encoded({**WHOLE, "comment": "hello"})
    whole = read_whole(data)
    assert whole is not None
    assert [one.rule for one in whole.warnings] == ["epcis.comment"]
    agree(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"7",
        b'"\xff"',
        b"\xef\xbb\xbf" + encoded(WHOLE),
        encoded(WHOLE) + b"{}",
        encoded(WHOLE["epcisBody"]["eventList"][0]),
        encoded(WHOLE["epcisBody"]["eventList"]),
        encoded({**WHOLE, "type": "EPCISQueryDocument"}),
        encoded({**WHOLE, "type": {"an": "object"}}),
        encoded({**WHOLE, "schemaVersion": 2}),
        encoded({**WHOLE, "epcisBody": []}),
        encoded({**WHOLE, "epcisBody": {"eventList": {}}}),
        encoded({**WHOLE, "epcisBody": {"eventList": [seen("urn:x:1"), 7]}}),
        encoded({**WHOLE, "epcisBody": {"eventList": [], "queryResults": {}}}),
        encoded({name: value for name, value in WHOLE.items() if name != "@context"}),
        encoded(WHOLE).replace(b'"eventID"', b'"action": "OBSERVE", "eventID"'),
        encoded(WHOLE).replace(b'"type": "EPCISDocument"', b'"type": "x", "type": "EPCISDocument"'),
        encoded(WHOLE).replace(b"2.5", b"NaN"),
        encoded(WHOLE).replace(b"2.5", b'"\\ud83d"'),
    ],
)
def test_anything_else_is_left_to_the_reader_of_streams(data: bytes) -> None:
    """What has a flaw in its frame, can't be decoded or is no document isn't judged here."""
    assert read_whole(data) is None
    agree(data)


@pytest.mark.parametrize("depth", [MAX_DEPTH - 5, MAX_DEPTH + 1, 200, 25_000])
@pytest.mark.parametrize("place", ["event", "frame"])
def test_deep_documents_are_left_to_the_reader_of_streams(place: str, depth: int) -> None:
    """Where so many brackets stand that a value may be too deep, the other one looks closer."""
    fields = {"urn:x:deep": "DEEP"} if place == "event" else {}
    frame = {"comment": "DEEP"} if place == "frame" else {}
    text = encoded({**document(seen("urn:x:1", **fields)), **frame})
    data = text.replace(b'"DEEP"', b"[" * depth + b"]" * depth)
    assert (read_whole(data) is None) == (depth > MAX_DEPTH)
    agree(data)


@given(st.data())
def test_both_readings_agree_on_damaged_documents(data: st.DataObject) -> None:
    """Whatever is cut out, put in, doubled or moved, both readings say the same."""
    text = encoded(WHOLE).decode()
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        new = data.draw(st.sampled_from([*TOKENS, text[start:end] * 2, ""]))
        text = text[:start] + new + text[end:]
    agree(text.encode())


@given(
    st.permutations(sorted(WHOLE)),
    st.dictionaries(MEMBERS, SMALL, max_size=2),
    st.dictionaries(MEMBERS, SMALL, max_size=2),
    st.lists(SMALL, max_size=2),
)
@example(sorted(WHOLE), {}, {}, [])
def test_both_readings_agree_on_changed_frames(
    order: list[str], frame: dict[str, Any], body: dict[str, Any], events: list[Any]
) -> None:
    """In any order of the members, and with others beside or in place of them, they agree."""
    some_events = [*WHOLE["epcisBody"]["eventList"], *events]
    members: dict[str, Any] = {name: WHOLE[name] for name in order}
    members["epcisBody"] = {"eventList": some_events, **body}
    agree(encoded(members | frame))


def test_both_readings_agree_on_the_samples(vectors: Path) -> None:
    """Every sample file of others gives the same both ways, and some are read in one go."""
    quick = 0
    for path in sorted((vectors / "epcis").rglob("*.json*")):
        data = path.read_bytes()
        agree(data)
        quick += read_whole(data) is not None
    assert quick > 40
