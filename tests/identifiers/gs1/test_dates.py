"""Dates and times of GS1 values."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import CharacterError, DateError, LengthError
from identifiers.gs1.dates import as_iso_date, full_year, verify_date, verify_time


@pytest.mark.parametrize(
    ("two_digits", "current", "wanted"),
    [
        (26, 2026, 2026),
        (76, 2026, 2076),
        (77, 2026, 1977),
        (0, 2026, 2000),
        (49, 1999, 2049),
        (50, 1999, 1950),
    ],
)
def test_century_slides(two_digits: int, current: int, wanted: int) -> None:
    """A two-digit year lies at most 49 years back and 50 ahead."""
    assert full_year(two_digits, current) == wanted


@given(st.integers(0, 99), st.integers(1900, 2200))
def test_century_window(two_digits: int, current: int) -> None:
    """The year has the two digits and lies within the window."""
    year = full_year(two_digits, current)
    assert year % 100 == two_digits
    assert -50 < year - current < 51


@given(st.dates(dt.date(2000, 1, 1), dt.date(2049, 12, 31)))
def test_real_dates_are_read(date: dt.date) -> None:
    """Every real date passes and comes back as ISO 8601."""
    text = date.strftime("%y%m%d")
    verify_date(text)
    verify_date(date.strftime("%Y%m%d"), year_digits=4)
    assert as_iso_date(text, 2020) == date.isoformat()


@pytest.mark.parametrize(("text", "wanted"), [("240200", "2024-02-29"), ("270600", "2027-06-30")])
def test_day_zero_is_the_whole_month(text: str, wanted: str) -> None:
    """Day 00 stands for the last day where it is allowed, and is refused elsewhere."""
    assert as_iso_date(text, 2026) == wanted
    with pytest.raises(DateError):
        verify_date(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [("261301", 2), ("260001", 2), ("260230", 4), ("270229", 4), ("260132", 4)],
)
def test_impossible_dates(text: str, position: int) -> None:
    """There is no 13th month and no 30th of February; the error points at the part."""
    with pytest.raises(DateError) as caught:
        verify_date(text, whole_month=True)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "year_digits", "fix"),
    [
        ("311299", 2, "write 991231 if the day came first"),
        ("31122026", 4, "write 20261231 if the day came first"),
        ("123126", 2, "write 261231 if the month came first"),
        ("12312026", 4, "write 20261231 if the month came first"),
        ("993112", 2, "write 991231 if the day stands before the month"),
        ("20263112", 4, "write 20261231 if the day stands before the month"),
        ("269999", 2, "write the date as year, month, day"),
        ("260100", 2, "write the day; this date has no 00 for the whole month"),
        ("30122601", 4, "write the date as year, month, day"),
    ],
)
def test_other_orders_of_a_date_are_recognised(text: str, year_digits: int, fix: str) -> None:
    """A date that is one in another order of its parts is written out in the right one."""
    with pytest.raises(DateError) as caught:
        verify_date(text, year_digits=year_digits)
    assert caught.value.fix == fix


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["%d%m%Y", "%m%d%Y"]))
def test_what_is_proposed_is_a_date(date: dt.date, order: str) -> None:
    """A proposed date is always a real one, whatever was written."""
    try:
        verify_date(date.strftime(order), year_digits=4)
    except DateError as error:
        verify_date(str(error.details["date"]), year_digits=4)


@pytest.mark.parametrize("text", ["", "26010", "2601011"])
def test_wrong_length(text: str) -> None:
    """A date has exactly its digits."""
    with pytest.raises(LengthError):
        verify_date(text)


def test_century_years() -> None:
    """1900 was no leap year, 2000 was."""
    verify_date("20000229", year_digits=4)
    with pytest.raises(DateError):
        verify_date("19000229", year_digits=4)


def test_times() -> None:
    """Hours end at 23, minutes and seconds at 59."""
    verify_time("2359")
    verify_time("59", "second")
    with pytest.raises(DateError, match="hour") as caught:
        verify_time("2400")
    assert caught.value.position == 0
    with pytest.raises(DateError, match="minute"):
        verify_time("2360")
    with pytest.raises(LengthError):
        verify_time("235")
    with pytest.raises(CharacterError):
        verify_time("２３59")
