"""The examples of docs/tracing.md, section "Mass balance", and the answer's form."""

from typing import Any

import pytest

from ledger.errors import NotFoundError, UsageError
from ledger.genealogy.accounts import GapKind, Reason
from ledger.genealogy.balance import MOST_CODES, balance
from ledger.genealogy.balance_answer import Balance
from ledger.genealogy.tolerance import parse_tolerance
from ledger.store.engine import reading
from tests.ledger.builders import (
    PRODUCT,
    Event,
    Ledger,
    document,
    element,
    event,
    family,
    instance,
    lot,
    made,
    seen,
    some,
)
from tests.ledger.genealogy.asking import at, clock, declare

HALL = "https://id.gs1.org/414/9506000134352"
STORE = "https://id.gs1.org/414/9506000134376"
BOB = "https://id.gs1.org/417/9506000134376"
PALLET, CRATE = (
    "https://id.gs1.org/00/095060001343520000",
    "https://id.gs1.org/00/095060001343520017",
)
FISH = "https://id.gs1.org/01/09506000134376"


def told(
    minute: int,
    step: str | None,
    *things: Any,
    action: str = "OBSERVE",
    to: str | None = None,
    place: str | None = None,
    **fields: Any,
) -> Event:
    """Return an ObjectEvent about quantities and pieces."""
    fields["epcList"] = [thing for thing in things if isinstance(thing, str)]
    fields["quantityList"] = [thing for thing in things if not isinstance(thing, str)]
    fields |= {"bizStep": step, "bizLocation": place and {"id": place}}
    if to:
        fields["destinationList"] = [{"type": "possessing_party", "destination": to}]
    return event(
        fields.pop("kind", "ObjectEvent"),
        clock(minute),
        action=action,
        **{name: value for name, value in fields.items() if value},
    )


def take(ledger: Ledger, *events: Event, slug: str = "main") -> None:
    """Capture events, all of which must be accepted."""
    report = ledger.take(*events, slug=slug)
    assert not report.refused, [one.problems for one in report.receipts]


def kg(number: float | str, code: str = "L") -> Event:
    """Return kilograms of a lot."""
    return some(lot(code), number, "KGM")


def ship(minute: int, *things: Any, **fields: Any) -> Event:
    """Return a shipping."""
    return told(minute, "shipping", *things, **fields)


def receive(minute: int, *things: Any, **fields: Any) -> Event:
    """Return a receipt."""
    return told(minute, "receiving", *things, **fields)


def create(minute: int, *things: Any, **fields: Any) -> Event:
    """Return the bringing into being of a lot or of pieces."""
    return told(minute, "creating_class_instance", *things, action="ADD", **fields)


def ask(ledger: Ledger, code: str = lot("L"), **options: Any) -> Balance:
    """Balance a code."""
    with reading(ledger.engine) as connection:
        return balance(connection, code, **options)


def stock(found: Balance) -> tuple[str | None, str | None, str]:
    """Return what is in stock, what is on its way, and the gap."""
    [total] = found.totals
    return total.in_stock, total.in_transit, total.gap


def gaps(found: Balance) -> list[tuple[GapKind, str, str | None, str | None]]:
    """Return kind, amount, step and place of each gap."""
    return [(gap.kind, gap.quantity, gap.at.step, gap.at.place) for gap in found.gaps]


def reasons(found: Balance) -> list[Reason]:
    """Return why questions are open."""
    return [question.reason for question in found.questions]


# What an event does.


def test_produced_consumed_scrapped(ledger: Ledger) -> None:
    """What was made, less what was used and destroyed, is in stock."""
    take(
        ledger,
        create(1, kg(100)),
        made([kg(60)], [instance("bread")], at=clock(2)),
        told(3, "destroying", kg(5)),
        told(4, "inspecting", kg(35)),
    )
    found = ask(ledger)
    assert found.totals[0].flows == {"produced": "100", "consumed": "60", "scrapped": "5"}
    assert stock(found) == ("35", "0", "0")
    assert not found.gaps
    assert not found.questions


def test_units_of_one_dimension(ledger: Ledger) -> None:
    """Tonnes and kilograms are added in the SI unit, and told exactly."""
    take(ledger, create(1, some(lot("L"), 1, "TNE")), made([kg(400)], [instance("x")], at=clock(2)))
    found = ask(ledger)
    assert (found.totals[0].unit, found.totals[0].exact) == ("KGM", True)
    assert stock(found) == ("600", "0", "0")


@pytest.mark.parametrize(
    ("step", "fields", "kind"),
    [
        ("retail_selling", {}, "sold"),
        ("dispensing", {"action": "DELETE"}, "sold"),
        ("decommissioning", {"action": "DELETE"}, "ended"),
        (None, {"disposition": "disposed"}, "scrapped"),
        ("other", {"disposition": "destroyed", "action": "DELETE"}, "scrapped"),
        ("other", {"disposition": "stolen"}, "lost"),
        ("shipping", {"disposition": "returned"}, "sent_back"),
    ],
)
def test_ways_out(ledger: Ledger, step: str | None, fields: dict[str, Any], kind: str) -> None:
    """Steps and dispositions say how a quantity leaves."""
    take(ledger, create(1, kg(10)), told(2, step, kg(3), **fields))
    assert ask(ledger).totals[0].flows == {"produced": "10", kind: "3"}
    assert ask(ledger).totals[0].in_stock == "7"


def test_the_window(ledger: Ledger) -> None:
    """What was before the window is the opening stock, and what comes after isn't there."""
    take(
        ledger,
        create(1, kg(100)),
        ship(2, kg(10)),
        made([kg(20)], [instance("a")], at=clock(3)),
        made([kg(5)], [instance("b")], at=clock(9)),
    )
    found = ask(ledger, since=at(3), until=at(5))
    [total] = found.totals
    assert (total.opening, total.opening_transit) == ("90", "10")
    assert total.flows == {"consumed": "20"}
    assert stock(found) == ("70", "10", "0")
    with pytest.raises(UsageError, match="before it begins"):
        ask(ledger, since=at(5), until=at(3))


def test_as_it_was_known(ledger: Ledger) -> None:
    """What the ledger received later is not looked at."""
    take(ledger, create(1, kg(100)))
    moment = ledger.ticks()
    take(ledger, told(2, "destroying", kg(100)))
    assert stock(ask(ledger, known_at=moment))[0] == "100"
    assert stock(ask(ledger))[0] == "0"


def test_a_place(ledger: Ledger) -> None:
    """A place narrows what is told; stocks belong to parties."""
    take(
        ledger,
        receive(1, kg(100), place=STORE),
        told(2, "destroying", kg(5), place=HALL),
        told(3, "cycle_counting", kg(90), place=STORE),
        made([kg(1)], [some(f"{FISH}/10/F", 2, "KGM")], at=clock(4)),
    )
    here = ask(ledger, place=HALL)
    assert here.totals[0].flows == {"scrapped": "5"}
    assert stock(here) == (None, None, "0")
    assert here.totals[0].opening is None
    assert (here.gaps, here.counts, here.conversions) == ((), (), ())
    there = ask(ledger, place=STORE)
    assert [flow.kind for flow in there.flows] == ["received"]
    assert gaps(there) == [(GapKind.COUNT, "-5", "cycle_counting", STORE)]
    assert [one.counted for one in there.counts] == ["90"]


# Shipped and received.


def test_a_short_receipt(ledger: Ledger) -> None:
    """What was shipped and not received with the rest is missing where that was received."""
    take(ledger, create(1, kg(100)), ship(2, kg(100), to=BOB), slug="alice")
    take(ledger, receive(3, kg(98), to=BOB, place=STORE), slug="bob")
    found = ask(ledger)
    assert stock(found) == ("98", "0", "-2")
    assert gaps(found) == [(GapKind.TRANSIT, "-2", "receiving", STORE)]
    [gap] = found.gaps
    assert (gap.unit, gap.of, gap.at.party, gap.finding) == ("KGM", "100", "bob", True)
    assert (gap.items, gap.item_count) == ((lot("L"),), 1)
    parties = {(flow.kind.value, flow.party, flow.to) for flow in found.flows}
    assert parties == {
        ("produced", "alice", None),
        ("shipped", "alice", BOB),
        ("received", "bob", BOB),
    }
    assert found.findings == found.gaps


def test_what_is_on_its_way(ledger: Ledger) -> None:
    """A shipment that nobody received is on its way, which is no gap."""
    take(ledger, create(1, kg(100)), ship(2, kg(40)), ship(3, kg(60)), receive(4, kg(60)))
    assert stock(ask(ledger)) == ("60", "40", "0")
    assert not ask(ledger).gaps


def test_pieces_that_did_not_arrive(ledger: Ledger) -> None:
    """Of pieces that were shipped together, those that did not arrive with the others are missing."""
    pieces = [instance(number) for number in range(20)]
    ilmd = {"cbvmda:lotNumber": "L"}
    take(ledger, seen(*pieces, at=clock(1), action="ADD", ilmd=ilmd))
    take(ledger, ship(2, *pieces, to=BOB))
    assert stock(ask(ledger)) == ("0", "20", "0")
    take(ledger, receive(3, *pieces[:8], to=BOB, place=STORE))
    found = ask(ledger)
    assert stock(found) == ("8", "0", "-12")
    [gap] = found.gaps
    assert (gap.kind, gap.quantity, gap.of, gap.item_count) == (GapKind.TRANSIT, "-12", "20", 12)
    assert len(gap.items) == MOST_CODES
    assert not ask(ledger, tolerance=parse_tolerance("60%")).findings
    later = ask(ledger, since=at(4))
    assert (later.totals[0].opening_transit, stock(later), later.gaps) == (
        "0",
        ("8", "0", "0"),
        (),
    )
    assert [gap.quantity for gap in ask(ledger, since=at(3)).gaps] == ["-12"]


def test_more_out_than_in(ledger: Ledger) -> None:
    """Who ships more than was received has a gap where the stock falls below zero."""
    take(ledger, create(1, kg(100)), ship(2, kg(60), to=BOB), slug="alice")
    take(ledger, receive(3, kg(60), to=BOB), ship(4, kg(70), place=STORE), slug="bob")
    found = ask(ledger)
    assert gaps(found) == [(GapKind.OVERDRAWN, "10", "shipping", STORE)]
    assert found.gaps[0].of == "60"


def test_times_that_contradict(ledger: Ledger) -> None:
    """A stock that was below zero in between only is a question, not a gap."""
    take(
        ledger, create(1, kg(10)), made([kg(30)], [instance("x")], at=clock(2)), receive(3, kg(50))
    )
    found = ask(ledger)
    assert not found.gaps
    assert set(reasons(found)) == {Reason.TIMES_CONTRADICT, Reason.NOT_SHIPPED}


# Counts.


def test_a_count(ledger: Ledger) -> None:
    """A count that differs is a gap where it was made, and the stock is what was counted."""
    take(
        ledger,
        receive(1, kg(100), place=STORE),
        made([kg(60)], [instance("x")], at=clock(2)),
        told(3, "stock_taking", kg(37), place=STORE),
        made([kg(7)], [instance("y")], at=clock(4)),
    )
    found = ask(ledger)
    assert gaps(found) == [(GapKind.COUNT, "-3", "stock_taking", STORE)]
    assert stock(found) == ("30", "0", "-3")
    [count] = found.counts
    assert (count.counted, count.computed, count.unit) == ("37", "40", "KGM")
    assert count.at.time == at(3)
    assert not ask(ledger, tolerance=parse_tolerance("3 KGM")).findings
    assert ask(ledger, tolerance=parse_tolerance("2.9%")).findings


def test_a_count_at_one_of_several_places(ledger: Ledger) -> None:
    """What is elsewhere is unknown, so that such a count decides nothing."""
    take(
        ledger,
        receive(1, kg(10), place=STORE),
        receive(2, kg(20), place=HALL),
        told(3, "cycle_counting", kg(10), place=STORE),
    )
    found = ask(ledger)
    assert stock(found)[0] == "30"
    assert reasons(found) == [Reason.ONE_PLACE_COUNTED]


# Tolerances.


@pytest.mark.parametrize("code", [PRODUCT, lot("L")])
def test_a_tolerance_in_master_data(ledger: Ledger, code: str) -> None:
    """The product or the lot may state what is tolerated."""
    ledger.send(document(vocabularies={"EPCClass": [element(code, balanceTolerance="2%")]}))
    take(ledger, create(1, kg(100)), ship(2, kg(100)), receive(3, kg(98)))
    found = ask(ledger)
    assert [gap.tolerance for gap in found.gaps] == ["2%"]
    assert not found.findings
    assert ask(ledger, tolerance=parse_tolerance("1 KGM")).findings


def test_a_tolerance_that_cannot_be_read(ledger: Ledger) -> None:
    """Master data that makes no sense is told, and nothing is tolerated."""
    ledger.send(document(vocabularies={"EPCClass": [element(PRODUCT, balanceTolerance="some")]}))
    take(ledger, create(1, kg(100)))
    [question] = ask(ledger).questions
    assert (question.reason, question.items) == (Reason.UNREADABLE_TOLERANCE, (PRODUCT,))
    assert question.at is None


# Transformations.


def test_loss_and_yield(ledger: Ledger) -> None:
    """One product in and one out are compared; what is lost is told and not judged."""
    fillet = some(f"{FISH}/10/F", 45, "KGM")
    take(ledger, create(1, kg(60)), create(1, kg(40, "M")))
    take(ledger, made([kg(60), kg(40, "M")], [fillet], at=clock(2)))
    [conversion] = ask(ledger).conversions
    assert (conversion.loss, conversion.share, conversion.unit) == ("55", "0.45", "KGM")
    assert conversion.apart is None
    assert not ask(ledger).gaps
    ledger.send(document(vocabularies={"EPCClass": [element(PRODUCT, processLoss="50%")]}))
    assert gaps(ask(ledger)) == [(GapKind.YIELD, "-55", None, None)]
    assert ask(ledger, since=at(3)).conversions == ()


def test_mass_cannot_grow(ledger: Ledger) -> None:
    """More mass out than in is a gap; more pieces are not."""
    out = some(f"{FISH}/10/F", 11, "KGM")
    take(ledger, made([kg(10)], [out], at=clock(1), bizStep="other"))
    assert gaps(ask(ledger, f"{FISH}/10/F")) == [(GapKind.YIELD, "1", "other", None)]
    pins = some(f"{FISH}/10/P", 10)
    take(ledger, made([some(lot("BAR"), 1)], [pins], at=clock(2)))
    [conversion] = ask(ledger, f"{FISH}/10/P").conversions
    assert (conversion.loss, conversion.share) == ("-9", "10")
    assert not ask(ledger, f"{FISH}/10/P").gaps


@pytest.mark.parametrize(
    ("inputs", "outputs", "apart"),
    [
        (
            [kg(1), some(f"{FISH}/10/A", 1, "KGM")],
            [some(f"{FISH}/10/F", 1, "KGM")],
            "several_products",
        ),
        ([kg(1)], [some(f"{FISH}/10/F", 1, "KGM"), some(lot("G"), 1, "KGM")], "several_products"),
        ([kg(1)], [some(f"{FISH}/10/F", 1, "MTR")], "several_dimensions"),
        ([kg(1), some(lot("M"))], [some(f"{FISH}/10/F", 1, "KGM")], "missing_quantity"),
        ([kg(1), kg(-1)], [some(f"{FISH}/10/F", 1, "KGM")], "missing_quantity"),
        ([some(lot("L"), 1, "CEL")], [some(f"{FISH}/10/F", 1, "CEL")], "several_dimensions"),
    ],
)
def test_what_is_not_added(
    ledger: Ledger, inputs: list[Event], outputs: list[Event], apart: str
) -> None:
    """Several products or dimensions are told and not added."""
    take(ledger, made(inputs, outputs, at=clock(1)))
    [conversion] = ask(ledger).conversions
    assert (conversion.apart, conversion.loss, conversion.share) == (apart, None, None)


def test_one_transformation_in_several_events(ledger: Ledger) -> None:
    """Events of one transformationID are one; as long as nothing came out, nothing is compared."""
    joined = {"transformationID": "urn:example:run:1"}
    take(ledger, made([kg(10)], [], at=clock(1), **joined))
    assert [one.apart for one in ask(ledger).conversions] == ["one_side"]
    take(ledger, made([], [some(f"{FISH}/10/F", 9, "KGM")], at=clock(5), **joined))
    [conversion] = ask(ledger).conversions
    assert (conversion.loss, conversion.share, conversion.at.time) == ("1", "0.9", at(5))


# What is told twice and counted once.


def test_both_parties_report_one_shipping(ledger: Ledger) -> None:
    """The same content under another id in another log is the same shipping, its doer's."""
    shipped = ship(2, kg(100), to=BOB)
    take(ledger, shipped, receive(3, kg(100), to=BOB), slug="bob")
    take(
        ledger,
        create(1, kg(100)),
        shipped | {"eventID": "urn:uuid:" + "1" * 8 + "-1111-4111-8111-111111111111"},
        slug="alice",
    )
    found = ask(ledger)
    assert stock(found) == ("100", "0", "0")
    assert {(flow.kind.value, flow.party) for flow in found.flows} == {
        ("produced", "alice"),
        ("shipped", "alice"),
        ("received", "bob"),
    }
    assert not found.gaps
    assert not found.questions


def test_one_event_told_differently(ledger: Ledger) -> None:
    """One eventID that says different things in two logs counts once and is a question."""
    named = {"eventID": "urn:uuid:11111111-1111-4111-8111-111111111111"}
    take(ledger, create(1, kg(100), **named), slug="alice")
    take(ledger, create(1, kg(90), **named), slug="bob")
    found = ask(ledger)
    assert stock(found)[0] == "100"
    assert reasons(found) == [Reason.TOLD_DIFFERENTLY]


def test_a_shipment_that_came_whole_is_no_rest_of_an_earlier_one(ledger: Ledger) -> None:
    """Four of eight are missing; four that are sent later, and come, aren't those."""
    take(ledger, create(1, kg(12)), ship(2, kg(8), to=BOB), ship(4, kg(4), to=BOB))
    take(ledger, receive(3, kg(4), to=BOB), receive(5, kg(4), to=BOB), slug="bob")
    found = ask(ledger)
    assert stock(found) == ("8", "0", "-4")
    assert [(gap.quantity, gap.at.time) for gap in found.gaps] == [("-4", at(3))]


def test_a_voided_shipping_is_no_rest_of_an_earlier_one(ledger: Ledger) -> None:
    """The shipping of the same amount didn't take place; what is missing of the other stays so."""
    take(ledger, create(1, kg(12)), ship(2, kg(8)), ship(4, kg(4)))
    take(ledger, told(5, "void_shipping", kg(4)))
    take(ledger, receive(3, kg(4)), slug="bob")
    assert stock(ask(ledger)) == ("8", "0", "-4")


def test_a_pallet_ships_what_is_in_it(ledger: Ledger) -> None:
    """Contents go with their container as long as they are in it, and packing moves nothing."""
    take(
        ledger,
        create(1, kg(50)),
        create(1, instance("a"), instance("b"), ilmd={"cbvmda:lotNumber": "M"}),
        event(
            "AggregationEvent",
            clock(2),
            action="ADD",
            parentID=CRATE,
            childQuantityList=[kg(30)],
            childEPCs=[instance("a")],
        ),
        family(PALLET, CRATE, at=clock(3)),
        ship(4, PALLET, instance("a"), CRATE, to=BOB),
        receive(5, PALLET, to=BOB),
        event(
            "AggregationEvent",
            clock(6),
            action="DELETE",
            parentID=CRATE,
            childQuantityList=[kg(10)],
        ),
        told(7, "destroying", CRATE),
        told(7, "storing", CRATE),
        told(8, "commissioning", CRATE, action="ADD"),
    )
    found = ask(ledger)
    assert found.totals[0].flows == {
        "produced": "50",
        "shipped": "30",
        "received": "30",
        "scrapped": "20",
    }
    assert stock(found) == ("30", "0", "0")
    pieces = ask(ledger, lot("M"))
    assert pieces.totals[0].flows == {
        "produced": "2",
        "shipped": "1",
        "received": "1",
        "scrapped": "1",
    }


def test_a_lot_number_and_its_serials(ledger: Ledger) -> None:
    """Giving serials to pieces that are there makes no more of them."""
    serials = [instance(number) for number in range(4)]
    take(
        ledger,
        create(1, some(lot("L"), 4, "EA")),
        create(2, *serials, ilmd={"cbvmda:lotNumber": "L"}),
        ship(3, *serials[:3], some(lot("L"), 3, "EA")),
        receive(4, some(lot("L"), 3, "EA")),
        ship(5, serials[3]),
    )
    found = ask(ledger)
    assert found.totals[0].flows == {"produced": "4", "shipped": "4", "received": "3"}
    assert stock(found) == ("3", "1", "0")
    assert not found.questions
    take(
        ledger,
        create(6, instance("fifth"), ilmd={"cbvmda:lotNumber": "L"}),
        ship(7, serials[0], some(lot("L"), 2, "EA")),
    )
    more = ask(ledger)
    assert gaps(more) == [(GapKind.SERIALS, "1", "creating_class_instance", None)]
    assert reasons(more) == [Reason.SERIALS_DIFFER]


def test_a_lot_that_is_made_twice(ledger: Ledger) -> None:
    """A transformation's output that is then brought into being was made once."""
    take(ledger, made([instance("x")], [kg(100)], at=clock(1)), create(2, kg(100)))
    assert (stock(ask(ledger))[0], reasons(ask(ledger))) == ("100", [])
    take(ledger, create(3, kg(1)))
    assert (stock(ask(ledger))[0], reasons(ask(ledger))) == ("100", [Reason.MADE_TWICE])


def test_a_transaction_beside_the_shipping(ledger: Ledger) -> None:
    """A TransactionEvent moves goods only where no ObjectEvent does."""
    order = {
        "kind": "TransactionEvent",
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:example:po:1"}],
    }
    take(ledger, create(1, kg(10)), create(1, kg(10, "M")), ship(2, kg(4)), ship(3, kg(4), **order))
    take(ledger, ship(3, kg(4, "M"), **order))
    assert stock(ask(ledger))[:2] == ("6", "4")
    assert stock(ask(ledger, lot("M")))[:2] == ("6", "4")


def test_a_piece_is_made_and_ends_once(ledger: Ledger) -> None:
    """Making what exists, or ending what was scrapped, adds nothing; a number may be given again."""
    a, b = instance("a"), instance("b")
    take(
        ledger,
        made([kg(1)], [a], at=clock(1)),
        create(2, a),
        told(3, "destroying", a),
        told(4, "destroying", a),
        told(5, "decommissioning", a, action="DELETE"),
        create(1, b),
        told(2, "decommissioning", b, action="DELETE"),
        told(3, "decommissioning", b, action="DELETE"),
        create(4, b),
    )
    found = ask(ledger, a)
    assert found.totals[0].flows == {"produced": "1", "scrapped": "1"}
    assert (stock(found), found.gaps) == (("0", "0", "0"), ())
    again = ask(ledger, b)
    assert again.totals[0].flows == {"produced": "2", "ended": "1"}
    assert stock(again)[0] == "1"


def test_an_error_and_its_correction(ledger: Ledger) -> None:
    """An event declared an error moves nothing, and is named; before it was known it did."""
    wrong = create(1, kg(100), eventID="urn:uuid:11111111-1111-4111-8111-111111111111")
    take(ledger, wrong)
    moment = ledger.ticks()
    take(ledger, declare(wrong), create(1, kg(10)))
    found = ask(ledger)
    assert stock(found)[0] == "10"
    [question] = found.questions
    assert (question.reason, question.quantity) == (Reason.DECLARED_ERROR, None)
    assert question.at is not None
    assert question.at.event == wrong["eventID"]
    assert stock(ask(ledger, known_at=moment))[0] == "100"
    assert not ask(ledger, known_at=moment).questions


# Assemblies.


def test_parts_go_with_their_assembly(ledger: Ledger) -> None:
    """A part is out of stock while it is fitted, and where it is removed it is in stock again."""
    kind = {"kind": "AssociationEvent"}
    a, b, c = (instance(name) for name in "abc")
    box = instance("box")
    take(ledger, create(1, a, b, c, ilmd={"cbvmda:lotNumber": "L"}))
    take(
        ledger,
        family(box, a, b, at=clock(2), **kind),
        family(box, a, at=clock(3), **kind),
        ship(4, box),
        family(box, a, at=clock(5), action="DELETE", **kind),
        family(box, a, at=clock(6), action="DELETE", **kind),
        family(box, at=clock(7), action="DELETE", **kind),
        family(instance("old"), c, at=clock(8), action="DELETE", **kind),
        family(instance("old"), c, at=clock(9), action="DELETE", **kind),
    )
    found = ask(ledger)
    assert found.totals[0].flows == {"produced": "3", "installed": "2", "removed": "3"}
    assert stock(found)[0] == "4"


def test_a_quantity_of_parts(ledger: Ledger) -> None:
    """Of a lot that was fitted as a quantity, all that was fitted leaves a stripped assembly."""
    kind: Any = {"kind": "AssociationEvent", "childQuantityList": [some(lot("L"), 8)]}
    take(
        ledger,
        create(1, some(lot("L"), 20)),
        family(instance("box"), at=clock(2), **kind),
        family(instance("box"), at=clock(3), action="DELETE", kind="AssociationEvent"),
        family(instance("box"), at=clock(4), **kind),
    )
    found = ask(ledger)
    assert found.totals[0].flows == {"produced": "20", "installed": "16", "removed": "8"}


# Open questions.


def test_quantities_that_cannot_be_reckoned_with(ledger: Ledger) -> None:
    """What isn't stated, is below zero or can't be added stands in no sum."""
    take(
        ledger,
        create(1, kg(100)),
        ship(2, some(lot("L"))),
        ship(3, kg(-5)),
        ship(4, some(lot("L"), 20, "CEL")),
        ship(5, kg(0)),
        told(6, "holding", some(lot("L"))),
    )
    found = ask(ledger)
    assert stock(found) == ("100", "0", "0")
    assert [(one.reason, one.quantity) for one in found.questions] == [
        (Reason.MISSING_QUANTITY, None),
        (Reason.NEGATIVE_QUANTITY, "-5"),
        (Reason.NOT_ADDITIVE, "20"),
    ]


def test_mixed_dimensions(ledger: Ledger) -> None:
    """A lot in kilograms and in pieces is told in both, and its gaps can't be told."""
    take(ledger, create(1, kg(100)), ship(2, some(lot("L"), 4)))
    found = ask(ledger)
    assert [(one.unit, one.in_stock) for one in found.totals] == [(None, None), ("KGM", "100")]
    assert (reasons(found), found.gaps) == ([Reason.MIXED_DIMENSIONS], ())
    take(ledger, create(1, kg(100, "M")), create(2, instance("a"), ilmd={"cbvmda:lotNumber": "M"}))
    assert reasons(ask(ledger, lot("M"))) == [Reason.MIXED_DIMENSIONS]


def test_a_class_without_a_lot(ledger: Ledger) -> None:
    """Where lots are known, an event of the product alone is nobody's."""
    take(ledger, ship(1, some(PRODUCT, 7, "KGM")))
    alone = ask(ledger, PRODUCT)
    assert alone.totals[0].flows == {"shipped": "7"}
    assert (stock(alone)[0], reasons(alone)) == (None, [Reason.NO_SOURCE])
    take(ledger, create(2, kg(100)))
    for code in (PRODUCT, lot("L")):
        found = ask(ledger, code)
        assert found.totals[0].flows == {"produced": "100"}
        [question] = found.questions
        assert (question.reason, question.quantity, question.unit) == (
            Reason.CLASS_ONLY,
            "7",
            "KGM",
        )


def test_a_product_with_its_lots(ledger: Ledger) -> None:
    """A product is all its lots, and its pieces that belong to none."""
    take(
        ledger,
        create(1, kg(100)),
        create(2, kg(50, "M")),
        create(3, instance("a")),
        create(3, instance("b"), ilmd={"cbvmda:lotNumber": "M"}),
        create(4, instance("b"), ilmd={"cbvmda:lotNumber": "N"}),
    )
    found = ask(ledger, PRODUCT)
    assert [(one.unit, one.in_stock) for one in found.totals] == [(None, "2"), ("KGM", "150")]
    assert {(one.lot, one.unit, one.in_stock) for one in found.lots} == {
        (None, None, "1"),
        (lot("L"), "KGM", "100"),
        (lot("M"), "KGM", "50"),
        (lot("M"), None, "1"),
    }
    assert Reason.SEVERAL_LOTS in reasons(found)
    with pytest.raises(UsageError, match="more than 3"):
        ask(ledger, PRODUCT, most_items=3)
    with pytest.raises(UsageError, match="more than 0"):
        ask(ledger, lot("M"), most_items=0)


def test_goods_that_nobody_shipped(ledger: Ledger) -> None:
    """What was made inside and received without a shipping is a question, and not there twice."""
    take(ledger, create(1, kg(100)), slug="alice")
    take(ledger, receive(2, kg(40)), slug="bob")
    found = ask(ledger)
    assert stock(found) == ("140", "-40", "0")
    assert reasons(found) == [Reason.NOT_SHIPPED]


def test_a_voided_shipping(ledger: Ledger) -> None:
    """A shipping that did not take place is taken back; of what was not shipped nothing can be."""
    take(ledger, create(1, kg(100)), ship(2, kg(40)), told(3, "void_shipping", kg(40)))
    assert stock(ask(ledger)) == ("100", "0", "0")
    take(ledger, told(4, "void_shipping", kg(5)))
    assert (stock(ask(ledger))[1], reasons(ask(ledger))) == ("-5", [Reason.NOTHING_TO_VOID])


def test_a_code_that_is_a_piece_and_a_quantity(ledger: Ledger) -> None:
    """A code that was given with a quantity anywhere is a quantity."""
    code = "urn:uuid:22222222-2222-4222-8222-222222222222"
    take(ledger, create(1, code), create(2, some(code, 5)))
    found = ask(ledger, code)
    assert found.totals[0].flows == {"produced": "5"}
    assert reasons(found) == [Reason.MISSING_QUANTITY]


def test_a_code_without_moves(ledger: Ledger) -> None:
    """A code that nothing moved has nothing to tell; one that nobody names is not found."""
    take(ledger, told(1, "inspecting", instance("a")))
    assert ask(ledger, instance("a")).totals == ()
    for code in (lot("NEVER"), FISH):
        with pytest.raises(NotFoundError, match="No event"):
            ask(ledger, code)


def test_the_json_form(ledger: Ledger) -> None:
    """The JSON holds what was asked, the sums and the heads it is complete to."""
    take(ledger, create(1, kg(100)), ship(2, kg(100)), receive(3, kg(98)), ship(4, some(lot("L"))))
    ledger.send(document(vocabularies={"EPCClass": [element(lot("L"), balanceTolerance="?")]}))
    value = ask(ledger, since=at(1), until=at(9)).as_dict()
    assert (value["code"], value["kind"], value["balanced"]) == (lot("L"), "lot", False)
    assert (value["from"], value["to"]) == ("2026-03-01T08:01:00.000Z", "2026-03-01T08:09:00.000Z")
    assert value["heads"]["localhost/log/main"]["size"] == 5
    assert value["gaps"][0]["at"]["time"] == "2026-03-01T08:03:00.000Z"
    assert [one["at"] and one["at"]["step"] for one in value["questions"]] == [None, "shipping"]
