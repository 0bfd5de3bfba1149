"""Codes of parties."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.checkdigit import check_digit
from identifiers.errors import CharacterError, CheckDigitError, IdentifierError, LengthError
from identifiers.item_code import Level
from identifiers.schemes.parties import parse_gln, parse_lei, parse_uscc
from identifiers.schemes.reading import Reading

USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PARSERS = [parse_uscc, parse_lei, parse_gln]


def mended(parser: Callable[[str], Reading], text: str) -> str:
    """Give a text the check characters that its error asks for."""
    try:
        parser(text)
    except CheckDigitError as error:
        wanted = str(error.details["wanted"])
        return text[: -len(wanted)] + wanted
    return text


@pytest.mark.parametrize("text", ["91110000600037341L", "91320621MA1MRHG205"])
def test_published_uscc(text: str) -> None:
    """Published codes are read without a warning, so that their inner check agrees too."""
    reading = parse_uscc(text)
    assert (reading.scheme, reading.level) == ("cn-uscc", Level.PARTY)
    assert reading.parts == {"code": text}
    assert reading.uri == f"urn:suyuan:cn-uscc:{text}"
    assert reading.warnings == reading.unverified == ()


@given(
    st.text(alphabet=USCC_SIGNS, min_size=2, max_size=2),
    st.text(alphabet="0123456789", min_size=6, max_size=6),
    st.text(alphabet=USCC_SIGNS, min_size=9, max_size=9),
    st.integers(0, 16),
    st.sampled_from("0123456789"),
)
def test_every_single_wrong_digit_of_a_uscc_is_caught(
    start: str, division: str, organisation: str, place: int, typed: str
) -> None:
    """One mistyped digit never passes."""
    code = mended(parse_uscc, f"{start}{division}{organisation}0")
    assert parse_uscc(code).code == code
    wrong = code[:place] + typed + code[place + 1 :]
    if wrong != code:
        with pytest.raises(CheckDigitError):
            parse_uscc(wrong)


@pytest.mark.parametrize(
    ("start", "kinds"),
    [
        ("N2320621MA1MRHG20", []),
        ("91100000MA1MRHG20", []),
        ("B1320621MA1MRHG20", ["uscc-department"]),
        ("91990000MA1MRHG20", ["uscc-division"]),
        ("91320621MA1MRHG2X", ["uscc-organisation"]),
        ("00000000000000001", ["uscc-department", "uscc-division", "uscc-organisation"]),
    ],
)
def test_doubtful_parts_of_a_uscc(start: str, kinds: list[str]) -> None:
    """What the outer check character does not cover is a warning."""
    reading = parse_uscc(mended(parse_uscc, f"{start}0"))
    assert [notice.kind for notice in reading.warnings] == kinds


@pytest.mark.parametrize("text", ["529900T8BM49AURSDO55", "5493001KJTIIGC8Y1R12"])
def test_published_lei(text: str) -> None:
    """Published codes are read."""
    reading = parse_lei(text)
    assert (reading.scheme, reading.level) == ("lei", Level.PARTY)
    assert reading.uri == f"urn:suyuan:lei:{text}"


@given(
    st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=18, max_size=18),
    st.integers(0, 99),
)
def test_one_pair_of_check_digits_fits_a_lei(text: str, pair: int) -> None:
    """Of all pairs only the computed one passes, also where another has the same remainder."""
    code = mended(parse_lei, f"{text}00")
    assert 2 <= int(code[-2:]) <= 98
    assert parse_lei(code).code == code
    if f"{pair:02}" != code[-2:]:
        with pytest.raises(CheckDigitError):
            parse_lei(f"{text}{pair:02}")


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_gln(text: str) -> None:
    """A GLN is a party whose canonical form is a Digital Link."""
    code = text + check_digit(text)
    reading = parse_gln(code)
    assert (reading.scheme, reading.level) == ("gln", Level.PARTY)
    assert reading.uri == f"https://id.gs1.org/417/{code}"
    assert [notice.kind for notice in reading.unverified] == ["gtin-or-gln"]


@pytest.mark.parametrize(
    ("parser", "text", "error", "position"),
    [
        (parse_uscc, "91110000600037342L", CheckDigitError, 17),
        (parse_uscc, "91110000600037341l", CharacterError, 17),
        (parse_uscc, "9111000060003734IL", CharacterError, 16),
        (parse_uscc, "9111A000600037341L", CharacterError, 4),
        (parse_uscc, "91110000600037341", LengthError, 17),
        (parse_uscc, "91110000600037341L0", LengthError, 18),
        (parse_uscc, "９1110000600037341L", CharacterError, 0),
        (parse_lei, "529900T8BM49AURSDO56", CheckDigitError, 18),
        (parse_lei, "529900T8BM49AURSDO5A", CheckDigitError, 18),
        (parse_lei, "529900t8BM49AURSDO55", CharacterError, 6),
        (parse_lei, "529900T8BM49AURSDO5", LengthError, 19),
        (parse_lei, "", LengthError, 0),
        (parse_gln, "9506000134353", CheckDigitError, 12),
        (parse_gln, "950600013435", LengthError, 12),
        (parse_gln, "95060001343５2", CharacterError, 11),
    ],
)
def test_refused(
    parser: Callable[[str], Reading], text: str, error: type[IdentifierError], position: int
) -> None:
    """Each fault is named where it stands."""
    with pytest.raises(error) as caught:
        parser(text)
    assert caught.value.position == position


def test_small_letters_are_named() -> None:
    """Small letters are refused and the fix asks for capitals."""
    with pytest.raises(CharacterError, match="write capital letters"):
        parse_uscc("91320621ma1mrhg205")


@pytest.mark.parametrize("parser", PARSERS)
@given(text=st.text(max_size=30) | st.text(alphabet=USCC_SIGNS, min_size=13, max_size=20))
def test_any_text_is_read_or_refused(parser: Callable[[str], Reading], text: str) -> None:
    """Nothing but an error of ours comes of a text that is no such code."""
    with contextlib.suppress(IdentifierError):
        assert parser(text).code == text
