"""Reading items, events and master data back, a page at a time."""

from decimal import Decimal

import pytest

from identifiers import Level
from ledger.errors import NotFoundError
from ledger.query import (
    StoredEvent,
    event_by_id,
    events,
    events_by_row,
    has_items_of,
    item,
    item_history,
    vocabulary_of,
)
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, document, element, instance, lot, some
from tests.ledger.genealogy.asking import at, declare, make, pack, see

FIRST = "urn:uuid:a37c7a53-3a3b-49c7-a3d4-000000000001"


def page(ledger: Ledger, first: int = 100, after: int = 0, **which: str) -> list[StoredEvent]:
    """Return a page of events."""
    with reading(ledger.engine) as connection:
        return events(connection, first=first, after=after, **which)


def test_an_item_is_found_by_its_code(ledger: Ledger) -> None:
    """An item has its kind and its state; inside names the container by its code."""
    ledger.take(pack(1, "box", "a"), see(2, "a", disposition="active"))
    with reading(ledger.engine) as connection:
        found = item(connection, instance("a"))
    assert (found.code, found.kind, found.status) == (instance("a"), Level.INSTANCE, "active")
    assert (found.inside, found.last_time, found.holder) == (instance("box"), at(2), "main")


@pytest.mark.parametrize("code", [instance("nobody"), "not a code at all", ""])
def test_an_item_that_no_event_names_is_not_found(ledger: Ledger, code: str) -> None:
    """The error names the code."""
    with reading(ledger.engine) as connection:
        for ask in (item, item_history):
            with pytest.raises(NotFoundError, match="No event in this ledger names"):
                ask(connection, code)


def test_pages_follow_each_other_without_gap(ledger: Ledger) -> None:
    """Pages go by key, in order of arrival, and stay what they were while events come in."""
    ledger.take(*(see(number, f"a{number}") for number in range(5)))
    first = page(ledger, 2)
    ledger.take(see(0, "late"))
    second = page(ledger, 2, first[-1].row)
    rest = page(ledger, 100, second[-1].row)
    assert [one.seq for one in (*first, *second, *rest)] == [0, 1, 2, 3, 4, 5]
    assert page(ledger, 2) == first
    assert page(ledger, 100, rest[-1].row) == []
    assert page(ledger, 0) == []


def test_a_stored_event_has_its_place_and_its_body(ledger: Ledger) -> None:
    """An event says its log, seq, times, submitter, and what was sent."""
    sent = see(3, "a", eventID=FIRST)
    ledger.take(sent, submitter="Ann", now=lambda: at(77))
    [found] = page(ledger)
    assert (found.event_id, found.log, found.seq) == (FIRST, "localhost/log/main", 0)
    assert (found.time, found.received_at, found.submitter) == (at(3), at(77), "Ann")
    assert (found.event, found.declared_error) == (sent, False)


def test_decimals_come_back_exactly(ledger: Ledger) -> None:
    """A quantity is text in the stored event, equal to what was sent."""
    quantities = [some(lot("L"), 0.3, "KGM")]
    ledger.take(see(1, "a", quantityList=quantities))
    [found] = page(ledger)
    assert Decimal(found.event["quantityList"][0]["quantity"]) == Decimal("0.3")
    assert found.body["decimals"] == ["/quantityList/0/quantity"]


def test_events_are_chosen_by_item_and_by_step(ledger: Ledger) -> None:
    """Only events that name the item, or have the business step, or both."""
    ledger.take(
        see(1, "a", bizStep="shipping"),
        see(2, "a", bizStep="receiving"),
        see(3, "b", bizStep="shipping"),
    )
    assert [one.time for one in page(ledger, code=instance("a"))] == [at(1), at(2)]
    assert [one.time for one in page(ledger, biz_step="shipping")] == [at(1), at(3)]
    found = page(ledger, code=instance("a"), biz_step="shipping")
    assert [one.time for one in found] == [at(1)]
    assert page(ledger, after=found[0].row, code=instance("a"), biz_step="shipping") == []
    with pytest.raises(NotFoundError):
        page(ledger, code=instance("nobody"))


def test_an_event_is_found_by_its_id(ledger: Ledger) -> None:
    """By its eventID; of a declared error the event itself; of two logs the first that had it."""
    sent = see(1, "a", eventID=FIRST)
    ledger.take(sent, slug="one")
    ledger.take(sent, slug="two")
    ledger.take(declare(sent), slug="one")
    with reading(ledger.engine) as connection:
        found = event_by_id(connection, FIRST)
        assert (found.log, found.declared_error) == ("localhost/log/one", True)
        assert "errorDeclaration" not in found.event
        with pytest.raises(NotFoundError, match="No event 'urn:x' in this ledger"):
            event_by_id(connection, "urn:x")


def test_events_by_row_stand_in_order_of_time(ledger: Ledger) -> None:
    """Whatever order they were asked for or came in."""
    ledger.take(see(5, "a"), see(1, "a"), see(3, "b"))
    rows = [one.row for one in page(ledger)]
    with reading(ledger.engine) as connection:
        assert [one.time for one in events_by_row(connection, rows)] == [at(1), at(3), at(5)]
        assert events_by_row(connection, []) == []


def test_a_history_is_a_life_in_order(ledger: Ledger) -> None:
    """Own events and those of the container at the time, oldest first."""
    ledger.take(pack(3, "box", "a"), make(1, "raw", "a"), see(4, "box"), see(2, "box"))
    with reading(ledger.engine) as connection:
        found = item_history(connection, instance("a"))
    assert [one.time for one in found] == [at(1), at(3), at(4)]


def test_master_data_of_several_is_the_newest_statement(ledger: Ledger) -> None:
    """The statement that came to the ledger last wins, however long its log is."""
    place = "https://id.gs1.org/414/9506000134376"
    ledger.take(*(see(number, f"a{number}") for number in range(5)), slug="long")
    for slug, city in (("long", "Ulm"), ("short", "Bonn")):
        ledger.send(document(vocabularies={"Location": [element(place, city=city)]}), slug)
    with reading(ledger.engine) as connection:
        found = vocabulary_of(connection, [place, "https://example.com/unknown"])
        assert vocabulary_of(connection, []) == {}
    assert list(found) == [place]
    stated = found[place]
    assert (stated.code, stated.type, stated.organisation) == (place, "Location", "short")
    assert stated.attributes == '{"urn:example:mda:city":"Bonn"}'


def test_whether_a_product_has_items(ledger: Ledger) -> None:
    """A lot or piece makes its product known; the product itself, or another's items, don't."""
    product, other = "https://id.gs1.org/01/09506000134352", "https://id.gs1.org/01/09506000134369"

    def known() -> list[bool]:
        with reading(ledger.engine) as connection:
            return [has_items_of(connection, one) for one in (product, other)]

    assert known() == [False, False]
    ledger.take(see(1, "a"))
    assert known() == [True, False]
