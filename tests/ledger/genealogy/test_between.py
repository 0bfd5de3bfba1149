"""All ways from one item to another, and nothing beside them."""

from random import Random

import pytest

from ledger.errors import NotFoundError
from ledger.genealogy.between import trace_between
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Trace
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, instance, lot, made, seen, some
from tests.ledger.genealogy.asking import at, clock, fit, make, name, pack, pairs, remove
from tests.ledger.genealogy.comparing_traces import captured, known_codes, links_of
from tests.ledger.genealogy.random_genealogies import genealogies
from tests.ledger.genealogy.slow_trace import Question, World, between


def ways(ledger: Ledger, first: str, last: str, **options: object) -> Trace:
    """Ask for the ways between two instances."""
    with reading(ledger.engine) as connection:
        return trace_between(connection, instance(first), instance(last), **options)  # type: ignore[arg-type]


def test_every_way_and_no_other(ledger: Ledger) -> None:
    """A diamond's both sides are ways; what leads elsewhere, or comes from elsewhere, is none."""
    ledger.take(
        make(1, "a x", "b"),
        make(1, "a", "c"),
        make(2, "b c", "d"),
        make(2, "b", "e"),
        make(3, "d", "f"),
    )
    found = ways(ledger, "a", "d")
    assert [(name(one.code), one.depth) for one in found.items] == [("b", 1), ("c", 1), ("d", 2)]
    assert pairs(found) == {("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")}
    assert (found.target, found.complete) == (instance("d"), True)
    assert found.root_item is not None
    assert found.as_dict()["target"] == instance("d")


def test_where_no_way_leads(ledger: Ledger) -> None:
    """Items that stand in one ledger need not hang together; and no way leads back."""
    ledger.take(make(1, "a", "b"), make(1, "x", "y"))
    for first, last in (("a", "y"), ("b", "a")):
        found = ways(ledger, first, last)
        assert (found.items, found.links) == ((), ())
    with pytest.raises(NotFoundError, match="nobody"):
        ways(ledger, "a", "nobody")


def test_times_follow_on_the_way(ledger: Ledger) -> None:
    """A way through an assembly counts only while the part was in it."""
    ledger.take(
        fit(1, "m", "cell"), remove(2, "m", "cell"), fit(3, "m", "other"), fit(4, "pack", "m")
    )
    assert ways(ledger, "cell", "pack").items == ()
    assert pairs(ways(ledger, "other", "pack")) == {("other", "m"), ("m", "pack")}


def test_an_item_is_on_the_way_only_at_moments_of_both(ledger: Ledger) -> None:
    """One assembly in two lives: the first is ahead of the root, the second behind the target."""
    ledger.take(
        fit(1, "m", "a"), remove(2, "m", "a"), make(2, "m", "x"),
        fit(4, "m", "b"), make(5, "m", "y"), make(3, "x", "z"), make(6, "z y", "end"),
    )  # fmt: skip
    way = {("a", "m"), ("m", "x"), ("x", "z"), ("z", "end")}
    assert pairs(ways(ledger, "a", "end")) == way
    assert pairs(ways(ledger, "b", "end")) == {("b", "m"), ("m", "y"), ("y", "end")}
    ledger.take(make(6, "a y", "last"))
    assert pairs(ways(ledger, "a", "last")) == {("a", "last")}


def test_kinds_and_times_of_the_question(ledger: Ledger) -> None:
    """Only links of some kinds, as of a time."""
    ledger.take(make(1, "a", "b"), pack(2, "P", "b"), make(3, "b", "c"))
    assert pairs(ways(ledger, "a", "P")) == {("a", "b"), ("b", "P")}
    assert ways(ledger, "a", "P", kinds=(Kind.TRANSFORMED,)).items == ()
    assert ways(ledger, "a", "c", as_of=at(2)).items == ()


def test_a_lot_and_its_member_on_ways_at_different_times(ledger: Ledger) -> None:
    """The member goes into the lot at last; that the lot is its own doesn't lead there."""
    ledger.take(
        seen(instance("d"), at=clock(0), action="ADD", ilmd={"cbvmda:lotNumber": "L"}),
        make(1, "d", "e"),
        made([instance("e")], [some(lot("L"), 1, "KGM")], at=clock(5)),
    )
    with reading(ledger.engine) as connection:
        found = trace_between(connection, instance("d"), lot("L"))
    assert pairs(found) == {("d", "e"), ("e", "L")}


def test_ways_are_those_of_the_slow_trace(sqlite_ledger: Ledger) -> None:
    """Between random items of random genealogies, the links on all ways."""
    random = Random(1)  # noqa: S311 - the same each time
    drawn = list(genealogies(21, 150))
    captured(sqlite_ledger, drawn)
    with reading(sqlite_ledger.engine) as connection:
        known = known_codes(connection)
        for one in drawn:
            world = World(one.happenings, Question(""))
            for _ in range(4):
                first, last = random.sample([code for code in one.codes if code in known], 2)
                found = trace_between(connection, first, last)
                assert links_of(found) == between(world, first, last)


def test_many_paths_are_few_links(sqlite_ledger: Ledger) -> None:
    """A ladder of 25 diamonds has 33 million paths, and is answered at once."""
    steps = []
    for number in range(25):
        left, right = f"l{number}", f"r{number}"
        steps += [
            make(number, f"n{number}", f"{left} {right}"),
            make(number, f"{left} {right}", f"n{number + 1}"),
        ]
    sqlite_ledger.take(*steps)
    found = ways(sqlite_ledger, "n0", "n25")
    assert (len(found.items), len(found.links)) == (75, 100)


def test_ways_that_a_limit_cuts_off(ledger: Ledger) -> None:
    """A limit on either walk leaves an answer that says where it was cut; one that cuts nothing doesn't."""
    ledger.take(make(1, "a", "b1 b2 b3"), make(2, "b1 b2 b3 x y", "c"), make(3, "c", "d"))
    found = ways(ledger, "a", "d", most_items=2)
    assert (found.items, found.complete) == ((), False)
    assert [(reason, list(map(name, codes))) for reason, codes in found.cut] == [
        ("items", ["b1", "b2", "b3"])
    ]
    ledger.take(make(0, "p q r", "x"), make(0, "s", "y"))
    back = ways(ledger, "a", "d", most_items=6)
    assert {name(one.code) for one in back.items} >= {"c", "d"}
    [(reason, codes)] = back.cut
    assert (reason, {"x", "y"} <= set(map(name, codes))) == ("items", True)
    assert ways(ledger, "a", "d", most_items=20).complete
