"""Decoding with zxing-cpp, and with ZBar where that is safe."""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp
from PIL import Image, ImageOps

from scanners import engines
from scanners.engines import Reading, fallback_available, read_symbols
from scanners.scan import Symbology

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fresh_fallback() -> Iterator[None]:
    """Look for ZBar anew, and forget the answer afterwards."""
    engines._zbar.cache_clear()
    yield
    engines._zbar.cache_clear()


def picture(content: str, kind: str, **options: Any) -> Image.Image:
    """Write a symbol with zxing-cpp, with a margin around it."""
    barcode = zxingcpp.create_barcode(content, zxingcpp.barcode_format_from_str(kind), **options)
    drawn = barcode.to_image(scale=4)
    height, width = memoryview(drawn).shape  # type: ignore[arg-type,misc]
    image = Image.frombytes("L", (width, height), bytes(memoryview(drawn)))  # type: ignore[arg-type]
    return ImageOps.expand(image, 40, fill=255)


@pytest.mark.parametrize(
    ("kind", "symbology", "identifier"),
    [
        ("DataMatrix", Symbology.DATA_MATRIX, "]d2"),
        ("Code128", Symbology.CODE_128, "]C1"),
        ("QRCode", Symbology.QR_CODE, "]Q3"),
        ("DataBarExp", Symbology.DATA_BAR_EXPANDED, "]e0"),
    ],
)
def test_gs1_symbols_keep_their_separator(kind: str, symbology: Symbology, identifier: str) -> None:
    """FNC1 sets the identifier, and stands as GS in bytes and text."""
    [reading] = read_symbols(picture("(01)09506000134352(10)AB(21)12", kind, gs1=True))
    assert reading.symbology is symbology
    assert reading.symbology_identifier == identifier
    assert reading.raw == b"010950600013435210AB\x1d2112"
    assert reading.text == "010950600013435210AB\x1d2112"
    assert reading.engine == "zxing-cpp"


@pytest.mark.parametrize(
    ("kind", "content", "symbology"),
    [
        ("EAN13", "9506000134352", Symbology.EAN_13),
        ("EAN8", "95060002", Symbology.EAN_8),
        ("ITF", "09506000134352", Symbology.ITF),
        ("Aztec", "A1", Symbology.AZTEC),
        ("PDF417", "A1", Symbology.PDF_417),
        ("Code39", "A1", Symbology.CODE_39),
        ("DataBarOmni", "09506000134352", Symbology.DATA_BAR),
        ("MicroQRCode", "A1", Symbology.MICRO_QR_CODE),
    ],
)
def test_other_symbologies(kind: str, content: str, symbology: Symbology) -> None:
    """Each symbology we know comes with its name and its content."""
    [reading] = read_symbols(picture(content, kind))
    assert reading.symbology is symbology
    assert reading.text.endswith(content)


def test_upc_e_is_told_as_the_gtin_it_stands_for() -> None:
    """The eight printed digits come out as the thirteen of the GTIN."""
    [reading] = read_symbols(picture("01234565", "UPCE"))
    assert (reading.symbology, reading.text) == (Symbology.UPC_E, "0012345000065")


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (3, 3)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    """A picture too small for any symbol is simply empty, for both engines."""
    assert read_symbols(Image.new("L", size, 255)) == []


def test_several_symbols_in_one_picture_in_reading_order() -> None:
    """Two symbols are two readings, the upper one first, each with its corners."""
    paper = Image.new("L", (900, 900), 255)
    paper.paste(picture("lower", "QRCode"), (500, 500))
    paper.paste(picture("upper", "DataMatrix"), (20, 20))
    upper, lower = read_symbols(paper)
    assert (upper.text, lower.text) == ("upper", "lower")
    assert all(x < 500 and y < 500 for x, y in upper.quad)
    assert all(x >= 500 and y >= 500 for x, y in lower.quad)


def test_an_empty_picture_has_no_symbol() -> None:
    """White paper reads as nothing."""
    assert read_symbols(Image.new("L", (200, 200), 255)) == []


def test_eci_modifiers() -> None:
    """The modifiers that announce character sets are told from those that do not."""
    assert [
        name
        for name in ("]Q1", "]Q2", "]d1", "]d4", "]z0", "]z3", "]z6", "]zC", "")
        if engines._has_eci(name)
    ] == ["]Q2", "]d4", "]z3", "]zC"]


def reading(symbology: Symbology, text: str) -> Reading:
    """Make a reading by its kind and text."""
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    return Reading(text.encode(), text, symbology, "]E0", "zxing-cpp", corners)


def test_upc_e_counts_only_unopposed() -> None:
    """UPC-E inside another retail symbol, or two that contradict one another, are dropped."""
    short = reading(Symbology.UPC_E, "01234565")
    other_short = reading(Symbology.UPC_E, "04965802")
    long = reading(Symbology.EAN_13, "9506000134352")
    square = reading(Symbology.QR_CODE, "A")
    drop = engines._without_doubtful_upc_e
    assert drop([short, square]) == [short, square]
    assert drop([short, long]) == [long]
    assert drop([short, other_short]) == []


def test_a_missing_library_is_said_once(
    fresh_fallback: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without ZBar's system library reading goes on, and one sentence says what is missing."""

    def refuse(name: str) -> object:
        raise ImportError(f"Unable to find zbar shared library for {name}")

    monkeypatch.setattr(importlib, "import_module", refuse)
    with caplog.at_level(logging.WARNING):
        assert read_symbols(Image.new("L", (50, 50), 255)) == []
        assert not fallback_available()
        assert not fallback_available()
    [record] = caplog.records
    assert "libzbar0" in record.getMessage()


def test_the_fallback_reads_what_it_is_trusted_with(
    fresh_fallback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where zxing-cpp reads nothing, ZBar reads ASCII QR and good EAN-13, and nothing else."""
    if not fallback_available():
        assert read_symbols(Image.new("L", (50, 50), 255)) == []
        return
    monkeypatch.setattr(engines, "_read_zxing", lambda _image: [])
    [square] = read_symbols(picture("https://id.gs1.org/01/09506000134352", "QRCode"))
    assert (square.engine, square.symbology_identifier) == ("zbar", "")
    assert square.text == "https://id.gs1.org/01/09506000134352"
    [retail] = read_symbols(picture("9506000134352", "EAN13"))
    assert (retail.engine, retail.symbology_identifier) == ("zbar", "]E0")
    assert retail.text == "9506000134352"
    assert read_symbols(picture("溯源", "QRCode")) == []
    gs1 = {"gs1": True}
    assert read_symbols(picture("(01)09506000134352(10)A", "Code128", **gs1)) == []
    assert read_symbols(picture("(01)09506000134352(10)A", "DataBarExp", **gs1)) == []
    assert read_symbols(picture("09506000134352", "ITF")) == []
