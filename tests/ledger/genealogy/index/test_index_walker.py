"""Walks over the index find exactly what walks over the database find."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger.genealogy.between import trace_between
from ledger.genealogy.index.folder import TraceIndex
from ledger.genealogy.index.reader import IndexReader, NotIndexedError
from ledger.genealogy.index.segment import log_type
from ledger.genealogy.index.walker import IndexWalker
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import FORWARD, Kind, Role
from ledger.genealogy.sight import Share
from ledger.genealogy.trace import Direction, Trace, item_row, trace
from ledger.store.engine import reading
from ledger.store.sets import fetch
from tests.ledger.builders import Event, Ledger, family, instance, lot, seen, some
from tests.ledger.genealogy.asking import at, clock, declare, fit, make, pack, see, unpack
from tests.ledger.genealogy.comparing_traces import captured, known_codes
from tests.ledger.genealogy.index.comparing import compare
from tests.ledger.genealogy.random_genealogies import MINUTES, genealogy
from tests.ledger.genealogy.test_measured import calibrate, measure

KINDS = st.sampled_from(
    [
        tuple(Kind),
        tuple(Kind),
        (Kind.TRANSFORMED,),
        (Kind.PACKED, Kind.TRANSFORMED),
        (Kind.INSTALLED, Kind.PART_OF_LOT),
    ]
)
minutes = st.integers(0, MINUTES - 1)
randoms = st.randoms(use_true_random=False)
numbers = count(700_000_000 // 3)
LIMITS = st.sampled_from([None, None, 0, 1, 2, 3])


STRETCHES = st.dictionaries(
    st.sampled_from([1, 2, 400]),
    st.none() | st.tuples(st.integers(0, 10), st.integers(0, 10)),
    max_size=3,
)
"""By log the tenths of the newest events between which one may be used; None for all of the log."""


def share_of(
    connection: Connection, tenths: dict[int, tuple[int, int] | None] | None
) -> Share | None:
    """Return what may be used; None for everything."""
    if tenths is None:
        return None
    [(last,)] = fetch(connection, "SELECT coalesce(max(id), 0) FROM event")
    first = max(last - 10, 0)
    return Share(
        {
            log: (0, FOREVER) if one is None else (first + one[0] - 1, first + one[1])
            for log, one in tenths.items()
        }
    )


def run(ledger: Ledger, folder: Path, data: st.DataObject) -> None:
    """Draw a genealogy, capture it in three steps with the index made and followed, and compare."""
    random, number = data.draw(randoms), next(numbers)
    drawn = genealogy(random, f"i{number}", number)
    index = TraceIndex(folder, ledger.ticks)
    times = captured(ledger, [drawn], index)
    if data.draw(st.booleans()):
        index.update(ledger.engine, processes=1)
    as_of = data.draw(st.none() | minutes.map(at))
    tenths = data.draw(st.none() | STRETCHES)
    known_at = data.draw(st.sampled_from([None, *times]))
    asked = {"kinds": data.draw(KINDS), "depth": data.draw(LIMITS), "most_items": data.draw(LIMITS)}
    with reading(ledger.engine) as connection:
        walker = index.at(connection)
        assert walker is not None
        share = share_of(connection, tenths)
        links = LinkReader.open(connection, as_of=as_of, known_at=known_at, share=share)
        codes = sorted(known_codes(connection).intersection(drawn.codes))
        for code in codes:
            root = item_row(connection, code)
            for forward in (True, False):
                compare(walker.view, links, root, forward=forward, **asked)
        one, other = (data.draw(st.sampled_from(codes)) for _ in range(2))
        options: dict[str, Any] = {"as_of": as_of, "known_at": known_at, "kinds": asked["kinds"]}
        for found in (None, walker, IndexWalker(walker.view, wide=1)):
            options["walker"] = found
            ways = trace_between(connection, one, other, **options)
            whole = trace(connection, one, Direction.BOTH, **options)
            if found is None:
                expected = ways, whole
            assert (ways, whole) == expected


@pytest.mark.no_cover  # volume: others measure these lines
@settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_walks_are_those_of_the_database(
    sqlite_ledger: Ledger, tmp_path: Path, data: st.DataObject
) -> None:
    """Spans, depths, nodes, intervals and cuts are equal for base, delta and tail at all times."""
    run(sqlite_ledger, tmp_path / "index", data)


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_walks_are_those_of_postgresql(
    postgresql_ledger: Ledger, tmp_path: Path, data: st.DataObject
) -> None:
    """The other database is followed as well."""
    run(postgresql_ledger, tmp_path / "index", data)


GAUGES = [f"https://id.gs1.org/8004/9506000G{number}" for number in range(2)]
steps = st.lists(
    st.tuples(
        st.sampled_from(["make", "measure", "calibrate", "fit"]),
        st.integers(0, 9),
        st.sampled_from("abcde"),
        st.sampled_from("abcde"),
        st.sampled_from(GAUGES),
    ),
    min_size=1,
    max_size=12,
)


def happened(kind: str, minute: int, one: str, other: str, gauge: str) -> Event:
    """Return the event of a step."""
    if kind == "make":
        return make(minute, one, other)
    if kind == "fit":
        return fit(minute, f"{other}-car", one)
    return (
        calibrate(minute, gauge, GAUGES[0]) if kind == "calibrate" else measure(minute, one, gauge)
    )


@pytest.mark.no_cover  # volume: others measure these lines
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=steps, window=st.none() | st.tuples(minutes, minutes))
def test_readings_and_windows_are_walked_alike(
    sqlite_ledger: Ledger, tmp_path: Path, drawn: list[Any], window: tuple[int, int] | None
) -> None:
    """Instruments are left as the database leaves them, for a window of the root's times too."""
    sqlite_ledger.take(*(happened(*one) for one in drawn))
    index = TraceIndex(tmp_path / "index", sqlite_ledger.ticks)
    index.update(sqlite_ledger.engine, rebuild=True, processes=1)
    asked: dict[str, Any] = {"kinds": tuple(Kind)}
    if window is not None:
        asked["spans"] = ((at(min(window)), at(max(window))),)
    with reading(sqlite_ledger.engine) as connection:
        walker = index.at(connection)
        assert walker is not None
        links = LinkReader.open(connection)
        for (root,) in fetch(connection, "SELECT id FROM item"):
            for forward in (True, False):
                compare(walker.view, links, root, forward=forward, **asked)


@pytest.fixture
def index(tmp_path: Path) -> TraceIndex:
    """Give an index whose folder isn't there yet."""
    return TraceIndex(tmp_path / "index", lambda: 7)


def compare_all(
    ledger: Ledger,
    index: TraceIndex,
    as_of: int | None = None,
    known_at: int | None = None,
    **asked: Any,
) -> None:
    """Compare both directions from every item of a ledger, now or at another time."""
    with reading(ledger.engine) as connection:
        walker = index.at(connection)
        assert walker is not None
        links = LinkReader.open(connection, as_of=as_of, known_at=known_at)
        for (root,) in fetch(connection, "SELECT id FROM item"):
            for forward in (True, False):
                compare(walker.view, links, root, forward=forward, **asked)


def test_amounts_say_when_an_interval_ends(ledger: Ledger, index: TraceIndex) -> None:
    """Of a lot that is packed by weight some may leave; the amounts are read from the table."""
    heap, sacks = lot("heap"), instance("sacks")

    def moved(minute: int, parent: str, kilos: int, action: str) -> Event:
        fields = {"childQuantityList": [some(heap, kilos, "KGM")], "at": clock(minute)}
        return family(parent, action=action, **fields)

    ledger.take(moved(0, sacks, 10, "ADD"), moved(1, sacks, 4, "DELETE"))
    index.update(ledger.engine)
    ledger.take(pack(2, "truck", "sacks"), moved(3, sacks, 6, "DELETE"), pack(4, "ship", "sacks"))
    compare_all(ledger, index)
    assert {one.code for one in traced(ledger, index, heap).items} == {
        sacks,
        instance("truck"),
    }
    index.update(ledger.engine)
    compare_all(ledger, index)


def traced(ledger: Ledger, index: TraceIndex, code: str) -> Trace:
    """Trace an item forward with the index."""
    with reading(ledger.engine) as connection:
        return trace(connection, code, walker=index.at(connection))


def test_an_output_that_is_older_is_left_out(ledger: Ledger, index: TraceIndex) -> None:
    """Of several events of one transformation, in arrays as well."""
    same = {"transformationID": "urn:example:run:1"}
    ledger.take(make(1, "a", "p", **same), make(2, "b", "q", **same))
    index.update(ledger.engine)
    compare_all(ledger, index)
    assert {one.code for one in traced(ledger, index, instance("b")).items} == {instance("q")}


def test_an_item_may_be_whole_again(ledger: Ledger, index: TraceIndex) -> None:
    """What was in a pallet for a while and is then made of an affected item is affected for good."""
    ledger.take(
        pack(0, "p", "a"),
        unpack(1, "p", "a"),
        pack(3, "p", "a"),
        unpack(4, "p", "a"),
        make(1, "a", "p q"),
        make(5, "p", "r"),
        fit(2, "car", "p q"),
        make(3, "q", "p"),
    )
    index.update(ledger.engine)
    compare_all(ledger, index)
    compare_all(ledger, index, as_of=at(3))


def test_declared_errors_and_later_events_are_not_there(ledger: Ledger, index: TraceIndex) -> None:
    """In base, delta and tail; an event that is known already may be declared an error later."""
    wrong = make(1, "b", "x", eventID="urn:x:wrong")
    ledger.take(make(0, "a", "b c"), wrong, make(2, "x", "y"))
    index.update(ledger.engine)
    moment = ledger.ticks()
    ledger.take(make(3, "c", "d"), declare(wrong))
    compare_all(ledger, index)
    compare_all(ledger, index, known_at=moment)
    index.update(ledger.engine)
    later = make(4, "d", "e", eventID="urn:x:later")
    ledger.take(later, declare(later))
    compare_all(ledger, index)
    compare_all(ledger, index, known_at=moment)
    compare_all(ledger, index, known_at=moment, as_of=at(1))


def test_a_part_of_a_transformation_may_be_hidden(ledger: Ledger, index: TraceIndex) -> None:
    """Of the events that share a transformationID some are later than what is asked about."""
    run = {"transformationID": "urn:example:run:7"}
    ledger.take(make(0, "a", "", **run), make(1, "b", "c", **run), make(4, "", "d", **run))
    index.update(ledger.engine)
    for minute in range(5):
        compare_all(ledger, index, as_of=at(minute))


def test_what_is_held_apart(ledger: Ledger, index: TraceIndex) -> None:
    """A pallet may be reached for a while, for good, and by both ways in one level."""
    ledger.take(
        pack(1, "p", "r"),
        unpack(2, "p", "r"),
        make(3, "r", "a b c"),
        pack(3, "q", "b"),
        unpack(4, "q", "b"),
        pack(5, "q", "a"),
        pack(4, "s", "b"),
        unpack(6, "s", "b"),
        pack(5, "s", "a"),
        pack(6, "q", "p"),
        make(7, "q s", "z"),
    )
    index.update(ledger.engine)
    compare_all(ledger, index)


@pytest.mark.parametrize("depth", range(1, 6))
def test_a_limit_falls_where_an_item_is_met_again(
    sqlite_ledger: Ledger, index: TraceIndex, depth: int
) -> None:
    """An input that was used at several moments is looked at again for the earlier one."""
    sqlite_ledger.take(
        make(0, "o", "x"),
        make(0, "m", "k"),
        make(1, "x k", "y"),
        make(2, "y", "z"),
        make(3, "x", "v"),
        make(4, "v", "u"),
        make(5, "x z u", "w"),
        fit(0, "x", "part"),
        make(0, "ore", "part"),
        fit(1, "z", "x n"),
        make(0, "iron", "n"),
        make(1, "x", "v2"),
        make(1, "x", "v3"),
        make(2, "v3", "v4"),
        make(3, "v2 v4", "v5"),
    )
    index.update(sqlite_ledger.engine)
    compare_all(sqlite_ledger, index, depth=depth)
    compare_all(sqlite_ledger, index, depth=depth, kinds=(Kind.TRANSFORMED,))
    compare_all(sqlite_ledger, index, most_items=depth)


def test_an_unknown_item_reaches_nothing(ledger: Ledger, index: TraceIndex) -> None:
    """An item that was only seen, and so late that the index doesn't hold its id, is the root."""
    ledger.take(make(0, "a", "b"))
    index.update(ledger.engine)
    ledger.take(see(1, "late"))
    compare_all(ledger, index)


def test_roles_that_the_index_leaves_out_are_left_to_the_database(
    sqlite_ledger: Ledger, index: TraceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kind of link made of other roles than those is walked by SQL."""
    sqlite_ledger.take(make(0, "a", "b"), see(1, "a b"))
    index.update(sqlite_ledger.engine)
    monkeypatch.setitem(FORWARD, Kind.PACKED, (Role.OBSERVED,))
    compare_all(sqlite_ledger, index)
    with reading(sqlite_ledger.engine) as connection:
        walker = index.at(connection)
        assert walker is not None
        reader = IndexReader(walker.view, LinkReader.open(connection))
        with pytest.raises(NotIndexedError):
            list(reader.scan_nodes([0], Role.OBSERVED))


def test_room_is_used_again_and_left_empty(sqlite_ledger: Ledger, index: TraceIndex) -> None:
    """A walk leaves nothing behind for the next one."""
    sqlite_ledger.take(
        make(0, "a", "b c d"), make(1, "b c", "e"), pack(2, "p", "e"), seen_lot("m", "e")
    )
    index.update(sqlite_ledger.engine)
    compare_all(sqlite_ledger, index)
    with reading(sqlite_ledger.engine) as connection:
        walker = index.at(connection)
        assert walker is not None
        root = item_row(connection, instance("a"))
        links = LinkReader.open(connection)
        for forward in (True, False):
            for _ in range(3):
                IndexWalker(walker.view, 1)(links, root, forward=forward)
                room = walker.view.take_room(1)
                assert not any(
                    one.any() for one in (room.strength, room.kinds, room.entered, room.passed)
                )
                walker.view.give_room(room)


def test_the_log_of_each_event_is_known(ledger: Ledger, index: TraceIndex) -> None:
    """In base, delta and tail, where logs come in turns, and one is not known to the index yet."""
    for step in range(3):
        for slug in ("one", "other", f"late{step}"):
            ledger.take(make(step, f"{slug}{step} x", f"y{slug}{step} x"), slug=slug)
        if step < 2:
            index.update(ledger.engine)
    rows = dict(ledger.rows("SELECT id, log_id FROM event"))
    with reading(ledger.engine) as connection:
        walker = index.at(connection)
        assert walker is not None
        found = {
            one.first_event + at: log
            for one in walker.view.segments
            for at, log in enumerate(one.logs.tolist())
        }
        assert found == rows
        for log in {*rows.values()}:
            links = LinkReader.open(connection, share=Share({log: (0, FOREVER)}))
            for (root,) in fetch(connection, "SELECT id FROM item"):
                compare(walker.view, links, root, forward=True)


def test_logs_may_be_many() -> None:
    """A log's id takes a byte while it can."""
    assert [log_type(one).itemsize for one in (1, 255, 256, 1 << 32)] == [1, 1, 4, 8]


def seen_lot(number: str, *members: str) -> Event:
    """Return an event that makes members of a lot."""
    codes = [instance(one) for one in members]
    return seen(*codes, action="ADD", ilmd={"cbvmda:lotNumber": number}, at=clock(0))
