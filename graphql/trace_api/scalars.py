# mypy: disallow-subclassing-any=False
"""The scalars of the schema beside GraphQL's own, and the rules for text from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import graphene
import numpy as np
import orjson
from graphql import GraphQLError, StringValueNode

from ledger.errors import TimeError
from ledger.times import as_text, microseconds, parse_time
from trace_api.errors import ApiError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DateTime", "Long", "usable_text"]

_ARRAYS: Final = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
_FIRST: Final = microseconds(datetime.min.replace(tzinfo=UTC))  # as `as_text` writes
_LONGEST_TEXT: Final = 2000  # characters; a Digital Link with all its keys has some hundreds


class DateTime(graphene.Scalar):
    """A moment as RFC 3339 text such as 2026-03-01T08:00:00Z; a bare date means the end of it."""

    @staticmethod
    def serialize(value: int) -> str:
        """Write microseconds since 1970 UTC."""
        return as_text(value)

    @staticmethod
    def serialize_column(values: Sequence[int]) -> list[str]:
        """Write many at once, each as `serialize` does."""
        try:
            times = np.maximum(np.array(values, np.int64), _FIRST)
            whole = times % 1000 == 0  # milliseconds
            # A microsecond more, so that all have six digits behind the second.
            moments = (times + whole).view("datetime64[us]")
            written = bytearray(orjson.dumps(moments, option=_ARRAYS))
        except (OverflowError, orjson.JSONEncodeError):
            return list(map(as_text, values))
        # Each takes thirty bytes: "2026-03-01T08:00:00.123001Z", of which four are too many.
        texts = np.frombuffer(written, np.uint8)[1 : 1 + 30 * len(values)].reshape(-1, 30)
        texts[whole, 24:29] = np.frombuffer(b'Z"   ', np.uint8)
        return cast("list[str]", orjson.loads(written))

    @staticmethod
    def parse_value(value: Any) -> int:
        """Read the value of a variable."""
        if not isinstance(value, str):
            raise GraphQLError(f"Expected a time as text, got {str(value)[:40]!r}.")
        try:
            return parse_time(value)
        except TimeError:
            raise GraphQLError(
                f"Expected a time such as 2026-03-01T08:00:00Z, got {value[:40]!r}."
            ) from None

    @staticmethod
    def parse_literal(node: Any, _variables: Any = None) -> int:
        """Read a value that stands in the document."""
        if not isinstance(node, StringValueNode):
            raise GraphQLError('Expected a time in quotes such as "2026-03-01T08:00:00Z".')
        return DateTime.parse_value(node.value)


class Long(graphene.Scalar):
    """An integer below 2^53: exact in every language, and larger than Int where a log is long."""

    @staticmethod
    def serialize(value: int) -> int:
        """Write the integer."""
        return int(value)


def usable_text(name: str, text: str) -> str:
    """Return text of an argument that a database can look up.

    Raises:
        ApiError: It is too long, or has characters that no stored code or word has.
    """
    if len(text) > _LONGEST_TEXT:
        raise ApiError(
            ErrorCode.INVALID_ARGUMENT,
            f"Expected {name} of at most {_LONGEST_TEXT} characters, got {len(text)}.",
        )
    # NUL is refused by PostgreSQL; half a surrogate pair has no UTF-8 form.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ApiError(
            ErrorCode.INVALID_ARGUMENT,
            f"Expected {name} as plain text, got a character that can't be stored.",
        )
    return text
