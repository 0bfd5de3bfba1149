"""Many QR codes at once, bit for bit those of the `qrcode` package, some hundred times faster.

Rules kept:

* Every matrix is the one that `qrcode.QRCode(error_correction=ERROR_CORRECT_M)` makes of the same
  bytes: the same segments, version, mask and therefore modules. Its tables are used; what differs
  is that codes whose segments are alike are computed together, column by column.
* Reed-Solomon is linear: what each value of each data codeword adds to the check codewords stands
  in a table, and adding is XOR.
* A row of modules is a 64-bit word, the leftmost module its highest bit. The four penalties of a
  mask are shifts and population counts of such words.
* Versions above `WIDEST` do not fit into a word, and contents of at most `_SHORT` bytes have
  segments of another kind; `qrcode` itself makes these one by one.

ISO/IEC 18004, sections 7.4 (segments), 7.5 (error correction), 7.7 (placement), 7.8 (masks).

>>> [(indices, size, words)] = qr_groups([b"https://example.com/01/09506000134352"])
>>> size, f"{int(words[0, 0]) >> 64 - size:029b}"
(29, '11111110111011001010101111111')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
import qrcode
from qrcode import base, util
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError

from labels.errors import ContentTooLongError
from labels.qr_penalties import penalties

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Words = npt.NDArray[np.uint64]

__all__ = ["WIDEST", "QrGroup", "qr_groups", "qr_rows"]

WIDEST: Final = 61
"""Modules across the largest version (11) that is made in batches."""
_TOGETHER: Final = 512  # codes: their words of one mask stay in the processor's cache
_SHORT: Final = 20  # bytes; also the least length of a segment of its own, as in qrcode
_ALPHANUMERIC: Final = re.compile(rb"[%s]{%d,}" % (re.escape(util.ALPHA_NUM), _SHORT))
_NUMERIC: Final = re.compile(rb"[0-9]{%d,}" % _SHORT)
_MASKS: Final = 8
_ALPHA: Final = 2  # modes, as qrcode numbers them
_BYTES: Final = 4
_WORD: Final = 64  # bits


class QrGroup(NamedTuple):
    """Codes of one size."""

    indices: Sequence[int]
    """Which of the contents they are of."""
    size: int
    """Modules across."""
    words: Words
    """A row of modules of a code in each element, by (row, code); see the module's docstring."""


class _Segment(NamedTuple):
    mode: Literal[2, 4]
    start: int
    end: int


def qr_rows(content: bytes) -> tuple[str, ...]:
    """One QR code as rows of ``1`` for a dark module.

    Raises:
        ContentTooLongError: No QR code can hold it.
    """
    segments = _segments(content)
    if segments is None or (version := _version(segments)) is None:
        return tuple(
            "".join("1" if dark else "0" for dark in row) for row in _made(content).modules
        )
    size = 4 * version + 17
    words = _codes(segments, version, [content])
    return tuple(f"{int(word) >> _WORD - size:0{size}b}" for word in words[:, 0])


def qr_groups(contents: Sequence[bytes]) -> Iterator[QrGroup]:
    """QR codes of many contents, together those that are made alike.

    Every index comes once; contents above `WIDEST` modules come as no group.

    Raises:
        ContentTooLongError: One is too long for `WIDEST` modules.
    """
    alike: dict[tuple[_Segment, ...], list[int]] = {}
    for index, content in enumerate(contents):
        segments = _segments(content)
        if segments is None:
            # Made one by one, yet handed out as the others are.
            yield QrGroup([index], *_single(content))
            continue
        alike.setdefault(segments, []).append(index)
    for segments, indices in alike.items():
        version = _version(segments)
        if version is None:
            raise _too_wide(contents[indices[0]])
        for start in range(0, len(indices), _TOGETHER):
            some = indices[start : start + _TOGETHER]
            words = _codes(segments, version, [contents[index] for index in some])
            yield QrGroup(some, 4 * version + 17, words)


def _made(content: bytes) -> Any:
    maker: Any = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    try:
        maker.add_data(content)
        maker.make(fit=True)
    except (DataOverflowError, ValueError):
        raise ContentTooLongError(
            f"Expected at most 2,331 characters for a QR code, found {len(content):,}; "
            "use a shorter code or stem."
        ) from None
    return maker


def _too_wide(content: bytes) -> ContentTooLongError:
    return ContentTooLongError(
        f"Expected at most 251 characters for a QR code of a run, found {len(content):,}; use a"
        " shorter code or stem."
    )


def _single(content: bytes) -> tuple[int, Words]:
    modules = _made(content).modules
    size = len(modules)
    if size > WIDEST:
        raise _too_wide(content)
    words = [
        int("".join("1" if one else "0" for one in row), 2) << (_WORD - size) for row in modules
    ]
    return size, np.array(words, dtype=np.uint64)[:, None]


def _segments(content: bytes) -> tuple[_Segment, ...] | None:
    """The segments that `qrcode.util.optimal_data_chunks` makes; None where it has to make them."""
    if len(content) <= _SHORT or _NUMERIC.search(content):
        return None
    found: list[_Segment] = []
    at = 0
    for match in _ALPHANUMERIC.finditer(content):
        start, end = match.span()
        if start > at:
            found.append(_Segment(_BYTES, at, start))
        found.append(_Segment(_ALPHA, start, end))
        at = end
    if at < len(content):
        found.append(_Segment(_BYTES, at, len(content)))
    return tuple(found)


def _version(segments: tuple[_Segment, ...]) -> int | None:
    """The least version that holds the segments; None where it is too wide for a word."""
    version = _fitting(segments)
    return version if version is not None and 4 * version + 17 <= WIDEST else None


@lru_cache(maxsize=1024)
def _fitting(segments: tuple[_Segment, ...]) -> int | None:
    maker: Any = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    for mode, start, end in segments:
        maker.add_data(util.QRData(b"A" * (end - start), mode, check_data=False))
    try:
        version: int = maker.best_fit()
    except (DataOverflowError, ValueError):
        return None
    return version


def _codes(segments: tuple[_Segment, ...], version: int, contents: list[bytes]) -> Words:
    """Codes of contents whose segments are alike, all of one version."""
    plan = _plan(version)
    data = _data(segments, version, contents, plan.capacity)
    bits = np.unpackbits(plan.with_checks(data), axis=1)
    # A last column of zeros stands for all cells that hold no data.
    bits = np.pad(bits, ((0, 0), (0, 1)))
    packed = np.packbits(np.take(bits, plan.cells, axis=1), axis=1)
    words: Words = packed.view(">u8").astype(np.uint64).T
    words = np.ascontiguousarray(words)
    best: npt.NDArray[np.int64] | None = None
    chosen = np.zeros(len(contents), dtype=np.intp)
    for mask in range(_MASKS):
        lost = penalties(words ^ plan.trials[mask][:, None], plan.size)
        if best is None:
            best = lost
        else:
            better = lost < best
            best[better] = lost[better]
            chosen[better] = mask
    return words ^ plan.finals[chosen].T


def _data(
    segments: tuple[_Segment, ...], version: int, contents: list[bytes], capacity: int
) -> Bytes:
    """The data codewords of contents (section 7.4), by (content, codeword)."""
    count = len(contents)
    text = np.frombuffer(b"".join(contents), dtype=np.uint8).reshape(count, -1)
    parts: list[Bytes] = []
    for mode, start, end in segments:
        width = util.length_in_bits(mode, version)
        head = mode << width | end - start
        parts.append(np.broadcast_to(_bits(np.array([head]), 4 + width), (count, 4 + width)))
        piece = text[:, start:end]
        if mode == _BYTES:
            parts.append(np.unpackbits(piece, axis=1))
            continue
        values = _alphanumeric()[piece]
        pairs = (end - start) // 2
        together = values[:, : 2 * pairs : 2] * 45 + values[:, 1 : 2 * pairs : 2]
        parts.append(_bits(together, 11).reshape(count, -1))
        if end - start > 2 * pairs:
            parts.append(_bits(values[:, -1], 6))
    length = sum(part.shape[1] for part in parts)
    # Up to four zeros end the data, others fill its last codeword.
    zeros = min(capacity * 8 - length, 4)
    zeros += -(length + zeros) % 8
    parts.append(np.zeros((count, zeros), dtype=np.uint8))
    filled = np.packbits(np.concatenate(parts, axis=1), axis=1)
    padding = np.resize(
        np.array([util.PAD0, util.PAD1], dtype=np.uint8), capacity - filled.shape[1]
    )
    return np.concatenate((filled, np.broadcast_to(padding, (count, padding.size))), axis=1)


def _bits(values: npt.NDArray[Any], width: int) -> Bytes:
    """The lowest bits of each number, highest first, along a new last axis."""
    shifts = np.arange(width - 1, -1, -1, dtype=values.dtype)
    return (values[..., None] >> shifts & 1).astype(np.uint8)


@lru_cache(maxsize=1)
def _alphanumeric() -> npt.NDArray[np.uint16]:
    values = np.zeros(256, dtype=np.uint16)
    values[np.frombuffer(util.ALPHA_NUM, dtype=np.uint8)] = np.arange(len(util.ALPHA_NUM))
    return values


@dataclass(frozen=True, slots=True)
class _Plan:
    """All of a version that does not depend on the content."""

    size: int
    """Modules across."""
    capacity: int
    """Data codewords."""
    blocks: tuple[tuple[int, int, Words], ...]
    """Of each block of error correction: its first data codeword, their number, and the table that
    gives the check codewords that a value at a place adds, in words."""
    checks: int
    """Check codewords of a block; a version has the same in all of its blocks."""
    order: npt.NDArray[np.intp]
    """Where each codeword of the symbol stands among all data, then all check codewords."""
    cells: npt.NDArray[np.intp]
    """Which bit of the symbol's codewords stands in a cell, by row and 64 columns; the index behind
    the last bit where none does."""
    trials: Words
    """By mask and row: what is added to the data to judge a mask."""
    finals: Words
    """By mask and row: what is added to the data in the end, the format's information included."""

    def with_checks(self, data: Bytes) -> Bytes:
        """All codewords in the order of the symbol (sections 7.5 and 7.6)."""
        parts = [data]
        for start, count, table in self.blocks:
            words = table[0][data[:, start]]
            for place in range(1, count):
                words ^= table[place][data[:, start + place]]
            parts.append(words.view(np.uint8)[:, : self.checks])
        return np.concatenate(parts, axis=1)[:, self.order]


@lru_cache(maxsize=11)
def _plan(version: int) -> _Plan:
    size = 4 * version + 17
    blocks = base.rs_blocks(version, ERROR_CORRECT_M)
    checks = blocks[0].total_count - blocks[0].data_count
    starts = np.cumsum([0, *(block.data_count for block in blocks)])
    capacity = int(starts[-1])
    tables = {count: _check_table(count, checks) for _, count in set(blocks)}
    longest = max(block.data_count for block in blocks)
    order = [
        int(start) + place
        for place in range(longest)
        for start, block in zip(starts, blocks, strict=False)
        if place < block.data_count
    ]
    order += [
        capacity + block * checks + place for place in range(checks) for block in range(len(blocks))
    ]
    trials, finals, cells = _patterns(version, size, 8 * len(order))
    return _Plan(
        size=size,
        capacity=capacity,
        blocks=tuple(
            (int(start), block.data_count, tables[block.data_count])
            for start, block in zip(starts, blocks, strict=False)
        ),
        checks=checks,
        order=np.array(order),
        cells=cells,
        trials=trials,
        finals=finals,
    )


def _check_table(count: int, checks: int) -> Words:
    """What each value of each data codeword adds to the check codewords (section 7.5.2)."""
    generator = [1]
    for power in range(checks):
        root = base.gexp(power)
        grown = [*generator, 0]
        for place, factor in enumerate(generator):
            grown[place + 1] ^= _product(factor, root)
        generator = grown
    remainder = generator[1:]  # of x to the number of check codewords
    table = np.zeros((count, 256, checks + -checks % 8), dtype=np.uint8)
    for place in range(count - 1, -1, -1):
        for value in range(1, 256):
            table[place, value, :checks] = [_product(value, factor) for factor in remainder]
        first, *rest = remainder
        remainder = [
            one ^ _product(first, factor)
            for one, factor in zip([*rest, 0], generator[1:], strict=True)
        ]
    return table.view(np.uint64)


def _product(one: int, other: int) -> int:
    return int(base.gexp(base.glog(one) + base.glog(other))) if one and other else 0


def _patterns(version: int, size: int, bits: int) -> tuple[Words, Words, npt.NDArray[np.intp]]:
    """What stands around the data, by mask, and where each bit of the data stands."""
    maker: Any = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M)
    maker.data_cache = []
    trials, finals = (np.zeros((_MASKS, size), dtype=np.uint64) for _ in range(2))
    for mask in range(_MASKS):
        for judged, words in ((True, trials), (False, finals)):
            maker.makeImpl(judged, mask)  # without data: every cell of theirs shows its mask
            words[mask] = [
                int("".join("1" if dark else "0" for dark in row), 2) << (_WORD - size)
                for row in maker.modules
            ]
    free = _Cells(size)
    maker.modules = [[None] * size for _ in range(size)]
    maker.setup_position_probe_pattern(0, 0)
    maker.setup_position_probe_pattern(size - 7, 0)
    maker.setup_position_probe_pattern(0, size - 7)
    maker.setup_position_adjust_pattern()
    maker.setup_timing_pattern()
    maker.setup_type_info(test=True, mask_pattern=0)
    if version >= 7:  # the least version with information about itself  # noqa: PLR2004
        maker.setup_type_number(test=True)
    cells = np.full((size, _WORD), bits, dtype=np.intp)
    taken = 0
    for row, column in free.path():
        if maker.modules[row][column] is None:
            if taken < bits:  # what is left over are the remainder bits
                cells[row, column] = taken
            taken += 1
    return trials, finals, cells.reshape(-1)


@dataclass(frozen=True, slots=True)
class _Cells:
    size: int

    def path(self) -> Iterator[tuple[int, int]]:
        """All cells in the order of placement: up and down in double columns (section 7.7.3)."""
        upwards = True
        for right in range(self.size - 1, 0, -2):
            column = right - 1 if right <= 6 else right  # a timing pattern fills column 6  # noqa: PLR2004
            rows = range(self.size)
            for row in reversed(rows) if upwards else rows:
                yield row, column
                yield row, column - 1
            upwards = not upwards
