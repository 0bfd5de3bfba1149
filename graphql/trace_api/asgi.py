"""The ASGI application, to be mounted at `/graphql`.

Rules kept:

* A body is read up to `Resources.largest_body` bytes and no further: 413.
* What is no UTF-8, no JSON or no single request object: 400, with one sentence. No batches.
* GET is for queries only. There is no page to try queries on: it would load from other hosts.
* Database work runs in a thread, never in the event loop.

`graphql_server` speaks HTTP: methods, media types, status codes. The errors of HTTP have the shape
of GraphQL errors as well. https://graphql.github.io/graphql-over-http/draft/
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from graphql_server.asgi import ASGIRequestAdapter, GraphQL
from graphql_server.http import GraphQLRequestData
from graphql_server.http.exceptions import HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocketClose

from trace_api.errors import ErrorCode
from trace_api.execution import Executor, encoded
from trace_api.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from graphql import ExecutionResult, OperationType
    from graphql_server.http import GraphQLHTTPResponse
    from graphql_server.http.async_base_view import AsyncHTTPRequestAdapter
    from starlette.types import ASGIApp, Receive, Scope, Send
    from starlette.websockets import WebSocket

    from trace_api.resources import Resources

__all__ = ["graphql_app"]

_JSON = "application/json"
_STRICT = "application/graphql-response+json"


def graphql_app(resources: Resources) -> ASGIApp:
    """Make the application."""
    return _App(resources)


class _App(GraphQL[dict[str, Any], None]):
    """GraphQL over HTTP, with our limits and our execution."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(SCHEMA, graphql_ide=None, subscription_protocols=())
        self._executor = Executor(resources)
        self._largest_body = resources.largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            # Asked here, because an OPTIONS request has no further meaning without other origins.
            if request.method not in {"GET", "POST"}:
                _refuse(405, "Send a GraphQL request by POST, or a query by GET.")
            response = await self.run(request)
        except HTTPException as error:
            response = _http_error(error)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> dict[str, Any]:
        """What the answer needs of the HTTP request."""
        del response
        return {"authorization": request.headers.get("authorization")}

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """The headers of every answer: it holds for one moment, and perhaps for one asker."""
        response = await super().get_sub_response(request)
        response.headers["cache-control"] = "no-store"
        return response

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter, context: dict[str, Any]
    ) -> GraphQLRequestData:
        """Read a request.

        Raises:
            HTTPException: It is too large, or not what it should be.
        """
        del context
        if request.method == "GET":
            data: Any = dict(request.query_params)
            for name in ("variables", "extensions"):
                data[name] = _decoded(data[name]) if data.get(name) else None
        else:
            media_type = (request.content_type or "").partition(";")[0].strip().lower()
            if media_type != _JSON:
                _refuse(415, f"Expected content of type {_JSON}, got {media_type[:60]!r}.")
            body = await _body(cast("ASGIRequestAdapter", request).request, self._largest_body)
            data = _decoded(body)
        return _request_data(data, strict=_STRICT in (request.headers.get("accept") or ""))

    def create_response(
        self,
        response_data: GraphQLHTTPResponse,
        sub_response: Response,
        is_strict: bool,  # noqa: FBT001 - as graphql_server calls it
    ) -> Response:
        """The answer as JSON."""
        return Response(
            encoded(response_data),
            sub_response.status_code or 200,
            sub_response.headers,
            _STRICT if is_strict else _JSON,
        )

    async def execute_operation(
        self,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData,
        context: dict[str, Any],
        root_value: None,
        allowed_operation_types: set[OperationType],
    ) -> ExecutionResult:
        """Answer a request, in a thread of the pool."""
        del request_adapter, root_value
        return await run_in_threadpool(
            self._executor.answer,
            request_data.query or "",
            request_data.variables,
            request_data.operation_name,
            authorization=context["authorization"],
            allowed=allowed_operation_types,
        )


def _refuse(status: int, reason: str) -> NoReturn:
    raise HTTPException(status, reason)


def _http_error(error: HTTPException) -> Response:
    code = ErrorCode.LIMIT_EXCEEDED if error.status_code == 413 else ErrorCode.BAD_REQUEST  # noqa: PLR2004
    told = {"message": error.reason, "extensions": {"code": code.value}}
    headers = {"cache-control": "no-store"}
    if error.status_code == 405:  # noqa: PLR2004 - the number is the name
        headers["allow"] = "GET, POST"
    return JSONResponse({"errors": [told]}, error.status_code, headers)


async def _body(request: Request, largest: int) -> bytes:
    said = request.headers.get("content-length", "0")
    # The header saves the reading; the count below is what holds.
    if said.isascii() and said.isdigit() and (len(said) > 18 or int(said) > largest):  # noqa: PLR2004
        _refuse(413, f"Expected a body of at most {largest} bytes.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > largest:
            _refuse(413, f"Expected a body of at most {largest} bytes.")
    return bytes(body)


def _decoded(data: str | bytes) -> Any:
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        return json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        _refuse(400, f"Expected UTF-8, got another encoding at byte {error.start}.")
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        _refuse(400, f"Expected JSON, got something else at {where}: {error.msg}.")
    except RecursionError:
        _refuse(400, "The JSON is nested too deep.")
    except ValueError as error:  # a constant such as NaN, or an integer of thousands of digits
        _refuse(400, f"Expected JSON that every reader understands alike: {str(error)[:80]}.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _request_data(data: Any, *, strict: bool) -> GraphQLRequestData:
    if isinstance(data, list):
        _refuse(400, "Expected one request, got a batch: send each in a request of its own.")
    if not isinstance(data, dict):
        _refuse(400, "Expected a JSON object with query, variables and operationName.")
    query = _member(data, "query", str)
    if not query:
        _refuse(400, "Expected a query: send the GraphQL document in 'query'.")
    return GraphQLRequestData(
        query=query,
        document=None,
        variables=_member(data, "variables", dict),
        operation_name=_member(data, "operationName", str),
        extensions=_member(data, "extensions", dict),
        protocol="http-strict" if strict else "http",
    )


def _member(data: Mapping[str, Any], name: str, kind: type) -> Any:
    found = data.get(name)
    if found is not None and not isinstance(found, kind):
        what = "a JSON object" if kind is dict else "text"
        _refuse(400, f"Expected {what} in {name!r}, got {type(found).__name__}.")
    return found
