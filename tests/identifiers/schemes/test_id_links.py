"""Identification links."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import (
    CharacterError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.schemes.id_links import parse_id_link


@pytest.mark.parametrize(
    ("text", "host", "kinds"),
    [
        ("https://www.example.com/machine/ABC-123", "www.example.com", []),
        ("HTTP://WWW.Example.com:8080/%e4?x=Y", "WWW.Example.com", []),
        ("https://example.com?id=1", "example.com", []),
        ("https://example.com/x#y", "example.com", ["fragment"]),
        ("https://example.com/01/12345678901234", "example.com", ["not-gs1"]),
        ("https://example.com/p/00/123456789", "example.com", ["not-gs1"]),
        ("https://example.com/01/chapter", "example.com", []),
        ("https://example.com/10/12345678", "example.com", []),
        ("https://example.com/2027/12345678", "example.com", []),
    ],
)
def test_links_are_kept_whole(text: str, host: str, kinds: list[str]) -> None:
    """A link is its own name, unchanged; what looks like GS1 and is not gets a warning."""
    reading = parse_id_link(text)
    assert (reading.scheme, reading.uri, reading.code) == ("id-link", text, text)
    assert reading.parts == {"host": host}
    assert [notice.kind for notice in reading.warnings] == kinds
    assert [notice.kind for notice in reading.unverified] == ["id-link-issuer"]


def test_warning_has_its_place() -> None:
    """The warning about a key points at its value."""
    text = "https://example.com/x/01/12345678901234"
    (notice,) = parse_id_link(text).warnings
    assert notice.position is not None
    assert text[notice.position :] == "12345678901234"


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", SyntaxError_, 0),
        ("ftp://example.com/x", SyntaxError_, 0),
        ("https://example.com", SyntaxError_, 19),
        ("https://example.com/", SyntaxError_, 19),
        ("https://localhost/x", SyntaxError_, 8),
        ("https://user@example.com/x", SyntaxError_, 8),
        ("https://-a.com/x", SyntaxError_, 8),
        ("https://example.com/a b", CharacterError, 21),
        ("https://example.com/é", CharacterError, 20),
        ("https://example.com/%4", CharacterError, 20),
        ("https://example.com/" + "a" * 236, LengthError, 255),
        ("https://example.com/01/09506000134352", UnknownSchemeError, 19),
    ],
)
def test_faults(text: str, error: type[IdentifierError], position: int) -> None:
    """What is no link, or is a GS1 Digital Link, is refused at its place."""
    with pytest.raises(error) as caught:
        parse_id_link(text)
    assert caught.value.position == position


@given(st.text(max_size=40) | st.text(alphabet="a.:/01%?#@", max_size=40).map("https://".__add__))
def test_any_text_is_judged(text: str) -> None:
    """Any text gives a reading that keeps it whole, or one of our errors."""
    with suppress(IdentifierError):
        assert parse_id_link(text).uri == text
