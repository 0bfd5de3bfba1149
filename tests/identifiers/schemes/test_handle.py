"""Handles and DOI names."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import CharacterError, IdentifierError, LengthError, SyntaxError_
from identifiers.schemes.handle import parse_handle

PRINTABLE = st.characters(exclude_categories=("C", "Z"))


@given(st.text(alphabet=PRINTABLE, min_size=1, max_size=40))
def test_suffix_survives_the_uri(suffix: str) -> None:
    """Whatever stands in a suffix is found again in the canonical URI."""
    reading = parse_handle(f"20.500.12345/{suffix}")
    assert reading.parts == {"prefix": "20.500.12345", "suffix": suffix}
    assert reading.uri.isascii()
    assert parse_handle(reading.uri) == reading


@given(st.text(max_size=60) | st.text(alphabet="hdl:8.1/%?# é", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but an error of ours comes of a text that is no handle."""
    with contextlib.suppress(IdentifierError):
        assert parse_handle(text).uri.startswith("hdl:")


def test_industrial_internet() -> None:
    """Prefix 88 is taken apart into country, secondary node and enterprise."""
    reading = parse_handle("88.111.1/a/b:c")
    assert reading.scheme == "cn-industrial-handle"
    assert reading.code == "88.111.1/a/b:c"
    assert reading.uri == "hdl:88.111.1/a/b:c"
    assert reading.parts == {
        "prefix": "88.111.1",
        "country": "88",
        "secondary_node": "111",
        "enterprise_node": "1",
        "suffix": "a/b:c",
    }


@pytest.mark.parametrize(
    "text",
    [
        "10.1000/182",
        "hdl:10.1000/182",
        "HDL:10.1000/182",
        "doi:10.1000/182",
        "info:hdl/10.1000/182",
        "info:doi/10.1000/182",
        "https://doi.org/10.1000/182",
        "http://dx.doi.org/10.1000/182",
        "https://hdl.handle.net/10.1000/182",
        "https://doi.org/10.1000/%31%382",
    ],
)
def test_all_written_forms_are_one(text: str) -> None:
    """Every usual way of writing a handle leads to one canonical form."""
    reading = parse_handle(text)
    assert (reading.scheme, reading.code) == ("handle", "10.1000/182")
    assert reading.uri == "hdl:10.1000/182"


def test_prefix_of_one_part_needs_its_name() -> None:
    """A number, a slash and a number are a handle only when they say so."""
    assert parse_handle("hdl:4263537/4000").parts["prefix"] == "4263537"
    with pytest.raises(SyntaxError_, match="write hdl: before it"):
        parse_handle("4263537/4000")


def test_case_and_letters_are_kept() -> None:
    """Handles keep their case and their Chinese characters."""
    reading = parse_handle("88.608.5288/泵Aa")
    assert reading.parts["suffix"] == "泵Aa"
    assert reading.uri == "hdl:88.608.5288/%E6%B3%B5Aa"


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", SyntaxError_, 0),
        ("/a", SyntaxError_, 0),
        ("a/b", SyntaxError_, 0),
        ("10./a", SyntaxError_, 2),
        ("10..1/a", SyntaxError_, 2),
        ("10.1000", SyntaxError_, 7),
        ("10.1000/", LengthError, 8),
        ("10.1000/a b", CharacterError, 9),
        ("10.1000/a\n", CharacterError, 9),
        ("10.1000/\ud800", CharacterError, 8),
        ("８8.608.1/a", SyntaxError_, 0),
        ("88.608/a", SyntaxError_, 0),
        ("88.608.5288.1/a", SyntaxError_, 0),
        ("88.608.A/a", SyntaxError_, 0),
        ("https://doi.org/10.1000/182?x=1", SyntaxError_, 27),
        ("hdl:10.1000/1#82", SyntaxError_, 13),
        ("hdl:10.1000/%FF", CharacterError, 4),
        ("hdl:10.1000/\ud800", CharacterError, 4),
    ],
)
def test_refused(text: str, error: type[IdentifierError], position: int) -> None:
    """Each fault is named where it stands."""
    with pytest.raises(error) as caught:
        parse_handle(text)
    assert caught.value.position == position
