"""Write stored events as EPCIS 2.0 JSON-LD again.

* An event comes back as it was captured: the same fields, and numbers with their exact decimal
  value (the log holds ``10.5`` as text and remembers where: `decimal_pointers`).
* Its ``@context`` is the standard one and the entries that were kept with it; in a document,
  entries that all events share stand once at the top, an event's own stand in the event.
* A document is written piece by piece, so its size does not matter.

https://ref.gs1.org/standards/epcis/2.0.0/ sections 9.2 and 9.3

>>> body = {"event": {"type": "ObjectEvent", "quantity": "10.5"}, "decimals": ["/quantity"]}
>>> export_event(body).decode().partition('"type"')[2]
':"ObjectEvent","quantity":10.5}'
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from ledger.epcis.context import STANDARD_CONTEXT
from ledger.errors import CanonicalError, shown
from ledger.log.pointers import member_at, replaced

__all__ = ["export_document", "export_event"]

_is_number: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?\Z", re.ASCII).match
_encode: Final = msgspec.json.Encoder().encode


def export_event(body: Mapping[str, Any]) -> bytes:
    """Return one stored event as a JSON-LD document of its own.

    Args:
        body: the body of a log entry: ``event``, and ``context`` and ``decimals`` if it has them.

    Raises:
        CanonicalError: a pointer of ``decimals`` leads to no number.
    """
    return _encode({"@context": [STANDARD_CONTEXT, *body.get("context", ())], **_restored(body)})


def export_document(
    bodies: Iterable[Mapping[str, Any]], *, creation_date: str, context: Sequence[Any] = ()
) -> Iterator[bytes]:
    """Yield an EPCISDocument of stored events in pieces.

    Args:
        bodies: the bodies of the entries, see `export_event`.
        creation_date: RFC 3339 date and time of the document.
        context: entries that the events share; others are written into the events that have them.

    Raises:
        CanonicalError: a pointer of ``decimals`` leads to no number.
    """
    frame = {
        "@context": [STANDARD_CONTEXT, *context],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": creation_date,
    }
    yield _encode(frame)[:-1] + b',"epcisBody":{"eventList":['
    comma = b""
    for body in bodies:
        own = [entry for entry in body.get("context", ()) if entry not in context]
        event = _restored(body)
        yield comma + _encode({"@context": own, **event} if own else event)
        comma = b",\n"
    yield b"]}}"


def _restored(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event with its decimals as numbers; the stored one stays as it is."""
    event = body["event"]
    numbers = {pointer: _number(event, pointer) for pointer in body.get("decimals", ())}
    return {**replaced(event, numbers)}


def _number(event: Any, pointer: str) -> msgspec.Raw:
    text = member_at(event, pointer)
    if not isinstance(text, str) or not _is_number(text):
        raise CanonicalError(f"Expected a decimal at {shown(pointer)}, got {shown(text)}.")
    return msgspec.Raw(text.encode())
