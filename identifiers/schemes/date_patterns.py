"""Dates in the many orders in which codes outside GS1 write them.

Rules kept:

* A pattern names the digits: ``YYYY``, ``YY`` or ``Y`` the year, ``MM`` the month, ``DD`` the day,
  ``DDD`` the day of the year, ``WW`` the week, ``HH`` the hour and ``MM`` behind it the minute.
* ``YY`` is a year of 2000 to 2099: these codes are younger than 2000 and name no rule of their own.
* ``YYY`` is ISBT 128's year without its first digit: 014 is 2014, 999 is 1999.
* A single ``Y`` names no decade, so that day 366 is let pass.
* Months, days, leap years and hours are verified; day 00 only where a scheme means the whole month.

Standard: https://www.iso.org/iso-8601-date-and-time-format.html

>>> read_date("15032027", "DDMMYYYY", rule="ANSI MH10.8.2")
'2027-03-15'
>>> read_date("20015", "YYDDD", rule="ANSI/HIBC 2.6")
'2020-01-15'
"""

from __future__ import annotations

import re

from identifiers.errors import CharacterError, DateError, LengthError

__all__ = ["read_date"]

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_RUNS = re.compile(r"Y+|M+|D+|W+|H+")
_FOREIGN = re.compile(r"[^0-9]")
_TWICE = 8  # digits of the shortest pattern that holds a range of two dates
_FIX = "write the date as {pattern}"


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 3:  # noqa: PLR2004  ISBT 128: the century's last digit and two of the year
        return year + (1000 if digits[0] == "9" else 2000)
    return year if len(digits) == 4 else year + 2000  # noqa: PLR2004  all four digits


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days(month: int, *, leap: bool) -> int:
    return 28 if month == 2 and not leap else _DAYS[month - 1]  # noqa: PLR2004  February


def _number(
    template: str, digits: str, *, first: int, last: int, place: int, pattern: str, rule: str
) -> int:
    if not first <= int(digits) <= last:
        raise DateError(
            template,
            digits,
            position=place,
            fix=_FIX,
            rule=rule,
            first=f"{first:02}",
            last=last,
            pattern=pattern,
        )
    return int(digits)


def _read(text: str, pattern: str, start: int, rule: str, *, whole_month: bool) -> str:
    """Read one date; the pattern may hold a time behind it."""
    found: dict[str, tuple[str, int]] = {}
    for run in _RUNS.finditer(pattern):
        name = "Y" if run[0].startswith("Y") else run[0]
        if name == "MM" and "HH" in found:
            name = "minute"
        found[name] = (text[run.start() : run.end()], start + run.start())

    def number(name: str, wanted: str, first: int, last: int) -> int:
        digits, place = found[name]
        return _number(
            wanted, digits, first=first, last=last, place=place, pattern=pattern, rule=rule
        )

    digits, place = found["Y"]
    year = _full_year(digits)
    if year == 0:
        raise DateError("a year from 0001 on", digits, position=place, rule=rule)
    decade_open = len(digits) == 1
    written = f"{year:04}"
    if "WW" in found:
        return f"{written}-W{number('WW', 'a week from {first} to {last}', 1, 53):02}"
    if "DDD" in found:
        limit = 366 if decade_open or _leap(year) else 365
        day = number("DDD", "a day of the year from {first} to {last}", 1, limit)
        month = 1
        while day > _days(month, leap=limit == 366):  # noqa: PLR2004  a leap year
            day -= _days(month, leap=limit == 366)  # noqa: PLR2004
            month += 1
        written += f"-{month:02}-{day:02}"
    else:
        month = number("MM", "a month from {first} to {last}", 1, 12)
        written += f"-{month:02}"
        if "DD" in found:
            last = _days(month, leap=_leap(year))
            first = 0 if whole_month else 1
            day = number("DD", "a day from {first} to {last}", first, last)
            written += f"-{day:02}" if day else ""
    if "HH" in found:
        written += f"T{number('HH', 'an hour from {first} to {last}', 0, 23):02}"
    if "minute" in found:
        written += f":{number('minute', 'a minute from {first} to {last}', 0, 59):02}"
    return written


def read_date(text: str, pattern: str, *, rule: str, whole_month: bool = False) -> str:
    """Verify the digits of a date and write it as ISO 8601 does.

    Args:
        text: The digits.
        pattern: Their order, such as ``YYMMDD``; a pattern that says one order twice is a range.
        rule: The standard that asks for it, for the error.
        whole_month: Whether day 00 is allowed and means the whole month.

    Returns:
        ``2027-03-15``, ``2027-03``, ``2027-W11`` or ``2027-03-15T16:30``; a range has a slash.

    Raises:
        CharacterError: Something other than a digit is there.
        DateError: There is no such date or time.
        LengthError: There are too few or too many digits.
    """
    fault = _FOREIGN.search(text)
    if fault is not None:
        raise CharacterError("a digit", fault[0], position=fault.start(), rule=rule)
    if len(text) != len(pattern):
        raise LengthError(
            "{count} digits of a date, {pattern}",
            text,
            position=min(len(text), len(pattern)),
            rule=rule,
            count=len(pattern),
            pattern=pattern,
        )
    half = len(pattern) // 2
    if len(pattern) >= _TWICE and pattern[:half] == pattern[half:]:
        dates = [
            _read(text[start : start + half], pattern[:half], start, rule, whole_month=whole_month)
            for start in (0, half)
        ]
        if dates[0] > dates[1]:
            raise DateError(
                "a range whose first date is the earlier one", text, position=half, rule=rule
            )
        return "/".join(dates)
    return _read(text, pattern, 0, rule, whole_month=whole_month)
