"""Answers made of some logs only, or of verified entries only: nothing else is told, all cuts are."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import NotFoundError
from ledger.genealogy.between import trace_between
from ledger.genealogy.roles import Kind
from ledger.genealogy.sight import LogHead, Share, sight_of
from ledger.genealogy.trace import Direction, Trace, heads
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, instance, lot, made, seen, some
from tests.ledger.genealogy.asking import (
    ask,
    at,
    clock,
    declare,
    fit,
    make,
    name,
    pack,
    remove,
    see,
)
from tests.ledger.genealogy.two_logs import (
    MOMENTS,
    Case,
    Happening,
    Reach,
    World,
    happenings,
    minutes,
)

RUN = {"transformationID": "urn:example:run:1"}


def cut(answer: Trace) -> dict[str, list[str]]:
    """Return where an answer was cut, by names."""
    return {reason: [name(code) for code in codes] for reason, codes in answer.cut}


def both_logs(ledger: Ledger) -> None:
    """Let one firm make and pack, and another one go on with what it got."""
    ledger.take(make(0, "a", "b"), pack(1, "p", "b"), slug="one")
    ledger.take(make(5, "b", "c"), see(6, "p", disposition="in_transit"), slug="other")


def test_a_log_that_may_not_be_read_is_not_told_of(ledger: Ledger) -> None:
    """Its codes, events, states and head are not in the answer; where it goes on is."""
    both_logs(ledger)
    answer = ask(ledger, "a", told_by=["one"])
    assert {name(one.code) for one in answer.items} == {"b", "p"}
    assert cut(answer) == {"rights": ["b"]}
    assert not answer.complete
    assert set(answer.heads) == {"localhost/log/one"}
    assert [one.status for one in answer.items] == [None, None]
    assert instance("c") not in json.dumps(answer.as_dict())
    assert cut(ask(ledger, "a", told_by=["one", "other"])) == {}


def test_an_item_that_only_others_name_is_not_found(ledger: Ledger) -> None:
    """Whoever may not read a log can't find out which codes it names."""
    both_logs(ledger)
    with pytest.raises(NotFoundError) as unknown:
        ask(ledger, "nowhere", told_by=["one"])
    with pytest.raises(NotFoundError) as withheld:
        ask(ledger, "c", told_by=["one"])
    assert str(withheld.value) == str(unknown.value).replace("nowhere", "c")
    with pytest.raises(NotFoundError, match="No organisation 'nobody' here"):
        ask(ledger, "a", told_by=["nobody"])
    with pytest.raises(NotFoundError, match="No event"):
        ask(ledger, "a", told_by=[])


@pytest.mark.parametrize("moment", range(8))
def test_asking_about_other_times_tells_nothing(sqlite_ledger: Ledger, moment: int) -> None:
    """The cut is the same whenever the withheld event happened or came, and whichever span is meant."""
    both_logs(sqlite_ledger)
    for option in ("as_of", "until", "since"):
        asked: Any = {option: at(moment), "told_by": ["one"]}
        assert cut(ask(sqlite_ledger, "b", **asked)) == {"rights": ["b"]}
    known_at = sqlite_ledger.ticks() - 3
    assert cut(ask(sqlite_ledger, "b", told_by=["one"], known_at=known_at)) == {"rights": ["b"]}


def test_both_sides_of_a_transformation_in_two_logs(ledger: Ledger) -> None:
    """One firm tells the inputs, the other the outputs."""
    ledger.take(make(0, "a", "", **RUN), make(1, "x", "y"), slug="one")
    ledger.take(make(3, "", "b", **RUN), slug="other")
    assert cut(ask(ledger, "a", told_by=["one"])) == {"rights": ["a"]}
    assert cut(ask(ledger, "x", told_by=["one"])) == {}
    assert cut(ask(ledger, "b", Direction.BACKWARD, told_by=["other"])) == {"rights": ["b"]}
    assert cut(ask(ledger, "b", Direction.BOTH, told_by=["other"])) == {"rights": ["b"]}
    kinds = (Kind.PACKED,)
    assert cut(ask(ledger, "a", told_by=["one"], kinds=kinds)) == {}


def test_what_was_declared_an_error_leads_nowhere(ledger: Ledger) -> None:
    """An event that another log has taken back is no reason for a cut."""
    wrong = make(5, "a", "c", eventID="urn:x:wrong")
    ledger.take(make(0, "a", "b"), slug="one")
    ledger.take(wrong, slug="other")
    assert cut(ask(ledger, "a", told_by=["one"])) == {"rights": ["a"]}
    ledger.take(declare(wrong), slug="other")
    assert cut(ask(ledger, "a", told_by=["one"])) == {}


def test_limits_and_rights_are_told_together(ledger: Ledger) -> None:
    """An answer may be cut for several reasons."""
    both_logs(ledger)
    assert cut(ask(ledger, "a", told_by=["one"], depth=1)) == {"depth": ["b"], "rights": ["b"]}


def known(ledger: Ledger) -> dict[str, LogHead]:
    """Return the heads of all logs, to pass for verified."""
    with reading(ledger.engine) as connection:
        return heads(connection)


def test_only_verified_entries_are_used(ledger: Ledger) -> None:
    """Later ones are left out, and the items named at which they lead on."""
    ledger.take(make(0, "a", "b"))
    verified = known(ledger)
    assert cut(ask(ledger, "a", verified=verified)) == {}
    ledger.take(make(2, "b", "c"), see(3, "a"))
    answer = ask(ledger, "a", verified=verified)
    assert {name(one.code) for one in answer.items} == {"b"}
    assert cut(answer) == {"unverified": ["b"]}
    assert answer.heads == verified
    assert ask(ledger, "a", verified=known(ledger)).complete
    assert ask(ledger, "a", verified=verified, as_of=at(1)).complete
    with pytest.raises(NotFoundError):
        ask(ledger, "c", verified=verified)
    for unverified in ("a", "nowhere"):
        with pytest.raises(NotFoundError, match=r"No verified event .* run 'suyuan verify'"):
            ask(ledger, unverified, verified={})


def test_what_is_unverified_leads_on_only_in_time(ledger: Ledger) -> None:
    """A link that could not have been taken is no cut."""
    ledger.take(
        make(4, "a", "b"), make(4, "a", "", **RUN), fit(0, "car", "x"), remove(2, "car", "x")
    )
    verified = known(ledger)
    ledger.take(
        make(3, "b", "c"),
        make(3, "", "d", **RUN),
        fit(5, "bus", "car"),
        see(1, "q"),
        seen(instance("m"), action="ADD", ilmd={"cbvmda:lotNumber": "L"}, at=clock(9)),
    )
    assert cut(ask(ledger, "a", verified=verified)) == {}
    assert cut(ask(ledger, "x", verified=verified)) == {}
    assert cut(ask(ledger, "car", verified=verified)) == {"unverified": ["car"]}
    ledger.take(made([], [some(lot("L"), 1)], at=clock(9), **RUN))
    assert cut(ask(ledger, "a", verified=verified)) == {"unverified": ["a"]}


def test_members_of_lots_are_beyond_at_all_times(ledger: Ledger) -> None:
    """Membership has no time."""
    ledger.take(seen(lot("L"), at=clock(0), epcList=[], quantityList=[some(lot("L"), 2)]))
    verified = known(ledger)
    ledger.take(seen(instance("m"), action="ADD", ilmd={"cbvmda:lotNumber": "L"}, at=clock(9)))
    assert cut(ask(ledger, lot("L"), verified=verified)) == {"unverified": ["L"]}


def test_a_declaration_that_is_not_verified_is_not_believed(ledger: Ledger) -> None:
    """The event is used as it was verified; a verified one holds for what comes later."""
    wrong = make(0, "a", "b", eventID="urn:x:wrong")
    later = make(1, "a", "c", eventID="urn:x:later")
    ledger.take(wrong, declare(later))
    verified = known(ledger)
    ledger.take(declare(wrong), later)
    answer = ask(ledger, "a", verified=verified)
    assert {name(one.code) for one in answer.items} == {"b"}
    assert answer.complete


def test_rights_and_verification_are_told_apart(ledger: Ledger) -> None:
    """What may not be read is a matter of rights, verified or not."""
    ledger.take(make(0, "a", "b"), slug="one")
    ledger.take(make(0, "b", "x"), slug="other")
    verified = known(ledger)
    ledger.take(make(1, "a", "c"), slug="one")
    ledger.take(make(1, "b", "y"), slug="other")
    answer = ask(ledger, "a", told_by=["one"], verified=verified)
    assert cut(answer) == {"rights": ["b"], "unverified": ["a"]}
    assert answer.heads == {"localhost/log/one": verified["localhost/log/one"]}


def test_ways_between_two_items(ledger: Ledger) -> None:
    """The ways are those that may be seen; where others may begin is named."""
    both_logs(ledger)
    ledger.take(make(1, "a", "x"), make(7, "c", "d"), make(8, "x", "d"), slug="one")
    with reading(ledger.engine) as connection:
        ways = trace_between(connection, instance("a"), instance("d"), told_by=["one"])
        assert {name(one.code) for one in ways.items} == {"x", "d"}
        assert cut(ways) == {"rights": ["b", "c"]}
        assert set(ways.heads) == {"localhost/log/one"}
        whole = trace_between(connection, instance("a"), instance("d"))
        assert {name(one.code) for one in whole.items} == {"b", "c", "x", "d"}
        assert whole.complete
        with pytest.raises(NotFoundError):
            trace_between(connection, instance("a"), instance("c"), told_by=[])


def test_many_logs_that_are_verified_in_part(ledger: Ledger) -> None:
    """A condition over a thousand logs is one that both databases take."""
    ledger.take(make(0, "a", "b"))
    [(log, event)] = ledger.rows("SELECT log_id, id FROM event")
    many = dict.fromkeys(range(log + 1, log + 1500), (0, 7))
    whole = Share({log: (0, event), **many})
    for share, rows in (
        (whole, 1),
        (Share(many), 0),
        (Share({}), 0),
        (Share({log: (event, 9)}), 0),
    ):
        found = ledger.rows(f"SELECT id FROM event WHERE {share.condition('event.id')}")
        assert len(found) == rows
        assert share.holds(log, event) is bool(rows)


def test_everything_that_is_there_needs_no_condition(ledger: Ledger) -> None:
    """All logs, verified to their ends, are read as if nobody had asked."""
    both_logs(ledger)
    with reading(ledger.engine) as connection:
        sight = sight_of(connection, ["one", "other"], heads(connection))
        assert sight.share is None
        assert not sight.withheld
        empty = sight_of(connection, ["one"], {})
        assert empty.share is not None
        assert set(empty.share.stretches.values()) == {(0, 0)}


def told(case: Case, answer: Trace) -> dict[str, Any]:
    """Return what an answer says, without names of its case, and without heads and cut."""
    text = json.dumps(answer.as_dict()).replace(f"/{case.number}-", "/")
    for number in range(20):
        text = text.replace(
            case.event(Happening(number, "make", 0, (), ()))["eventID"], str(number)
        )
    said: dict[str, Any] = json.loads(text)
    for key in ("heads", "cut", "complete"):
        del said[key]
    return {
        key: sorted(value, key=json.dumps) if isinstance(value, list) else value
        for key, value in said.items()
    }


def reach_of(world: World, root: str) -> Reach:
    """Return all that is ahead of an item, and when."""
    reach: Reach = {(root, moment) for moment in MOMENTS}
    while True:
        new, _links = world.step(reach)
        if new <= reach:
            return reach
        reach |= new


LEFT = {"make", "fit", "pack", "remove", "unpack"}


def expected_cut(world: World, withheld: list[Happening], root: str) -> set[str]:
    """Return the items from which withheld events lead on forward."""
    reach = reach_of(world, root)
    reached = {item for item, _moment in reach}
    found: set[str] = set()
    for one in withheld:
        found |= reached & set(one.left if one.kind in LEFT else ())
        found |= reached & set(one.right if one.kind == "lot" else ())
        for other in world.happenings:
            if one.run is not None and other.run == one.run and one.right:
                found |= {item for item in other.left if (item, other.minute) in reach}
    return found


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_an_answer_of_one_log_is_that_of_a_ledger_without_the_others(
    sqlite_ledger: Ledger, data: st.DataObject
) -> None:
    """Items, states, quantities, links, open ends and questions are the same; the cut is exact."""
    one_log(sqlite_ledger, data)


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_an_answer_of_one_log_on_postgresql(postgresql_ledger: Ledger, data: st.DataObject) -> None:
    """The other database withholds as much."""
    one_log(postgresql_ledger, data)


def one_log(ledger: Ledger, data: st.DataObject) -> None:
    """Capture a genealogy of two logs, and one of them alone, and compare."""
    drawn = data.draw(happenings())
    wrong = data.draw(st.lists(st.sampled_from(drawn), unique=True, max_size=2))
    arrivals = data.draw(
        st.permutations([*((one, False) for one in drawn), *((one, True) for one in wrong)])
    )
    case, alone = Case(ledger), Case(ledger)
    case.send(arrivals)
    alone.send([(one, taken) for one, taken in arrivals if one.log == 0])
    ledger.organisation("log0")
    asked: dict[str, Any] = {"as_of": data.draw(st.none() | minutes.map(at))}
    shown = set(alone.named())
    world = World(one for one in drawn if one.log == 0 and one not in wrong)
    withheld = [one for one in drawn if one.log == 1 and one not in wrong]
    for item in case.named():
        for direction in (Direction.FORWARD, Direction.BACKWARD):
            if item not in shown:
                with pytest.raises(NotFoundError):
                    case.ask(item, direction, told_by=["log0"])
                continue
            answer = case.ask(item, direction, told_by=["log0"], **asked)
            assert told(case, answer) == told(alone, alone.ask(item, direction, **asked))
            assert set(answer.heads) == {"localhost/log/log0"}
            names = {item, *(case.name(one.code) for one in answer.items)}
            places = {case.name(code) for _reason, codes in answer.cut for code in codes}
            assert {reason for reason, _codes in answer.cut} <= {"rights"}
            assert places <= names
            if direction is Direction.FORWARD and asked["as_of"] is None:
                assert places == expected_cut(world, withheld, item)
            if answer.complete:
                whole = case.ask(item, direction, **asked)
                assert {case.name(one.code) for one in whole.items} <= names


@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_an_answer_of_verified_entries_is_the_one_of_then(
    sqlite_ledger: Ledger, data: st.DataObject
) -> None:
    """Whatever came behind the marks changes nothing but the cut, which never misses anything."""
    verified_only(sqlite_ledger, data)


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_an_answer_of_verified_entries_on_postgresql(
    postgresql_ledger: Ledger, data: st.DataObject
) -> None:
    """The other database knows how far it was verified as well."""
    verified_only(postgresql_ledger, data)


def verified_only(ledger: Ledger, data: st.DataObject) -> None:
    """Ask, capture more, and ask again with the heads of before."""
    drawn = data.draw(happenings())
    wrong = data.draw(st.lists(st.sampled_from(drawn), unique=True, max_size=2))
    arrivals = data.draw(
        st.permutations([*((one, False) for one in drawn), *((one, True) for one in wrong)])
    )
    half = data.draw(st.integers(0, len(arrivals)))
    case = Case(ledger)
    case.send(arrivals[:half])
    verified = known(ledger)
    asked: dict[str, Any] = {"as_of": data.draw(st.none() | minutes.map(at))}
    ways = (Direction.FORWARD, Direction.BACKWARD)
    before = {
        (item, way): case.ask(item, way, **asked).as_dict() for item in case.named() for way in ways
    }
    case.send(arrivals[half:])
    for (item, way), expected in before.items():
        found = case.ask(item, way, verified=verified, **asked)
        assert found.as_dict() | {"cut": [], "complete": True} == expected
        names = {item, *(case.name(one.code) for one in found.items)}
        assert {case.name(code) for _reason, codes in found.cut for code in codes} <= names
        if found.complete:
            whole = case.ask(item, way, **asked)
            assert {case.name(one.code) for one in whole.items} <= names
