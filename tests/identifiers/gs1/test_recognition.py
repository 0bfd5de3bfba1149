"""Recognition in one step says the same as verification step by step."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identifiers import (
    IdentifierError,
    parse_digital_link,
)
from identifiers.checkdigit import check_digit
from identifiers.gs1 import aitable
from identifiers.gs1.elements import verify_value
from identifiers.gs1.link_recognition import _SHAPES, _TREES, recognise_link
from identifiers.gs1.link_shapes import LONGEST
from identifiers.gs1.recognition import RECOGNISERS, has_check_digit, is_recognised

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


@pytest.mark.no_cover  # volume: others measure these lines
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


@pytest.mark.parametrize("key", ["253/9506000134376", "255/9506000134376", "8003/09506000134376"])
def test_a_signed_link_is_recognised_by_its_serial(key: str) -> None:
    """A signature is recognised beside a key with a serial; without one it is left to be explained."""
    signed = f"https://example.com/{key}7?8030=abc"
    for _ in range(2):
        found = recognise_link(signed)
        assert found is not None
        assert found == parse_digital_link(signed)
        assert recognise_link(f"https://example.com/{key}?8030=abc") is None


_REFUSED = {
    "https://example.com/01/09506000134352?21=A": "21=A",
    "https://example.com/x/01/09506000134352?lang=zh&17=270228&99=a%2Fb&99=A#x": "99=A",
    "https://example.com/01/09506000134352/21/A%2F/10/B?17=270228": "01/09",
    "https://example.com/415/9506000134376": "415/",
    "https://example.com/01/09506000134352/21/A?lang=zh&17=270228&12=270228": "12=",
}
"""Links of sound values that may not stand so, and where the AI that is refused begins."""


@pytest.mark.parametrize("link", _REFUSED)
def test_a_shape_that_was_refused_is_refused_again(
    link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal of a recognised shape is the one that reading step by step gives."""
    answers: list[dict[str, str | int | None]] = []
    for _ in range(2):
        with pytest.raises(IdentifierError) as caught:
            recognise_link(link)
        answers.append(caught.value.as_dict())
    monkeypatch.setattr("identifiers.gs1.digital_link.recognise_link", lambda *_: None)
    with pytest.raises(IdentifierError) as caught:
        parse_digital_link(link)
    answers.append(caught.value.as_dict())
    assert answers[0] == answers[1] == answers[2]
    place = link.rindex(_REFUSED[link])
    assert caught.value.position in {place, place + len(caught.value.ai) + 1}


_PARAMETERS = st.lists(
    st.sampled_from(
        ["10=A", "17=270228", "12=270228", "21=%2F", "99=A+B", "8030=abc", "89=A", "lang", "x=1"]
    ),
    max_size=3,
).map("&".join)


@given(
    st.sampled_from(
        ["", "/01/09506000134352", "/00/106141412345678908", "/253/9506000134376", "/8"]
    ),
    st.sampled_from(["", "/10/A", "/21/A%2FB", "/21/A/10/B", "/10/", "/10/~", "/x"]),
    _PARAMETERS,
    st.booleans(),
)
def test_links_are_judged_alike_with_and_without_recognition(
    key: str,
    qualifiers: str,
    query: str,
    requisites: bool,  # noqa: FBT001  drawn
) -> None:
    """What is recognised at once and what is read step by step have one answer."""

    def answer() -> object:
        try:
            return parse_digital_link(link, requisites=requisites)
        except IdentifierError as error:
            return type(error), error.as_dict()

    link = f"https://example.com{key}{qualifiers}?{query}"
    quick = answer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("identifiers.gs1.digital_link.recognise_link", lambda *_: None)
        assert answer() == quick


def test_a_very_long_shape_is_not_remembered() -> None:
    """A link with more attributes than anybody prints is judged, and leaves nothing behind."""
    before = set(_SHAPES)
    weights = [ai for ai in aitable.entries() if is_recognised(ai, "000001")]
    query = "&".join(f"{ai}=000001" for ai in weights[:LONGEST])
    with pytest.raises(IdentifierError):
        recognise_link(f"https://example.com/01/09506000134352?{query}")
    assert before == _SHAPES


def test_a_link_judged_without_requisites_leaves_no_shape_behind() -> None:
    """What was let pass for once is refused the next time."""
    link = "https://example.com/01/09506000134352?3922=1299"
    assert parse_digital_link(link, requisites=False).path == 1
    with pytest.raises(IdentifierError):
        parse_digital_link(link)


def test_shapes_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory that is full begins anew."""
    monkeypatch.setattr("identifiers.gs1.link_recognition._KEPT", 1)
    _SHAPES.clear()
    _TREES[True].clear()
    for link in (*_LINKS, *_LINKS):
        assert parse_digital_link(link).elements
        assert len(_SHAPES) == len(_TREES[True]) == 1
