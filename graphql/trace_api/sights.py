"""What a trace may be made of, and how long it may take: the arguments that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import graphene

from ledger.verified import verified_heads
from ledger.verifying.marks import MarkFolder
from trace_api.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trace_api.resources import Asking

__all__ = ["MOST_SECONDS", "SIGHT_ARGUMENTS", "sight_options"]

MOST_SECONDS: Final = 20
"""Seconds of walking after which a trace is cut."""

SIGHT_ARGUMENTS: Final[dict[str, Any]] = {
    "told_by": graphene.List(
        graphene.NonNull(graphene.String),
        description="Use only what the logs of these organisations tell, by their short names. "
        "Where others tell more is said, but nothing of it.",
    ),
    "verified": graphene.Boolean(
        required=True,
        default_value=False,
        description="Use only entries that a verification has found sound.",
    ),
    "max_seconds": graphene.Int(
        required=True,
        default_value=MOST_SECONDS,
        description=f"Seconds of search after which the trace is cut, at most {MOST_SECONDS}.",
    ),
}


def sight_options(
    request: Asking,
    *,
    told_by: Sequence[str] | None = None,
    verified: bool = False,
    max_seconds: int = MOST_SECONDS,
) -> dict[str, Any]:
    """The options of `ledger.genealogy.trace.trace` that the arguments stand for.

    Raises:
        LimitError: It may take no time, or too much.
        VerifyError: A verified-mark can't be trusted.
    """
    if not 1 <= max_seconds <= MOST_SECONDS:
        raise LimitError(f"Expected maxSeconds from 1 to {MOST_SECONDS}, got {max_seconds}.")
    marks = MarkFolder.beside(request.resources.keys)
    return {
        "seconds": max_seconds,
        "told_by": told_by,
        "verified": verified_heads(request.connection, marks) if verified else None,
    }
