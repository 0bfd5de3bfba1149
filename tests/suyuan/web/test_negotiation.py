"""Languages and media types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.web.negotiation import preferred_language, preferred_type

OFFERS = ("text/html", "application/linkset+json")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB;q=0.4, zh-Hant-TW;q=0.5", "zh-CN"),
        ("zh;q=0, en", "en"),
        ("zh;q=0", "en"),
        ("de, fr", "en"),
        ("en, zh", "en"),
        ("zh;q=nonsense, en;q=0.1", "en"),
        ("ZH-cn", "zh-CN"),
        ("*;q=1", "en"),
    ],
)
def test_the_language_is_the_one_liked_best(header: str, language: str) -> None:
    """Quality first, then order; English where nothing fits."""
    assert preferred_language(header) == language


@pytest.mark.parametrize(
    ("header", "offer"),
    [
        ("", 0),
        ("*/*", 0),
        ("application/linkset+json", 1),
        ("application/*;q=0.9, text/html;q=0.1", 1),
        ("text/html, application/linkset+json", 0),
        ("application/linkset+json, */*;q=0.1", 1),
        ("image/png", 0),
    ],
)
def test_the_media_type_is_the_one_liked_best(header: str, offer: int) -> None:
    """The page, unless a client prefers the linkset."""
    assert preferred_type(header, OFFERS) == OFFERS[offer]


@given(st.text())
def test_no_header_is_an_error(header: str) -> None:
    """Whatever stands there, there is an answer."""
    assert preferred_language(header) in {"en", "zh-CN"}
    assert preferred_type(header, OFFERS) in OFFERS
