"""Ecode."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import CharacterError, IdentifierError, LengthError, SyntaxError_
from identifiers.schemes.ecode import parse_ecode


@pytest.mark.parametrize(
    ("code", "nsi", "md"),
    [
        ("10064123456789", "0064", "123456789"),
        ("2012800000001", "0128", "00000001"),
        ("300121ABC9", "00121", "ABC9"),
        ("400001泵/é 1", "00001", "泵/é 1"),
    ],
)
def test_versions(code: str, nsi: str, md: str) -> None:
    """Each version has its own length of the numbering scheme."""
    reading = parse_ecode(f"E={code}")
    assert (reading.scheme, reading.code) == ("ecode", code)
    assert reading.parts == {"version": code[0], "nsi": nsi, "md": md}
    assert [notice.kind for notice in reading.unverified] == ["second-hand", "nsi"]
    assert reading.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "https://www.iotroot.com/E=400001泵",
        "HTTP://www.iotroot.com/E=400001%E6%B3%B5",
        "https://www.iotroot.com/api/query/E=%3400001%E6%B3%B5",
    ],
)
def test_addresses(text: str) -> None:
    """The code in an address is the code, with its escapes undone."""
    reading = parse_ecode(text)
    assert reading.code == "400001泵"
    assert reading.uri == "urn:suyuan:ecode:400001%E6%B3%B5"
    assert reading == parse_ecode("E=400001泵")


@pytest.mark.parametrize(
    ("code", "position"),
    [("1" + "0" * 25, 25), ("2" + "0" * 33, 33), ("3" + "0" * 45, 45)],
)
def test_too_long_is_a_warning(code: str, position: int) -> None:
    """The greatest lengths are known second hand, so that a longer code is read with a warning."""
    (warning,) = parse_ecode(f"E={code}").warnings
    assert (warning.kind, warning.position) == ("ecode-length", position)
    assert parse_ecode(f"E={code[:-1]}").warnings == ()


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", SyntaxError_, 0),
        ("10064123", SyntaxError_, 0),
        ("e=10064123", SyntaxError_, 0),
        ("https://www.iotroot.com/10064123", SyntaxError_, 0),
        ("E=", SyntaxError_, 0),
        ("E=0", SyntaxError_, 0),
        ("E=500641", SyntaxError_, 0),
        ("E=10064", LengthError, 5),
        ("E=300121", LengthError, 6),
        ("E=10064A", CharacterError, 5),
        ("E=10064７", CharacterError, 5),
        ("E=300121a", CharacterError, 6),
        ("E=400001\n", CharacterError, 6),
        ("E=400001\ud800", CharacterError, 6),
        ("https://www.iotroot.com/E=400001%FF", CharacterError, 26),
        ("https://www.iotroot.com/E=400001\ud800", CharacterError, 26),
    ],
)
def test_refused(text: str, error: type[IdentifierError], position: int) -> None:
    """Each fault is named where it stands."""
    with pytest.raises(error) as caught:
        parse_ecode(text)
    assert caught.value.position == position
    assert caught.value.rule == "GB/T 31866-2023"


def test_version_0_is_gs1() -> None:
    """Version 0 is kept for GS1's own codes, and the fix says so."""
    with pytest.raises(SyntaxError_, match="read the code as GS1"):
        parse_ecode("E=0123")


@given(st.text(max_size=60) | st.text(max_size=60).map("E=4".__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but an error of ours comes of a text that is no Ecode."""
    try:
        reading = parse_ecode(text)
    except IdentifierError:
        return
    assert parse_ecode(f"E={reading.code}") == reading
