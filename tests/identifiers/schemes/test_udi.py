"""Unique device identification by issuer."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import IdentifierError, RequisiteError
from identifiers.item_code import Level
from identifiers.parsing import parse_item_code
from identifiers.schemes.udi import ACCREDITED, parse_udi

PRINTED = "(01)09506000117843(11)141231(17)271200(10)1234AB(21)5678CD"


@pytest.mark.parametrize(
    "text",
    [
        PRINTED,
        "01095060001178431114123117271200101234AB\x1d215678CD",
        "]d201095060001178431114123117271200101234AB\x1d215678CD",
        "https://example.com/01/09506000117843/10/1234AB/21/5678CD?11=141231&17=271200",
    ],
)
def test_gs1_in_any_form(text: str) -> None:
    """A GS1 message in any form is one device, and the same item as without the word UDI."""
    reading = parse_udi(text)
    assert (reading.scheme, reading.level) == ("udi-gs1", Level.INSTANCE)
    assert reading.uri == parse_item_code(PRINTED).uri
    named = {name: part for name, part in reading.parts.items() if name != "ais"}
    assert named == {
        "di": "09506000117843",
        "lot": "1234AB",
        "serial": "5678CD",
        "production_date": "2014-12-31",
        "expiry": "2027-12-31",
    }
    assert [notice.kind for notice in reading.unverified] == ["udi-product"]


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("+A99912345/$$52001510X33", "udi-hibcc"),
        ("=/A9999XYZ100T0944=,000025", "udi-iccbba"),
        ("(01)09506000117843", "udi-gs1"),
    ],
)
def test_issuers(text: str, scheme: str) -> None:
    """The first character shows who issued the code, and each issuer is accredited somewhere."""
    assert parse_udi(text).scheme == scheme
    assert {"EU", "US"} <= set(ACCREDITED[scheme])


def test_a_device_needs_its_identifier() -> None:
    """A GS1 message without GTIN names no device."""
    with pytest.raises(RequisiteError, match="GTIN"):
        parse_udi("(00)095060001343520000")


@pytest.mark.parametrize("text", ["", "+", "=", "&", "(", "]", "http", "x", "\x1d", "\ud800"])
def test_faults(text: str) -> None:
    """What is no UDI of any issuer is refused."""
    with pytest.raises(IdentifierError):
        parse_udi(text)


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    """Any text gives a reading or one of our errors."""
    with suppress(IdentifierError):
        assert parse_udi(text).uri
