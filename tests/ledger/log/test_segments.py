"""The quick check of a segment: sound only where the exact walk finds nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.canonical import canonical_bytes
from ledger.log.entry import FIRST_PREV, Header, encode_entry, leaf_hash
from ledger.log.merkle import CompactRange, root
from ledger.log.report import StoredCheckpoint, StoredEntry
from ledger.log.segments import RUN, Row, Segment, check_segment, fold, joined_root
from ledger.log.tiles import MemoryTiles, append_leaves
from ledger.log.verify import verify_log

ORIGIN = "ledger.example/log/acme"


@dataclass
class Rows:
    """Rows and tiles in memory."""

    kept: list[Row]
    hashes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def rows(self, start: int, end: int) -> Iterator[Sequence[Row]]:
        """Yield rows in runs."""
        for first in range(start, end, RUN):
            yield self.kept[first : min(end, first + RUN)]

    def tiles(self, level: int, first: int, end: int) -> list[tuple[Any, Any]]:
        """Return the tiles there are."""
        here = [(index, (level, index)) for index in range(first, end)]
        return [(index, self.hashes[key]) for index, key in here if key in self.hashes]


def make(size: int, **fields: Any) -> Rows:
    """Return an honest log."""
    rows: list[Row] = []
    prev = FIRST_PREV
    for seq in range(size):
        given: dict[str, Any] = {
            "received_at": 1_767_225_600_000_000 + seq // 7,
            "schema": "t/1",
            "submitter": f"né{seq // 5}",
            "signature": None,
        }
        header = Header(ORIGIN, seq, prev, **(given | fields))
        raw = encode_entry(header, canonical_bytes({"n": seq}))
        leaf = leaf_hash(raw)
        rows.append((seq, raw, leaf, prev, header.received_at, header.schema, header.submitter))
        prev = leaf
    return Rows(rows, append_leaves(MemoryTiles({}), 0, [row[2] for row in rows]))


LONG = make(RUN + 300)
SHORT = make(12)


def check(rows: Rows, start: int = 0, width: int = 65_536, sizes: Sequence[int] = ()) -> Segment:
    """Check to the end and return the segment."""
    end = min(len(rows.kept), start + width)
    *_, (segment, _, _) = check_segment(rows, ORIGIN, start, end, width=width, sizes=sizes)
    return segment


def test_a_sound_segment_says_what_it_makes_of_the_tree() -> None:
    """Nodes, the last leaf, and the root at any size that is asked for, at tile edges and between."""
    size = len(LONG.kept)
    leaves = [row[2] for row in LONG.kept]
    sizes = [1, 2, 255, 256, 257, 511, 512, 1023, 1024, 1025, size - 1, size]
    segment = check(LONG, sizes=sizes)
    assert (segment.sound, segment.tiles_sound) == (True, True)
    assert (segment.first_prev, segment.last_leaf) == (FIRST_PREV, leaves[-1])
    assert segment.roots == {size: root(leaves[:size]) for size in sizes}
    assert CompactRange.of(size, segment.nodes).root() == root(leaves)


@pytest.mark.parametrize("width", [256])
def test_segments_put_together_give_the_tree(width: int) -> None:
    """The roots of segments in their order are the tree's; a later root needs those on its left."""
    leaves = [row[2] for row in LONG.kept]
    left = CompactRange()
    for start in range(0, len(leaves), width):
        segment = check(LONG, start, width, [min(start + 3, len(leaves))])
        [(size, partial)] = segment.roots.items()
        assert joined_root(left, partial) == root(leaves[:size])
        if segment.end - start == width:
            assert segment.nodes == (fold(leaves[start : segment.end]),)
            left.append_subtree(segment.nodes[0], 8)


def test_a_header_with_a_signature_is_decoded() -> None:
    """No column repeats a submitter's signature, so such an entry is read in full."""
    rows = make(5, signature="sig")
    assert check(rows).sound
    rows.kept[2] = (*rows.kept[2][:6], "other")
    assert not check(rows).sound


@pytest.mark.parametrize("seq", [0, 1, 5, 11])
@pytest.mark.parametrize("column", range(7))
@pytest.mark.parametrize(
    "value", [None, "", "text", 7, -1, 2**53, 1.0, b"", b"\xff" * 32, True, "\ud800"], ids=repr
)
def test_garbage_in_any_column_is_no_sound_row(column: int, value: Any, seq: int) -> None:
    """Any other value in any column, of whatever type, is a difference."""
    row = SHORT.kept[seq]
    if row[column] == value and type(row[column]) is type(value):
        return
    kept = [*SHORT.kept]
    kept[seq] = (*row[:column], value, *row[column + 1 :])
    assert not check(Rows(kept, SHORT.hashes)).sound


def forged(seq: int, raw: bytes) -> Rows:
    """Return a log whose entry has other bytes, hashed and chained anew, as an insider would."""
    kept = SHORT.kept[:seq]
    row = SHORT.kept[seq]
    kept.append((seq, raw, leaf_hash(raw), *row[3:]))
    return Rows(kept)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw + b" ",
        lambda raw: b" " + raw,
        lambda raw: raw.replace(b'"seq":5', b'"seq":6'),
        lambda raw: raw.replace(b'"log":"ledger', b'"log":"1edger'),
        lambda raw: raw.replace(b'"submitter"', b'"submitteR"'),
        lambda raw: raw.replace(b'{"body":{', b'{"bodY":{'),
        lambda raw: raw.replace(b'{"body":{', b'{"body":[{'),
        lambda raw: raw[raw.index(b',"header"') :],
        lambda raw: raw[:0],
    ],
    ids=range(9),
)
def test_bytes_that_do_not_say_what_the_columns_say(change: Any) -> None:
    """An entry that was written otherwise is a difference although its hash fits."""
    assert not check(forged(5, change(SHORT.kept[5][1]))).sound


@dataclass
class Walked:
    """The same rows for the exact walk."""

    rows: Rows

    def size(self, log: str) -> int:
        """Return how many there are."""
        assert log == ORIGIN
        return len(self.rows.kept)

    def entries(self, log: str, start: int) -> Iterator[StoredEntry]:
        """Yield them."""
        assert (log, start) == (ORIGIN, 0)
        return (StoredEntry(*row) for row in self.rows.kept)

    def checkpoints(self, log: str) -> list[StoredCheckpoint]:
        """Return none."""
        assert log == ORIGIN
        return []


@given(st.integers(0, 11), st.data())
def test_what_the_quick_check_takes_the_exact_walk_takes(seq: int, data: st.DataObject) -> None:
    """Whatever bytes are put in the place of an entry's header, both agree about it."""
    raw = SHORT.kept[seq][1]
    at = data.draw(st.integers(raw.index(b',"header"') + 2, len(raw)))
    put = data.draw(
        st.sampled_from([b"", b'"', b"\\", b"}", b"{", b",", b"0", b" ", b'\\"', b'"x":1,'])
    )
    cut = data.draw(st.integers(0, 2))
    rows = forged(seq, raw[:at] + put + raw[at + cut :])

    assert check(rows).sound == (not verify_log(Walked(rows), ORIGIN, []).findings)


@pytest.mark.parametrize("rows", [SHORT.kept[:5], SHORT.kept[:5] + SHORT.kept[6:], []])
def test_a_missing_row_is_a_difference(rows: list[Row]) -> None:
    """A segment that has fewer rows than it should is not sound, and neither is an empty one."""
    *_, (segment, _, _) = check_segment(Rows(rows), ORIGIN, 0, 12, width=256)
    assert not segment.sound


def test_a_run_that_breaks_off_is_a_difference() -> None:
    """Rows that are missing at the end of a run don't shift the tiles behind them."""

    class Gap(Rows):
        def rows(self, start: int, end: int) -> Iterator[Sequence[Row]]:
            assert start == 0
            yield self.kept[:100]
            yield self.kept[100:end]

    assert not check(Gap(LONG.kept, LONG.hashes)).sound


@pytest.mark.parametrize("key", [(0, 0), (0, 5), (1, 0)])
@pytest.mark.parametrize("hashes", [None, b"", b"\0" * 8192])
def test_a_wrong_tile_is_told_apart_from_wrong_rows(
    key: tuple[int, int], hashes: bytes | None
) -> None:
    """A tile that was changed or is gone leaves the rows sound."""
    tiles = dict(LONG.hashes)
    if hashes is None:
        del tiles[key]
    else:
        tiles[key] = hashes
    segment = check(Rows(LONG.kept, tiles))
    assert (segment.sound, segment.tiles_sound) == (True, False)
