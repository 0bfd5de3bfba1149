"""The text forms against independent validators."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import FormatChecker  # type: ignore[import-untyped]

from ledger.epcis.syntax import IS_DATE_TIME, IS_URI, microseconds

CHECKER = FormatChecker()

URIS = [
    "urn:epc:id:sgtin:9506000.013435.A1",
    "https://id.gs1.org/01/09506000134352/21/A%2F1?linkType=gs1:pip#top",
    "http://user:pass@example.com:8080/a;b=c",
    "http://[2001:db8::1]:80/",
    "http://[::ffff:192.0.2.1]",
    "http://[v1.fe:80]/",
    "ni:///sha-256;abc?ver=CBV2.0",
    "example:lot",
    "a:",
    "a:/b",
]


@pytest.mark.parametrize("text", URIS)
def test_uris_are_taken(text: str) -> None:
    """URIs of all forms are absolute URIs."""
    assert IS_URI(text)


@pytest.mark.parametrize("text", ["", "lot", "//example.com/a", "1a:b", "a://b c", "a:é", "a:b\n"])
def test_other_text_is_no_uri(text: str) -> None:
    """Words, relative references, blanks, other letters and line breaks are refused."""
    assert not IS_URI(text)


edits = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([*'ab1:/?#[]@!%2F._- {}"<>\\^`|é', ""])),
    max_size=3,
)


@given(st.sampled_from(URIS), edits)
def test_uris_agree_with_an_independent_validator(
    text: str, changes: list[tuple[int, str]]
) -> None:
    """A URI with a few characters changed gets the verdict of another implementation of RFC 3986."""
    for position, character in changes:
        text = text[:position] + character + text[position + 1 :]
    assert bool(IS_URI(text)) == CHECKER.conforms(text, "uri")


@given(
    st.from_regex(
        r"\A(20|19|00|21)(00|04|23|24)-(00|02|04|12|13)-(00|01|28|29|30|31|32)"
        r"[T t](00|23|24):(00|59|60):(00|59|60)(\.|\.0|\.1234567)?(Z|z|[+-](00|14|23|24):(00|60))?\Z"
    )
)
def test_times_agree_with_an_independent_validator(text: str) -> None:
    """Times around every edge of the calendar get the verdict of another implementation."""
    assert bool(IS_DATE_TIME(text)) == CHECKER.conforms(text, "date-time")


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_are_exact(moment: datetime) -> None:
    """Every moment of the calendar is counted exactly from 1970."""
    count = microseconds(moment.isoformat())
    assert IS_DATE_TIME(moment.isoformat())
    assert (moment - datetime(1970, 1, 1, tzinfo=UTC)).days == count // 86_400_000_000
    assert count % 1_000_000 == moment.microsecond


def test_digits_behind_the_sixth_are_cut_off() -> None:
    """A time never moves into the next second, and its zone is applied."""
    assert microseconds("1970-01-01T08:00:00.9999999+08:00") == 999_999
    assert microseconds("1969-12-31t23:59:59.5z") == -500_000
