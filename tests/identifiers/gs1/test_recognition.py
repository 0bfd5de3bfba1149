"""Recognition in one step says the same as verification step by step."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identifiers import (
    IdentifierError,
    parse_digital_link,
    parse_element_string,
)
from identifiers.checkdigit import check_digit
from identifiers.gs1 import aitable
from identifiers.gs1.elements import verify_value
from identifiers.gs1.link_recognition import _SHAPES, recognise_link
from identifiers.gs1.recognition import RECOGNISERS, has_check_digit, is_recognised
from identifiers.gs1.relations import SOUND_COMPANIES

if TYPE_CHECKING:
    import re

_AIS = sorted({entry.components: ai for ai, entry in aitable.entries().items()}.values())
"""One AI of each kind of value."""
_EDGES = st.sampled_from(
    ["0", "00", "000000", "0229", "1231", "156", "-", "=", "%4", "١", "\x1d", "é", "\ud800"]
)


def _is_verified(ai: str, value: str) -> bool:
    try:
        verify_value(aitable.entry(ai), value)
    except IdentifierError:
        return False
    return True


def _shaped(ai: str) -> st.SearchStrategy[str]:
    """Texts that fit the pattern of an AI, whatever its checks say of them."""
    is_recognised(ai, "")
    pattern: re.Pattern[str] = RECOGNISERS[ai][3].__self__  # type: ignore[attr-defined]
    return st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))


def _summed(ai: str, value: str) -> str:
    """The value with a right check digit where its first component has one."""
    part = aitable.entry(ai).components[0]
    if "csum" not in part.checks or not value[: part.longest - 1].isdecimal():
        return value
    head = value[: part.longest - 1]
    return head + check_digit(head) + value[part.longest :]


@pytest.mark.parametrize("ai", _AIS)
@settings(max_examples=25)
@given(data=st.data())
def test_what_is_recognised_is_what_is_verified(ai: str, data: st.DataObject) -> None:
    """A value is recognised exactly when every check of its AI accepts it."""
    value = data.draw(_shaped(ai).map(lambda text: _summed(ai, text)))
    assert is_recognised(ai, value) == _is_verified(ai, value)
    at = data.draw(st.integers(0, len(value)))
    edited = value[:at] + data.draw(_EDGES) + value[at + data.draw(st.integers(0, 4)) :]
    assert is_recognised(ai, edited) == _is_verified(ai, edited)


@pytest.mark.parametrize("ai", ["04", "3", "", "310", "3109", "zz", "٠١"])
def test_what_is_no_ai_is_not_recognised(ai: str) -> None:
    """An AI that is not in the table has no sound value, and nothing is kept of it."""
    before = len(RECOGNISERS)
    assert not is_recognised(ai, "1")
    assert len(RECOGNISERS) == before


def test_a_head_of_longer_ais_stands_for_no_ai() -> None:
    """The first two digits of a longer AI have no sound value themselves."""
    assert is_recognised("3103", "001234")
    assert not is_recognised("31", "001234")


@given(st.from_regex(r"[0-9]{2,20}", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_check_digits_are_told_as_they_are_computed(digits: str) -> None:
    """A number has its check digit exactly when that is the one which is computed."""
    assert has_check_digit(digits) == (check_digit(digits[:-1]) == digits[-1])


@pytest.mark.parametrize("text", ["", "0a", "-1"])
def test_what_is_no_number_has_no_check_digit(text: str) -> None:
    """A text with anything but digits has no check digit, and neither has an empty one."""
    assert not has_check_digit(text)


_LINKS = [
    "https://example.com/01/09506000134352",
    "https://example.com/x/01/09506000134352/22/2A/10/L%2F1/21/A?17=270228&lang=zh&3103=000195",
    "https://example.com/00/106141412345678908?",
    "http://example.com:8080/414/9506000134376/254/32a#part",
]


@pytest.mark.parametrize("link", _LINKS)
def test_a_link_is_recognised_once_its_shape_was_accepted(link: str) -> None:
    """The second reading of a shape gives what the first one gave."""
    first = parse_digital_link(link)
    assert recognise_link(link) == first == parse_digital_link(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/01/09506000134353",
        "https://example.com/01/09506000134352?17=270229",
        "https://example.com/01/09506000134352?10=a+b",
        "https://example.com/x/y",
        "https://example.com/10/A/10/A",
        "ftp://example.com/01/09506000134352",
    ],
)
def test_a_faulty_link_is_not_recognised(link: str) -> None:
    """Values are verified each time, and what is no link is left to the exact reader."""
    for sound in _LINKS:
        parse_digital_link(sound)
    assert recognise_link(link) is None


def test_a_link_judged_without_requisites_leaves_no_shape_behind() -> None:
    """What was let pass for once is refused the next time."""
    link = "https://example.com/01/09506000134352?3922=1299"
    assert parse_digital_link(link, requisites=False).path == 1
    with pytest.raises(IdentifierError):
        parse_digital_link(link)


def test_shapes_and_companies_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory that is full begins anew."""
    monkeypatch.setattr("identifiers.gs1.link_recognition._KEPT", 1)
    monkeypatch.setattr("identifiers.gs1.relations._KEPT", 1)
    SOUND_COMPANIES.clear()
    _SHAPES.clear()
    for link in (*_LINKS, *_LINKS):
        assert parse_digital_link(link).elements
        assert len(SOUND_COMPANIES) == len(_SHAPES) == 1
    assert parse_element_string("0109506000134352\x1d17270228").elements
