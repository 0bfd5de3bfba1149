"""What a caller is told when something goes wrong.

::

    ApiError (a GraphQLError)   said to the caller as it is, with a code
    └── LimitError              a request that asks too much at once
    IdentifierError, LedgerError   said as they are, but for those below
    StoreError, stored records     said in general words, with an id
    every other exception          "Internal error" with an id

An exception that is not said stands in the log under its id.

The text of a store's error names files and addresses, which are nobody's business outside. Each
message carries `extensions.code`.
"""

from __future__ import annotations

import logging
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from graphql import GraphQLError

from identifiers import IdentifierError
from ledger.errors import DamageError, LedgerError, NotFoundError, StoreError, UsageError
from ledger.store.engine import store_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ApiError", "ErrorCode", "LimitError", "masked", "refusals", "told", "unavailable"]

_LOG: Final = logging.getLogger("trace_api")
_LONGEST: Final = 500  # characters of a message; some repeat what the caller sent


class ErrorCode(StrEnum):
    """The values of `extensions.code`."""

    BAD_REQUEST = "BAD_REQUEST"  # the HTTP request can't be read
    INVALID_QUERY = "INVALID_QUERY"  # the document or its variables don't fit the schema
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    INVALID_CODE = "INVALID_CODE"
    NOT_FOUND = "NOT_FOUND"
    BUSY = "BUSY"
    UNAVAILABLE = "UNAVAILABLE"  # the store fails now
    INTERNAL = "INTERNAL"


class ApiError(GraphQLError):
    """An error whose text is meant for the caller."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message, extensions={"code": code.value})


class LimitError(ApiError):
    """A request that asks too much at once."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.LIMIT_EXCEEDED, message)


def refusals(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """Errors of a document that is not executed: the caller's own, so nothing is hidden."""
    return [
        _again(error, error.message, _code(error) or ErrorCode.INVALID_QUERY) for error in errors
    ]


def told(errors: Iterable[GraphQLError], *, debug: bool) -> list[GraphQLError]:
    """Errors of an execution, as the caller may know them.

    Args:
        errors: What graphql-core collected.
        debug: Add the exception's own text to internal errors; for developers only.
    """
    return [_told(error, debug=debug) for error in errors]


def _told(error: GraphQLError, *, debug: bool) -> GraphQLError:
    cause = error.original_error
    if error.path is None:  # the variables don't fit; nothing was executed
        return _again(error, error.message, _code(error) or ErrorCode.INVALID_QUERY)
    if isinstance(error, ApiError) or isinstance(cause, ApiError):
        return _again(error, error.message, _code(error) or ErrorCode.INTERNAL)
    if isinstance(cause, GraphQLError) and cause.nodes:
        # Of graphql-core's errors, those of an argument name their place in the document; those of
        # a value that we failed to write as JSON don't.
        return _again(error, error.message, ErrorCode.INVALID_QUERY)
    return masked(cause or error, error, debug=debug)


def masked(cause: Exception, error: GraphQLError | None = None, *, debug: bool) -> GraphQLError:
    """What a caller is told of an exception.

    Args:
        cause: The exception.
        error: Where in the answer it came up, where that is known.
        debug: As for `told`.
    """
    cause = _mendable(cause)
    error = error or GraphQLError("")
    if isinstance(cause, IdentifierError):
        return _again(error, str(cause), ErrorCode.INVALID_CODE)
    if isinstance(cause, NotFoundError):
        return _again(error, str(cause), ErrorCode.NOT_FOUND)
    if isinstance(cause, UsageError):
        return _again(error, str(cause), ErrorCode.INVALID_ARGUMENT)
    if isinstance(cause, StoreError) and not isinstance(cause, DamageError):
        return _again(error, unavailable(cause), ErrorCode.UNAVAILABLE)
    if isinstance(cause, LedgerError):
        message = f"A stored record can't be read; run a verification ({_logged(cause)})."
        return _again(error, message, ErrorCode.UNAVAILABLE)
    message = f"Internal error {_logged(cause)}."
    return _again(error, f"{message} {cause!r}" if debug else message, ErrorCode.INTERNAL)


def _mendable(cause: Exception) -> Exception:
    """A driver's error as the store's; resolvers share a connection that was opened elsewhere."""
    try:
        with store_errors():
            raise cause  # noqa: TRY301 - so that the store's own rules see it
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return error


def unavailable(error: StoreError) -> str:
    """What a caller is told when the store fails; the details go to the log only."""
    return f"The ledger can't be reached or written now; try again later ({_logged(error)})."


def _logged(error: BaseException) -> str:
    """Log an exception and return the id that leads to it."""
    name = secrets.token_hex(6)
    _LOG.error("error %s", name, exc_info=error)
    return name


def _code(error: GraphQLError) -> ErrorCode | None:
    code: Any = (error.extensions or {}).get("code")
    return ErrorCode(code) if code in ErrorCode.__members__ else None


def _again(error: GraphQLError, message: str, code: ErrorCode) -> GraphQLError:
    text = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}..."
    return GraphQLError(
        text,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code.value},
    )
