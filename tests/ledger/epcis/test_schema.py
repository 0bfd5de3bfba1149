"""The official JSON Schema, with its formats asserted, against our check.

Valid documents are broken in every way a partner breaks them; whatever the schema refuses we refuse, apart
from the named leniencies, and whatever it takes we take.
"""

import copy
import io
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]

from ledger.epcis.checking import check_event
from ledger.epcis.errors import EventRejectedError, InputError
from ledger.epcis.explaining import explain
from ledger.epcis.reader import Reader
from ledger.epcis.shapes import conforms
from ledger.problems import Problem

# Codes are judged beyond the schema; a mutated code is therefore no difference.
LENIENT = {
    "epcis.comment",
    "cbv.urn",
    "cbv.unknown-urn",
    "cbv.outside-schema",
    "epcis.action-in-transformation",
    "epcis.number-as-text",
}
BEYOND = {"code.check-digit", "code.invalid", "json.duplicate-key"}


@cache
def schema(vectors: Path) -> Draft7Validator:
    """Give the official validator."""
    text = (vectors / "epcis/spec/EPCIS-JSON-Schema.json").read_text("utf-8")
    return Draft7Validator(json.loads(text), format_checker=FormatChecker())


def judge(document: Any) -> tuple[list[Problem], list[Problem]]:
    """Return our errors and our warnings about a document."""
    text = json.dumps(document).encode()
    reader = Reader(io.BytesIO(text))
    errors: list[Problem] = []
    warnings: list[Problem] = []
    try:
        for source in reader:
            errors += source.problems
            if not source.problems:
                try:
                    checked = check_event(
                        source.event, source.text, reader.context, at=source.pointer
                    )
                    warnings += checked.warnings
                except EventRejectedError as error:
                    errors += [flaw for flaw in error.problems if not flaw.is_warning]
    except InputError as error:
        errors += [flaw for flaw in error.problems if not flaw.is_warning]
    return errors, [*warnings, *reader.facts.warnings]


def accepted_files(vectors: Path) -> list[Path]:
    """Give all sample documents that must be taken."""
    folder = vectors / "epcis"
    found = [
        path
        for part in ("gs1-json", "openepcis/2.0/JSON", "dpp-ready", "event-hash")
        for path in sorted((folder / part).rglob("*.json*"))
        if "Queries" not in path.parts
    ]
    assert found
    return found


def test_every_sample_document_is_accepted(vectors: Path) -> None:
    """Each published sample is taken, and draws a warning exactly where the schema refuses it."""
    for path in accepted_files(vectors):
        document = json.loads(path.read_text("utf-8-sig"))
        errors, warnings = judge(document)
        assert not errors, (path.name, errors[0].message())
        if isinstance(document, dict):
            lenient = {flaw.rule for flaw in warnings} & LENIENT
            assert bool(lenient) != schema(vectors).is_valid(document), (path.name, lenient)


def test_queries_are_refused(vectors: Path) -> None:
    """A query document without events is told apart from what can be captured."""
    for path in (vectors / "epcis/openepcis/2.0/JSON").rglob("Queries/*.json"):
        errors, _ = judge(json.loads(path.read_text("utf-8")))
        assert errors[0].rule == "input.query"


Place = tuple[list[str | int], Any]


def places(value: Any, path: list[str | int] | None = None) -> Iterator[Place]:
    """Walk a JSON value: each place with what stands there."""
    path = path or []
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from places(member, [*path, key])
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from places(member, [*path, index])


def at(document: Any, path: list[str | int]) -> Any:
    """Give what stands at a place."""
    for step in path:
        document = document[step]
    return document


BAD_VALUES: list[Any] = [
    None,
    True,
    0,
    -1.5,
    "",
    "word",
    "two words",
    "http://example.com/a b",
    "ex:fine",
    "urn:example:x:1",
    "urn:epcglobal:cbv:bizstep:shipping",
    "urn:epcglobal:cbv:disp:sold",
    "https://ns.gs1.org/cbv/BizStep-shipping",
    "https://ref.gs1.org/cbv/BizStep-shipping",
    "https://gs1.org/voc/Temperature",
    "gs1:Temperature",
    "cbv:BizStep-shipping",
    "transforming",
    "Shipping",
    "shipping",
    "active",
    "EffectiveDoseRate",
    "OBSERVE",
    "ADD",
    "DELETE",
    "observe",
    "2026-02-30T00:00:00Z",
    "2026-02-28T00:00:00Z",
    "2026-02-28T24:00:00Z",
    "2026-02-28 00:00:00Z",
    "2026-02-28T00:00:00",
    "2026-02-28T00:00:60Z",
    "+14:30",
    "+08:00",
    "0800",
    "KGM",
    "kgm",
    "KGMX",
    "2.0",
    "2.0.x",
    "12.5",
    "ObjectEvent",
    "TransformationEvent",
    "EPCISDocument",
    [],
    [None],
    ["ex:a", "ex:a"],
    ["ex:a", "ex:b"],
    {},
    {"id": "ex:place"},
    {"id": "place"},
    {"set": ["active"]},
    {"set": []},
    {"set": ["active", "active"]},
    {"set": ["active"], "reset": ["active"]},
    [{"epcClass": "ex:lot", "quantity": "5"}],
    [{"epcClass": "ex:lot", "quantity": 5, "uom": "KGM"}],
    [{"epcClass": "ex:lot", "extra": 1}],
    [{"sensorReport": []}],
    [{"sensorReport": [{"type": "Temperature", "value": 2.5}]}],
    [{"sensorReport": [{"type": "Temperature", "value": "2.5"}]}],
    [{"sensorReport": [{"type": "Temperature", "hexBinaryValue": "0G"}]}],
    [{"type": "owning_party", "source": "ex:a"}],
    {"declarationTime": "2026-02-28T00:00:00Z", "reason": "incorrect_data"},
]
KEYS = [
    "@context",
    "type",
    "id",
    "action",
    "eventID",
    "recordTime",
    "persistentDisposition",
    "ilmd",
    "parentID",
    "epcList",
    "childEPCs",
    "quantityList",
    "inputEPCList",
    "transformationID",
    "sensorElementList",
    "bizTransactionList",
    "sourceList",
    "certificationInfo",
    "errorDeclaration",
    "readPoint",
    "uom",
    "reason",
    "correctiveEventIDs",
    "exception",
    "component",
    "unknownField",
    "ex:extension",
    "https://example.com/ext",
    "_comment",
    "_comment_layout",
    "comment",
    "epcisBody",
    "epcisHeader",
    "queryResults",
    "schemaVersion",
]


@cache
def seeds(vectors: Path) -> tuple[Any, ...]:
    """Give small valid documents to break: each with a few events only."""
    documents = []
    for path in accepted_files(vectors):
        document = json.loads(path.read_text("utf-8-sig"))
        if isinstance(document, dict) and len(json.dumps(document)) < 14_000:
            documents.append(document)
    return tuple(documents)


def compare(vectors: Path, document: Any) -> None:
    """Hold our verdict on a document against the schema's."""
    # The schema takes any object without a known type; which of these are no documents is ours to say.
    if not isinstance(document, dict):
        return
    errors, warnings = judge(document)
    ours = [flaw for flaw in errors if flaw.rule not in BEYOND]
    if len(ours) != len(errors):
        return
    valid = schema(vectors).is_valid(document)
    if valid:
        # "epcisBody" and "eventTime" at once: the schema, too, wants a type that it knows.
        assert not ours, [(flaw.pointer, flaw.message()) for flaw in ours]
    else:
        assert ours or {flaw.rule for flaw in warnings} & LENIENT, list(
            map(str, schema(vectors).iter_errors(document))
        )


@settings(max_examples=400)
@given(data=st.data())
def test_agrees_with_the_official_schema(vectors: Path, data: st.DataObject) -> None:
    """A document broken at one or two places gets the schema's verdict, but for the leniencies."""
    document = copy.deepcopy(data.draw(st.sampled_from(seeds(vectors))))
    for _ in range(data.draw(st.integers(1, 2))):
        found = [place for place in places(document) if place[0]]
        path, value = data.draw(st.sampled_from(found))
        holder, key = at(document, path[:-1]), path[-1]
        how = data.draw(st.sampled_from(["drop", "replace", "add", "double", "cut"]))
        if how == "drop":
            del holder[key]
        elif how == "replace":
            holder[key] = copy.deepcopy(data.draw(st.sampled_from(BAD_VALUES)))
        elif how == "add" and isinstance(value, dict):
            name = data.draw(st.sampled_from(KEYS))
            value[name] = copy.deepcopy(data.draw(st.sampled_from(BAD_VALUES)))
        elif how == "double" and isinstance(holder, list):
            holder.append(copy.deepcopy(value))
        elif how == "cut" and isinstance(value, str) and value:
            holder[key] = value[:-1]
    compare(vectors, document)


@pytest.mark.no_cover  # volume: others measure these lines
def test_every_single_field_against_the_official_schema(vectors: Path) -> None:
    """Each field of the fullest samples, dropped and replaced by each bad value, gets the schema's verdict."""
    folder = vectors / "epcis/openepcis/2.0/JSON/Capture/Documents"
    for name in ("AggregationEvent", "TransformationEvent", "AssociationEvent"):
        document = json.loads((folder / f"{name}.json").read_text("utf-8"))
        event = document["epcisBody"]["eventList"][0]
        document["epcisBody"]["eventList"] = [event]
        for key in list(event):
            kept = event.pop(key)
            compare(vectors, document)
            for value in BAD_VALUES:
                event[key] = value
                compare(vectors, document)
            event[key] = kept
        for key in KEYS:
            if key in event:
                continue
            for value in ("ex:a", {"set": ["active"]}, ["ex:a"]):
                event[key] = value
                compare(vectors, document)
            del event[key]


@settings(max_examples=300)
@given(data=st.data())
def test_the_check_in_c_and_the_explanation_agree(vectors: Path, data: st.DataObject) -> None:
    """What passes in C has nothing to explain, and what does not has something."""
    document = data.draw(st.sampled_from(seeds(vectors)))
    events = [value for _, value in places(document) if is_event(value)]
    event = copy.deepcopy(data.draw(st.sampled_from(events)))
    event.pop("@context", None)  # never passes in C, but is mostly in order
    path, _ = data.draw(st.sampled_from([place for place in places(event) if place[0]]))
    at(event, path[:-1])[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(BAD_VALUES)))
    text = json.dumps(event)
    reader = Reader(io.BytesIO(f"[{text}]".encode()))
    parsed = next(iter(reader)).event
    assert conforms(parsed, text) == (not explain(parsed, ""))


def is_event(value: Any) -> bool:
    """Tell whether a JSON value is an event."""
    return isinstance(value, dict) and "eventTime" in value


MUTATIONS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "required": (lambda d: event_of(d).pop("eventTime"), "epcis.missing-field"),
    "type": (lambda d: event_of(d).update(epcList="ex:a"), "epcis.wrong-type"),
    "enum": (lambda d: event_of(d).update(action="UPDATE"), "epcis.action"),
    "time": (lambda d: event_of(d).update(eventTime="2026-13-01T00:00:00Z"), "epcis.time"),
    "zone": (lambda d: event_of(d).update(eventTimeZoneOffset="8:00"), "epcis.time-zone"),
    "word": (lambda d: event_of(d).update(bizStep="transforming"), "cbv.unknown-word"),
    "uri": (lambda d: event_of(d).update(eventID="not a uri"), "epcis.uri"),
    "unit": (
        lambda d: event_of(d).update(quantityList=[{"epcClass": "ex:a", "uom": "kilogram"}]),
        "epcis.unit",
    ),
    "unknown": (lambda d: event_of(d).update(colour="red"), "epcis.unknown-field"),
    "version": (lambda d: d.pop("schemaVersion"), "epcis.missing-field"),
    "bad version": (lambda d: d.update(schemaVersion="two"), "epcis.version"),
    "created": (lambda d: d.update(creationDate="yesterday"), "epcis.time"),
    "context": (lambda d: d.pop("@context"), "epcis.missing-field"),
    "context type": (lambda d: d.update({"@context": 5}), "epcis.wrong-type"),
    "context twice": (lambda d: d.update({"@context": ["a:b", "a:b"]}), "epcis.duplicate-value"),
    "event type": (lambda d: event_of(d).update(type="ObjectEvnt"), "epcis.event-type"),
    "no type": (lambda d: event_of(d).pop("type"), "epcis.missing-field"),
    "numeric type": (lambda d: event_of(d).update(type=7), "epcis.wrong-type"),
    "what": (lambda d: event_of(d).pop("epcList"), "epcis.what-dimension-missing"),
    "ilmd": (lambda d: event_of(d).update(ilmd={}), "epcis.ilmd"),
    "twice": (lambda d: event_of(d).update(epcList=["ex:a", "ex:a"]), "epcis.duplicate-value"),
    "certificate": (lambda d: event_of(d).update(certificationInfo=5), "epcis.wrong-type"),
    "body": (lambda d: d.update(epcisBody=[]), "epcis.wrong-type"),
    "document type": (lambda d: d.update(type="EPCISMasterDataDocument"), "input.not-epcis"),
}


def event_of(document: dict[str, Any]) -> dict[str, Any]:
    """Give the first event of a document."""
    event: dict[str, Any] = document["epcisBody"]["eventList"][0]
    return event


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mistake_is_named(vectors: Path, name: str) -> None:
    """A document with one mistake is refused by the rule of that mistake, and by the schema."""
    path = vectors / "epcis/gs1-json/Example_9.6.1-ObjectEvent.jsonld"
    document = json.loads(path.read_text("utf-8"))
    document["epcisBody"]["eventList"][1:] = []
    assert judge(document) == ([], [])
    mutate, rule = MUTATIONS[name]
    mutate(document)
    errors, _ = judge(document)
    assert [flaw.rule for flaw in errors] == [rule]
    assert not schema(vectors).is_valid(document)
    assert "?" not in errors[0].message("en") + errors[0].message("zh-CN")
