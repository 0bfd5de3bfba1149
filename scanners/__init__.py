"""Reading codes: pictures, folders, cameras and keyboard wedges deliver `Scan` values, no more.

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
    EncryptedPdfError,
    FileUnreadableError,
    FolderUnusableError,
    NotAPictureError,
    PictureTooLargeError,
    ScanError,
)

if TYPE_CHECKING:
    from scanners.camera import CameraScanner, FrameSource, OpenCvFrames
    from scanners.engines import fallback_available
    from scanners.folder import WatchedFolder
    from scanners.pictures import PictureScanner, scan_bytes, scan_file
    from scanners.scan import GS, Confidence, Point, Quad, Scan, ScannerAdapter, Symbology
    from scanners.wedge import WedgeParser, WedgeProfile, WedgeScanner

__all__ = [
    "GS",
    "BrokenPictureError",
    "CameraLostError",
    "CameraScanner",
    "CameraUnavailableError",
    "Confidence",
    "EncryptedPdfError",
    "FileUnreadableError",
    "FolderUnusableError",
    "FrameSource",
    "NotAPictureError",
    "OpenCvFrames",
    "PictureScanner",
    "PictureTooLargeError",
    "Point",
    "Quad",
    "Scan",
    "ScanError",
    "ScannerAdapter",
    "Symbology",
    "WatchedFolder",
    "WedgeParser",
    "WedgeProfile",
    "WedgeScanner",
    "fallback_available",
    "scan_bytes",
    "scan_file",
]

__getattr__ = late(
    __name__,
    {
        "scanners.camera": ("CameraScanner", "FrameSource", "OpenCvFrames"),
        "scanners.engines": ("fallback_available",),
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
        "scanners.wedge": ("WedgeParser", "WedgeProfile", "WedgeScanner"),
    },
)
