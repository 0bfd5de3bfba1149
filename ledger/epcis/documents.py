"""The frame of a document: the fields around its events, and its master data.

The frame is checked in Python as it comes once. It keeps the rules of the EPCIS 2.0 JSON Schema for
``EPCISDocument`` and ``EPCISQueryDocument``; comment fields are forgiven with a warning.

https://ref.gs1.org/standards/epcis/2.0.0/ sections 9.2 to 9.4
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ledger.epcis.context import Context, parse_context
from ledger.epcis.explaining import explain_context
from ledger.epcis.fields import (
    Check,
    is_comment,
    list_of,
    matching,
    object_members,
    text,
    time,
    uri,
    wrong_type,
)
from ledger.epcis.syntax import VERSION
from ledger.log.canonical import DecimalText
from ledger.problems import Problem

__all__ = [
    "DocumentFacts",
    "DocumentKind",
    "Vocabulary",
    "document_facts",
    "explain_document",
    "vocabularies_of",
]


class DocumentKind(StrEnum):
    """What the events of an input stand in."""

    DOCUMENT = "EPCISDocument"
    QUERY_DOCUMENT = "EPCISQueryDocument"
    EVENT = "event"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One list of master data (EPCIS 2.0 section 9.4)."""

    type: str
    """URI of the vocabulary, such as ``urn:epcglobal:epcis:vtype:Location``."""
    elements: tuple[dict[str, Any], ...]
    """Each with ``id``, and ``attributes`` and ``children`` when it has them."""
    context: tuple[Any, ...] = ()
    """What the document's ``@context`` says beyond the standard one."""


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a document says beside its events."""

    kind: DocumentKind
    context: Context
    document_id: str | None = None
    schema_version: str | None = None
    creation_date: str | None = None
    sender: str | None = None
    receiver: str | None = None
    instance_identifier: str | None = None
    query_name: str | None = None
    vocabularies: tuple[Vocabulary, ...] = ()
    warnings: tuple[Problem, ...] = ()
    """What was forgiven in the frame."""


def _scalar(value: Any, pointer: str, out: list[Problem]) -> None:
    if type(value) not in (str, int, DecimalText, dict):
        wrong_type(value, pointer, out, "text, a number or an object")


def _any(value: Any, pointer: str, out: list[Problem]) -> None:
    """Take anything: the events were looked at one by one."""


_attribute: Final = object_members(
    "attribute", {"id": uri, "attribute": _scalar}, ("id",), extra="any"
)
_element: Final = object_members(
    "vocabularyElement",
    {"id": uri, "attributes": list_of(_attribute), "children": list_of(uri)},
    ("id",),
    extra="any",
)
_vocabulary: Final = object_members(
    "vocabulary",
    {"type": uri, "vocabularyElementList": list_of(_element)},
    ("type",),
    extra="any",
)
_vocabularies: Final = list_of(_vocabulary)
_master_data: Final = object_members(
    "epcisMasterData", {"vocabularyList": _vocabularies}, extra="any"
)
_header: Final = object_members("epcisHeader", {"epcisMasterData": _master_data})
_version: Final = matching(re.compile(VERSION).match, "epcis.version")

_FRAME: Final[dict[str, Check]] = {
    "@context": explain_context,
    "id": uri,
    "type": _any,
    "schemaVersion": _version,
    "creationDate": time,
}
_document: Final = object_members(
    "EPCISDocument",
    {
        **_FRAME,
        "instanceIdentifier": text,
        "sender": text,
        "receiver": text,
        "epcisHeader": _header,
        "epcisBody": object_members(
            "epcisBody", {"eventList": list_of(_any)}, ("eventList",), extra="any"
        ),
    },
    ("@context", "type", "schemaVersion", "creationDate", "epcisBody"),
)
_results_body: Final = object_members(
    "resultsBody", {"eventList": list_of(_any), "vocabularyList": _vocabularies}, ("eventList",)
)
_query_results: Final = object_members(
    "queryResults",
    {"queryName": text, "subscriptionID": text, "resultsBody": _results_body},
    ("queryName", "resultsBody"),
)
_query_document: Final = object_members(
    "EPCISQueryDocument",
    {
        **_FRAME,
        "epcisBody": object_members(
            "epcisBody", {"queryResults": _query_results}, ("queryResults",)
        ),
    },
    ("@context", "type", "epcisBody"),
)


def explain_document(kind: DocumentKind, frame: dict[str, Any]) -> list[Problem]:
    """Return the problems of a document's frame.

    Args:
        kind: a document or a query document.
        frame: the document with its event lists emptied.
    """
    out: list[Problem] = []
    check = _document if kind is DocumentKind.DOCUMENT else _query_document
    check(frame, "", out)
    return out


def document_facts(
    kind: DocumentKind, frame: dict[str, Any], warnings: tuple[Problem, ...] = ()
) -> DocumentFacts:
    """Read the facts off a frame, complete or not, right or wrong."""

    def said(name: str, holder: dict[str, Any] = frame) -> str | None:
        value = holder.get(name)
        return value if isinstance(value, str) else None

    results = _inside(frame, "epcisBody", "queryResults")
    return DocumentFacts(
        kind=kind,
        context=parse_context(frame.get("@context")),
        document_id=said("id"),
        schema_version=said("schemaVersion"),
        creation_date=said("creationDate"),
        sender=said("sender"),
        receiver=said("receiver"),
        instance_identifier=said("instanceIdentifier"),
        query_name=said("queryName", results),
        vocabularies=vocabularies_of(frame),
        warnings=warnings,
    )


def vocabularies_of(frame: dict[str, Any]) -> tuple[Vocabulary, ...]:
    """Read the master data off a frame, complete or not, right or wrong."""
    context = parse_context(frame.get("@context"))
    return (
        *_members(_inside(frame, "epcisHeader", "epcisMasterData"), context),
        *_members(_inside(frame, "epcisBody", "queryResults", "resultsBody"), context),
    )


def _inside(value: dict[str, Any], *path: str) -> dict[str, Any]:
    for name in path:
        inner = value.get(name)
        if not isinstance(inner, dict):
            return {}
        value = inner
    return value


def _members(holder: dict[str, Any], context: Context) -> list[Vocabulary]:
    lists = holder.get("vocabularyList")
    if not isinstance(lists, list):
        return []
    return [
        Vocabulary(entry["type"], tuple(_without_comments(entry)), context.entries)
        for entry in lists
        if isinstance(entry, dict) and isinstance(entry.get("type"), str)
    ]


def _without_comments(vocabulary: dict[str, Any]) -> list[dict[str, Any]]:
    elements = vocabulary.get("vocabularyElementList")
    if not isinstance(elements, list):
        return []
    return [
        {key: value for key, value in element.items() if not is_comment(key)}
        for element in elements
        if isinstance(element, dict)
    ]
