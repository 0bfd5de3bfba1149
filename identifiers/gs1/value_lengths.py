"""What is said of a value that is too long or too short for its application identifier.

Rules kept (GS1 General Specifications, section 3.2):

* A value that is too long is at fault from the first character that is too much; one that is too
  short, at its end.
* Digits that are a GTIN of 8, 12 or 13 are filled up to 14; a number that lacks its last digit
  alone is completed by its check digit.

Standard: https://ref.gs1.org/standards/genspecs/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.characters import is_digits
from identifiers.checkdigit import check_digit
from identifiers.errors import IdentifierError, LengthError

if TYPE_CHECKING:
    from identifiers.gs1.aitable import Entry

__all__ = ["too_long", "too_short"]

_RULE = "GS1 General Specifications, section 3.2"
_GTIN_LENGTH = 14
_SHORT_GTINS = (8, 12, 13)


def too_long(found: Entry, value: str) -> LengthError:
    """Make the error of a value that goes on behind its last component.

    Args:
        found: The AI's entry in the table.
        value: The value without the AI.
    """
    return LengthError(
        "at most {most} characters (there are {count})",
        value,
        position=found.longest,
        fix="leave out what is too much, or end the value where the next AI begins",
        ai=found.ai,
        rule=_RULE,
        most=found.longest,
        count=len(value),
    )


def too_short(found: Entry, value: str) -> IdentifierError:
    """Make the error of a value that ends too soon, with the digits that it likely lacks.

    Args:
        found: The AI's entry in the table.
        value: The value without the AI.
    """
    least, most, count = found.shortest, found.longest, len(value)
    if least != most:
        return LengthError(
            "{least} to {most} characters (there are {count})",
            value,
            position=count,
            ai=found.ai,
            rule=_RULE,
            least=least,
            most=most,
            count=count,
        )
    error = LengthError(
        "{most} characters (there are {count})",
        value,
        position=count,
        ai=found.ai,
        rule=_RULE,
        most=most,
        count=count,
    )
    if "csum" not in found.components[0].checks or not is_digits(value):
        return error
    if most == _GTIN_LENGTH and count in _SHORT_GTINS and check_digit(value[:-1]) == value[-1]:
        return error.mended_by("write the GTIN with 14 digits: {gtin}", gtin=value.zfill(most))
    if count == most - 1:
        return error.mended_by(
            "add the check digit {digit} if it is missing", digit=check_digit(value)
        )
    return error
