"""What an answer leaves open: ends that nobody has reported, and statements that can't be meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.genealogy import completeness
from ledger.genealogy.answer import TraceLink
from ledger.genealogy.completeness import OpenEnd, Question, Reason, Topic
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction, Trace
from tests.ledger.builders import PRODUCT, Ledger, event, instance, lot, made, seen, some
from tests.ledger.genealogy.asking import (
    ask,
    at,
    clock,
    empty,
    fit,
    make,
    name,
    pack,
    remove,
    see,
    unpack,
)

BACK = Direction.BACKWARD
RUN = {"transformationID": "urn:example:run:1"}
FIRST = "urn:uuid:6d1f9be4-4a5e-4f0a-9d14-000000000001"


def ends(answer: Trace) -> set[tuple[str, str]]:
    """Return the open ends by name and reason."""
    return {(name(one.code), one.reason.value) for one in answer.open_ends}


def asked(answer: Trace) -> set[tuple[str, tuple[str, ...]]]:
    """Return the questions by topic and names."""
    return {(one.topic.value, tuple(map(name, one.codes))) for one in answer.questions}


def test_what_others_only_mention(ledger: Ledger) -> None:
    """An item whose own record hasn't come is an open end, the root too."""
    ledger.take(make(1, "a", "b"), fit(2, "car", "b"))
    assert ask(ledger, "a").open_ends == (
        OpenEnd(instance("a"), Reason.ANNOUNCED, at(1)),
        OpenEnd(instance("car"), Reason.ANNOUNCED, at(2)),
    )


def test_what_was_sent_and_never_came(ledger: Ledger) -> None:
    """The end is open from the shipping on, and closed by the receiving."""
    ledger.take(see(0, "a"), make(1, "a", "b c"), see(2, "b c", bizStep="shipping"))
    assert ends(ask(ledger, "a")) == {("b", "in_transit"), ("c", "in_transit")}
    ledger.take(see(3, "b", bizStep="receiving", disposition="in_progress"))
    assert ends(ask(ledger, "a")) == {("c", "in_transit")}
    ledger.take(see(4, "c", bizStep="inspecting", disposition="in_transit"))
    assert ends(ask(ledger, "a")) == {("c", "in_transit")}


def test_what_travels_inside_travels(ledger: Ledger) -> None:
    """A box on a shipped pallet is on its way, and has come when the pallet has."""
    ledger.take(see(0, "a"), make(1, "a", "b"), pack(2, "P", "b"), see(3, "P", bizStep="shipping"))
    assert ends(ask(ledger, "a")) == {("P", "in_transit"), ("b", "in_transit")}
    ledger.take(see(4, "P", bizStep="receiving"))
    assert ends(ask(ledger, "a")) == set()


def test_origins_that_nobody_has_stated(ledger: Ledger) -> None:
    """Backward, what was neither made nor begun by an event has an unknown origin."""
    ledger.take(
        see(0, "begun", action="ADD"), see(0, "there"), make(1, "begun there", "b"), see(2, "b")
    )
    assert ends(ask(ledger, "b", BACK)) == {("there", "origin_unknown")}
    assert ends(ask(ledger, "there")) == set()
    assert ends(ask(ledger, "b", Direction.BOTH)) == {("there", "origin_unknown")}


def test_a_container_needs_no_origin(ledger: Ledger) -> None:
    """Pallets come and go; nobody asks what they are made of."""
    sscc = "https://id.gs1.org/00/095060001343520017"
    ledger.take(see(0, "a", action="ADD"), pack(1, sscc, "a"), see(2, sscc))
    pallet = instance(sscc)
    assert (pallet, "origin_unknown") not in ends(ask(ledger, "a"))


def test_goods_without_their_lot(ledger: Ledger) -> None:
    """A use of a product by its class alone may be of any lot of it that was there then."""
    ledger.take(
        made([some(PRODUCT, 2, "KGM")], [instance("before")], at=clock(1)),
        seen(at=clock(2), action="ADD", quantityList=[some(lot("L"), 5, "KGM")], epcList=[]),
        make(2, "a", "b"),
        made([some(lot("L"), 1, "KGM")], [some(lot("M"), 1, "KGM")], at=clock(3)),
        made([some(PRODUCT, 2, "KGM")], [instance("after")], at=clock(4), eventID=FIRST),
        made([some(lot("L"), 1, "KGM")], ["https://example.com/heap"], at=clock(5)),
    )
    answer = ask(ledger, lot("L"))
    # The lot itself is there at all times, so that what was before may be meant as well.
    assert {one.codes for one in answer.questions} == {(PRODUCT,)}
    later = ask(ledger, lot("L"), since=at(4))
    assert later.questions == (Question(Topic.NO_LOT, (PRODUCT,), FIRST),)


def test_taken_out_of_what_it_was_not_in(ledger: Ledger) -> None:
    """A DELETE without its ADD, or after another DELETE, or before the ADD."""
    ledger.take(
        unpack(1, "P", "a"),
        pack(2, "P", "b"),
        unpack(3, "P", "b"),
        unpack(4, "P", "b"),
        remove(2, "car", "a"),
        fit(3, "car", "a"),
        empty(6, "car"),
    )
    assert asked(ask(ledger, "a")) == {("not_inside", ("a", "P")), ("not_inside", ("a", "car"))}
    assert asked(ask(ledger, "b")) == {("not_inside", ("b", "P"))}


def test_removed_from_nothing(ledger: Ledger) -> None:
    """A DELETE that names no parent asks nothing, for it says nothing."""
    ledger.take(make(0, "z", "a"), see(1, "a", action="DELETE"))
    assert asked(ask(ledger, "a")) == set()


def test_an_output_that_is_older_than_its_inputs(ledger: Ledger) -> None:
    """Of one transformation in several events, outputs before every input are asked about."""
    early = event(
        "TransformationEvent",
        at=clock(1),
        outputEPCList=[instance("old"), instance("x")],
        eventID=FIRST,
        **RUN,
    )
    ledger.take(early, make(3, "a x", "new", **RUN))
    assert ask(ledger, "a", Direction.BOTH).questions == ()
    found = ask(ledger, "x", Direction.BOTH).questions
    assert found == (Question(Topic.TOO_OLD, (instance("x"),), FIRST),)


def test_odd_quantities(ledger: Ledger) -> None:
    """A negative amount, and amounts of one item in several units."""
    ledger.take(
        made([instance("a")], [some(lot("n"), -2, "KGM")], at=clock(1)),
        made([instance("a")], [some(lot("m"), 2, "KGM")], at=clock(2)),
        made([instance("a")], [some(lot("m"), 3, "LTR")], at=clock(3)),
        made([instance("a")], [some(lot("same"), 2, "KGM")], at=clock(4)),
        made([instance("a")], [some(lot("same"), 500, "GRM")], at=clock(5)),
    )
    assert asked(ask(ledger, "a")) == {("negative", ("n",)), ("mixed_units", ("m",))}


def test_circles(ledger: Ledger) -> None:
    """What was made of itself, at once or over others, is asked about once."""
    ledger.take(
        make(1, "a", "b"),
        make(2, "b", "c"),
        make(3, "c", "b"),
        make(4, "c", "d"),
        make(5, "d", "d"),
    )
    assert asked(ask(ledger, "a")) == {("itself", ("b", "c")), ("itself", ("d",))}


def test_questions_are_listed_to_a_limit(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each topic so many, that an answer about a broken file stays readable."""
    monkeypatch.setattr(completeness, "MOST_QUESTIONS", 2)
    ledger.take(*(unpack(1, f"P{n}", "a") for n in range(5)))
    assert len(ask(ledger, "a").questions) == 2


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_circles_are_strongly_connected_parts(edges: set[tuple[int, int]]) -> None:
    """Two items are in one circle exactly where each can be reached from the other."""
    links = [
        TraceLink(str(a), str(b), Kind.TRANSFORMED, "e", 0, None, None, None)
        for a, b in sorted(edges)
    ]
    reach = set(edges)
    for middle in range(8):
        reach |= {(a, d) for a, b in reach for c, d in reach if b == c == middle}
    circles = set(completeness._circles(links))
    wanted = {
        tuple(sorted(str(b) for b in range(8) if {(a, b), (b, a)} <= reach))
        for a in range(8)
        if (a, a) in reach
    }
    assert circles == wanted
