"""The short way from a plain event to its rows leads where the long one leads."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench.documents import events
from ledger.epcis.checking import check_event
from ledger.epcis.errors import EventRejectedError
from ledger.errors import LedgerError
from ledger.log.canonical import canonical_bytes, decimal_pointers, parse_canonical, parse_strict
from ledger.projection import canonical_code, content_digest
from ledger.verifying import making
from ledger.verifying.making import Made
from tests.ledger.builders import declared_wrong, family, instance, lot, made, seen, some

THING, PLACE = "urn:example:thing:1", "https://id.gs1.org/414/9506000134376"
LINK = "https://example.com/01/09506000134353/x"

BUILT: list[dict[str, Any]] = [
    *(seen(instance("A"), action=action) for action in ("ADD", "OBSERVE", "DELETE")),
    seen(THING, action="ADD"),
    seen(THING, quantityList=[some(THING, 1)]),
    seen(LINK),
    seen("URN:EXAMPLE:Thing:1"),
    seen("HTTPS://Example.COM/a/b"),
    seen("urn:epc:id:sgtin:9506000.013435.A", "urn:epc:id:sscc:9506000.0000000001"),
    seen(f"{lot('L')}/21/S"),
    seen(quantityList=[some(lot("L"), 5), some(lot("M"), 2.5, "KGM"), some(THING)]),
    seen(instance("A"), ilmd={"cbvmda:lotNumber": "L"}, action="ADD"),
    seen(instance("A"), ilmd={"cbvmda:countryOfOrigin": "CN"}, action="ADD"),
    seen(instance("A"), bizStep="shipping", disposition="in_transit"),
    seen(instance("A"), bizStep="urn:epcglobal:cbv:bizstep:shipping"),
    seen(instance("A"), disposition="https://ns.example.com/disp/x"),
    seen(instance("A"), readPoint={"id": PLACE}),
    seen(instance("A"), readPoint={"id": PLACE}, bizLocation={"id": "urn:epc:id:sgln:9506000.00001.0"}),
    seen(instance("A"), recordTime="2026-03-01T08:00:00Z"),
    seen(instance("A"), eventID="urn:uuid:0d4b3f86-8f43-4c0b-9d9e-000000000001"),
    seen(instance("A"), at="2026-03-01T16:00:00.1234567+08:00"),
    seen(instance("A"), destinationList=[{"type": "possessing_party", "destination": "urn:epc:id:pgln:9506000.00001"}]),
    seen(instance("A")) | {"https://ns.example.com/x": {"a": 1}},
    declared_wrong(seen(instance("A"), eventID="urn:uuid:0d4b3f86-8f43-4c0b-9d9e-000000000001")),
    made([instance("A"), some(THING, 1)], [instance("B"), some(lot("L"), 0.5, "KGM"), THING]),
    made([THING], [], transformationID="urn:example:run:1"),
    family(instance("P"), instance("A"), instance("B")),
    *(
        family(parent, *children, kind=kind, action=action)
        for kind in ("AggregationEvent", "AssociationEvent")
        for action in ("ADD", "OBSERVE", "DELETE")
        for parent, *children in ([instance("P"), instance("A")], [instance("P")], [None, THING], [THING, THING])
    ),
    family(instance("P"), childQuantityList=[some(lot("L"), 4), some(THING, 1.5, "KGM")]),
    seen(instance("A"), sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:9506000.00001"}]),
    seen(instance("A"), destinationList=[{"type": "owning_party", "destination": THING}, {"type": "location", "destination": PLACE}]),
    seen(instance("A"), destinationList=[{"type": "urn:epcglobal:cbv:sdt:owning_party", "destination": THING}]),
]  # fmt: skip


def documents(vectors: Path) -> Iterator[dict[str, Any]]:
    """Yield every event of every document there is that may be stored."""
    for path in sorted((vectors / "epcis").rglob("*.json*")):
        try:
            value = parse_strict(path.read_bytes())
        except LedgerError:
            continue
        waiting = [value]
        for one in waiting:
            if isinstance(one, dict):
                if isinstance(one.get("type"), str) and "eventTime" in one:
                    yield one
                else:
                    waiting += one.values()
            elif isinstance(one, list):
                waiting += one


def bodies(found: Iterator[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the body and the entry of each event that may be stored."""
    for event in found:
        try:
            checked = check_event(event, canonical_bytes(event).decode())
        except (EventRejectedError, LedgerError, KeyError, TypeError, ValueError):
            continue
        body: dict[str, Any] = {"event": checked.event}
        if checked.context:
            body["context"] = list(checked.context)
        if decimals := decimal_pointers(checked.event):
            body["decimals"] = decimals
        raw = canonical_bytes({"body": body, "header": {"log": "x"}})
        yield parse_canonical(raw)["body"], raw


def both(body: dict[str, Any], raw: bytes, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Compare the two ways and tell whether the short one was taken."""
    plain, long = Made(), Made()
    digest = making._digest(body, raw)
    assert digest == content_digest(body["event"])
    short = plain._plain(body["event"], digest, 7) if "context" not in body else None
    again = Made()
    columns = again.columns(body, raw, 7)
    with monkeypatch.context() as patch:
        patch.setattr(making, "_SHAPES", {})
        assert long.columns(body, raw, 7) == columns
    assert sorted(again.links, key=repr) == sorted(long.links, key=repr)
    assert (again.levels, again.joined, again.declared) == (long.levels, long.joined, long.declared)
    return short is not None


def test_built_events_make_the_same_rows_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of event, plain and not, makes the same columns, links and levels."""
    taken = [both(body, raw, monkeypatch) for body, raw in bodies(parsed(BUILT))]
    assert len(taken) > 45  # a few are no events that may be stored
    assert 30 < sum(taken) < len(taken)


def test_generated_events_make_the_same_rows_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a plant's day."""
    taken = [both(body, raw, monkeypatch) for body, raw in bodies(parsed(events(240)))]
    assert len(taken) == 240
    assert sum(taken) >= 200


def parsed(found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield events as they come in, with exact decimals."""
    return (parse_strict(orjson.dumps(one)) for one in found)


def test_real_documents_make_the_same_rows_both_ways(
    vectors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does every event of other people's documents."""
    taken = [both(body, raw, monkeypatch) for body, raw in bodies(documents(vectors))]
    if not taken:
        pytest.skip(f"no EPCIS document below {vectors / 'epcis'}")
    assert 0 < sum(taken) < len(taken)


@pytest.mark.parametrize(
    "wrong",
    [
        {"eventTime": None},
        {"eventTime": "yesterday"},
        {"type": None},
        {"type": ["ObjectEvent"]},
        {"action": None},
        {"epcList": None},
        {"epcList": [5]},
        {"epcList": [["x"]]},
        {"quantityList": [{}]},
        {"bizStep": ["shipping"]},
        {"bizLocation": None},
        {"bizLocation": {"id": ""}, "readPoint": {"id": PLACE}},
        {"bizLocation": {"id": PLACE}, "readPoint": {"id": ["x"]}},
        {"ilmd": None},
        {"ilmd": [5]},
        {"sourceList": [{"type": "location"}]},
        {"destinationList": [{"type": ["location"], "destination": PLACE}]},
        {"destinationList": [{"type": "location", "destination": 5}]},
        {"destinationList": [{"type": "owner", "destination": PLACE}]},
    ],
    ids=range(19),
)
def test_what_is_odd_takes_the_long_way(wrong: dict[str, Any]) -> None:
    """Whatever is not as plain as it should be is judged by what captured it."""
    event = seen(instance("A")) | wrong
    if isinstance(event["type"], list):
        with pytest.raises(TypeError):
            Made()._plain(event, b"", 1)
    else:
        assert Made()._plain(event, b"", 1) is None


def test_a_time_zone_must_be_stated() -> None:
    """Without it an event can't be read."""
    event = {key: value for key, value in seen(instance("A")).items() if "Zone" not in key}
    assert Made()._plain(event, b"", 1) is None


@pytest.mark.parametrize("decimals", [["/quantityList/0/quantity"], {"event": {"x": "y"}}, [5], []])
def test_the_digest_is_that_of_the_event_alone(decimals: object) -> None:
    """Cut out of the bytes or encoded anew, whatever stands beside the event."""
    event = seen(instance("A"), comment='"event":{},"header":')
    body = {"event": event, "decimals": decimals}
    raw = canonical_bytes({"body": body, "header": {"log": '},"header":'}})
    assert making._digest(body, raw) == content_digest(event)


def test_an_opaque_code_of_another_form_takes_the_long_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the check knows what becomes of it."""
    other = canonical_code("urn:example:thing:2")
    monkeypatch.setattr(making, "canonical_code", lambda _text: other)
    event = next(parsed([seen(THING)]))
    assert Made()._plain(event, b"", 1) is None
