"""From the text of a request to its answer: limits, parsing, validation, execution, masked errors.

Rules kept:

* Nothing is validated, let alone executed, before `trace_api.limits` let it pass.
* A request runs in one thread, on one snapshot of the ledger.
* No exception leaves but those of the HTTP layer; what a caller isn't told stands in the log.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import msgspec
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql_server.exceptions import GraphQLValidationError
from graphql_server.http.exceptions import HTTPException

from trace_api.columns import ColumnContext
from trace_api.errors import ApiError, ErrorCode, masked, refusals, told
from trace_api.limits import check_document, check_text, check_variables
from trace_api.resources import Asking
from trace_api.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from graphql import DocumentNode

    from trace_api.resources import Resources

__all__ = ["Executor", "encoded"]

_MOST_ERRORS: Final = 20
"""Errors of validation after which it stops."""
_REMEMBERED: Final = 32
"""Documents that are kept: a client sends the same few all day, and none takes more than some
hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Answers requests, each in the thread that calls."""

    resources: Resources
    verifying: Lock = field(default_factory=Lock)

    def answer(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation: str | None,
        *,
        authorization: str | None,
        allowed: Collection[OperationType],
    ) -> ExecutionResult:
        """Answer one request.

        Args:
            query: The document.
            variables: Its variables.
            operation: The name of the operation to execute, where the document has several.
            authorization: The Authorization header.
            allowed: What the HTTP method allows.

        Raises:
            GraphQLValidationError: The document is refused; nothing was executed.
            HTTPException: The HTTP method doesn't allow the operation.
        """
        document = _checked(query, variables, operation, allowed)
        try:
            with Asking(self.resources, self.verifying, authorization) as context:
                result = execute_sync(
                    SCHEMA,
                    document,
                    variable_values=dict(variables or {}),
                    operation_name=operation,
                    context_value=context,
                    execution_context_class=ColumnContext,
                )
        except Exception as error:  # noqa: BLE001 - the last place where it can be masked
            return ExecutionResult(None, [masked(error, debug=self.resources.debug)])
        errors = told(result.errors or (), debug=self.resources.debug)
        return ExecutionResult(result.data, errors or None)


def encoded(answer: Mapping[str, Any]) -> bytes:
    """Write an answer, whose rows may be records (`trace_api.columns`), as JSON."""
    try:
        return msgspec.json.encode(answer)
    except (TypeError, ValueError):
        # Half a surrogate pair, as an error may repeat of a request, has no UTF-8 form.
        return json.dumps(answer, default=msgspec.to_builtins).encode("ascii")


def _checked(
    query: str,
    variables: Mapping[str, Any] | None,
    operation: str | None,
    allowed: Collection[OperationType],
) -> DocumentNode:
    try:
        check_variables(variables)
        document = _parsed(query)
        check_document(document, variables)
    except GraphQLError as error:
        raise GraphQLValidationError(refusals([error])) from error
    chosen = get_operation_ast(document, operation)
    if chosen is None:
        text = "Expected a document with one operation, or its operationName."
        raise GraphQLValidationError([ApiError(ErrorCode.INVALID_QUERY, text)])
    if chosen.operation not in allowed:
        raise HTTPException(405, f"Send a {chosen.operation.value} by POST, not by GET.")
    if errors := _faults(query):
        raise GraphQLValidationError(refusals(errors))
    return document


@lru_cache(maxsize=_REMEMBERED)
def _parsed(query: str) -> DocumentNode:
    """A document, which nobody changes.

    Raises:
        GraphQLError: The text is too long, or no document.
    """
    check_text(query)
    return parse(query)


@lru_cache(maxsize=_REMEMBERED)
def _faults(query: str) -> list[GraphQLError]:
    """What is wrong with a document by the schema."""
    return validate(SCHEMA, _parsed(query), max_errors=_MOST_ERRORS)
