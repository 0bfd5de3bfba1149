"""The state of items: where they are, who holds them, inside what, and how they fare."""

from typing import Any

import pytest

from ledger.query import Item, item, item_history
from ledger.state import ANNOUNCED
from ledger.store.engine import reading
from tests.ledger.builders import Event, Ledger, instance, lot, made, seen, some
from tests.ledger.genealogy.asking import (
    at,
    clock,
    declare,
    empty,
    fit,
    make,
    pack,
    remove,
    see,
    unpack,
)

PLACES = [f"https://id.gs1.org/414/950600013437{digit}" for digit in "6"]
HERE = PLACES[0]
THERE = "https://example.com/places/there"
PARTY = "https://id.gs1.org/417/9506000134376"
OWNER = "https://example.com/parties/owner"


def state(ledger: Ledger, name: str, **times: int) -> Item:
    """Return the state of an instance."""
    with reading(ledger.engine) as connection:
        return item(connection, name if ":" in name else instance(name), **times)


def history(ledger: Ledger, name: str) -> list[int]:
    """Return the event times of an item's life."""
    with reading(ledger.engine) as connection:
        return [event.time for event in item_history(connection, instance(name))]


def placed(minute: int, items: str, where: str, **fields: Any) -> Event:
    """Return an event that sees items at a place."""
    return see(minute, items, bizLocation={"id": where}, **fields)


def to(*parties: tuple[str, str]) -> list[dict[str, str]]:
    """Return a list of destinations."""
    return [{"type": kind, "destination": code} for kind, code in parties]


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_event_that_says_something_wins(ledger: Ledger, order: int) -> None:
    """Silence leaves a field as it was, and event time decides, not arrival."""
    events = [
        placed(1, "a", HERE, disposition="in_progress"),
        see(2, "a", disposition="damaged"),
        placed(3, "a", THERE),
        see(4, "a"),
    ]
    for one in events[::order]:
        ledger.take(one)
    found = state(ledger, "a")
    assert (found.status, found.location, found.last_time) == ("damaged", THERE, at(4))


def test_a_read_point_stands_in_for_a_location(ledger: Ledger) -> None:
    """Where no business location is stated, the read point is the last place."""
    ledger.take(see(1, "a", readPoint={"id": THERE}))
    assert state(ledger, "a").location == THERE


@pytest.mark.parametrize(
    ("destinations", "holder"),
    [
        (to(("owning_party", OWNER), ("possessing_party", PARTY)), PARTY),
        (to(("owning_party", OWNER)), OWNER),
        (to(("location", HERE)), "main"),
        (None, "main"),
    ],
)
def test_the_holder_is_who_possesses_or_else_owns_or_else_reports(
    ledger: Ledger, destinations: list[dict[str, str]] | None, holder: str
) -> None:
    """Who the goods went to holds them; nobody named, the organisation that reported them last."""
    fields = {"destinationList": destinations} if destinations else {}
    ledger.take(see(1, "a", **fields))
    assert state(ledger, "a").holder == holder


def test_what_happens_to_a_container_happens_to_what_is_inside(ledger: Ledger) -> None:
    """A pallet that is received takes its boxes along, and theirs, up to the moment of unpacking."""
    ledger.take(
        placed(0, "box mate", HERE),
        pack(1, "carton", "box"),
        pack(2, "pallet", "carton"),
        placed(3, "pallet", THERE, disposition="in_transit"),
        unpack(4, "pallet", "carton"),
        placed(5, "pallet", HERE, disposition="destroyed"),
    )
    found = state(ledger, "box")
    assert (found.location, found.status, found.inside) == (THERE, "in_transit", instance("carton"))
    assert state(ledger, "mate").location == HERE
    assert state(ledger, "carton").inside is None
    assert history(ledger, "box") == [at(0), at(1), at(2), at(3), at(4)]


def test_what_happens_to_an_assembly_happens_to_its_parts(ledger: Ledger) -> None:
    """A part is where its machine is, and stays where it was removed."""
    ledger.take(
        fit(1, "machine", "part"),
        placed(2, "machine", THERE),
        remove(3, "machine", "part"),
        placed(4, "machine", HERE),
    )
    found = state(ledger, "part")
    assert (found.location, found.inside, found.status) == (THERE, None, ANNOUNCED)
    assert state(ledger, "part", as_of=at(2)).inside == instance("machine")


def test_what_was_before_the_packing_is_not_inherited(ledger: Ledger) -> None:
    """A pallet's earlier life is not its load's."""
    ledger.take(placed(1, "pallet", THERE), pack(2, "pallet", "box"), empty(3, "pallet"))
    found = state(ledger, "box")
    assert (found.location, found.inside, found.last_time) == (None, None, at(3))
    assert history(ledger, "box") == [at(2), at(3)]


def test_the_newer_of_two_containers_is_where_it_is(ledger: Ledger) -> None:
    """Packed again without being unpacked, an item is in what it was put into last."""
    ledger.take(pack(1, "old", "box"), pack(2, "new", "box"))
    assert state(ledger, "box").inside == instance("new")
    assert state(ledger, "box", as_of=at(1)).inside == instance("old")


def test_containers_inside_each_other_end(ledger: Ledger) -> None:
    """A circle of containers, which only wrong data makes, is gone round once."""
    ledger.take(pack(1, "a", "b"), pack(2, "b", "a"), placed(3, "a", THERE))
    assert state(ledger, "b").location == THERE
    assert state(ledger, "a").inside == instance("b")


def test_an_item_is_announced_until_its_own_record(ledger: Ledger) -> None:
    """To be a part or an input is to be mentioned; its location may be known all the same."""
    ledger.take(make(2, "raw", "good", bizLocation={"id": HERE}, disposition="active"))
    raw = state(ledger, "raw")
    assert (raw.status, raw.location) == (ANNOUNCED, HERE)
    assert state(ledger, "good").status == "active"
    ledger.take(see(1, "raw"))
    assert state(ledger, "raw").status is None


def test_a_disposition_speaks_of_the_outputs(ledger: Ledger) -> None:
    """What a transformation says of its result is not true of what went in."""
    ledger.take(
        see(1, "raw", disposition="active"), make(2, "raw", "good", disposition="in_progress")
    )
    assert state(ledger, "raw").status == "active"
    assert state(ledger, "good").status == "in_progress"


def test_a_used_serial_that_names_its_lot_stays_as_it_was(ledger: Ledger) -> None:
    """It is a member of its lot in the event as well, and that says nothing of how it fares."""
    used = made([f"{lot('L1')}/21/raw"], [instance("good")], at=clock(2), disposition="in_progress")
    ledger.take(see(1, "raw", disposition="active"), used)
    assert state(ledger, "raw").status == "active"
    assert state(ledger, "good").status == "in_progress"


def test_what_befalls_a_member_does_not_befall_its_lot(ledger: Ledger) -> None:
    """A serial that is damaged elsewhere leaves its lot as it was."""
    ledger.take(
        made([instance("raw")], [some(lot("L1"), 10)], at=clock(1), bizLocation={"id": HERE}),
        seen(f"{lot('L1')}/21/S1", at=clock(2), disposition="damaged", bizLocation={"id": THERE}),
    )
    found = state(ledger, lot("L1"))
    assert (found.status, found.location, found.last_time) == (None, HERE, at(2))
    assert state(ledger, "S1").location == THERE


def test_times_of_the_question_hold_for_the_state(ledger: Ledger) -> None:
    """As of a time, and as known at another, the state is what it was."""
    ledger.take(placed(1, "a", HERE, disposition="active"), now=lambda: at(100))
    ledger.take(placed(5, "a", THERE), now=lambda: at(200))
    assert state(ledger, "a", as_of=at(4)).location == HERE
    assert state(ledger, "a", known_at=at(150)).location == HERE
    assert state(ledger, "a").location == THERE
    early = state(ledger, "a", as_of=at(0))
    assert (early.status, early.location, early.holder, early.last_time) == (
        ANNOUNCED,
        None,
        None,
        None,
    )


def test_an_event_declared_an_error_says_nothing(ledger: Ledger) -> None:
    """The state and the history are as if it had never been."""
    wrong = placed(2, "a", THERE, eventID="urn:uuid:7b0a3f3e-51b5-4d0a-b6a5-000000000001")
    ledger.take(placed(1, "a", HERE), wrong)
    assert state(ledger, "a").location == THERE
    ledger.take(declare(wrong))
    assert state(ledger, "a").location == HERE
    assert history(ledger, "a") == [at(1)]
