"""ZPL, drawn by a printer of the tests' own and read by our scanners."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identifiers import check_digit, parse_item_code
from labels import fonts
from labels.errors import SizeError, UnprintableCharacterError
from labels.fonts import chinese_typeface
from labels.kinds import SymbolKind
from labels.label import Label
from labels.layout import lay_out
from labels.logistic import LogisticLabel, lay_out_logistic
from labels.runs import RunCode, RunDesign, RunProduct
from labels.stocks import A4_2X4, A4_3X8, A6, Stock, roll
from labels.zpl import DPI, as_zpl, code_128_data, zpl_of_run
from scanners import scan_bytes
from tests.labels.printer import code_128_values, print_zpl

LOT_AND_SERIAL = "(01)09506000134352(10)L-7(21)A1"
GS = "\x1d"


def scanned(text: str) -> list[tuple[str, str]]:
    """Print formats, and read what came out: identifier and text of each symbol."""
    found = []
    for label in print_zpl(text):
        buffer = BytesIO()
        label.picture.save(buffer, "PNG")
        found += [
            (scan.symbology_identifier, scan.text)
            for scan in scan_bytes(buffer.getvalue(), name="label", captured_at=0)
        ]
    return found


def zpl(text: str, kind: SymbolKind, *, stock: Stock = A4_2X4, dpi: int = 300, **more: Any) -> str:
    """Write the label of a code."""
    label = Label(code=parse_item_code(text), kinds=(kind,), **more)
    typeface = chinese_typeface()
    return as_zpl(lay_out(label, label.symbols(), stock, typeface), stock, typeface, dpi=dpi)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize(
    ("kind", "text", "identifier", "content"),
    [
        (SymbolKind.QR, LOT_AND_SERIAL, "]Q1", "https://id.gs1.org/01/09506000134352/21/A1"),
        (SymbolKind.DATA_MATRIX, LOT_AND_SERIAL, "]d2", f"010950600013435210L-7{GS}21A1"),
        (SymbolKind.GS1_QR, LOT_AND_SERIAL, "]Q3", f"010950600013435210L-7{GS}21A1"),
        (SymbolKind.RMQR, LOT_AND_SERIAL, "]Q3", f"010950600013435210L-7{GS}21A1"),
        (SymbolKind.GS1_128, "(00)370123450000000014", "]C1", "00370123450000000014"),
        (SymbolKind.EAN_13, "(01)09506000134352", "]E0", "9506000134352"),
        (SymbolKind.EAN_8, "(01)00000095050003", "]E4", "95050003"),
        (SymbolKind.UPC_A, "(01)00614141000036", "]E0", "0614141000036"),
        (SymbolKind.ITF_14, "(01)19506000134359", "]I1", "19506000134359"),
    ],
)
def test_every_symbol(kind: SymbolKind, text: str, identifier: str, content: str, dpi: int) -> None:
    """What the printer draws, or was sent as a bitmap, reads as the same bytes with FNC1."""
    assert scanned(zpl(text, kind, dpi=dpi)) == [(identifier, content)]


def test_what_is_drawn_by_whom() -> None:
    """FNC1 of a QR code has no escape that all printers know, so it is a bitmap."""
    for kind, native, bitmaps in (
        (SymbolKind.QR, ["BQ"], 0),
        (SymbolKind.DATA_MATRIX, ["BX"], 0),
        (SymbolKind.GS1_QR, [], 1),
        (SymbolKind.RMQR, [], 1),
    ):
        [label] = print_zpl(zpl(LOT_AND_SERIAL, kind, stock=A4_3X8))
        assert (label.native, label.bitmaps) == (native, bitmaps)


def test_an_underscore_is_data() -> None:
    """The escape character of DataMatrix itself is doubled."""
    text = "(01)09506000134352(21)A_1_B"
    assert scanned(zpl(text, SymbolKind.DATA_MATRIX)) == [("]d2", "010950600013435221A_1_B")]


CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


@given(
    st.lists(st.one_of(st.text("0123456789", min_size=1), st.text(CSET_82, min_size=1)), min_size=1)
    .map("".join)
    .map(lambda text: text[:20]),
    st.text("0123456789" * 5 + CSET_82, min_size=1, max_size=20),
)
@settings(max_examples=200)
def test_code_sets_carry_every_value(lot: str, serial: str) -> None:
    """The data of ^BC, read as the manual has it, is the element string, FNC1 in its places."""
    content = f"010950600013435210{lot}{GS}21{serial}"
    start, *values = code_128_values(code_128_data(content))
    pairs, text = start == 105, ""
    for value in values:
        if value == 102:
            text += GS
        elif value in {99, 100} and (value == 100) == pairs:
            pairs = not pairs
        else:
            text += f"{value:02d}" if pairs else chr(value + 32)
    assert text == GS + content


@given(st.integers(0, 10**17 - 1))
@settings(max_examples=20)
def test_an_sscc_takes_as_few_bars_as_anywhere(number: int) -> None:
    """Digits go in pairs, so the symbol fits the room that was laid out for it."""
    body = f"{number:017d}"
    data = code_128_data(f"00{body}{check_digit(body)}")
    assert len(code_128_values(data)) == 12


def test_texts_are_never_commands() -> None:
    """Carets, tildes and underscores in a name print as such."""
    more: dict[str, Any] = {"title_en": "A^XZ ~JA _5E", "notes": ("^FO0,0^GB9,9,9^FS",)}
    text = zpl(LOT_AND_SERIAL, SymbolKind.QR, **more)
    [label] = print_zpl(text)
    assert label.texts[:2] == ["A^XZ ~JA _5E", "^FO0,0^GB9,9,9^FS"]
    assert text.count("^XZ") == 1
    assert "~" not in text


def test_chinese_is_a_bitmap() -> None:
    """What isn't Latin is drawn with a TrueType font; the code beside it reads."""
    text = zpl(LOT_AND_SERIAL, SymbolKind.QR, title_zh="磷酸铁锂动力电池包")
    [label] = print_zpl(text)
    assert label.bitmaps == 1
    assert len(scanned(text)) == 1


def test_chinese_without_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a font there is nothing to draw it with, and it is said how to get one."""
    monkeypatch.setattr(fonts, "_CANDIDATES", ())
    with pytest.raises(UnprintableCharacterError, match=r"Expected a TrueType font for '电池'"):
        zpl(LOT_AND_SERIAL, SymbolKind.QR, title_zh="电池")


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_a_logistic_label(dpi: int) -> None:
    """Both bar codes read, at four dots of 203 dpi too."""
    label = LogisticLabel("370123450000000014", "(02)09506000134352(37)24", "Works")
    typeface = chinese_typeface()
    text = as_zpl(lay_out_logistic(label, A6, typeface, 2026), A6, typeface, dpi=dpi)
    assert sorted(scanned(text)) == [
        ("]C1", "00370123450000000014"),
        ("]C1", "02095060001343523724"),
    ]


@pytest.mark.parametrize("dpi", [0, 200, 72, 1200])
def test_printers_that_there_are_not(dpi: int) -> None:
    """Dots per inch are those that printers have."""
    assert dpi not in DPI
    with pytest.raises(SizeError, match="152, 203, 300, 600 dots per inch"):
        zpl(LOT_AND_SERIAL, SymbolKind.QR, dpi=dpi)


def test_too_few_dots() -> None:
    """A module that no whole number of dots makes is refused, with what would help."""
    with pytest.raises(SizeError, match=r"module of 0\.396 .* at 152 dpi; print with more dots"):
        zpl(LOT_AND_SERIAL, SymbolKind.QR, stock=roll(50, 22), dpi=152)


def test_a_run() -> None:
    """A format a label, each with its own serial and link."""
    product = RunProduct("09506000134352", "https://trace.example", "电池包", "Pack")
    design = RunDesign.of(product, roll(60, 30))
    codes = [
        RunCode(
            f"ABCDEFGH{number:02}",
            f"https://trace.example/01/09506000134352/21/ABCDEFGH{number:02}",
        )
        for number in range(22, 25)
    ]
    text = "".join(zpl_of_run(design, codes))
    assert [read for _, read in scanned(text)] == [code.link for code in codes]
    labels = print_zpl(text)
    assert [label.texts[-1] for label in labels] == [f"(21){code.serial}" for code in codes]


def test_a_run_with_modules_that_no_printer_draws() -> None:
    """Above ten dots a QR code would have to be a bitmap, which a run doesn't send."""
    design = RunDesign.of(RunProduct("09506000134352", "https://t.example"), roll(100, 80))
    codes = [RunCode("A234567890", "https://t.example/01/09506000134352/21/A234567890")]
    with pytest.raises(SizeError, match="at most 10 dots in a run, found 17"):
        list(zpl_of_run(design, codes, dpi=600))
