"""What a scanner sends."""

import pytest

from identifiers.errors import (
    CharacterError,
    CheckDigitError,
    DateError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownAiError,
    UnknownSchemeError,
)
from identifiers.gs1.elements import as_bracketed, as_element_string, parse_element_string
from identifiers.gs1.scans import parse_scan, split_scan

GTIN = "09506000134352"


@pytest.mark.parametrize("identifier", ["]C1", "]e0", "]d2", "]Q3", "]J1"])
def test_element_strings(identifier: str) -> None:
    """Each GS1 symbology carries an element string."""
    assert parse_scan(f"{identifier}01{GTIN}10A").elements == (("01", GTIN), ("10", "A"))


@pytest.mark.parametrize("identifier", ["]d1", "]Q1", "]J0"])
def test_links(identifier: str) -> None:
    """A plain symbol carries a code when its text is a Digital Link."""
    code = parse_scan(f"{identifier}https://example.com/01/{GTIN}")
    assert code.elements == (("01", GTIN),)
    with pytest.raises(SyntaxError_) as caught:
        parse_scan(f"{identifier}hello")
    assert caught.value.position == 3


@pytest.mark.parametrize(
    ("text", "gtin"),
    [("]E09506000134352", GTIN), ("]E496385074", "00000096385074"), (f"]I1{GTIN}", GTIN)],
)
def test_retail_symbols(text: str, gtin: str) -> None:
    """Retail and case symbols carry a bare GTIN, filled up to 14 digits."""
    assert parse_scan(text).elements == (("01", gtin),)


def test_retail_symbols_with_a_component() -> None:
    """What stands in the component above a retail symbol belongs to its GTIN."""
    code = parse_scan("]E496385074|]e010A\x1d99B")
    assert as_bracketed(code) == "(01)00000096385074|(10)A(99)B"
    assert parse_element_string(as_element_string(code)) == code


def test_unknown_identifiers_on_request() -> None:
    """An AI that is in no table passes only when asked for."""
    text = f"]C101{GTIN}236A"
    assert parse_scan(text, unknown_ais=True).elements == (("01", GTIN), ("236", "A"))
    with pytest.raises(UnknownAiError):
        parse_scan(text)


@pytest.mark.parametrize(
    ("text", "kind", "position"),
    [
        ("", SyntaxError_, 0),
        (f"01{GTIN}", SyntaxError_, 0),
        (f"]Z9{GTIN}", UnknownSchemeError, 0),
        (f"]d2\x1d01{GTIN}", UnknownAiError, 3),
        ("]E09506000134353", CheckDigitError, 15),
        ("]E0950600013435", LengthError, 15),
        ("]d20109506000134353", CheckDigitError, 18),
        (f"]e001{GTIN}|\x1d10A", CharacterError, 19),
        ("]E09506000134352|]e017269901", DateError, 24),
        ("]E09506000134352|]e0", LengthError, 20),
        ("]E0950600013435|]e010A", LengthError, 15),
    ],
)
def test_faults(text: str, kind: type[IdentifierError], position: int) -> None:
    """Each fault has its class and its place in what the scanner sent."""
    with pytest.raises(kind) as caught:
        parse_scan(text)
    assert caught.value.position == position


def test_splitting() -> None:
    """The symbology identifier is the first three characters."""
    assert split_scan("]d2ABC") == ("]d2", "ABC")


@pytest.mark.parametrize(
    ("text", "fix", "rule"),
    [
        (f"01{GTIN}", "set the scanner to send AIM identifiers", "ISO/IEC 15424"),
        (f"]Z9{GTIN}", "read the data as plain text", "ISO/IEC 15424"),
        (f"]d2\x1d01{GTIN}", "drop the leading GS", "ISO/IEC 15424"),
        ("]E0950600013435", "scan the symbol again", "GS1 General Specifications"),
    ],
)
def test_fixes(text: str, fix: str, rule: str) -> None:
    """A fault of the scanner's settings says how to set it."""
    with pytest.raises(IdentifierError) as caught:
        parse_scan(text)
    assert (caught.value.fix, caught.value.rule) == (fix, rule)
