# mypy: disallow-subclassing-any=False
"""The mutation `capture`: who may, what became of each event, and why not.

The key in the Authorization header decides whose log it is (RFC 6750 section 2.1). What is wrong
with the caller's document is an answer with errors of its own enum, never an error of GraphQL.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import graphene

from ledger.access import check_token
from ledger.capture import capture
from ledger.errors import NoteError, StoreError, UsageError, VerifyError
from ledger.jobs import capture_once
from ledger.organisations import find_organisation
from ledger.receipts import Mode, Report, Status
from ledger.recovery import current_log
from ledger.store.engine import reading
from trace_api.enums import (
    CaptureErrorCode,
    CaptureFault,
    CaptureMode,
    Language,
    MessageLanguage,
    ReceiptStatus,
    Severity,
    enum_argument,
)
from trace_api.errors import unavailable
from trace_api.paging import check_first, page_arguments
from trace_api.resources import Asking, asking
from trace_api.scalars import Long

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphql import GraphQLResolveInfo

    from ledger.access import Token
    from ledger.organisations import Organisation
    from ledger.problems import Problem as Wrong
    from ledger.receipts import Receipt as Outcome

__all__ = ["CAPTURE"]

_MOST_ERRORS: Final = 100
"""Errors that are listed; the counts and receipts tell the rest."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A problem in the caller's language."""

    pointer: str
    rule: str
    severity: str
    found: str
    message: str


@dataclass(frozen=True, slots=True)
class _Fault:
    code: CaptureFault
    message: str
    pointer: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    """What a capture came to; without a report nothing was tried."""

    mode: Mode
    language: MessageLanguage
    faults: tuple[_Fault, ...]
    report: Report = field(default_factory=lambda: Report("", Mode.ROLLBACK))

    def said(self, problems: Sequence[Wrong]) -> list[_Said]:
        return [_Said(**one.as_dict(self.language.value)) for one in problems]


class Problem(graphene.ObjectType):
    """One thing that is wrong in a document, or was forgiven."""

    pointer = graphene.String(required=True, description="Where it is (RFC 6901 JSON pointer).")
    rule = graphene.String(required=True, description="The rule, by its fixed name.")
    severity = graphene.Field(
        graphene.NonNull(Severity), description="Whether the event is refused for it."
    )
    found = graphene.String(required=True, description="The value found, shortened.")
    message = graphene.String(required=True, description="One sentence with the likely fix.")


_PROBLEMS: Final = graphene.NonNull(graphene.List(graphene.NonNull(Problem)))


class Receipt(graphene.ObjectType):
    """What became of one event."""

    pointer = graphene.String(required=True, description="Where it stood in the document.")
    status = graphene.Field(graphene.NonNull(ReceiptStatus), description="What became of it.")
    event = graphene.String(
        description="Its eventID, given by the ledger where the sender gave none."
    )
    seq = Long(description="Its place in the log; null when it is not there.")
    problems = graphene.Field(_PROBLEMS, description="Why it was refused, or what was forgiven.")


class CaptureError(graphene.ObjectType):
    """Why something of a capture was not stored."""

    code = graphene.Field(graphene.NonNull(CaptureErrorCode), description="The kind of error.")
    message = graphene.String(required=True, description="One sentence with the likely fix.")
    pointer = graphene.String(description="Where in the document, where that can be told.")
    rule = graphene.String(description="The rule that was broken, by its fixed name.")


def _count(status: Status) -> Any:
    return lambda done, _info: done.report.counts[status]


def _receipts(done: _Done, _info: GraphQLResolveInfo, first: int) -> list[dict[str, Any]]:
    check_first("receipts", first)
    return [
        {
            "pointer": one.pointer,
            "status": one.status,
            "event": one.event_id,
            "seq": one.seq,
            "problems": done.said(one.problems),
        }
        for one in done.report.receipts[:first]
    ]


class CapturePayload(graphene.ObjectType):
    """What became of a document."""

    log = graphene.String(
        description="Origin of the log; null without a key.",
        resolver=lambda done, _info: done.report.log or None,
    )
    mode = graphene.Field(
        graphene.NonNull(CaptureMode), description="What a refused event did to the others."
    )
    committed = graphene.Boolean(
        required=True,
        description="True when what was accepted is stored; false when nothing is.",
        resolver=lambda done, _info: done.report.committed,
    )
    accepted = graphene.Int(
        required=True, description="New events.", resolver=_count(Status.ACCEPTED)
    )
    duplicate = graphene.Int(
        required=True,
        description="Events that were in the log already.",
        resolver=_count(Status.DUPLICATE),
    )
    conflict = graphene.Int(
        required=True,
        description="Events whose id is in the log with other content.",
        resolver=_count(Status.CONFLICT),
    )
    rejected = graphene.Int(
        required=True, description="Events that are not valid.", resolver=_count(Status.REJECTED)
    )
    checkpoint = graphene.String(
        description="The log's newest signed checkpoint (C2SP), which covers what was stored. Keep "
        "it, and send it with the next capture as knownCheckpoint.",
        resolver=lambda done, _info: done.report.checkpoint,
    )
    problems = graphene.Field(
        _PROBLEMS,
        description="What is wrong with the document as a whole, or was forgiven.",
        resolver=lambda done, _info: done.said(done.report.problems),
    )
    receipts = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(Receipt))),
        description="A receipt for each event, in order.",
        resolver=_receipts,
        **page_arguments("receipts", after=False),
    )
    errors = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(CaptureError))),
        description=f"Why something was not stored, at most {_MOST_ERRORS}; empty if all is fine.",
        resolver=lambda done, _info: done.faults,
    )


def _capture(
    _root: None,
    info: GraphQLResolveInfo,
    *,
    document: str,
    mode: Mode,
    language: MessageLanguage,
    key: str | None = None,
    known_checkpoint: str | None = None,
) -> _Done:
    request = asking(info)
    try:
        found = _submitter(request)
        if found is None:
            text = "Send an API key that is in use, as 'Authorization: Bearer KEY'."
            return _Done(mode, language, (_Fault(CaptureFault.UNAUTHENTICATED, text),))
        token, organisation = found
        access = request.resources.access(organisation)
        submitter = f"{organisation.slug}/{token.name}"
        # Half a surrogate pair becomes bytes that are no UTF-8, which the reader names.
        body = document.encode("utf-8", "surrogatepass")
        if key is None:
            sequencer = request.resources.sequencer
            report = capture(
                access,
                io.BytesIO(body),
                submitter=submitter,
                mode=mode,
                known_checkpoint=known_checkpoint,
                sequencer=sequencer,
            )
        else:
            report = capture_once(
                access,
                body,
                submitter=submitter,
                key=key,
                mode=mode,
                known_checkpoint=known_checkpoint,
            )
    except UsageError as error:
        return _Done(mode, language, (_Fault(CaptureFault.CONFLICT, str(error)),))
    except VerifyError as error:
        return _Done(mode, language, (_Fault(CaptureFault.LOG_REWRITTEN, str(error)),))
    except NoteError as error:
        return _Done(mode, language, (_Fault(CaptureFault.INVALID_CHECKPOINT, str(error)),))
    except StoreError as error:
        return _Done(mode, language, (_Fault(CaptureFault.UNAVAILABLE, unavailable(error)),))
    faults = list(_faults(report, language))
    # Events that fell with another one are told only where that other one isn't listed any more.
    causes = [one for one in faults if one.rule != "capture.rolled-back"]
    return _Done(mode, language, tuple((causes or faults)[:_MOST_ERRORS]), report)


def _submitter(request: Asking) -> tuple[Token, Organisation] | None:
    """Whose key came with the request; read apart, so that no snapshot is held while writing."""
    scheme, _space, key = (request.authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    with reading(request.resources.engine) as connection:
        token = check_token(connection, key.strip())
        if token is None:
            return None
        return token, current_log(connection, find_organisation(connection, token.organisation))


def _faults(report: Report, language: MessageLanguage) -> Iterator[_Fault]:
    for one in report.problems:
        if not one.is_warning:
            yield _fault(CaptureFault.INVALID_DOCUMENT, one, language)
    codes = {
        Status.REJECTED: CaptureFault.REJECTED,
        Status.CONFLICT: CaptureFault.CONFLICT,
    }
    for receipt in report.receipts:
        if receipt.status in codes:
            yield from _refused(codes[receipt.status], receipt, language)


def _refused(code: CaptureFault, receipt: Outcome, language: MessageLanguage) -> Iterator[_Fault]:
    for one in receipt.problems:
        if not one.is_warning:
            yield _fault(code, one, language)


def _fault(code: CaptureFault, wrong: Wrong, language: MessageLanguage) -> _Fault:
    return _Fault(code, wrong.message(language.value), wrong.pointer, wrong.rule)


CAPTURE: Final = graphene.Field(
    CapturePayload,
    description="Capture events to the log of the API key's organisation. "
    "Needs the header 'Authorization: Bearer KEY'.",
    resolver=_capture,
    document=graphene.String(
        required=True,
        description="EPCIS 2.0 JSON-LD (a document, one event, or a list) or Catena-X twins.",
    ),
    mode=enum_argument(CaptureMode, Mode.ROLLBACK, "What a refused event does to the others."),
    key=graphene.String(
        description="Your name for this document, at most 200 characters: sent again with it,"
        " the document is captured once and gets the same answer."
    ),
    known_checkpoint=graphene.String(
        description="The checkpoint of an earlier capture. If the log doesn't contain it, it was "
        "rewritten: nothing is stored, and the operator is told.",
    ),
    language=enum_argument(Language, MessageLanguage.EN, "The language of messages."),
)
