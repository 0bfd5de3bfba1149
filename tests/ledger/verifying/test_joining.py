"""Segments are put together to one log, and a seam that doesn't fit is no sound one."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from ledger.log.entry import FIRST_PREV
from ledger.log.merkle import CompactRange, root
from ledger.log.segments import Segment
from ledger.log.tiles import MemoryTiles, append_leaves
from ledger.verifying.joining import Joint, tiles_of
from ledger.verifying.projecting import Account
from ledger.verifying.segments import Answer

WIDTH = 256
LEAF = b"\x0f" * 32


def node(number: int) -> bytes:
    """Return some hash."""
    return sha256(b"%d" % number).digest()


def answer(number: int, first_event: int | None = None, **fields: Any) -> Answer:
    """Return the answer about a whole segment."""
    given: dict[str, Any] = {
        "first_prev": LEAF if number else FIRST_PREV,
        "last_leaf": LEAF,
        "nodes": (node(number),),
    }
    segment = Segment(number * WIDTH, (number + 1) * WIDTH, **(given | fields))
    account = Account(links=3, first_event=first_event, last_event=first_event or 0)
    return Answer(segment, account=account)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 2**24, 2**24 + 1])
def test_the_number_of_tiles(size: int) -> None:
    """Full and partial tiles of every level are counted."""
    if size < 70_000:
        made = append_leaves(MemoryTiles({}), 0, [LEAF] * size)
        assert tiles_of(size) == len(made)
    assert tiles_of(size) >= size // 256


def test_upper_tiles_are_compared_as_they_get_full() -> None:
    """A tower of two levels above the segments is right, and one wrong tile anywhere is noticed."""
    count = 256 * 256 + 3
    roots = [node(number % 1000) for number in range(count)]
    tiles = append_leaves(MemoryTiles({}), 0, roots)

    def joint(wrong: tuple[int, int] | None = None) -> Joint:
        def read(level: int, first: int, end: int) -> list[tuple[Any, Any]]:
            assert end == first + 1
            key = level - 1, first
            return [(first, b"" if key == wrong else tiles[key])]

        found = Joint(WIDTH, [], read)
        for one in roots:
            found.skip(one)
        found.finish()
        return found

    assert joint().tiles_sound
    for wrong in ((0, 0), (0, 256), (1, 0), (1, 1), (2, 0)):
        assert joint(wrong).tiles_sound == (wrong not in tiles)


def empty() -> Joint:
    """Return a joint that reads no tiles."""
    return Joint(WIDTH, [], lambda *_: [])


def test_segments_that_follow_one_another() -> None:
    """Tree, account and the place where an exact walk would begin go on with each."""
    joint = empty()
    assert joint.take(answer(0, 5))
    assert joint.take(answer(1))
    assert joint.take(answer(2, 9))
    assert (joint.tree.size, joint.earlier.size, joint.read) == (3 * WIDTH, WIDTH, 3 * WIDTH)
    assert (joint.earlier_event, joint.account.last_event) == (5, 9)
    assert (joint.account.first_event, joint.account.links, joint.whole) == (5, 9, 9)
    expected = CompactRange()
    for number in range(3):
        expected.append_subtree(node(number), 8)
    assert joint.tree.root() == expected.root()


def test_links_that_are_vouched_for_are_counted_once() -> None:
    """Of older segments the mark knows how many links they have, read or not."""
    joint = empty()
    joint.vouch(100)
    joint.skip(node(0))
    assert joint.take(answer(1), node(1))
    assert joint.take(answer(2))
    assert (joint.account.links, joint.whole) == (103, 103)


@pytest.mark.parametrize(
    "wrong",
    [
        answer(1, sound=False),
        answer(2),
        answer(1, first_prev=b"\1" * 32),
        answer(1, 5),
        answer(1, 4),
        replace(answer(1, roots={300: node(7)}), signed=[(300, node(8))]),
    ],
    ids=range(6),
)
def test_a_segment_that_does_not_fit(wrong: Answer) -> None:
    """Rows, place, chain, ids of events and checkpoints must all go on."""
    joint = empty()
    assert joint.take(answer(0, 5))
    assert not joint.take(wrong)
    assert joint.earlier.size == 0


def test_a_segment_with_another_root_than_is_vouched_for() -> None:
    """A rewritten segment is sound in itself, and is not the one that was marked."""
    assert not empty().take(answer(0), node(1))
    assert empty().take(answer(0), node(0))


def test_checkpoints_are_led_to_the_whole_tree() -> None:
    """A root within a later segment is that of the whole log up to there."""
    left = [node(number) for number in range(WIDTH)]
    right = [node(number) for number in range(9)]
    joint = Joint(WIDTH, [(0, b""), (WIDTH + 9, root([*left, *right]))], lambda *_: [])
    first = Segment(0, WIDTH, first_prev=FIRST_PREV, last_leaf=LEAF, nodes=(root(left),))
    assert joint.take(Answer(first))
    tree = CompactRange()
    for leaf in right:
        tree.append(leaf)
    last = Segment(WIDTH, WIDTH + 9, first_prev=LEAF, nodes=tree.nodes)
    last.roots = {WIDTH + 9: tree.root()}
    assert joint.take(Answer(last))
    assert joint.proven == WIDTH + 9
    assert joint.tree.root() == root([*left, *right])
