"""GS1 Digital Link URIs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import CSET82
from identifiers.errors import (
    CheckDigitError,
    ConversionError,
    IdentifierError,
    LengthError,
    RepeatError,
    RequisiteError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import as_digital_link, parse_digital_link
from identifiers.gs1.elements import ElementString, parse_bracketed

GTIN = "09506000134352"
LINK = f"https://id.gs1.org/01/{GTIN}"
TEXTS = st.text(alphabet=CSET82, min_size=1, max_size=20)


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(["https://id.gs1.org", "http://a.cn/x/y"]))
def test_round_trip(variant: str, lot: str, serial: str, stem: str) -> None:
    """Any value comes back from a link on any stem, however it had to be escaped."""
    elements = (("01", GTIN), ("22", variant), ("10", lot), ("21", serial), ("17", "270228"))
    code = ElementString(elements, aitable.version())
    link = as_digital_link(code, stem=stem)
    assert parse_digital_link(link).elements == elements
    assert as_digital_link(parse_digital_link(link), stem=stem) == link


def test_key_and_qualifiers_are_put_in_order() -> None:
    """The key goes first and its qualifiers follow in the order of the standard."""
    code = parse_bracketed(f"(21)S(10)L(01){GTIN}(99)A/1(17)270228")
    assert as_digital_link(code) == f"{LINK}/10/L/21/S?17=270228&99=A%2F1"


def test_foreign_parameters_are_left_out() -> None:
    """Parameters that are no AIs, and the fragment, say nothing about the item."""
    code = parse_digital_link(f"{LINK}?lang=zh&17=270228&single#top")
    assert code.elements == (("01", GTIN), ("17", "270228"))
    assert code.path == 1


def test_other_qualifiers_may_be_attributes() -> None:
    """Beside a third party's serial the batch stands in the query, and stays there."""
    link = f"{LINK}/235/XYZ?10=ABC"
    assert as_digital_link(parse_digital_link(link)) == link


def test_unknown_attributes_on_request() -> None:
    """An attribute that is in no table passes and comes back only when asked for."""
    link = f"{LINK}?99=A&89=B"
    code = parse_digital_link(link, unknown_ais=True)
    assert code.elements[2] == ("89", "B")
    assert as_digital_link(code) == link
    with pytest.raises(UnknownAiError):
        parse_digital_link(link)


def test_short_gtins_on_request() -> None:
    """GTINs of 8, 12 and 13 digits are filled up only when asked for."""
    link = "https://example.com/01/9506000134352"
    assert parse_digital_link(link, zero_suppressed_gtin=True).elements == (("01", GTIN),)
    with pytest.raises(LengthError):
        parse_digital_link(link)
    link = "https://example.com/8004/9520614141234567?01=9506000134352"
    assert ("01", GTIN) in parse_digital_link(link, zero_suppressed_gtin=True).elements


@pytest.mark.parametrize(
    ("link", "kind", "position"),
    [
        ("", SyntaxError_, 0),
        ("ftp://id.gs1.org/01/1", SyntaxError_, 0),
        ("https://id.gs1.org", SyntaxError_, 18),
        ("https://a$b/01/1", SyntaxError_, 8),
        (f"{LINK}<", SyntaxError_, len(LINK)),
        ("https://id.gs1.org/x/y", SyntaxError_, 18),
        (f"https://id.gs1.org/gtin/{GTIN}", SyntaxError_, 18),
        ("https://id.gs1.org/01/09506000134353", CheckDigitError, 35),
        (f"{LINK}/21/A/10/B", SyntaxError_, 22),
        (f"{LINK}/99/A", SyntaxError_, 22),
        ("https://id.gs1.org/00/123456789012345675/10/A", SyntaxError_, 22),
        (f"{LINK}/10/", LengthError, 40),
        (f"{LINK}/10/A%00", SyntaxError_, 40),
        (f"{LINK}/10/A%7E", IdentifierError, 40),
        (f"{LINK}?10=A", SyntaxError_, 40),
        (f"{LINK}?8020=A", SyntaxError_, 42),
        (f"{LINK}?17=", LengthError, 40),
        (f"{LINK}?17=261301", IdentifierError, 42),
        (f"{LINK}?89=A", UnknownAiError, 37),
        (f"{LINK}?99=A&99=A", RepeatError, 45),
        (f"{LINK}?99=A+B", IdentifierError, 41),
    ],
)
def test_faults(link: str, kind: type[IdentifierError], position: int) -> None:
    """Each fault has its class and its place in the link."""
    with pytest.raises(kind) as caught:
        parse_digital_link(link)
    assert caught.value.position == position


def test_partners() -> None:
    """Partners are asked for as in any message, and can be put off."""
    with pytest.raises(RequisiteError):
        parse_digital_link(f"{LINK}?12=270228")
    assert parse_digital_link(f"{LINK}?12=270228", requisites=False).path == 1


@pytest.mark.parametrize("text", ["(99)A", f"(01){GTIN}(235)A(10)B", f"(01){GTIN}(8200)http://a"])
def test_messages_without_link(text: str) -> None:
    """A message without key, or with data that no link may carry, has no link."""
    code = parse_bracketed(text, unknown_ais=True)
    with pytest.raises(ConversionError):
        as_digital_link(code)


@given(st.text(max_size=60) | st.text(alphabet="01289/?&=%A", max_size=40).map(LINK.__add__))
def test_only_our_errors(text: str) -> None:
    """Arbitrary text is read or refused with an error of ours, and what is read can be written."""
    try:
        code = parse_digital_link(text)
    except IdentifierError:
        return
    assert (
        parse_digital_link(as_digital_link(code)).elements[: code.path]
        == (code.elements[: code.path])
    )


@pytest.mark.parametrize(
    ("link", "fix"),
    [
        ("", "begin the link with https://"),
        (f"{LINK}<", "escape it with %"),
        (f"{LINK}/10/A\n/21/B", "remove it"),
        (f"{LINK}/10/批号", "escape it with %"),
        ("https://id.gs1.org", "write the path as /01/ and 14 digits"),
        (f"https://id.gs1.org/gtin/{GTIN}", "write /01/ instead of /gtin/"),
        ("https://id.gs1.org/x/y", "write the path as /01/ and 14 digits"),
        (f"{LINK}/21/A/10/B", "change the order in the path"),
        ("https://id.gs1.org/00/123456789012345675/10/A", "leave out what follows the key"),
        (f"{LINK}/10/", "write a value, or leave the AI out"),
        (f"{LINK}/10/A%00", "leave out %00"),
        (f"{LINK}?17=261301", "write 260113 if the day stands before the month"),
        (f"{LINK}?10=A", "write it in the path if it qualifies the key"),
        (f"{LINK}?99=A&99=A", "leave one of them out"),
    ],
)
def test_fixes(link: str, fix: str) -> None:
    """A fault names its likely repair and the chapter of the standard that it is against."""
    with pytest.raises(IdentifierError) as caught:
        parse_digital_link(link)
    assert caught.value.fix.startswith(fix)
    assert caught.value.rule.startswith(("GS1 ", "RFC 3986"))
