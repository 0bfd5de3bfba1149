"""Walks that are cut by time: what was found stands, and nothing that may lead on goes unnamed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import UsageError
from ledger.genealogy import limits
from ledger.genealogy.between import trace_between
from ledger.genealogy.index.folder import TraceIndex
from ledger.genealogy.index.walker import IndexWalker
from ledger.genealogy.intervals import covers
from ledger.genealogy.limits import time_limit
from ledger.genealogy.links import LinkReader
from ledger.genealogy.trace import Direction, item_row, trace
from ledger.genealogy.walk import BackwardStep, ForwardStep, Walk, Walker, walk
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, instance
from tests.ledger.genealogy.asking import ask, make
from tests.ledger.genealogy.two_logs import Case, happenings


def after(looks: int) -> Callable[[], bool]:
    """Return a limit that is reached when it was asked about so often."""
    left = iter(range(looks))
    return lambda: next(left, None) is None


def check(links: LinkReader, found: Walk, whole: Walk) -> None:
    """Fail unless a walk is a sound part of the whole one."""
    assert found.reached.keys() == found.depth.keys() <= whole.reached.keys()
    assert found.nodes <= whole.nodes
    assert found.inside <= whole.inside
    for item, spans in found.reached.items():
        assert all(covers(whole.reached[item], span) for span in spans)
        assert found.depth[item] >= whole.depth[item]
    if found.stopped_by is None:
        assert found.reached == whole.reached
        assert (found.nodes, found.inside) == (whole.nodes, whole.inside)
        return
    assert found.stopped_by == "time"
    assert found.beyond == sorted(found.reached.keys() & set(found.beyond))
    assert found.beyond
    # Whoever isn't named has been looked at to the end.
    known = dict(found.reached)
    kind = ForwardStep if found.forward else BackwardStep
    step = kind(links, found, ("transformed", "part_of_lot", "installed", "packed"))  # type: ignore[arg-type]
    step.expand({item: list(known[item]) for item in known.keys() - set(found.beyond)})
    assert found.reached == known


@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_walk_may_end_anywhere(
    sqlite_ledger: Ledger, tmp_path: Path, data: st.DataObject
) -> None:
    """Over the database and over the index, row by row and in arrays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "_AT_ONCE", 1)
        end_anywhere(sqlite_ledger, tmp_path / "index", data)


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_walk_over_postgresql_may_end_anywhere(
    postgresql_ledger: Ledger, tmp_path: Path, data: st.DataObject
) -> None:
    """The other database is left as soon."""
    end_anywhere(postgresql_ledger, tmp_path / "index", data)


def end_anywhere(ledger: Ledger, folder: Path, data: st.DataObject) -> None:
    """Capture a genealogy and end walks over it after any number of looks at the clock."""
    case = Case(ledger)
    case.send([(one, False) for one in data.draw(happenings())])
    index = TraceIndex(folder, ledger.ticks)
    index.update(ledger.engine, rebuild=True, processes=1)
    looks = data.draw(st.integers(0, 12))
    depth = data.draw(st.none() | st.integers(1, 3))
    with reading(ledger.engine) as connection:
        links = LinkReader.open(connection)
        indexed = index.at(connection)
        assert indexed is not None
        walkers: list[Walker] = [walk, *(IndexWalker(indexed.view, wide) for wide in (1, 2, 1000))]
        for name in case.named():
            root = item_row(connection, case.code(name))
            for forward in (True, False):
                for walker in walkers:
                    asked: dict[str, Any] = {"forward": forward, "depth": depth}
                    whole = walker(links, root, **asked)
                    found = walker(links, root, **asked, time_is_up=after(looks))
                    if found.stopped_by == "depth":
                        assert found == whole
                    else:
                        assert found.stopped_by or whole.stopped_by is None
                        check(links, found, whole)
        room = indexed.view.take_room(1)
        assert not any(one.any() for one in (room.strength, room.kinds, room.entered, room.passed))
        indexed.view.give_room(room)


def test_time_may_be_up_where_depth_ends(sqlite_ledger: Ledger) -> None:
    """Whichever look at the clock is the last, a walk is cut for one reason and its ends are named."""
    sqlite_ledger.take(make(0, "a", "b"), make(1, "b", "c"), make(2, "c", "d"))
    with reading(sqlite_ledger.engine) as connection:
        links, root = LinkReader.open(connection), item_row(connection, instance("a"))
        found = [
            walk(links, root, forward=True, depth=1, time_is_up=after(looks)) for looks in range(20)
        ]
    assert {one.stopped_by for one in found} == {"time", "depth"}
    assert all(one.beyond for one in found)


def ticking() -> Callable[[], float]:
    """Return a clock that goes on by a second whenever somebody looks at it."""
    seconds = iter(range(1000))
    return lambda: float(next(seconds))


def test_a_trace_says_where_its_time_was_up(ledger: Ledger) -> None:
    """The limit holds for both directions together, and an answer that is done in time is complete."""
    ledger.take(make(0, "a", "b"), make(1, "b", "c"), make(2, "c", "d"))
    assert ask(ledger, "a", seconds=0, clock=ticking()).cut == (("time", (instance("a"),)),)
    answer = ask(ledger, "a", seconds=6, clock=ticking())
    assert [reason for reason, _codes in answer.cut] == ["time"]
    assert answer.items
    assert ask(ledger, "a", seconds=900, clock=ticking()).complete
    assert ask(ledger, "d", seconds=0).complete
    both = ask(ledger, "b", Direction.BOTH, seconds=0, clock=ticking())
    assert both.cut == (("time", (instance("b"),)),) * 2
    with reading(ledger.engine) as connection:
        ends = instance("a"), instance("d")
        ways = trace_between(connection, *ends, seconds=0, clock=ticking())
        assert ways.cut == (("time", (instance("a"),)),)
        assert trace_between(connection, *ends, seconds=900, clock=ticking()).complete


def test_an_index_is_left_in_time(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    """A trace over the index is cut as one over the database."""
    sqlite_ledger.take(make(0, "a", "b"), make(1, "b", "c"))
    index = TraceIndex(tmp_path / "index", lambda: 7)
    index.update(sqlite_ledger.engine)
    with reading(sqlite_ledger.engine) as connection:
        walker = index.at(connection)
        answer = trace(connection, instance("a"), seconds=0, walker=walker, clock=ticking())
    assert answer.cut == (("time", (instance("a"),)),)


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_limit_that_is_none_is_refused(seconds: float) -> None:
    """There is no time before now."""
    with pytest.raises(UsageError, match="Expected 0 seconds or more"):
        time_limit(seconds, ticking())
