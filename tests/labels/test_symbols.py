"""Item codes as symbols."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from identifiers import check_digit, parse_item_code
from labels import matrix
from labels.errors import (
    ContentTooLongError,
    LabelError,
    UnknownSymbolError,
    UnprintableCharacterError,
)
from labels.render import as_png
from labels.symbols import Symbol, SymbolKind, digital_link, kinds_for, make_symbol

STEM = "http://127.0.0.1:8000"
INSTANCE = parse_item_code("(01)09506000134352(21)A1")
LOT_AND_SERIAL = parse_item_code("(01)09506000134352(10)L-7(21)A1")
SSCC = parse_item_code("(00)370123450000000014")
FOREIGN = parse_item_code("urn:uuid:0d5ea5d4-7a6c-4b0f-9c3c-34fc4893b351")
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def read(symbol: Symbol) -> tuple[str, bytes]:
    """Read a symbol back from its PNG: the AIM identifier and the bytes."""
    with Image.open(BytesIO(as_png(symbol, dpi=200))) as picture:
        found = zxingcpp.read_barcode(picture)
    assert found is not None
    return found.symbology_identifier, found.bytes


def test_which_symbol_for_which_code() -> None:
    """Logistic units bear GS1-128, everything else QR, with a DataMatrix beside it if asked."""
    assert kinds_for(SSCC, data_matrix=True) == (SymbolKind.GS1_128,)
    assert kinds_for(INSTANCE) == (SymbolKind.QR,)
    assert kinds_for(INSTANCE, data_matrix=True) == (SymbolKind.QR, SymbolKind.DATA_MATRIX)
    assert kinds_for(FOREIGN, data_matrix=True) == (SymbolKind.QR,)


def test_a_qr_carries_the_digital_link() -> None:
    """The QR leads to the caller's service; its text shows what it holds."""
    symbol = make_symbol(INSTANCE, stem=STEM + "/")
    assert symbol.content == f"{STEM}/01/09506000134352/21/A1"
    assert symbol.hri == ("(01)09506000134352", "(21)A1")
    assert read(symbol) == ("]Q1", symbol.content.encode())


def test_a_qr_carries_the_query_of_its_link() -> None:
    """What the maker wants in the link's query, a tag, is in the QR code and in no other symbol."""
    symbol = make_symbol(INSTANCE, SymbolKind.QR, stem=STEM, query="t=ABC")
    assert symbol.content == f"{digital_link(INSTANCE, STEM)}?t=ABC"
    assert read(symbol) == ("]Q1", symbol.content.encode())
    assert "ABC" not in make_symbol(INSTANCE, SymbolKind.DATA_MATRIX, query="t=ABC").content


def test_the_text_of_a_qr_names_nothing_else() -> None:
    """An instance's link leaves out the lot, so the text under it does as well."""
    assert make_symbol(LOT_AND_SERIAL).hri == ("(01)09506000134352", "(21)A1")
    assert make_symbol(LOT_AND_SERIAL, "datamatrix").hri == (
        "(01)09506000134352",
        "(10)L-7",
        "(21)A1",
    )


def test_other_schemes_keep_their_uri() -> None:
    """A code that is not GS1's is printed as its own URI, and only as QR."""
    symbol = make_symbol(FOREIGN, stem=STEM)
    assert symbol.content == FOREIGN.uri == digital_link(FOREIGN, STEM)
    assert symbol.hri == (FOREIGN.uri,)
    assert read(symbol) == ("]Q1", FOREIGN.uri.encode())
    with pytest.raises(
        UnknownSymbolError, match=r"Expected a GS1 code for gs1-128.*print it as qr"
    ):
        make_symbol(FOREIGN, SymbolKind.GS1_128)


@pytest.mark.parametrize(
    ("kind", "identifier"), [(SymbolKind.GS1_128, "]C1"), (SymbolKind.DATA_MATRIX, "]d2")]
)
def test_gs1_symbols_hold_fnc1(kind: SymbolKind, identifier: str) -> None:
    """FNC1 stands first and after a value of variable length that others follow."""
    symbol = make_symbol(LOT_AND_SERIAL, kind)
    assert symbol.content == "010950600013435210L-7\x1d21A1"
    assert read(symbol) == (identifier, symbol.content.encode())


@given(st.integers(0, 10**17 - 1))
@settings(max_examples=30)
def test_every_sscc_reads_back(number: int) -> None:
    """An SSCC is 20 digits in code set C: 156 modules, 77.2 mm of bars at 0.495 mm."""
    body = f"{number:017d}"
    code = parse_item_code(f"(00){body}{check_digit(body)}")
    symbol = make_symbol(code)
    assert symbol.columns == 156
    assert read(symbol) == ("]C1", f"00{body}{check_digit(body)}".encode())


@given(
    kind=st.sampled_from(
        [
            SymbolKind.QR,
            SymbolKind.DATA_MATRIX,
            SymbolKind.GS1_128,
            SymbolKind.GS1_QR,
            SymbolKind.RMQR,
        ]
    ),
    lot=st.text(CSET_82, min_size=1, max_size=10),
    serial=st.text(CSET_82, min_size=1, max_size=8),
)
@settings(max_examples=60)
def test_every_character_reads_back(kind: SymbolKind, lot: str, serial: str) -> None:
    """Whatever GS1 allows in a value, brackets and slashes too, reads back byte by byte."""
    code = parse_item_code(f"]C1010950600013435210{lot}\x1d21{serial}")
    try:
        symbol = make_symbol(code, kind, stem=STEM)
    except ContentTooLongError:
        # Code set changes can make even 48 characters wider than 165.10 mm; nothing else may be refused.
        assert kind is SymbolKind.GS1_128
        return
    _, raw = read(symbol)
    assert raw == symbol.content.encode()
    if kind is SymbolKind.QR:
        assert parse_item_code(raw.decode()).uri == code.uri
    else:
        assert raw.decode() == f"010950600013435210{lot}\x1d21{serial}"


def test_squares_only() -> None:
    """The rectangles of ISO/IEC 21471 are no GS1 symbols: DataMatrix is always square."""
    for length in range(1, 21):
        symbol = make_symbol(
            parse_item_code(f"(01)09506000134352(21){'A' * length}"), SymbolKind.DATA_MATRIX
        )
        assert len(symbol.rows) == symbol.columns


def test_too_long_for_gs1_128() -> None:
    """More than 48 characters, or wider than 165.10 mm, do not go into one GS1-128 symbol."""
    many = parse_item_code("(01)09506000134352(10)ABCDEFGHIJKLMNOPQRST(21)ABCDEFGHIJKLMNOPQRST")
    with pytest.raises(ContentTooLongError, match=r"at most 48 characters for GS1-128, found 61"):
        make_symbol(many, SymbolKind.GS1_128)
    wide = parse_item_code("(01)09506000134352(10)ABCDEFGHIJKLMN(21)ABCDEFGHIJKL")
    with pytest.raises(ContentTooLongError, match=r"at most 165.1 mm, found"):
        make_symbol(wide, SymbolKind.GS1_128)


def test_too_long_for_qr() -> None:
    """A URI beyond the largest QR code is refused."""
    code = parse_item_code("urn:example:" + "a" * 2400)
    with pytest.raises(ContentTooLongError, match=r"at most 2,331 characters for a QR code"):
        make_symbol(code)


def test_a_stem_that_is_no_ascii() -> None:
    """A stem in Chinese letters has to be written in its encoded form."""
    with pytest.raises(UnprintableCharacterError, match=r"found '溯' at position 7"):
        make_symbol(INSTANCE, stem="http://溯源.example")


def test_an_unknown_symbol() -> None:
    """A symbol we do not print is refused with the list of those we do."""
    with pytest.raises(
        UnknownSymbolError, match=r"one of qr, datamatrix, .*itf-14, found 'maxicode'"
    ):
        make_symbol(INSTANCE, "maxicode")


def test_a_data_matrix_that_reads_otherwise_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The symbol is read back before it is handed out."""
    monkeypatch.setattr(matrix, "as_element_string", lambda _code: "0109506000134352")
    with pytest.raises(UnprintableCharacterError, match=r"Expected a GS1 DataMatrix that reads"):
        make_symbol(INSTANCE, SymbolKind.DATA_MATRIX)


def test_what_the_encoder_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder's refusal comes out as ours, without its return code."""

    def refuse(*_args: object, **_options: object) -> object:
        raise ValueError("Error 719: Input too long (retval: 5)")

    monkeypatch.setattr(zxingcpp, "create_barcode", refuse)
    with pytest.raises(LabelError, match=r"refused by the encoder \(Error 719: Input too long\)"):
        make_symbol(INSTANCE, SymbolKind.DATA_MATRIX)
