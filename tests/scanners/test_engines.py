"""Decoding with zxing-cpp, and with ZBar where that is safe."""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

import pytest
import zxingcpp
from PIL import Image, ImageOps

from scanners import engines
from scanners.engines import fallback_available, read_zbar, read_zxing
from scanners.scan import RETAIL, Symbology

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
    [reading] = read_zxing(picture("(01)09506000134352(10)AB(21)12", kind, gs1=True))
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
    [reading] = read_zxing(picture(content, kind))
    assert reading.symbology is symbology
    assert reading.text.endswith(content)


def test_upc_e_is_told_as_the_gtin_it_stands_for() -> None:
    """The eight printed digits come out as the thirteen of the GTIN."""
    [reading] = read_zxing(picture("01234565", "UPCE"))
    assert (reading.symbology, reading.text) == (Symbology.UPC_E, "0012345000065")


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (3, 3)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    """A picture too small for any symbol is simply empty, for both engines."""
    assert read_zxing(Image.new("L", size, 255)) == []


def test_several_symbols_in_one_picture() -> None:
    """Two symbols are two readings, each with its corners."""
    paper = Image.new("L", (900, 900), 255)
    paper.paste(picture("lower", "QRCode"), (500, 500))
    paper.paste(picture("upper", "DataMatrix"), (20, 20))
    upper, lower = sorted(read_zxing(paper), key=lambda reading: reading.quad)
    assert (upper.text, lower.text) == ("upper", "lower")
    assert all(x < 500 and y < 500 for x, y in upper.quad)
    assert all(x >= 500 and y >= 500 for x, y in lower.quad)


def test_an_empty_picture_has_no_symbol() -> None:
    """White paper reads as nothing."""
    assert read_zxing(Image.new("L", (200, 200), 255)) == []


def test_eci_modifiers() -> None:
    """The modifiers that announce character sets are told from those that do not."""
    assert [
        name
        for name in ("]Q1", "]Q2", "]d1", "]d4", "]z0", "]z3", "]z6", "]zC", "")
        if engines._has_eci(name)
    ] == ["]Q2", "]d4", "]z3", "]zC"]


def test_a_missing_library_is_said_once(
    fresh_fallback: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without ZBar's system library reading goes on, and one sentence says what is missing."""

    def refuse(name: str) -> object:
        raise ImportError(f"Unable to find zbar shared library for {name}")

    monkeypatch.setattr(importlib, "import_module", refuse)
    with caplog.at_level(logging.WARNING):
        assert read_zbar(Image.new("L", (50, 50), 255)) == []
        assert not fallback_available()
        assert not fallback_available()
    [record] = caplog.records
    assert "libzbar0" in record.getMessage()


def test_zbar_reads_what_it_is_trusted_with(fresh_fallback: None) -> None:
    """ZBar reads ASCII QR, EAN-13 and UPC-A, and nothing else."""
    if not fallback_available():
        assert read_zbar(Image.new("L", (50, 50), 255)) == []
        return
    [square] = read_zbar(picture("https://id.gs1.org/01/09506000134352", "QRCode"))
    assert (square.engine, square.symbology_identifier) == ("zbar", "")
    assert square.text == "https://id.gs1.org/01/09506000134352"
    [retail] = read_zbar(picture("9506000134352", "EAN13"))
    assert (retail.engine, retail.symbology_identifier) == ("zbar", "]E0")
    assert retail.text == "9506000134352"
    assert read_zbar(picture("溯源", "QRCode")) == []
    gs1 = {"gs1": True}
    assert read_zbar(picture("(01)09506000134352(10)A", "Code128", **gs1)) == []
    assert read_zbar(picture("(01)09506000134352(10)A", "DataBarExp", **gs1)) == []
    assert read_zbar(picture("09506000134352", "ITF")) == []


def test_only_what_is_asked_for() -> None:
    """Given some symbologies, no other is read."""
    both = Image.new("L", (900, 900), 255)
    both.paste(picture("lower", "QRCode"), (500, 500))
    both.paste(picture("9506000134352", "EAN13"), (20, 20))
    assert [one.text for one in read_zxing(both, kinds=RETAIL)] == ["9506000134352"]
    assert [one.text for one in read_zxing(both, kinds=frozenset((Symbology.QR_CODE,)))] == [
        "lower"
    ]


def test_fast_reads_what_stands_straight() -> None:
    """The fast look leaves out bars that lie, and light on dark."""
    lying = picture("9506000134352", "EAN13").rotate(90, expand=True)
    light = ImageOps.invert(picture("9506000134352", "DataMatrix"))
    for image in (lying, light):
        assert read_zxing(image, fast=True) == []
        assert [one.text for one in read_zxing(image)] == ["9506000134352"]
