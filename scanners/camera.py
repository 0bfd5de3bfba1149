"""A camera: frames are read as they come, and each code is told once while it is seen.

Rules kept here:

* A code with error correction is told at the first frame that reads it. One with a check digit at
  most is told once steps within a frame agree on it, or two frames between which it moved; a frame
  in which it stands where it stood is the same look again.
* What was not agreed on is told when it is out of sight, as single or contradicted.
* A code is told again after it was out of sight for `AWAY_S`.
* Frames come from any `FrameSource`. `OpenCvFrames` is one over a Linux camera (V4L2) or a video
  file, and needs the extra ``camera`` (OpenCV); it opens paths alone, never addresses.
"""

from __future__ import annotations

import importlib
import stat
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from PIL import Image

from scanners.cascade import read_symbols
from scanners.errors import CameraLostError, CameraUnavailableError, PictureTooLargeError
from scanners.pictures import MAX_PIXELS
from scanners.scan import WEAK, Confidence
from scanners.voting import Ballot, same_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanners.engines import Reading
    from scanners.scan import Quad, Scan

__all__ = ["AWAY_S", "FRAME_SECONDS", "CameraScanner", "FrameSource", "OpenCvFrames"]

AWAY_S = 2.0
"""Seconds out of sight after which the same code is told anew."""

FRAME_SECONDS = 0.15
"""Of the processor, for the thorough part of one frame: the next one comes soon."""

_MOVED = 3
"""Pixels between two frames that make another look."""
_MOST_PENDING = 64
"""Places of one sight that wait for agreement; the oldest is told beyond that."""
_BAD_FRAMES = 5
"""Frames in a row that may be missing before the camera counts as lost."""
_US = 1_000_000


class FrameSource(Protocol):
    """Where frames come from: a context manager that iterates over grey pictures."""

    def __enter__(self) -> Self:
        """Open the camera."""
        ...

    def __exit__(self, *exc_info: object) -> None:
        """Free the camera."""
        ...

    def __iter__(self) -> Iterator[Image.Image]:
        """Deliver pictures of mode ``L``; raise `CameraLostError` where no more come."""
        ...


@dataclass(slots=True)
class _Pending:
    """A place where something was seen that is not agreed on yet."""

    ballot: Ballot
    seen_at: int
    looks: list[Quad] = field(default_factory=list)
    """Where it stood each time it had a vote."""
    contested: bool = False
    """Whether the steps contradicted one another within a frame."""


class CameraScanner:
    """A `ScannerAdapter` over the frames of a camera."""

    def __init__(
        self,
        frames: FrameSource,
        *,
        device: str,
        now: Callable[[], int],
        seconds: float = FRAME_SECONDS,
    ) -> None:
        """Prepare to look.

        Args:
            frames: The camera.
            device: Its name in the scans.
            now: The clock, UTC in microseconds.
            seconds: Of the processor for the thorough part of each frame.
        """
        self._frames = frames
        self._device = device
        self._now = now
        self._seconds = seconds
        self._sequence = 0
        self._told: dict[tuple[str, bytes], int] = {}
        self._pending: list[_Pending] = []

    def __enter__(self) -> Self:
        """Open the camera.

        Raises:
            CameraUnavailableError: it can't be opened.
        """
        self._frames.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Free the camera."""
        self._frames.__exit__(*exc_info)

    def __iter__(self) -> Iterator[Scan]:
        """Deliver each code that comes into sight.

        Raises:
            CameraLostError: the camera delivers nothing more; what it saw was delivered before.
        """
        lost: CameraLostError | None = None
        try:
            for frame in self._frames:
                at = self._now()
                found = self._agreed(read_symbols(frame, seconds=self._seconds), at)
                yield from self._scans(found, at)
        except CameraLostError as error:
            lost = error
        at = self._now()
        yield from self._scans(self._settled(self._pending), at)
        self._pending = []
        if lost is not None:
            raise lost

    def _scans(self, readings: list[Reading], at: int) -> Iterator[Scan]:
        """Those that are new in sight."""
        for reading in readings:
            key = reading.symbology_identifier, reading.raw
            new = key not in self._told
            self._told[key] = at
            if new:
                yield reading.scan(self._device, at, self._sequence)
                self._sequence += 1

    def _agreed(self, readings: list[Reading], at: int) -> list[Reading]:
        """What may be told after this frame."""
        gone = at - int(AWAY_S * _US)
        self._told = {key: seen for key, seen in self._told.items() if seen > gone}
        out_of_sight = [one for one in self._pending if one.seen_at <= gone]
        self._pending = [one for one in self._pending if one.seen_at > gone]
        found = self._settled(out_of_sight)
        for reading in readings:
            if reading.symbology not in WEAK:
                found.append(reading)
            elif (agreed := self._voted(reading, at)) is not None:
                found.append(agreed)
        beyond = len(self._pending) - _MOST_PENDING
        if beyond > 0:
            found += self._settled(self._pending[:beyond])
            del self._pending[:beyond]
        return found

    def _voted(self, reading: Reading, at: int) -> Reading | None:
        key = reading.symbology_identifier, reading.raw
        if key in self._told and reading.confidence is not Confidence.CONTRADICTED:
            return reading  # it goes on being seen
        pending = next(
            (one for one in self._pending if same_place(one.ballot.quad, reading.quad)), None
        )
        if pending is None:
            pending = _Pending(Ballot(reading.quad), at)
            self._pending.append(pending)
        pending.seen_at = at
        # The camera moves, and so does the place in which the next frame is expected.
        pending.ballot.quad = reading.quad
        agreed = reading.confidence is Confidence.AGREED
        if reading.confidence is Confidence.CONTRADICTED:
            pending.contested = True
            pending.ballot.add(reading, "contested", 0)
        elif agreed or all(_moved(reading.quad, look) for look in pending.looks):
            pending.ballot.add(reading, f"look {len(pending.looks)}", 2 if agreed else 1)
            pending.looks.append(reading.quad)
        if not pending.ballot.decided:
            return None
        self._pending.remove(pending)
        return pending.ballot.result()

    @staticmethod
    def _settled(pending: list[_Pending]) -> list[Reading]:
        """What is told of places that are out of sight without agreement."""
        readings = []
        for one in pending:
            result = one.ballot.result()
            if one.contested:
                readings.append(replace(result, confidence=Confidence.CONTRADICTED))
            elif one.ballot.counts:
                readings.append(result)
        return readings


def _moved(one: Quad, other: Quad) -> bool:
    return any(
        max(abs(x - u), abs(y - v)) >= _MOVED for (x, y), (u, v) in zip(one, other, strict=True)
    )


class OpenCvFrames:
    """The frames of a camera device such as ``/dev/video0``, or of a video file."""

    def __init__(self, path: Path, *, width: int = 1280, height: int = 720) -> None:
        """Prepare to open.

        Args:
            path: Of the device or file.
            width: That a camera is asked for, in pixels; it may deliver another.
            height: As well.
        """
        self._path = path
        self._size = width, height
        self._capture: Any = None
        self._is_device = False
        self._library: Any = None

    def __enter__(self) -> Self:
        """Open the camera.

        Raises:
            CameraUnavailableError: OpenCV or the device is missing, or it is no camera.
            PictureTooLargeError: its frames have more pixels than are read.
        """
        name = str(self._path)
        try:
            self._is_device = stat.S_ISCHR(self._path.stat().st_mode)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise CameraUnavailableError(
                name, f"can't be opened ({reason})", "plug the camera in and check its name"
            ) from error
        library = self._library = _open_cv(name)
        backend = library.CAP_V4L2 if self._is_device else library.CAP_ANY
        capture = library.VideoCapture(str(self._path.absolute()), backend)
        if not capture.isOpened():
            capture.release()
            raise CameraUnavailableError(
                name,
                "is no camera or video that can be opened",
                "check that no other program uses it and that you may read it",
            )
        if self._is_device:
            for setting, value in (
                (library.CAP_PROP_FRAME_WIDTH, self._size[0]),
                (library.CAP_PROP_FRAME_HEIGHT, self._size[1]),
                (library.CAP_PROP_BUFFERSIZE, 1),  # what is read is what is seen now
            ):
                capture.set(setting, value)
        width, height = (
            int(capture.get(setting))
            for setting in (library.CAP_PROP_FRAME_WIDTH, library.CAP_PROP_FRAME_HEIGHT)
        )
        if width * height > MAX_PIXELS:
            capture.release()
            raise PictureTooLargeError(
                name,
                f"has frames of {width} x {height} pixels where at most {MAX_PIXELS:,} are read",
                "choose a smaller format",
            )
        self._capture = capture
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Free the camera."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def __iter__(self) -> Iterator[Image.Image]:
        """Deliver the frames in grey.

        Raises:
            CameraLostError: a camera delivers no more; a file simply ends.
        """
        bad = 0
        while self._capture is not None:
            good, frame = self._capture.read()
            if good:
                bad = 0
                grey = self._library.cvtColor(frame, self._library.COLOR_BGR2GRAY)
                yield Image.fromarray(grey)
                continue
            bad += 1
            if not self._is_device:
                return
            if bad == _BAD_FRAMES:
                raise CameraLostError(
                    str(self._path),
                    "delivers no more pictures",
                    "plug the camera in again and start anew",
                )


def _open_cv(name: str) -> Any:
    try:
        library = importlib.import_module("cv2")
    except (ImportError, OSError) as error:
        raise CameraUnavailableError(
            name,
            "needs OpenCV, which isn't installed",
            'install it with: pip install "suyuan[camera]"',
        ) from error
    with suppress(AttributeError):  # it writes to standard error what we say ourselves
        library.utils.logging.setLogLevel(library.utils.logging.LOG_LEVEL_SILENT)
    return library
