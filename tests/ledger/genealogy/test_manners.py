"""In which manner goods became other goods."""

from typing import Any

import pytest

from ledger.genealogy.links import LinkReader
from ledger.genealogy.manners import (
    Manner,
    fitted_manner,
    joined_manners,
    of_one_product,
)
from ledger.genealogy.trace import Direction, Trace
from ledger.store.engine import reading
from tests.ledger.builders import Event, Ledger, instance, lot, made, some
from tests.ledger.genealogy.asking import ask, at, clock, declare, fit, make, name, pack, remove

OTHER = "https://id.gs1.org/01/09521002001013/21/1"
EVENT = "urn:uuid:6d1f9be4-4a5e-4f0a-9d14-0000000000a1"


def manners(found: Trace) -> dict[tuple[str, str], str | None]:
    """Return what the links of an answer are called, by the names of their ends."""
    return {(name(one.source), name(one.target)): one.manner for one in found.links}


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (instance(1), instance(2), True),
        (lot(1), instance(2), True),
        (instance(1), instance(1), False),
        (instance(1), OTHER, False),
        ("https://id.gs1.org/00/095060001343520000", "https://id.gs1.org/00/095060001343520001", False),
        ("urn:example:a", "urn:example:b", False),
    ],
)  # fmt: skip
def test_one_product(source: str, target: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """Two items are of one product by their GTIN; an item is no other one than itself."""
    assert of_one_product(source, target) is expected


def test_a_part_in_anothers_place() -> None:
    """The business step says that a part replaces another one."""
    assert fitted_manner("replacing") is Manner.REPLACED
    assert fitted_manner("installing") is None
    assert fitted_manner(None) is None


@pytest.mark.parametrize(
    ("event", "root", "expected"),
    [
        (make(1, "a", "b"), "a", {("a", "b"): "renamed"}),
        (make(1, "a", "b c"), "a", {("a", "b"): "split", ("a", "c"): "split"}),
        (make(1, "a z", "b"), "a", {("a", "b"): "merged"}),
        (make(1, "a z", "b c"), "a", {("a", "b"): None, ("a", "c"): None}),
        (fit(1, "car", "a") | {"bizStep": "replacing"}, "a", {("a", "car"): "replaced"}),
        (fit(1, "car", "a") | {"bizStep": "installing"}, "a", {("a", "car"): None}),
        (pack(1, "box", "a") | {"bizStep": "replacing"}, "a", {("a", "box"): None}),
        (make(1, "a", "a"), "a", {("a", "a"): None}),
        (make(1, "a", "a b"), "a", {("a", "a"): None, ("a", "b"): "split"}),
    ],
)
def test_what_people_call_it(
    ledger: Ledger, event: Event, root: str, expected: dict[tuple[str, str], str | None]
) -> None:
    """Pictures of docs/tracing.md, and what has no word."""
    ledger.take(event)
    assert manners(ask(ledger, root)) == expected


@pytest.mark.parametrize("direction", list(Direction))
def test_all_items_count_whichever_are_reached(ledger: Ledger, direction: Direction) -> None:
    """A way that reaches one input of two, or one output of two, calls it no less."""
    ledger.take(make(1, "a z", "b"), make(2, "b", "c d"), make(3, "c", "end"))
    found = manners(ask(ledger, "b" if direction is Direction.BOTH else "a", direction))
    found |= manners(ask(ledger, "end", direction))
    expected: dict[tuple[str, str], str] = {
        ("a", "b"): "merged", ("z", "b"): "merged", ("b", "c"): "split", ("b", "d"): "split",
        ("c", "end"): "renamed",
    }  # fmt: skip
    assert found
    assert found.items() <= expected.items()


def test_another_product_was_made(ledger: Ledger) -> None:
    """Where products differ goods were made of goods; of what is alike in the same event not."""
    ledger.take(made([instance("a")], [OTHER, instance("b")], at=clock(1)))
    assert manners(ask(ledger, "a")) == {("a", "1"): None, ("a", "b"): "split"}


def test_an_item_that_is_listed_twice_is_one(ledger: Ledger) -> None:
    """A lot in two lines of an event is one input."""
    lines = [some(lot("L"), 1, "KGM"), some(lot("L"), 2, "KGM")]
    ledger.take(made(lines, [instance("x")], at=clock(1)))
    assert {one.manner for one in ask(ledger, lot("L")).links} == {"renamed"}


def test_several_events_of_one_transformation(ledger: Ledger) -> None:
    """What a transformationID joins counts together, as far as it was known and not an error."""
    joined: dict[str, Any] = {"transformationID": "urn:example:tr:1"}
    late = make(3, "z", "", **joined, eventID=EVENT)
    ledger.take(make(1, "a", "", **joined), make(2, "", "b", **joined))
    moment = ledger.ticks()
    ledger.take(late)
    assert manners(ask(ledger, "a")) == {("a", "b"): "merged"}
    assert manners(ask(ledger, "a", known_at=moment)) == {("a", "b"): "renamed"}
    assert manners(ask(ledger, "a", as_of=at(2))) == {("a", "b"): "renamed"}
    ledger.take(declare(late))
    assert manners(ask(ledger, "a")) == {("a", "b"): "renamed"}


def test_a_part_swap(ledger: Ledger) -> None:
    """The old part is taken out and the new one fitted: the new link says so."""
    ledger.take(fit(1, "car", "old"), remove(2, "car", "old"))
    ledger.take(fit(2, "car", "new") | {"bizStep": "replacing"})
    found = ask(ledger, "car", Direction.BACKWARD)
    assert manners(found) == {("old", "car"): None, ("new", "car"): "replaced"}
    assert [one["manner"] for one in found.as_dict()["links"]] == [None, "replaced"]


def test_the_event_itself_is_no_goods(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links through an event of very many items have no name."""
    monkeypatch.setattr("ledger.genealogy.answer.PAIRS_LISTED", 1)
    ledger.take(make(1, "a", "b c"))
    assert set(manners(ask(ledger, "a")).values()) == {None}


def test_only_what_may_have_a_name_is_read(ledger: Ledger) -> None:
    """Of transformations of several items by several, or of other products, no link is read."""
    with reading(ledger.engine) as connection:
        reader = LinkReader.open(connection)
        codes = {1: instance(1), 2: instance(2), 3: OTHER, 4: instance(4)}
        connection.close()
        meetings = [(7, {1, 2}, {3, 4}), (8, {1}, {3})]
        assert joined_manners(reader, codes, meetings) == {}
