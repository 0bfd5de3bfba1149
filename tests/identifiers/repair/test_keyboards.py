"""What keyboard layouts make of the keys that a scanner presses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.repair.keyboards import LAYOUTS, is_typed_on, undo

AMERICAN = (
    r"`1234567890-=qwertyuiop[]\asdfghjkl;'zxcvbnm,./"
    r'~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
)
SILENT = {"azerty": "~"}


def typed(layout: str, text: str) -> str:
    """Type a text on the keys of the American layout while another is set."""
    return text.translate(str.maketrans(AMERICAN, LAYOUTS[layout]))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_are_whole(layout: str) -> None:
    """A layout has each key of the American one, and no character on two keys."""
    signs = LAYOUTS[layout]
    assert len(signs) == len(AMERICAN) == 94
    assert len(set(signs)) == 94


@given(st.sampled_from(sorted(LAYOUTS)), st.text(AMERICAN + "\x1d\r"))
def test_what_was_typed_comes_back(layout: str, text: str) -> None:
    """Whatever a scanner typed is found again, but for keys that write nothing."""
    for sign in SILENT.get(layout, ""):
        text = text.replace(sign, "")
    assert undo(layout, typed(layout, text)) == text


@pytest.mark.parametrize(
    ("layout", "text", "given_away"),
    [
        ("azerty", "&é", True),
        ("azerty", "ab", False),
        ("azerty", "1", False),
        ("azerty", "中", False),
        ("qwertz", "yz", False),
        ("qwertz", "y-", True),
        ("russian", "ф", True),
        ("british", '1"', True),
        ("caps-lock", "]c10109506000134352", True),
        ("caps-lock", "]C10109506000134352", False),
        ("caps-lock", "]c1中", False),
        ("qwertz", "+C1\x1d \x1e\x04", True),
    ],
)
def test_what_gives_a_layout_away(layout: str, text: str, given_away: bool) -> None:  # noqa: FBT001
    """A layout shows in a character that no other key writes, not in an exchanged letter."""
    assert is_typed_on(layout, text) is given_away
