"""The sizes that symbols may have, and what they carry."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from identifiers import parse_item_code
from labels import kinds, matrix
from labels.errors import (
    ContentTooLongError,
    LabelError,
    SizeError,
    UnknownSymbolError,
    UnprintableCharacterError,
)
from labels.kinds import Environment, SymbolKind, size_rules
from labels.render import as_png, as_svg
from labels.symbols import make_symbol

if TYPE_CHECKING:
    from pathlib import Path

ITEM = parse_item_code("(01)09506000134352(21)A1")
PRODUCT = parse_item_code("(01)09506000134352")


@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("kind", list(SymbolKind))
def test_every_rule_is_a_range(kind: SymbolKind, environment: Environment) -> None:
    """The target lies between the least and the greatest X, and bars have a height."""
    if kind not in kinds._TABLES[environment]:
        with pytest.raises(UnknownSymbolError, match=f"found {kind}; {kind} is printed for"):
            size_rules(kind, environment)
        return
    rules = size_rules(kind, environment)
    assert 0 < rules.min_x_mm <= rules.target_x_mm <= rules.max_x_mm
    assert (rules.bar_height_mm(rules.min_x_mm) > 0) == kind.is_linear
    assert rules.bar_height_mm(rules.min_x_mm) <= rules.bar_height_mm(rules.max_x_mm)
    assert min(rules.quiet_left, rules.quiet_right) >= 1


@pytest.mark.parametrize(
    ("kind", "environment", "x_mm", "height"),
    [
        (SymbolKind.EAN_13, Environment.RETAIL, 0.264, 18.28),
        (SymbolKind.EAN_13, Environment.RETAIL, 0.66, 45.7),
        (SymbolKind.EAN_13, Environment.DISTRIBUTION, 0.495, 34.28),
        (SymbolKind.EAN_8, Environment.RETAIL, 0.33, 18.23),
        (SymbolKind.GS1_128, Environment.LOGISTIC, 0.94, 31.75),
        (SymbolKind.ITF_14, Environment.HEALTHCARE, 0.17, 12.7),
        (SymbolKind.QR, Environment.RETAIL, 0.5, 0),
    ],
)
def test_heights_of_bars(
    kind: SymbolKind, environment: Environment, x_mm: float, height: float
) -> None:
    """Bars of EAN and UPC grow with X, others have one least height."""
    assert size_rules(kind, environment).bar_height_mm(x_mm) == pytest.approx(height, abs=0.01)


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        (
            SymbolKind.EAN_13,
            {"x_mm": 0.2},
            r"X-dimension of 0.264 to 0.66 mm for ean-13, found 0.2",
        ),
        (SymbolKind.EAN_13, {"x_mm": float("nan")}, "found nan mm"),
        (SymbolKind.ITF_14, {"height_mm": 10}, r"bars of 31.75 to 150 mm for itf-14 at 0.495 mm"),
        (SymbolKind.ITF_14, {"height_mm": 1e9}, "found 1000000000.0 mm; leave the height out"),
    ],
)
def test_sizes_outside_the_tables(kind: SymbolKind, options: dict[str, Any], words: str) -> None:
    """A size that scanners aren't promised to read is refused with the number and the fix."""
    symbol = make_symbol(PRODUCT, kind)
    for draw in (as_png, as_svg):
        with pytest.raises(SizeError, match=words):
            draw(symbol, **options)


@pytest.mark.parametrize("dpi", [0, -1, 71, 10**9])
def test_resolutions_that_no_printer_has(dpi: int) -> None:
    """A picture of any size can't be asked for."""
    with pytest.raises(SizeError, match="dots per inch"):
        as_png(make_symbol(ITEM), dpi=dpi)


def test_an_environment_sets_the_sizes() -> None:
    """In healthcare a DataMatrix may be smaller than at a point of sale."""
    symbol = make_symbol(ITEM, SymbolKind.DATA_MATRIX, environment=Environment.HEALTHCARE)
    assert as_png(symbol, x_mm=0.26, dpi=600)
    with pytest.raises(
        UnknownSymbolError, match=r"for logistic, found qr; qr is printed for retail"
    ):
        make_symbol(ITEM, SymbolKind.QR, environment=Environment.LOGISTIC)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("(01)09506000134352(21)A1", SymbolKind.EAN_13, "Expected a GTIN alone for ean-13"),
        (
            "(01)19506000134359",
            SymbolKind.EAN_13,
            "13 digits for ean-13, found 19506000134359; print it as itf-14",
        ),
        (
            "(01)09506000134352",
            SymbolKind.UPC_A,
            "12 digits for upc-a, found 9506000134352; print it as ean-13",
        ),
        ("(01)09506000134352", SymbolKind.EAN_8, "8 digits for ean-8"),
        ("(00)370123450000000014", SymbolKind.ITF_14, "Expected a GTIN alone for itf-14"),
        ("urn:example:x", SymbolKind.EAN_13, "Expected a GS1 code for ean-13"),
    ],
)
def test_codes_that_a_retail_symbol_cannot_carry(text: str, kind: SymbolKind, words: str) -> None:
    """What says more than a GTIN, or a longer one, is refused with another symbol named."""
    with pytest.raises(UnknownSymbolError, match=words):
        make_symbol(parse_item_code(text), kind)


def test_too_much_for_a_small_symbol() -> None:
    """What the encoder refuses names the symbol that holds more."""
    long = parse_item_code("urn:example:" + "a" * 300)
    with pytest.raises(ContentTooLongError, match="that rMQR can hold, found 312"):
        make_symbol(long, SymbolKind.RMQR)


@pytest.fixture
def zint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a program that stands for zint; the test writes it."""
    program = tmp_path / "zint"
    monkeypatch.setattr(shutil, "which", lambda _name: str(program))
    return program


def script(path: Path, text: str) -> None:
    """Write a program."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_han_xin_by_zint(zint: Path) -> None:
    """The rows of its dump are the modules; what fills up whole bytes is left out."""
    script(zint, "echo 'E0 00'; echo '50 00'; echo 'A0 00'")
    symbol = make_symbol(ITEM, SymbolKind.HAN_XIN)
    assert symbol.rows == ("111", "010", "101")
    assert symbol.content == "https://id.gs1.org/01/09506000134352/21/A1"


def test_han_xin_without_zint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program it is said how to get it."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(LabelError, match=r"program zint for hanxin, found none; install it"):
        make_symbol(ITEM, SymbolKind.HAN_XIN)


@pytest.mark.parametrize(
    "text", ["echo 'Error 123: too long.' >&2; exit 5", "echo nonsense", "echo 'FF'; echo 'FF FF'"]
)
def test_what_zint_refuses(zint: Path, text: str) -> None:
    """Neither a refusal nor a dump of another shape becomes a symbol."""
    script(zint, text)
    with pytest.raises(ContentTooLongError, match="refused by zint"):
        make_symbol(ITEM, SymbolKind.HAN_XIN)


def test_a_zint_that_never_ends(zint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that hangs or can't be started is told in one sentence."""
    monkeypatch.setattr(matrix, "_PATIENCE", 0.1)
    script(zint, "exec sleep 60")
    with pytest.raises(LabelError, match=subprocess.TimeoutExpired.__name__):
        make_symbol(ITEM, SymbolKind.HAN_XIN)
    zint.unlink()
    with pytest.raises(LabelError, match="FileNotFoundError"):
        make_symbol(ITEM, SymbolKind.HAN_XIN)


def test_a_link_that_is_no_ascii() -> None:
    """Every symbol that holds a link refuses what has to be percent-encoded."""
    for kind in (SymbolKind.QR, SymbolKind.HAN_XIN):
        with pytest.raises(UnprintableCharacterError, match="percent-encode"):
            make_symbol(ITEM, kind, stem="http://溯源.example")


def test_guard_bars_reach_further_down() -> None:
    """The guards of EAN and UPC stand 5 X below the other bars; UPC-A's outer digits as well."""
    for kind, text, guards in (
        (SymbolKind.EAN_13, "(01)09506000134352", "101" + 42 * "0" + "01010" + 42 * "0" + "101"),
        (SymbolKind.EAN_8, "(01)00000095050003", "101" + 28 * "0" + "01010" + 28 * "0" + "101"),
    ):
        symbol = make_symbol(parse_item_code(text), kind)
        assert symbol.rows[1] == guards
        assert symbol.row_heights_mm(0.33)[1] == pytest.approx(1.65)
    upc = make_symbol(parse_item_code("(01)00614141000036"), SymbolKind.UPC_A)
    assert upc.rows[1][:10] == upc.rows[0][:10]
    assert upc.rows[1][-10:] == upc.rows[0][-10:]
    assert "1" not in upc.rows[1][10:45]


def test_itf_14_has_bearer_bars() -> None:
    """Bars of 2 X above and below keep a slanting scan from reading a part."""
    symbol = make_symbol(PRODUCT, SymbolKind.ITF_14)
    assert set(symbol.rows[0]) == set(symbol.rows[2]) == {"1"}
    assert symbol.row_heights_mm(0.5, 40) == (1.0, 40, 1.0)
    assert symbol.width_mm(1) == pytest.approx(120.5 + 20)
