"""The web application: the only place where pages, logs and GraphQL are put together.

Every error leaves as one sentence: 404 for what isn't here, 503 with the fix when the store can't
be read, 500 for a defect (its traceback goes to the server's log, never to a client).
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from ledger.errors import NotFoundError, StoreError
from suyuan.indexing import walker_of
from suyuan.rest.captures import capture_routes
from suyuan.rest.clerk import Clerk
from suyuan.rest.exports import export_routes
from suyuan.rest.health import health_routes
from suyuan.rest.logs import log_routes
from suyuan.rest.scans import scan_routes
from suyuan.web.answers import failure
from suyuan.web.guards import BodyLimit, SafeHeaders, make_safe
from suyuan.web.pages import page_routes
from trace_api.asgi import graphql_app
from trace_api.resources import Resources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from suyuan.workspace import Workspace

__all__ = ["create_app"]


def create_app(workspace: Workspace) -> Starlette:
    """Make the application that serves a ledger."""
    clerk = Clerk(workspace)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        clerk.start()
        try:
            yield
        finally:
            await run_in_threadpool(clerk.stop)

    return Starlette(
        lifespan=lifespan,
        routes=[
            *health_routes(workspace),
            *capture_routes(workspace, clerk),
            *scan_routes(workspace),
            *log_routes(workspace),
            *export_routes(workspace),
            *graphql_routes(workspace),
            *page_routes(workspace),
        ],
        middleware=[
            Middleware(SafeHeaders),
            Middleware(BodyLimit, largest=workspace.settings.largest_body),
        ],
        exception_handlers={
            HTTPException: _http_error,
            NotFoundError: _not_found,
            StoreError: _store_error,
            Exception: _defect,
        },
    )


def graphql_routes(workspace: Workspace) -> list[BaseRoute]:
    """Where GraphQL is mounted: `/graphql` itself, for every method."""
    resources = Resources(
        engine=workspace.engine,
        keys=workspace.keys,
        now=workspace.now,
        largest_body=workspace.settings.largest_body,
        walker=partial(walker_of, workspace),
    )
    return [Route("/graphql", graphql_app(resources))]


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.UNAUTHORIZED:
        sentence = "Send an API key that is in use, as 'Authorization: Bearer KEY'."
        title = "error_title"
    elif status == HTTPStatus.NOT_FOUND:
        sentence, title = "There is no such page; check the address.", "missing_title"
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        sentence, title = "This address is for reading only; use GET.", "method_title"
    else:
        sentence, title = f"{HTTPStatus(status).phrase}.", "error_title"
    response = failure(request, status, sentence, title=title)
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


def _not_found(request: Request, error: Exception) -> Response:
    return failure(request, HTTPStatus.NOT_FOUND, str(error), title="missing_title")


def _store_error(request: Request, error: Exception) -> Response:
    response = failure(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    response.headers["Retry-After"] = "30"  # seconds
    return response


def _defect(request: Request, _error: Exception) -> Response:
    response = failure(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something is wrong in the service; its operator finds the cause in the server's log.",
    )
    make_safe(response.headers)  # this answer is made outside the middleware
    return response
