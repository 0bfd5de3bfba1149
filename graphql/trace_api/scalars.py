# mypy: disallow-subclassing-any=False
"""The scalars of the schema beside GraphQL's own, and the rules for text from outside."""

from __future__ import annotations

from typing import Any, Final

import graphene
from graphql import GraphQLError, StringValueNode

from ledger.errors import TimeError
from ledger.times import as_text, parse_time
from trace_api.errors import ApiError, ErrorCode

__all__ = ["DateTime", "Long", "usable_text"]

_LONGEST_TEXT: Final = 2000  # characters; a Digital Link with all its keys has some hundreds


class DateTime(graphene.Scalar):
    """A moment as RFC 3339 text such as 2026-03-01T08:00:00Z; a bare date means the end of it."""

    @staticmethod
    def serialize(value: int) -> str:
        """Write microseconds since 1970 UTC."""
        return as_text(value)

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
