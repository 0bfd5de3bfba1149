r"""Cutting what a device sends into frames: one code each, and noise told apart from codes.

Rules kept here:

* A frame ends with one of the profile's endings; an ending that follows an ending is no frame.
* Where a start is configured (STX), a frame is what stands between start and ending. CR and LF
  between frames are nothing; other bytes there are noise, delivered as one frame for each stretch.
* A start inside a frame, or a device that falls silent or vanishes in the middle of one, breaks the
  frame off: half a code can be a valid other code, so it is told and never taken.
* At most `longest` bytes are kept of a frame, however long it grows; the others are counted.
* How the bytes were cut into chunks never changes the frames.

>>> framer = Framer(endings=b"\x03", start=b"\x02")
>>> [frame.raw for frame in framer.feed(b"\x02A1\x03\r\n\x02B")], framer.feed(b"2\x03")[0].raw
([b'A1'], b'B2')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

__all__ = ["Fault", "Frame", "Framer"]

_BLANK = b"\r\n"


class Fault(Enum):
    """Why a frame is no code."""

    OUTSIDE = auto()
    """It stands outside start and ending."""
    BROKEN_OFF = auto()
    """Its ending never came."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stood between two endings."""

    raw: bytes
    """Its first bytes, without start and ending; never empty."""
    dropped: int = 0
    """Count of the bytes behind these, which were not kept."""
    fault: Fault | None = None
    """None for a whole frame."""


class Framer:
    """Cuts chunks into frames; keeps an unfinished one for the next chunk."""

    def __init__(self, *, endings: bytes, start: bytes = b"", longest: int = 8192) -> None:
        self._start = start
        self._longest = longest
        marks = endings + start
        # Without any, a frame ends only with a silence.
        self._marks = re.compile(b"[" + re.escape(marks) + b"]" if marks else b"(?!)")
        self._kept = bytearray()
        self._dropped = 0
        self._is_inside = not start

    @property
    def is_waiting(self) -> bool:
        """Whether an unfinished frame is in hand."""
        return bool(self._kept)

    def feed(self, data: bytes) -> list[Frame]:
        """Take a chunk; return the frames that ended in it."""
        frames: list[Frame] = []
        position = 0
        for mark in self._marks.finditer(data):
            self._keep(data[position : mark.start()])
            position = mark.end()
            begins = mark[0] == self._start
            frames += self._end(Fault.BROKEN_OFF if begins else None)
            self._is_inside = begins or not self._start
        self._keep(data[position:])
        return frames

    def finish(self, *, whole: bool) -> list[Frame]:
        """End the frame in hand: as its ending would, or as one that was broken off."""
        frames = self._end(None if whole else Fault.BROKEN_OFF)
        self._is_inside = not self._start
        return frames

    def _end(self, fault: Fault | None) -> list[Frame]:
        raw, dropped = bytes(self._kept), self._dropped
        self._kept.clear()
        self._dropped = 0
        if not raw:
            return []
        return [Frame(raw, dropped, fault if self._is_inside else Fault.OUTSIDE)]

    def _keep(self, data: bytes) -> None:
        if not self._is_inside:
            data = data.translate(None, _BLANK)
        room = self._longest - len(self._kept)
        self._kept += data[:room]
        self._dropped += max(0, len(data) - room)
