# mypy: disallow-subclassing-any=False
"""Organisations with their logs, and the verification of logs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import graphene

from ledger.genealogy.trace import heads
from ledger.organisations import organisations
from ledger.verification import verify_ledger
from trace_api.enums import FindingKind
from trace_api.errors import ApiError, ErrorCode
from trace_api.paging import Page, check_first, connection_type, page_arguments, page_of
from trace_api.resources import asking
from trace_api.scalars import Long, usable_text
from trace_api.traces import LogHead

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    from ledger.log.report import Report

__all__ = ["ORGANISATIONS", "VERIFY"]


class Organisation(graphene.ObjectType):
    """An organisation and its log."""

    slug = graphene.String(required=True, description="Its short name in addresses.")
    name = graphene.String(required=True, description="Its name for people.")
    log = graphene.String(required=True, description="The origin of its log.")
    size = Long(required=True, description="Entries in the log.")
    verifier_key = graphene.String(
        required=True,
        description="The log's public key (C2SP signed-note). Pin a copy from elsewhere: "
        "who could change the log could change this.",
    )
    head = graphene.Field(LogHead, description="The newest signed head; null for an empty log.")


OrganisationConnection: Final = connection_type(Organisation, "organisations, by slug")


def _organisations(
    _root: None, info: GraphQLResolveInfo, first: int, after: str | None = None
) -> Page[dict[str, Any]]:
    check_first("organisations", first)
    connection = asking(info).connection
    signed = heads(connection)
    found = [
        {
            "slug": one.slug,
            "name": one.name,
            "log": one.origin,
            "size": one.size,
            "verifier_key": one.verifier_key,
            "head": {"log": one.origin, "size": head.size, "root": head.root} if head else None,
        }
        for one in organisations(connection)
        for head in [signed.get(one.origin)]
    ]
    # By code point, whatever the database's own order is.
    found.sort(key=lambda one: str(one["slug"]))
    return page_of(found, lambda one: (str(one["slug"]),), (str,), first, after)


class Finding(graphene.ObjectType):
    """One thing in a log that is not as it was written."""

    log = graphene.String(required=True, description="The log's origin.")
    seq = Long(description="The entry; null where that can't be told.")
    column = graphene.String(required=True, description="The stored column that is wrong.")
    kind = graphene.Field(graphene.NonNull(FindingKind), description="What promise is broken.")
    message = graphene.String(required=True, description="One sentence for people.")


def _root_text(report: Report, _info: GraphQLResolveInfo) -> str | None:
    return None if report.root is None else base64.b64encode(report.root).decode("ascii")


class Verification(graphene.ObjectType):
    """What the verification of one log found."""

    log = graphene.String(required=True, description="The log's origin.")
    intact = graphene.Boolean(
        required=True,
        description="True when there is no finding.",
        resolver=lambda report, _info: not report.findings,
    )
    size = Long(required=True, description="Entries read.")
    root = graphene.String(
        description="Merkle root over them, base64; null where a gap makes it unknowable.",
        resolver=_root_text,
    )
    checkpoint_size = Long(description="Size of the newest checkpoint that holds.")
    uncheckpointed = Long(required=True, description="Entries that no valid checkpoint covers yet.")
    intact_up_to = Long(description="Entries 0 to this one are what was written; null for none.")
    findings = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(Finding))),
        description="What is wrong, in the order of the log; a limited number.",
    )


def _verify(_root: None, info: GraphQLResolveInfo, organisation: str | None = None) -> list[Report]:
    request = asking(info)
    if organisation is not None:
        organisation = usable_text("organisation", organisation)
    # It reads everything there is; two at once would help nobody but an attacker.
    if not request.verifying.acquire(blocking=False):
        raise ApiError(ErrorCode.BUSY, "Another verification is running; try again after it.")
    try:
        return verify_ledger(
            request.resources.engine, request.resources.keys, organisation=organisation
        )
    finally:
        request.verifying.release()


ORGANISATIONS: Final = graphene.Field(
    OrganisationConnection,
    description="The organisations of this ledger.",
    resolver=_organisations,
    **page_arguments("organisations"),
)

VERIFY: Final = graphene.Field(
    graphene.List(graphene.NonNull(Verification)),
    description="Verify every log from its first byte, or one. Reads a snapshot of its own.",
    resolver=_verify,
    organisation=graphene.String(description="Slug of the only organisation to verify."),
)
