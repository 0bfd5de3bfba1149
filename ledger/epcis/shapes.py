"""The shape of a flawless event, checked in C.

One msgspec struct per object of EPCIS 2.0 section 7; each field bears the expression of its text
form. `conforms` says only yes or no. An event it does not take goes to `ledger.epcis.explaining`,
which walks it in Python, names each problem, and knows what real partners may be forgiven. A
property test holds the two to the official JSON Schema and to each other.

What a struct cannot say is asked afterwards, of whole key sets: extension fields are URIs, an event
names an item, ``epcList`` repeats nothing, ilmd only with ADD.

https://ref.gs1.org/standards/epcis/2.0.0/ section 7.4
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ledger.epcis.cbv import word_pattern
from ledger.epcis.syntax import DATE_TIME, HEX, IS_URI, UNIT, URI, ZONE_OFFSET

__all__ = ["FIELDS", "SENSOR_FIELDS", "conforms"]

Uri = Annotated[str, Meta(pattern=URI)]
Time = Annotated[str, Meta(pattern=DATE_TIME)]
Zone = Annotated[str, Meta(pattern=ZONE_OFFSET)]
Unit = Annotated[str, Meta(pattern=UNIT)]
Hex = Annotated[str, Meta(pattern=HEX)]
Action = Literal["ADD", "OBSERVE", "DELETE"]
BizStep = Annotated[str, Meta(pattern=word_pattern("bizStep"))]
Disposition = Annotated[str, Meta(pattern=word_pattern("disposition"))]
TransactionType = Annotated[str, Meta(pattern=word_pattern("bizTransaction"))]
PartyType = Annotated[str, Meta(pattern=word_pattern("source-destination"))]
Reason = Annotated[str, Meta(pattern=word_pattern("reason"))]
Component = Annotated[str, Meta(pattern=word_pattern("component"))]
Measurement = Annotated[str, Meta(pattern=word_pattern("measurement"))]
Alert = Annotated[str, Meta(pattern=word_pattern("alert"))]
Number = int | float


class _Open(Struct, gc=False, rename="camel"):
    """An object that may carry extension fields."""


class _Closed(Struct, gc=False, rename="camel", forbid_unknown_fields=True):
    """An object that may not."""


class _Quantity(_Closed):
    epc_class: Uri
    quantity: Number | UnsetType = UNSET
    uom: Unit | UnsetType = UNSET


class _Transaction(_Closed):
    biz_transaction: Uri
    type: TransactionType | UnsetType = UNSET


class _Source(_Closed):
    type: PartyType
    source: Uri


class _Destination(_Closed):
    type: PartyType
    destination: Uri


class _Place(_Open):
    id: Uri


class _Persistent(_Closed):
    set: Annotated[list[Disposition], Meta(min_length=1)] | UnsetType = UNSET
    unset: Annotated[list[Disposition], Meta(min_length=1)] | UnsetType = UNSET


class _ErrorDeclaration(_Open):
    declaration_time: Time
    reason: Reason | UnsetType = UNSET
    corrective_event_ids: list[Uri] | UnsetType = msgspec.field(
        default=UNSET, name="correctiveEventIDs"
    )


class _SensorMetadata(_Open):
    time: Time | UnsetType = UNSET
    device_id: Uri | UnsetType = msgspec.field(default=UNSET, name="deviceID")
    device_metadata: Uri | UnsetType = UNSET
    raw_data: Uri | UnsetType = UNSET
    start_time: Time | UnsetType = UNSET
    end_time: Time | UnsetType = UNSET
    data_processing_method: Uri | UnsetType = UNSET
    biz_rules: Uri | UnsetType = UNSET


class _SensorReport(_Open):
    type: Measurement
    exception: Alert | UnsetType = UNSET
    device_id: Uri | UnsetType = msgspec.field(default=UNSET, name="deviceID")
    device_metadata: Uri | UnsetType = UNSET
    raw_data: Uri | UnsetType = UNSET
    data_processing_method: Uri | UnsetType = UNSET
    biz_rules: Uri | UnsetType = UNSET
    time: Time | UnsetType = UNSET
    microorganism: Uri | UnsetType = UNSET
    chemical_substance: Uri | UnsetType = UNSET
    coordinate_reference_system: Uri | UnsetType = UNSET
    value: Number | UnsetType = UNSET
    component: Component | UnsetType = UNSET
    string_value: str | UnsetType = UNSET
    boolean_value: bool | UnsetType = UNSET
    hex_binary_value: Hex | UnsetType = UNSET
    uri_value: Uri | UnsetType = UNSET
    min_value: Number | UnsetType = UNSET
    max_value: Number | UnsetType = UNSET
    mean_value: Number | UnsetType = UNSET
    s_dev: Number | UnsetType = UNSET
    perc_rank: Number | UnsetType = UNSET
    perc_value: Number | UnsetType = UNSET
    uom: str | UnsetType = UNSET


class _SensorElement(_Open):
    sensor_report: Annotated[list[_SensorReport], Meta(min_length=1)]
    sensor_metadata: _SensorMetadata | UnsetType = UNSET


class _Event(_Open):
    event_time: Time
    event_time_zone_offset: Zone
    record_time: Time | UnsetType = UNSET
    event_id: Uri | UnsetType = msgspec.field(default=UNSET, name="eventID")
    # A union of a pattern and a list of it corrupts memory in msgspec 0.22: asked in Python.
    certification_info: Any = UNSET
    error_declaration: _ErrorDeclaration | UnsetType = UNSET


class _Standard(_Event):
    biz_step: BizStep | UnsetType = UNSET
    disposition: Disposition | UnsetType = UNSET
    read_point: _Place | UnsetType = UNSET
    biz_location: _Place | UnsetType = UNSET
    source_list: list[_Source] | UnsetType = UNSET
    destination_list: list[_Destination] | UnsetType = UNSET
    sensor_element_list: list[_SensorElement] | UnsetType = UNSET


class _Object(_Standard, kw_only=True):
    action: Action
    biz_transaction_list: list[_Transaction] | UnsetType = UNSET
    epc_list: list[Uri] | UnsetType = UNSET
    quantity_list: list[_Quantity] | UnsetType = UNSET
    persistent_disposition: _Persistent | UnsetType = UNSET
    ilmd: dict[Uri, Any] | UnsetType = UNSET


class _Children(_Standard, kw_only=True):
    action: Action
    biz_transaction_list: list[_Transaction] | UnsetType = UNSET
    child_epcs: list[Uri] | UnsetType = msgspec.field(default=UNSET, name="childEPCs")
    child_quantity_list: list[_Quantity] | UnsetType = UNSET


class _Aggregation(_Children, kw_only=True):
    parent_id: Uri | UnsetType = msgspec.field(default=UNSET, name="parentID")


class _Association(_Children, kw_only=True):
    parent_id: Uri = msgspec.field(name="parentID")


class _TransactionEvent(_Standard, kw_only=True):
    action: Action
    biz_transaction_list: Annotated[list[_Transaction], Meta(min_length=1)]
    parent_id: Uri | UnsetType = msgspec.field(default=UNSET, name="parentID")
    epc_list: list[Uri] | UnsetType = UNSET
    quantity_list: list[_Quantity] | UnsetType = UNSET


class _Transformation(_Standard, kw_only=True):
    biz_transaction_list: list[_Transaction] | UnsetType = UNSET
    input_epcs: list[Uri] | UnsetType = msgspec.field(default=UNSET, name="inputEPCList")
    output_epcs: list[Uri] | UnsetType = msgspec.field(default=UNSET, name="outputEPCList")
    input_quantity_list: list[_Quantity] | UnsetType = UNSET
    output_quantity_list: list[_Quantity] | UnsetType = UNSET
    transformation_id: Uri | UnsetType = msgspec.field(default=UNSET, name="transformationID")
    persistent_disposition: _Persistent | UnsetType = UNSET
    ilmd: dict[Uri, Any] | UnsetType = UNSET


def _names(struct: type[Struct]) -> frozenset[str]:
    return frozenset(field.encode_name for field in msgspec.structs.fields(struct))


_STRUCTS: Final[dict[str, type[Struct]]] = {
    "ObjectEvent": _Object,
    "AggregationEvent": _Aggregation,
    "AssociationEvent": _Association,
    "TransactionEvent": _TransactionEvent,
    "TransformationEvent": _Transformation,
}

FIELDS: Final = {name: _names(struct) | {"type"} for name, struct in _STRUCTS.items()}
"""The fields of each event type; not ``@context``, which `conforms` leaves to `explain`."""

SENSOR_FIELDS: Final = {
    "sensorElement": _names(_SensorElement),
    "sensorMetadata": _names(_SensorMetadata),
    "sensorReport": _names(_SensorReport),
}
"""The fields of the three sensor objects."""

_ERROR_FIELDS: Final = _names(_ErrorDeclaration)

# (check in C, known fields) by event type
_CHECKS: Final = {
    name: (msgspec.json.Decoder(struct).decode, FIELDS[name]) for name, struct in _STRUCTS.items()
}


def conforms(event: dict[str, Any], text: str) -> bool:
    """Return whether an event is flawless; False only means that it needs a closer look.

    Args:
        event: the parsed event.
        text: its JSON text, from which the C check reads.
    """
    kind = event.get("type")
    check = _CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        return False
    decode, known = check
    try:
        decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return (
        _extensions_fine(event, known)
        and _names_an_item(event)
        and ("errorDeclaration" not in event
             or _extensions_fine(event["errorDeclaration"], _ERROR_FIELDS))
        and ("sensorElementList" not in event or _sensors_fine(event["sensorElementList"]))
        and ("persistentDisposition" not in event
             or _persistent_fine(event["persistentDisposition"]))
        and ("ilmd" not in event or event.get("action", "ADD") == "ADD")
        and ("certificationInfo" not in event or _uris_fine(event["certificationInfo"]))
    )  # fmt: skip


def _extensions_fine(value: dict[str, Any], known: frozenset[str]) -> bool:
    return value.keys() <= known or all(map(IS_URI, value.keys() - known))


def _sensors_fine(elements: list[dict[str, Any]]) -> bool:
    fields = SENSOR_FIELDS
    return all(
        _extensions_fine(element, fields["sensorElement"])
        and _extensions_fine(element.get("sensorMetadata", {}), fields["sensorMetadata"])
        and all(_extensions_fine(r, fields["sensorReport"]) for r in element["sensorReport"])
        for element in elements
    )


def _uris_fine(value: object) -> bool:
    uris = value if type(value) is list else [value]
    return all(type(uri) is str and IS_URI(uri) is not None for uri in uris)


def _persistent_fine(value: dict[str, list[str]]) -> bool:
    return bool(value) and all(len(set(words)) == len(words) for words in value.values())


def _names_an_item(event: dict[str, Any]) -> bool:
    """Tell whether the what-dimension is filled as EPCIS 2.0 section 7.4 asks, without repeats."""
    kind = event["type"]
    if kind == "TransformationEvent":
        inputs, outputs = event.get("inputEPCList"), event.get("outputEPCList")
        if inputs and len(set(inputs)) != len(inputs):
            return False
        if outputs and len(set(outputs)) != len(outputs):
            return False
        has_input = inputs or event.get("inputQuantityList")
        has_output = outputs or event.get("outputQuantityList")
        return bool(
            (has_input and has_output)
            or ((has_input or has_output) and "transformationID" in event)
        )
    if kind == "ObjectEvent":
        epcs = event.get("epcList")
        if epcs is not None:
            return len(set(epcs)) == len(epcs)
        return bool(event.get("quantityList")) or bool(
            event.get("sensorElementList") and "readPoint" in event
        )
    if kind == "TransactionEvent":
        return "epcList" in event or bool(event.get("quantityList")) or event["action"] == "DELETE"
    if kind == "AggregationEvent" and "parentID" not in event and event["action"] != "OBSERVE":
        return False
    return bool(
        event.get("childEPCs") or event.get("childQuantityList") or event["action"] == "DELETE"
    )
