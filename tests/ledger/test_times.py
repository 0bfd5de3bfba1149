"""Times: exact microseconds, RFC 3339 text, and what a person types."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import TimeError
from ledger.times import as_text, as_texts, microseconds, parse_time

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001 - bounds are naive


@given(MOMENTS)
def test_a_time_survives_the_round_trip(moment: datetime) -> None:
    """A stored time's text reads back as the same microsecond."""
    stored = microseconds(moment)
    text = as_text(stored)
    assert text.endswith("Z")
    assert parse_time(text) == stored
    assert datetime.fromisoformat(text) == moment


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (None, None),
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_500, "1970-01-01T00:00:00.001500Z"),
        (2_000, "1970-01-01T00:00:00.002Z"),
    ],
)
def test_a_time_is_as_short_as_it_is_exact(time: int | None, text: str | None) -> None:
    """Milliseconds are written unless microseconds are needed; no time stays none."""
    assert as_text(time) == text


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_beyond_the_calendar(sent: str, shown: str) -> None:
    """A zone may put a time a few hours beyond the years that can be written; its text is the edge."""
    assert as_text(parse_time(sent)) == shown


@pytest.mark.parametrize("day", ["2026-03-01", "20260301", "2026-W09-7"])
def test_a_bare_date_includes_its_day(day: str) -> None:
    """A bare date means its last microsecond in UTC."""
    assert parse_time(day) == microseconds(datetime(2026, 3, 2, tzinfo=UTC)) - 1


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T08:00:00Z", "2026-03-01T16:00:00+08:00", "2026-03-01 08:00", "2026-03-01T08"],
)
def test_a_time_without_zone_is_utc(text: str) -> None:
    """A time means the same in any zone, and UTC where none is named."""
    assert parse_time(text) == microseconds(datetime(2026, 3, 1, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    "text", ["", "now", "2026-02-30", "2026-13-01T00:00:00Z", "2026-03-01T25:00Z"]
)
def test_what_is_no_time(text: str) -> None:
    """What is no time is refused with an example and what came."""
    with pytest.raises(TimeError) as caught:
        parse_time(text)
    assert "2026-03-01T08:00:00Z" in str(caught.value)
    assert repr(text) in str(caught.value)


@given(st.lists(st.none() | st.integers(-(10**17), 10**18) | st.integers(-(10**7), 10**7)))
def test_many_times_are_written_as_one_is(times: list[int | None]) -> None:
    """Also those that can't be written, and those that stand twice."""
    assert as_texts([*times, *times]) == [as_text(time) for time in [*times, *times]]
