"""What keyboards and input methods do to codes, undone where it is certain or asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.typing_damage import TYPED_LAYOUTS, FullWidth, undo_typing

ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)


@given(ASCII)
def test_full_width_text_is_folded(text: str) -> None:
    """Every printable ASCII character comes back from its full-width form."""
    typed = "".join("\u3000" if sign == " " else chr(ord(sign) + 0xFEE0) for sign in text)
    assert undo_typing(typed, full_width=FullWidth.FOLD)[0] == text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("】C10109506000134352", "]C10109506000134352"),
        ("］ｄ２０１０９５０６０００１３４３５２……２１Ａ", "]d20109506000134352^21A"),
        ("]Ｃ１０１", "]C101"),
        ("】Q1https：//id。gs1。org/01/1", "]Q1https://id.gs1.org/01/1"),
    ],
)
def test_a_typed_identifier_proves_the_input_method(typed: str, meant: str) -> None:
    """No symbol holds a symbology identifier, so one in Chinese characters was typed; that is told."""
    text, told = undo_typing(typed)
    assert text == meant
    assert len(told) == 1
    assert "Chinese input method" in told[0]


@pytest.mark.parametrize(
    "text", ["批次：１２", "０１０９５０６０００１３４３５２", "]C1010９", "A。B", ""]
)
def test_what_is_not_certain_stays(text: str) -> None:
    """Full-width characters may belong to the code: nothing is folded, and nothing told."""
    assert undo_typing(text) == (text, ())


def test_a_profile_may_forbid_folding() -> None:
    """Codes that hold such characters themselves keep them."""
    assert undo_typing("】C101", full_width=FullWidth.KEEP) == ("】C101", ())


def test_nothing_folded_is_nothing_told() -> None:
    """A profile that folds says so only where it did."""
    assert undo_typing("A1", full_width=FullWidth.FOLD, layout="qwertz") == ("A1", ())


def test_a_layout_is_undone_and_told() -> None:
    """On a German keyboard y and z change places, and a slash is a hyphen."""
    assert undo_typing("ZY-01", layout="qwertz") == (
        "YZ/01",
        ("the keyboard layout qwertz was undone",),
    )
    assert "us" in TYPED_LAYOUTS
