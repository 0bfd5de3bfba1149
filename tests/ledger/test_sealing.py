"""Sealed events meet themselves again: whatever the salts, the declaration or an erasure in between."""

from typing import Any

import msgspec
import pytest

from ledger.capture import capture
from ledger.erasing import Choice, declare, erase
from ledger.jobs import capture_once
from ledger.log.entry import decode_entry
from ledger.personal import declared_fields
from ledger.receipts import Mode, Report
from ledger.store.engine import reading
from tests.ledger.builders import (
    Event,
    Ledger,
    declared_wrong,
    document,
    element,
    instance,
    seen,
    stream,
)

NS = "https://example.com/ns/"
NAME, PHONE, CITY = NS + "name", NS + "phone", "urn:example:mda:city"
ID = "urn:uuid:0d4b3f86-8f43-4c0b-9d9e-000000000001"
PLACE = "https://id.gs1.org/414/9506000134376"


def sale(name: object = "Wang Li", **fields: Any) -> Event:
    """Return an event with a personal value; with an eventID unless it is said to be None."""
    named = {"eventID": ID} | fields
    return seen(
        instance("A"), **{key: value for key, value in named.items() if value is not None}
    ) | {NAME: name}


def personal(ledger: Ledger, *fields: str, without: tuple[str, ...] = ()) -> None:
    """Declare fields."""
    declare(ledger.access(ledger.organisation()), fields, without, submitter="tester")


def forget(ledger: Ledger) -> None:
    """Erase all values of both fields."""
    access = ledger.access(ledger.organisation())
    for field in (NAME, PHONE, CITY):
        erase(access, Choice(field=field), submitter="tester", reason="asked")


def statuses(report: Report) -> list[str]:
    """Return the status of each receipt."""
    return [one.status.value for one in report.receipts]


def sent(
    ledger: Ledger, *events: Any, way: str = "grouped", mode: Mode = Mode.PROCEED
) -> list[str]:
    """Capture a document in one of the ways, and return what became of its events."""
    access = ledger.access(ledger.organisation())
    content = stream(document(*events))
    if way == "inbox":
        key = f"k{ledger.ticks()}"
        report = capture_once(access, content.read(), submitter="tester", key=key, mode=mode)
    else:
        report = capture(access, content, submitter="tester", mode=mode)
    return statuses(report)


def bodies(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the bodies of all entries."""
    return [
        decode_entry(bytes(raw)).body
        for (raw,) in ledger.rows("SELECT bytes FROM entry ORDER BY seq")
    ]


@pytest.fixture
def sealing(ledger: Ledger) -> Ledger:
    """Give a ledger with a personal field."""
    personal(ledger, NAME)
    return ledger


@pytest.mark.parametrize("way", ["grouped", "inbox"])
@pytest.mark.parametrize("mode", list(Mode))
def test_the_same_event_again(sealing: Ledger, way: str, mode: Mode) -> None:
    """The same event is a duplicate, in the same document and in a later one; another value is none."""
    other = sale("Zhang Wei")
    assert sent(sealing, sale(), sale(), way=way, mode=mode) == ["accepted", "duplicate"]
    assert sent(sealing, sale(), way=way, mode=mode) == ["duplicate"]
    assert sent(sealing, other, way=way, mode=mode) == ["conflict"]
    assert sent(sealing, sale(None), way=way, mode=mode) == ["conflict"]
    assert sealing.count("personal_value") == 1
    assert "Wang Li" not in str(bodies(sealing))
    sealing.check()


def test_what_is_rolled_back_leaves_no_value(sealing: Ledger) -> None:
    """A document that is taken back leaves neither a value nor a memory of one."""
    access = sealing.access(sealing.organisation())
    bad = seen("https://id.gs1.org/01/09506000134353/21/A")
    assert sent(sealing, sale(), bad, mode=Mode.ROLLBACK) == ["rejected", "rejected"]
    assert sent(sealing, sale(), bad, mode=Mode.ROLLBACK, way="inbox") == ["rejected", "rejected"]
    assert sealing.count("personal_value") == 0
    assert sent(sealing, sale("Zhang Wei"), bad, way="inbox") == ["accepted", "rejected"]
    assert access.organisation.row == 1
    sealing.check()


def test_after_an_erasure(sealing: Ledger) -> None:
    """An erased value is believed to be the one that is sent again: nothing brings it back."""
    sent(sealing, sale(), seen(instance("B")) | {NAME: {"of": "Li"}})
    forget(sealing)
    assert sent(sealing, sale(), sale("Zhang Wei")) == ["duplicate", "duplicate"]
    assert sent(sealing, sale(), way="inbox") == ["duplicate"]
    without = sale()
    del without[NAME]
    assert sent(sealing, without) == ["conflict"]
    assert sealing.rows("SELECT count(value) FROM personal_value") == [(0,)]
    sealing.check()


def test_a_field_that_is_declared_later(ledger: Ledger) -> None:
    """What was captured plain stays plain, and is known again when its field is sealed."""
    assert sent(ledger, sale()) == ["accepted"]
    personal(ledger, NAME)
    assert sent(ledger, sale(), sale("Zhang Wei")) == ["duplicate", "conflict"]
    assert ledger.count("personal_value") == 0
    ledger.check()


def test_a_field_that_is_withdrawn(sealing: Ledger) -> None:
    """What was sealed stays sealed, and is known again when its field stands in the log openly."""
    assert sent(sealing, sale()) == ["accepted"]
    personal(sealing, without=(NAME,))
    assert sent(sealing, sale(), sale("Zhang Wei")) == ["duplicate", "conflict"]
    forget(sealing)
    assert sent(sealing, sale()) == ["duplicate"]
    sealing.check()


def test_fields_that_change_places(sealing: Ledger) -> None:
    """An event is known again however the declaration has changed: more, fewer, outer, inner."""
    nested = sale({"n": 1.50, PHONE: "1"}, **{PHONE: "2"})
    assert sent(sealing, nested) == ["accepted"]
    other = sale({"n": 1.50, PHONE: "9"}, **{PHONE: "2"})
    for add, remove in (((PHONE,), ()), ((), (NAME,)), ((), (PHONE,)), ((NAME,), ())):
        personal(sealing, *add, without=remove)
        assert sent(sealing, nested, other) == ["duplicate", "conflict"]
    [one] = sealing.rows("SELECT value FROM personal_value")
    assert msgspec.json.decode(bytes(one[0])) == {"n": "1.5", PHONE: "1"}
    sealing.check()


def test_events_without_an_id(sealing: Ledger) -> None:
    """Such an event is named by what isn't personal, so its name tells nothing of the value."""
    assert sent(sealing, sale(eventID=None), sale(eventID=None)) == ["accepted", "duplicate"]
    assert sent(sealing, sale("Zhang Wei", eventID=None)) == ["conflict"]
    personal(sealing, PHONE)
    two = sale("Zhang Wei", eventID=None, **{PHONE: 1})
    assert sent(sealing, two) == ["accepted"]
    forget(sealing)
    assert sent(sealing, sale(eventID=None), two) == ["duplicate", "duplicate"]
    names = {name for (name,) in sealing.rows("SELECT event_id FROM event")}
    assert len(names) == 2
    sealing.check()


def test_events_without_an_id_and_another_declaration(ledger: Ledger) -> None:
    """Under another declaration such an event has another name, and is another event."""
    assert sent(ledger, sale(eventID=None)) == ["accepted"]
    personal(ledger, NAME)
    assert sent(ledger, sale(eventID=None)) == ["accepted"]
    personal(ledger, without=(NAME,))
    assert sent(ledger, sale(eventID=None)) == ["duplicate"]
    ledger.check()


WRONG = sale("Wang Li")


@pytest.mark.parametrize("event_id", [ID, None])
@pytest.mark.parametrize("first", ["event", "declaration"])
def test_errors_of_events_with_personal_values(
    sealing: Ledger, event_id: str | None, first: str
) -> None:
    """A declaration repeats its event, with salts of its own, before it or after; others conflict."""
    event = sale(eventID=event_id)
    error = declared_wrong(event, **{NAME: "the clerk"})
    pair = [event, error] if first == "event" else [error, event]
    for one in pair:
        assert sent(sealing, one, one) == ["accepted", "duplicate"]
    assert sent(sealing, *pair, sale("Zhang Wei", eventID=event_id)) == [
        "duplicate",
        "duplicate",
        "conflict",
    ]
    assert sent(sealing, declared_wrong(sale("Zhang Wei", eventID=event_id))) == ["conflict"]
    [(declared,)] = sealing.rows("SELECT count(*) FROM event WHERE declared_by IS NOT NULL")
    assert (declared, sealing.count("personal_value")) == (1, 3)
    forget(sealing)
    assert sent(sealing, *pair) == ["duplicate", "duplicate"]
    sealing.check()


@pytest.mark.parametrize("first", ["event", "declaration"])
def test_an_error_across_a_declaration_of_fields(ledger: Ledger, first: str) -> None:
    """A field that becomes personal in between parts no event from its declaration of an error."""
    event = sale()
    pair = [event, declared_wrong(event)]
    if first == "declaration":
        pair.reverse()
    assert sent(ledger, pair[0]) == ["accepted"]
    personal(ledger, NAME)
    assert sent(ledger, declared_wrong(sale("Zhang Wei"))) == ["conflict"]
    assert sent(ledger, pair[1], pair[0]) == ["accepted", "duplicate"]
    [(declared,)] = ledger.rows("SELECT count(*) FROM event WHERE declared_by IS NOT NULL")
    assert declared == 1
    ledger.check()


def test_an_error_of_an_event_whose_value_is_erased(sealing: Ledger) -> None:
    """An event can be declared wrong after its value is gone."""
    assert sent(sealing, sale()) == ["accepted"]
    forget(sealing)
    assert sent(sealing, declared_wrong(sale())) == ["accepted"]
    sealing.check()


def test_an_event_that_cant_be_sealed(sealing: Ledger) -> None:
    """A value below a name that no table holds refuses its event alone, and tells no name of it."""
    hostile = seen(instance("B")) | {"ex:a": {"\0b": {NAME: "Wang Li"}}}
    for way in ("grouped", "inbox"):
        assert sent(sealing, hostile, seen(instance(way)), way=way) == ["rejected", "accepted"]
    [receipt] = [one for one in sealing.take(hostile).receipts if one.status.value == "rejected"]
    assert receipt.event_id is None
    assert "1000 printable characters" in receipt.problems[0].message("en")
    sealing.check()


def state(ledger: Ledger, *elements: Any, **more: Any) -> Report:
    """Capture a document that holds master data alone."""
    return ledger.send(document(vocabularies={"Location": elements}, **more))


def test_master_data_again_adds_nothing(ledger: Ledger) -> None:
    """A statement is known again: plain, sealed, erased and withdrawn."""
    said = element(PLACE, city="Ulm", name="Hall")
    state(ledger, said)
    personal(ledger, CITY)
    state(ledger, said)
    assert ledger.rows("SELECT count(*) FROM personal_value") == [(0,)]
    moved = element(PLACE, city="Bonn", name="Hall")
    state(ledger, moved)
    [(text,)] = ledger.rows("SELECT attributes FROM vocabulary")
    assert "Bonn" not in text
    size = ledger.count("entry")
    state(ledger, moved)
    personal(ledger, PHONE, without=(CITY,))
    state(ledger, moved)
    forget(ledger)
    state(ledger, moved)
    state(ledger, element(PLACE, city="Köln", name="Hall"))
    assert ledger.count("entry") == size + 2  # the declaration and the erasure
    assert ledger.rows("SELECT count(value) FROM personal_value") == [(0,)]
    state(ledger, element(PLACE, city="Bonn", name="Gate"))
    assert ledger.count("entry") == size + 3
    ledger.check()


def test_master_data_named_by_a_prefix(ledger: Ledger) -> None:
    """An attribute whose name a document shortens is sealed as the one that it means."""
    personal(ledger, NS + "clerk")
    said = {"id": PLACE, "attributes": [{"id": "ex:clerk", "attribute": "Wang Li"}]}
    report = state(
        ledger,
        said,
        **{
            "@context": [
                "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
                {"ex": NS},
            ]
        },
    )
    assert report.committed, report
    assert "Wang Li" not in str(bodies(ledger))
    assert bodies(ledger)[-1]["context"] == [{"ex": NS}]
    assert ledger.count("personal_value") == 1
    ledger.check()


@pytest.mark.parametrize("way", ["grouped", "inbox"])
def test_master_data_that_cant_be_sealed(sealing: Ledger, way: str) -> None:
    """A statement that can't be stored is a problem of its document; the others are stored."""
    bad = {"id": "urn:x:bad", "ex:a\0b": {NAME: "Wang Li"}}
    huge = {"id": "urn:x:huge", "ex:" + "k" * 10_000: [0.5] * 10_000}
    content = document(vocabularies={"Location": [bad, element(PLACE), huge]})
    access = sealing.access(sealing.organisation())
    raw = stream(content)
    if way == "inbox":
        report = capture_once(access, raw.read(), submitter="t", key="1", mode=Mode.PROCEED)
    else:
        report = capture(access, raw, submitter="t", mode=Mode.PROCEED)
    assert [one.rule for one in report.problems] == ["json.refused"] * 2
    assert sealing.rows("SELECT code FROM vocabulary") == [(PLACE,)]
    assert not state(sealing, bad, element("urn:x:new")).committed
    assert sealing.count("vocabulary") == 1
    sealing.check()


def test_a_declaration_holds_for_its_own_log(sealing: Ledger) -> None:
    """Another organisation's log isn't sealed by it."""
    sealing.take(sale(), slug="two")
    assert sealing.count("personal_value") == 0
    with reading(sealing.engine) as connection:
        assert declared_fields(connection, sealing.organisation("two").row) == frozenset()
        assert declared_fields(connection, 1) == {NAME}
    sealing.check()
