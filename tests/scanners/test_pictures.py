"""Pictures and PDF pages."""

from __future__ import annotations

import contextlib
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from scanners import pictures
from scanners.errors import (
    BrokenPictureError,
    EncryptedPdfError,
    FileUnreadableError,
    NotAPictureError,
    PictureTooLargeError,
    ScanError,
)
from scanners.pictures import PictureScanner, scan_bytes, scan_file
from scanners.scan import Confidence, Scan, ScannerAdapter, Symbology

if TYPE_CHECKING:
    from pathlib import Path

URI = "https://id.gs1.org/01/09506000134352/21/A7"


def qr_image(content: str = URI) -> Image.Image:
    """Draw a QR code in grey."""
    maker = qrcode.QRCode(box_size=5)
    maker.add_data(content)
    image: Image.Image = maker.make_image().get_image().convert("L")
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Write a picture in a format."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def scans_of(data: bytes) -> list[Scan]:
    """Scan the bytes of a file."""
    return list(scan_bytes(data, name="picture", captured_at=9))


def pdf(pages: int = 1, **options: Any) -> bytes:
    """Write a PDF with one numbered QR code on each page."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(200, 200), invariant=1, **options)
    for number in range(pages):
        canvas.drawInlineImage(qr_image(f"{URI}{number}"), 20, 20, 150, 150)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_formats(kind: str) -> None:
    """Every format we name is read, and the scan says all it knows."""
    [scan] = scans_of(encoded(qr_image(), kind))
    assert scan.text == URI
    assert scan.raw == URI.encode()
    assert scan.symbology is Symbology.QR_CODE
    assert scan.symbology_identifier == "]Q1"
    assert (scan.device, scan.captured_at, scan.sequence, scan.page) == ("picture", 9, 0, None)
    assert scan.quad is not None


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "I;16"])
def test_colour_modes(mode: str) -> None:
    """Black and white, palette, colour, print colours and 16-bit grey all read."""
    image = qr_image()
    if mode == "I;16":
        wide = image.convert("I").point(lambda value: value * 128)
        image = wide.convert("I;16")
    else:
        image = image.convert(mode)
    assert [scan.text for scan in scans_of(encoded(image, "TIFF"))] == [URI]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_white_paper(mode: str) -> None:
    """Dark modules on a transparent ground read, though the ground's own colour is black."""
    grey = qr_image()
    image = Image.new("RGBA", grey.size, (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), mask=grey.point(lambda value: 255 - value))
    if mode == "P":
        palette = Image.new("P", grey.size, 0)
        palette.putpalette([0, 0, 0, 0, 0, 0])
        palette.paste(1, mask=grey.point(lambda value: 255 - value))
        data = encoded(palette, transparency=0)
    else:
        data = encoded(image.convert(mode))
    assert [scan.text for scan in scans_of(data)] == [URI]


def test_exif_orientation_turns_the_corners() -> None:
    """The quad is told in the picture as a person sees it."""
    image = Image.new("L", (600, 300), 255)
    image.paste(qr_image().resize((200, 200)), (20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate 90 degrees clockwise to view
    [scan] = scans_of(encoded(image, "JPEG", exif=exif))
    assert scan.quad is not None
    assert all(x > 50 and y < 250 for x, y in scan.quad)


def test_frames_of_a_tiff_are_pages() -> None:
    """Each frame is looked at, and its scans are numbered through."""
    first, second = qr_image(URI + "0"), qr_image(URI + "1")
    scans = scans_of(encoded(first, "TIFF", save_all=True, append_images=[second]))
    assert [(scan.text[-1], scan.page, scan.sequence) for scan in scans] == [
        ("0", 1, 0),
        ("1", 2, 1),
    ]


def test_pages_of_a_pdf() -> None:
    """PDF pages are rendered one by one."""
    scans = scans_of(pdf(pages=3))
    assert [(scan.text, scan.page, scan.sequence) for scan in scans] == [
        (f"{URI}{number}", number + 1, number) for number in range(3)
    ]


def test_how_a_code_was_read_is_told() -> None:
    """A scan tells the step that read it, and how sure it is."""
    [scan] = scans_of(encoded(qr_image()))
    assert (scan.step, scan.confidence) == ("fast", Confidence.CORRECTED)


def test_a_picture_without_a_code_is_no_error() -> None:
    """An empty answer says that nothing was found."""
    assert scans_of(encoded(Image.new("L", (100, 100), 255))) == []


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    """A PDF that is called PNG is read as the PDF it is."""
    path = tmp_path / "label.png"
    path.write_bytes(pdf())
    assert [scan.text for scan in scan_file(path, captured_at=1)] == [f"{URI}0"]


def test_files_are_a_scanner(tmp_path: Path) -> None:
    """The adapter goes through the files in order, and stops when its context is left."""
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for number, path in enumerate(paths):
        path.write_bytes(encoded(qr_image(f"{URI}{number}")))
    times = iter((5, 6))
    scanner: ScannerAdapter = PictureScanner(paths, now=lambda: next(times))
    with scanner as opened:
        found = [(scan.text[-1], scan.device, scan.captured_at, scan.sequence) for scan in opened]
    assert found == [("0", str(paths[0]), 5, 0), ("1", str(paths[1]), 6, 1)]
    with PictureScanner(paths, now=lambda: 0) as opened_again:
        pass
    assert list(opened_again) == []


@pytest.mark.parametrize("data", [b"", b"hello", b"GIF89a" + bytes(50), b"PK\x03\x04"])
def test_not_a_picture(data: bytes) -> None:
    """Anything else is refused with what to do about it."""
    with pytest.raises(
        NotAPictureError, match=r"^picture: is .*check that it was copied completely"
    ):
        scans_of(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_a_truncated_picture(kind: str) -> None:
    """A picture that ends too early is said to be truncated."""
    data = encoded(qr_image(), kind)
    with pytest.raises(BrokenPictureError, match=r"^picture: is truncated or damaged \(.*\); copy"):
        scans_of(data[: len(data) // 2])


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_a_truncated_pdf(part: float) -> None:
    """A PDF that ends too early is refused, whatever PDFium could repair."""
    data = pdf()
    with pytest.raises(BrokenPictureError):
        scans_of(data[: int(len(data) * part)])


def test_a_tiff_whose_next_frame_is_missing() -> None:
    """A frame that is promised and not there is damage, not an end; no warning gets out."""
    data = bytearray(encoded(qr_image(), "TIFF"))
    directory = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[directory : directory + 2], "little")
    following = directory + 2 + 12 * entries
    data[following : following + 4] = (len(data) - 3).to_bytes(4, "little")
    with pytest.raises(BrokenPictureError, match="truncated or damaged"):
        scans_of(bytes(data))


def test_a_pdf_whose_page_is_missing() -> None:
    """A page that is counted and not there is named by its number."""
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[9 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
    with pytest.raises(BrokenPictureError, match=r"^picture page 1: is truncated or damaged"):
        scans_of(data)


def test_a_locked_pdf() -> None:
    """A PDF with a password says so."""
    data = pdf(encrypt=StandardEncryption("secret", canPrint=0))
    with pytest.raises(EncryptedPdfError, match=r"protected by a password; save it without"):
        scans_of(data)


def bomb(width: int, height: int) -> bytes:
    """Write a PNG header that promises a large picture over hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes((1, 0, 0, 0, 0))
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(8001, 8001), (10_000, 10_000), (40_000, 40_000)])
def test_too_many_pixels(size: tuple[int, int]) -> None:
    """A picture beyond the limit is refused from its header, below and above Pillow's own limits."""
    with pytest.raises(PictureTooLargeError, match=r"pixels.*; crop the picture"):
        scans_of(bomb(*size))


def test_a_page_too_large() -> None:
    """A PDF page that would render to too many pixels is refused before it is rendered."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(14_000, 14_000))
    canvas.showPage()
    canvas.save()
    with pytest.raises(PictureTooLargeError, match=r"picture page 1: is 58333 x 58333 pixels"):
        scans_of(buffer.getvalue())


def test_too_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the limit is refused before it is read, bytes in hand before they are decoded."""
    monkeypatch.setattr(pictures, "MAX_FILE_BYTES", 10)
    path = tmp_path / "large.png"
    path.write_bytes(bytes(11))
    with pytest.raises(PictureTooLargeError, match=r"11 bytes where at most 10 are read"):
        list(scan_file(path, captured_at=0))
    with pytest.raises(PictureTooLargeError):
        scans_of(bytes(11))


def test_unreadable_files(tmp_path: Path) -> None:
    """A missing file and a folder are told in one sentence."""
    with pytest.raises(FileUnreadableError, match=r"no such file or directory.*; check the path"):
        list(scan_file(tmp_path / "missing.png", captured_at=0))
    with pytest.raises(FileUnreadableError, match=r"is a directory"):
        list(scan_file(tmp_path, captured_at=0))


@settings(max_examples=150)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "BMP", "PDF"]),
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    keep=st.floats(0, 1),
)
def test_damage_is_always_told(kind: str, damage: list[tuple[float, int]], keep: float) -> None:
    """However a file is damaged, the answer is scans or a `ScanError`, and nothing else."""
    source = SMALL_PDF if kind == "PDF" else SMALL[kind]
    data = bytearray(source)
    for where, value in damage:
        data[int(where * len(data))] = value
    scans: list[Scan] = []
    with contextlib.suppress(ScanError):
        scans = scans_of(bytes(data[: round(keep * len(data))]))
    assert all(scan.problem is None for scan in scans)


SMALL = {kind: encoded(qr_image(), kind) for kind in ("PNG", "JPEG", "WEBP", "TIFF", "BMP")}
SMALL_PDF = pdf()
