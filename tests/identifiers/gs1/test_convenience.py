"""Convenience words of early GS1 Digital Links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.gs1.convenience import without_convenience_words
from identifiers.gs1.digital_link import parse_digital_link

GTIN = "09506000134352"


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/gtin/09506000134352", "/01/09506000134352"),
        ("/x/lot/gtin/09506000134352/cpv/2A/lot/ABC/ser/XYZ", "/x/lot/01/09506000134352/22/2A/10/ABC/21/XYZ"),
        ("/gtin/09506000134352/10/ABC/ser/ser", "/01/09506000134352/10/ABC/21/ser"),
        ("/01/09506000134352/ser/gtin", "/01/09506000134352/21/gtin"),
        ("/gln/9506000134376/glnx/A", "/414/9506000134376/254/A"),
        ("/payTo/9506000134376/refNo/A", "/415/9506000134376/8020/A"),
        ("/cpid/95060005PQ7/cpsn/1?exp=270228", "/8010/95060005PQ7/8011/1?exp=270228"),
        ("/gtin/09506000134352/QoKRk", "/01/09506000134352/QoKRk"),
    ],
)  # fmt: skip
def test_words_become_ais(path: str, plain: str) -> None:
    """Words of the path from the last key on become AIs; values, stem and query stay."""
    host = "https://example.com"
    assert without_convenience_words(host + path) == host + plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gtin",
        "urn:epc:id:sgtin:9506000.013435.A1",
        "https://example.com",
        "https://example.com/",
        "https://example.com/GTIN/09506000134352",
        "https://example.com/lot/A/ser/B",
        "https://example.com/gtin",
        "https://example.com/gtin/a/b/c",
        f"https://example.com/01/{GTIN}/21/gtin?lot=lot#gtin/1",
    ],
)
def test_other_texts_stay(text: str) -> None:
    """A text without words, without key, or in another case stays as it is."""
    assert without_convenience_words(text) == text


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text passes, and a second time changes nothing more."""
    once = without_convenience_words(text)
    assert without_convenience_words(once) == once


def test_rewritten_link_is_read() -> None:
    """A rewritten link is an ordinary one."""
    link = without_convenience_words(f"https://example.com/gtin/{GTIN}/lot/ABC?17=270228")
    assert parse_digital_link(link).elements == (("01", GTIN), ("10", "ABC"), ("17", "270228"))
