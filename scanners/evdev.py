"""Scanners that play keyboard, read from the Linux kernel: before any layout or input method.

Rules kept here:

* The device is taken for this program alone (EVIOCGRAB), so that codes are not typed into whatever
  stands in front; the profile may leave it to others.
* Keys become text by `scanners.keyboard`, text becomes scans by `scanners.wedge`, with the rules of
  both; an event that is cut by the end of a read waits for its rest.
* A scan is captured when the kernel saw its last key.
* A device that is unplugged ends the scans with one sentence; half a code that came before it is a
  problem.

No package is needed: an event is struct input_event of linux/input.h, 24 bytes on a 64-bit machine.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, Self

from scanners.errors import DeviceError
from scanners.keyboard import LED_CAPS_LOCK, KeyDecoder
from scanners.wedge import WedgeParser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanners.devices import EvdevDevice
    from scanners.scan import Scan

__all__ = ["EVENT", "EvdevScanner", "EventSource", "open_keyboard"]

EVENT = struct.Struct("@llHHi")
"""Seconds, microseconds, type, code, value."""

_CHUNK = 64 * EVENT.size
_GRAB = 0x40044590  # EVIOCGRAB
_LEDS = 0x80084519  # EVIOCGLED, for 8 bytes
_IS_INPUT = 0x80044501  # EVIOCGVERSION
_US_PER_S = 1_000_000
_DOUBLE_BYTE = ("gb18030", "gbk", "big5", "shift-jis", "euc-kr")


class EventSource(Protocol):
    """An opened input device."""

    caps_lock: bool
    """Whether its caps lock is on."""

    def read(self, size: int, /) -> bytes:
        """Return the events that came, at most `size` bytes; none where there are no more.

        Raises:
            OSError: The device is gone.
        """
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class EvdevScanner:
    """A `ScannerAdapter` over an input device; iterates until it is unplugged."""

    def __init__(
        self,
        profile: EvdevDevice,
        *,
        device: str,
        now: Callable[[], int],
        opened: Callable[[EvdevDevice], EventSource] | None = None,
    ) -> None:
        """Prepare the adapter.

        Args:
            profile: Where the device is, and how it sends.
            device: The name that scans bear.
            now: The clock: microseconds since 1970 UTC.
            opened: Opens the device; `open_keyboard` by default.
        """
        self._profile = profile
        self._device = device
        self._now = now
        self._opened = opened or open_keyboard
        self._source: EventSource | None = None

    def __enter__(self) -> Self:
        """Open the device.

        Raises:
            DeviceError: It can't be opened, or another program has it.
        """
        try:
            self._source = self._opened(self._profile)
        except OSError as error:
            raise DeviceError(self._device, *_why(error, self._profile.path)) from None
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Give the device back."""
        if self._source is not None:
            self._source.close()
            self._source = None

    def __iter__(self) -> Iterator[Scan]:
        """Deliver each scan as soon as its ending was pressed.

        Raises:
            DeviceError: The device was unplugged.
        """
        source = self._source
        if source is None:
            return
        encodings = self._profile.encodings
        keys = KeyDecoder(
            self._profile.layout,
            caps_lock=source.caps_lock,
            double_byte=next((one for one in encodings if one in _DOUBLE_BYTE), ""),
        )
        # Key presses are characters: character sets matter to Alt numbers alone.
        profile = replace(self._profile.wedge(), encodings=("utf-8",))
        parser = WedgeParser(device=self._device, profile=profile, engine="evdev")
        rest = b""
        while True:
            try:
                data = source.read(_CHUNK)
                gone = None
            except OSError as error:
                data, gone = b"", error
            if not data:
                yield from parser.finish(captured_at=self._now(), whole=False)
                if gone is not None:
                    raise DeviceError(self._device, *_why(gone, self._profile.path)) from None
                return
            rest += data
            whole = len(rest) - len(rest) % EVENT.size
            events, rest = rest[:whole], rest[whole:]
            for seconds, microseconds, kind, code, value in EVENT.iter_unpack(events):
                text = keys.feed(kind, code, value)
                if text:
                    at = seconds * _US_PER_S + microseconds
                    for scan in parser.feed(text, captured_at=at):
                        yield replace(scan, received_at=self._now())


def _why(error: OSError, path: str) -> tuple[str, str]:
    """What is wrong with the device, and the fix."""
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"{path} may not be read by this user",
            "add the user to the group input, or give the group the device by a udev rule",
        )
    if error.errno == errno.EBUSY:
        return (
            f"{path} is grabbed by another program",
            "end that program, or set grab = false in the profile",
        )
    if error.errno in {errno.ENOTTY, errno.EINVAL, errno.EISDIR}:
        return f"{path} is no input device", "name one such as /dev/input/by-id/…-event-kbd"
    if error.errno == errno.ENOENT:
        return f"{path} is not there", "plug the scanner in, or name its path in the profile"
    return f"{path} is gone: the scanner was unplugged", "plug it in and start again"


class _Keyboard:
    """An input device of the kernel."""

    def __init__(self, descriptor: int, *, caps_lock: bool) -> None:
        self._descriptor = descriptor
        self.caps_lock = caps_lock

    def read(self, size: int, /) -> bytes:
        return os.read(self._descriptor, size)

    def close(self) -> None:
        os.close(self._descriptor)  # which ends the grab as well


def open_keyboard(profile: EvdevDevice) -> EventSource:
    """Open an input device, and grab it where the profile says so.

    Raises:
        OSError: It isn't there, is no input device, or another program has grabbed it.
    """
    descriptor = os.open(profile.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        fcntl.ioctl(descriptor, _IS_INPUT, bytes(4))
        if profile.grab:
            fcntl.ioctl(descriptor, _GRAB, 1)
        leds = fcntl.ioctl(descriptor, _LEDS, bytes(8))
        os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return _Keyboard(descriptor, caps_lock=bool(leds[0] >> LED_CAPS_LOCK & 1))
