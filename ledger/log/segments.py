"""The quick way through a sound log: runs of entries compared with the bytes they must end in.

On a sound log almost everything is equality, so a segment of the log is checked by comparing lists:
no entry is decoded, no finding is looked for. Where anything differs the answer is only that it
does, and `ledger.log.verify` walks the entries to name column and kind. What is compared, with the
numbers of that module's steps:

 1. the rows' ``seq`` are the numbers of the segment, each once and in order;
 3. ``leaf`` is the hash of ``bytes``;
 4. to 6. the bytes end in the header that the columns make: this log, this ``seq``, ``prev``,
    ``received_at``, ``schema``, ``submitter``; and ``prev`` is the ``leaf`` of the row before;
 9. the tiles are what the leaves make, and so is each checkpoint's root, as far as the segment
    reaches; `Joint` puts the segments together.

Why the end of the bytes is as good as the header decoded. The expected end is ``,"header":{`` and
so on up to ``}}``, and the bytes begin with ``{"body":{``. Say they are JSON at all. Where the end
begins no text can be open: its first quote would close that text and the bare word ``header`` would
follow, which is no JSON; and were that quote escaped, the character before it would have to be a
backslash and is the comma. So ``header`` is a key, its object closes with the last brace but one,
and the very last one closes the object that the bytes began with: ``header`` is a member of the
outermost object, it is the last one, and it says what was expected.

What this leaves out, and `ledger.verifying.projecting` or the exact walk makes up for: that what
stands before the header is canonical JSON, and that it is the body alone. The signed tree holds
those bytes in any case; only whoever signed the log could have put something else there.

A header with a ``signature`` is decoded, for no column repeats it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import Any, Final, Protocol

import orjson

from ledger.errors import EntryError
from ledger.log.canonical import MAX_INTEGER
from ledger.log.entry import FIRST_PREV, Header, decode_entry
from ledger.log.merkle import HASH_SIZE, CompactRange, node_hash
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH

__all__ = ["RUN", "Row", "Segment", "SegmentRows", "check_segment", "fold", "joined_root"]

RUN: Final = 4 * TILE_WIDTH
"""Rows that are read and compared at once."""

Row = tuple[Any, ...]
"""seq, bytes, leaf, prev, received_at, schema, submitter: as stored, right or wrong."""

_FIRST: Final = b'{"body":{'


class SegmentRows(Protocol):
    """What the quick check needs of a store."""

    def rows(self, start: int, end: int) -> Iterator[Sequence[Row]]:
        """Yield the rows with seq from `start` to below `end`, by seq, in runs of `RUN` seqs."""
        ...

    def tiles(self, level: int, first: int, end: int) -> list[tuple[Any, Any]]:
        """Return index and hashes of a level's tiles, from `first` to below `end`, by index."""
        ...


@dataclass(slots=True)
class Segment:
    """What is known of a segment once it has been read."""

    start: int
    end: int
    sound: bool = True
    """Its rows are what they should be, so far as a segment can be judged alone."""
    tiles_sound: bool = True
    first_prev: bytes = b""
    """What its first entry says of the entry before the segment."""
    last_leaf: bytes = b""
    nodes: tuple[bytes, ...] = ()
    """Roots of its complete subtrees, the largest first; one node for a whole segment."""
    roots: dict[int, bytes] = field(default_factory=dict)
    """For each size that was asked for, the root over the segment's leaves below it."""


def check_segment(
    rows: SegmentRows, log: str, start: int, end: int, *, width: int, sizes: Iterable[int] = ()
) -> Iterator[tuple[Segment, Sequence[Row], Sequence[int]]]:
    """Check a segment, a run of rows at a time.

    Args:
        rows: the store.
        log: the log's origin.
        start: first seq, a multiple of `width`.
        end: the seq behind the last, at most `width` further; the segment is not empty.
        width: of segments: 256 entries, or 65,536, so that whole tiles stand over each.
        sizes: of the trees whose roots are asked for, from `start` + 1 to `end`.

    Yields:
        The segment as far as it is known, the rows that were found to be sound, and of each how
        many of its last bytes are the header that its columns make, with its key (0 where the
        header had to be decoded); the last time it is complete. It ends early where a row isn't
        sound.
    """
    segment = Segment(start, end)
    tree = _Tree(rows, segment, width, sorted(set(sizes)))
    tails = _Tails(log)
    prev: bytes | None = None
    at = start
    for run in rows.rows(start, end):
        sizes_of_tails = tails.agree(run, at, prev)
        if sizes_of_tails is None:
            break
        if prev is None:
            segment.first_prev = run[0][3]
        leaves = [row[2] for row in run]
        at += len(run)
        prev = segment.last_leaf = leaves[-1]
        if len(run) % TILE_WIDTH and at != end:
            break
        tree.add(leaves)
        if at == end:
            tree.finish()
        yield segment, run, sizes_of_tails
    if at != end or not segment.nodes:
        segment.sound = False
        yield segment, (), ()


class _Tails:
    """Compares rows with the bytes that their columns make."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._front = f',"header":{{"log":{orjson.dumps(log).decode()},"prev":"'

    def agree(self, run: Sequence[Row], start: int, prev: bytes | None) -> list[int] | None:
        """Check a run of rows, from `start`, behind the leaf `prev` if known.

        Returns:
            The length of each row's tail, 0 where the bytes end in another one; None when a row
            isn't sound.
        """
        if not run:
            return None
        seqs, raws, leaves, prevs, times, schemas, submitters = zip(*run, strict=True)
        kinds = [set(map(type, column)) for column in (seqs, raws, leaves, prevs, times)]
        if kinds != [{int}, {bytes}, {bytes}, {bytes}, {int}]:
            return None
        if seqs != tuple(range(start, start + len(run))) or prevs[1:] != leaves[:-1]:
            return None
        if prevs[0] != prev if prev is not None else len(prevs[0]) != HASH_SIZE:
            return None
        if (start == 0) != (prevs[0] == FIRST_PREV):
            return None
        if [sha256(b"\0" + raw).digest() for raw in raws] != list(leaves):
            return None
        try:
            tails = self._tails(seqs, prevs, times, schemas, submitters)
        except (orjson.JSONEncodeError, TypeError):
            return None
        sizes = list(map(len, tails))
        if not all(map(bytes.endswith, raws, tails)):
            for at, row in enumerate(run):
                if not row[1].endswith(tails[at]):
                    if not self._says(row):
                        return None
                    sizes[at] = 0
        return sizes if [raw[: len(_FIRST)] for raw in raws].count(_FIRST) == len(run) else None

    def _tails(
        self,
        seqs: Sequence[int],
        prevs: Sequence[bytes],
        times: Sequence[int],
        schemas: Sequence[Any],
        submitters: Sequence[Any],
    ) -> list[bytes]:
        # Captures give whole groups the same values here, so the text around `prev` and `seq` is
        # made once for each group.
        tails: list[bytes] = []
        front = self._front
        columns = zip(times, schemas, submitters, strict=True)
        for (time, schema, submitter), group in groupby(columns):
            if not (type(schema) is str is type(submitter) and schema and submitter):
                raise TypeError
            if not 0 <= time <= MAX_INTEGER:
                raise TypeError
            middle = f'","received_at":{time},"schema":{orjson.dumps(schema).decode()},"seq":'
            end = f',"signature":null,"submitter":{orjson.dumps(submitter).decode()}}}}}'
            here = slice(len(tails), len(tails) + len(list(group)))
            tails += [
                f"{front}{prev.hex()}{middle}{seq}{end}".encode()
                for seq, prev in zip(seqs[here], prevs[here], strict=True)
            ]
        return tails

    def _says(self, row: Row) -> bool:
        """Tell whether the header says what the columns say, where it holds a signature."""
        seq, raw, _, prev, time, schema, submitter = row
        try:
            header = decode_entry(raw).header
        except EntryError:
            return False
        return header == Header(self._log, seq, prev, time, schema, submitter, header.signature)


def fold(row: Sequence[bytes]) -> bytes:
    """Return the root over hashes whose number is a power of two (RFC 6962 section 2.1)."""
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=True)
        row = [sha256(b"\1" + left + right).digest() for left, right in pairs]
    return row[0]


class _Tree:
    """The Merkle tree over one segment, with its tiles."""

    def __init__(self, rows: SegmentRows, segment: Segment, width: int, sizes: list[int]) -> None:
        self._rows = rows
        self._segment = segment
        self._upper = width == TILE_WIDTH * TILE_WIDTH
        self._sizes = sizes
        self._range = CompactRange()
        self._rest: list[bytes] = []
        self._row: list[bytes] = []  # roots of the full tiles, for the tile of the next level

    def add(self, leaves: list[bytes]) -> None:
        """Add a run of leaves; all runs but the log's last are whole tiles."""
        tiles = [leaves[at : at + TILE_WIDTH] for at in range(0, len(leaves), TILE_WIDTH)]
        first = (self._segment.start + self._range.size) // TILE_WIDTH
        expected = [(first + n, b"".join(tile)) for n, tile in enumerate(tiles)]
        if self._rows.tiles(0, first, first + len(tiles)) != expected:
            self._segment.tiles_sound = False
        if len(tiles[-1]) < TILE_WIDTH:
            self._rest = tiles.pop()
        for tile in tiles:
            self._note(tile)
            node = fold(tile)
            self._row.append(node)
            self._range.append_subtree(node, TILE_HEIGHT)

    def finish(self) -> None:
        """Say what the segment makes of the tree, and compare its tile of the next level."""
        segment = self._segment
        self._note(self._rest)
        for leaf in self._rest:
            self._range.append(leaf)
        self._note([])
        segment.nodes = self._range.nodes
        if self._upper and self._row:
            index = segment.start // TILE_WIDTH**2
            if self._rows.tiles(1, index, index + 1) != [(index, b"".join(self._row))]:
                segment.tiles_sound = False

    def _note(self, leaves: Sequence[bytes]) -> None:
        """Note the roots of the sizes from here on that end before the last of the next leaves."""
        base = self._segment.start + self._range.size
        first = bisect_left(self._sizes, base)
        last = bisect_left(self._sizes, base + max(1, len(leaves)))
        tree = self._range.copy()
        for size in self._sizes[first:last]:
            for leaf in leaves[tree.size - self._range.size : size - base]:
                tree.append(leaf)
            self._segment.roots[size] = tree.root()


def joined_root(left: CompactRange, right: bytes) -> bytes:
    """Return the root of a tree whose last segment has the root `right`."""
    for node in reversed(left.nodes):
        right = node_hash(node, right)
    return right
