"""Read a small document in one go: what the stream reader would say of it, in half the time.

A document of one event is mostly frame, which `ledger.epcis.reader` takes token by token, so that
files of any size pass. One that lies in memory as a whole is decoded by the same strict decoder in
one call. Taken is only what has no flaw that concerns the document; anything else, and anything
unusual, is left to the stream reader, whose words on it are the only ones.

https://ref.gs1.org/standards/epcis/2.0.0/ sections 9.2 and 9.3
"""

from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from ledger.epcis.context import Context, parse_context
from ledger.epcis.documents import DocumentKind, Vocabulary, explain_document, vocabularies_of
from ledger.epcis.window import MAX_DEPTH
from ledger.errors import CanonicalError
from ledger.log.canonical import strict_decoder
from ledger.problems import Problem

__all__ = ["WholeDocument", "read_whole"]


class WholeDocument(Struct, frozen=True, gc=False):
    """A document without a flaw in its frame."""

    context: Context
    events: list[tuple[dict[str, Any], str]]
    """Each event as parsed, and its exact JSON text; whether it is valid was not asked."""
    vocabularies: tuple[Vocabulary, ...]
    warnings: tuple[Problem, ...]
    """What was forgiven in the frame."""


class _Body(Struct, gc=False, rename="camel"):
    event_list: list[Raw]


class _Texts(Struct, gc=False, rename="camel"):
    """Where the texts of the events stand in a document."""

    epcis_body: _Body


_parse: Final = strict_decoder().decode
_cut: Final = msgspec.json.Decoder(_Texts).decode


def read_whole(data: bytes) -> WholeDocument | None:
    """Read an `EPCISDocument`, or return None: then it is for the stream reader.

    Args:
        data: The whole input, which the caller has bounded.
    """
    try:
        text = data.decode()
        frame = _parse(text)
        found = _events(frame)
        if found is None:
            return None
        body, events = found
        texts = [str(raw, "utf-8") for raw in _cut(text).epcis_body.event_list]
    except (UnicodeDecodeError, CanonicalError, msgspec.DecodeError, RecursionError):
        return None
    brackets = [one.count("[") + one.count("{") for one in texts]
    around = text.count("[") + text.count("{") - sum(brackets)
    if max([around, *brackets]) > MAX_DEPTH:
        return None  # it may be nested too deep
    body["eventList"] = []
    warnings = tuple(explain_document(DocumentKind.DOCUMENT, frame))
    if not all(flaw.is_warning for flaw in warnings):
        return None
    return WholeDocument(
        parse_context(frame["@context"]),
        list(zip(events, texts, strict=True)),
        vocabularies_of(frame),
        warnings,
    )


def _events(frame: Any) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """The body of a document and its events; None where they aren't where they should be."""
    if type(frame) is not dict or frame.get("type") != DocumentKind.DOCUMENT.value:
        return None
    body = frame.get("epcisBody")
    # Events of query results would be read as well, wherever they stand.
    if type(body) is not dict or "queryResults" in body:
        return None
    events = body.get("eventList")
    if type(events) is not list or any(type(event) is not dict for event in events):
        return None
    return body, events
