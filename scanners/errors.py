"""Why something could not be scanned, in a tree that callers can act on.

A picture without a code is no error: it is an empty list of scans. These are for input that cannot
be looked at::

    ScanError
    +-- FileUnreadableError        the file cannot be opened or read from the disk
    +-- NotAPictureError           neither a picture we read nor a PDF
    +-- BrokenPictureError         starts as one, but is truncated or damaged
    +-- PictureTooLargeError       more pixels or bytes than the limit (also decompression bombs)
    +-- EncryptedPdfError          a PDF that asks for a password
    +-- ProfileError               a device's profile can't be meant
    +-- MessageError               what a handheld sent is no scan
    +-- DeviceError                a device can't be used: missing, busy, gone, or without driver
        +-- FolderUnusableError    a watched folder is missing, not writable or watched already
        +-- CameraUnavailableError a camera can't be opened, or what opens it isn't installed
        +-- CameraLostError        a camera was unplugged or delivers nothing more

Every message is one sentence that names the source, what was found, and the likely fix.
"""

from __future__ import annotations

__all__ = [
    "BrokenPictureError",
    "CameraLostError",
    "CameraUnavailableError",
    "DeviceError",
    "EncryptedPdfError",
    "FileUnreadableError",
    "FolderUnusableError",
    "MessageError",
    "NotAPictureError",
    "PictureTooLargeError",
    "ProfileError",
    "ScanError",
]


class ScanError(Exception):
    """Root of the tree: something that was given to a scanner cannot be scanned."""

    def __init__(self, source: str, found: str, fix: str) -> None:
        super().__init__(f"{source}: {found}; {fix}.")
        self.source = source
        """Name of the file or device, as the caller gave it."""
        self.found = found
        """What is wrong, without a final stop."""
        self.fix = fix
        """What the person in front of the scanner can do, without a final stop."""


class FileUnreadableError(ScanError):
    """The file is missing, is a folder, or may not be read."""


class NotAPictureError(ScanError):
    """The bytes are neither PNG, JPEG, WebP, TIFF, BMP nor PDF."""


class BrokenPictureError(ScanError):
    """The header is that of a picture or PDF, but the content is truncated or damaged."""


class PictureTooLargeError(ScanError):
    """The picture or page has more pixels, or the file more bytes, than the limit allows."""


class EncryptedPdfError(ScanError):
    """The PDF opens with a password only."""


class ProfileError(ScanError):
    """A profile of a device is missing, or says what can't be."""


class MessageError(ScanError):
    """A message of a handheld holds no scan, or contradicts itself."""


class DeviceError(ScanError):
    """A device is missing, busy, gone or refused, or the package that reads its kind is missing."""


class FolderUnusableError(DeviceError):
    """A watched folder is missing, can't be written, or is watched by another program."""


class CameraUnavailableError(DeviceError):
    """A camera can't be opened, or the library that opens it isn't installed."""


class CameraLostError(DeviceError):
    """A camera was unplugged or delivers nothing more."""
