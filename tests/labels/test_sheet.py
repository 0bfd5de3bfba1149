"""Sheets of labels: printed, rendered and read back."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from identifiers import check_digit, parse_item_code
from labels import fonts
from labels.errors import ContentTooLongError, SizeError, UnprintableCharacterError
from labels.label import Label
from labels.sheet import A4_2X4, A4_3X8, STOCKS, SheetSummary, Stock, write_sheets
from scanners import scan_bytes, scan_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEM = "http://127.0.0.1:8000"


def item(number: int, *, data_matrix: bool = False) -> Label:
    """Make an instance's label."""
    return Label(
        code=parse_item_code(f"(01)09506000134352(21)BP-{number:05d}"),
        title_zh="磷酸铁锂动力电池包 LFP-280Ah",
        title_en="LFP traction battery pack",
        notes=("生产日期 2026-03-14",),
        data_matrix=data_matrix,
        stem=STEM,
    )


def pallet(number: int) -> Label:
    """Make a logistic unit's label."""
    body = f"3701234500{number:07d}"
    return Label(
        code=parse_item_code(f"(00){body}{check_digit(body)}"),
        title_zh="托盘 24 件",
        title_en="Pallet of 24",
    )


def lot() -> Label:
    """Make a lot's label."""
    return Label(
        code=parse_item_code("(01)09506000134352(10)L/7"), title_zh="正极材料批次", stem=STEM
    )


def sheet(labels: list[Label], stock: Stock | None = None) -> tuple[bytes, SheetSummary]:
    """Write sheets to memory."""
    buffer = BytesIO()
    summary = write_sheets(buffer, labels, stock=stock)
    return buffer.getvalue(), summary


def texts(data: bytes) -> str:
    """Extract the text of all pages."""
    document = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_every_code_on_the_sheets_reads_back() -> None:
    """Items, lots and pallets over several pages: each code is found once, and means its item."""
    labels = [item(number, data_matrix=number % 3 == 0) for number in range(26)]
    labels += [lot(), *(pallet(number) for number in range(9))]
    data, summary = sheet(labels)
    scans = list(scan_bytes(data, name="sheet", captured_at=0))
    assert summary == SheetSummary(labels=36, pages=4, symbols=45)
    assert len(scans) == summary.symbols
    assert {parse_item_code(scan.code_text).uri for scan in scans} == {
        label.code.uri for label in labels
    }
    assert {scan.symbology_identifier for scan in scans} == {"]Q1", "]d2", "]C1"}
    assert {scan.page for scan in scans} == {1, 2, 3, 4}


def test_names_are_text_in_both_languages() -> None:
    """The sheet can be searched: names and codes are text, not pictures."""
    found = texts(sheet([item(7), pallet(1)])[0])
    for text in ("磷酸铁锂", "LFP traction battery pack", "(01)09506000134352", "(21)BP-00007"):
        assert text in found
    assert "(00)370123450000000014" in found


def test_without_a_font_to_embed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader's own Chinese font is named, and the codes read the same."""
    monkeypatch.setattr(fonts, "_CANDIDATES", ())
    data, _ = sheet([item(1)])
    assert b"STSong-Light" in data
    assert len(list(scan_bytes(data, name="sheet", captured_at=0))) == 1


def test_nothing_is_drawn_near_the_edges() -> None:
    """Each label keeps 4.4 mm of white around it."""
    data, _ = sheet([item(number) for number in range(24)])
    document = pypdfium2.PdfDocument(data)
    scale = 4.0
    page = document[0].render(scale=scale, grayscale=True).to_pil()
    document.close()
    per_mm = scale * 72 / 25.4
    dark = page.point(lambda value: 255 if value < 128 else 0)
    for index in range(A4_3X8.labels):
        left, top = A4_3X8.origin(index)
        area = (left, top, left + A4_3X8.label_width, top + A4_3X8.label_height)
        box = dark.crop(tuple(round(side * per_mm) for side in area)).getbbox()
        assert box is not None
        white = (box[0], box[1], (70 * per_mm) - box[2], (37 * per_mm) - box[3])
        assert min(white) >= 4.4 * per_mm - 1.5


@pytest.mark.parametrize("stock", list(STOCKS.values()))
def test_grids_stay_on_their_page(stock: Stock) -> None:
    """The last label ends on the page, opposite the first."""
    left, top = stock.origin(0)
    last_left, last_top = stock.origin(stock.labels - 1)
    assert left >= 0
    assert top >= 0
    assert last_left + stock.label_width + left == pytest.approx(stock.page_width)
    assert last_top + stock.label_height + top == pytest.approx(stock.page_height)


def test_stock_by_the_caller() -> None:
    """Items may be printed on the large labels too."""
    data, summary = sheet([item(number) for number in range(9)], A4_2X4)
    assert summary.pages == 2
    assert len(list(scan_bytes(data, name="sheet", captured_at=0))) == 9


def test_a_pallet_on_a_small_label() -> None:
    """An SSCC does not fit 70 mm at the least X-dimension, and is refused."""
    with pytest.raises(SizeError, match=r"Expected 87\.1 x 31\.8 mm for the gs1-128 .* on a4-3x8"):
        sheet([pallet(1)], A4_3X8)


def test_a_code_too_large_for_its_label() -> None:
    """A QR that would have to be shrunk below the standard is refused."""
    big = Label(code=parse_item_code("urn:example:" + "a" * 600))
    with pytest.raises(SizeError, match=r"for the qr of urn:example:a+, found 35\.0 x 28\.0 mm"):
        sheet([big])


def test_too_much_text() -> None:
    """Text that finds no room is refused rather than cut off."""
    label = Label(code=item(1).code, notes=tuple(f"note {number}" for number in range(20)))
    with pytest.raises(SizeError, match=r"at most 28\.0 mm of text .*; leave out notes"):
        sheet([label])


def test_long_names_are_cut_and_codes_are_not() -> None:
    """Names end in dots where they must; the code's text is whole."""
    label = Label(
        code=parse_item_code("(01)09506000134352(21)ABCDEFGHIJ1234567890"),
        title_zh="很长的产品名称" * 6,
        title_en="A very long product name " * 5,
        data_matrix=True,
    )
    found = texts(sheet([label])[0])
    assert "..." in found
    assert "(21)ABCDEFGHIJ1234567890" in found


def test_a_character_no_font_has() -> None:
    """A name that cannot be shown is refused before a page is written."""
    with pytest.raises(UnprintableCharacterError, match="U\\+1F50B"):
        sheet([Label(code=item(1).code, title_zh="电池🔋")])


def test_no_labels() -> None:
    """An empty sheet is a mistake of the caller's."""
    with pytest.raises(SizeError, match="at least one label, found none"):
        sheet([])


def test_nothing_is_written_when_a_label_is_refused(tmp_path: Path) -> None:
    """A file appears only with all its labels."""
    path = tmp_path / "labels.pdf"

    def labels() -> Iterator[Label]:
        yield item(1)
        yield Label(code=parse_item_code("urn:example:" + "a" * 2400))

    with pytest.raises(ContentTooLongError):
        write_sheets(path, labels())
    assert not path.exists()


def test_a_file_by_its_path(tmp_path: Path) -> None:
    """Sheets are written to a path, the same bytes each time, and read from it."""
    first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"
    for path in (first, second):
        write_sheets(path, [item(1)])
    assert first.read_bytes() == second.read_bytes()
    assert [scan.text for scan in scan_file(first, captured_at=0)] == [
        f"{STEM}/01/09506000134352/21/BP-00001"
    ]
