r"""The text forms that EPCIS fields take, as regular expressions.

They run in C, inside msgspec, for each field of each event, and say exactly what the official JSON
Schema says with its formats asserted:

* a URI is RFC 3986 section 3 with a scheme, ASCII only: an IPv6 host is bracketed;
* a time is RFC 3339 section 5.6 with a zone; the day exists in the calendar; there is
  no leap second and no year 0;
* all are closed with ``\Z``, for ``$`` would let a trailing line break pass.

https://www.rfc-editor.org/rfc/rfc3986 https://www.rfc-editor.org/rfc/rfc3339
"""

import re
from datetime import UTC, datetime
from typing import Final

__all__ = [
    "DATE_TIME",
    "HEX",
    "IS_DATE_TIME",
    "IS_URI",
    "UNIT",
    "URI",
    "VERSION",
    "ZONE_OFFSET",
    "microseconds",
]

# Possessive runs (`++`, `*+`) keep the match linear and fast; the (?a) flag keeps \w and \d ASCII.
_SUB: Final = r"\w.~!$&'()*+,;="
_PATH: Final = rf"(?:[{_SUB}:@/-]++|%[0-9A-Fa-f]{{2}})*+"
_QUERY: Final = rf"(?:[{_SUB}:@/?-]++|%[0-9A-Fa-f]{{2}})*+"
_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_GROUP: Final = r"[0-9A-Fa-f]{1,4}"
_LAST: Final = rf"(?:{_GROUP}:{_GROUP}|(?:{_OCTET}\.){{3}}{_OCTET})"
_IPV6: Final = (
    rf"(?:(?:{_GROUP}:){{6}}{_LAST}|::(?:{_GROUP}:){{5}}{_LAST}"
    rf"|(?:{_GROUP})?::(?:{_GROUP}:){{4}}{_LAST}"
    rf"|(?:(?:{_GROUP}:)?{_GROUP})?::(?:{_GROUP}:){{3}}{_LAST}"
    rf"|(?:(?:{_GROUP}:){{0,2}}{_GROUP})?::(?:{_GROUP}:){{2}}{_LAST}"
    rf"|(?:(?:{_GROUP}:){{0,3}}{_GROUP})?::{_GROUP}:{_LAST}"
    rf"|(?:(?:{_GROUP}:){{0,4}}{_GROUP})?::{_LAST}"
    rf"|(?:(?:{_GROUP}:){{0,5}}{_GROUP})?::{_GROUP}"
    rf"|(?:(?:{_GROUP}:){{0,6}}{_GROUP})?::)"
)
_NAME: Final = rf"(?:[{_SUB}-]++|%[0-9A-Fa-f]{{2}})*+"
_USER: Final = rf"(?:[{_SUB}:-]++|%[0-9A-Fa-f]{{2}})*+@"
_HOST: Final = rf"(?:{_NAME}|\[(?:{_IPV6}|v[0-9A-Fa-f]+\.[{_SUB}:-]+)\])(?::\d*)?(?=[/?#]|\Z)"
_URI_BODY: Final = (
    rf"[A-Za-z][A-Za-z0-9+.-]*+:(?://(?:{_HOST}|{_USER}{_HOST})(?:/{_PATH})?|(?!//){_PATH})"
    rf"(?:\?{_QUERY})?(?:\#{_QUERY})?"
)
URI: Final = rf"(?a)\A{_URI_BODY}\Z"
"""An absolute URI, with or without a fragment."""

_LEAP: Final = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
DATE_TIME: Final = (
    r"(?a)\A(?!0000)(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    rf"|{_LEAP}-02-29)"
    r"[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)\Z"
)
"""A date and time with a zone, on a day that exists."""

ZONE_OFFSET: Final = r"(?a)\A[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)\Z"
"""EPCIS 2.0 section 7.4.1, eventTimeZoneOffset."""
UNIT: Final = r"\A[A-Z0-9]{2,3}\Z"
"""The form of a UN/ECE Recommendation 20 common code."""
VERSION: Final = r"(?a)\A\d+(?:\.\d+)*\Z"
"""schemaVersion."""
HEX: Final = r"\A[A-Fa-f0-9]+\Z"
"""hexBinaryValue."""

IS_URI: Final = re.compile(URI).match
IS_DATE_TIME: Final = re.compile(DATE_TIME).match

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400


def microseconds(text: str) -> int:
    """Return the UTC microseconds since 1970 of a time that matches `DATE_TIME`.

    Digits behind the sixth are cut off, never rounded up: a projection must not move an event into
    the next second.
    """
    since = datetime.fromisoformat(text.upper()) - _EPOCH
    return (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds
