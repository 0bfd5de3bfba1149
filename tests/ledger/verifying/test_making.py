"""The short way from a plain event to its rows leads where the long one leads."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench.documents import events
from identifiers import Level
from ledger.epcis.checking import check_event
from ledger.epcis.errors import EventRejectedError
from ledger.errors import LedgerError
from ledger.log.canonical import canonical_bytes, decimal_pointers, parse_canonical, parse_strict
from ledger.projection import canonical_code, content_digest, content_name
from ledger.verifying import making
from ledger.verifying.accounting import Items
from ledger.verifying.making import Made, as_stored, facts_in
from ledger.verifying.naming import Known, Named
from ledger.verifying.plain import decode_plain, named_by_content
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


class Numbering(Known):
    """Items that get ids as they are named."""

    def __init__(self) -> None:
        super().__init__(Items())
        self.taken: dict[tuple[str, Level], None] = {}
        self.numbers: dict[str, int] = {}

    def take(self, code: str, level: Level) -> int:
        """Give an item the next id."""
        self.taken[code, level] = None
        return self.numbers.setdefault(code, len(self.numbers) + 1)

    def told(self, links: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Links with codes in place of ids."""
        codes: dict[int | None, str | None] = {row: code for code, row in self.numbers.items()}
        codes[None] = None
        told = [(*one[:2], codes[one[2]], *one[3:6], codes[one[6]], *one[7:]) for one in links]
        return sorted(told, key=repr)


def bodies(found: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the body of the entry of each event that may be stored."""
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
        yield parse_canonical(canonical_bytes(body))


def short_way(body: dict[str, Any], made: Made) -> bool:
    """Go the short way, and tell whether it can be gone."""
    raw = canonical_bytes(body)
    [decoded] = decode_plain([raw])
    if decoded is None:
        return False
    [digest], [name] = named_by_content([raw])
    return made.add_plain(decoded.event, 7, name, digest)


def both(body: dict[str, Any]) -> bool:
    """Compare the two ways and tell whether the short one was taken."""
    named, others = Numbering(), Numbering()
    plain, long = Made(Named(named)), Made(Named(others))
    taken = short_way(body, plain)
    long.add(facts_in(body), 7)
    if taken:
        assert plain.rows == long.rows
        assert named.told(plain.links) == others.told(long.links)
        assert named.taken == others.taken
        assert (plain.joined, plain.declared) == (long.joined, long.declared)
    else:
        assert (plain.rows, plain.links) == ([], [])
    return taken


def test_built_events_make_the_same_rows_both_ways() -> None:
    """Every kind of event, plain and not, makes the same columns, links and levels."""
    taken = [both(body) for body in bodies(parsed(BUILT))]
    assert len(taken) > 45  # a few are no events that may be stored
    assert 30 < sum(taken) < len(taken)


def test_generated_events_make_the_same_rows_both_ways() -> None:
    """So does a plant's day."""
    taken = [both(body) for body in bodies(parsed(events(240)))]
    assert taken == [True] * 240


def parsed(found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield events as they come in, with exact decimals."""
    return (parse_strict(orjson.dumps(one)) for one in found)


def test_real_documents_make_the_same_rows_both_ways(vectors: Path) -> None:
    """So does every event of other people's documents."""
    taken = [both(body) for body in bodies(documents(vectors))]
    if not taken:
        pytest.skip(f"no EPCIS document below {vectors / 'epcis'}")
    assert 0 < sum(taken) < len(taken)


@pytest.mark.parametrize(
    "wrong",
    [
        {"eventTime": None},
        {"eventTime": "yesterday"},
        {"eventTime": "2026-03-01T08:00:00"},
        {"eventTimeZoneOffset": ""},
        {"type": None},
        {"type": ["ObjectEvent"]},
        {"type": "TransactionEvent"},
        {"action": None},
        {"epcList": None},
        {"epcList": [5]},
        {"epcList": [instance("A"), instance("A")]},
        {"quantityList": [{}]},
        {"quantityList": [{"epcClass": THING, "quantity": None}]},
        {"bizStep": ["shipping"]},
        {"bizStep": "urn:example:step"},
        {"disposition": "urn:example:disposition"},
        {"bizLocation": {"id": ""}, "readPoint": {"id": PLACE}},
        {"bizLocation": {"id": PLACE, "x": 1}},
        {"bizLocation": {"id": PLACE}, "readPoint": {"id": ["x"]}},
        {"ilmd": 5},
        {"ilmd": ["cbvmda:lotNumber"]},
        {"ilmd": {"cbvmda:lotNumber": []}, "action": "ADD"},
        {"ilmd": {"cbvmda:lotNumber": "L"}},
        {"ilmd": {"cbvmda:lotNumber": "L"}, "action": "ADD", "epcList": [THING]},
        {"ilmd": {"cbvmda:lotNumber": "L"}, "action": "ADD", "quantityList": [some(lot("M"), 1)]},
        {"sourceList": [{"type": "location"}]},
        {"sourceList": [{"type": "owner", "source": PLACE}]},
        {"destinationList": [{"type": ["location"], "destination": PLACE}]},
        {"destinationList": [{"type": "location", "destination": 5}]},
        {"destinationList": [{"type": "owner", "destination": PLACE}]},
        {"recordTime": "2026-03-01T08:00:00Z"},
        {"transformationID": "urn:example:run:1"},
        {"https://ns.example.com/x": 1},
    ],
    ids=range(33),
)
def test_what_is_odd_takes_the_long_way(wrong: dict[str, Any]) -> None:
    """Whatever is not as plain as it should be is judged by what captured it."""
    [event] = parsed([seen(instance("A")) | wrong])
    made = Made(Named(Numbering()))
    assert not short_way({"event": event}, made)
    assert (made.rows, made.links) == ([], [])


def test_a_child_without_a_parent_takes_the_long_way() -> None:
    """It is not known what it is in."""
    [event] = parsed([family(None, instance("A"))])
    assert not short_way({"event": event}, Made(Named(Numbering())))


@pytest.mark.parametrize("decimals", [["/quantityList/0/quantity"], []])
def test_the_digest_is_that_of_the_event_alone(decimals: list[str]) -> None:
    """It is cut out of the bytes, whatever stands before it."""
    [event] = parsed([seen(instance("A"), eventID='"event":{},"header":')])
    raw = canonical_bytes({"event": event, "decimals": [*decimals, '"event":']})
    [digest], [name] = named_by_content([raw])
    assert digest == as_stored(content_digest(event))
    assert name == content_name(content_digest(event))


def test_few_places_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few of them, the answer is the same."""
    monkeypatch.setattr(making, "_KEPT", 1)
    made = Made(Named(Numbering()))
    for place in (PLACE, PLACE, "urn:epc:id:sgln:9506000.00001.0", PLACE):
        [event] = parsed([seen(instance("A"), readPoint={"id": place})])
        assert short_way({"event": event}, made)
    assert [row[-2] for row in made.rows] == [canonical_code(row[-2]).uri for row in made.rows]
