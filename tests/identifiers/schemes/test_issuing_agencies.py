"""Issuing agencies of ISO/IEC 15459."""

import pytest

from identifiers.errors import CharacterError, SyntaxError_
from identifiers.schemes.issuing_agencies import Issuer, issuer_of


@pytest.mark.parametrize(
    ("value", "issuer"),
    [
        ("UN043325711ABC123", Issuer("UN", "Dun & Bradstreet", "043325711", "ABC123")),
        ("D0CVA5786950", Issuer("D", "NATO Allied Committee 135", "0CVA5", "786950")),
        ("ODCIN1RTI1", Issuer("OD", "Odette", "CIN1", "RTI1")),
        ("LEABC1", Issuer("LE", "EDIFICE", "", "ABC1")),
        ("VAA123", Issuer("VAA", "CAICT", "", "123")),
        ("0614141A1", Issuer("", "GS1", "", "0614141A1")),
        ("XYZ1", Issuer("", "", "", "XYZ1")),
    ],
)
def test_split(value: str, issuer: Issuer) -> None:
    """Agency and company are split as far as the agency's rules are known."""
    assert issuer_of(value) == issuer


@pytest.mark.parametrize("value", ["un043325711", "", "-1", "７1"])
def test_no_agency(value: str) -> None:
    """An identifier begins with a capital letter or a digit."""
    with pytest.raises(CharacterError):
        issuer_of(value)


def test_company_of_a_wrong_form() -> None:
    """A DUNS number has nine digits."""
    with pytest.raises(SyntaxError_, match="behind UN") as caught:
        issuer_of("UN04332571A1")
    assert caught.value.position == 2
