"""China's two-dimensional code for commodities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import CharacterError, IdentifierError, LengthError, SyntaxError_
from identifiers.schemes.gbt33993 import (
    is_chinese_product,
    parse_unified_address,
    profile_warnings,
)

GTIN = ("01", "06901234567892")


@pytest.mark.parametrize(
    "text",
    ["https://2dcode.org/00000wXY", "http://2dcode.org/00000wXY", "HTTPS://2DCODE.org/00000wXY"],
)
def test_both_schemes_are_one_address(text: str) -> None:
    """The unified address names one thing over http and https; its code keeps its case."""
    reading = parse_unified_address(text)
    assert reading.scheme == "gbt33993-unified-url"
    assert reading.parts == {"code": "00000wXY"}
    assert (reading.code, reading.uri) == ("00000wXY", "https://2dcode.org/00000wXY")
    assert [notice.kind for notice in reading.unverified] == ["code-online"]


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", SyntaxError_, 0),
        ("00000wXY", SyntaxError_, 0),
        ("https://2dcode.org", SyntaxError_, 0),
        ("https://2dcode.org.example.com/00000wXY", SyntaxError_, 0),
        ("https://a@2dcode.org/00000wXY", SyntaxError_, 0),
        ("https://2dcode.org:443/00000wXY", SyntaxError_, 0),
        ("https://2dcode.org/", LengthError, 19),
        ("https://2dcode.org/a/b", CharacterError, 20),
        ("https://2dcode.org/a?b=1", CharacterError, 20),
        ("http://2dcode.org/a７", CharacterError, 19),
    ],
)
def test_refused(text: str, error: type[IdentifierError], position: int) -> None:
    """Each fault is named where it stands."""
    with pytest.raises(error) as caught:
        parse_unified_address(text)
    assert caught.value.position == position
    assert caught.value.rule.startswith("GB/T 33993")


@given(st.text(max_size=60) | st.text(max_size=30).map("https://2dcode.org/".__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but an error of ours comes of a text that is no such address."""
    try:
        reading = parse_unified_address(text)
    except IdentifierError:
        return
    assert parse_unified_address(reading.uri) == reading


@pytest.mark.parametrize(
    ("elements", "kinds"),
    [
        ((GTIN,), []),
        ((GTIN, ("10", "A1"), ("17", "270228"), ("21", "B-2")), []),
        ((GTIN, ("10", "A%1")), ["gbt33993"]),
        ((GTIN, ("21", "A<1"), ("10", "A&1")), ["gbt33993"]),
        ((GTIN, ("240", "A%1")), ["gbt33993-unverified"]),
        ((GTIN, ("240", "1"), ("240", "1"), ("37", "1")), ["gbt33993-unverified"] * 2),
        ((("17", "270228"), GTIN), ["gbt33993-gtin"]),
        ((("10", "A/1"),), ["gbt33993", "gbt33993-gtin"]),
        ((), ["gbt33993-gtin"]),
    ],
)
def test_profile(elements: tuple[tuple[str, str], ...], kinds: list[str]) -> None:
    """The profile says what it forbids, each once."""
    assert [notice.kind for notice in profile_warnings(elements)] == kinds


@pytest.mark.parametrize("sign", "%&/<>?")
def test_forbidden_characters(sign: str) -> None:
    """Each of the six characters is named in lot and serial."""
    for ai in ("10", "21"):
        (notice,) = profile_warnings((GTIN, (ai, f"A{sign}1")))
        assert str(notice) == "gbt33993: % & / < > ? not allowed in AI 10 and 21"


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ((GTIN,), True),
        ((("10", "A"), ("01", "16999999999999")), True),
        ((("01", "09506000134352"),), False),
        ((("00", "069012345678901234"),), False),
    ],
)
def test_chinese_products(elements: tuple[tuple[str, str], ...], *, expected: bool) -> None:
    """A product is Chinese by the prefix of its GTIN, 690 to 699, whatever the package."""
    assert is_chinese_product(elements) is expected
