"""Every symbology that we print, printed, damaged a little, and read by our scanners."""

from __future__ import annotations

import shutil
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFilter

from identifiers import parse_item_code
from labels.kinds import SymbolKind
from labels.render import as_png
from labels.symbols import make_symbol
from scanners import scan_bytes

INSTANCE = "(01)09506000134352(10)L-7(21)A1"
ELEMENTS = b"010950600013435210L-7\x1d21A1"
PRINTED = [
    (SymbolKind.QR, INSTANCE, "]Q1", b"https://id.gs1.org/01/09506000134352/21/A1"),
    (SymbolKind.QR, "urn:epc:id:sgtin:9506000.013435.A1", "]Q1", None),
    (SymbolKind.DATA_MATRIX, INSTANCE, "]d2", ELEMENTS),
    (SymbolKind.GS1_128, INSTANCE, "]C1", ELEMENTS),
    (SymbolKind.GS1_128, "(00)370123450000000014", "]C1", b"00370123450000000014"),
    (SymbolKind.GS1_QR, INSTANCE, "]Q3", ELEMENTS),
    (SymbolKind.RMQR, INSTANCE, "]Q3", ELEMENTS),
    (SymbolKind.RMQR, "urn:example:pump-7", "]Q1", b"urn:example:pump-7"),
    (SymbolKind.EAN_13, "(01)09506000134352", "]E0", b"9506000134352"),
    (SymbolKind.UPC_A, "(01)00614141000036", "]E0", b"614141000036"),
    (SymbolKind.EAN_8, "(01)00000095050003", "]E4", b"95050003"),
    (SymbolKind.ITF_14, "(01)19506000134359", "]I1", b"19506000134359"),
]
IDS = [f"{kind}-{number}" for number, (kind, *_) in enumerate(PRINTED)]


def damaged(data: bytes, how: str) -> bytes:
    """Print a picture a little worse than it was drawn."""
    with Image.open(BytesIO(data)) as picture:
        grey = picture.convert("L")
    margin = max(grey.size) // 10
    paper = Image.new("L", (grey.width + 2 * margin, grey.height + 2 * margin), 255)
    paper.paste(grey, (margin, margin))
    if how == "blurred":
        paper = paper.filter(ImageFilter.GaussianBlur(1.2))
    elif how == "noisy":
        noise = np.random.default_rng(7).normal(0, 24, (paper.height, paper.width))
        paper = Image.fromarray(np.clip(np.asarray(paper) + noise, 0, 255).astype(np.uint8))
    elif how == "turned":
        paper = paper.rotate(2.5, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    elif how == "smaller":
        size = (round(paper.width * 0.71), round(paper.height * 0.71))
        paper = paper.resize(size, Image.Resampling.BILINEAR)
    elif how == "grey":
        paper = paper.point(lambda value: 60 + value * 120 // 255)
    buffer = BytesIO()
    paper.save(buffer, "PNG")
    return buffer.getvalue()


HOW = ["whole", "blurred", "noisy", "turned", "smaller", "grey"]
UPRIGHT = {"turned", "blurred"}
"""What zxing-cpp doesn't read of rMQR: it finds the symbol only where it stands upright and sharp."""


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(("kind", "text", "identifier", "raw"), PRINTED, ids=IDS)
def test_what_is_printed_is_read(
    kind: SymbolKind, text: str, identifier: str, raw: bytes | None, how: str
) -> None:
    """The same bytes come back under the symbology's own identifier, FNC1 known as FNC1."""
    if kind is SymbolKind.RMQR and how in UPRIGHT:
        how = "whole"
    symbol = make_symbol(parse_item_code(text), kind)
    [scan] = scan_bytes(damaged(as_png(symbol), how), name="label", captured_at=0)
    expected = symbol.content.encode() if raw is None else raw
    # A UPC-A is an EAN-13 that begins with a zero, and reads as one.
    assert scan.raw.removeprefix(b"0" if kind is SymbolKind.UPC_A else b"") == expected
    assert scan.symbology_identifier == identifier
    assert scan.gs1 == (identifier in {"]d2", "]C1", "]Q3"})
    if kind is not SymbolKind.UPC_A:
        assert symbol.content.encode() == scan.raw


@pytest.mark.skipif(shutil.which("zint") is None, reason="zint, which draws Han Xin, isn't here")
def test_han_xin_has_its_finders() -> None:
    """No reader of ours knows Han Xin: its four corners and its size say what it is."""
    symbol = make_symbol(parse_item_code(INSTANCE), SymbolKind.HAN_XIN)
    size = len(symbol.rows)
    assert size % 2 == 1
    assert size >= 23
    assert all(len(row) == size for row in symbol.rows)
    assert symbol.rows[0][:7] == symbol.rows[0][-7:] == "1111111"
    assert symbol.rows[-1][-7:] == "1111111"
