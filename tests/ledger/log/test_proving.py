"""Proofs at speed: the same as the standard's, each led to the signed root, in few reads."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NotFoundError, ProofError, VerifyError
from ledger.log import merkle, tiles
from ledger.log.merkle import EMPTY_ROOT, leaf_hash
from ledger.log.proving import NodeCache, Prover
from ledger.log.tiles import MemoryTiles, append_leaves

LEAVES = [leaf_hash(b"entry-%d" % number) for number in range(1500)]
SMALL = append_leaves(MemoryTiles({}), 0, LEAVES)
ROOTS = {size: merkle.root(LEAVES[:size]) for size in range(1501)}

BIG = 256 * 256 * 2 + 256 * 3 + 7
"""Entries of a tree with three levels of tiles, all of them with a right edge."""
BIG_LEAVES = [leaf_hash(number.to_bytes(8, "big")) for number in range(BIG)]
BIG_TILES = append_leaves(MemoryTiles({}), 0, BIG_LEAVES)
BIG_ROOT = merkle.root(BIG_LEAVES)


class Counting(MemoryTiles):
    """Tiles that count how often they are read."""

    reads = 0

    def read_tile(self, level: int, index: int) -> bytes:
        """Count and read."""
        self.reads += 1
        return super().read_tile(level, index)


def prover(size: int, cache: NodeCache | None = None) -> Prover:
    """Return a prover for a size that the small tree had."""
    return Prover(MemoryTiles(SMALL), size, ROOTS[size], cache)


@given(st.integers(1, 1500), st.data())
def test_inclusion_of_any_entry_at_any_size(size: int, data: st.DataObject) -> None:
    """A proof is the standard's, whatever was asked before and whatever the tree has grown to."""
    cache = NodeCache()
    for _ in range(2):
        asked = prover(size, cache)
        for index in data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=8)):
            assert asked.inclusion(index) == merkle.inclusion_proof(LEAVES[:size], index)
            assert asked.leaf(index) == LEAVES[index]


@pytest.mark.parametrize("size", [1, 2, 3, 16, 17, 255, 256, 257, 272, 511, 512, 768, 1023, 1280])
def test_every_entry_of_sizes_at_the_edges_of_tiles(size: int) -> None:
    """First, last and middle of every tile: each entry has the standard's proof."""
    proofs = prover(size).inclusions(range(size))
    assert [*proofs] == list(range(size))
    for index in range(size):
        merkle.verify_inclusion(LEAVES[index], index, size, proofs[index], ROOTS[size])


@given(st.integers(0, 1500), st.data())
def test_consistency_between_any_sizes(new: int, data: st.DataObject) -> None:
    """The proof and the older root are the standard's."""
    old = data.draw(st.integers(0, new))
    asked = prover(new)
    assert asked.consistency(old) == merkle.consistency_proof(LEAVES[:new], old)
    assert asked.root(old) == ROOTS[old]


@pytest.mark.parametrize("index", [0, 15, 16, 65_535, 65_536, 131_071, 131_072, 131_840, BIG - 1])
def test_three_levels_of_tiles(index: int) -> None:
    """Entries of full and partial tiles of every level are proven in one read a level."""
    reader = Counting(BIG_TILES)
    asked = Prover(reader, BIG, BIG_ROOT)
    assert reader.reads == 3
    merkle.verify_inclusion(BIG_LEAVES[index], index, BIG, asked.inclusion(index), BIG_ROOT)
    assert reader.reads <= 3 + 2


@given(st.integers(1, BIG), st.data())
def test_reads_grow_with_the_logarithm(size: int, data: st.DataObject) -> None:
    """Whatever is asked of three levels, each is read twice at most, its right edge among them."""
    reader = Counting(BIG_TILES)
    root = tiles.root(MemoryTiles(BIG_TILES), size)
    index = data.draw(st.integers(0, size - 1))
    asked = Prover(reader, size, root)
    merkle.verify_inclusion(BIG_LEAVES[index], index, size, asked.inclusion(index), root)
    assert reader.reads <= 2 * 3
    reader.reads = 0
    old = data.draw(st.integers(0, size))
    asked = Prover(reader, size, root)
    before = tiles.root(MemoryTiles(BIG_TILES), old)
    merkle.verify_consistency(old, size, before, root, asked.consistency(old))
    assert reader.reads <= 2 * 3
    assert asked.root(old) == before


def test_a_tile_of_leaves_is_read_once_for_many_proofs() -> None:
    """Proofs of a whole log in order read every tile once."""
    reader = Counting(SMALL)
    Prover(reader, 1500, ROOTS[1500]).inclusions(range(1500))
    assert reader.reads == len(SMALL)


def test_a_warm_cache_saves_all_but_the_leaves() -> None:
    """The second question of the same place reads one tile of leaves and nothing else."""
    cache = NodeCache()
    for wanted in (3 + 2, 1, 1):
        reader = Counting(BIG_TILES)
        Prover(reader, BIG, BIG_ROOT, cache).inclusion(1000)
        assert reader.reads == wanted


def test_a_cache_is_bounded() -> None:
    """The least recently used nodes go, and proofs are right all the same."""
    cache = NodeCache(capacity=18_000)
    asked = prover(1500, cache)
    for index in (0, 300, 600, 0, 900, 1200, 0, 300):
        assert asked.inclusion(index) == merkle.inclusion_proof(LEAVES, index)
        assert cache.used <= 18_000
    assert 0 < len(cache) < 6
    before = cache.used
    cache.put(b"x", (b"y",))
    cache.put(b"x", (b"y",))
    assert cache.used == before + 301
    assert cache.get(b"x") == (b"y",)


def test_a_cache_serves_several_logs() -> None:
    """Nodes are kept under what they fold to, so logs can't be taken for one another."""
    cache = NodeCache()
    other = [leaf_hash(b"other-%d" % number) for number in range(600)]
    reader = MemoryTiles(append_leaves(MemoryTiles({}), 0, other))
    for _ in range(2):
        for index in (5, 300, 599):
            proof = Prover(reader, 600, merkle.root(other), cache).inclusion(index)
            assert proof == merkle.inclusion_proof(other, index)
            assert prover(600, cache).inclusion(index) == merkle.inclusion_proof(
                LEAVES[:600], index
            )


def spoiled(place: tuple[int, int], at: int) -> Mapping[tuple[int, int], bytes]:
    """Return the big tree's tiles with one bit of one tile turned."""
    tile = bytearray(BIG_TILES[place])
    tile[at] ^= 1
    return {**BIG_TILES, place: bytes(tile)}


@pytest.mark.parametrize("place", [(0, BIG // 256), (1, 2), (2, 0)])
def test_a_changed_right_edge_is_noticed(place: tuple[int, int]) -> None:
    """Tiles of the right edge that don't give the signed root answer nothing at all."""
    with pytest.raises(VerifyError, match=r"checkpoint says .* Run 'suyuan verify'"):
        Prover(MemoryTiles(spoiled(place, 0)), BIG, BIG_ROOT)


@pytest.mark.parametrize(("place", "path"), [((0, 3), "tile/0/003"), ((1, 0), "tile/1/000")])
def test_a_changed_full_tile_is_named(place: tuple[int, int], path: str) -> None:
    """No proof is made of a tile that isn't what the checkpoint signs, and it is named."""
    asked = Prover(MemoryTiles(spoiled(place, 40)), BIG, BIG_ROOT)
    with pytest.raises(VerifyError, match=f"hashes in {path} are not"):
        asked.inclusion(3 * 256)
    assert asked.inclusion(BIG - 1)


def test_a_tile_that_changes_under_a_warm_cache_is_named() -> None:
    """What the cache knows is compared with what is read, around the leaf that is asked for."""
    cache = NodeCache()
    Prover(MemoryTiles(BIG_TILES), BIG, BIG_ROOT, cache).inclusion(768)
    asked = Prover(MemoryTiles(spoiled((0, 3), 40)), BIG, BIG_ROOT, cache)
    with pytest.raises(VerifyError, match="hashes in tile/0/003 are not"):
        asked.leaf(768)
    assert asked.inclusion(768 + 200) == Prover(MemoryTiles(BIG_TILES), BIG, BIG_ROOT).inclusion(
        968
    )


def test_another_history_is_refused() -> None:
    """A checkpoint that the tiles don't lead to is none of this log."""
    with pytest.raises(VerifyError, match="for the first 1000 entries"):
        Prover(MemoryTiles(SMALL), 1000, ROOTS[999])


def test_a_missing_tile_is_named() -> None:
    """A tile that isn't there, or is too short, is named by its path."""
    gone = {key: tile for key, tile in SMALL.items() if key != (0, 1)}
    asked = Prover(MemoryTiles(gone), 1500, ROOTS[1500])
    with pytest.raises(NotFoundError, match="tile/0/001, got 0"):
        asked.inclusion(300)
    with pytest.raises(NotFoundError, match="tile/1/000, got 0"):
        Prover(MemoryTiles({(0, 5): SMALL[0, 5]}), 1500, ROOTS[1500])


def test_what_has_no_proof() -> None:
    """Entries and sizes beyond the checkpoint are refused."""
    asked = prover(5)
    for ask in (asked.inclusion, asked.leaf):
        for index in (-1, 5):
            with pytest.raises(ProofError, match=f"tree's size 5, got {index}"):
                ask(index)
    for question in (asked.consistency, asked.root):
        with pytest.raises(ProofError, match="from 0 to 5, got 6"):
            question(6)


def test_an_empty_log() -> None:
    """Of nothing there is a root and no proof."""
    asked = Prover(MemoryTiles({}), 0, EMPTY_ROOT)
    assert asked.root(0) == EMPTY_ROOT
    assert asked.consistency(0) == []
    assert asked.inclusions([]) == {}
