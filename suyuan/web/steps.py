"""Reading one event with a reader's eyes: which step it is, when, where, and with what verdict.

Rules kept:

* An event is a step of the items it names. One that names only the container or assembly that the
  item was in at the time is a step of the item if it moved it.
* The day is that of the place where it happened (`eventTimeZoneOffset`).
* A verdict is the event's disposition; without one, that of all its measurements together.

EPCIS 2.0 section 7.4, CBV 2.0 sections 7.1 and 7.2.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ledger.projection import canonical_code
from suyuan.web.words import STEPS

if TYPE_CHECKING:
    from ledger.query import StoredEvent

__all__ = ["day_of", "kind_of", "makes", "measured_in", "place_of", "production_date", "verdict_of"]

_PRODUCTION_DATE: Final = (
    "suyuan:productionDate",
    "gs1:productionDate",
    "https://gs1.org/voc/productionDate",
)
_MOVES: Final = frozenset(
    "arriving departing destroying entering_exiting holding loading packing picking receiving"
    " repackaging retail_selling shipping staging_outbound stocking storing transporting unloading"
    " unpacking void_shipping".split()
)
"""Steps of a container or an assembly that are steps of what is inside, too."""

_GOOD: Final = frozenset({"conformant"})
_BAD: Final = frozenset({"non_conformant", "damaged", "needs_replacement", "expired", "recalled"})
_DATE: Final = len("2026-03-01")


def _codes(event: dict[str, Any], *names: str) -> set[str]:
    """The canonical codes in some of an event's lists."""
    found: set[str] = set()
    for name in names:
        value = event.get(name) or ()
        for one in (value,) if isinstance(value, str) else value:
            code = one.get("epcClass") if isinstance(one, dict) else one
            if isinstance(code, str):
                found.add(canonical_code(code).uri)
    return found


def makes(stored: StoredEvent, code: str) -> bool:
    """Whether an event brings an item into being."""
    event = stored.event
    kind, action = event.get("type"), event.get("action")
    if kind == "TransformationEvent":
        return code in _codes(event, "outputEPCList", "outputQuantityList")
    if kind == "ObjectEvent" and action == "ADD":
        return code in _codes(event, "epcList", "quantityList")
    return kind == "AggregationEvent" and action == "ADD" and code in _codes(event, "parentID")


def kind_of(event: dict[str, Any], code: str) -> str | None:
    """The step that an event is in the life of this item; None when it is none."""
    step, kind = event.get("bizStep"), event.get("type")
    if kind == "TransformationEvent":
        if code in _codes(event, "outputEPCList", "outputQuantityList"):
            return "made"
        return "used" if code in _codes(event, "inputEPCList", "inputQuantityList") else None
    child = code in _codes(event, "childEPCs", "childQuantityList")
    parent = code in _codes(event, "parentID")
    change = event.get("action") if kind == "AssociationEvent" else None
    if child and change in {"ADD", "DELETE"}:
        return "built_in" if change == "ADD" else "taken_out"
    if parent and change in {"ADD", "DELETE"}:
        if change == "DELETE":
            return "part_removed"
        return "assembling" if step == "assembling" else "part_installed"
    if child or parent or code in _codes(event, "epcList", "quantityList"):
        if step in {"commissioning", "creating_class_instance"}:
            return "made"
        return step if step in STEPS else "recorded"
    return step if step in _MOVES else None


def day_of(stored: StoredEvent) -> str:
    """The day of an event where it happened."""
    moment = datetime.fromtimestamp(stored.time // 1_000_000, UTC)
    offset = str(stored.event["eventTimeZoneOffset"])
    shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
    try:
        return (moment - shift if offset.startswith("-") else moment + shift).date().isoformat()
    except OverflowError:  # the last hours of the year 9999
        return moment.date().isoformat()


def place_of(stored: StoredEvent) -> str | None:
    """The canonical code of the place: private, to be looked up and not to be shown."""
    for name in ("bizLocation", "readPoint"):
        place = stored.event.get(name)
        if isinstance(place, dict) and isinstance(place.get("id"), str):
            return canonical_code(place["id"]).uri
    return None


def _reports(event: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        report
        for element in event.get("sensorElementList") or ()
        for report in element.get("sensorReport") or ()
    ]


def _fits(report: dict[str, Any]) -> bool | None:
    """Whether a measurement was within its limits; None when nothing says so."""
    if report.get("exception") or report.get("suyuan:verdict") == "non_conformant":
        return False
    return True if report.get("suyuan:verdict") == "conformant" else None


def measured_in(event: dict[str, Any]) -> list[bool]:
    """Of each measurement that says so, whether it was within its limits."""
    fits = (_fits(report) for report in _reports(event))
    return [fit for fit in fits if fit is not None]


def verdict_of(event: dict[str, Any]) -> bool | None:
    """The verdict of an inspection; None when it states none."""
    disposition = event.get("disposition")
    if disposition in _GOOD:
        return True
    if disposition in _BAD:
        return False
    fits = [_fits(report) for report in _reports(event)]
    if not fits or None in fits:
        return False if False in fits else None
    return all(fits)


def production_date(made: StoredEvent) -> str:
    """The production date that the event which made an item states, else the event's own day."""
    stated = made.event.get("ilmd") or {}
    for name in _PRODUCTION_DATE:
        value = stated.get(name)
        if isinstance(value, dict):
            value = value.get("@value")
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value[:_DATE]).date().isoformat()
            except ValueError:
                continue
    return day_of(made)
