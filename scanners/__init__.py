"""Reading codes: pictures, folders, cameras and devices deliver `Scan` values, and nothing else.

Reading a scan's meaning is the work of ``identifiers``; joining it with the ledger that of the
application.

All but the errors is imported when it is first asked for: they cost no library of pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.late import late
from scanners.errors import (
    BrokenPictureError,
    CameraLostError,
    CameraUnavailableError,
    DeviceError,
    EncryptedPdfError,
    FileUnreadableError,
    FolderUnusableError,
    MessageError,
    NotAPictureError,
    PictureTooLargeError,
    ProfileError,
    ScanError,
)

if TYPE_CHECKING:
    from scanners.camera import CameraScanner, FrameSource, OpenCvFrames
    from scanners.devices import (
        CameraDevice,
        EvdevDevice,
        FolderDevice,
        MqttDevice,
        SerialDevice,
        WedgeDevice,
        parse_devices,
        read_device,
        read_devices,
    )
    from scanners.engines import fallback_available
    from scanners.evdev import EvdevScanner
    from scanners.folder import WatchedFolder
    from scanners.messages import parse_message
    from scanners.mqtt import MqttScanner
    from scanners.pictures import PictureScanner, scan_bytes, scan_file
    from scanners.scan import GS, Confidence, Point, Quad, Scan, ScannerAdapter, Symbology
    from scanners.serial_line import SerialScanner
    from scanners.wedge import WedgeParser, WedgeProfile, WedgeScanner

__all__ = [
    "GS",
    "BrokenPictureError",
    "CameraDevice",
    "CameraLostError",
    "CameraScanner",
    "CameraUnavailableError",
    "Confidence",
    "DeviceError",
    "EncryptedPdfError",
    "EvdevDevice",
    "EvdevScanner",
    "FileUnreadableError",
    "FolderDevice",
    "FolderUnusableError",
    "FrameSource",
    "MessageError",
    "MqttDevice",
    "MqttScanner",
    "NotAPictureError",
    "OpenCvFrames",
    "PictureScanner",
    "PictureTooLargeError",
    "Point",
    "ProfileError",
    "Quad",
    "Scan",
    "ScanError",
    "ScannerAdapter",
    "SerialDevice",
    "SerialScanner",
    "Symbology",
    "WatchedFolder",
    "WedgeDevice",
    "WedgeParser",
    "WedgeProfile",
    "WedgeScanner",
    "fallback_available",
    "parse_devices",
    "parse_message",
    "read_device",
    "read_devices",
    "scan_bytes",
    "scan_file",
]

__getattr__ = late(
    __name__,
    {
        "scanners.devices": (
            "CameraDevice",
            "EvdevDevice",
            "FolderDevice",
            "MqttDevice",
            "SerialDevice",
            "WedgeDevice",
            "parse_devices",
            "read_device",
            "read_devices",
        ),
        "scanners.engines": ("fallback_available",),
        "scanners.evdev": ("EvdevScanner",),
        "scanners.messages": ("parse_message",),
        "scanners.mqtt": ("MqttScanner",),
        "scanners.camera": ("CameraScanner", "FrameSource", "OpenCvFrames"),
        "scanners.folder": ("WatchedFolder",),
        "scanners.pictures": ("PictureScanner", "scan_bytes", "scan_file"),
        "scanners.scan": (
            "GS",
            "Confidence",
            "Point",
            "Quad",
            "Scan",
            "ScannerAdapter",
            "Symbology",
        ),
        "scanners.serial_line": ("SerialScanner",),
        "scanners.wedge": ("WedgeParser", "WedgeProfile", "WedgeScanner"),
    },
)
