"""Dates and times inside GS1 values.

Rules kept:

* A date of six digits is YYMMDD; where the rule allows it, day 00 stands for the whole month, that
  is its last day.
* The century slides: a year 51 or more ahead of the current one belongs to the century before, a
  year 50 or more behind it to the century after (GS1 General Specifications, section 7.12).
* Months, days and leap years are checked; the only year whose century matters for a leap day, 00,
  is read as 2000.

Standard: https://ref.gs1.org/standards/genspecs/

>>> as_iso_date("270200", 2026)
'2027-02-28'
"""

from __future__ import annotations

from identifiers.characters import require
from identifiers.errors import DateError, IdentifierError, LengthError
from identifiers.messages import Phrase

__all__ = ["as_iso_date", "full_year", "verify_date", "verify_time"]

_RULE = "GS1 General Specifications, section 7.12"
_ORDER = "write the date as year, month, day"
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CENTURIES = (19, 20)  # of a date with four digits of its year that is likely meant
_TIME_UNITS = ((Phrase("hour"), 24), (Phrase("minute"), 60), (Phrase("second"), 60))


def full_year(two_digits: int, current_year: int) -> int:
    """Choose the century of a two-digit year (GS1 General Specifications, section 7.12).

    Args:
        two_digits: 0 to 99.
        current_year: The year in which the code is read, in full.

    Returns:
        The year in full.
    """
    year = current_year - current_year % 100 + two_digits
    ahead = year - current_year
    if ahead >= 51:  # noqa: PLR2004  the standard's own bound
        return year - 100
    if ahead <= -50:  # noqa: PLR2004  the standard's own bound
        return year + 100
    return year


def _last_day(year: int, month: int) -> int:
    if month == 2 and (year % 4 or (year % 100 == 0 and year % 400)):  # noqa: PLR2004  February
        return 28
    return _DAYS[month - 1]


def verify_date(text: str, *, year_digits: int = 2, whole_month: bool = False) -> None:
    """Verify a date of digits.

    Args:
        text: YYMMDD, or YYYYMMDD.
        year_digits: 2 or 4.
        whole_month: Whether day 00 is allowed.

    Raises:
        CharacterError: Something other than a digit is there.
        DateError: There is no such month or day.
        LengthError: There are too few or too many digits.
    """
    length = year_digits + 4
    require("N", text)
    if len(text) != length:
        raise LengthError(
            "{length} digits of a date",
            text,
            position=min(len(text), length),
            fix=_ORDER,
            rule=_RULE,
            length=length,
        )
    year, month, day = (
        int(text[:year_digits]) + (2000 if year_digits == 2 else 0),  # noqa: PLR2004
        int(text[year_digits:-2]),
        int(text[-2:]),
    )
    if not 1 <= month <= len(_DAYS):
        error = DateError(
            "a month from 01 to 12", text[year_digits:-2], position=year_digits, fix=_ORDER
        )
        raise _reordered(error, text, year_digits)
    first, last = (0 if whole_month else 1), _last_day(year, month)
    if first <= day <= last:
        return
    error = DateError(
        "a day from {first} to {last}",
        text[-2:],
        position=length - 2,
        fix=_ORDER,
        first=f"{first:02}",
        last=last,
    )
    if not day:
        raise error.mended_by("write the day; this date has no 00 for the whole month")
    raise _reordered(error, text, year_digits)


def _reordered(error: DateError, text: str, year_digits: int) -> IdentifierError:
    """Name the date that was meant if its parts were written in another order."""
    year, month, day = text[-year_digits:], text[2:4], text[:2]
    for template, date in (
        ("write {date} if the day came first", year + month + day),
        ("write {date} if the month came first", year + day + month),
        ("write {date} if the day stands before the month", text[:-4] + text[-2:] + text[-4:-2]),
    ):
        number = int(date[:-4]) + (2000 if year_digits == 2 else 0)  # noqa: PLR2004
        if (
            number // 100 in _CENTURIES
            and 1 <= int(date[-4:-2]) <= len(_DAYS)
            and 1 <= int(date[-2:]) <= _last_day(number, int(date[-4:-2]))
        ):
            return error.mended_by(template, date=date)
    return error


def verify_time(text: str, units: str = "hour minute") -> None:
    """Verify a time of two digits a unit.

    Args:
        text: For example ``2359`` for the units ``hour minute``.
        units: Some of ``hour``, ``minute`` and ``second``, in order.

    Raises:
        CharacterError: Something other than a digit is there.
        DateError: There is no such hour, minute or second.
        LengthError: There are too few or too many digits.
    """
    wanted = [unit for unit in _TIME_UNITS if unit[0] in units.split()]
    require("N", text)
    if len(text) != 2 * len(wanted):
        raise LengthError(
            "{length} digits of a time", text, position=0, rule=_RULE, length=2 * len(wanted)
        )
    for index, (name, limit) in enumerate(wanted):
        part = text[2 * index : 2 * index + 2]
        if int(part) >= limit:
            raise DateError(
                "a {unit} from 00 to {last}", part, position=2 * index, unit=name, last=limit - 1
            )


def as_iso_date(text: str, current_year: int) -> str:
    """Convert YYMMDD to an ISO 8601 date; day 00 becomes the last day of the month.

    Args:
        text: Six digits.
        current_year: The year in which the code is read, in full; it settles the century.

    Returns:
        The date as YYYY-MM-DD.

    Raises:
        IdentifierError: As `verify_date` does.
    """
    verify_date(text, whole_month=True)
    year, month = full_year(int(text[:2]), current_year), int(text[2:4])
    day = int(text[4:]) or _last_day(year, month)
    return f"{year:04}-{month:02}-{day:02}"
