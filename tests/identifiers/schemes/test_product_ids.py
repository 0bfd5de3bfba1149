"""Unique product identifiers of digital product passports."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import CharacterError, ConversionError, IdentifierError, SyntaxError_
from identifiers.schemes.product_ids import parse_product_identifier


@pytest.mark.parametrize(
    ("text", "uri", "parts"),
    [
        ("(01)09506000134352", "https://id.gs1.org/01/09506000134352", "gs1 product model"),
        (
            "https://example.com/01/09506000134352/10/L7",
            "https://id.gs1.org/01/09506000134352/10/L7",
            "gs1 product batch",
        ),
        (
            "urn:epc:id:sgtin:9506000.013435.A1",
            "https://id.gs1.org/01/09506000134352/21/A1",
            "gs1 product item",
        ),
        ("(414)9506000134352", "https://id.gs1.org/414/9506000134352", "gs1 facility"),
        ("(417)9506000134352", "https://id.gs1.org/417/9506000134352", "gs1 operator"),
        ("25SUN043325711A1", "urn:suyuan:iso15418-di:25SUN043325711A1", "iso15459 product item"),
        ("25PUN043325711A1", "urn:suyuan:iso15418-di:25PUN043325711A1", "iso15459 product model"),
        ("25TUN043325711A1", "urn:suyuan:iso15418-di:25TUN043325711A1", "iso15459 product batch"),
        ("18VUN043325711", "urn:suyuan:iso15418-di:18VUN043325711", "iso15459 operator"),
        ("https://example.com/m/1", "https://example.com/m/1", "id-link"),
        ("did:web:example.com:p:1%3A", "did:web:example.com:p:1%3A", "did"),
        ("doi:10.1000/182", "hdl:10.1000/182", "doi"),
        ("10.1000/182", "hdl:10.1000/182", "doi"),
    ],
)
def test_families(text: str, uri: str, parts: str) -> None:
    """Each family keeps its own canonical form and shows what it can of the granularity."""
    reading = parse_product_identifier(text)
    assert (reading.scheme, reading.uri) == ("product-identifier", uri)
    assert " ".join(str(part) for part in reading.parts.values()) == parts
    assert list(reading.parts) == ["family", "role", "granularity"][: len(reading.parts)]
    assert reading.unverified[-1].kind == "standard-unseen"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", SyntaxError_),
        ("S1", SyntaxError_),
        ("urn:uuid:0", ConversionError),
        ("(00)095060001343520000", ConversionError),
        ("33Lhttp://example.com", ConversionError),
        ("did:web:", SyntaxError_),
        ("did:web:a:", SyntaxError_),
        ("did:Web:a", SyntaxError_),
        ("https://example.com/é", CharacterError),
        ("10.1000/", IdentifierError),
    ],
)
def test_faults(text: str, error: type[IdentifierError]) -> None:
    """What identifies no product, facility or operator is refused."""
    with pytest.raises(error):
        parse_product_identifier(text)


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    """Any text gives a reading or one of our errors."""
    with suppress(IdentifierError):
        assert parse_product_identifier(text).uri
