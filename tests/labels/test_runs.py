"""Runs of labels, and the PDF that they are written to."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from identifiers import IdentifierError
from identifiers.characters import CSET32
from labels import fonts, pdf
from labels.errors import ContentTooLongError, SizeError, UnprintableCharacterError
from labels.runs import RunCode, RunDesign, RunProduct
from labels.stocks import A4_3X8, STOCKS, Stock, roll, stock_named
from scanners import scan_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

GTIN = "09506000134352"
STEM = "https://trace.example"
TAG = "?t=ABCDEFGHJKLM"


def product(**changes: Any) -> RunProduct:
    """Return a product with names in two languages."""
    given: dict[str, Any] = {
        "gtin": GTIN,
        "stem": STEM,
        "title_zh": "磷酸铁锂动力电池包 LFP",
        "title_en": "Traction (battery) \\ pack",
        "query": "t=" + "W" * 12,
    }
    return RunProduct(**(given | changes))


def codes(count: int) -> list[RunCode]:
    """Return codes as they are issued."""
    found = []
    for number in range(count):
        serial = "".join(CSET32[number * 7919 >> 5 * place & 31] for place in range(10))
        found.append(RunCode(serial, f"{STEM}/01/{GTIN}/21/{serial}{TAG}"))
    return found


def written(design: RunDesign, given: Sequence[RunCode]) -> bytes:
    """Write a run to memory."""
    buffer = BytesIO()
    design.write(buffer, design.pages(given))
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["a4-3x8", "l7160", "5163", "roll-60x30"])
def test_every_label_reads_back(name: str) -> None:
    """Each code stands once, on the page where it belongs, with its serial as text."""
    stock = stock_named(name)
    given = codes(stock.labels + 3)
    data = written(RunDesign.of(product(), stock), given)
    scans = list(scan_bytes(data, name="run", captured_at=0))
    assert sorted(scan.text for scan in scans) == sorted(code.link for code in given)
    pages = {scan.text: scan.page for scan in scans}
    assert [pages[code.link] or 1 for code in given] == [
        at // stock.labels + 1 for at in range(len(given))
    ]
    document = pypdfium2.PdfDocument(data)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    for code in given:
        assert f"(21){code.serial}" in text
    assert (
        text.count("磷酸铁锂动力电池包") == text.count("Traction (battery) \\ pack") == len(given)
    )


@given(st.lists(st.text(CSET32, min_size=10, max_size=10), min_size=1, max_size=30, unique=True))
@settings(max_examples=15, deadline=None)
def test_any_serials(serials: list[str]) -> None:
    """Whatever the serials are, the pages hold exactly them."""
    given = [RunCode(serial, f"{STEM}/01/{GTIN}/21/{serial}{TAG}") for serial in serials]
    design = RunDesign.of(product(), A4_3X8)
    text = "".join(zlib.decompress(page).decode("latin-1") for page in design.pages(given))
    assert re.findall(r"\(\\\(21\\\)(\w{10})\)", text) == serials
    assert text.count(" EI Q") == len(serials)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("worse", ["not", "blurred", "turned"])
def test_printed_pages_read_back(dpi: int, worse: str) -> None:
    """At a printer's dots, and a little worse than that, a scanner still reads every label."""
    stock, given = stock_named("l7160"), codes(21)
    document = pypdfium2.PdfDocument(written(RunDesign.of(product(), stock), given))
    page = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
    document.close()
    if worse == "blurred":
        page = page.filter(ImageFilter.GaussianBlur(dpi / 250))
    elif worse == "turned":
        page = page.rotate(1.5, Image.Resampling.BILINEAR, fillcolor=255)
    buffer = BytesIO()
    page.save(buffer, "PNG")
    scans = scan_bytes(buffer.getvalue(), name="page", captured_at=0)
    assert sorted(scan.text for scan in scans) == sorted(code.link for code in given)


def test_the_same_bytes_again() -> None:
    """Pages are a function of their codes: drawn again in two parts they are the same."""
    design, given = RunDesign.of(product(), A4_3X8), codes(60)
    whole = list(design.pages(given))
    assert whole == [*design.pages(given[:48]), *design.pages(given[48:])]
    assert written(design, given) == written(design, given)


def test_the_cross_references_lead_to_their_objects() -> None:
    """Every offset of the table is where the object begins, and the length of a stream is its own."""
    data = written(RunDesign.of(product(), A4_3X8), codes(50))
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    assert data[start : start + 5] == b"xref\n"
    lines = data[start:].split(b"\n")
    total = int(lines[1].split()[1])
    for number, line in enumerate(lines[3 : 2 + total], 1):
        assert len(line) == 19
        offset = int(line.split()[0])
        assert data[offset:].startswith(b"%d 0 obj\n" % number)
    for found in re.finditer(rb"/Length (\d+)>>\nstream\n", data):
        assert data[found.end() + int(found[1]) :].startswith(b"\nendstream")


def test_many_pages_stand_in_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tree of pages has nodes of bounded size, and readers find each page."""
    monkeypatch.setattr(pdf, "_KIDS", 4)
    design = RunDesign.of(product(), roll(60, 30))
    given = codes(11)
    data = written(design, given)
    assert data.count(b"/Type/Pages/Parent") == 3
    document = pypdfium2.PdfDocument(data)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    for code, text in zip(given, texts, strict=True):
        assert code.serial in text


def test_more_characters_than_a_font_of_a_pdf_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A font is embedded in as many parts as it takes."""
    monkeypatch.setattr(pdf, "_SUBSET", 3)
    data = written(RunDesign.of(product(title_zh="磷酸铁锂动力电池"), A4_3X8), codes(1))
    document = pypdfium2.PdfDocument(data)
    assert "磷酸铁锂动力电池" in document[0].get_textpage().get_text_range()
    document.close()


def test_without_a_font_to_embed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader's own Chinese font is named, and the codes read the same."""
    monkeypatch.setattr(fonts, "_CANDIDATES", ())
    given = codes(2)
    data = written(RunDesign.of(product(), A4_3X8), given)
    assert b"/BaseFont/STSong-Light" in data
    assert {scan.text for scan in scan_bytes(data, name="run", captured_at=0)} == {
        code.link for code in given
    }


def test_a_lot_stands_in_the_text() -> None:
    """A lot that is in the link is said to people, too."""
    design = RunDesign.of(product(lot="L-7"), A4_3X8)
    assert "(10)L-7" in [line.text for line in design.constant]


@pytest.mark.parametrize("stock", list(STOCKS.values()), ids=list(STOCKS))
def test_serials_fit_whatever_they_are(stock: Stock) -> None:
    """The design holds the widest serial, and broken lines hold the others whole."""
    if stock.name == "l7651":
        with pytest.raises(SizeError, match="use a larger label"):
            RunDesign.of(product(stem=f"{STEM}/{'a' * 40}"), stock)
        return
    design = RunDesign.of(product(title_zh="", title_en=""), stock)
    assert "".join(design.lines("2222222222")) == "(21)2222222222"


def test_codes_longer_than_the_design(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that needs more modules than were laid out is refused, not drawn smaller."""
    design = RunDesign.of(product(query=""), A4_3X8)
    with pytest.raises(SizeError, match="use shorter codes"):
        list(design.pages([RunCode("A", f"{STEM}/{'a' * 120}")]))
    with pytest.raises(ContentTooLongError):
        list(design.pages([RunCode("A", f"{STEM}/{'a' * 2400}")]))


def test_a_pdf_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """More bytes than a cross-reference table can name are refused."""
    monkeypatch.setattr(pdf, "MOST_BYTES", 5000)
    with pytest.raises(SizeError, match="print fewer labels at once"):
        written(RunDesign.of(product(title_zh=""), A4_3X8), codes(240))


def test_nothing_to_print() -> None:
    """An empty run is a mistake of the caller's."""
    with pytest.raises(SizeError, match="at least one label"):
        written(RunDesign.of(product(), A4_3X8), [])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title_zh": "电池🔋"}, UnprintableCharacterError),
        ({"title_en": "a\x00b"}, UnprintableCharacterError),
        ({"notes": tuple("abcdefghijklmno")}, SizeError),
        ({"stem": "https://x.example/" + "a" * 2400}, ContentTooLongError),
        ({"stem": "https://溯源.example"}, UnprintableCharacterError),
        ({"lot": "A\x1d10B"}, (IdentifierError, UnprintableCharacterError)),
        ({"lot": "x" * 21}, IdentifierError),
        ({"gtin": "09506000134353"}, IdentifierError),
    ],
)
def test_designs_that_cannot_be(
    changes: dict[str, Any], error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    """What can't be drawn is refused before anything is issued."""
    with pytest.raises(error):
        RunDesign.of(product(**changes), A4_3X8)
