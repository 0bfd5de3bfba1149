"""ISBT 128 identification of medical devices."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import (
    CharacterError,
    DateError,
    IdentifierError,
    LengthError,
    RepeatError,
    RequisiteError,
    SyntaxError_,
)
from identifiers.item_code import Level
from identifiers.schemes.isbt import parse_isbt

DEVICE = "=/A9999XYZ100T0944"
UDI = f"{DEVICE}=,000025=A99971312345600=>014032=}}013032&,1000000000000XYZ123"


def test_published_example() -> None:
    """The example of the regulator is read whole."""
    reading = parse_isbt(UDI)
    assert reading.parts == {
        "di": "A9999XYZ100T0944",
        "facility": "A9999",
        "product": "XYZ100",
        "description": "T0944",
        "serial": "000025",
        "donation": "A999713123456",
        "flags": "00",
        "expiry": "2014-02-01",
        "production_date": "2013-02-01",
        "lot": "000000000000XYZ123",
    }
    assert (reading.scheme, reading.code, reading.level) == ("udi-iccbba", UDI, Level.INSTANCE)
    assert parse_isbt(f"=+06000{UDI}").uri == reading.uri


@pytest.mark.parametrize(
    ("text", "name", "level"),
    [
        (DEVICE, "%3D%2FA9999XYZ100T0944", Level.PRODUCT),
        (
            f"{DEVICE}&,1000000000000XYZ123",
            "%3D%2FA9999XYZ100T0944%26%2C1000000000000XYZ123",
            Level.LOT,
        ),
        (f"{DEVICE}=,00000A", "%3D%2FA9999XYZ100T0944%3D%2C00000A", Level.INSTANCE),
        (
            f"=A99971312345612{DEVICE}&>0140322359",
            "%3D%2FA9999XYZ100T0944%3DA999713123456",
            Level.INSTANCE,
        ),
        ("=)1TE123456A&)RZ12345678", "%3D%291TE123456A%26%29RZ12345678", Level.LOT),
    ],
)
def test_what_a_device_is_named(text: str, name: str, level: Level) -> None:
    """Device, donation and division name one device; flags, dates and order change nothing."""
    reading = parse_isbt(text)
    assert (reading.uri, reading.level) == (f"urn:suyuan:udi-iccbba:{name}", level)


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", RequisiteError, None),
        ("=A99971312345600", RequisiteError, None),
        ("x", SyntaxError_, 0),
        (f"{DEVICE} =,000025", SyntaxError_, 18),
        (f"{DEVICE}=<E0001V00", SyntaxError_, 18),
        (f"{DEVICE}=", SyntaxError_, 18),
        ("=/A9999", LengthError, 7),
        ("=/O9999XYZ100T0944", CharacterError, 2),
        ("=/A9999xyz100T0944", CharacterError, 7),
        (f"{DEVICE}=O99971312345600", SyntaxError_, 19),
        (f"{DEVICE}=>014O32", CharacterError, 23),
        (f"{DEVICE}=>014366", DateError, 23),
        (f"{DEVICE}&>0140322400", DateError, 26),
        (f"{DEVICE}=,000025=,000026", RepeatError, 26),
        (f"=+03000{DEVICE}", LengthError, 2),
    ],
)
def test_faults(text: str, error: type[IdentifierError], position: int | None) -> None:
    """What breaks the structure is refused at its place."""
    with pytest.raises(error) as caught:
        parse_isbt(text)
    assert caught.value.position == position


@given(st.text(max_size=30) | st.text(alphabet="=/&,>A019", max_size=40).map(DEVICE.__add__))
def test_any_text_is_judged(text: str) -> None:
    """Any text gives a reading that keeps it whole, or one of our errors."""
    with suppress(IdentifierError):
        assert parse_isbt(text).code == text
