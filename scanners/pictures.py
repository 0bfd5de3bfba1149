"""Read codes out of pictures (PNG, JPEG, WebP, TIFF, BMP) and PDF pages.

Rules kept here:

* What a file is, its first bytes say, not its name.
* Nothing larger than the limit is ever decoded: sizes are read from the header, so that a
  decompression bomb costs nothing; files are bounded in bytes as well, TIFF frames and PDF pages
  are looked at one at a time.
* Transparency becomes white paper, EXIF orientation is applied, 16-bit grey is scaled down, not
  clipped.
* PDF pages are rendered at `RENDER_DPI`; a 0.396 mm module, the least the GS1 General
  Specifications allow for a 2D symbol in retail, is then 4.7 pixels wide.
* Every failure is one of `scanners.errors`; a picture without a code gives no scan and no error.
"""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Self

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from scanners.cascade import THOROUGH_SECONDS, read_symbols
from scanners.errors import (
    BrokenPictureError,
    EncryptedPdfError,
    FileUnreadableError,
    NotAPictureError,
    PictureTooLargeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from scanners.scan import Scan

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_PIXELS",
    "RENDER_DPI",
    "PictureScanner",
    "scan_bytes",
    "scan_file",
    "too_many_bytes",
]

MAX_PIXELS = 64_000_000
"""Pixels of one picture or rendered page; 64 MB as grey, more than telephones' cameras give by
default."""

MAX_FILE_BYTES = 256 * 1024 * 1024
"""256 MiB: a sheet of 100,000 labels is smaller."""

RENDER_DPI = 300
"""Dots per inch at which PDF pages are rendered: A4 is 2480 x 3508 pixels."""

_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
_POINTS_PER_INCH = 72
_PDF_HEADER_WITHIN = 1024  # bytes; readers accept rubbish before %PDF- that far
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)

# PDFium keeps global state, and warning filters are global too: one thread at a time in either.
_lock = threading.RLock()


@dataclass(slots=True)
class _Session:
    """Numbers the scans of one device."""

    device: str
    captured_at: int
    sequence: int
    seconds: float

    def scans(self, image: Image.Image, page: int | None) -> Iterator[Scan]:
        for reading in read_symbols(image, seconds=self.seconds):
            yield reading.scan(self.device, self.captured_at, self.sequence, page)
            self.sequence += 1


def scan_file(
    path: Path, *, captured_at: int, sequence: int = 0, seconds: float = THOROUGH_SECONDS
) -> Iterator[Scan]:
    """Read every code in a picture or PDF file.

    Args:
        path: The file.
        captured_at: UTC in microseconds.
        sequence: Number of the first scan.
        seconds: Of the processor for the thorough part, for each picture or page.

    Raises:
        FileUnreadableError: the file cannot be read.
        ScanError: its content cannot be looked at; see `scanners.errors`.
    """
    name = str(path)
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise too_many_bytes(name, size)
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileUnreadableError(
            name, f"cannot be read ({reason.lower()})", "check the path and the permissions"
        ) from error
    yield from scan_bytes(
        data, name=name, captured_at=captured_at, sequence=sequence, seconds=seconds
    )


def scan_bytes(
    data: bytes,
    *,
    name: str,
    captured_at: int,
    sequence: int = 0,
    seconds: float = THOROUGH_SECONDS,
) -> Iterator[Scan]:
    """Read every code in the bytes of a picture or PDF; `name` is its name in scans and messages.

    The other arguments are those of `scan_file`.

    Raises:
        ScanError: the content cannot be looked at; see `scanners.errors`.
    """
    if len(data) > MAX_FILE_BYTES:
        raise too_many_bytes(name, len(data))
    if not data:
        raise NotAPictureError(name, "is empty", "check that it was copied completely")
    session = _Session(name, captured_at, sequence, seconds)
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN]:
        return _scan_pdf(data, session)
    return _scan_picture(data, session)


def too_many_bytes(name: str, size: int) -> PictureTooLargeError:
    """Say that a file has more bytes than are read."""
    return PictureTooLargeError(
        name,
        f"has {size:,} bytes where at most {MAX_FILE_BYTES:,} are read",
        "split the file or save it with less resolution",
    )


def _check_pixels(name: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PictureTooLargeError(
            name,
            f"is {width} x {height} pixels where at most {MAX_PIXELS:,} pixels are read",
            "crop the picture to its codes or save it smaller",
        )


def _broken(name: str, error: BaseException) -> BrokenPictureError:
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return BrokenPictureError(
        name, f"is truncated or damaged ({reason})", "copy, scan or photograph it again"
    )


def _scan_picture(data: bytes, session: _Session) -> Iterator[Scan]:
    name = session.device
    with _decoding(name):
        picture = Image.open(BytesIO(data), formats=_FORMATS)
    with picture:
        with _decoding(name):
            frames = getattr(picture, "n_frames", 1)
        for frame in range(frames):
            with _decoding(name):
                picture.seek(frame)
                _check_pixels(name, *picture.size)
                grey = _as_grey(picture)
            yield from session.scans(grey, frame + 1 if frames > 1 else None)


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Turn whatever Pillow raises over damaged bytes into one of our errors."""
    try:
        with _lock, warnings.catch_warnings():
            # Pillow warns below its own bomb limit and about odd metadata: our limit decides, and
            # damage to the picture itself raises.
            warnings.simplefilter("ignore")
            yield
    except UnidentifiedImageError as error:
        raise NotAPictureError(
            name,
            "is neither PNG, JPEG, WebP, TIFF, BMP nor PDF",
            "export it as PNG or PDF, or check that it was copied completely",
        ) from error
    except Image.DecompressionBombError as error:
        raise PictureTooLargeError(
            name,
            f"has more than {MAX_PIXELS:,} pixels",
            "crop the picture to its codes or save it smaller",
        ) from error
    except _DAMAGE as error:
        raise _broken(name, error) from error


def _as_grey(picture: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I;16"):
        # Pillow's own conversion clips at 255 instead of scaling.
        return upright.convert("I").point(lambda value: value / 256).convert("L")
    if upright.has_transparency_data:
        coloured = upright.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        paper.alpha_composite(coloured)
        upright = paper
    return upright.convert("L")


def _scan_pdf(data: bytes, session: _Session) -> Iterator[Scan]:
    name = session.device
    with _lock:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise EncryptedPdfError(
                    name, "is protected by a password", "save it without one and scan it again"
                ) from error
            raise _broken(name, error) from error
        pages = len(document)
    try:
        for number in range(pages):
            yield from session.scans(_render(document, number, name), number + 1)
    finally:
        with _lock:
            document.close()


def _render(document: pypdfium2.PdfDocument, number: int, name: str) -> Image.Image:
    scale = RENDER_DPI / _POINTS_PER_INCH
    with _lock:
        try:
            page = document[number]
            width, height = page.get_size()
            _check_pixels(f"{name} page {number + 1}", round(width * scale), round(height * scale))
            # The package has no types of its own; the scale that it multiplies may be any number.
            bitmap = page.render(scale=scale, grayscale=True)  # pyright: ignore[reportArgumentType]
            image: Image.Image = bitmap.to_pil().convert("L")
            bitmap.close()
            page.close()
        except pypdfium2.PdfiumError as error:
            raise _broken(f"{name} page {number + 1}", error) from error
    return image


class PictureScanner:
    """A `ScannerAdapter` over files, in the order given; `now` is the clock (UTC microseconds).

    The scans are numbered through; `seconds` is that of `scan_file`.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        *,
        now: Callable[[], int],
        seconds: float = THOROUGH_SECONDS,
    ) -> None:
        self._paths = iter(paths)
        self._now = now
        self._seconds = seconds
        self._sequence = 0

    def __enter__(self) -> Self:
        """Open nothing yet: each file is opened when its turn comes."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Forget the files that are left."""
        self._paths = iter(())

    def __iter__(self) -> Iterator[Scan]:
        """Deliver the scans, file by file; what cannot be looked at raises a `ScanError`."""
        for path in self._paths:
            for scan in scan_file(
                path, captured_at=self._now(), sequence=self._sequence, seconds=self._seconds
            ):
                self._sequence = scan.sequence + 1
                yield scan
