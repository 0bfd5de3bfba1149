"""Check digits and check character pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.checkdigit import check_digit, check_pair, verify_check_digit, verify_check_pair
from identifiers.errors import CharacterError, CheckDigitError, LengthError

DIGITS = st.text(alphabet="0123456789", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("digits", "wanted"),
    [("0950600013435", "2"), ("629104150021", "3"), ("9638507", "4"), ("03600029145", "2")],
)
def test_known_check_digits(digits: str, wanted: str) -> None:
    """GTINs of several lengths have the check digits that are printed on them."""
    assert check_digit(digits) == wanted


@given(DIGITS)
def test_computed_digit_verifies(digits: str) -> None:
    """What check_digit computes, verify_check_digit accepts, and no other digit."""
    right = check_digit(digits)
    verify_check_digit(digits + right)
    for wrong in set("0123456789") - {right}:
        with pytest.raises(CheckDigitError):
            verify_check_digit(digits + wrong)


@given(DIGITS, st.integers(min_value=0), st.integers(min_value=1, max_value=9))
def test_every_single_wrong_digit_is_caught(digits: str, index: int, shift: int) -> None:
    """One mistyped digit never passes."""
    place = index % len(digits)
    typed = str((int(digits[place]) + shift) % 10)
    with pytest.raises(CheckDigitError):
        verify_check_digit(digits[:place] + typed + digits[place + 1 :] + check_digit(digits))


def test_fix_names_the_right_digit() -> None:
    """The error tells what the check digit should be and where it stands."""
    with pytest.raises(CheckDigitError, match="check digit should be 2") as caught:
        verify_check_digit("9506000134353")
    assert caught.value.position == 12


@pytest.mark.parametrize("digits", ["", "1"])
def test_too_short(digits: str) -> None:
    """A check digit alone proves nothing."""
    with pytest.raises(LengthError):
        verify_check_digit(digits)


def test_nothing_has_no_check_digit() -> None:
    """There is no check digit of no digits."""
    with pytest.raises(LengthError):
        check_digit("")


@pytest.mark.parametrize("digits", ["12x4", "１２３４"])
def test_foreign_digits(digits: str) -> None:
    """Letters and full-width digits are refused, not read."""
    with pytest.raises(CharacterError):
        check_digit(digits)
    with pytest.raises(CharacterError):
        verify_check_digit(digits)


def test_known_pair() -> None:
    """The example of the standard has its pair; another is refused with the right one named."""
    assert check_pair("1987654Ad4X4bL5ttr2310c") == "2K"
    verify_check_pair("1987654Ad4X4bL5ttr2310c2K")
    with pytest.raises(CheckDigitError, match="should be 2K"):
        verify_check_pair("1987654Ad4X4bL5ttr2310cXK")


def test_pair_lengths() -> None:
    """A pair needs two characters and reaches over 97 at most."""
    with pytest.raises(LengthError):
        verify_check_pair("2")
    with pytest.raises(LengthError):
        check_pair("1" * 98)
