"""Symbols as PNG and SVG."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from identifiers import parse_item_code
from labels.errors import SizeError
from labels.render import as_png, as_svg, dark_runs, hri_lines
from labels.symbols import Symbol, SymbolKind, make_symbol
from scanners import Scan, scan_bytes

CODE = parse_item_code("(01)09506000134352(10)L-7(21)A1")
SVG = "{http://www.w3.org/2000/svg}"
KINDS = [SymbolKind.QR, SymbolKind.DATA_MATRIX, SymbolKind.GS1_128]


def scan(data: bytes) -> Scan:
    """Scan a picture of one symbol."""
    [found] = scan_bytes(data, name="label", captured_at=0)
    return found


def drawn(svg: str, scale: int) -> bytes:
    """Draw the paths of our SVG as PNG: a reader of the same file, written here."""
    root = ET.fromstring(svg)  # noqa: S314
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    picture = Image.new("L", (round(width * scale), round(height * scale)), 255)
    draw = ImageDraw.Draw(picture)
    path = root.find(f"{SVG}path")
    assert path is not None
    for x, y, across, down in re.findall(r"M(\S+) ([\d.]+)h([\d.]+)v([\d.]+)h", path.attrib["d"]):
        left, top = float(x) * scale, float(y) * scale
        box = (left, top, left + float(across) * scale - 1, top + float(down) * scale - 1)
        draw.rectangle(box, fill=0)
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_png_reads_back(kind: SymbolKind) -> None:
    """Each symbol's PNG reads as its content, at once and beside its text."""
    symbol = make_symbol(CODE, kind)
    for text in (True, False):
        found = scan(as_png(symbol, text=text))
        assert found.text == symbol.content
        assert found.gs1 == (kind is not SymbolKind.QR)


@pytest.mark.parametrize("kind", KINDS)
def test_svg_reads_back(kind: SymbolKind) -> None:
    """Each symbol's SVG, drawn, reads as its content."""
    symbol = make_symbol(CODE, kind)
    assert scan(drawn(as_svg(symbol), 4)).text == symbol.content


@pytest.mark.parametrize(("kind", "quiet"), list(zip(KINDS, (4, 1, 10), strict=True)))
def test_quiet_zones(kind: SymbolKind, quiet: int) -> None:
    """The standard's quiet zone stands left and right, and around square symbols above and below."""
    symbol = make_symbol(CODE, kind)
    with Image.open(BytesIO(as_png(symbol, text=False))) as picture:
        module = picture.width // (symbol.columns + 2 * quiet)
        left, top, right, bottom = picture.point(lambda value: 255 - value).getbbox() or (0,) * 4
        assert (left, picture.width - right) == (quiet * module, quiet * module)
        around = 0 if symbol.is_linear else quiet * module
        assert (top, picture.height - bottom) == (around, around)


@pytest.mark.parametrize("x_mm", [0.396, 0.495, 0.7])
def test_sizes_on_paper_are_exact(x_mm: float) -> None:
    """Pixels are whole, so the resolution is what makes the X-dimension come out."""
    symbol = make_symbol(CODE, SymbolKind.QR)
    with Image.open(BytesIO(as_png(symbol, x_mm=x_mm, text=False))) as picture:
        width_mm = picture.width / picture.info["dpi"][0] * 25.4
    assert width_mm == pytest.approx(symbol.width_mm(x_mm), rel=1e-3)
    root = ET.fromstring(as_svg(symbol, x_mm=x_mm))  # noqa: S314
    assert float(root.attrib["width"].removesuffix("mm")) == pytest.approx(symbol.width_mm(x_mm))


def test_bars_are_high_enough() -> None:
    """GS1-128 on a logistic unit is 31.75 mm high."""
    symbol = make_symbol(CODE, SymbolKind.GS1_128)
    with Image.open(BytesIO(as_png(symbol, text=False))) as picture:
        assert picture.height / picture.info["dpi"][1] * 25.4 == pytest.approx(31.75, abs=0.1)


@pytest.mark.parametrize(
    ("kind", "x_mm"),
    [(SymbolKind.QR, 0.39), (SymbolKind.QR, 0.75), (SymbolKind.GS1_128, 0.25)],
)
def test_sizes_that_scanners_may_not_read(kind: SymbolKind, x_mm: float) -> None:
    """An X-dimension outside the standard's range is refused in both formats."""
    symbol = make_symbol(CODE, kind)
    for draw in (as_png, as_svg):
        with pytest.raises(SizeError, match=r"Expected an X-dimension of 0\.\d+ to 0\.\d+ mm"):
            draw(symbol, x_mm=x_mm)


def test_too_few_dots() -> None:
    """A printer that gives a module less than two dots cannot print it."""
    with pytest.raises(SizeError, match=r"at least 2 dots to a module, found 1.4 at 72 dpi"):
        as_png(make_symbol(CODE), dpi=72)


def test_text_below_the_symbol() -> None:
    """The text is the bracketed element strings, whole ones to a line, and safe in XML."""
    root = ET.fromstring(as_svg(make_symbol(CODE, SymbolKind.GS1_128)))  # noqa: S314
    assert [element.text for element in root.iter(f"{SVG}text")] == [
        "(01)09506000134352 (10)L-7 (21)A1"
    ]
    sharp = parse_item_code("(01)09506000134352(21)A<&>")
    assert "(21)A&lt;&amp;&gt;" in as_svg(make_symbol(sharp))


@given(st.lists(st.text("AB(1)", min_size=1, max_size=30), min_size=1), st.integers(8, 40))
def test_lines_hold_everything_and_fit(parts: list[str], width: int) -> None:
    """No line is too wide, none is empty, and no character is lost."""
    symbol = Symbol(SymbolKind.QR, "", tuple(parts), ("1",))
    lines = hri_lines(symbol, width)
    assert all(0 < len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(parts)


@given(st.text("01", max_size=60))
def test_runs_are_the_row(row: str) -> None:
    """The runs of a row, drawn again, are the row."""
    cells = ["0"] * len(row)
    for start, length in dark_runs(row):
        cells[start : start + length] = "1" * length
    assert "".join(cells) == row
