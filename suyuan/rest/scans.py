"""Scans over HTTP, as handhelds send them: each is read, looked up, judged, and answered at once.

| request | answer |
| --- | --- |
| `POST /scans` | for each scan its code, what the ledger knows of it, and its verdict |

Rules kept:

* An API key is needed; it is asked for before the body is read.
* A body is JSON (the extras of a DataWedge intent, or fields of such names; one object or a list),
  a form with the same fields, or the code itself as `text/plain`; it is at most as large as a
  message of `scanners.messages`.
* Nothing is stored: a scan is booked by an event. The answer says by its verdict whether a person
  has to look first.
* The name of the key is the device, before what the device calls itself. `Idempotency-Key` is the
  id of a single scan that bears none: sent again, it has the same `id`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ledger.issuance.keys import IssuingKeys
from ledger.store.engine import reading
from scanners.errors import MessageError
from scanners.messages import LARGEST, parse_fields, parse_message
from suyuan.lookup import known_hosts, look_up
from suyuan.rest.askers import asker
from suyuan.web.answers import failure
from suyuan.web.negotiation import language_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from scanners.messages import Message
    from suyuan.workspace import Workspace

__all__ = ["scan_routes"]

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_TEXT: Final = "text/plain"
_MOST_FIELDS: Final = 100
_LONGEST_KEY: Final = 200  # characters of an Idempotency-Key
_TOO_LARGE: Final = 413


def scan_routes(workspace: Workspace) -> list[Route]:
    """The route that takes scans."""
    return [Route("/scans", _Scans(workspace).post, methods=["POST"])]


@dataclass(frozen=True, slots=True)
class _Scans:
    workspace: Workspace

    async def post(self, request: Request) -> Response:
        """Answer what a handheld has read."""
        token, _organisation = await run_in_threadpool(asker, self.workspace, request)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                sentence = f"Expected at most {LARGEST} bytes of scans; send them in parts."
                response = failure(request, _TOO_LARGE, sentence)
                response.headers["Connection"] = "close"
                return response
        return await run_in_threadpool(self._answer, request, token.name, bytes(body))

    def _answer(self, request: Request, device: str, body: bytes) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in {_JSON, _FORM, _TEXT}:
            sentence = (
                f"Send scans with Content-Type {_JSON}, {_FORM} or {_TEXT}, not {kind[:60]!r}."
            )
            return failure(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, sentence)
        if kind == _JSON and body[:64].lstrip()[:1] not in {b"{", b"["}:
            sentence = "Send a JSON object for each scan, or a list of them."
            return failure(request, HTTPStatus.BAD_REQUEST, sentence)
        try:
            messages = _messages(kind, body, device, self.workspace.now())
        except MessageError as error:
            return failure(request, HTTPStatus.BAD_REQUEST, str(error))
        key = request.headers.get("idempotency-key", "")[:_LONGEST_KEY]
        scans = [one.scan for one in messages]
        if key and len(messages) == 1 and messages[0].key is None:
            scans = [replace(scans[0], delivery=key)]
        settings = self.workspace.settings
        with reading(self.workspace.engine) as connection:
            found = [
                look_up(
                    connection,
                    scan,
                    language=language_of(request),
                    hosts=known_hosts(settings.stem),
                    keys=IssuingKeys(self.workspace.keys.folder),
                )
                for scan in scans
            ]
        answers: list[dict[str, Any]] = [one.as_dict() for one in found]
        return JSONResponse({"scans": answers}, headers={"Cache-Control": "no-store"})


def _messages(kind: str, body: bytes, device: str, now: int) -> list[Message]:
    if kind == _TEXT and body[:64].lstrip()[:1] in {b"{", b"["}:
        # Told to be text, it is: a code may begin with a bracket.
        return [parse_fields({"hex": body.rstrip(b"\r\n").hex()}, device=device, received_at=now)]
    if kind != _FORM:
        return parse_message(body, device=device, received_at=now)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=_MOST_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise MessageError(
            device, "the form can't be read", "send name=value pairs, percent-encoded UTF-8"
        ) from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise MessageError(device, "the form names a field twice", "send one scan in a form")
    return [parse_fields(fields, device=device, received_at=now)]
