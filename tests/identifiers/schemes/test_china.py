"""Trace codes of drugs, veterinary drugs and pesticides."""

import contextlib
import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import (
    CharacterError,
    ComponentError,
    DateError,
    IdentifierError,
    LengthError,
)
from identifiers.item_code import Level
from identifiers.schemes.china import (
    parse_drug_code,
    parse_pesticide_code,
    parse_veterinary_code,
)
from identifiers.schemes.reading import Reading

PARSERS = [parse_drug_code, parse_veterinary_code, parse_pesticide_code]


@given(st.text(alphabet="0123456789", min_size=20, max_size=20))
def test_every_20_digits_are_a_drug_code(text: str) -> None:
    """Nothing in a drug code can be verified, and the reading says so."""
    reading = parse_drug_code(text)
    assert reading.parts == {"drug_id": text[:7], "serial": text[7:16], "check": text[16:]}
    assert reading.uri == f"urn:suyuan:cn-drug-trace-20:{text}"
    assert reading.level is Level.INSTANCE
    assert [notice.kind for notice in reading.unverified] == [
        "check-unpublished",
        "layout-second-hand",
    ]
    assert bool(reading.warnings) is (text[0] != "8")


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
    st.text(alphabet="0123456789", min_size=16, max_size=16),
)
def test_every_date_starts_a_veterinary_code(date: dt.date, rest: str) -> None:
    """A date of this century and 16 digits are a veterinary drug code."""
    reading = parse_veterinary_code(f"{date:%Y%m%d}{rest}")
    assert reading.scheme == "cn-vet-drug-24"
    assert reading.parts == {
        "date": date.isoformat(),
        "enterprise": rest[:5],
        "random": rest[5:],
    }
    assert reading.unverified == reading.warnings == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "12001231001123456789012345678901",
            ("1", "200123", "1", "001", "123456789012345678901"),
        ),
        (
            "21512343015000000000000000000001",
            ("2", "151234", "3", "015", "000000000000000000001"),
        ),
    ],
)
def test_pesticide(text: str, parts: tuple[str, ...]) -> None:
    """A pesticide code is cut where the rule says."""
    reading = parse_pesticide_code(text)
    names = ("registration_class", "registration", "production_type", "pack", "random")
    assert reading.parts == dict(zip(names, parts, strict=True))
    assert reading.uri == f"urn:suyuan:cn-pesticide-32:{text}"
    assert reading.warnings == ()


def test_temporary_registration_is_a_warning() -> None:
    """Class 3 is sound, but nothing new can bear it."""
    (warning,) = parse_pesticide_code("3" + "1" * 31).warnings
    assert warning.kind == "temporary-registration"


@pytest.mark.parametrize(
    ("parser", "text", "error", "position"),
    [
        (parse_drug_code, "8123456789012345678", LengthError, 19),
        (parse_drug_code, "8" * 21, LengthError, 20),
        (parse_drug_code, "", LengthError, 0),
        (parse_drug_code, "８" * 20, CharacterError, 0),
        (parse_drug_code, "8123456789 123456789", CharacterError, 10),
        (parse_veterinary_code, "202302290001099999999999", DateError, 6),
        (parse_veterinary_code, "202413010001099999999999", DateError, 4),
        (parse_veterinary_code, "202400010001099999999999", DateError, 4),
        (parse_veterinary_code, "202401000001099999999999", DateError, 6),
        (parse_veterinary_code, "199912310001099999999999", DateError, 0),
        (parse_veterinary_code, "210001010001099999999999", DateError, 0),
        (parse_veterinary_code, "20240101000109999999999", LengthError, 23),
        (parse_pesticide_code, "0" + "1" * 31, ComponentError, 0),
        (parse_pesticide_code, "4" + "1" * 31, ComponentError, 0),
        (parse_pesticide_code, "1200123" + "0" * 25, ComponentError, 7),
        (parse_pesticide_code, "1200123" + "4" * 25, ComponentError, 7),
        (parse_pesticide_code, "1" * 31, LengthError, 31),
        (parse_pesticide_code, "1" * 31 + "x", CharacterError, 31),
    ],
)
def test_refused(
    parser: Callable[[str], Reading], text: str, error: type[IdentifierError], position: int
) -> None:
    """Each fault is named where it stands, with the rule of the country and not of GS1."""
    with pytest.raises(error) as caught:
        parser(text)
    assert caught.value.position == position
    assert "GS1" not in caught.value.rule


@pytest.mark.parametrize("parser", PARSERS)
@given(text=st.text(max_size=40) | st.text(alphabet="0123456789", min_size=18, max_size=34))
def test_any_text_is_read_or_refused(parser: Callable[[str], Reading], text: str) -> None:
    """Nothing but an error of ours comes of a text that is no such code."""
    with contextlib.suppress(IdentifierError):
        assert parser(text).code == text
