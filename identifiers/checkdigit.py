"""Check digits and check character pairs of GS1 keys.

Rules kept:

* Check digit: weights 3 and 1 alternate from the right; GS1 General Specifications, section 7.9.1.
* Check character pair of GMN and MUDI: prime weights from the right, modulo 1021; section 7.9.5.
* International bank account number: ISO 13616, modulo 97.

Standard: https://ref.gs1.org/standards/genspecs/

>>> check_digit("950600013435")
'2'
>>> check_pair("1987654Ad4X4bL5ttr2310c")
'2K'
"""

from __future__ import annotations

from functools import lru_cache

from identifiers.characters import CSET32, CSET82, require
from identifiers.errors import CheckDigitError, LengthError

__all__ = ["check_digit", "check_pair", "verify_check_digit", "verify_check_pair"]

_DIGIT_RULE = "GS1 General Specifications, section 7.9.1"
_PAIR_RULE = "GS1 General Specifications, section 7.9.5"
_WEIGHTS = 97  # as far as the check of the dictionary reaches; a GMN or MUDI needs 23
_MODULUS = 1021  # the largest prime that two characters of 5 bits can express
_VALUES = {character: value for value, character in enumerate(CSET82)}


@lru_cache(maxsize=1)
def _primes() -> tuple[int, ...]:
    """List the weights of a check character pair from the right: 2, 3, 5, 7, 11, ..."""
    found: list[int] = []
    number = 1
    while len(found) < _WEIGHTS:
        number += 1
        if all(number % prime for prime in found):
            found.append(number)
    return tuple(found)


def _sum(digits: str) -> int:
    """Sum up the data digits with weights 3, 1, 3, ... from the right; ASCII digits only."""
    code = digits.encode()
    # Each byte is 48 too high; the weighted excess is taken off modulo 10.
    odd, even = code[::-2], code[-2::-2]
    return 3 * (sum(odd) - 48 * len(odd)) + sum(even) - 48 * len(even)


def check_digit(digits: str) -> str:
    """Compute the check digit that follows the digits given.

    Args:
        digits: The data digits without a check digit; any number from one on.

    Returns:
        One digit.

    Raises:
        CharacterError: Something other than an ASCII digit is among them.
        LengthError: There is no digit at all.
    """
    require("N", digits)
    if not digits:
        raise LengthError("at least one digit", digits, position=0, rule=_DIGIT_RULE)
    return str(-_sum(digits) % 10)


def verify_check_digit(digits: str) -> None:
    """Verify the last digit against the digits before it.

    Args:
        digits: The data digits with their check digit.

    Raises:
        CharacterError: Something other than an ASCII digit is among them.
        CheckDigitError: The last digit is wrong; the fix names the right one.
        LengthError: There are fewer than two digits.
    """
    require("N", digits)
    if len(digits) < 2:  # noqa: PLR2004  one data digit and its check digit
        raise LengthError(
            "at least one digit and its check digit", digits, position=0, rule=_DIGIT_RULE
        )
    wanted = str(-_sum(digits[:-1]) % 10)
    if wanted != digits[-1]:
        raise CheckDigitError(
            "check digit {wanted}",
            digits[-1],
            position=len(digits) - 1,
            fix="check digit should be {wanted}, unless another digit is mistyped",
            rule=_DIGIT_RULE,
            wanted=wanted,
        )


def check_pair(text: str) -> str:
    """Compute the check character pair that follows a GMN or MUDI without one.

    Args:
        text: Up to 97 characters of CSET 82.

    Returns:
        Two characters of CSET 32.

    Raises:
        CharacterError: A character is outside CSET 82.
        LengthError: The text is longer than the weights reach.
    """
    require("X", text)
    if len(text) > _WEIGHTS:
        raise LengthError(
            "at most {limit} characters", text, position=_WEIGHTS, rule=_PAIR_RULE, limit=_WEIGHTS
        )
    weighted = zip(reversed(text), _primes(), strict=False)
    value = sum(_VALUES[character] * weight for character, weight in weighted) % _MODULUS
    return CSET32[value >> 5] + CSET32[value & 31]


def verify_check_pair(text: str) -> None:
    """Verify the last two characters against those before them.

    Args:
        text: A GMN or MUDI with its check character pair.

    Raises:
        CharacterError: A character is outside CSET 82.
        CheckDigitError: The pair is wrong; the fix names the right one.
        LengthError: There is no room for a pair, or the text is too long.
    """
    if len(text) < 2:  # noqa: PLR2004  the pair itself
        raise LengthError("at least two characters", text, position=0, rule=_PAIR_RULE)
    wanted = check_pair(text[:-2])
    if wanted != text[-2:]:
        raise CheckDigitError(
            "check characters {wanted}",
            text[-2:],
            position=len(text) - 2,
            fix="check characters should be {wanted}, unless another character is mistyped",
            rule=_PAIR_RULE,
            wanted=wanted,
        )
