"""Tiles: appended in any portions they hold the same tree, and prove the same, in few reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NotFoundError, ProofError
from ledger.log import merkle, tiles
from ledger.log.merkle import EMPTY_ROOT, leaf_hash
from ledger.log.tiles import MemoryTiles, append_leaves, tile_path

LEAVES = [leaf_hash(b"entry-%d" % number) for number in range(1500)]


class Counting(MemoryTiles):
    """Tiles that count how often they are read."""

    reads = 0

    def read_tile(self, level: int, index: int) -> bytes:
        """Count and read."""
        self.reads += 1
        return super().read_tile(level, index)


def build(*portions: int) -> dict[tuple[int, int], bytes]:
    """Return the tiles after appending so many leaves at a time."""
    stored: dict[tuple[int, int], bytes] = {}
    size = 0
    for portion in portions:
        stored |= append_leaves(MemoryTiles(stored), size, LEAVES[size : size + portion])
        size += portion
    return stored


WHOLE = build(1500)


def test_tiles_hold_the_hashes_of_their_level() -> None:
    """Level 0 is the leaves in order, and level 1 the roots of its full tiles."""
    assert sorted(WHOLE) == [*((0, index) for index in range(6)), (1, 0)]
    assert b"".join(WHOLE[0, index] for index in range(6)) == b"".join(LEAVES)
    assert WHOLE[1, 0] == b"".join(
        merkle.root(LEAVES[start : start + 256]) for start in range(0, 1280, 256)
    )


@given(st.lists(st.integers(0, 600), max_size=6).filter(lambda sizes: sum(sizes) <= 1500))
def test_portions_do_not_matter(portions: list[int]) -> None:
    """Any portions give the tiles and the root of one append."""
    stored = build(*portions)
    assert stored == build(sum(portions))
    assert tiles.root(MemoryTiles(stored), sum(portions)) == merkle.root(LEAVES[: sum(portions)])


def test_only_the_right_edge_changes() -> None:
    """An append returns the tiles that it changed and no others."""
    before = MemoryTiles(build(300))
    assert sorted(append_leaves(before, 300, LEAVES[300:301])) == [(0, 1)]
    assert sorted(append_leaves(before, 300, LEAVES[300:512])) == [(0, 1), (1, 0)]
    assert append_leaves(before, 300, []) == {}


def test_an_unfinished_append_is_overwritten() -> None:
    """A partial tile that is longer than the size says is cut before it grows."""
    longer = MemoryTiles(build(310))
    assert append_leaves(longer, 300, LEAVES[300:320]) == append_leaves(
        MemoryTiles(build(300)), 300, LEAVES[300:320]
    )


def test_three_levels() -> None:
    """A tree of more than 65,536 leaves has the tile above the tiles above the leaves."""
    leaves = [number.to_bytes(32, "big") for number in range(65_536 + 257)]
    stored = append_leaves(MemoryTiles({}), 0, leaves)
    assert len(stored[2, 0]) == 32
    assert len(stored[1, 1]) == 32
    reader = Counting(stored)
    assert tiles.root(reader, len(leaves)) == merkle.root(leaves)
    path = tiles.inclusion_proof(reader, 40_000, len(leaves))
    merkle.verify_inclusion(leaves[40_000], 40_000, len(leaves), path, merkle.root(leaves))
    assert reader.reads < 10


@given(st.integers(1, 1500), st.data())
def test_inclusion_proofs(size: int, data: st.DataObject) -> None:
    """Tiles of a larger tree give the proofs of every smaller one."""
    index = data.draw(st.integers(0, size - 1))
    reader = Counting(WHOLE)
    proof = tiles.inclusion_proof(reader, index, size)
    assert proof == merkle.inclusion_proof(LEAVES[:size], index)
    assert reader.reads <= 4


@given(st.integers(0, 1500), st.data())
def test_consistency_proofs(new: int, data: st.DataObject) -> None:
    """Tiles give the proof between any two sizes."""
    old = data.draw(st.integers(0, new))
    reader = Counting(WHOLE)
    proof = tiles.consistency_proof(reader, old, new)
    assert proof == merkle.consistency_proof(LEAVES[:new], old)
    assert reader.reads <= 5


def test_missing_and_short_tiles() -> None:
    """A tile that is missing or too short is named by its path."""
    stored = build(300)
    with pytest.raises(NotFoundError, match=r"300 hashes|44 hashes in tile tile/0/001, got 43"):
        tiles.root(MemoryTiles({**stored, (0, 1): stored[0, 1][:-1]}), 300)
    with pytest.raises(NotFoundError, match="Expected 44 hashes in tile tile/0/001, got 0"):
        append_leaves(MemoryTiles({}), 300, LEAVES[300:301])


def test_questions_that_have_no_proof() -> None:
    """An index or a size beyond the tree is refused, and so is a leaf that is no hash."""
    reader = MemoryTiles(WHOLE)
    with pytest.raises(ProofError, match="index below the tree's size 5, got 5"):
        tiles.inclusion_proof(reader, 5, 5)
    with pytest.raises(ProofError, match="older size from 0 to 5, got 6"):
        tiles.consistency_proof(reader, 6, 5)
    with pytest.raises(ProofError, match="32 bytes"):
        append_leaves(reader, 1500, [b"short"])
    assert tiles.root(reader, 0) == EMPTY_ROOT


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (1, 0, 1, "tile/1/000.p/1"),
        (0, 999, 256, "tile/0/999"),
        (0, 1000, 256, "tile/0/x001/000"),
        (3, 1_234_067, 256, "tile/3/x001/x234/067"),
        (0, 1_000_000, 255, "tile/0/x001/x000/000.p/255"),
    ],
)
def test_tile_paths(level: int, index: int, width: int, path: str) -> None:
    """Paths are those of the standard, with groups of three digits."""
    assert tile_path(level, index, width) == path
