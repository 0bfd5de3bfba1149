"""Where the element begins that an error of a relation is about."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identifiers.characters import CSET82, escape
from identifiers.errors import ExclusionError, IdentifierError, RepeatError, RequisiteError
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.gs1.elements import (
    ElementString,
    as_bracketed,
    as_element_string,
    parse_bracketed,
    parse_element_string,
)
from identifiers.gs1.places import start_in_brackets, start_in_element_string
from identifiers.gs1.scans import parse_scan

GTIN = ("01", "09506000134352")
ELEMENTS = [GTIN, ("10", "(10)"), ("99", "0110")]
TEXTS = st.text(alphabet=CSET82, min_size=1, max_size=20)

_SPOILERS = [
    ("12", "270228"),
    ("02", "09506000134352"),
    ("37", "12"),
    ("3922", "1299"),
    ("7004", "12"),
    ("8020", "A"),
]
"""Elements that need, or must not have, others beside them."""


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("010950600013435210(10)\x1d990110", (0, 16, 23)),
        ("\x1d0109506000134352\x1d10(10)\x1d990110\x1d", (1, 18, 25)),
        ("0109506000134352|\x1d10(10)\x1d990110", (0, 18, 25)),
    ],
)
def test_element_strings(text: str, starts: tuple[int, ...]) -> None:
    """Separators before an element don't belong to it, and values that look like an AI are none."""
    assert tuple(start_in_element_string(text, ELEMENTS, index) for index in range(3)) == starts


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (r"(01)09506000134352(10)\(10)(99)0110", (1, 19, 28)),
        (r"(01)09506000134352|(10)\(10)(99)0110", (1, 20, 29)),
    ],
)
def test_brackets(text: str, starts: tuple[int, ...]) -> None:
    """The place is behind the bracket, as that of any other fault of an AI."""
    assert tuple(start_in_brackets(text, ELEMENTS, index) for index in range(3)) == starts


def _refusal(parse: Callable[[str], object], text: str) -> IdentifierError | None:
    try:
        parse(text)
    except (ExclusionError, RepeatError, RequisiteError) as error:
        return error
    return None


@given(
    st.permutations([GTIN, *_SPOILERS]).map(lambda pairs: pairs[:4]),
    st.lists(
        TEXTS.map(lambda text: ("10", text)) | TEXTS.map(lambda text: ("91", text)), max_size=3
    ),
    st.sampled_from(["", "\x1d", "]C1", "]d2"]),
)
def test_the_position_is_where_the_ai_begins(
    spoilers: list[tuple[str, str]], more: list[tuple[str, str]], lead: str
) -> None:
    """Whatever relation a message breaks, the text goes on at the position with the AI at fault."""
    mixed = [*spoilers[:2], *more, *spoilers[2:]]
    code = ElementString(tuple(mixed), aitable.version())
    plain = lead + as_element_string(code)
    error = _refusal(parse_scan if lead[:1] == "]" else parse_element_string, plain)
    assume(error is not None)
    assert error is not None
    assert error.position is not None
    assert plain[error.position :].startswith(error.ai)
    text = as_bracketed(code)
    again = _refusal(parse_bracketed, text)
    assert again is not None
    assert again.position is not None
    assert text[again.position - 1 :].startswith(f"({error.ai})")


def test_of_two_values_the_second_is_at_fault() -> None:
    """An AI that comes again with another value is pointed at where it comes again."""
    for parse, text in (
        (parse_bracketed, "(01)09506000134352(10)A(10)A(10)B"),
        (parse_element_string, "010950600013435210A\x1d10A\x1d10B"),
    ):
        error = _refusal(parse, text)
        assert error is not None
        assert error.position == text.rindex("10")


@given(
    st.sampled_from(["https://example.com", "http://a.cn/01/x"]),
    TEXTS,
    st.lists(st.tuples(st.sampled_from(["91", "92", "93"]), TEXTS), unique_by=lambda pair: pair[0]),
    st.sampled_from(["12=270228", "3922=1299", "7241=01", "02=09506000134352"]),
    st.sampled_from([0, 9]),
)
def test_the_position_in_a_link(
    stem: str, serial: str, others: list[tuple[str, str]], broken: str, place: int
) -> None:
    """In a link the position is that in the text as given, whatever stands escaped before it."""
    query = [f"{ai}={escape(value)}" for ai, value in others]
    query.insert(place, broken)
    text = f"{stem}/01/{GTIN[1]}/21/{escape(serial)}?lang=zh&{'&'.join(query)}"
    error = _refusal(parse_digital_link, text)
    assert error is not None
    assert error.position is not None
    # Two that exclude each other may both be meant; the first of the message is.
    assert text[error.position :].startswith((broken, f"01/{GTIN[1]}"))


def test_the_position_in_a_path() -> None:
    """A key that wants a qualifier is found in the path, behind any stem."""
    text = "https://example.com/415/x/415/9506000134376?91=A"
    error = _refusal(parse_digital_link, text)
    assert error is not None
    assert error.position == text.rindex("415")


def test_the_position_of_a_signed_key() -> None:
    """A key that lacks the serial which its signature wants is found in the path."""
    text = "https://example.com/253/9506000134376?8030=A"
    error = _refusal(parse_digital_link, text)
    assert error is not None
    assert error.position == text.index("253")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("]E09506000134352|]e00209506000134352371", 3),
        ("]E09506000134352|]e0250ABC", 20),
        ("]E09506000134352|]e010A\x1d10B", 24),
    ],
)
def test_the_position_in_a_composite_symbol(text: str, position: int) -> None:
    """The GTIN of a retail symbol has no AI in the text: its digits are what an error points at."""
    error = _refusal(parse_scan, text)
    assert error is not None
    assert error.position == position
