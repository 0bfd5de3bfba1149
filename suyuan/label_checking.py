"""Print, then verify: every printed page is read again, as a scanner would see it.

Rules kept:

* A page is drawn at the printer's resolution and read by our scanners. A code that wasn't found
  among the others is looked for once more on its label alone.
* A code counts when exactly its content was read. What was read and isn't expected is reported as
  well: it would be booked as something else.
* Memory holds one page.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pypdfium2

from labels.errors import SizeError
from ledger.errors import StoreError
from scanners.pictures import scan_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image

    from labels.stocks import Stock

__all__ = ["Unreadable", "read_page", "unread_codes", "verify_dpi"]

_POINTS_PER_INCH: Final = 72
_MM_PER_INCH: Final = 25.4
_DPI: Final = (150, 1200)


class Unreadable(NamedTuple):
    """A code that a scanner would not read."""

    page: int
    """From 1."""
    content: str


def verify_dpi(dpi: int) -> int:
    """A resolution that pages are drawn at.

    Raises:
        SizeError: No printer of labels has it.
    """
    if not _DPI[0] <= dpi <= _DPI[1]:
        raise SizeError(
            f"Expected {_DPI[0]} to {_DPI[1]:,} dots per inch, found {dpi}; name those of the"
            " printer."
        )
    return dpi


def unread_codes(
    path: Path, expected: Iterable[Sequence[str]], *, stock: Stock | None, dpi: int
) -> Iterator[tuple[int, list[Unreadable]]]:
    """Read a PDF of labels again, page by page.

    Args:
        path: The file.
        expected: The contents that each page holds, in the order of its labels.
        stock: What it was printed on, where each label holds one of them; None looks at whole
            pages alone.
        dpi: Dots per inch of the printer.

    Yields:
        How many codes a page holds, and those of them that were not read.

    Raises:
        StoreError: The file can't be read as a PDF.
    """
    verify_dpi(dpi)
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise StoreError(
            f"{str(path)!r} can't be read as a PDF: {error}.", "Print it again."
        ) from error
    try:
        for number, contents in enumerate(expected):
            image = _rendered(document, number, dpi)
            read = read_page(image)
            missing: list[Unreadable] = []
            for place, content in enumerate(contents):
                if content in read:
                    continue
                alone = set() if stock is None else read_page(_label(image, stock, place, dpi))
                if content not in alone:
                    missing.append(Unreadable(number + 1, content))
            yield len(contents), missing
    finally:
        document.close()


def read_page(image: Image) -> set[str]:
    """What our scanners read on a picture."""
    buffer = BytesIO()
    image.save(buffer, "BMP")
    found = scan_bytes(buffer.getvalue(), name="page", captured_at=0)
    return {scan.text for scan in found if scan.problem is None}


def _rendered(document: pypdfium2.PdfDocument, number: int, dpi: int) -> Image:
    page = document[number]
    scale: Any = dpi / _POINTS_PER_INCH
    bitmap = page.render(scale=scale, grayscale=True)
    image: Image = bitmap.to_pil().convert("L")
    bitmap.close()
    page.close()
    return image


def _label(image: Image, stock: Stock, place: int, dpi: int) -> Image:
    left, top = stock.origin(place)
    box = (left, top, left + stock.label_width, top + stock.label_height)
    sides = [round(side * dpi / _MM_PER_INCH) for side in box]
    return image.crop((sides[0], sides[1], sides[2], sides[3]))
