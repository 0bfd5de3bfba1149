"""Twins as events of the one event model.

* The item code is the twin's Catena-X id, not its batch number: a maker uses one batch number for
  several part numbers. Maker, part number and batch number, which are the key together, stand
  beside each other in the event's instance and lot master data.
* A serial part, just-in-sequence part, vehicle or battery is commissioned as an instance, a batch
  as a class, when it was made. Any other twin is observed, so that it is known and not merely
  announced: part types as a class, the rest as an instance.
* All aspects stay whole in the twin's event, each under its own URN: nothing that was sent is lost.
* As-built edges are associations, one event for a parent and the time its children were added.
  An association states nothing but the edge, so that a later copy of the twin with other remarks
  says the same event again, and nothing is counted twice.
* Only the parent's side (bill of materials) tells quantities. The child's side (usage) states
  "1 piece" of what its parent counts in kilograms; that number stays in the twin's own event.
* Nothing ends an as-built edge, and plans (aspects "as planned") make none. Edges that have
  alternatives, or are only potential, are edges: a recall that left them out would miss parts.
* An event's id comes from its content: sending a file again gives the same events.

EPCIS 2.0, ObjectEvent and AssociationEvent; CBV 2.0, business steps commissioning and assembling.
https://ref.gs1.org/standards/epcis/
"""

import contextlib
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

from ledger.catenax.errors import CatenaxError
from ledger.catenax.twins import Aspect, Twin
from ledger.catenax.values import (
    PIECES,
    Moment,
    Quantity,
    child,
    item_id,
    member,
    moment,
    quantity,
)
from ledger.log.canonical import canonical_bytes

__all__ = ["NAMESPACE", "twin_events"]

NAMESPACE: Final = "urn:suyuan:catenax:"
"""Prefix of the extension fields that we name ourselves; aspects keep their own URNs."""

Event = dict[str, Any]

# Our own, so that no other rule for making ids of version 5 (RFC 9562, section 5.5) meets ours.
_EVENT_IDS: Final = UUID("7c9a1b0e-5d0f-4d5c-9a6e-0c2f6f6a1e57")

_UNIQUE: Final = frozenset(
    {"serialpart", "serialparttypization", "justinsequencepart"}
    | {"tractionbatterycode", "productdescription"}
)
_BATCH: Final = frozenset({"batch"})
_PLANNED: Final = frozenset(
    {"partasplanned", "partsiteinformationasplanned"}
    | {"singlelevelbomasplanned", "singlelevelusageasplanned"}
)
_BOM: Final = frozenset({"singlelevelbomasbuilt", "assemblypartrelationship"})
_USAGE: Final = frozenset({"singlelevelusageasbuilt"})
_UNDERSTOOD: Final = _UNIQUE | _BATCH | _PLANNED | _BOM | _USAGE
# The relationship aspect of 2022 says for each child which stage it speaks of.
_PLAN_STAGES: Final = frozenset({"asrequired", "asdesigned", "asordered", "asplanned"})

_PART_TYPE: Final = (
    *("manufacturerPartId", "customerPartId"),
    *("nameAtManufacturer", "nameAtCustomer", "classification"),
)
_MADE: Final = (
    ("manufacturingInformation", "date"),
    ("manufacturingInformation", "productionDate"),
    (None, "productionDateGMT"),
)
# When nobody says when a thing was made, the next best statement dates it.
_NEXT_BEST: Final = (
    *("createdOn", "assembledOn", "validFrom", "functionValidFrom"),
    *("lastModifiedOn", "CREATION_DATE"),
)
# An empty text is how some exports write a field that nobody filled in.
_NOTHING: Final = (None, "")
_UNDATED: Final = Moment(datetime(1970, 1, 1, tzinfo=UTC), "+00:00")


def twin_events(twin: Twin, pointer: str) -> list[tuple[str, Event]]:
    """Return the events a twin stands for, each with the JSON pointer of what it was made from.

    The first one makes the item known; the others are its as-built edges.

    Raises:
        CatenaxError: a part of the twin that we need is malformed.
        CanonicalError: a value that the log cannot store.
    """
    for aspect in twin.aspects:
        if aspect.name in _UNDERSTOOD and not isinstance(aspect.payload, dict):
            raise CatenaxError(aspect.pointer, "the aspect's payload (an object)", aspect.payload)
    when = _made(twin)
    return [(pointer, _known(twin, when)), *_associations(twin, when or _UNDATED)]


def _known(twin: Twin, when: Moment | None) -> Event:
    """Return the event that makes the item known, with all that is said of it."""
    names = {aspect.name for aspect in twin.aspects}
    made = bool(names & (_UNIQUE | _BATCH))
    type_only = bool(names & _PLANNED) and not names & (_BOM | _USAGE)
    as_class = not names & _UNIQUE and bool(names & _BATCH or type_only)
    event = _event("ObjectEvent", when or _UNDATED, "ADD" if made else "OBSERVE")
    if made:
        event["bizStep"] = "commissioning"
    if as_class:
        event["quantityList"] = [{"epcClass": twin.item}]
    else:
        event["epcList"] = [twin.item]
    for key, value in twin.members.items():
        event[_ours(key)] = value
    if when is None:
        event[_ours("timeUnknown")] = True
    about: dict[str, Any] = {}
    for aspect in twin.aspects:
        for key, value in _identity(aspect).items():
            about.setdefault(_ours(key), value)
    if made and as_class and _ours("partInstanceId") in about:
        # Until 2022 a batch bore its number under the name of a serial number.
        about.setdefault(_ours("batchId"), about[_ours("partInstanceId")])
    for aspect in twin.aspects:
        about.setdefault(aspect.urn, []).append(aspect.payload)
    if made:
        event["ilmd"] = about
    else:
        # EPCIS 2.0, ObjectEvent: only what comes into being has instance and lot master data.
        event = about | event
    return _identified(event)


def _identity(aspect: Aspect) -> dict[str, str]:
    """Return what names and describes a part, the fields that people search by."""
    if aspect.name not in _UNIQUE | _BATCH | _PLANNED:
        return {}
    payload, pointer = aspect.payload, aspect.pointer
    found: dict[str, Any] = {}
    identifiers = child(pointer, "localIdentifiers")
    for index, pair in enumerate(member(payload, "localIdentifiers", list, pointer)):
        if not isinstance(pair, dict) or not isinstance(pair.get("key"), str):
            raise CatenaxError(child(identifiers, index), "an object with key and value", pair)
        found.setdefault(pair["key"], pair.get("value"))
    part = member(payload, "partTypeInformation", dict, pointer)
    found |= {key: part.get(key) for key in _PART_TYPE}
    found["country"] = member(payload, "manufacturingInformation", dict, pointer).get("country")
    found["tractionBatteryCode"] = payload.get("tractionBatteryCode")
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _made(twin: Twin) -> Moment | None:
    """Return when the item was made, else the earliest of the next best times, else None."""
    parts = [aspect for aspect in twin.aspects if aspect.name in _UNIQUE | _BATCH]
    for (holder, key), aspect in itertools.product(_MADE, parts):
        place, at = aspect.payload, aspect.pointer
        if holder:
            place, at = member(place, holder, dict, at), child(at, holder)
        if place.get(key) not in _NOTHING:
            return moment(place[key], child(at, key))
    said: dict[str, list[Moment]] = {key: [] for key in _NEXT_BEST}
    waiting: list[Any] = [twin.members, *(aspect.payload for aspect in twin.aspects)]
    for value in waiting:
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            for key in value.keys() & said.keys():
                # A time that we only borrow may be wrong; the ones that we need are checked.
                with contextlib.suppress(CatenaxError):
                    said[key].append(moment(value[key], ""))
    return next((min(said[key]) for key in _NEXT_BEST if said[key]), None)


def _associations(twin: Twin, when: Moment) -> Iterator[tuple[str, Event]]:
    """Yield an event for each parent and time at which it got children."""
    seen: set[str] = set()
    groups: dict[tuple[bool, str, Moment], tuple[str, list[tuple[str, Quantity | None]]]] = {}
    for aspect in twin.aspects:
        if aspect.name in _BOM:
            keys, ids = ("childItems", "childParts"), ("childCatenaXId", "catenaXId")
        elif aspect.name in _USAGE:
            keys, ids = ("parentItems", "parentParts"), ("parentCatenaXId", "catenaXId")
        else:
            continue
        from_parent = aspect.name in _BOM
        for at, edge in _edges(aspect, keys):
            other = item_id(edge, (*ids, "globalAssetId"), at)
            amount = quantity(edge.get("quantity"), child(at, "quantity")) if from_parent else None
            parent, part = (twin.item, other) if from_parent else (other, twin.item)
            group = groups.setdefault((from_parent, parent, _added(edge, at, when)), (at, []))
            if (part, amount) not in group[1]:
                group[1].append((part, amount))
    for (_, parent, time), (at, parts) in groups.items():
        event = _association(parent, time, parts)
        if event["eventID"] not in seen:
            seen.add(event["eventID"])
            yield at, event


def _edges(aspect: Aspect, keys: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in keys:
        for index, edge in enumerate(member(aspect.payload, key, list, aspect.pointer)):
            at = child(child(aspect.pointer, key), index)
            if not isinstance(edge, dict):
                raise CatenaxError(at, "a related part (an object)", edge)
            stage = edge.get("lifecycleContext")
            if not (isinstance(stage, str) and stage.lower() in _PLAN_STAGES):
                yield at, edge


def _added(edge: dict[str, Any], pointer: str, otherwise: Moment) -> Moment:
    """Return when a part was added; the time of the last change counts only if no other is said."""
    for key in ("createdOn", "assembledOn", "lastModifiedOn"):
        if edge.get(key) not in _NOTHING:
            return moment(edge[key], child(pointer, key))
    return otherwise


def _association(parent: str, time: Moment, parts: list[tuple[str, Quantity | None]]) -> Event:
    event = _event("AssociationEvent", time, "ADD")
    event["bizStep"] = "assembling"
    event["parentID"] = parent
    # Sorted, because the order of a list of parts says nothing and must not change the event's id.
    ordered = sorted(parts, key=_order)
    plain = [part for part, amount in ordered if amount is None or amount.unit is None]
    if plain:
        event["childEPCs"] = list(dict.fromkeys(plain))
    counted = [
        _counted(part, amount) for part, amount in ordered if amount and amount.unit is not None
    ]
    if counted:
        event["childQuantityList"] = counted
    foreign = [
        {_ours("child"): part, _ours("quantity"): amount.value, _ours("unit"): amount.stated}
        for part, amount in ordered
        if amount and amount.unit is None
    ]
    if foreign:
        event[_ours("statedQuantity")] = foreign
    return _identified(event)


def _order(part: tuple[str, Quantity | None]) -> tuple[str, str, str]:
    item, amount = part
    return (item, "", "") if amount is None else (item, amount.stated, str(amount.value))


def _counted(part: str, amount: Quantity) -> dict[str, Any]:
    element: dict[str, Any] = {"epcClass": part, "quantity": amount.value}
    if amount.unit != PIECES:
        element["uom"] = amount.unit
    return element


def _event(kind: str, when: Moment, action: str) -> Event:
    return {
        "type": kind,
        "eventTime": when.text,
        "eventTimeZoneOffset": when.offset,
        "action": action,
    }


def _identified(event: Event) -> Event:
    """Return the event with the id that its content gives it."""
    return event | {"eventID": f"urn:uuid:{uuid5(_EVENT_IDS, canonical_bytes(event).decode())}"}


def _ours(key: str) -> str:
    return NAMESPACE + quote(key, safe="")
