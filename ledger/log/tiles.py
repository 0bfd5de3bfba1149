"""The Merkle tree as stored tiles: C2SP tlog-tiles, height 8.

Tile (0, i) holds the leaf hashes from 256 * i; tile (L + 1, i) holds the roots of 256 full tiles of
level L from 256 * i. A tile is its hashes, 32 bytes each, one behind the other; the rightmost
tile of a level may be partial (1 to 255 hashes). Full tiles never change, so they can be cached for
ever. Appending touches only the right edge, and a proof needs O(log n) tiles.

Nothing here is trusted: a tile that was changed gives a root or proof that `ledger.log.merkle`
refuses.

https://c2sp.org/tlog-tiles

>>> tile_path(0, 1234067, 12)
'tile/0/x001/x234/067.p/12'
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, Protocol

from ledger.errors import ProofError, TileError
from ledger.log.merkle import EMPTY_ROOT, HASH_SIZE, check_sizes, node_hash

__all__ = [
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "MemoryTiles",
    "TileReader",
    "Tiles",
    "append_leaves",
    "consistency_proof",
    "inclusion_proof",
    "root",
    "tile_path",
]

TILE_HEIGHT: Final = 8
"""Levels of the tree in one tile."""

TILE_WIDTH: Final = 1 << TILE_HEIGHT
"""Hashes in a full tile."""

Tiles = dict[tuple[int, int], bytes]
"""Tiles by (level, index)."""


class TileReader(Protocol):
    """Where tiles come from."""

    def read_tile(self, level: int, index: int) -> bytes:
        """Return the tile's hashes, as many as there are; empty when there is no such tile."""
        ...


class MemoryTiles:
    """Tiles in a mapping, for callers that have them at hand."""

    def __init__(self, tiles: Mapping[tuple[int, int], bytes]) -> None:
        self._tiles = tiles

    def read_tile(self, level: int, index: int) -> bytes:
        """Return the tile's hashes; empty when there is no such tile."""
        return self._tiles.get((level, index), b"")


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Return the tile's path below the log's address, per tlog-tiles "Merkle Tree"."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:  # noqa: PLR2004  (the path has groups of three digits)
        index //= 1000
        groups.append(f"x{index % 1000:03d}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def append_leaves(reader: TileReader, size: int, leaf_hashes: Sequence[bytes]) -> Tiles:
    """Return every tile, full or partial, that changes when leaves are appended.

    The caller's share: the tree in `reader` has `size` leaves, and whoever stores the result stores
    all of it or nothing. A stored partial tile that is longer than `size` says (the trace of an
    append that was not finished) is cut to what it should be.

    Raises:
        ProofError: a leaf hash is not 32 bytes.
        TileError: a tile of the right edge is missing or too short.
    """
    if any(len(leaf) != HASH_SIZE for leaf in leaf_hashes):
        raise ProofError(f"Expected leaf hashes of {HASH_SIZE} bytes each.")
    changed: Tiles = {}
    level = 0
    added = b"".join(leaf_hashes)
    while added:
        first, kept = divmod(size, TILE_WIDTH)
        row = read_hashes(reader, level, first, kept) + added if kept else added
        roots = []
        for offset in range(0, len(row), TILE_WIDTH * HASH_SIZE):
            tile = row[offset : offset + TILE_WIDTH * HASH_SIZE]
            changed[level, first + offset // (TILE_WIDTH * HASH_SIZE)] = tile
            if len(tile) == TILE_WIDTH * HASH_SIZE:
                roots.append(_fold(tile))
        level, size, added = level + 1, first, b"".join(roots)
    return changed


def read_hashes(reader: TileReader, level: int, index: int, count: int) -> bytes:
    tile = reader.read_tile(level, index)
    if len(tile) < count * HASH_SIZE:
        raise TileError(
            f"Expected {count} hashes in tile {tile_path(level, index)}, "
            f"got {len(tile) // HASH_SIZE}."
        )
    return tile[: count * HASH_SIZE]


def _fold(row: bytes) -> bytes:
    """Return the root of a row of hashes whose number is a power of two."""
    while len(row) > HASH_SIZE:
        row = b"".join(
            [
                sha256(b"\1" + row[at : at + 2 * HASH_SIZE]).digest()
                for at in range(0, len(row), 2 * HASH_SIZE)
            ]
        )
    return row


class _Tree:
    """One question's view of the tree: each tile is read once."""

    def __init__(self, reader: TileReader, size: int) -> None:
        self._reader = reader
        self._size = size
        self._read: Tiles = {}

    def node(self, level: int, index: int) -> bytes:
        """Return the root of the complete subtree over leaves from index * 2^level."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile_index, place = divmod(index, TILE_WIDTH >> height)
        key = tile_level, tile_index
        tile = self._read.get(key)
        if tile is None:
            existing = (self._size >> (TILE_HEIGHT * tile_level)) - tile_index * TILE_WIDTH
            tile = read_hashes(self._reader, *key, min(existing, TILE_WIDTH))
            self._read[key] = tile
        width = HASH_SIZE << height
        return _fold(tile[place * width : (place + 1) * width])

    def range(self, start: int, end: int) -> bytes:
        """Return the root over leaves [start, end), where start suits a subtree of that size."""
        nodes = []
        while start < end:
            level = (end - start).bit_length() - 1
            nodes.append(self.node(level, start >> level))
            start += 1 << level
        result = nodes.pop()
        while nodes:
            result = node_hash(nodes.pop(), result)
        return result


def root(reader: TileReader, size: int) -> bytes:
    """Return the root of the tree over the first `size` leaves.

    Raises:
        TileError: a tile is missing or too short.
    """
    return _Tree(reader, size).range(0, size) if size else EMPTY_ROOT


def inclusion_proof(reader: TileReader, index: int, size: int) -> list[bytes]:
    """Return the proof that the leaf stands at `index`, per RFC 6962 section 2.1.1.

    Raises:
        ProofError: there is no leaf of this index.
        TileError: a tile is missing or too short.
    """
    if not 0 <= index < size:
        raise ProofError(f"Expected an index below the tree's size {size}, got {index}.")
    tree = _Tree(reader, size)
    start, end = 0, size
    proof = []
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < middle:
            proof.append(tree.range(middle, end))
            end = middle
        else:
            proof.append(tree.range(start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(reader: TileReader, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `new` leaves begins with that of `old`.

    Per RFC 6962 section 2.1.2; empty when `old` is 0 or equals `new`.

    Raises:
        ProofError: the older tree would be the larger one.
        TileError: a tile is missing or too short.
    """
    check_sizes(old, new)
    if old in {0, new}:
        return []
    tree = _Tree(reader, new)
    start, end = 0, new
    proof = []
    while old != end:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if old <= middle:
            proof.append(tree.range(middle, end))
            end = middle
        else:
            proof.append(tree.range(start, middle))
            start = middle
    # Where the walk never went right, the subtree is the old tree itself, whose root is known.
    if start:
        proof.append(tree.range(start, end))
    return proof[::-1]
