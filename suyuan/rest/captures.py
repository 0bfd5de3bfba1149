"""Capture jobs over HTTP, as EPCIS 2.0 has them: handed in at once, settled in the background.

| request | answer |
| --- | --- |
| `POST /capture` | 202 and the job's address; the document is kept, and not in the log yet |
| `GET /capture/{job}` | whether the job runs, and what became of it; its receipts as well |

Both need an API key, which decides whose log it is. `Idempotency-Key` names the document: sent
again with it, it is the same job. `GS1-Capture-Error-Behaviour` is `rollback` or `proceed`.

EPCIS 2.0 section 12.6; RFC 9457 for the errors in a job.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ledger.errors import ConflictError, UsageError
from ledger.jobs import job_of, submit
from ledger.receipts import Mode, Status
from ledger.times import as_text
from suyuan.rest.askers import asker
from suyuan.web.answers import failure
from suyuan.web.negotiation import language_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from ledger.inbox import Submission
    from ledger.problems import Language
    from suyuan.rest.clerk import Clerk
    from suyuan.workspace import Workspace

__all__ = ["capture_routes"]

_JSON = ("application/json", "application/ld+json")
_FRESH = {"Cache-Control": "no-store"}
_LARGEST = 2**53  # a number that no job has
_ERRORS = 100  # of a job, beside its receipts


def capture_routes(workspace: Workspace, clerk: Clerk) -> list[Route]:
    """The routes of capture jobs."""
    jobs = _Jobs(workspace, clerk)
    return [
        Route("/capture", jobs.post, methods=["POST"]),
        Route("/capture/{job:int}", jobs.get),
    ]


@dataclass(frozen=True, slots=True)
class _Jobs:
    workspace: Workspace
    clerk: Clerk

    async def post(self, request: Request) -> Response:
        """Keep a document, and say where its job is."""
        body = await request.body()
        return await run_in_threadpool(self._keep, request, body)

    def _keep(self, request: Request, body: bytes) -> Response:
        token, organisation = asker(self.workspace, request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _JSON:
            sentence = f"Send EPCIS 2.0 JSON-LD with Content-Type {_JSON[1]}, not {kind[:60]!r}."
            return failure(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, sentence)
        behaviour = request.headers.get("gs1-capture-error-behaviour", Mode.ROLLBACK).lower()
        if behaviour not in set(Mode):
            sentence = "GS1-Capture-Error-Behaviour has to be 'rollback' or 'proceed'."
            return failure(request, HTTPStatus.BAD_REQUEST, sentence)
        try:
            job = submit(
                self.workspace.access(organisation),
                body,
                submitter=f"{organisation.slug}/{token.name}",
                key=request.headers.get("idempotency-key") or uuid4().hex,
                mode=Mode(behaviour),
            )
        except ConflictError as error:
            return failure(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        except UsageError as error:
            return failure(request, HTTPStatus.BAD_REQUEST, str(error))
        self.clerk.wake()
        headers = {"Location": f"/capture/{job.row}", **_FRESH}
        return JSONResponse(_job(job, language_of(request)), HTTPStatus.ACCEPTED, headers)

    def get(self, request: Request) -> Response:
        """Tell what became of a document."""
        _token, organisation = asker(self.workspace, request)
        number = min(request.path_params["job"], _LARGEST)
        pin = self.workspace.keys.pin(organisation.origin)
        job = job_of(self.workspace.engine, organisation.row, pin, number)
        return JSONResponse(_job(job, language_of(request)), headers=_FRESH)


def _job(job: Submission, language: Language) -> dict[str, Any]:
    """The JSON form of a capture job (EPCIS 2.0 section 12.6), with our report beside."""
    value: dict[str, Any] = {
        "captureID": str(job.row),
        "createdAt": as_text(job.received_at),
        "running": job.report is None,
        "captureErrorBehaviour": job.mode.value,
    }
    if job.report is None or job.finished_at is None:
        return value
    report = job.report.as_dict(language)
    refused = [
        problem
        for receipt in report["receipts"]
        if receipt["status"] in {Status.CONFLICT, Status.REJECTED}
        for problem in receipt["problems"]
    ]
    return {
        **value,
        "finishedAt": as_text(job.finished_at),
        "success": not job.report.refused,
        "errors": [
            _error(problem)
            for problem in (*report["problems"], *refused)
            if problem["severity"] == "error"
        ][:_ERRORS],
        "report": report,
    }


def _error(problem: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "epcisException:ValidationException",
        "title": problem["rule"],
        "status": int(HTTPStatus.BAD_REQUEST),
        "detail": problem["message"],
        "instance": problem["pointer"],
    }
