"""Reading codes: pictures, PDF pages and keyboard wedges deliver `Scan` values, and nothing else.

Reading a scan's meaning is the work of ``identifiers``; joining it with the ledger that of the
application.
"""

from scanners.engines import fallback_available
from scanners.errors import (
    BrokenPictureError,
    EncryptedPdfError,
    FileUnreadableError,
    NotAPictureError,
    PictureTooLargeError,
    ScanError,
)
from scanners.pictures import PictureScanner, scan_bytes, scan_file
from scanners.scan import GS, Point, Quad, Scan, ScannerAdapter, Symbology
from scanners.wedge import WedgeParser, WedgeProfile, WedgeScanner

__all__ = [
    "GS",
    "BrokenPictureError",
    "EncryptedPdfError",
    "FileUnreadableError",
    "NotAPictureError",
    "PictureScanner",
    "PictureTooLargeError",
    "Point",
    "Quad",
    "Scan",
    "ScanError",
    "ScannerAdapter",
    "Symbology",
    "WedgeParser",
    "WedgeProfile",
    "WedgeScanner",
    "fallback_available",
    "scan_bytes",
    "scan_file",
]
