"""A world's own book against the ledger's traces: every item, both ways, on both databases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.errors import UsageError
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import Kind, Role
from ledger.genealogy.trace import Direction, item_row, trace
from ledger.genealogy.walk import walk
from ledger.keys import KeyFolder
from ledger.query import item
from ledger.receipts import Status
from ledger.store.engine import reading
from ledger.store.sets import fetch
from ledger.verification import verify_ledger
from suyuan.demo.world.book import KINDS, Book
from suyuan.demo.world.filling import Filled, fill
from suyuan.demo.world.life import World
from suyuan.demo.world.plan import START
from suyuan.settings import Settings
from suyuan.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

WAYS = tuple(map(Kind, KINDS))


def workspace(engine: "Engine", folder: Path) -> Workspace:
    """Return a ledger with keys of its own."""
    keys = folder / "keys"
    url = engine.url.render_as_string(hide_password=False)
    return Workspace(Settings(db=url, keys=keys), engine, KeyFolder(keys))


def answer(connection: "Connection", code: str, direction: str) -> frozenset[str]:
    """Return the codes that the ledger's trace reaches."""
    found = trace(connection, code, Direction(direction), kinds=WAYS)
    assert found.complete
    return frozenset(one.code for one in found.items)


def require_whole(world: World, filled: Filled, connection: "Connection") -> None:
    """Every event was taken as it is, and the ledger holds as many items as were counted."""
    assert filled.whole
    assert filled.warnings == 0
    assert filled.counts[Status.ACCEPTED] == world.events == sum(filled.counts.values())
    assert filled.items == world.named
    # What only measures is an item as well, and no goods.
    goods = "SELECT count(DISTINCT item_id) FROM link WHERE role <> {p}"
    assert fetch(connection, goods, Role.INSTRUMENT) == [(filled.items,)]
    assert fetch(connection, "SELECT count(*) FROM event") == [(world.events,)]


def test_the_book_and_the_ledger_agree(engine: "Engine", tmp_path: Path) -> None:
    """On both databases each chosen code's trace is what the book says; the logs are sound."""
    world, place = World(300, 1), workspace(engine, tmp_path)
    filled = fill(place, world)
    with reading(engine) as connection:
        require_whole(world, filled, connection)
        for asked in filled.known.asked:
            assert answer(connection, asked.code, asked.direction) == asked.items, asked.why
        depths = [
            one.depth
            for one in trace(connection, filled.known.asked[0].code, kinds=WAYS).items
            if one.code in {bike.code for bike in filled.known.asked}
        ]
        assert max(depths) == 10  # nine links from ore to a bicycle, one to its number as renewed
    assert not any(report.findings for report in verify_ledger(engine, place.keys))


@pytest.mark.parametrize(("items", "seed"), [(400, 2), (1_000, 3), (700, 20260101)])
def test_every_trio_agrees(sqlite_engine: "Engine", tmp_path: Path, items: int, seed: int) -> None:
    """Of larger worlds the chosen codes of every trio of waves agree."""
    world = World(items, seed)
    filled = fill(workspace(sqlite_engine, tmp_path), world)
    with reading(sqlite_engine) as connection:
        require_whole(world, filled, connection)
        for trio in range(world.trios):
            for asked in world.known(trio).asked:
                assert answer(connection, asked.code, asked.direction) == asked.items, asked


def test_every_item_agrees(sqlite_engine: "Engine", tmp_path: Path) -> None:
    """Of a world of one wave every item agrees, forward and backward."""
    world = World(200, 5)
    filled = fill(workspace(sqlite_engine, tmp_path), world)
    book = filled.known.book
    with reading(sqlite_engine) as connection:
        codes = [code for (code,) in fetch(connection, "SELECT code FROM item")]
        for code in codes:
            assert answer(connection, code, "forward") == book.forward(code), code
            assert answer(connection, code, "backward") == book.backward(code), code


def test_the_ends_of_exposures_agree(sqlite_engine: "Engine", tmp_path: Path) -> None:
    """What was affected for a time only was so to the minute at which the book ends it."""
    filled = fill(workspace(sqlite_engine, tmp_path), World(250, 6))
    ended = 0
    with reading(sqlite_engine) as connection:
        links = LinkReader.open(connection)
        names = dict(fetch(connection, "SELECT id, code FROM item"))
        for asked in filled.known.asked:
            row = item_row(connection, asked.code)
            reached = walk(links, row, forward=True, kinds=WAYS).reached
            ends = {names[one]: max(end for _, end in spans) for one, spans in reached.items()}
            del ends[asked.code]
            expected = filled.known.book.exposed_until(asked.code)
            assert {code: _minute(end) for code, end in ends.items()} == expected, asked.why
            ended += sum(end is not None for end in expected.values())
    assert ended > 20


def _minute(end: int) -> int | None:
    """Return a ledger's time as the book counts it."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=0 if end == FOREVER else end)
    return None if end == FOREVER else int((at - START).total_seconds()) // 60


def test_what_the_chosen_codes_show(sqlite_engine: "Engine", tmp_path: Path) -> None:
    """A wrong booking leads nowhere, an unexplained lot is announced, a lost cage is on its way."""
    world = World(600, 1)
    filled = fill(workspace(sqlite_engine, tmp_path), world)
    asked = {one.why: one for one in filled.known.asked}
    assert asked["wrongly booked part"].items == frozenset()
    assert len(asked["shared lot"].items) > len(asked["bad part lot"].items) > 20
    assert asked["second raw lot"].items < asked["bad raw lot"].items
    with reading(sqlite_engine) as connection:
        assert item(connection, asked["announced lot"].code).status == "announced"
        lost = fetch(
            connection, "SELECT code FROM item WHERE code LIKE {p}", "%/8003/0952111600004%W0%"
        )
        assert len(lost) == 1
        assert item(connection, lost[0][0]).status == "in_transit"


def test_a_world_is_filled_on_where_it_broke_off(sqlite_engine: "Engine", tmp_path: Path) -> None:
    """After an interruption the rest is added; the same again adds nothing; another is refused."""
    place = workspace(sqlite_engine, tmp_path)
    calls: Iterator[int] = iter(range(1, 100))

    def interrupted(_items: int) -> None:
        if next(calls) == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(place, World(100), interrupted)
    seen: list[int] = []
    second = fill(place, World(100), seen.append)
    assert second.counts[Status.DUPLICATE] > 0 < second.counts[Status.ACCEPTED]
    assert seen == sorted(seen)
    third = fill(place, World(100))
    assert third.counts[Status.ACCEPTED] == 0
    assert third.whole
    assert second.counts[Status.ACCEPTED] < third.counts[Status.DUPLICATE]
    for other in (World(100, 2), World(101)):
        with pytest.raises(UsageError, match="holds other events"):
            fill(place, other)


def test_times_follow_in_the_book() -> None:
    """A run's later inputs aren't in its earlier outputs, nor a part in what was built before."""
    book = Book()
    book.used("run", ["a"], 1)
    book.gave("run", ["p"], 2)
    book.used("run", ["b"], 3)
    book.gave("run", ["q"], 4)
    assert book.forward("a") == {"p", "q"}
    assert book.forward("b") == {"q"}
    assert book.backward("q") == {"a", "b"}
    book.entered("installed", "module", ["p"], 5)
    book.left("module", ["p"], 6)
    book.entered("installed", "pack", ["module"], 7)
    book.entered("packed", "box", ["module"], 6)
    assert book.forward("p") == {"module", "box"}
    assert book.forward("p", ["installed"]) == {"module"}
    assert book.backward("pack") == {"module"}
    book.belong("lot", ["a"])
    assert book.backward("p") == {"a", "lot"}
    book.measured("gauge", ["p"], 8)
    assert book.judged_by("gauge", 8, 9) == {"p"}
    assert book.judged_by("gauge", 9, 10) == frozenset()


def test_a_book_that_is_not_kept_says_nothing() -> None:
    """Nobody asks the book of a wave that is only passed through."""
    book = Book(kept=False)
    book.used("run", ["a"], 1)
    book.gave("run", ["p"], 2)
    book.belong("lot", ["a"])
    book.entered("packed", "box", ["a"], 1)
    book.left("box", ["a"], 1)
    book.measured("gauge", ["a"], 1)
    assert book.forward("a") == book.backward("a") == book.judged_by("gauge", 0, 9) == frozenset()
