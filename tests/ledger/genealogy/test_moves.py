"""What moves items: containers, assemblies, returns, and events that two logs tell."""

from typing import Any

from ledger.genealogy.accounts import GapKind, Reason
from tests.ledger.builders import Ledger, event, family, instance, lot, made, some
from tests.ledger.genealogy.asking import at, clock, pack
from tests.ledger.genealogy.test_balance import (
    BOB,
    CRATE,
    FISH,
    HALL,
    PALLET,
    STORE,
    ask,
    create,
    gaps,
    kg,
    reasons,
    receive,
    ship,
    stock,
    take,
    told,
)


def test_what_was_sold_comes_back(ledger: Ledger) -> None:
    """A return closes what was sold, unless other goods are on their way."""
    take(
        ledger,
        create(1, kg(10)),
        told(2, "retail_selling", kg(4)),
        receive(3, kg(1), disposition="returned"),
        receive(4, kg(1), to=BOB),
    )
    found = ask(ledger)
    assert found.totals[0].flows == {
        "produced": "10",
        "sold": "4",
        "returned": "1",
        "received": "1",
    }
    assert (stock(found), reasons(found)) == (("8", "-1", "0"), [Reason.NOT_SHIPPED])


def test_goods_that_are_refused_at_the_door(ledger: Ledger) -> None:
    """What its sender receives back, to whomever it was shipped, is on its way no longer."""
    take(ledger, create(1, kg(10)), ship(2, kg(4), to=BOB))
    take(ledger, receive(3, kg(4), disposition="returned", to=HALL.replace("414", "417")))
    assert stock(ask(ledger)) == ("10", "0", "0")


def test_what_comes_back_from_another_party(ledger: Ledger) -> None:
    """A return to another party than the seller closes what was sold, too."""
    take(ledger, create(1, kg(10)), told(2, "retail_selling", kg(4)), slug="alice")
    take(ledger, receive(3, kg(4), disposition="returned"), slug="bob")
    assert stock(ask(ledger)) == ("10", "0", "0")


def test_a_receipt_that_spans_shipments(ledger: Ledger) -> None:
    """A receipt closes the oldest shipments in turn, and what is over is a gap."""
    take(ledger, create(1, kg(100)), ship(2, kg(10)), ship(3, kg(20)), receive(4, kg(35)))
    found = ask(ledger)
    assert gaps(found) == [(GapKind.TRANSIT, "5", "receiving", None)]
    assert stock(found) == ("105", "0", "5")


def test_a_count_that_agrees(ledger: Ledger) -> None:
    """A count of what should be there is told and no gap; a first count opens the stock."""
    take(
        ledger,
        told(1, "cycle_counting", kg(10)),
        told(2, "destroying", kg(4)),
        told(3, "cycle_counting", kg(6)),
    )
    found = ask(ledger)
    assert [(one.counted, one.computed) for one in found.counts] == [("6", "6")]
    assert (stock(found), found.gaps) == (("6", "0", "0"), ())


def test_a_piece_that_is_counted_and_should_not_be_there(ledger: Ledger) -> None:
    """A piece that was destroyed and is counted is there all the same; a list tells no missing ones."""
    a, b = instance("a"), instance("b")
    take(ledger, create(1, a, b, ilmd={"cbvmda:lotNumber": "L"}, place=STORE))
    take(ledger, told(2, "destroying", a), told(3, "stock_taking", a, place=HALL))
    found = ask(ledger)
    assert gaps(found) == [(GapKind.COUNT, "1", "stock_taking", HALL)]
    assert (found.gaps[0].of, stock(found)[0], found.counts) == ("2", "2", ())


def test_the_same_event_in_both_logs(ledger: Ledger) -> None:
    """One event that stands in two logs is one, and so is the transformation it tells."""
    fillet = some(f"{FISH}/10/F", 4, "KGM")
    events = [
        create(1, kg(10), eventID="urn:uuid:11111111-1111-4111-8111-111111111111"),
        made(
            [kg(5)], [fillet], at=clock(2), eventID="urn:uuid:22222222-2222-4222-8222-222222222222"
        ),
        ship(3, kg(5), to=BOB, eventID="urn:uuid:33333333-3333-4333-8333-333333333333"),
    ]
    take(ledger, *events, slug="alice")
    take(ledger, *events, slug="bob")
    found = ask(ledger)
    assert stock(found) == ("0", "5", "0")
    assert [one.loss for one in found.conversions] == ["1"]
    assert not found.questions


def test_a_transformation_of_two_logs(ledger: Ledger) -> None:
    """Events of one transformationID that both logs tell make one transformation."""
    run = {"transformationID": "urn:example:run:1"}
    takes = made([kg(5)], [], at=clock(1), **run)
    gives = made([], [some(f"{FISH}/10/F", 4, "KGM")], at=clock(2), **run)
    take(ledger, takes, gives, slug="alice")
    take(ledger, takes, gives, slug="bob")
    assert [(one.loss, one.share) for one in ask(ledger).conversions] == [("1", "0.8")]


def test_two_equal_bags_in_one_log_are_two(ledger: Ledger) -> None:
    """What one log tells as often as another happened as often."""
    for slug in ("alice", "bob"):
        take(
            ledger,
            *(
                create(1, kg(5), eventID=f"urn:uuid:{number}1111111-1111-4111-8111-11111111{word}")
                for number, word in enumerate([slug.encode().hex()[:4]] * 2)
            ),
            slug=slug,
        )
    assert ask(ledger).totals[0].flows == {"produced": "10"}


def test_containers_in_containers(ledger: Ledger) -> None:
    """What was packed again in between is in there once, and what was unpacked is not in there."""
    pieces = [instance(name) for name in "ab"]
    take(ledger, create(1, *pieces, ilmd={"cbvmda:lotNumber": "L"}))
    take(
        ledger,
        family(CRATE, *pieces, at=clock(2)),
        family(PALLET, CRATE, at=clock(3)),
        family(PALLET, CRATE, at=clock(4)),
        ship(5, PALLET),
        receive(6, PALLET),
        family(PALLET, CRATE, at=clock(7), action="DELETE"),
        ship(8, PALLET),
    )
    found = ask(ledger)
    assert found.totals[0].flows == {"produced": "2", "shipped": "2", "received": "2"}
    assert {(one.quantity, one.events) for one in found.flows} == {("2", 1)}


def test_a_piece_in_two_containers_is_shipped_once(ledger: Ledger) -> None:
    """Whatever says that one piece is in two pallets, there is one of it."""
    a = instance("a")
    take(ledger, create(1, a), pack(2, "P", "a"), pack(3, "Q", "a"))
    take(ledger, ship(4, instance("P"), instance("Q")))
    assert ask(ledger, a).totals[0].flows == {"produced": "1", "shipped": "1"}


def test_a_quantity_in_a_container(ledger: Ledger) -> None:
    """Of a lot, what was packed moves along; how much that was may be unknown."""
    packed: Any = {"action": "ADD", "parentID": PALLET}
    take(
        ledger,
        create(1, kg(5000)),
        event("AggregationEvent", clock(2), childQuantityList=[kg(1000)], **packed),
        event(
            "AggregationEvent",
            clock(3),
            childQuantityList=[kg(250)],
            **(packed | {"action": "DELETE"}),
        ),
        ship(4, PALLET),
    )
    assert ask(ledger).totals[0].flows == {"produced": "5000", "shipped": "750"}
    assert ask(ledger).totals[0].unit == "KGM"
    take(
        ledger,
        event("AggregationEvent", clock(5), childQuantityList=[some(lot("L"))], **packed),
        receive(6, PALLET),
    )
    assert reasons(ask(ledger)) == [Reason.MISSING_QUANTITY]


def test_a_part_that_is_fitted_again(ledger: Ledger) -> None:
    """A part may be taken out and fitted again; fitted twice, it leaves a stripped assembly once."""
    kind = {"kind": "AssociationEvent"}
    a, box = instance("a"), instance("box")
    take(ledger, create(1, a))
    take(
        ledger,
        family(box, a, at=clock(2), **kind),
        family(box, a, at=clock(3), action="DELETE", **kind),
        family(box, a, at=clock(4), **kind),
        family(box, a, at=clock(5), **kind),
        family(box, at=clock(6), action="DELETE", **kind),
    )
    found = ask(ledger, a)
    assert found.totals[0].flows == {"produced": "1", "installed": "2", "removed": "2"}
    assert (stock(found), found.gaps) == (("1", "0", "0"), ())


def test_questions_outside_what_was_asked(ledger: Ledger) -> None:
    """Questions of other places and times are not told."""
    take(ledger, create(1, kg(10)), ship(2, some(lot("L")), place=STORE))
    assert reasons(ask(ledger, place=STORE)) == [Reason.MISSING_QUANTITY]
    assert not ask(ledger, place=HALL).questions
    assert not ask(ledger, since=at(3)).questions
