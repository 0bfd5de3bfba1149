"""Proofs from stored tiles at speed, each of them checked against the signed root on the way.

The rules:

* A `Prover` answers for one checkpoint. It reads the tiles of the tree's right edge first and
  refuses to go on unless they give the checkpoint's root.
* Every other tile is full. It counts only if it folds to the hash that the tile above holds for it,
  so whatever leaves here leads to the root; a tile that was changed is named instead.
* A cache holds nodes under the hash that they fold to, never under a place. What a rolled back
  transaction, another process, a restored backup or another log leaves there can't be taken for
  something else, and nothing has to be thrown away when a log grows.
* Of a tile of leaves the cache keeps the upper half alone (30 nodes, a kilobyte for 256 leaves); a
  proof reads the tile again and folds the sixteen leaves around its own. Of the tiles above, of
  which there are 255 times fewer, it keeps everything.

A proof reads O(log n) tiles: at most one of each level beside the right edge, which is one more of
each level and read once for any number of proofs.

RFC 6962 sections 2.1.1 and 2.1.2, https://c2sp.org/tlog-tiles
"""

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256
from struct import Struct
from threading import Lock
from typing import Final

from ledger.errors import ProofError, VerifyError
from ledger.log.merkle import EMPTY_ROOT, HASH_SIZE, check_sizes, node_hash
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH, TileReader, read_hashes, tile_path

__all__ = ["NodeCache", "Prover"]

Rows = tuple[bytes, ...]
"""The nodes of a subtree, one row of hashes for each height from the lowest."""

_HALF: Final = TILE_HEIGHT // 2
_GROUP: Final = 1 << _HALF
"""Leaves that are folded for one proof."""
_GROUP_BYTES: Final = _GROUP * HASH_SIZE
_PAIRS: Final = tuple(
    Struct(f"{2 * HASH_SIZE}s" * count).unpack_from for count in range(TILE_WIDTH // 2 + 1)
)
"""Cuts a row into so many pairs of hashes, in C."""
_prefixed: Final = sha256(b"\1").copy
"""Begins the hash of an inner node (RFC 6962 section 2.1)."""
_CAPACITY: Final = 64 << 20  # bytes; the upper halves of 12 million leaves
_OVERHEAD: Final = 300  # bytes of Python's own for an entry: objects, their tuple, the table's slot


def _fold(row: bytes, heights: int) -> Rows:
    """Return the rows above a row of hashes, as far as they are complete: itself and `heights`."""
    rows = [row]
    count = len(row) // (2 * HASH_SIZE)
    for _ in range(heights):
        nodes: list[bytes] = []
        for pair in _PAIRS[count](row):
            # A copy that has taken the prefix is an eighth faster than a new hash.
            node = _prefixed()
            node.update(pair)
            nodes.append(node.digest())
        row = b"".join(nodes)
        rows.append(row)
        count >>= 1
    return tuple(rows)


class NodeCache:
    """Nodes under the hash they fold to: bounded, for any number of logs and threads."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        """Make an empty cache that holds about `capacity` bytes, the least recently used go."""
        self._capacity = capacity
        self._used = 0
        self._kept: OrderedDict[bytes, Rows] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def used(self) -> int:
        """Bytes that the cache holds, about."""
        return self._used

    def get(self, root: bytes) -> Rows | None:
        """Return what folds to `root`, if it is here."""
        with self._lock:
            rows = self._kept.get(root)
            if rows is not None:
                self._kept.move_to_end(root)
            return rows

    def put(self, root: bytes, rows: Rows) -> None:
        """Keep rows; the caller has folded them to `root`."""
        with self._lock:
            if root in self._kept:
                return
            self._kept[root] = rows
            self._used += _weight(rows)
            while self._used > self._capacity:
                _, gone = self._kept.popitem(last=False)
                self._used -= _weight(gone)


def _weight(rows: Rows) -> int:
    return _OVERHEAD + sum(map(len, rows))


class Prover:
    """Proofs for one checkpoint of one log; made for one transaction and one thread."""

    def __init__(
        self, reader: TileReader, size: int, root: bytes, cache: NodeCache | None = None
    ) -> None:
        """Read the right edge of the tree.

        Args:
            reader: The log's tiles; the tree in them may have grown beyond `size`.
            size: Entries of the checkpoint.
            root: Its root, from where an intruder cannot write: the signed note.
            cache: Nodes of questions before; by default there are none.

        Raises:
            VerifyError: The tiles do not give this root.
            NotFoundError: A tile is missing or too short.
        """
        self._reader = reader
        self.size = size
        self._cache = cache if cache is not None else NodeCache()
        # The partial tile of each level (of a full right edge an empty one), and the roots over
        # what lies right of a complete subtree of 2^height leaves, by that height. The key is
        # longer than a hash, so that an edge is never taken for the nodes of a tile.
        key = size.to_bytes(8, "big") + root
        known = self._cache.get(key)
        if known is None:
            known = self._read_edge(root)
            self._cache.put(key, known)
        heights = size.bit_length()
        rows = len(known) - heights
        self._edge = [known[at : at + TILE_HEIGHT] for at in range(0, rows, TILE_HEIGHT)]
        self._rest = known[rows:]
        # The tile of leaves at hand, its bytes and the groups of it that were folded.
        self._tile = -1
        self._leaves = b""
        self._whole: Rows = ()
        self._half: Rows = ()
        self._groups: dict[int, Rows] = {}

    def _read_edge(self, root: bytes) -> Rows:
        """Read the right edge and fold it to the root; return its rows and what `_rest` holds."""
        edge: list[bytes] = []
        left = self.size
        while left:
            index, width = divmod(left, TILE_WIDTH)
            level = len(edge) // TILE_HEIGHT
            row = read_hashes(self._reader, level, index, width) if width else b""
            edge += _fold(row, TILE_HEIGHT - 1)
            left = index
        found = b""
        rest: list[bytes] = []
        for height in range(self.size.bit_length()):
            rest.append(found)
            if self.size >> height & 1:
                # The last complete node of the row, which an odd number of nodes stands in.
                node = edge[height][-HASH_SIZE:]
                found = node_hash(node, found) if found else node
        found = found or EMPTY_ROOT
        if found != root:
            raise VerifyError(
                f"The tiles give the root {found.hex()} for the first {self.size} entries, the "
                f"checkpoint says {root.hex()}: it is of another history, or the tiles were "
                "changed. Run 'suyuan verify'."
            )
        return (*edge, *rest)

    def leaf(self, index: int) -> bytes:
        """Return the leaf hash of an entry.

        Raises:
            ProofError: There is no such entry below the checkpoint's size.
            VerifyError, NotFoundError: A tile was changed or is missing.
        """
        self._check(index)
        row, place = self._leaf_row(index)
        return row[place * HASH_SIZE : (place + 1) * HASH_SIZE]

    def _leaf_row(self, index: int) -> tuple[bytes, int]:
        if index >> TILE_HEIGHT == self.size >> TILE_HEIGHT:
            return self._edge[0][0], index % TILE_WIDTH
        self._open(index >> TILE_HEIGHT)
        return self._group(index % TILE_WIDTH // _GROUP)[0], index % _GROUP

    def _check(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise ProofError(f"Expected an index below the tree's size {self.size}, got {index}.")

    def inclusion(self, index: int) -> list[bytes]:
        """Return the proof that the leaf stands at `index`, per RFC 6962 section 2.1.1.

        Raises:
            ProofError: There is no such entry below the checkpoint's size.
            VerifyError, NotFoundError: A tile was changed or is missing.
        """
        self._check(index)
        last = self.size - 1
        # Below `inner` the path has a sibling at each height, above only where the index has a 1
        # bit; the sibling just below `inner` is the one that need not be complete.
        inner = (index ^ last).bit_length()
        proof: list[bytes] = []
        base, rest = 0, index
        if index >> TILE_HEIGHT != self.size >> TILE_HEIGHT:
            # A full tile of leaves has a sibling at each of its heights.
            proof, base, rest = self._in_tile(index), TILE_HEIGHT, index >> TILE_HEIGHT
        while last >> base:
            place = rest % TILE_WIDTH
            rest //= TILE_WIDTH
            wanted = place if inner <= base else place | ((1 << (inner - base)) - 1)
            if wanted:
                rows = self._rows(base // TILE_HEIGHT, rest)
                for height in range(TILE_HEIGHT):
                    if wanted >> height & 1:
                        at = (place >> height ^ 1) * HASH_SIZE
                        node = rows[height][at : at + HASH_SIZE]
                        proof.append(node or self._rest[base + height])
            base += TILE_HEIGHT
        return proof

    def _in_tile(self, index: int) -> list[bytes]:
        """Return the part of a proof that lies in a full tile of leaves."""
        self._open(index >> TILE_HEIGHT)
        place = index % TILE_WIDTH
        rows, half, near = self._group(place // _GROUP), self._half, place % _GROUP
        proof: list[bytes] = []
        for height in range(_HALF):
            at = (near >> height ^ 1) * HASH_SIZE
            proof.append(rows[height][at : at + HASH_SIZE])
        for height in range(_HALF):
            at = (place >> height + _HALF ^ 1) * HASH_SIZE
            proof.append(half[height][at : at + HASH_SIZE])
        return proof

    def inclusions(self, indexes: Iterable[int]) -> dict[int, list[bytes]]:
        """Return the proofs of many entries, of which each tile is read once.

        Raises:
            ProofError: There is no such entry below the checkpoint's size.
            VerifyError, NotFoundError: A tile was changed or is missing.
        """
        return {index: self.inclusion(index) for index in sorted(set(indexes))}

    def root(self, size: int) -> bytes:
        """Return the root of the tree when it had `size` leaves.

        Raises:
            ProofError: It never had so few, or has not so many.
            VerifyError, NotFoundError: A tile was changed or is missing.
        """
        check_sizes(size, self.size)
        found = b""
        for height in range(size.bit_length()):
            if size >> height & 1:
                node = self._node(height, (size >> height) - 1)
                found = node_hash(node, found) if found else node
        return found or EMPTY_ROOT

    def consistency(self, old: int) -> list[bytes]:
        """Return the proof that this tree begins with that of `old` leaves.

        Per RFC 6962 section 2.1.2; empty when `old` is 0 or the whole tree.

        Raises:
            ProofError: The older tree would be the larger one.
            VerifyError, NotFoundError: A tile was changed or is missing.
        """
        check_sizes(old, self.size)
        if old in {0, self.size}:
            return []
        # The largest complete subtree that ends where the old tree ends; it is left out where it is
        # the whole old tree. From there the path leads up as that of a leaf.
        start = (old & -old).bit_length() - 1
        index, last = (old - 1) >> start, (self.size - 1) >> start
        proof = [self._node(start, index)] if index else []
        inner = (index ^ last).bit_length()
        proof += [
            self._node(start + height, index >> height ^ 1)
            for height in range(last.bit_length())
            if height < inner or index >> height & 1
        ]
        return proof

    def _node(self, height: int, index: int) -> bytes:
        """Return a node, or where it is not complete the root over what there is of it."""
        if (index + 1) << height > self.size:
            return self._rest[height]
        level, within = divmod(height, TILE_HEIGHT)
        tile, place = divmod(index, TILE_WIDTH >> within)
        at = place * HASH_SIZE
        if level == 0 and tile != self.size >> TILE_HEIGHT:
            self._open(tile)
            if within < _HALF:
                group, place = divmod(place, _GROUP >> within)
                at = place * HASH_SIZE
                return self._group(group)[within][at : at + HASH_SIZE]
            return self._half[within - _HALF][at : at + HASH_SIZE]
        return self._rows(level, tile)[within][at : at + HASH_SIZE]

    def _rows(self, level: int, index: int) -> Rows:
        """Return all rows of a tile above the leaves, or of the right edge."""
        if index == self.size >> TILE_HEIGHT * (level + 1):
            return self._edge[level]
        root = self._root_of(level, index)
        rows = self._cache.get(root)
        if rows is None:
            rows = self._read_whole(level, index, root)
            self._cache.put(root, rows)
        return rows

    def _root_of(self, level: int, index: int) -> bytes:
        at = index % TILE_WIDTH * HASH_SIZE
        return self._rows(level + 1, index // TILE_WIDTH)[0][at : at + HASH_SIZE]

    def _read_whole(self, level: int, index: int, root: bytes) -> Rows:
        rows = _fold(read_hashes(self._reader, level, index, TILE_WIDTH), TILE_HEIGHT - 1)
        if sha256(b"\1" + rows[-1]).digest() != root:
            raise _changed(level, index)
        return rows

    def _open(self, tile: int) -> None:
        """Have a full tile of leaves at hand."""
        if tile == self._tile:
            return
        root = self._root_of(0, tile)
        half = self._cache.get(root)
        if half is None:
            self._whole = self._read_whole(0, tile, root)
            self._leaves, half = self._whole[0], self._whole[_HALF:]
            self._cache.put(root, half)
        else:
            self._whole = ()
            self._leaves = read_hashes(self._reader, 0, tile, TILE_WIDTH)
        self._tile, self._half, self._groups = tile, half, {}

    def _group(self, number: int) -> Rows:
        """Return the lower rows over sixteen leaves of the tile at hand."""
        rows = self._groups.get(number)
        if rows is None and self._whole:
            rows = self._groups[number] = _cut(self._whole, number)
        elif rows is None:
            start = number * _GROUP_BYTES
            rows = _fold(self._leaves[start : start + _GROUP_BYTES], _HALF)
            if rows[-1] != self._half[0][number * HASH_SIZE : (number + 1) * HASH_SIZE]:
                raise _changed(0, self._tile)
            self._groups[number] = rows
        return rows


def _cut(rows: Rows, number: int) -> Rows:
    """Return a group's share of a whole tile's lower rows."""
    return tuple(
        rows[height][number * (_GROUP_BYTES >> height) : (number + 1) * (_GROUP_BYTES >> height)]
        for height in range(_HALF)
    )


def _changed(level: int, index: int) -> VerifyError:
    return VerifyError(
        f"The hashes in {tile_path(level, index)} are not those that the checkpoint signs. "
        "Run 'suyuan verify' and restore the ledger from a backup."
    )
