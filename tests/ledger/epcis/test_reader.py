"""Reading EPCIS JSON-LD as a stream."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.epcis import window
from ledger.epcis.documents import DocumentKind, Vocabulary
from ledger.epcis.errors import InputError
from ledger.epcis.reader import Reader, SourceEvent
from ledger.epcis.window import MAX_DEPTH

STANDARD = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
EVENT = {
    "type": "ObjectEvent",
    "eventTime": "2026-03-01T08:00:00Z",
    "eventTimeZoneOffset": "+08:00",
    "action": "ADD",
    "epcList": ["ex:1"],
}


def document(*events: Any, **more: Any) -> dict[str, Any]:
    """Give a whole document of events."""
    return {
        "@context": [STANDARD, {"ex": "http://example.com/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-01T08:00:00Z",
        **more,
        "epcisBody": {"eventList": list(events)},
    }


def encoded(value: Any) -> bytes:
    """Give a value as JSON bytes."""
    return json.dumps(value, ensure_ascii=False).encode()


def read(data: bytes, **options: Any) -> tuple[list[SourceEvent], Reader]:
    """Read all events."""
    reader = Reader(io.BytesIO(data), **options)
    return list(reader), reader


def refused(data: bytes, **options: Any) -> tuple[str, str, list[SourceEvent]]:
    """Read what must be refused: rule, English message, and the events that came before."""
    events: list[SourceEvent] = []
    with pytest.raises(InputError) as caught:
        events.extend(Reader(io.BytesIO(data), **options))
    first = caught.value.problems[0]
    # A list that is extended by a generator keeps what came before the error.
    return first.rule, str(caught.value), events


class Pipe:
    """A stream that cannot be rewound and hands out a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = io.BytesIO(data)
        self._size = size

    def read(self, _size: int, /) -> bytes:
        """Return the next few bytes."""
        return self._data.read(self._size)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n\t "])
def test_a_document(mark: bytes) -> None:
    """Events come with pointer, value and exact text, with or without a byte order mark."""
    text = b'{"type":  "ObjectEvent", "n": 10.50}'
    data = mark + encoded(document("@")).replace(b'"@"', text)
    events, reader = read(data)
    assert [(e.pointer, e.event, e.text) for e in events] == [
        ("/epcisBody/eventList/0", {"type": "ObjectEvent", "n": "10.5"}, text.decode())
    ]
    assert reader.facts.kind is DocumentKind.DOCUMENT
    assert reader.facts.schema_version == "2.0"
    assert reader.context.entries == ({"ex": "http://example.com/"},)


def test_a_query_document() -> None:
    """Events and master data stand deeper in the answer to a query."""
    vocabulary = {
        "type": "urn:epcglobal:epcis:vtype:Location",
        "vocabularyElementList": [{"id": "ex:place", "_comment": "x"}],
    }
    body = {
        "queryResults": {
            "queryName": "Q",
            "resultsBody": {"eventList": [EVENT, EVENT], "vocabularyList": [vocabulary]},
        }
    }
    events, reader = read(
        encoded({"@context": STANDARD, "type": "EPCISQueryDocument", "epcisBody": body})
    )
    assert [e.pointer for e in events] == [
        f"/epcisBody/queryResults/resultsBody/eventList/{i}" for i in range(2)
    ]
    facts = reader.facts
    assert (facts.kind, facts.query_name) == (DocumentKind.QUERY_DOCUMENT, "Q")
    assert facts.vocabularies[0].elements == ({"id": "ex:place"},)


def test_a_bare_event_and_a_bare_list() -> None:
    """An event may come alone with its context, or in a list."""
    alone = {"@context": STANDARD, **EVENT}
    events, reader = read(encoded(alone))
    assert [(e.pointer, e.event, e.problems) for e in events] == [("", alone, ())]
    assert json.loads(events[0].text) == alone
    assert reader.facts.kind is DocumentKind.EVENT
    behind_blanks, _ = read(b"\n" * 10 + encoded({**alone, "ex:note": "x" * 300_000}))
    assert behind_blanks[0].text.startswith('{"@context"')
    assert behind_blanks[0].text.endswith('xx"}')
    events, reader = read(encoded([EVENT, EVENT]))
    assert [(e.pointer, e.event) for e in events] == [("/0", EVENT), ("/1", EVENT)]
    assert reader.facts.kind is DocumentKind.LIST
    assert read(b"[ ]")[0] == []


def test_a_bare_event_needs_its_context() -> None:
    """A bare event without a context is handed out as refused."""
    events, _ = read(encoded(EVENT))
    assert [flaw.rule for flaw in events[0].problems] == ["epcis.missing-field"]


def test_facts_of_a_header() -> None:
    """Sender, receiver, identifiers and master data are kept; a comment is forgiven."""
    named = {"id": "ex:1", "attributes": [{"id": "ex:name", "attribute": "Hall"}]}
    vocabulary = {"type": "ex:v", "vocabularyElementList": [named]}
    header = {"epcisMasterData": {"vocabularyList": [vocabulary]}}
    more = {"id": "ex:d", "sender": "s", "receiver": "r", "instanceIdentifier": "i"}
    _, reader = read(encoded(document(EVENT, epcisHeader=header, _comment="x", **more)))
    facts = reader.facts
    assert (facts.document_id, facts.sender, facts.receiver) == ("ex:d", "s", "r")
    assert (facts.instance_identifier, facts.creation_date) == ("i", "2026-03-01T08:00:00Z")
    assert facts.vocabularies == (Vocabulary("ex:v", (named,), ({"ex": "http://example.com/"},)),)
    assert [flaw.rule for flaw in facts.warnings] == ["epcis.comment"]


@pytest.mark.parametrize(
    "broken",
    [
        {"vocabularyList": 5},
        {"vocabularyList": [5, {"type": "ex:v"}]},
        {"vocabularyList": [{"type": "ex:v", "vocabularyElementList": 5}]},
        {
            "vocabularyList": [
                {
                    "type": "ex:v",
                    "vocabularyElementList": [
                        {"id": "ex:1", "attributes": [{"id": "ex:a", "attribute": True}]}
                    ],
                }
            ]
        },
        5,
    ],
)
def test_facts_of_a_broken_header(broken: Any) -> None:
    """A header of the wrong shape is refused, and asking for facts still works."""
    reader = Reader(io.BytesIO(encoded(document(epcisHeader={"epcisMasterData": broken}))))
    with pytest.raises(InputError) as caught:
        list(reader)
    assert caught.value.problems[0].rule == "epcis.wrong-type"
    assert len(reader.facts.vocabularies) <= 1


def late(count: int) -> bytes:
    """Give a document whose context stands behind its events."""
    whole = document(*[EVENT] * count)
    whole["@context"] = whole.pop("@context")
    return encoded(whole)


def test_a_late_context_is_known_before_the_first_event() -> None:
    """A stream that can be rewound is read twice, from where it stood."""
    stream = io.BytesIO(b"skipped" + late(3))
    stream.seek(7)
    reader = Reader(stream)
    seen = [(event.event, reader.context.entries) for event in reader]
    assert seen == [(EVENT, ({"ex": "http://example.com/"},))] * 3


def test_a_late_context_on_a_pipe() -> None:
    """A pipe is held back up to the limit, and refused clearly beyond it."""
    reader = Reader(Pipe(late(3), 50))
    assert [(e.event, reader.context.entries != ()) for e in reader] == [(EVENT, True)] * 3
    with pytest.raises(InputError) as caught:
        list(Reader(Pipe(late(50), 50), max_value=2000))
    assert caught.value.problems[0].rule == "input.late-context"


def test_a_missing_context_is_named_at_the_end() -> None:
    """A document without any context is refused once it has been searched for one."""
    whole = document(EVENT)
    del whole["@context"]
    rule, _, events = refused(encoded(whole))
    assert (rule, events) == ("epcis.missing-field", [])


@pytest.mark.parametrize(
    ("data", "rule", "words"),
    [
        (b"", "input.empty", "choose the file"),
        (b" \n", "input.empty", "choose the file"),
        (b"<?xml version='1.0'?><a/>", "input.xml", "JSON-LD"),
        (b"PK\x03\x04", "input.not-json", "ZIP"),
        (b"\xff\xfe{\x00", "input.encoding", "0xFF"),
        (b'{"a": "\xe9"}', "input.encoding", "byte 7"),
        (b"hello", "json.malformed", "line 1, column 1"),
        (b"42", "input.not-epcis", "42"),
        (b'"text"', "input.not-epcis", "text"),
        (b'{"a": 1} x', "json.malformed", "nothing more expected"),
        (b'{"a": 1', "input.truncated", "column 8"),
        (b'{"a"', "input.truncated", "column 5"),
        (b"{", "input.truncated", "column 2"),
        (b"[", "input.truncated", "column 2"),
        (b'["abc', "input.truncated", "column 6"),
        (b'[{"a":\n 1,}]', "json.malformed", "line 2"),
        (b'{"a":\n tru}', "json.malformed", "line 2, column 2"),
        (b"{'a': 1}", "json.malformed", "double quotes"),
        (b'{"a" 1}', "json.malformed", "':'"),
        (b'{"a": 1 "b": 2}', "json.malformed", "'\"'"),
        (b"{}", "input.not-epcis", "[]"),
        (b'{"a": 1, "a": 2}', "json.duplicate-key", "twice"),
        (b'{"a": NaN}', "json.refused", "NaN"),
        (b'{"a": {"b": 1, "b": 2}}', "json.duplicate-key", '"b"'),
        (b'{"query": {}}', "input.query", "query"),
        (b'{"type": "EPCISDocumnt"}', "input.not-epcis", "EPCISDocumnt"),
        (b'{"type": "ex:a", "epcisBody": {}}', "input.not-epcis", "ex:a"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "json.too-deep", "100 levels"),
        (b'{"a": "\xe4\xb8', "input.truncated", "again"),
    ],
)
def test_what_cannot_be_read(data: bytes, rule: str, words: str) -> None:
    """Each kind of unreadable input is refused by its own rule, with the place or value."""
    found, message, events = refused(data)
    assert found == rule
    assert words in message
    assert not events


def test_a_broken_end_is_told_after_the_events() -> None:
    """A file that breaks off hands out what came before, and then says where."""
    whole = encoded(document(EVENT, EVENT, EVENT))
    rule, message, events = refused(whole[: whole.rindex(b"ex:1")])
    assert (rule, len(events)) == ("input.truncated", 2)
    assert "line 1, column" in message
    rule, _, events = refused(whole.replace(b"]}}", b"]}"))
    assert (rule, len(events)) == ("input.truncated", 3)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"a": 1, "a": 2}', "json.duplicate-key"),
        ('{"a": NaN}', "json.refused"),
        ('{"a": 1e999999}', "json.refused"),
        ('{"\\u6cf5": 1}', "json.refused"),
        ('{"a": "\\ud800"}', "json.refused"),
        ('{"a": ' + "[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5) + "}", "json.too-deep"),
        ("5", "epcis.wrong-type"),
    ],
)
def test_one_bad_event_does_not_stop_the_reading(text: str, rule: str) -> None:
    """An event that is complete but cannot be stored is refused alone."""
    events, _ = read(encoded([EVENT, "@", EVENT]).replace(b'"@"', text.encode()))
    assert [[flaw.rule for flaw in event.problems] for event in events] == [[], [rule], []]
    assert events[1].text == text
    assert events[1].problems[0].pointer == "/1"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"a": 1, "a": 2, "b": "x"}', "json.duplicate-key"),
        ('{"a": {"b": NaN}, "c": 5}', "json.refused"),
        ("-1234567", "epcis.wrong-type"),
    ],
)
def test_a_bad_event_in_pieces(text: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad event that comes in pieces is read to its end before it is judged."""
    monkeypatch.setattr(window, "_CHUNK", 1)
    events = list(Reader(Pipe(f"[{text}, {{}}]".encode(), 1)))
    assert [event.text for event in events] == [text, "{}"]
    assert events[0].problems[0].rule == rule


def test_the_place_of_an_error_is_exact_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Line and column are those of the whole text, whatever was dropped before."""
    monkeypatch.setattr(window, "_CHUNK", 1)
    data = b'[{"a": 1},\n  {"b": 2},\n   {"c": tru, "d": "and more text"}]'
    for size in (1, 7, 1000):
        with pytest.raises(InputError) as caught:
            list(Reader(Pipe(data, size)))
        assert "line 3, column 10" in str(caught.value)
    with pytest.raises(InputError) as caught:
        list(Reader(Pipe(b'{"a":\n {"b": 1, "b": 2}, "c"', 1)))
    assert caught.value.problems[0].rule == "json.duplicate-key"


def test_many_brackets_are_not_deep() -> None:
    """A wide event is no deep one."""
    wide = {**EVENT, "ex:rows": [[i] for i in range(300)]}
    events, _ = read(encoded([wide]))
    assert (events[0].event, events[0].problems) == (wide, ())


def test_one_huge_event_is_refused() -> None:
    """An event beyond the limit stops the reading, before the memory is gone."""
    huge = {**EVENT, "ex:note": "x" * 5000}
    rule, message, events = refused(encoded([EVENT, huge]), max_value=2000)
    assert (rule, len(events)) == ("input.too-large", 1)
    assert "2000" in message
    many = [{**EVENT, "ex:note": "x" * 1500}] * 1000
    assert len(read(encoded(many), max_value=2000)[0]) == 1000
    rule, _, _ = refused(b'{"a":' * 100_000, max_value=2000)
    assert rule in {"input.too-large", "json.too-deep"}


def test_body_of_the_wrong_type() -> None:
    """A body or an event list that is none is named by its pointer."""
    whole = {**document(), "epcisBody": {"eventList": {}}}
    with pytest.raises(InputError) as caught:
        list(Reader(io.BytesIO(encoded(whole))))
    assert caught.value.problems[0].pointer == "/epcisBody/eventList"
    assert refused(encoded({**document(), "epcisBody": {}}))[0] == "epcis.missing-field"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex(r"\A[a-z~/:]{1,6}\Z"), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.lists(st.dictionaries(st.from_regex(r"\A[a-z]{1,4}\Z"), values, max_size=4), max_size=5),
    st.integers(1, 40),
    st.sampled_from([None, 1]),
)
def test_pieces_make_no_difference(
    events: list[dict[str, Any]], size: int, indent: int | None
) -> None:
    """However the stream is cut into pieces, the same events come out."""
    text = json.dumps(document(*events), ensure_ascii=False, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "_CHUNK", 1)
        found = list(Reader(Pipe(text.encode(), size)))
    assert [source.event for source in found] == events
    assert [json.loads(source.text) for source in found] == events


@given(st.integers(0, 400))
def test_no_cut_passes(length: int) -> None:
    """A document cut anywhere is refused, whatever piece is missing."""
    whole = encoded(document(EVENT, {**EVENT, "ex:t": "温度 -1.5e3 \\ud83d", "n": [1, -2.5, True]}))
    cut = whole[: min(length, len(whole) - 1)]
    with pytest.raises(InputError):
        list(Reader(io.BytesIO(cut)))


class Endless:
    """A document of many events that is made while it is read."""

    def __init__(self, count: int) -> None:
        self._parts = self._make(count)
        self._rest = b""

    @staticmethod
    def _make(count: int) -> Iterator[bytes]:
        head, tail = encoded(document("@")).split(b'"@"')
        yield head
        event = encoded(EVENT)
        yield event
        for _ in range(count // 100):
            yield (b"," + event) * 100
        yield tail

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        while len(self._rest) < size:
            part = next(self._parts, b"")
            if not part:
                break
            self._rest += part
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


@pytest.mark.no_cover  # volume: others measure these lines
def test_memory_does_not_grow_with_the_number_of_events() -> None:
    """Ten times as many events take no more memory."""
    peaks = []
    for count in (5_000, 50_000):
        tracemalloc.start()
        assert sum(1 for _ in Reader(Endless(count))) == count + 1
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2
