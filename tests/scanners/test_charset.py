"""Bytes of a symbol become text without mojibake."""

from __future__ import annotations

import pytest
import qrcode
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from scanners.cascade import read_symbols
from scanners.charset import as_text


@given(st.text())
def test_utf_8_is_utf_8_whatever_the_engine_guessed(text: str) -> None:
    """Valid UTF-8 is never handed to a guess."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        return
    assert as_text(raw, guess="?", has_eci=False) == text


def test_a_named_character_set_is_believed() -> None:
    """With ECI the engine's own decoding stands."""
    assert as_text("é".encode(), guess="Ã©", has_eci=True) == "Ã©"


@pytest.mark.parametrize("text", ["电池包 溯源 A-1", "批次：二〇二六"])
def test_gb18030_without_eci_is_chinese(text: str) -> None:
    """A QR code that an older Chinese printer wrote reads as Chinese."""
    maker = qrcode.QRCode()
    maker.add_data(text.encode("gb18030"))
    [reading] = read_symbols(maker.make_image().get_image().convert("L"))
    assert reading.text == text
    assert reading.raw == text.encode("gb18030")


@pytest.mark.parametrize(
    ("raw", "guess"),
    [
        ("Histórico".encode("latin-1"), "Histórico"),
        ("ﾃﾞｻﾞｲﾝ".encode("shift-jis"), "ﾃﾞｻﾞｲﾝ"),
        (b"\xa2\xa1\xaa\xa1", "¢¡ª¡"),
    ],
)
def test_other_guesses_stand(raw: bytes, guess: str) -> None:
    """Latin-1, Shift JIS and pairs that GB2312 leaves empty keep the engine's answer."""
    assert as_text(raw, guess=guess, has_eci=False) == guess


def test_eci_in_a_symbol_is_respected() -> None:
    """A symbol that names GB18030 itself is read so."""
    barcode = zxingcpp.create_barcode("溯源", zxingcpp.BarcodeFormat.QRCode, eci="GB18030")
    image = barcode.to_image(scale=4)
    found = zxingcpp.read_barcode(image)
    assert found is not None
    assert found.text == "溯源"
