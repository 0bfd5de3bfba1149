"""What is left out around and between the characters of a code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.repair.cleaning import CLEANING
from identifiers.repair.drafts import Draft

NAMES = [name for name, _ in CLEANING]


@pytest.mark.parametrize(
    ("name", "text", "cleaned", "position"),
    [
        ("byte-order-mark", "\ufeffA", "A", 0),
        ("byte-order-mark", "\u00ef\u00bb\u00bfA", "A", 0),
        ("line-ending", "A\r\n", "A", 1),
        ("line-ending", "\nA\tB\u2028", "A\tB", 0),
        ("inner-line-ending", "A\tB", "AB", 1),
        ("framing-character", "\x02A\x03", "A", 0),
        ("framing-character", "A\x00\x00", "A", 1),
        ("surrounding-space", " \u3000A\u00a0", "A", 0),
        ("invisible-character", "A\u200b\u200cB", "AB", 1),
        ("full-width", "A\uff11\uff22\u3000\u3002", "A1B .", 1),
        ("typographic", "A\u2013\u201dB\u2044", 'A-"B/', 1),
    ],
)
def test_each_repair(name: str, text: str, cleaned: str, position: int) -> None:
    """A repair does its work, and says under its own name where."""
    draft = dict(CLEANING)[name](Draft.of(text))
    assert draft.text == cleaned
    assert {notice.kind for notice in draft.repairs} == {name}
    assert draft.repairs[0].position == position
    assert str(draft.repairs[0])


@pytest.mark.parametrize("text", ["A B", "\x1dA\x1d", "\x1e", "中文", "A\x00B", "\x03A"])
def test_what_may_be_meant_stays(text: str) -> None:
    """Inner spaces, separators, and letters of other scripts are no dirt."""
    draft = Draft.of(text)
    for _, repair in CLEANING:
        assert repair(draft) is draft


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """What is clean stays as it is."""
    for _, repair in CLEANING:
        once = repair(Draft.of(text))
        if once.repairs[0:1] and once.repairs[0].kind in {"byte-order-mark", "typographic"}:
            continue  # a second mark is an invisible character
        assert repair(Draft.of(once.text)).text == once.text
