"""Dates in the orders of other schemes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import CharacterError, DateError, IdentifierError, LengthError
from identifiers.schemes.date_patterns import read_date

RULE = "a rule"


@pytest.mark.parametrize(
    ("text", "pattern", "iso"),
    [
        ("270315", "YYMMDD", "2027-03-15"),
        ("150327", "DDMMYY", "2027-03-15"),
        ("031527", "MMDDYY", "2027-03-15"),
        ("0327", "MMYY", "2027-03"),
        ("202711", "YYYYWW", "2027-W11"),
        ("24366", "YYDDD", "2024-12-31"),
        ("24060", "YYDDD", "2024-02-29"),
        ("23060", "YYDDD", "2023-03-01"),
        ("014032", "YYYDDD", "2014-02-01"),
        ("999001", "YYYDDD", "1999-01-01"),
        ("7366", "YDDD", "2007-12-31"),
        ("1900060", "YYYYDDD", "1900-03-01"),
        ("27031516", "YYMMDDHH", "2027-03-15T16"),
        ("202703151659", "YYYYMMDDHHMM", "2027-03-15T16:59"),
        ("24112502", "YYWWYYWW", "2024-W11/2025-W02"),
        ("2020010120200102", "YYYYMMDDYYYYMMDD", "2020-01-01/2020-01-02"),
    ],
)
def test_patterns(text: str, pattern: str, iso: str) -> None:
    """Each order of digits gives the ISO date that it means."""
    assert read_date(text, pattern, rule=RULE) == iso


def test_day_zero_is_the_whole_month() -> None:
    """Day 00 is the month where the scheme says so, and no date elsewhere."""
    assert read_date("270300", "YYMMDD", rule=RULE, whole_month=True) == "2027-03"
    with pytest.raises(DateError, match="a day from 01 to 31"):
        read_date("270300", "YYMMDD", rule=RULE)


@pytest.mark.parametrize(
    ("text", "pattern", "error", "position"),
    [
        ("27031", "YYMMDD", LengthError, 5),
        ("2703155", "YYMMDD", LengthError, 6),
        ("27O315", "YYMMDD", CharacterError, 2),
        ("２７0315", "YYMMDD", CharacterError, 0),
        ("271315", "YYMMDD", DateError, 2),
        ("270229", "YYMMDD", DateError, 4),
        ("310427", "DDMMYY", DateError, 0),
        ("00000101", "YYYYMMDD", DateError, 0),
        ("23366", "YYDDD", DateError, 2),
        ("1900366", "YYYYDDD", DateError, 4),
        ("23000", "YYDDD", DateError, 2),
        ("2454", "YYWW", DateError, 2),
        ("27031524", "YYMMDDHH", DateError, 6),
        ("202703151660", "YYYYMMDDHHMM", DateError, 10),
        ("2020010120190102", "YYYYMMDDYYYYMMDD", DateError, 8),
        ("2020010120201302", "YYYYMMDDYYYYMMDD", DateError, 12),
    ],
)
def test_faults_have_their_place(
    text: str, pattern: str, error: type[IdentifierError], position: int
) -> None:
    """What is no date is refused where the fault stands, with the scheme's own rule."""
    with pytest.raises(error) as caught:
        read_date(text, pattern, rule=RULE)
    assert (caught.value.position, caught.value.rule) == (position, RULE)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_has_one_name(day: date) -> None:
    """A day written in any order is that day."""
    for pattern, form in (("YYMMDD", "%y%m%d"), ("DDMMYYYY", "%d%m%Y"), ("YYDDD", "%y%j")):
        assert read_date(day.strftime(form), pattern, rule=RULE) == day.isoformat()
