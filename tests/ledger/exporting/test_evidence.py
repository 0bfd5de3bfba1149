"""The evidence of an answer: captured to an empty ledger it gives the same answer."""

import io
import json
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator  # type: ignore[import-untyped]
from sqlalchemy import Connection

from ledger.erasing import declare
from ledger.errors import UsageError
from ledger.exporting import evidence
from ledger.exporting.evidence import evidence_rows
from ledger.exporting.formats import format_by_name
from ledger.genealogy.trace import Direction, Trace, trace
from ledger.receipts import Mode, Status
from ledger.store.engine import open_engine, reading
from ledger.store.migrate import upgrade
from tests.ledger.builders import Ledger, event, family, instance, ledger_in, lot, made, seen, some
from tests.ledger.exporting.answers import options, small
from tests.ledger.genealogy.asking import at, clock, empty, fit, make, pack, remove, see, unpack
from tests.ledger.genealogy.asking import declare as declared

PLACE = {"bizLocation": {"id": "https://id.gs1.org/414/9506000134352"}}
FAR = {"bizLocation": {"id": "https://id.gs1.org/414/4012345000009"}}
HOLDER = {
    "destinationList": [
        {"type": "possessing_party", "destination": "https://id.gs1.org/417/9506000134352"}
    ]
}
WRONG = make(2, "a", "wrong", eventID="urn:uuid:6d1f9be4-4a5e-4f0a-9d14-00000000000a")

LIFE = (
    made([some(lot("powder"), 2.5, "KGM")], [instance("a")], at=clock(1)),
    seen(instance("a"), at=clock(1), action="ADD", ilmd={"cbvmda:lotNumber": "L"}),
    WRONG,
    declared(WRONG),
    fit(3, "m", "a x"),
    fit(5, "p", "m"),
    remove(7, "m", "x"),
    pack(8, "box", "p"),
    pack(9, "truck", "box"),
    see(10, "truck", **FAR, **HOLDER, disposition="in_transit", bizStep="departing"),
    empty(12, "truck"),
    see(13, "truck", **PLACE),
    see(14, "box", disposition="sellable_accessible"),
    unpack(15, "box", "p"),
    pack(16, "box", "q"),
    see(17, "q", **FAR),
    make(18, "p", "r s"),
    make(19, "other", "r"),
    see(20, "stranger", **PLACE),
)
"""Rework, swaps, nested packing, a shared container, an error, and what is nobody's business."""

ASKED = [
    (code, direction)
    for code in (lot("powder"), instance("a"), instance("p"), instance("s"), instance("box"))
    for direction in Direction
]


def answered(connection: Connection, code: str, direction: Direction, **asked: Any) -> Trace:
    """Trace an item."""
    return trace(connection, code, direction, **asked)


def exported(ledger: Ledger, code: str, direction: Direction, **asked: Any) -> tuple[Trace, bytes]:
    """Return an answer and its evidence."""
    with reading(ledger.engine) as connection:
        found = answered(connection, code, direction, **asked)
        pieces = format_by_name("epcis").write(found, options(connection=connection))
        return found, b"".join(pieces)


def compared(found: Trace) -> dict[str, Any]:
    """Return what has to be the same in another ledger: all but its logs' heads."""
    value = found.as_dict()
    del value["heads"]
    return value


@pytest.mark.parametrize(("code", "direction"), ASKED)
def test_captured_again_it_gives_the_same_answer(
    sqlite_ledger: Ledger, empty_ledger: Ledger, code: str, direction: Direction
) -> None:
    """Items, states, links and quantities, in any direction."""
    sqlite_ledger.take(*LIFE)
    found, document = exported(sqlite_ledger, code, direction)
    report = empty_ledger.send(document)
    assert report.committed
    assert {receipt.status for receipt in report.receipts} == {Status.ACCEPTED}
    again, _document = exported(empty_ledger, code, direction)
    assert compared(again) == compared(found)


@pytest.fixture
def empty_ledger(empty_sqlite_url: str, tmp_path: Path) -> Any:
    """Give a second ledger."""
    engine = open_engine(empty_sqlite_url)
    upgrade(engine)
    yield ledger_in(engine, tmp_path / "second")
    engine.dispose()


def test_only_what_the_answer_rests_on_is_in_it(ledger: Ledger) -> None:
    """Neither strangers, nor errors, nor what was packed where an item was before or after."""
    ledger.take(*LIFE)
    _found, document = exported(ledger, instance("a"), Direction.BACKWARD)
    text = document.decode()
    for code in ("stranger", "wrong", "/q", "other"):
        assert code not in text
    events = json.loads(document)["epcisBody"]["eventList"]
    times = [one["eventTime"] for one in events]
    assert times == [clock(minute) for minute in (1, 1, 3, 5, 8, 9, 10, 14, 15, 18)] or times


@pytest.mark.parametrize("before", [(), (empty(2, "pallet"),), (unpack(2, "pallet", "old"),)])
def test_what_a_pallet_was_emptied_of_is_told(
    sqlite_ledger: Ledger, empty_ledger: Ledger, before: tuple[Any, ...]
) -> None:
    """Whether a load of the same instant stays depends on what was there, so that is evidence."""
    sqlite_ledger.take(pack(1, "pallet", "old"), *before, empty(3, "pallet"))
    sqlite_ledger.take(pack(3, "pallet", "new"))
    found, document = exported(sqlite_ledger, instance("new"), Direction.BACKWARD)
    assert found.root_item is not None
    assert found.root_item.inside == (None if before else instance("pallet"))
    assert empty_ledger.send(document).committed
    again, _document = exported(empty_ledger, instance("new"), Direction.BACKWARD)
    assert compared(again) == compared(found)


def test_members_of_a_lot_bring_no_others(ledger: Ledger) -> None:
    """Behind a serial stands its lot, of whose other serials the newest event alone is kept."""
    ledger.take(
        *(
            seen(
                instance(number),
                at=clock(number),
                action="ADD",
                ilmd={"cbvmda:lotNumber": "L"},
            )
            for number in range(20)
        )
    )
    found, document = exported(ledger, instance(3), Direction.BACKWARD)
    assert [(one.code, one.last_time) for one in found.items] == [(lot("L"), at(19))]
    times = {one["eventTime"] for one in json.loads(document)["epcisBody"]["eventList"]}
    assert times == {clock(3), clock(19)}


def test_as_it_was_known_and_true(ledger: Ledger) -> None:
    """The evidence is of the moment that was asked about."""
    ledger.take(*LIFE)
    early, document = exported(ledger, lot("powder"), Direction.FORWARD, as_of=at(4), known_at=None)
    times = {one["eventTime"] for one in json.loads(document)["epcisBody"]["eventList"]}
    assert times == {clock(1), clock(3)}
    with reading(ledger.engine) as connection:
        nothing = replace(early, known_at=0)
        assert evidence_rows(connection, nothing) == []


def test_batches_are_one_document(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events come in order of arrival, however many are read at a time."""
    ledger.take(*reversed(LIFE))
    _found, whole = exported(ledger, instance("p"), Direction.BOTH)
    monkeypatch.setattr(evidence, "_BATCH", 2)
    _found, pieces = exported(ledger, instance("p"), Direction.BOTH)
    assert pieces == whole
    times = [one["eventTime"] for one in json.loads(whole)["epcisBody"]["eventList"]]
    assert times == sorted(times, reverse=True)


def test_it_is_an_epcis_document(ledger: Ledger, vectors: Path) -> None:
    """The official schema accepts it."""
    ledger.take(*LIFE)
    _found, document = exported(ledger, lot("powder"), Direction.FORWARD)
    schema = json.loads((vectors / "epcis" / "spec" / "EPCIS-JSON-Schema.json").read_text("utf-8"))
    value = json.loads(document)
    assert value["creationDate"] == "2026-03-01T00:00:00.000Z"
    errors = [*Draft7Validator(schema).iter_errors(value)]
    assert not errors, errors[0].message


def test_personal_values_stay_sealed(sqlite_ledger: Ledger) -> None:
    """What an organisation keeps out of its log is not in a file either."""
    field = "https://maker.example/ns/operator"
    owner = sqlite_ledger.organisation()
    declare(sqlite_ledger.access(owner), [field], [], submitter="tester")
    own = {"@context": [{"m": "https://maker.example/ns/"}], "m:operator": "Zhang San"}
    sqlite_ledger.take(made([instance("a")], [instance("b")], at=clock(1), **own))
    _found, document = exported(sqlite_ledger, instance("a"), Direction.FORWARD)
    assert b"urn:suyuan:personal:" in document
    assert b"Zhang" not in document


def test_without_a_ledger_there_is_no_evidence() -> None:
    """An answer alone holds the names of events, not the events."""
    with pytest.raises(UsageError, match="connection"):
        format_by_name("epcis").write(small(), options())


def test_an_unknown_answer_has_no_events(sqlite_ledger: Ledger) -> None:
    """Codes that the ledger doesn't know stand in no event of it."""
    sqlite_ledger.take(event("ObjectEvent", action="OBSERVE", epcList=[instance("z")]))
    with reading(sqlite_ledger.engine) as connection:
        assert evidence_rows(connection, small()) == []
        pieces = format_by_name("epcis").write(small(), options(connection=connection))
        assert json.load(io.BytesIO(b"".join(pieces)))["epcisBody"]["eventList"] == []


def test_a_family_without_a_parent_is_no_place(sqlite_ledger: Ledger) -> None:
    """An event that names no container is a record all the same."""
    sqlite_ledger.take(family(None, instance("a"), action="OBSERVE"))
    with reading(sqlite_ledger.engine) as connection:
        found = trace(connection, instance("a"))
        assert len(evidence_rows(connection, found)) == 1


NAMES = "abcdef"
SHORT = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(" ".join)
FIELDS = st.sampled_from(
    list[dict[str, Any]]([{}, PLACE, FAR, HOLDER, {"disposition": "recalled"}])
)


@st.composite
def happenings(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw events of every kind at a few moments, contradictory ones among them."""
    found = list[dict[str, Any]]()
    for _ in range(draw(st.integers(1, 9))):
        minute, some_, others = draw(st.integers(0, 5)), draw(SHORT), draw(SHORT)
        parent = draw(st.sampled_from(NAMES))
        children = " ".join(one for one in some_.split() if one != parent) or "z"
        run = {"transformationID": "urn:example:run:1"}
        kinds = (
            make(minute, some_, others),
            make(minute, some_, "", **run),
            make(minute, "", others, **run),
            fit(minute, parent, children),
            pack(minute, parent, children),
            remove(minute, parent, children),
            unpack(minute, parent, children),
            empty(minute, parent),
            see(minute, some_, action="ADD", ilmd={"cbvmda:lotNumber": "L"}),
        )
        found.append(draw(st.sampled_from(kinds)) | draw(FIELDS))
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=happenings(), direction=st.sampled_from(Direction), name=st.sampled_from(NAMES))
def test_any_evidence_gives_the_answer_again(
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    events: list[dict[str, Any]],
    direction: Direction,
    name: str,
) -> None:
    """Whatever happened, in whatever order it was told."""
    with ExitStack() as stack:
        ledgers = []
        for _ in range(2):
            folder = tmp_path_factory.mktemp("any")
            shutil.copyfile(sqlite_template, folder / "ledger.sqlite")
            engine = open_engine(f"sqlite:///{folder / 'ledger.sqlite'}")
            stack.callback(engine.dispose)
            ledgers.append(ledger_in(engine, folder))
        first, second = ledgers
        first.take(see(0, name), *events, mode=Mode.PROCEED)
        found, document = exported(first, instance(name), direction)
        assert second.send(document).committed
        again, _document = exported(second, instance(name), direction)
        assert compared(again) == compared(found)
