"""Scanners on a serial line, such as a USB scanner in CDC mode: an adapter over pyserial.

Rules kept here:

* Bytes are cut as the device's profile says (`scanners.framing`): by CR or LF, between STX and ETX,
  or by a silence. A silence in the middle of a line that has an ending breaks the line off.
* A silence is one that was observed. What waited while nobody read it can't be told apart by
  silences, so it is delivered with a problem, where nothing but silences ends a code.
* A line that vanishes is told once, and tried again after 0.5 s, 1 s, 2 s and so on up to 10 s;
  when it is back, that is told too. Half a code that came before is a problem, and never taken.
* Noise is a problem for each line of it; no more than a line is ever kept.

The line is read by the thread that iterates. Where the line is opened the first time, a failure is
raised: a wrong name is no line that vanished.
"""

from __future__ import annotations

import errno
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from scanners.errors import DeviceError
from scanners.extras import extra
from scanners.wedge import WedgeParser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanners.devices import SerialDevice
    from scanners.scan import Scan

__all__ = ["Line", "SerialScanner", "open_line"]

_CHUNK = 4096  # bytes
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0


class Line(Protocol):
    """An open serial line."""

    def read(self, size: int, /) -> bytes:
        """Return what has come, at most `size` bytes; none after a silence as long as the gap.

        Raises:
            OSError: The line is gone.
        """
        ...

    def close(self) -> None:
        """Give the line back."""
        ...


class SerialScanner:
    """A `ScannerAdapter` over a serial line; iterates until the caller stops."""

    def __init__(
        self,
        profile: SerialDevice,
        *,
        device: str,
        now: Callable[[], int],
        tell: Callable[[str], None],
        opened: Callable[[SerialDevice], Line] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the adapter.

        Args:
            profile: Where the line is, and how the device sends.
            device: The name that scans bear.
            now: The clock: microseconds since 1970 UTC.
            tell: Hears, in a sentence, that the line went away or came back.
            opened: Opens the line; pyserial does by default.
            pause: Waits so many seconds.
        """
        self._profile = profile
        self._device = device
        self._now = now
        self._tell = tell
        self._opened = opened or open_line
        self._pause = pause
        self._parser = WedgeParser(device=device, profile=profile.wedge(), engine="serial")
        self._line: Line | None = None

    def __enter__(self) -> Self:
        """Open the line.

        Raises:
            DeviceError: It can't be opened.
        """
        try:
            self._line = self._opened(self._profile)
        except OSError as error:
            raise DeviceError(self._device, *_why(error, self._profile.port)) from None
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Give the line back."""
        self._close()

    def __iter__(self) -> Iterator[Scan]:
        """Deliver each scan as soon as its ending came; wait for the line where it is gone."""
        gap = self._profile.gap_ms * 1000
        last_read = self._now()
        while True:
            asked = self._now()
            try:
                data = self._reopened().read(_CHUNK)
            except OSError as error:
                self._close()
                yield from self._parser.finish(captured_at=self._now(), whole=False)
                found, _fix = _why(error, self._profile.port)
                self._tell(f"{self._device}: {found}; waiting for it to come back.")
                self._wait()
                last_read = self._now()
                continue
            came = self._now()
            if not data:
                yield from self._parser.silent(captured_at=came)
            else:
                yield from self._parser.feed(data, captured_at=came)
                if not self._profile.endings and asked - last_read >= gap:
                    yield from self._parser.finish(captured_at=came, whole=False)
            last_read = came

    def _reopened(self) -> Line:
        if self._line is None:
            self._line = self._opened(self._profile)
        return self._line

    def _wait(self) -> None:
        """Wait until the line can be opened again."""
        pause = _FIRST_PAUSE_S
        while True:
            self._pause(pause)
            try:
                self._reopened()
            except OSError:
                pause = min(2 * pause, _LONGEST_PAUSE_S)
                continue
            self._tell(f"{self._device}: it is back.")
            return

    def _close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            try:
                line.close()
            except OSError:  # it is gone already
                return


def _why(error: OSError, port: str) -> tuple[str, str]:
    """What is wrong with the line, and the fix."""
    if error.errno == errno.ENOENT:
        return f"{port} is not there", "plug the scanner in, or name its port in the profile"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"{port} may not be opened by this user",
            "add the user to the group that owns it, often dialout",
        )
    if error.errno in {errno.EBUSY, errno.EAGAIN}:
        return f"{port} is used by another program", "end that program"
    if error.errno in {errno.ENOTTY, errno.EINVAL}:
        return f"{port} is no serial line", "name the scanner's port in the profile"
    return f"{port} is gone", "plug the scanner in again"


class _PySerialLine:
    """A line of pyserial that answers with what has come."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def read(self, size: int, /) -> bytes:
        first: bytes = self._port.read(1)  # waits as long as the gap
        if first and (waiting := min(self._port.in_waiting, size - 1)):
            first += self._port.read(waiting)
        return first

    def close(self) -> None:
        self._port.close()


def open_line(profile: SerialDevice) -> Line:
    """Open a line with pyserial, for this program alone.

    Raises:
        DeviceError: pyserial isn't installed.
        OSError: The line can't be opened; of pyserial too, whose errors are such.
    """
    serial = extra("serial", name="serial", device=profile.port)
    if not stat.S_ISCHR(Path(profile.port).stat().st_mode):
        raise OSError(errno.ENOTTY, "no terminal", profile.port)
    parities = {"none": "N", "even": "E", "odd": "O"}
    return _PySerialLine(
        serial.Serial(
            profile.port,
            profile.baud,
            bytesize=profile.data_bits,
            parity=parities[profile.parity],
            stopbits=profile.stop_bits,
            timeout=profile.gap_ms / 1000,
            exclusive=True,
        )
    )
