"""Parents that are emptied and filled in one instant, and what is left of a lot then."""

from collections.abc import Callable

import pytest

from ledger.genealogy.trace import Direction
from tests.ledger.builders import Event, Ledger, family, instance, lot, some
from tests.ledger.genealogy.asking import (
    ahead,
    ask,
    at,
    behind,
    clock,
    empty,
    fit,
    pack,
    pairs,
    remove,
    see,
    unpack,
)


def ends(ledger: Ledger, root: str) -> list[int | None]:
    """Return when each interval that an item has been in something ended."""
    return [link.until for link in ask(ledger, root, depth=1).links]


def moved(minute: int, kilos: int, action: str = "ADD") -> Event:
    """Return an event that puts some of a lot on the pallet, or takes some off it."""
    what = [some(lot("heap"), kilos, "KGM")]
    return family(instance("P"), action=action, childQuantityList=what, at=clock(minute))


@pytest.mark.parametrize(("fill", "clear"), [(pack, empty), (fit, remove)])
def test_what_is_put_in_when_the_rest_comes_out_stays(
    ledger: Ledger, fill: Callable[..., Event], clear: Callable[..., Event]
) -> None:
    """A pallet is unloaded and loaded in one second: the new load is on it, the old one is not."""
    ledger.take(fill(1, "P", "old"), clear(3, "P"), fill(3, "P", "new"), fill(5, "truck", "P"))
    assert ahead(ledger, "new") == {"P", "truck"}
    assert ahead(ledger, "old") == {"P"}
    assert behind(ledger, "truck") == {"P", "new"}
    root = ask(ledger, "new", as_of=at(4)).root_item
    assert root is not None
    assert root.inside == instance("P")


def test_what_is_put_in_and_emptied_in_one_instant_is_out(ledger: Ledger) -> None:
    """Nothing was in there before, so what came is what left."""
    ledger.take(pack(3, "P", "a"), empty(3, "P"), pack(5, "truck", "P"))
    assert ahead(ledger, "a") == {"P"}
    assert ends(ledger, "a") == [at(3)]


@pytest.mark.parametrize(
    "left", [unpack(2, "P", "old"), empty(2, "P"), unpack(2, "P", "old stranger")]
)
def test_what_left_before_is_not_in_there(ledger: Ledger, left: Event) -> None:
    """An old load that was gone by then doesn't keep the new one on the pallet."""
    ledger.take(pack(1, "P", "old"), left, pack(3, "P", "new"), empty(3, "P"))
    assert ends(ledger, "new") == [at(3)]


def test_each_emptying_counts_by_itself(ledger: Ledger) -> None:
    """What was loaded at one emptying is what is taken off at the next."""
    ledger.take(
        pack(1, "P", "a"),
        *(event for minute in (2, 4) for event in (empty(minute, "P"), pack(minute, "P", "b"))),
        pack(4, "P", "c"),
        empty(6, "P"),
        empty(8, "P"),
        pack(8, "P", "d"),
    )
    assert ends(ledger, "b") == [at(4), at(6)]
    assert ends(ledger, "c") == [at(6)]
    assert ends(ledger, "d") == [at(8)]
    assert pairs(ask(ledger, "P", Direction.BACKWARD)) == {(one, "P") for one in "abcd"}


def test_another_parent_of_a_child_does_not_matter(ledger: Ledger) -> None:
    """What is in another pallet isn't in this one."""
    ledger.take(pack(1, "Q", "a b"), pack(3, "P", "a"), empty(3, "P"), unpack(4, "Q", "a"))
    assert sorted(ends(ledger, "a"), key=str) == [at(3), at(4)]


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ([moved(1, 10), moved(3, 12, "DELETE"), moved(3, 3), moved(5, 2, "DELETE")], None),
        ([moved(3, 10), empty(3, "P"), moved(4, 5), moved(5, 5, "DELETE")], at(5)),
        ([pack(1, "P", "a"), moved(3, 5), empty(3, "P"), moved(5, 4, "DELETE")], None),
        ([moved(1, 9), empty(3, "P"), moved(3, 5), moved(5, 5, "DELETE")], at(5)),
    ],
)
def test_amounts_of_one_instant(ledger: Ledger, events: list[Event], end: int | None) -> None:
    """Of a lot, too, what leaves goes before what comes if some was there, and emptied is zero."""
    ledger.take(*events, see(9, "P"))
    assert ends(ledger, lot("heap"))[-1] == end
