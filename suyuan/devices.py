"""The devices of this place: opened by their profile, and their profiles kept in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from scanners.camera import CameraScanner, OpenCvFrames
from scanners.devices import (
    CameraDevice,
    EvdevDevice,
    FolderDevice,
    MqttDevice,
    SerialDevice,
    WedgeDevice,
    as_toml,
    read_devices,
)
from scanners.errors import ProfileError
from scanners.evdev import EvdevScanner
from scanners.folder import WatchedFolder
from scanners.mqtt import MqttScanner
from scanners.serial_line import SerialScanner
from scanners.wedge import WedgeScanner

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanners.devices import Device
    from scanners.scan import ScannerAdapter
    from scanners.wedge import ByteSource

__all__ = ["adapter_of", "keep_device"]


def adapter_of(
    name: str,
    device: Device,
    *,
    keyboard: ByteSource,
    now: Callable[[], int],
    tell: Callable[[str], None],
) -> ScannerAdapter:
    """The adapter that reads a device; it is opened when its context is entered.

    Args:
        name: The device's name.
        device: Its profile.
        keyboard: Where a wedge's keys arrive, as standard input.
        now: The clock: microseconds since 1970 UTC.
        tell: Hears that a device went away or came back.
    """
    match device:
        case WedgeDevice():
            return WedgeScanner(keyboard, device=name, now=now, profile=device.wedge())
        case SerialDevice():
            return SerialScanner(device, device=name, now=now, tell=tell)
        case EvdevDevice():
            return EvdevScanner(device, device=name, now=now)
        case MqttDevice():
            return MqttScanner(device, device=name, now=now, tell=tell)
        case FolderDevice():
            return WatchedFolder(Path(device.path), now=now, every_s=device.every_s)
        case CameraDevice():
            frames = OpenCvFrames(Path(device.path), width=device.width, height=device.height)
            return CameraScanner(frames, device=name, now=now)
        case _:
            assert_never(device)


def keep_device(file: Path, name: str, device: Device) -> bool:
    """Write a device's profile into the file, whole or not at all.

    A new device is put behind the others. Where there is one of this name, the file is written
    anew, without its comments.

    Returns:
        Whether comments may have been lost.

    Raises:
        ProfileError: The file that is there can't be meant, or nothing can be written.
    """
    devices = read_devices(file)
    is_known = name in devices
    devices[name] = device
    try:
        if is_known or not file.exists():
            text = "\n".join(as_toml(one, known) for one, known in devices.items())
        else:
            before = file.read_text("utf-8")
            text = f"{before.rstrip()}\n\n{as_toml(name, device)}".lstrip()
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.{os.getpid()}.new")
        beside.write_text(text, "utf-8")
        beside.replace(file)
    except OSError as error:
        raise ProfileError(
            str(file),
            f"it can't be written ({error.strerror})",
            "check its folder's permissions, or name another file with SUYUAN_DEVICES",
        ) from None
    return is_known
