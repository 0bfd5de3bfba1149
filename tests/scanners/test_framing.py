"""Cutting bytes into frames."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.framing import Fault, Frame, Framer

STX, ETX = b"\x02", b"\x03"

PIECES = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from([STX, ETX, b"\r", b"\r\n", b"\n", b"A1", b"x" * 40]),
    ),
    max_size=16,
)
SHAPES = st.sampled_from(
    [(b"\r\n\t", b""), (b"\r", b""), (ETX, STX), (b"\r\n", STX), (b"", b""), (ETX + b"\r", b"")]
)


def cut(framer: Framer, stream: bytes, cuts: list[int]) -> list[Frame]:
    """Feed a stream in pieces and end the last frame."""
    frames: list[Frame] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames += framer.feed(stream[start:end])
    return frames + framer.finish(whole=True)


@given(PIECES, SHAPES, st.data())
def test_chunks_never_change_the_frames(
    pieces: list[bytes], shape: tuple[bytes, bytes], data: st.DataObject
) -> None:
    """However the stream is cut, the frames are the same."""
    stream = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    endings, start = shape
    whole = cut(Framer(endings=endings, start=start, longest=32), stream, [])
    assert cut(Framer(endings=endings, start=start, longest=32), stream, cuts) == whole


@given(PIECES, SHAPES)
def test_every_byte_is_told(pieces: list[bytes], shape: tuple[bytes, bytes]) -> None:
    """Bytes are in a frame, or counted, but for starts, endings and blanks between frames."""
    stream = b"".join(pieces)
    endings, start = shape
    frames = cut(Framer(endings=endings, start=start, longest=8), stream, [])
    told = sum(len(frame.raw) + frame.dropped for frame in frames)
    content = stream.translate(None, endings + start)
    blanks = len(content) - len(content.translate(None, b"\r\n")) if start else 0
    assert len(content) - blanks <= told <= len(content)
    assert all(0 < len(frame.raw) <= 8 for frame in frames)


@pytest.mark.parametrize(
    ("stream", "frames"),
    [
        (b"\x02A\x03\r\n\x02B\x03", [Frame(b"A"), Frame(b"B")]),
        (b"\x02A\r\nB\x03", [Frame(b"A\r\nB")]),
        (b"noise\x02A\x03", [Frame(b"noise", fault=Fault.OUTSIDE), Frame(b"A")]),
        (b"noise\x03\x02A\x03", [Frame(b"noise", fault=Fault.OUTSIDE), Frame(b"A")]),
        (b"\x02half\x02A\x03", [Frame(b"half", fault=Fault.BROKEN_OFF), Frame(b"A")]),
        (b"\x02\x02A\x03\x03", [Frame(b"A")]),
        (b"\x02A\x03B", [Frame(b"A"), Frame(b"B", fault=Fault.OUTSIDE)]),
    ],
)
def test_start_and_ending(stream: bytes, frames: list[Frame]) -> None:
    """Between STX and ETX stands a code; what stands elsewhere is noise or half a code."""
    assert cut(Framer(endings=ETX, start=STX), stream, []) == frames


def test_a_frame_that_is_broken_off() -> None:
    """Where the device vanished, what is in hand is no code; then all begins again."""
    framer = Framer(endings=ETX, start=STX)
    assert framer.feed(b"\x02AB") == []
    assert framer.is_waiting
    assert framer.finish(whole=False) == [Frame(b"AB", fault=Fault.BROKEN_OFF)]
    assert not framer.is_waiting
    assert framer.finish(whole=False) == []
    assert framer.feed(b"C\x03") == [Frame(b"C", fault=Fault.OUTSIDE)]


def test_endless_noise_costs_no_memory() -> None:
    """A hundred million bytes without an ending are counted and not kept."""
    framer = Framer(endings=b"\r", longest=100)
    chunk = b"\xff" * 65_536
    tracemalloc.start()
    for _ in range(1600):
        assert framer.feed(chunk) == []
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    [frame] = framer.feed(b"\r")
    assert (len(frame.raw), frame.dropped) == (100, 1600 * 65_536 - 100)
