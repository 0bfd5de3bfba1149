"""Instruments: what relied on their readings, and by which ones an item was measured."""

from typing import Any

import pytest

from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction
from ledger.store.engine import writing
from ledger.store.migrate import upgrade
from tests.ledger.builders import Event, Ledger, event, instance, lot, some
from tests.ledger.genealogy.asking import ahead, ask, at, behind, clock, make, pairs, see

GAUGE = "https://id.gs1.org/8004/9506000GAUGE1"
MASTER = "https://id.gs1.org/8004/9506000MASTER"


def reading_of(*devices: str, in_report: bool = False) -> dict[str, Any]:
    """Return the sensor elements of readings that were made with devices."""
    elements = []
    for device in devices:
        report: dict[str, Any] = {"type": "Temperature", "value": 20, "uom": "CEL"}
        element: dict[str, Any] = {"sensorReport": [report]}
        (report if in_report else element.setdefault("sensorMetadata", {}))["deviceID"] = device
        elements.append(element)
    return {"sensorElementList": elements}


def measure(minute: int, items: str, *devices: str, **options: Any) -> Event:
    """Return an inspection of instances with instruments."""
    return see(minute, items, bizStep="inspecting", **reading_of(*devices, **options))


def calibrate(minute: int, device: str, master: str) -> Event:
    """Return the calibration of an instrument by another one."""
    own = {"action": "OBSERVE", "epcList": [device], "bizStep": "inspecting"}
    return event("ObjectEvent", at=clock(minute), **own, **reading_of(master))


def names(codes: set[str]) -> set[str]:
    """Return codes without what stands before the last slash."""
    return {one.rpartition("/")[2] for one in codes}


def test_what_relied_on_a_gauge(ledger: Ledger) -> None:
    """Forward from an instrument: what it measured, and what became of that afterwards."""
    ledger.take(make(1, "a", "early"), measure(2, "a b", GAUGE), make(3, "a", "late"), see(4, "c"))
    assert ahead(ledger, GAUGE) == {"a", "b", "late"}
    found = ask(ledger, GAUGE)
    assert {link.kind for link in found.links} == {Kind.MEASURED, Kind.TRANSFORMED}
    assert [item.exposed_from for item in found.items] == [at(2), at(2), at(3)]


def test_a_transformation_with_readings_has_links_of_both_kinds(ledger: Ledger) -> None:
    """What the instrument measured there wasn't made of it, and what was made of the input was."""
    ledger.take(measure(1, "a", GAUGE), make(2, "a", "b", **reading_of(GAUGE)))
    found = {(link.source, link.target, link.kind) for link in ask(ledger, GAUGE).links}
    assert found == {
        (GAUGE, instance("a"), Kind.MEASURED),
        (GAUGE, instance("b"), Kind.MEASURED),
        (instance("a"), instance("b"), Kind.TRANSFORMED),
    }


def test_a_part_that_measures_is_a_part_first(ledger: Ledger) -> None:
    """A sensor that is built in is traced as a part; its readings where they are asked for."""
    ledger.take(
        event(
            "AssociationEvent",
            at=clock(1),
            action="ADD",
            parentID=instance("car"),
            childEPCs=[GAUGE],
        ),
        measure(2, "road", GAUGE),
    )
    assert ahead(ledger, GAUGE) == {"car"}
    assert ahead(ledger, GAUGE, kinds=(Kind.MEASURED,)) == {"road"}


def test_an_instrument_that_was_taken_out_of_nothing_went_into_nothing(ledger: Ledger) -> None:
    """A DELETE without an ADD is no going in: its readings are followed."""
    ledger.take(
        event(
            "AggregationEvent",
            at=clock(1),
            action="DELETE",
            parentID=instance("case"),
            childEPCs=[GAUGE],
        ),
        measure(2, "a", GAUGE),
    )
    assert ahead(ledger, GAUGE) == {"a"}


def test_a_trace_of_an_instrument_follows_every_instrument(ledger: Ledger) -> None:
    """A gauge that was calibrated and later built in still passes doubt on; a lot of gauges doesn't."""
    built_in = event(
        "AssociationEvent", at=clock(4), action="ADD", parentID=instance("car"), childEPCs=[GAUGE]
    )
    ledger.take(calibrate(1, GAUGE, MASTER), measure(2, "a", GAUGE), built_in)
    assert ahead(ledger, MASTER) == {"9506000GAUGE1", "a", "car"}
    assert ahead(ledger, GAUGE) == {"car"}


def test_readings_of_a_window(ledger: Ledger) -> None:
    """A gauge that was out of calibration for a while: only what it measured then."""
    ledger.take(*(measure(minute, f"i{minute}", GAUGE) for minute in range(1, 6)))
    assert ahead(ledger, GAUGE, since=at(2), until=at(3)) == {"i2", "i3"}
    assert ahead(ledger, GAUGE, since=at(4)) == {"i4", "i5"}
    assert ahead(ledger, GAUGE, until=at(1)) == {"i1"}


def test_goods_are_not_made_of_gauges(ledger: Ledger) -> None:
    """Backward an instrument is named only where its kind of link is asked for."""
    ledger.take(make(1, "a", "b"), measure(2, "b", GAUGE), calibrate(1, GAUGE, MASTER))
    assert behind(ledger, "b") == {"a"}
    every = {"9506000GAUGE1", "9506000MASTER", "a"}
    assert behind(ledger, "b", kinds=tuple(Kind)) == every
    assert behind(ledger, "b", kinds=(Kind.MEASURED,)) == every - {"a"}


def test_a_calibration_passes_doubt_on(ledger: Ledger) -> None:
    """What a bad master has calibrated measures badly afterwards, not before."""
    ledger.take(
        measure(1, "before", GAUGE), calibrate(2, GAUGE, MASTER), measure(3, "after", GAUGE)
    )
    assert ahead(ledger, MASTER) == {"9506000GAUGE1", "after"}


def test_every_device_of_an_event_measured_every_item(ledger: Ledger) -> None:
    """An event doesn't say which device is for which item; each is named once, wherever it stands."""
    ledger.take(measure(1, "a b", GAUGE, MASTER, GAUGE, in_report=True))
    assert pairs(ask(ledger, GAUGE)) == {("9506000GAUGE1", "a"), ("9506000GAUGE1", "b")}
    assert behind(ledger, "b", kinds=(Kind.MEASURED,)) == {"9506000GAUGE1", "9506000MASTER"}


def test_a_process_is_measured_for_its_outputs(ledger: Ledger) -> None:
    """Readings in a transformation are about what it made, not about what went in."""
    ledger.take(make(1, "a", "b", **reading_of(GAUGE)))
    assert ahead(ledger, GAUGE) == {"b"}


def test_lots_and_members_together(ledger: Ledger) -> None:
    """An event that names a lot beside readings keeps the groups apart."""
    serial = f"{lot('L')}/21/S"
    ledger.take(
        event(
            "ObjectEvent",
            at=clock(1),
            action="OBSERVE",
            epcList=[serial, instance("x")],
            quantityList=[some(lot("M"), 1)],
            **reading_of(GAUGE),
        )
    )
    assert len(ask(ledger, GAUGE).items) == 3
    assert names({one.code for one in ask(ledger, lot("L")).items}) == {"S"}
    ledger.check()


def test_fields_of_a_type_of_ones_own_mean_nothing_here(ledger: Ledger) -> None:
    """A device in an event of a partner's own type makes no link."""
    own = event("https://example.com/Weighing", at=clock(1), **reading_of(GAUGE))
    assert ledger.take(own).committed
    assert ledger.rows("SELECT code FROM item WHERE code = {p}", GAUGE) == []


def test_the_reading_of_an_error_is_gone(ledger: Ledger) -> None:
    """An inspection that was declared an error passes nothing on."""
    wrong = measure(1, "a", GAUGE) | {"eventID": "urn:uuid:6d1f9be4-4a5e-4f0a-9d14-000000000007"}
    ledger.take(wrong)
    ledger.take(wrong | {"errorDeclaration": {"declarationTime": clock(50)}})
    assert ahead(ledger, GAUGE) == set()


def test_links_of_an_older_ledger_are_made_once(ledger: Ledger) -> None:
    """A ledger of the version before gets its links when it is migrated, and verifies then."""
    ledger.take(measure(1, "a b", GAUGE), make(2, "a", "c"))
    ledger.take(measure(3, "c", MASTER), slug="two")
    before = sorted(ledger.rows("SELECT * FROM link"))
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM link WHERE role IN (15, 16)")
        connection.exec_driver_sql(f"DELETE FROM item WHERE code IN ('{GAUGE}', '{MASTER}')")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
    upgrade(ledger.engine)
    assert len(ledger.rows("SELECT * FROM link")) == len(before)
    assert ahead(ledger, GAUGE) == {"a", "b", "c"}
    ledger.check()
    upgrade(ledger.engine)
    assert len(ledger.rows("SELECT * FROM link")) == len(before)


@pytest.mark.parametrize("direction", list(Direction))
def test_backward_mirrors_forward(ledger: Ledger, direction: Direction) -> None:
    """B is behind A exactly where A is ahead of B, with readings as with goods."""
    ledger.take(
        calibrate(1, GAUGE, MASTER),
        measure(2, "a", GAUGE),
        make(3, "a", "b"),
        measure(1, "b", MASTER),
    )
    codes = [GAUGE, MASTER, instance("a"), instance("b")]
    reached = {
        (one, other.code)
        for one in codes
        for other in ask(ledger, one, direction, kinds=tuple(Kind)).items
    }
    mirrored = {
        (other.code, one)
        for one in codes
        for other in ask(
            ledger,
            one,
            {
                Direction.FORWARD: Direction.BACKWARD,
                Direction.BACKWARD: Direction.FORWARD,
                Direction.BOTH: Direction.BOTH,
            }[direction],
            kinds=tuple(Kind),
        ).items
    }
    assert reached == mirrored
