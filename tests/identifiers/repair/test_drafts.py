"""A text under repair."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.notices import Notice
from identifiers.repair.drafts import Draft, shown


def remark(old: str, new: str, place: int) -> Notice:
    """Make a remark on a change."""
    return Notice("test", "{old} became {new}", {"old": old, "new": new}, place)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", ""),
        ("ABC", "ABC"),
        ("\x1d", "GS"),
        ("\r\n", "CR LF"),
        ("A\x1d", "A GS"),
        ("\u200b", "U+200B"),
        ("A" * 21, "A" * 20 + "..."),
    ],
)
def test_every_character_can_be_seen(text: str, seen: str) -> None:
    """Control characters are shown by their names, others that cannot be printed by number."""
    assert shown(text) == seen


def test_replacing() -> None:
    """A change is remarked on with its place, and what stood where is known afterwards."""
    draft = Draft.of("aXbXXc").replaced(re.compile("X+"), "", remark)
    assert draft.text == "abc"
    assert [draft.origin(index) for index in range(4)] == [0, 2, 5, 6]
    assert [notice.position for notice in draft.repairs] == [1, 3]
    assert str(draft.repairs[1]) == "XX became "


def test_characters_of_the_same_number_keep_their_places() -> None:
    """What takes the place of as many characters stands where they stood, a longer one at the start."""
    draft = Draft.of("-ab-").replaced(re.compile("[ab]+"), str.upper, remark)
    assert [draft.origin(index) for index in range(4)] == [0, 1, 2, 3]
    longer = Draft.of("-a-").replaced(re.compile("a"), "xyz", remark)
    assert [longer.origin(index) for index in range(6)] == [0, 1, 1, 1, 2, 3]


def test_nothing_to_do() -> None:
    """A repair that finds nothing, or would change nothing, gives the same draft back."""
    draft = Draft.of("abc")
    assert draft.replaced(re.compile("X"), "", remark) is draft
    assert draft.replaced(re.compile("a"), "a", remark) is draft


def test_inserting_and_rewriting() -> None:
    """What is put in has the place of what stands behind it; a whole text keeps its places."""
    draft = Draft.of("ab").inserted(1, "X", remark("", "X", 1))
    assert draft.text == "aXb"
    assert [draft.origin(index) for index in range(4)] == [0, 1, 1, 2]
    other = draft.rewritten("AXB", lambda place: remark("aXb", "AXB", place))
    assert (other.text, len(other.repairs), other.origin(2)) == ("AXB", 2, 1)
    assert other.rewritten("AXB", lambda place: remark("", "", place)) is other
    assert [notice.position for notice in other.remarked(remark("", "", 7)).repairs] == [1, 0, 7]


@pytest.mark.parametrize(
    ("old", "new", "origins"),
    [
        ("/gtin/1/a", "/01/1/a", [0, 1, 1, 5, 6, 7, 8, 9]),
        ("ab", "abc", [0, 1, 2, 2]),
        ("abc", "", [3]),
        ("aa", "aaa", [0, 1, 2, 2]),
        ("", "x", [0, 0]),
    ],
)
def test_rewriting_to_another_length(old: str, new: str, origins: list[int]) -> None:
    """What both texts have in common at their ends stays where it was."""
    draft = Draft.of(old).rewritten(new, lambda place: remark(old, new, place))
    assert [draft.origin(index) for index in range(len(new) + 1)] == origins


def test_beyond_the_end() -> None:
    """An index beyond the end is the end."""
    assert Draft.of("ab").origin(9) == 2


@given(st.text("aX1", max_size=30), st.sampled_from(["", "Y", "ZZ"]))
def test_origins_point_to_what_stayed(text: str, new: str) -> None:
    """Every character that was not changed stands at its origin in the text as it was."""
    draft = Draft.of(text).replaced(re.compile("X+"), new, remark)
    for index, sign in enumerate(draft.text):
        if sign not in "YZ":
            assert text[draft.origin(index)] == sign
    assert draft.origin(len(draft.text)) == len(text)
