"""The answer of a trace: items with their state, links with quantities, heads, and its JSON form."""

import json
from typing import Any

import pytest

from identifiers import Level
from ledger.errors import NotFoundError
from ledger.genealogy import answer as answers
from ledger.genealogy.answer import link_order
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction, heads, trace
from ledger.log.checkpoint import open_checkpoint
from ledger.state import ANNOUNCED
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, document, event, instance, lot, made, seen, some
from tests.ledger.genealogy.asking import ask, at, clock, fit, make, name, pack, pairs, unpack


def test_an_unknown_code_is_not_found(ledger: Ledger) -> None:
    """A code that no event names gives one sentence with it."""
    with pytest.raises(NotFoundError, match=r"No event in this ledger names .*/21/nobody"):
        ask(ledger, "nobody")


def test_items_stand_in_order_of_depth_then_code(ledger: Ledger) -> None:
    """The root is not among them, and depth is the fewest links."""
    ledger.take(make(1, "a", "c b"), make(2, "b", "d"), make(3, "a d", "e"))
    assert [(name(one.code), one.depth) for one in ask(ledger, "a").items] == [
        ("b", 1),
        ("c", 1),
        ("e", 1),
        ("d", 2),
    ]


def test_links_stand_in_order_of_time_with_their_evidence(ledger: Ledger) -> None:
    """Each link names its event, its time, and the end of an interval that ended."""
    first = "urn:uuid:6d1f9be4-4a5e-4f0a-9d14-000000000001"
    ledger.take(unpack(3, "P", "b"), pack(2, "P", "b"), make(1, "a", "b", eventID=first))
    links = ask(ledger, "a").links
    assert [(name(one.source), name(one.target), one.kind) for one in links] == [
        ("a", "b", Kind.TRANSFORMED),
        ("b", "P", Kind.PACKED),
    ]
    assert (links[0].event, links[0].time, links[0].until) == (first, at(1), None)
    assert (links[1].time, links[1].until) == (at(2), at(3))
    assert links[1].event.startswith("ni:///sha-256;")


def test_quantities_are_exact_decimals(ledger: Ledger) -> None:
    """What binary fractions can't hold is added up exactly, and links say what of the source went in."""
    for part in ("0.1", "0.2", "1e-7"):
        step = made([some(lot("raw"), 1.5, "KGM")], [some(lot("mix"), 9, "KGM")], at=clock(1))
        text = json.dumps(document(step)).replace('"quantity": 9', f'"quantity": {part}')
        assert ledger.send(text).committed
    found = ask(ledger, lot("raw"))
    assert [(one.quantity, one.unit) for one in found.items] == [("0.3000001", "KGM")]
    assert [(one.quantity, one.unit) for one in found.links] == [("1.5", "KGM")] * 3


def test_an_amount_in_several_units_is_not_added_up(ledger: Ledger) -> None:
    """Kilograms and pieces of one lot have no sum; a count has no unit; nothing stated is nothing."""
    ledger.take(
        made([instance("a")], [some(lot("mixed"), 2, "KGM")], at=clock(1)),
        made([instance("a")], [some(lot("mixed"), 3)], at=clock(2)),
        made([instance("a")], [some(lot("counted"), 3), some(lot("counted"), 4)], at=clock(3)),
        made([instance("a")], [some(lot("silent"))], at=clock(4)),
        made([instance("a")], [some(lot("mass"), 2, "KGM")], at=clock(4)),
        made([instance("a")], [some(lot("mass"), 250, "GRM")], at=clock(5)),
        made([instance("a")], [some(lot("warm"), 2, "CEL")], at=clock(4)),
        made([instance("a")], [some(lot("warm"), 2, "KEL")], at=clock(5)),
        seen(at=clock(5), action="ADD", quantityList=[some(lot("received"), 8, "LTR")], epcList=[]),
        made([some(lot("received"), 1, "LTR")], [instance("z")], at=clock(6)),
    )
    found = {name(one.code): (one.quantity, one.unit) for one in ask(ledger, "a").items}
    nothing = dict.fromkeys(("mixed", "silent", "warm"), (None, None))
    assert found == {"counted": ("7", None), "mass": ("2.25", "KGM"), **nothing}
    [received] = ask(ledger, "z", Direction.BACKWARD).items
    assert (received.quantity, received.unit) == ("8", "LTR")


def test_large_events_stand_between_their_items(ledger: Ledger, monkeypatch: Any) -> None:
    """Above the limit of pairs an event is told by one link for each item instead of each pair."""
    monkeypatch.setattr(answers, "PAIRS_LISTED", 8)
    event_id = "urn:uuid:6d1f9be4-4a5e-4f0a-9d14-000000000002"
    ledger.take(
        make(1, "root", "a b c"),
        make(2, "a b c", "x y z", eventID=event_id),
    )
    found = ask(ledger, "root")
    between = name(event_id)
    assert pairs(found) == {
        *(("root", one) for one in "abc"),
        *((one, between) for one in "abc"),
        *((between, one) for one in "xyz"),
    }
    assert {name(one.code) for one in found.items} == set("abcxyz")
    assert not any(one.container for one in found.items)


def test_a_large_run_leaves_out_what_is_too_late(ledger: Ledger, monkeypatch: Any) -> None:
    """Inputs after the last output, and outputs before the first input, have no link to the event."""
    monkeypatch.setattr(answers, "PAIRS_LISTED", 3)
    run = {"transformationID": "urn:example:run:9"}
    ledger.take(
        make(0, "root", "a late"),
        make(1, "other", "early"),
        make(1, "", "early", **run),
        make(2, "a", "", **run),
        make(3, "", "x y", **run),
        make(4, "late", "", **run),
        make(9, "root", "early"),
    )
    targets = {name(link.target) for link in ask(ledger, "root").links}
    assert {"x", "y"} <= targets
    sources = {name(link.source) for link in ask(ledger, "root").links}
    assert "a" in sources
    assert "late" not in sources


def test_a_real_batch_of_a_thousand_is_not_a_million_links(sqlite_ledger: Ledger) -> None:
    """A thousand inputs and a thousand outputs are two thousand links."""
    inputs = " ".join(f"i{number}" for number in range(1000))
    outputs = " ".join(f"o{number}" for number in range(1000))
    sqlite_ledger.take(make(1, "root", inputs), make(2, inputs, outputs))
    found = ask(sqlite_ledger, "root")
    assert (len(found.items), len(found.links)) == (2000, 3000)


def test_what_was_never_sent_is_announced(ledger: Ledger) -> None:
    """An item that others mention is announced until its own record comes, in either order."""
    ledger.take(fit(2, "car", "door"), make(1, "steel", "door"))
    found = {name(one.code): one.status for one in ask(ledger, "door", Direction.BOTH).items}
    assert found == {"car": ANNOUNCED, "steel": ANNOUNCED}
    ledger.take(seen(instance("car"), at=clock(3), disposition="in_progress"), slug="partner")
    ledger.take(seen(instance("steel"), at=clock(0)), slug="partner")
    found = {name(one.code): one.status for one in ask(ledger, "door", Direction.BOTH).items}
    assert found == {"car": "in_progress", "steel": None}


def test_items_say_where_they_are_and_inside_what(ledger: Ledger) -> None:
    """Each item carries status, place, holder, and the container that it is in now."""
    place, party = "https://id.gs1.org/414/9506000134376", "https://id.gs1.org/417/9506000134376"
    ledger.take(
        make(1, "raw", "good"),
        pack(2, "P", "good"),
        seen(
            instance("P"),
            at=clock(3),
            bizStep="receiving",
            disposition="in_progress",
            bizLocation={"id": place},
            destinationList=[{"type": "possessing_party", "destination": party}],
        ),
    )
    by_name = {name(one.code): one for one in ask(ledger, "raw").items}
    good = by_name["good"]
    assert (good.status, good.location, good.holder) == ("in_progress", place, party)
    assert good.inside == instance("P")
    assert by_name["P"].inside is None
    assert good.kind is Level.INSTANCE


def test_heads_are_the_signed_ones(ledger: Ledger) -> None:
    """An answer names each log's size and root, as its newest checkpoint has them."""
    ledger.organisation("idle")
    for slug in ("one", "two", "one"):
        ledger.take(make(ledger.count("entry"), "a", f"b{ledger.count('entry')}"), slug=slug)
    found = ask(ledger, "a").heads
    assert {origin: head.size for origin, head in found.items()} == {
        "localhost/log/one": 2,
        "localhost/log/two": 1,
    }
    with reading(ledger.engine) as connection:
        assert heads(connection) == found
    for origin, head in found.items():
        verifier = ledger.keys.verifier(origin)
        assert verifier is not None
        [(note,)] = ledger.rows(
            "SELECT note FROM checkpoint JOIN log ON log.id = log_id"
            " WHERE origin = {p} AND checkpoint.size = {p}",
            origin,
            head.size,
        )
        assert head.root in note
        assert open_checkpoint(note, origin, [verifier]).size == head.size


def test_the_json_form_is_the_promised_one(ledger: Ledger) -> None:
    """The names of the JSON form, with times as text."""
    ledger.take(make(1, "a", "b"), pack(2, "P", "b"), unpack(3, "P", "b"))
    found = ask(ledger, "a", as_of=at(30), known_at=at(0) + 10**12, depth=1).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["direction"] == "forward"
    assert found["as_of"] == "2026-03-01T08:30:00.000Z"
    assert found["known_at"] is not None
    assert found["complete"] is False
    assert found["cut"] == [{"reason": "depth", "at": [instance("b")]}]
    assert found["heads"]["localhost/log/main"]["size"] == 3
    assert found["items"] == [
        {
            "code": instance("b"),
            "kind": "instance",
            "depth": 1,
            "quantity": None,
            "unit": None,
            "status": None,
            "location": None,
            "holder": "main",
            "inside": None,
            "container": False,
            "exposed_from": "2026-03-01T08:01:00.000Z",
            "exposed_until": None,
            "step": None,
            "last_time": "2026-03-01T08:03:00.000Z",
        }
    ]
    announced = {"code": instance("a"), "reason": "announced", "since": "2026-03-01T08:01:00.000Z"}
    assert found["open_ends"] == [announced]
    assert found["questions"] == []
    [link] = found["links"]
    told = {"from", "to", "kind", "event", "time", "until", "quantity", "unit", "step", "manner"}
    assert set(link) == told
    assert (link["from"], link["to"], link["kind"]) == (instance("a"), instance("b"), "transformed")
    assert (link["time"], link["until"]) == ("2026-03-01T08:01:00.000Z", None)


def test_a_link_tells_the_business_step_of_its_evidence(ledger: Ledger) -> None:
    """A repackaging, a replacement or a return is named as such."""
    ledger.take(make(1, "a", "b", bizStep="repackaging"), pack(2, "box", "b"))
    with reading(ledger.engine) as connection:
        found = trace(connection, instance("a"))
    assert [one.step for one in found.links] == ["repackaging", None]
    assert [one["step"] for one in found.as_dict()["links"]] == [one.step for one in found.links]


def test_partners_logs_join_by_code(ledger: Ledger) -> None:
    """A supplier's and a maker's events are one genealogy, with several spellings of one code."""
    urn = "urn:epc:id:sgtin:9506000.013435.S1"
    ledger.take(made([some(lot("raw"), 1, "KGM")], [urn], at=clock(1)), slug="supplier")
    ledger.take(make(2, "S1", "end"), slug="maker")
    with reading(ledger.engine) as connection:
        found = trace(connection, lot("raw"))
    assert [one.code for one in found.items] == [instance("S1"), instance("end")]


def test_a_partners_own_type_of_event_makes_no_link(ledger: Ledger) -> None:
    """Events outside the five types are kept, and say nothing of genealogy."""
    ledger.take(
        event(
            "TransactionEvent",
            at=clock(1),
            action="ADD",
            parentID=instance("box"),
            epcList=[instance("in")],
            bizTransactionList=[{"type": "po", "bizTransaction": "urn:example:po:1"}],
        )
    )
    assert ask(ledger, "in").items == ()
    assert ask(ledger, "box", Direction.BOTH).items == ()


def test_links_of_one_time_have_one_order(ledger: Ledger) -> None:
    """Links of an event that differ in little stand in one order, on which pages rely."""
    ledger.take(make(1, "a b", "c d e"), pack(1, "P", "c d e"), pack(1, "P", "a"))
    links = ask(ledger, "a", Direction.BOTH).links
    assert len(links) > 4
    assert list(links) == sorted(links, key=link_order)
    assert len(set(map(link_order, links))) == len(links)
