"""The walk along links: what is ahead of an item, what is behind it, and where a limit cuts."""

from typing import Any

import pytest

from ledger.genealogy.roles import Kind, Role
from ledger.genealogy.trace import Direction
from ledger.store.engine import reading, writing
from tests.ledger.builders import Event, Ledger, event, family, instance, lot, made, seen, some
from tests.ledger.genealogy.asking import (
    ahead,
    ask,
    at,
    behind,
    clock,
    declare,
    empty,
    fit,
    make,
    name,
    pack,
    pairs,
    remove,
    see,
    unpack,
)

# Times follow.


def test_a_later_load_is_not_the_earlier_one(ledger: Ledger) -> None:
    """What was on the pallet for the first trip is not in the truck of the second."""
    ledger.take(
        pack(1, "P", "A"),
        pack(2, "T1", "P"),
        unpack(3, "T1", "P"),
        unpack(4, "P", "A"),
        pack(5, "P", "B"),
        pack(6, "T2", "P"),
    )
    assert ahead(ledger, "A") == {"P", "T1"}
    assert ahead(ledger, "B") == {"P", "T2"}
    assert behind(ledger, "T1") == {"P", "A"}
    assert behind(ledger, "T2") == {"P", "B"}


def test_a_part_that_was_removed_before_is_not_in_the_assembly(ledger: Ledger) -> None:
    """A cell that left the module before the module was fitted is not in the pack."""
    ledger.take(
        fit(1, "module", "cell other"), remove(2, "module", "cell"), fit(3, "pack", "module")
    )
    assert ahead(ledger, "cell") == {"module"}
    assert ahead(ledger, "other") == {"module", "pack"}
    assert behind(ledger, "pack") == {"module", "other"}
    assert behind(ledger, "module") == {"cell", "other"}


def test_a_part_that_was_removed_later_was_in_the_assembly(ledger: Ledger) -> None:
    """A cell that left the module after the module was fitted has been in the pack."""
    ledger.take(fit(1, "module", "cell"), fit(2, "pack", "module"), remove(3, "module", "cell"))
    assert ahead(ledger, "cell") == {"module", "pack"}
    assert behind(ledger, "pack") == {"module", "cell"}


def test_a_part_fitted_later_is_not_in_what_was_made_before(ledger: Ledger) -> None:
    """What was made of an assembly before the part was fitted doesn't bear the part."""
    ledger.take(make(1, "tool", "early"), fit(2, "tool", "part"), make(3, "tool", "late"))
    assert ahead(ledger, "part") == {"tool", "late"}
    assert behind(ledger, "early") == {"tool"}
    assert behind(ledger, "late") == {"tool", "part"}


@pytest.mark.parametrize("order", [1, -1])
def test_an_output_before_an_input_is_not_made_of_it(ledger: Ledger, order: int) -> None:
    """Events of one transformationID join only what follows in time, in any order of arrival."""
    joined = {"transformationID": "urn:example:run:1"}
    events = [
        make(1, "a", "", **joined),
        make(2, "", "p", **joined),
        make(3, "b", "", **joined),
        make(4, "", "q", **joined),
    ]
    ledger.take(*events[::order])
    assert ahead(ledger, "a") == {"p", "q"}
    assert ahead(ledger, "b") == {"q"}
    assert behind(ledger, "p") == {"a"}
    assert behind(ledger, "q") == {"a", "b"}
    assert pairs(ask(ledger, "q", Direction.BACKWARD)) == {("a", "q"), ("b", "q")}
    ledger.check()


@pytest.mark.parametrize("order", [1, -1])
def test_an_output_may_be_told_of_when_some_of_it_is_gone(ledger: Ledger, order: int) -> None:
    """What left before the event that tells of the output was made of the inputs until then."""
    events = [
        make(1, "a", "", transformationID="urn:example:run:1"),
        pack(2, "P", "q"),
        unpack(3, "P", "q"),
        make(4, "b", "", transformationID="urn:example:run:1"),
        make(5, "", "q", transformationID="urn:example:run:1"),
    ]
    ledger.take(*events[::order])
    assert ahead(ledger, "a") == {"q", "P"}
    assert ahead(ledger, "b") == {"q"}
    assert behind(ledger, "P") == {"q", "a"}
    [item] = [one for one in ask(ledger, "b").items if one.code == instance("q")]
    assert item.exposed_from == at(4)
    found = ask(ledger, "P", Direction.BACKWARD)
    assert pairs(found) == {("a", "q"), ("q", "P")}
    assert [link.time for link in found.links] == [at(2), at(5)]


def test_a_node_is_entered_again_for_an_earlier_input(ledger: Ledger) -> None:
    """What reaches a long transformation late, and then early by a longer way, counts from early."""
    joined = {"transformationID": "urn:example:run:2"}
    ledger.take(
        make(1, "root", "x"),
        make(2, "x", "", **joined),
        make(3, "", "p", **joined),
        make(5, "root", "", **joined),
        make(6, "", "q", **joined),
    )
    assert ahead(ledger, "root") == {"x", "p", "q"}
    assert behind(ledger, "p") == {"x", "root"}
    assert ("root", "p") not in pairs(ask(ledger, "root"))


def test_a_node_is_entered_again_for_a_later_output(ledger: Ledger) -> None:
    """Backward, a long transformation counts up to the latest output that was reached."""
    joined = {"transformationID": "urn:example:run:3"}
    ledger.take(
        make(1, "a", "", **joined),
        make(2, "", "p", **joined),
        make(3, "b", "", **joined),
        make(4, "", "q", **joined),
        make(5, "q", "y"),
        make(6, "y p", "top"),
    )
    assert behind(ledger, "top") == {"y", "p", "q", "a", "b"}
    assert ahead(ledger, "b") == {"q", "y", "top"}


@pytest.mark.parametrize("direction", [Direction.FORWARD, Direction.BACKWARD])
def test_what_happens_in_the_same_instant_touches(ledger: Ledger, direction: Direction) -> None:
    """Removal and use in one instant count as a link: one item too many, never one too few."""
    ledger.take(
        fit(1, "module", "cell"),
        remove(2, "module", "cell"),
        fit(2, "pack", "module"),
        make(2, "module", "report"),
    )
    if direction is Direction.FORWARD:
        assert ahead(ledger, "cell") == {"module", "pack", "report"}
    else:
        assert behind(ledger, "pack") == behind(ledger, "report") == {"module", "cell"}


def test_fitting_and_removal_in_one_instant_is_a_link(ledger: Ledger) -> None:
    """A span of no length is a span."""
    ledger.take(fit(1, "module", "cell"), remove(1, "module", "cell"))
    answer = ask(ledger, "cell")
    assert [(link.time, link.until) for link in answer.links] == [(at(1), at(1))]


def test_an_item_made_anew_later_is_not_what_was_used_before(ledger: Ledger) -> None:
    """Of a code that was used and later made again, only the earlier use is behind the product."""
    ledger.take(
        make(2, "x", "z"),
        make(5, "a", "x y"),
        make(6, "y z", "top"),
    )
    answer = ask(ledger, "top", Direction.BACKWARD)
    assert pairs(answer) == {("x", "z"), ("a", "y"), ("y", "top"), ("z", "top")}
    assert pairs(ask(ledger, "a")) == {("a", "x"), ("a", "y"), ("y", "top")}


# Intervals.


def test_a_delete_without_children_empties_the_parent(ledger: Ledger) -> None:
    """Every child leaves with it, and what is packed afterwards stays."""
    ledger.take(pack(1, "P", "A B"), empty(2, "P"), pack(3, "P", "C"), pack(4, "T", "P"))
    assert ahead(ledger, "A") == ahead(ledger, "B") == {"P"}
    assert ahead(ledger, "C") == {"P", "T"}
    assert behind(ledger, "T") == {"P", "C"}
    assert behind(ledger, "P") == {"A", "B", "C"}


def test_an_assembly_is_stripped_of_all_its_parts(ledger: Ledger) -> None:
    """A DELETE of an association without children ends every part's interval, and no packing's."""
    ledger.take(
        fit(1, "car", "door wheel"), pack(1, "car", "bag"), remove(2, "car"), pack(3, "ship", "car")
    )
    assert ahead(ledger, "door") == {"car"}
    assert ahead(ledger, "bag") == {"car", "ship"}
    assert behind(ledger, "ship") == {"car", "bag"}


def test_a_child_that_comes_back_has_two_intervals(ledger: Ledger) -> None:
    """The same pair twice is two links, each with its own end."""
    ledger.take(pack(1, "P", "A"), unpack(2, "P", "A"), pack(5, "P", "A"), pack(3, "T", "P"))
    answer = ask(ledger, "A")
    assert [(name(link.target), link.time, link.until) for link in answer.links] == [
        ("P", at(1), at(2)),
        ("T", at(3), None),
        ("P", at(5), None),
    ]


def test_a_delete_that_is_known_before_the_add_counts(ledger: Ledger) -> None:
    """Intervals follow event time, whatever came to the ledger first."""
    ledger.take(unpack(2, "P", "A"))
    ledger.take(pack(1, "P", "A"), pack(3, "T", "P"))
    assert ahead(ledger, "A") == {"P"}


def test_only_the_delete_of_this_pair_ends_it(ledger: Ledger) -> None:
    """Unpacking from another container, or removing as a part, leaves the child where it is."""
    ledger.take(
        pack(1, "P", "A"),
        unpack(2, "Q", "A"),
        remove(2, "P", "A"),
        unpack(2, "P", "B"),
        empty(2, "Q"),
        pack(3, "T", "P"),
    )
    assert ahead(ledger, "A") == {"P", "T"}
    assert behind(ledger, "T") == {"P", "A"}


def test_children_without_a_parent_are_only_seen(ledger: Ledger) -> None:
    """An event that names no parent says nothing of what is inside what."""
    ledger.take(family(None, instance("A"), action="DELETE"), pack(1, "P", "A"))
    assert ahead(ledger, "A") == {"P"}
    assert behind(ledger, "A") == set()


# Places.


def test_pallet_mates_are_not_affected(ledger: Ledger) -> None:
    """Forward goes up through containers, marks them, and never comes down to the neighbours."""
    ledger.take(
        pack(1, "box", "bad"), pack(1, "box2", "good"), pack(2, "P", "box box2"), pack(3, "T", "P")
    )
    answer = ask(ledger, "bad")
    assert {(name(one.code), one.container) for one in answer.items} == {
        ("box", True),
        ("P", True),
        ("T", True),
    }
    assert behind(ledger, "T") == {"P", "box", "box2", "bad", "good"}
    assert not any(one.container for one in ask(ledger, "T", Direction.BACKWARD).items)


def test_what_is_also_made_of_a_part_is_no_mere_place(ledger: Ledger) -> None:
    """A container that affected goods were also built into is affected itself."""
    ledger.take(
        fit(1, "crate", "board"), pack(2, "crate", "board2"), make(1, "glue", "board board2")
    )
    flags = {name(one.code): one.container for one in ask(ledger, "glue").items}
    assert flags == {"board": False, "board2": False, "crate": False}


# Lots.


def test_a_lot_and_its_serials_are_one_another(ledger: Ledger) -> None:
    """A code that names its lot joins the serial to it, at all times, in both directions."""
    serial = f"{lot('L1')}/21/S1"
    ledger.take(
        seen(serial, at=clock(9)),
        made([some(lot("raw"), 5, "KGM")], [some(lot("L1"), 10)], at=clock(3)),
        make(20, "S1", "set"),
    )
    assert ahead(ledger, lot("raw")) == {"L1", "S1", "set"}
    assert behind(ledger, "set") == {"S1", "L1", "raw"}
    assert ahead(ledger, lot("L1")) == {"S1", "set"}


def test_a_lot_number_in_master_data_joins_what_was_made(ledger: Ledger) -> None:
    """An ADD that states a lot number makes its serials members; those of another lot stay apart."""
    ledger.take(
        see(1, "S1 S2", action="ADD", ilmd={"cbvmda:lotNumber": "L1"}),
        see(2, "S3", action="ADD", ilmd={"cbvmda:lotNumber": "L2"}),
    )
    assert ahead(ledger, lot("L1")) == {"S1", "S2"}
    assert ahead(ledger, lot("L2")) == {"S3"}
    assert behind(ledger, "S3") == {"L2"}
    assert ahead(ledger, "S1") == set()


def test_lots_of_one_event_do_not_mix(ledger: Ledger) -> None:
    """Serials of several lots in one event belong to their own lot each."""
    ledger.take(seen(f"{lot('L1')}/21/S1", f"{lot('L2')}/21/S2", f"{lot('L1')}/21/S3"))
    assert ahead(ledger, lot("L1")) == {"S1", "S3"}
    assert ahead(ledger, lot("L2")) == {"S2"}


# Shapes.


def test_diamonds_name_each_item_once(ledger: Ledger) -> None:
    """Forty diamonds in a row have a million million paths and 121 items."""
    events = []
    for step in range(40):
        events += [
            make(step, f"n{step}", f"a{step} b{step}"),
            make(step, f"a{step} b{step}", f"n{step + 1}"),
        ]
    ledger.take(*events)
    answer = ask(ledger, "n0")
    assert len(answer.items) == 120
    assert max(one.depth for one in answer.items) == 80
    assert len(answer.links) == 160
    assert len(behind(ledger, "n40")) == 120


def test_cycles_end(ledger: Ledger) -> None:
    """Rework that leads back to where it began is followed once."""
    ledger.take(make(1, "a", "b"), make(2, "b", "c"), make(3, "c", "a"), make(4, "a", "d"))
    assert ahead(ledger, "a") == {"b", "c", "d"}
    assert ahead(ledger, "b") == {"c", "a", "d"}
    assert behind(ledger, "d") == {"a", "c", "b"}
    assert pairs(ask(ledger, "a")) == {("a", "b"), ("b", "c"), ("c", "a"), ("a", "d")}


def test_an_item_that_is_its_own_input_is_a_loop(ledger: Ledger) -> None:
    """Work on an item that keeps its code gives a link to itself, and no item."""
    ledger.take(make(1, "a x", "a"), fit(2, "a", "a"), pack(3, "a", "a"))
    for direction in Direction:
        answer = ask(ledger, "a", direction)
        assert ("a", "a") in pairs(answer)
        assert "a" not in {name(one.code) for one in answer.items}


def test_a_root_that_comes_round_to_itself_is_no_container(ledger: Ledger) -> None:
    """Pallets that are said to be in one another: what was asked about isn't only a place."""
    ledger.take(pack(1, "P", "Q"), pack(2, "Q", "P"))
    answer = ask(ledger, "P")
    assert answer.root_item is not None
    assert not answer.root_item.container
    assert [(name(item.code), item.container) for item in answer.items] == [("Q", True)]


def test_nested_packing_is_followed_to_the_outermost(ledger: Ledger) -> None:
    """Box in carton in pallet in truck, and the part of the way that was together only."""
    ledger.take(
        pack(1, "carton", "box"),
        pack(2, "pallet", "carton"),
        pack(3, "truck", "pallet"),
        unpack(5, "carton", "box"),
        pack(6, "ship", "truck"),
    )
    assert ahead(ledger, "box") == {"carton", "pallet", "truck"}
    assert behind(ledger, "ship") == {"truck", "pallet", "carton"}


def test_both_is_the_two_sets_and_no_walk_to_and_fro(ledger: Ledger) -> None:
    """What is ahead and what is behind, not what is ahead of what is behind."""
    ledger.take(make(1, "raw", "mid sister"), make(2, "mid", "top"))
    answer = ask(ledger, "mid", Direction.BOTH)
    assert {name(one.code) for one in answer.items} == {"raw", "top"}
    assert pairs(answer) == {("raw", "mid"), ("mid", "top")}


def test_both_takes_the_smaller_depth(ledger: Ledger) -> None:
    """An item that is behind and ahead is as deep as its shorter way."""
    ledger.take(make(1, "a", "b"), make(2, "b", "c"), make(3, "c", "a"))
    answer = ask(ledger, "a", Direction.BOTH)
    assert {name(one.code): one.depth for one in answer.items} == {"b": 1, "c": 1}


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((Kind.TRANSFORMED,), {"mid"}),
        ((Kind.TRANSFORMED, Kind.INSTALLED), {"mid", "machine"}),
        ((Kind.TRANSFORMED, Kind.INSTALLED, Kind.PACKED), {"mid", "machine", "crate"}),
        ((Kind.INSTALLED, Kind.PACKED, Kind.PART_OF_LOT), set()),
        ((), set()),
    ],
)
def test_only_the_kinds_that_are_asked_for(
    ledger: Ledger, kinds: tuple[Kind, ...], expected: set[str]
) -> None:
    """A trace follows the kinds it is told to."""
    ledger.take(make(1, "raw", "mid"), fit(2, "machine", "mid"), pack(3, "crate", "machine"))
    assert ahead(ledger, "raw", kinds=kinds) == expected
    assert ("raw" in behind(ledger, "crate", kinds=kinds)) is ("crate" in expected)


# What was known, and when.


def test_as_of_leaves_out_what_happened_later(ledger: Ledger) -> None:
    """Later events are not there, and a later DELETE doesn't end its interval."""
    ledger.take(
        make(1, "raw", "mid"), fit(2, "car", "mid"), remove(4, "car", "mid"), make(5, "mid", "end")
    )
    assert ahead(ledger, "raw") == {"mid", "car", "end"}
    assert ahead(ledger, "raw", as_of=at(4)) == {"mid", "car"}
    assert ahead(ledger, "raw", as_of=at(1)) == {"mid"}
    assert ahead(ledger, "raw", as_of=at(0)) == set()
    assert [link.until for link in ask(ledger, "mid", as_of=at(3)).links] == [None]
    assert [link.until for link in ask(ledger, "mid", as_of=at(4)).links] == [at(4)]
    assert behind(ledger, "end", as_of=at(4)) == set()


def test_known_at_leaves_out_what_came_later(ledger: Ledger) -> None:
    """An event counts from the ledger time at which it was received."""
    ledger.take(make(9, "mid", "top"), now=lambda: at(100))
    ledger.take(make(1, "raw", "mid"), now=lambda: at(200))
    assert ahead(ledger, "mid", known_at=at(99)) == set()
    assert ahead(ledger, "mid", known_at=at(100)) == {"top"}
    assert ahead(ledger, "raw", known_at=at(199)) == set()
    assert ahead(ledger, "raw", known_at=at(200)) == {"mid", "top"}


def test_an_event_of_another_log_that_overtook_is_left_out(ledger: Ledger) -> None:
    """Ids rise in order of arrival; where a clock says otherwise, the clock is believed."""
    ledger.take(make(1, "raw", "mid"), slug="one", now=lambda: at(200))
    ledger.take(make(2, "mid", "top"), slug="two", now=lambda: at(100))
    assert ahead(ledger, "mid", known_at=at(150)) == {"top"}
    assert ahead(ledger, "raw", known_at=at(150)) == set()
    assert ahead(ledger, "raw", known_at=at(200)) == {"mid", "top"}


@pytest.mark.parametrize("first", ["event", "declaration"])
def test_an_event_declared_an_error_is_not_there(ledger: Ledger, first: str) -> None:
    """Once the declaration is known the event is gone, whichever of the two came first."""
    wrong = make(2, "mid", "top", eventID="urn:uuid:0f2a4a2c-7e38-4d7a-9f50-000000000001")
    ledger.take(make(1, "raw", "mid"), now=lambda: at(100))
    order = [wrong, declare(wrong)] if first == "event" else [declare(wrong), wrong]
    ledger.take(order[0], now=lambda: at(200))
    assert ahead(ledger, "raw") == ({"mid", "top"} if first == "event" else {"mid"})
    ledger.take(order[1], now=lambda: at(300))
    assert ahead(ledger, "raw") == {"mid"}
    assert behind(ledger, "top") == set()
    assert ahead(ledger, "raw", known_at=at(300)) == {"mid"}
    before = {"mid", "top"} if first == "event" else {"mid"}
    assert ahead(ledger, "raw", known_at=at(250)) == before
    ledger.check()


def test_a_declaration_that_overtook_is_not_known_yet(ledger: Ledger) -> None:
    """A declaration with a later ledger time doesn't hide its event from an earlier question."""
    wrong = make(1, "raw", "mid", eventID="urn:uuid:0f2a4a2c-7e38-4d7a-9f50-000000000002")
    ledger.take(wrong, now=lambda: at(100))
    ledger.take(declare(wrong), now=lambda: at(300))
    ledger.take(see(3, "elsewhere"), slug="two", now=lambda: at(200))
    assert ahead(ledger, "raw", known_at=at(250)) == {"mid"}
    assert ahead(ledger, "raw", known_at=at(300)) == set()


def test_an_unpacking_declared_an_error_ends_nothing(ledger: Ledger) -> None:
    """When the DELETE was wrong, the child was there all the time."""
    wrong = unpack(2, "P", "A") | {"eventID": "urn:uuid:0f2a4a2c-7e38-4d7a-9f50-000000000003"}
    ledger.take(pack(1, "P", "A"), wrong, pack(3, "T", "P"))
    assert ahead(ledger, "A") == {"P"}
    ledger.take(declare(wrong))
    assert ahead(ledger, "A") == {"P", "T"}


# Limits.


@pytest.mark.parametrize(
    ("depth", "items", "cut"),
    [
        (0, set(), (("depth", ("a",)),)),
        (1, {"b"}, (("depth", ("b",)),)),
        (2, {"b", "c", "c2"}, (("depth", ("c",)),)),
        (3, {"b", "c", "c2", "d"}, ()),
        (None, {"b", "c", "c2", "d"}, ()),
    ],
)
def test_a_depth_that_cuts_is_named_with_the_items(
    ledger: Ledger, depth: int | None, items: set[str], cut: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    """The items that have links beyond the limit are named; one that cuts nothing is not a cut."""
    ledger.take(make(1, "a", "b"), make(2, "b", "c c2"), make(3, "c", "d"))
    answer = ask(ledger, "a", depth=depth)
    assert {name(one.code) for one in answer.items} == items
    assert tuple((why, tuple(map(name, codes))) for why, codes in answer.cut) == cut
    assert answer.complete is not bool(cut)


def test_a_limit_of_items_stops_after_its_level(ledger: Ledger) -> None:
    """The level that goes past the limit is whole, and the next one isn't begun."""
    ledger.take(make(1, "a", "b1 b2 b3"), make(2, "b1", "c"), make(2, "b2", "c"))
    answer = ask(ledger, "a", most_items=2)
    assert {name(one.code) for one in answer.items} == {"b1", "b2", "b3"}
    assert [(why, [*map(name, codes)]) for why, codes in answer.cut] == [("items", ["b1", "b2"])]
    assert ask(ledger, "a", most_items=4).complete
    assert ask(ledger, "c", Direction.BACKWARD, most_items=1).cut[0][0] == "items"


def test_a_link_that_is_cut_off_is_a_cut(ledger: Ledger) -> None:
    """With all items there and one link between them missing, the answer isn't complete."""
    ledger.take(make(1, "a", "b c"), make(2, "b", "c"))
    answer = ask(ledger, "a", depth=1)
    assert {name(one.code) for one in answer.items} == {"b", "c"}
    assert pairs(answer) == {("a", "b"), ("a", "c")}
    assert not answer.complete
    assert pairs(ask(ledger, "a", depth=2)) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_a_known_item_that_leads_on_for_a_new_time_is_looked_at(ledger: Ledger) -> None:
    """A cut is noticed though it lies behind an item that was reached for another time already."""
    ledger.take(
        pack(1, "P", "a"),
        unpack(2, "P", "a"),
        fit(3, "b", "a"),
        pack(4, "P", "b"),
        pack(5, "T", "P"),
    )
    assert ahead(ledger, "a") == {"P", "b", "T"}
    answer = ask(ledger, "a", depth=1)
    assert {name(one.code) for one in answer.items} == {"P", "b"}
    assert not answer.complete
    assert ahead(ledger, "a", depth=2) == {"P", "b"}
    assert not ask(ledger, "a", depth=2).complete
    assert ask(ledger, "a", depth=3).complete


def test_a_limit_that_only_widens_times_cuts_nothing(ledger: Ledger) -> None:
    """A further level that brings neither item nor link leaves the answer complete."""
    joined = {"transformationID": "urn:example:run:4"}
    ledger.take(
        make(1, "a", "c"),
        make(2, "c", "", **joined),
        make(3, "", "q", **joined),
        make(5, "a", "", **joined),
        make(6, "", "q", **joined),
    )
    answer = ask(ledger, "a", depth=1)
    assert answer.complete
    assert pairs(answer) == {("a", "c"), ("c", "q"), ("a", "q")}


def test_a_walk_knows_its_root(ledger: Ledger) -> None:
    """An item without links reaches nothing, in either direction."""
    ledger.take(see(1, "alone"))
    for direction in Direction:
        answer = ask(ledger, "alone", direction)
        assert (answer.items, answer.links, answer.complete) == ((), (), True)
    with reading(ledger.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM item").scalar() == 1


def test_a_row_without_a_parent_is_passed_over(ledger: Ledger) -> None:
    """A child's row that lost its parent in the database is no interval, and no crash."""
    ledger.take(pack(1, "P", "a b"))
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE link SET peer = NULL WHERE item_id = (SELECT min(item_id) FROM link"
            f" WHERE role = {Role.PACKED}) AND role = {Role.PACKED}"
        )
    assert len(behind(ledger, "P")) == 1
    assert ahead(ledger, "a") | ahead(ledger, "b") == {"P"}


def _some_of_a_lot(minute: int, parent: str, action: str, *amount: Any) -> Event:
    """Return an event that fits some of the lot L to an assembly, or removes some."""
    return event(
        "AssociationEvent",
        clock(minute),
        action=action,
        parentID=instance(parent),
        childQuantityList=[some(lot("L"), *amount)],
    )


@pytest.mark.parametrize(
    ("removed", "ahead_of_the_lot"),
    [
        ([(40,)], {"M", "P"}),
        ([(40,), (60,)], {"M"}),
        ([(40,), (70,)], {"M"}),
        ([()], {"M"}),
        ([(40, "KGM")], {"M"}),
    ],
)
def test_a_part_of_a_lot_may_leave_and_the_rest_stays(
    ledger: Ledger, removed: list[tuple[Any, ...]], ahead_of_the_lot: set[str]
) -> None:
    """The assembly holds the lot until as much was removed as was fitted, or all that there is."""
    ledger.take(
        _some_of_a_lot(1, "M", "ADD", 100),
        *(_some_of_a_lot(2 + n, "M", "DELETE", *one) for n, one in enumerate(removed)),
        make(9, "M", "P"),
    )
    assert ahead(ledger, lot("L")) == ahead_of_the_lot


def test_an_emptied_assembly_holds_nothing_of_a_lot(ledger: Ledger) -> None:
    """What was fitted before it was emptied doesn't count for what is fitted later."""
    ledger.take(
        _some_of_a_lot(1, "M", "ADD", 100),
        remove(2, "M"),
        _some_of_a_lot(3, "M", "ADD", 5),
        _some_of_a_lot(4, "M", "DELETE", 5),
        make(9, "M", "P"),
    )
    assert ahead(ledger, lot("L")) == {"M"}


def test_what_is_taken_out_and_put_back_in_the_same_second_is_in(ledger: Ledger) -> None:
    """A swap for itself ends nothing; neither does a pallet that was emptied and loaded again."""
    ledger.take(
        fit(1, "M", "c"), remove(2, "M", "c"), fit(2, "M", "c"), make(3, "M", "P"),
        pack(1, "pallet", "b"), empty(2, "pallet"), pack(2, "pallet", "b"),
        pack(3, "truck", "pallet"),
    )  # fmt: skip
    assert ahead(ledger, "c") == {"M", "P"}
    assert ahead(ledger, "b") == {"pallet", "truck"}
    assert behind(ledger, "P") == {"M", "c"}
