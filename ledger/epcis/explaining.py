"""The closer look at an event that is not flawless: its problems, and what is forgiven.

The rules are those of `ledger.epcis.shapes`, walked in Python so that every problem of an event is
named in one go. Forgiven with a warning, because real partners send it:

* comment fields (``_comment...``, ``comment``) at any level;
* CBV words as ``urn:epcglobal:cbv:`` URNs or web addresses, even words that CBV 2.0 does not have;
* ``action`` in a TransformationEvent; numbers of sensor reports sent as text;
* measurement types that GS1 defines but the EPCIS schema forgot;
* event types of other vocabularies (these the schema allows), and a missing parent (likewise).

https://ref.gs1.org/standards/epcis/2.0.0/ section 7.4
"""

from typing import Any, Final

from ledger.epcis.fields import (
    Check,
    action,
    boolean,
    hexadecimal,
    list_of,
    measured,
    number,
    object_members,
    text,
    time,
    unit,
    uri,
    uri_or_uris,
    word,
    wrong_type,
    zone,
)
from ledger.epcis.syntax import IS_URI
from ledger.problems import Problem, problem

__all__ = ["explain", "explain_context"]


def _context_entry(value: Any, pointer: str, out: list[Problem]) -> None:
    if type(value) is str:
        uri(value, pointer, out)
    elif type(value) is not dict:
        wrong_type(value, pointer, out, "an address or a table of prefixes")


def explain_context(value: Any, pointer: str, out: list[Problem]) -> None:
    """Look at an ``@context``: an address, a table of prefixes, or a list of these."""
    if type(value) is not list:
        _context_entry(value, pointer, out)
        return
    for index, entry in enumerate(value):
        _context_entry(entry, f"{pointer}/{index}", out)
        if entry in value[:index]:
            out.append(problem(f"{pointer}/{index}", "epcis.duplicate-value", entry))


def _either(value: Any, pointer: str, out: list[Problem]) -> None:
    object_members(
        "persistentDisposition", {"set": _dispositions, "unset": _dispositions}, extra="none"
    )(value, pointer, out)
    if type(value) is dict and "set" not in value and "unset" not in value:
        out.append(problem(pointer, "epcis.missing-field", field="set"))


_quantity: Final = object_members(
    "quantityElement",
    {"epcClass": uri, "quantity": number, "uom": unit},
    ("epcClass",),
    extra="none",
)
_transaction: Final = object_members(
    "bizTransaction",
    {"type": word("bizTransaction"), "bizTransaction": uri},
    ("bizTransaction",),
    extra="none",
)
_party: Final = word("source-destination")
_source: Final = object_members(
    "source", {"type": _party, "source": uri}, ("type", "source"), extra="none"
)
_destination: Final = object_members(
    "destination", {"type": _party, "destination": uri}, ("type", "destination"), extra="none"
)
_place: Final = object_members("readPoint", {"id": uri}, ("id",), extra="any")
_disposition: Final = word("disposition")
_dispositions: Final = list_of(_disposition, at_least=1, unique=True)
_error_declaration: Final = object_members(
    "errorDeclaration",
    {"declarationTime": time, "reason": word("reason"), "correctiveEventIDs": list_of(uri)},
    ("declarationTime",),
)
_DEVICE: Final = dict.fromkeys(
    ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), uri
)
_sensor_metadata: Final = object_members(
    "sensorMetadata", {**_DEVICE, "time": time, "startTime": time, "endTime": time}
)
_sensor_report: Final = object_members(
    "sensorReport",
    {
        **_DEVICE,
        "type": word("measurement"),
        "exception": word("alert"),
        "time": time,
        "microorganism": uri,
        "chemicalSubstance": uri,
        "coordinateReferenceSystem": uri,
        "component": word("component"),
        "stringValue": text,
        "booleanValue": boolean,
        "hexBinaryValue": hexadecimal,
        "uriValue": uri,
        "uom": text,
        "value": measured,
        "minValue": measured,
        "maxValue": measured,
        "meanValue": measured,
        "sDev": measured,
        "percRank": measured,
        "percValue": measured,
    },
    ("type",),
)
_sensor_element: Final = object_members(
    "sensorElement",
    {"sensorMetadata": _sensor_metadata, "sensorReport": list_of(_sensor_report, at_least=1)},
    ("sensorReport",),
)
_ilmd: Final = object_members("ilmd", {})


def _type(value: Any, pointer: str, out: list[Problem]) -> None:
    """Take any event type: which one decides the table, so it has been looked at before."""


_EVENT: Final[dict[str, Check]] = {
    "@context": explain_context,
    "type": _type,
    "eventTime": time,
    "recordTime": time,
    "eventTimeZoneOffset": zone,
    "eventID": uri,
    "certificationInfo": uri_or_uris,
    "errorDeclaration": _error_declaration,
}
_STANDARD: Final[dict[str, Check]] = {
    **_EVENT,
    "bizStep": word("bizStep"),
    "disposition": _disposition,
    "readPoint": _place,
    "bizLocation": _place,
    "bizTransactionList": list_of(_transaction),
    "sourceList": list_of(_source),
    "destinationList": list_of(_destination),
    "sensorElementList": list_of(_sensor_element),
}
_uris: Final = list_of(uri)
_unique_uris: Final = list_of(uri, unique=True)
_quantities: Final = list_of(_quantity)
_ALWAYS: Final = ("eventTime", "eventTimeZoneOffset")
_CHILDREN: Final = {
    "action": action,
    "parentID": uri,
    "childEPCs": _uris,
    "childQuantityList": _quantities,
}


def _action_in_transformation(value: Any, pointer: str, out: list[Problem]) -> None:
    out.append(problem(pointer, "epcis.action-in-transformation", value))


_EVENTS: Final[dict[str, Check]] = {
    "ObjectEvent": object_members(
        "ObjectEvent",
        {
            **_STANDARD,
            "action": action,
            "epcList": _unique_uris,
            "quantityList": _quantities,
            "persistentDisposition": _either,
            "ilmd": _ilmd,
        },
        (*_ALWAYS, "action"),
    ),
    "AggregationEvent": object_members(
        "AggregationEvent", {**_STANDARD, **_CHILDREN}, (*_ALWAYS, "action")
    ),
    "AssociationEvent": object_members(
        "AssociationEvent", {**_STANDARD, **_CHILDREN}, (*_ALWAYS, "action", "parentID")
    ),
    "TransactionEvent": object_members(
        "TransactionEvent",
        {
            **_STANDARD,
            "action": action,
            "bizTransactionList": list_of(_transaction, at_least=1),
            "parentID": uri,
            "epcList": _uris,
            "quantityList": _quantities,
        },
        (*_ALWAYS, "action", "bizTransactionList"),
    ),
    "TransformationEvent": object_members(
        "TransformationEvent",
        {
            **_STANDARD,
            "action": _action_in_transformation,
            "inputEPCList": _unique_uris,
            "inputQuantityList": _quantities,
            "outputEPCList": _unique_uris,
            "outputQuantityList": _quantities,
            "transformationID": uri,
            "persistentDisposition": _either,
            "ilmd": _ilmd,
        },
        _ALWAYS,
    ),
}
_extended: Final = object_members("event", _EVENT, _ALWAYS, extra="any")


def _explain_items(event: dict[str, Any], kind: str, at: str, out: list[Problem]) -> None:
    """Ask for what the event is about, by event type (EPCIS 2.0 sections 7.4.2 to 7.4.6)."""

    def some(*names: str) -> bool:
        return any(event.get(name) for name in names)

    action = event.get("action")
    if kind == "TransformationEvent":
        inputs = some("inputEPCList", "inputQuantityList")
        outputs = some("outputEPCList", "outputQuantityList")
        enough = (inputs or outputs) if "transformationID" in event else (inputs and outputs)
        field = "outputEPCList" if inputs else "inputEPCList"
    elif kind == "ObjectEvent":
        sensed = some("sensorElementList") and "readPoint" in event
        enough = "epcList" in event or some("quantityList") or sensed
        field = "epcList"
        if "ilmd" in event and action in ("OBSERVE", "DELETE"):
            out.append(problem(f"{at}/ilmd", "epcis.ilmd", action))
    elif kind == "TransactionEvent":
        enough = "epcList" in event or some("quantityList") or action == "DELETE"
        field = "epcList"
    else:
        enough = some("childEPCs", "childQuantityList") or action == "DELETE"
        field = "childEPCs"
        if kind == "AggregationEvent" and action in ("ADD", "DELETE") and "parentID" not in event:
            out.append(problem(at, "epcis.parent-missing", action))
    if not enough:
        out.append(problem(at, "epcis.what-dimension-missing", field=field))


def explain(event: dict[str, Any], at: str) -> list[Problem]:
    """Return all problems of an event, errors and warnings, in the order of its fields.

    Args:
        event: the parsed event.
        at: JSON pointer of the event in its document.
    """
    out: list[Problem] = []
    kind = event.get("type")
    if kind is None:
        out.append(problem(at, "epcis.missing-field", field="type"))
    elif type(kind) is not str:
        text(kind, f"{at}/type", out)
    elif kind in _EVENTS:
        _EVENTS[kind](event, at, out)
        _explain_items(event, kind, at, out)
    elif IS_URI(kind):
        out.append(problem(f"{at}/type", "epcis.extended-type", kind))
        _extended(event, at, out)
    else:
        out.append(problem(f"{at}/type", "epcis.event-type", kind))
    return out
