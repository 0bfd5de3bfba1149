"""Times as the ledger stores them: integers, microseconds since 1970-01-01T00:00:00Z."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, overload

from ledger.errors import TimeError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["as_text", "as_texts", "microseconds", "parse_time"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UTC_EPOCH: Final = _EPOCH.replace(tzinfo=None)
_LONGEST: Final = 40  # characters of a time
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


def microseconds(moment: datetime) -> int:
    """A moment with a time zone as microseconds since 1970 UTC, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


@overload
def as_text(time: int) -> str: ...
@overload
def as_text(time: None) -> None: ...
@overload
def as_text(time: int | None) -> str | None: ...
def as_text(time: int | None) -> str | None:
    """A stored time as RFC 3339 text in UTC, as short as it is exact; None stays None.

    Only the years 1 to 9999 can be written; a zone may put a time a few hours beyond them, which is
    then written as their first or last moment.
    """
    if time is None:
        return None
    time = min(max(time, _FIRST), _LAST)
    precision = "microseconds" if time % 1000 else "milliseconds"
    # Without a zone it is written in half the time, and traces have tens of thousands.
    return (_UTC_EPOCH + timedelta(0, 0, time)).isoformat(timespec=precision) + "Z"


def as_texts(times: Sequence[int | None]) -> list[str | None]:
    """Very many stored times as `as_text` writes them: each once, for most are told repeatedly."""
    texts: dict[int | None, str | None] = {None: None}
    seconds: dict[int, str] = {}
    for time in {*times}:
        if time is None:
            continue
        second, rest = divmod(time, 1_000_000)
        start = seconds.get(second)
        if start is None:
            # Of a whole second, so that what stands before its point serves all that it holds.
            start = seconds[second] = as_text(second * 1_000_000)[:-4]
        if not _FIRST <= time <= _LAST:
            texts[time] = as_text(time)
        elif rest % 1000:
            texts[time] = f"{start}{rest:06}Z"
        else:
            texts[time] = f"{start}{rest // 1000:03}Z"
    return [texts[time] for time in times]


def parse_time(text: str) -> int:
    """Read an RFC 3339 time, or a bare date (its end, so that "as of" a day includes the day).

    Raises:
        TimeError: It is neither.
    """
    try:
        # The library takes any number of digits behind the second; no real clock has so many.
        moment = datetime.fromisoformat(text if len(text) <= _LONGEST else "")
    except ValueError:
        raise TimeError(
            f"Expected a time such as 2026-03-01T08:00:00Z, got {shown(text)}. Check day and month."
        ) from None
    if len(text) <= len("2026-03-01"):
        moment += timedelta(days=1, microseconds=-1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return microseconds(moment)
