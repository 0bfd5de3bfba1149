"""Character sets and the escaping of URIs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import (
    CSET32,
    CSET82,
    escape,
    is_digits,
    require,
    require_uri_characters,
    unescape,
)
from identifiers.errors import CharacterError, SyntaxError_


@pytest.mark.parametrize("text", ["", "７", "1２", "1 ", "1\n", "-1", "１２３"])
def test_only_ascii_digits_are_digits(text: str) -> None:
    """Full-width digits, signs and line ends are no digits to GS1."""
    assert not is_digits(text)


def test_digits() -> None:
    """The ten ASCII digits are digits."""
    assert is_digits("0123456789")


def test_sizes_of_the_sets() -> None:
    """The two sets that have values have as many characters as their names say."""
    assert (len(set(CSET82)), len(set(CSET32))) == (82, 32)


@pytest.mark.parametrize(
    ("kind", "text", "position"),
    [("N", "12a", 2), ("X", "ab\x1d", 2), ("X", "a~", 1), ("Y", "A#b", 2), ("Z", "a=", 1)],
)
def test_first_foreign_character_is_named(kind: str, text: str, position: int) -> None:
    """The error holds the character and its place."""
    with pytest.raises(CharacterError) as caught:
        require(kind, text)
    assert (caught.value.position, caught.value.found) == (position, text[position])


@pytest.mark.parametrize(
    ("kind", "text", "fix"),
    [
        ("N", "12O4", "write 0 instead of O"),
        ("N", "l234", "write 1 instead of l"),
        ("N", "12７", "write 7 instead of ７"),
        ("N", "12\u0664", "write 4 instead of \u0664"),
        ("N", "95-06", "leave out blanks, hyphens and control characters"),
        ("N", "1x", ""),
        ("X", "Ａb", "write A instead of Ａ"),
        ("X", "a\x1d", "leave out blanks, hyphens and control characters"),
        ("X", "批", ""),
        ("Y", "AbC", "write B instead of b"),
        ("Y", "a*", "write A instead of a"),
        ("Y", "*", ""),
        ("Z", "a b", "leave out blanks, hyphens and control characters"),
    ],
)
def test_likely_meaning_is_named(kind: str, text: str, fix: str) -> None:
    """A letter like a digit, a full-width form or a small letter is told with what was meant."""
    with pytest.raises(CharacterError) as caught:
        require(kind, text)
    assert caught.value.fix == fix


@given(st.text(alphabet=CSET82))
def test_escaping_is_undone(text: str) -> None:
    """Whatever CSET 82 holds comes back from its escaped form."""
    require("X", text)
    assert unescape(escape(text)) == text


def test_escaping_is_upper_case_and_complete() -> None:
    """Only unreserved characters stay as they are."""
    assert escape("aZ09-._~/ :") == "aZ09-._~%2F%20%3A"


def test_broken_escape_stays() -> None:
    """A percent sign that starts no escape is a percent sign."""
    assert unescape("%2x%2F%") == "%2x/%"


@pytest.mark.parametrize(
    ("text", "position", "fix"),
    [
        ("https://a.cn/x y", 14, "remove it"),
        ("https://a.cn/\r\n", 13, "remove it"),
        ("https://a.cn/\t", 13, "remove it"),
        ("https://a.cn/\x7f", 13, "remove it"),
        ("https://a.cn/批", 13, "escape it with %"),
        ("https://a.cn/\u3000", 13, "escape it with %"),
        ("https://a.cn/<", 13, "escape it with %"),
    ],
)
def test_characters_of_uris(text: str, position: int, fix: str) -> None:
    """What came in between on the way is to be removed, what was meant is to be escaped."""
    with pytest.raises(SyntaxError_) as caught:
        require_uri_characters(text)
    assert (caught.value.position, caught.value.fix) == (position, fix)


def test_sound_uris() -> None:
    """Every character of RFC 3986 passes, and so does nothing at all."""
    require_uri_characters("https://user@a.cn:8080/x/~y;z=(1)*!$&'+,.?a=b%20c#[d]-_")
    require_uri_characters("")
