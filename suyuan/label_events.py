"""What is recorded of labels: that they were printed, printed again, or made void.

Rules kept (CBV 2.0, sections 7.1 and 7.2):

* **Printed**: `encoding`, "writes an instance-level identifier to a barcode or RFID tag", with the
  disposition `encoded`. Whether there is an object yet isn't said, so the action is OBSERVE. Who
  prints onto the item itself may record `commissioning` instead: ADD, `active`.
* **Printed again**: `encoding` once more, without a disposition: the item stays what it is.
* **Void**: `decommissioning`, DELETE, with the disposition `inactive`: the identifier no longer
  stands for an object. `destroying` is of objects, `killing` of RFID tags.
* A reason is a field of ours: CBV has reasons for errors in events only.
"""

from __future__ import annotations

import io
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.capture import capture
from ledger.epcis.context import STANDARD_CONTEXT
from ledger.errors import StoreError, UsageError, shown
from ledger.times import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from ledger.sequencing import LogAccess

__all__ = ["Recorded", "record_labels", "verify_reason"]

_OURS: Final = "https://suyuan.example/voc/"
_LONGEST: Final = 500  # characters of a reason


class Recorded(StrEnum):
    """What an event says of a run's labels."""

    ENCODING = "encoding"
    """Codes were printed; objects may follow."""
    COMMISSIONING = "commissioning"
    """Codes were printed onto their objects."""
    NOTHING = "nothing"
    """No event is recorded."""


_STATEMENTS: Final[dict[str, dict[str, str]]] = {
    "encoding": {"action": "OBSERVE", "bizStep": "encoding", "disposition": "encoded"},
    "commissioning": {"action": "ADD", "bizStep": "commissioning", "disposition": "active"},
    "reprint": {"action": "OBSERVE", "bizStep": "encoding"},
    "void": {"action": "DELETE", "bizStep": "decommissioning", "disposition": "inactive"},
}


def verify_reason(text: str) -> str:
    """A reason as it is recorded.

    Raises:
        UsageError: It is empty, too long, or holds what nobody can read.
    """
    reason = text.strip()
    if not reason or len(reason) > _LONGEST or not reason.isprintable():
        raise UsageError(
            f"Expected a reason of 1 to {_LONGEST} printable characters, got {shown(text)}."
        )
    return reason


def record_labels(
    access: LogAccess,
    codes: Sequence[str],
    what: str,
    *,
    at: int,
    identity: UUID,
    submitter: str,
    reason: str | None = None,
) -> None:
    """Capture the event of some labels; once, however often it is called with one identity.

    Args:
        access: The log.
        codes: Canonical codes.
        what: ``encoding``, ``commissioning``, ``reprint`` or ``void``.
        at: When, in microseconds since 1970 UTC.
        identity: Of the event.
        submitter: Who hands it in.
        reason: Why, for a person.

    Raises:
        StoreError: The ledger refuses it or can't be written.
    """
    event: dict[str, Any] = {
        "type": "ObjectEvent",
        "eventID": identity.urn,
        "eventTime": as_text(at),
        "eventTimeZoneOffset": "+00:00",
        "epcList": list(codes),
        **_STATEMENTS[what],
    }
    if reason is not None:
        event["suyuan:reason"] = reason
    document = {
        "@context": [STANDARD_CONTEXT, {"suyuan": _OURS}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": as_text(at),
        "epcisBody": {"eventList": [event]},
    }
    report = capture(access, io.BytesIO(orjson.dumps(document)), submitter=submitter)
    if report.refused:
        problems = [*report.problems, *(one for got in report.receipts for one in got.problems)]
        said = problems[0].message("en") if problems else "it conflicts with what is there"
        raise StoreError(
            f"The ledger refused the event of {len(codes)} labels: {said.rstrip('.')}.",
            "Labels that were printed are not recorded; mend that and run the same command again.",
        )
