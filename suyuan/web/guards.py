"""What stands around every route: the limit of a body's size, and headers that keep pages safe.

Rules kept:

* A body larger than the limit gets 413 in one sentence, by its Content-Length before a byte is
  read, else as soon as the limit is passed. An answer that the application makes of the cut body is
  thrown away.
* No page may load anything from another host, run a script that isn't a file of ours, or be
  framed.
* No page may use the camera or run WebAssembly but the one that needs both; no text is ever run
  as a script, there neither.

RFC 9110 section 15.5.14; Content Security Policy Level 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from suyuan.web.answers import failure

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CAMERA_HEADERS", "BodyLimit", "SafeHeaders", "make_safe"]

_TOO_LARGE: Final = 413


def _policy(*, scripts: str = "'self'", pictures: str = "'self' data:") -> str:
    return (
        f"default-src 'none'; style-src 'self'; img-src {pictures}; script-src {scripts}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


_HEADERS: Final = {
    "Content-Security-Policy": _policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

CAMERA_HEADERS: Final = {
    "Content-Security-Policy": _policy(
        scripts="'self' 'wasm-unsafe-eval'", pictures="'self' data: blob:"
    ),
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
"""Of the page with the camera, which shows pictures that were chosen, and of its worker: some
browsers ask the worker's own policy, some the page's."""


def make_safe(headers: MutableHeaders) -> None:
    """Add the headers that an answer doesn't set itself."""
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)


class SafeHeaders:
    """Adds the headers to every answer that doesn't set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                make_safe(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, safely if scope["type"] == "http" else send)


class _TooLargeError(Exception):
    """The body passed the limit while it was read."""


class BodyLimit:
    """Refuses bodies above a size."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest
        """Bytes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        stated = request.headers.get("content-length", "")
        if stated.isascii() and stated.isdigit() and int(stated[:20]) > self._largest:
            await self._refuse(request, receive, send)
            return
        seen, passed, started = 0, False, False

        async def counted() -> Message:
            nonlocal seen, passed
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._largest:
                passed = True
                raise _TooLargeError
            return message

        async def kept(message: Message) -> None:
            nonlocal started
            if started or not passed:
                started = True
                await send(message)

        try:
            await self._app(scope, counted, kept)
        except _TooLargeError:
            if started:
                raise
        if passed and not started:
            await self._refuse(request, receive, send)

    async def _refuse(self, request: Request, receive: Receive, send: Send) -> None:
        sentence = (
            f"Expected a body of at most {self._largest} bytes; send the document in smaller "
            "parts, or capture it with 'suyuan capture FILE'."
        )
        response = failure(request, _TOO_LARGE, sentence)
        response.headers["Connection"] = "close"
        await response(request.scope, receive, send)
