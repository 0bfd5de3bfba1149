"""Sources: whatever comes in, a stream of candidates and never an exception."""

import io
import json
from typing import Any

import pytest

from ledger.problems import Problem
from ledger.sources import Candidate, Source, open_source
from tests.ledger.builders import document, element, instance, seen, stream

TWIN = {
    "catenaXId": "urn:uuid:8e71d08e-f3ae-4ad0-9fcd-158ddde79900",
    "urn:bamm:io.catenax.serial_part:1.0.0#SerialPart": [],
}


class Pipe(io.RawIOBase):
    """A stream that can't be rewound and gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._source = io.BytesIO(data)
        self._step = step

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most the step's number of bytes."""
        return self._source.read(self._step if size < 0 else min(size, self._step))


def read(content: Any) -> tuple[list[Candidate], Source]:
    """Return the candidates of an input, and its source after the iteration."""
    source = open_source(content if hasattr(content, "read") else stream(content))
    return list(source), source


def rules(problems: Any) -> list[str]:
    """Return the rules that problems name."""
    found = list(problems)
    assert all(isinstance(one, Problem) for one in found)
    return [one.rule for one in found]


def test_events_come_in_order_with_their_pointers() -> None:
    """Good and bad events of a document come as they stand in it, each with its pointer."""
    found, source = read(document(seen(instance("A")), 7, {"type": "Nonsense"}, seen("urn:x:1")))
    assert [one.pointer for one in found] == [f"/epcisBody/eventList/{n}" for n in range(4)]
    assert [one.checked is None for one in found] == [False, True, True, False]
    assert all(one.problems for one in found[1:3])
    assert source.problems == []


def test_master_data_is_known_after_the_events() -> None:
    """A document's master data, and its warnings, stand in the source once it was read."""
    content = document(
        seen("urn:x:1"), vocabularies={"Location": [element("urn:x:place", name="Dock")]}
    )
    content["epcisHeader"]["epcisMasterData"]["rdfs:comment"] = "forgiven"
    _, source = read(content)
    [vocabulary] = source.vocabularies
    assert vocabulary.type == "urn:epcglobal:epcis:vtype:Location"
    assert vocabulary.elements[0]["id"] == "urn:x:place"
    assert all(one.is_warning for one in source.problems)


def test_only_a_document_has_master_data() -> None:
    """A bare event that carries a header is refused, and nothing of the unchecked header is taken."""
    header = {
        "epcisMasterData": {"vocabularyList": [{"type": "urn:x", "vocabularyElementList": [{}]}]}
    }
    content = {"@context": document()["@context"], **seen("urn:x:1"), "epcisHeader": header}
    [one], source = read(content)
    assert one.checked is None
    assert source.vocabularies == ()


def test_a_code_of_master_data_that_no_index_holds() -> None:
    """Master data about too long a code is a problem of the document."""
    vocabularies = {"Location": [element("urn:x:" + "e" * 645), element("urn:x:" + "e" * 644)]}
    _, source = read(document(vocabularies=vocabularies))
    assert rules(source.problems) == ["capture.code-too-long"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "input.empty"),
        (b"\xff\xfe", "input.encoding"),
        (b"<a/>", "input.xml"),
        (b"PK\x03\x04", "input.not-json"),
        (b"7", "input.not-epcis"),
        (b'{"type": "EPCISDocument"', "input.truncated"),
        (b"[1, 2", "input.truncated"),
        (b"{]", "json.malformed"),
        (b'{"a": 1, "a": 2}', "json.duplicate-key"),
        (b'{"a": NaN}', "json.refused"),
    ],
)
def test_an_input_that_is_refused_as_a_whole(content: bytes, rule: str) -> None:
    """What can't be read ends the iteration with its reason in the source."""
    _, source = read(content)
    assert rules(source.problems) == [rule]
    assert source.vocabularies == ()


def twins(*assets: Any) -> dict[str, Any]:
    """Return a Catena-X import file."""
    return {"assets": list(assets)}


def asset(**about: Any) -> dict[str, Any]:
    """Return one twin of an import file."""
    return {"assetMetaInfo": about, "submodels": []}


def test_twins_become_events() -> None:
    """Each twin of a Catena-X file becomes events; a malformed one is a refused candidate in its place."""
    good = asset(catenaXId=TWIN["catenaXId"])
    other = asset(catenaXId="urn:uuid:8e71d08e-f3ae-4ad0-9fcd-158ddde79901")
    found, source = read(twins(good, asset(), other, 7))
    assert [(one.pointer[:9], one.checked is None) for one in found] == [
        ("/assets/0", False),
        ("/assets/1", True),
        ("/assets/2", False),
        ("/assets/3", True),
    ]
    assert rules(p for one in found for p in one.problems) == ["catenax.unreadable"] * 2
    assert source.problems == []


def test_a_twin_whose_event_is_refused() -> None:
    """A twin that makes an event which the check refuses is a refused candidate, too."""
    [one], source = read(twins(asset(catenaXId="https://id.gs1.org/01/09506000134353/21/A")))
    assert one.checked is None
    assert one.problems
    assert source.problems == []


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b'{"assets": [{"assetMetaInfo": {}, "submodels": []}', "json.malformed"),
        (b'{"assets": [{"assetMetaInfo": {"a": 1, "a": 2}, "submodels": []}]}', "json.refused"),
        (
            b'{"assets": [{"assetMetaInfo": {}, "submodels": [], "a": "\xff"}]}',
            "catenax.unreadable",
        ),
    ],
)
def test_a_catenax_file_that_is_refused_as_a_whole(content: bytes, rule: str) -> None:
    """A Catena-X file that can't be read is refused with one reason that is a full sentence."""
    found, source = read(content)
    assert found == []
    assert rules(source.problems) == [rule]
    assert "?" not in source.problems[0].message("en")


@pytest.mark.parametrize("step", [1, 7, 5_000_000])
@pytest.mark.parametrize(
    "content",
    [document(*(seen(instance(n)) for n in range(50))), twins(asset(catenaXId="urn:x:1"))],
)
def test_a_stream_that_can_not_be_rewound(content: dict[str, Any], step: int) -> None:
    """A pipe, however slowly it flows, gives what a file gives."""
    raw = json.dumps(content).encode()
    assert read(Pipe(raw, step))[0] == read(raw)[0]


def test_a_stream_is_read_from_where_it_stands() -> None:
    """What stands in front of the stream's position is not part of the input."""
    raw = json.dumps([seen("urn:x:1")]).encode()
    content = io.BytesIO(b"garbage" + raw)
    content.seek(len(b"garbage"))
    assert read(content)[0] == read(raw)[0]
