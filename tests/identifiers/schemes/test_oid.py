"""Object identifiers."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import CharacterError, ComponentError, IdentifierError, LengthError
from identifiers.item_code import Level
from identifiers.schemes.oid import parse_oid

UUID_ARC = 340282366920938463463374607431768211455


@given(st.integers(0, 39), st.lists(st.integers(0, UUID_ARC), min_size=1, max_size=20))
def test_every_oid_is_read_back(second: int, rest: list[int]) -> None:
    """The arcs that make an OID are those that are read, plain and as a URN."""
    arcs = (1, second, *rest)
    text = ".".join(map(str, arcs))
    plain = parse_oid(text)
    assert plain.parts == {"arcs": arcs}
    assert plain == parse_oid(f"urn:oid:{text}") == parse_oid(plain.uri)


@given(st.text(max_size=60) | st.text(alphabet="0129.", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but an error of ours comes of a text that is no OID."""
    with contextlib.suppress(IdentifierError):
        assert parse_oid(text).uri == f"urn:oid:{parse_oid(text).code}"


def test_canonical_form() -> None:
    """The URN is written in lower case; the level says nothing that the OID doesn't."""
    reading = parse_oid("URN:OID:1.2.156.10197.1.301")
    assert reading.scheme == "oid"
    assert reading.code == "1.2.156.10197.1.301"
    assert reading.uri == "urn:oid:1.2.156.10197.1.301"
    assert reading.level is Level.OTHER


@pytest.mark.parametrize("text", ["2.999.1", "0.39.0", "urn:oid:2.16", "2.25.0"])
def test_sound(text: str) -> None:
    """Bounds are inclusive, a zero is an arc, and a URN may be short."""
    assert parse_oid(text).uri.endswith(text.removeprefix("urn:oid:"))


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("1.40.156", ComponentError, 2),
        ("0.40.1", ComponentError, 2),
        ("3.1.2", ComponentError, 0),
        ("1.2.0156", ComponentError, 4),
        ("1.2.00", ComponentError, 4),
        ("1..3", LengthError, 2),
        ("1.2.3.", LengthError, 6),
        ("", LengthError, 0),
        ("urn:oid:", LengthError, 8),
        ("urn:oid:1", LengthError, 9),
        ("2.16", LengthError, 4),
        ("1.2.x", CharacterError, 4),
        ("urn:oid:1.2.156.7x", CharacterError, 17),
        ("1.2.７", CharacterError, 4),
        (" 1.2.3", CharacterError, 0),
        ("2.25." + "1" * 40, LengthError, 44),
        ("2.25." + "1" * 5000, LengthError, 44),
    ],
)
def test_refused(text: str, error: type[IdentifierError], position: int) -> None:
    """Each fault is named where it stands."""
    with pytest.raises(error) as caught:
        parse_oid(text)
    assert caught.value.position == position


def test_leading_zeros_are_named_with_their_fix() -> None:
    """The fix for leading zeros is the number without them."""
    with pytest.raises(ComponentError, match="write 156"):
        parse_oid("1.2.00156")
