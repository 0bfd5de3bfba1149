"""Element strings, plain and bracketed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import CSET82
from identifiers.checkdigit import check_digit
from identifiers.errors import (
    CharacterError,
    CheckDigitError,
    DateError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.elements import (
    ElementString,
    as_bracketed,
    as_element_string,
    parse_bracketed,
    parse_element_string,
)

GTIN = "09506000134352"
TEXTS = st.text(alphabet=CSET82, min_size=1, max_size=20)
GTINS = st.text(alphabet="0123456789", min_size=13, max_size=13).map(lambda d: d + check_digit(d))


@given(GTINS, TEXTS, TEXTS, st.sampled_from(["", "\x1d"]))
def test_round_trips(gtin: str, lot: str, serial: str, lead: str) -> None:
    """A message comes back from both written forms, with and without leading FNC1."""
    elements = (("01", gtin), ("10", lot), ("17", "270228"), ("21", serial))
    code = ElementString(elements, aitable.version())
    plain = as_element_string(code)
    assert parse_element_string(lead + plain) == code
    assert parse_bracketed(as_bracketed(code)) == code


def test_separator_only_where_needed() -> None:
    """A value of predefined length needs no separator, the last value none either."""
    code = parse_bracketed(f"(01){GTIN}(10)A(17)270228(21)B")
    assert as_element_string(code) == f"01{GTIN}10A\x1d1727022821B"


def test_needless_separators_are_allowed() -> None:
    """A separator behind a value of predefined length and at the end does no harm."""
    assert parse_element_string(f"01{GTIN}\x1d10A\x1d").elements == (("01", GTIN), ("10", "A"))


def test_brackets_in_values_are_escaped() -> None:
    """An opening bracket inside a value is written with a backslash and comes back."""
    code = parse_bracketed(f"(01){GTIN}(21)A\\(1)")
    assert code.elements[1] == ("21", "A(1)")
    assert as_bracketed(code) == f"(01){GTIN}(21)A\\(1)"


def test_composite_parts_are_kept() -> None:
    """The bar between the parts of a composite symbol survives in both forms."""
    code = parse_bracketed(f"(01){GTIN}|(10)A(21)B")
    assert code.linear == 1
    plain = as_element_string(code)
    assert plain == f"01{GTIN}|\x1d10A\x1d21B"
    assert parse_element_string(plain) == code
    assert as_bracketed(code) == f"(01){GTIN}|(10)A(21)B"
    # A separator that stands at the end of a symbol may stand at the end of its linear part.
    assert parse_element_string(f"01{GTIN}\x1d|\x1d10A\x1d21B") == code


@pytest.mark.parametrize(
    ("text", "kind", "position"),
    [
        ("", LengthError, 0),
        ("\x1d", LengthError, 1),
        ("\x1d\x1d01", UnknownAiError, 1),
        ("0109506000134353", CheckDigitError, 15),
        ("010950600013435", LengthError, 15),
        (f"01{GTIN}17261301", DateError, 20),
        (f"01{GTIN}10A~", CharacterError, 19),
        (f"01{GTIN}10{'A' * 21}", LengthError, 38),
        (f"01{GTIN}10\x1d", LengthError, 18),
        (f"01{GTIN}89A", UnknownAiError, 16),
        (f"01{GTIN}|10A", SyntaxError_, 17),
        (f"01{GTIN}|\x1d10A|\x1d21B", SyntaxError_, 22),
        (f"01{GTIN}|\x1d", LengthError, 18),
        (f"01{GTIN}42321", LengthError, 21),
        ("０1", UnknownAiError, 0),
    ],
)
def test_faults_of_plain_strings(text: str, kind: type[IdentifierError], position: int) -> None:
    """Each fault has its class and its place in the text as given."""
    with pytest.raises(kind) as caught:
        parse_element_string(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "kind", "position"),
    [
        ("", SyntaxError_, 0),
        ("(01", SyntaxError_, 0),
        (f"01{GTIN}", SyntaxError_, 0),
        (f"(01){GTIN}(10)", LengthError, 22),
        (f"(01){GTIN}(21)a(b)c", UnknownAiError, 24),
        ("(1A)12", UnknownAiError, 1),
        ("(01)09506000134353", CheckDigitError, 17),
        (f"(01){GTIN}|(10)A|(21)B", CharacterError, 24),
        (f"(01){GTIN}(21)A\\B", CharacterError, 23),
    ],
)
def test_faults_of_bracketed_strings(text: str, kind: type[IdentifierError], position: int) -> None:
    """Each fault has its class and its place in the text as given."""
    with pytest.raises(kind) as caught:
        parse_bracketed(text)
    assert caught.value.position == position


def test_unknown_identifiers_on_request() -> None:
    """An AI that is in no table passes when asked for, as far as it can be judged."""
    assert parse_bracketed("(89)ABC", unknown_ais=True).elements == (("89", "ABC"),)
    assert as_element_string(parse_bracketed("(89)A(90)B", unknown_ais=True)) == "89A\x1d90B"
    with pytest.raises(UnknownAiError):
        parse_bracketed("(8X)ABC", unknown_ais=True)
    with pytest.raises(LengthError):
        parse_bracketed(f"(89){'A' * 91}", unknown_ais=True)
    with pytest.raises(CharacterError) as caught:
        parse_bracketed("(89)A~", unknown_ais=True)
    assert caught.value.position == 5


@pytest.mark.parametrize("text", ["(999)A", "(23)A", "(419)123456789012", "(3199)12345678"])
def test_unknown_identifiers_keep_the_form_of_their_kind(text: str) -> None:
    """An unknown AI is as long, and its value if that is predefined, as the first digits say."""
    with pytest.raises((UnknownAiError, LengthError)):
        parse_bracketed(text, unknown_ais=True)


def test_unknown_identifiers_in_plain_strings() -> None:
    """An unknown AI is read where its first two digits tell where it and its value end."""
    plain = f"01{GTIN}4191234567890123236AB\x1d3199123456"
    code = parse_element_string(plain, unknown_ais=True)
    assert as_bracketed(code) == f"(01){GTIN}(419)1234567890123(236)AB(3199)123456"
    assert as_element_string(code) == plain
    for text in (plain, f"01{GTIN}236AB"):
        with pytest.raises(UnknownAiError):
            parse_element_string(text)
    for text in ("89AB", "23", "23A1"):
        with pytest.raises(UnknownAiError):
            parse_element_string(text, unknown_ais=True)


def test_partners_can_be_put_off() -> None:
    """One of several codes on an item is read without its partners on request."""
    assert parse_element_string("10A", requisites=False).elements == (("10", "A"),)
    assert parse_bracketed("(10)A", requisites=False).elements == (("10", "A"),)


@given(st.text(max_size=60) | st.text(alphabet="0123456789()\\|\x1dAB", max_size=60))
def test_only_our_errors(text: str) -> None:
    """Arbitrary text is read or refused with an error of ours, and what is read can be written."""
    for parse, write in (
        (parse_element_string, as_element_string),
        (parse_bracketed, as_bracketed),
    ):
        try:
            code = parse(text)
        except IdentifierError:
            continue
        assert parse(write(code)) == code


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("(01)9506000134352", "write the GTIN with 14 digits: 09506000134352"),
        ("(01)95200002", "write the GTIN with 14 digits: 00000095200002"),
        ("(00)12345678901234567", "add the check digit 5 if it is missing"),
        ("(01)9506000134353", "add the check digit 5 if it is missing"),
        ("(01)950600013435", ""),
        ("(01)950600013435x", ""),
        ("(17)26123", ""),
        ("(01)09506000134352(10)AAAAAAAAAAAAAAAAAAAAA", "leave out what is too much"),
        ("01", "write (01)..."),
        ("", "write (01)..."),
    ],
)
def test_fixes_of_bracketed_strings(text: str, fix: str) -> None:
    """A number that is too short is filled up or completed, where that makes it a sound one."""
    with pytest.raises(IdentifierError) as caught:
        parse_bracketed(text)
    assert caught.value.fix.startswith(fix)
    assert bool(caught.value.fix) is bool(fix)


def test_a_value_without_end_misses_a_separator() -> None:
    """In a string without brackets a value that is too long ran on into the next one."""
    with pytest.raises(LengthError) as caught:
        parse_element_string("010950600013435210AAAAAAAAAAAAAAAAAAAA17261231")
    assert caught.value.fix == "put the separator GS (FNC1) behind the value of (10)"
    assert caught.value.position == 38


def test_the_check_of_the_dictionary_is_the_rule() -> None:
    """A wrong value names the check that refused it; a wrong length names the table of values."""
    with pytest.raises(IdentifierError) as caught:
        parse_bracketed("(01)09506000134353")
    assert caught.value.rule == "GS1 Barcode Syntax Dictionary, check csum"
    with pytest.raises(IdentifierError) as caught:
        parse_bracketed("(01)1")
    assert caught.value.rule == "GS1 General Specifications, section 3.2"
