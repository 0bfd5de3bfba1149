"""What the public may know of an item: `PublicHistory`, and the pure function that computes it.

The rule is a whitelist. A fact reaches the page only if a field of `PublicHistory` is there for it,
and only these are:

* **Who**: one organisation, the item's *publisher*: the one that states the product's master data
  and, in it, names a party that it states itself. Of several, the one in whose log the item was
  made. No other organisation is ever named, neither by name nor by log: not a supplier, not a
  trader, not an importer who happened to record first.
* **What**: the product's name and country of origin as the publisher states them; the item's own
  code, lot and serial; the production date.
* **Steps**: the CBV word, the day in the event's own time zone, and whether the publisher or a
  partner recorded it. City and country only of places that the publisher itself states; never a
  location code or its name. Words outside the CBV become "recorded".
* **Inspection**: the verdict, the day, and how many properties were measured and within limits; no
  value, instrument, certificate or inspector.
* **Parts**: how many of each product that the publisher states; all others are one number.
* **Proof**: the publisher's log, its head, and the numbers of this item's records in it.

Of an item that is only announced nothing is said but that. Everything else that events carry
(operators, prices, documents, sources, destinations, extensions) is not read here at all.

A part that was recalled is told without naming it: people must learn that their item may be
affected, whoever supplied the part.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from identifiers import Level
from ledger.genealogy.roles import Kind
from ledger.projection import canonical_code
from ledger.state import ANNOUNCED
from suyuan.web.publisher import Publisher, find_publisher
from suyuan.web.words import STATUSES, STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.query import StoredEvent
    from suyuan.web.material import Material
    from suyuan.web.negotiation import Language

__all__ = ["Inspection", "Parts", "Proof", "PublicHistory", "Step", "public_history"]

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


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a life, or several alike in a row."""

    kind: str
    """Key into `suyuan.web.words.STEPS`."""
    first: str
    """Day, ISO 8601, in the event's own time zone."""
    last: str
    count: int
    city: str | None
    country: str | None
    """ISO 3166, two letters."""
    conformant: bool | None
    """Verdict of an inspection."""
    by_publisher: bool
    records: tuple[int, ...]
    """Numbers (seq) in the publisher's log."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The newest inspection of the item itself."""

    day: str
    conformant: bool | None
    measured: int
    """Properties measured."""
    within: int
    """Of these, within their limits."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an item holds or was made of, as it stands now."""

    own: tuple[tuple[str, int, int], ...]
    """The publisher's own products: name, pieces, and lots they are counted in instead."""
    other_pieces: int
    other_lots: int
    complete: bool
    """False when there were too many to count."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Where the records stand."""

    organisation: str
    """Slug of the log."""
    origin: str
    size: int
    """Entries the checkpoint signs."""
    root: str
    """Base64."""
    records: tuple[int, ...]
    """Numbers (seq) of the item's events in this log, all below `size`."""


@dataclass(frozen=True, slots=True)
class PublicHistory:
    """Everything that the page behind a code may show; see the module's docstring for the rule."""

    code: str
    """Canonical."""
    level: Level
    lot: str | None
    serial: str | None
    product: str | None
    """Name of the product."""
    maker: str | None
    city: str | None
    country_made: str | None
    """Country of the place where it was made, ISO 3166."""
    country_of_origin: str | None
    production_date: str | None
    status: str
    """Key into `suyuan.web.words.STATUSES`."""
    status_day: str | None
    recalled: bool
    part_recalled: bool
    announced: bool
    steps: tuple[Step, ...]
    inspection: Inspection | None
    parts: Parts | None
    proof: Proof | None


def public_history(material: Material, language: Language) -> PublicHistory:
    """Compute what is public about an item; pure, and the only way from the ledger to the page."""
    publisher = find_publisher(material, language)
    code, events = material.code, material.events
    announced = material.item is not None and material.item.status == ANNOUNCED
    if announced:
        events = ()
    made = next((event for event in events if _makes(event, code.uri)), None)
    # The publisher's places are the only ones that have a city here, so a maker by contract is not
    # given away by the town it sits in.
    city, country_made = publisher.place(_place(made)) if made else (None, None)
    steps = tuple(_merged(_steps(events, code.uri, publisher)))
    recalled = not announced and (
        _recalled(events, code.uri)
        or (material.item is not None and material.item.status == "recalled")
    )
    return PublicHistory(
        code=code.uri,
        level=material.item.kind if material.item else code.level,
        lot=next((value for ai, value in code.keys if ai == "10"), None),
        serial=code.serial,
        product=publisher.product,
        maker=publisher.maker,
        city=city,
        country_made=country_made,
        country_of_origin=publisher.country_of_origin,
        production_date=_production_date(made) if made else None,
        status=_status(material, steps, recalled=recalled),
        status_day=steps[-1].last if steps else None,
        recalled=recalled,
        part_recalled=not announced and _part_recalled(material),
        announced=announced,
        steps=steps,
        inspection=_inspection(events, code.uri),
        parts=None if announced else _parts(material, publisher),
        proof=_proof(material, events, publisher),
    )


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


def _makes(stored: StoredEvent, code: str) -> bool:
    event = stored.event
    kind, action = event.get("type"), event.get("action")
    if kind == "TransformationEvent":
        return code in _codes(event, "outputEPCList", "outputQuantityList")
    if kind == "ObjectEvent" and action == "ADD":
        return code in _codes(event, "epcList", "quantityList")
    return kind == "AggregationEvent" and action == "ADD" and code in _codes(event, "parentID")


def _kind(event: dict[str, Any], code: str) -> str | None:
    """The step that an event is in the life of this item; None when it is none."""
    step, kind = event.get("bizStep"), event.get("type")
    if kind == "TransformationEvent":
        if code in _codes(event, "outputEPCList", "outputQuantityList"):
            return "made"
        return "used" if code in _codes(event, "inputEPCList", "inputQuantityList") else None
    child = code in _codes(event, "childEPCs", "childQuantityList")
    if kind == "AssociationEvent" and (child or code in _codes(event, "parentID")):
        added = event.get("action") == "ADD"
        if child:
            return "built_in" if added else "taken_out"
        if event.get("action") != "DELETE":
            return "assembling" if step == "assembling" else "part_installed"
        return "part_removed"
    if child or code in _codes(event, "parentID", "epcList", "quantityList"):
        if step in {"commissioning", "creating_class_instance"}:
            return "made"
        return step if step in STEPS else "recorded"
    return step if step in _MOVES else None


def _day(stored: StoredEvent) -> str:
    """The day of an event where it happened."""
    moment = datetime.fromtimestamp(stored.time // 1_000_000, UTC)
    offset = str(stored.event.get("eventTimeZoneOffset", "+00:00"))
    try:
        hours, minutes = int(offset[1:3]), int(offset[4:6])
    except ValueError:
        return moment.date().isoformat()
    shift = timedelta(hours=hours, minutes=minutes)
    zone = timezone(-shift if offset.startswith("-") else shift)
    return moment.astimezone(zone).date().isoformat()


def _place(stored: StoredEvent) -> str | None:
    for name in ("bizLocation", "readPoint"):
        place = stored.event.get(name)
        if isinstance(place, dict) and isinstance(place.get("id"), str):
            return canonical_code(place["id"]).uri
    return None


def _steps(events: Iterable[StoredEvent], code: str, publisher: Publisher) -> Iterable[Step]:
    for stored in events:
        kind = _kind(stored.event, code)
        if kind is None:
            continue
        day, own = _day(stored), stored.log == publisher.origin
        city, country = publisher.place(_place(stored))
        verdict = _verdict(stored.event) if kind == "inspecting" else None
        records = (stored.seq,) if own else ()
        yield Step(kind, day, day, 1, city, country, verdict, own, records)


def _merged(steps: Iterable[Step]) -> Iterable[Step]:
    """Join steps that a reader could not tell apart."""
    kept: Step | None = None
    for step in steps:
        if kept is not None and _alike(kept, step):
            kept = replace(
                kept,
                last=step.last,
                count=kept.count + 1,
                records=(*kept.records, *step.records),
            )
            continue
        if kept is not None:
            yield kept
        kept = step
    if kept is not None:
        yield kept


def _alike(one: Step, other: Step) -> bool:
    same_day = one.last == other.first or one.kind == "used"
    return same_day and (
        (one.kind, one.city, one.country, one.conformant, one.by_publisher)
        == (other.kind, other.city, other.country, other.conformant, other.by_publisher)
    )


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


def _verdict(event: dict[str, Any]) -> bool | None:
    disposition = event.get("disposition")
    if disposition in _GOOD:
        return True
    if disposition in _BAD:
        return False
    fits = [_fits(report) for report in _reports(event)]
    if not fits or None in fits:
        return False if False in fits else None
    return all(fits)


def _inspection(events: Iterable[StoredEvent], code: str) -> Inspection | None:
    found: Inspection | None = None
    for stored in events:
        if _kind(stored.event, code) == "inspecting":
            fits = [_fits(report) for report in _reports(stored.event)]
            measured = [fit for fit in fits if fit is not None]
            found = Inspection(_day(stored), _verdict(stored.event), len(measured), sum(measured))
    return found


def _production_date(made: StoredEvent) -> str:
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
    return _day(made)


def _recalled(events: Iterable[StoredEvent], code: str) -> bool:
    """Whether a recall of the item stands, as a persistent disposition (CBV 2.0 section 7.2)."""
    recalled = False
    for stored in events:
        if _kind(stored.event, code) == "used":
            continue  # it speaks of the outputs
        persistent = stored.event.get("persistentDisposition") or {}
        if "recalled" in (persistent.get("unset") or ()):
            recalled = False
        if "recalled" in (persistent.get("set") or ()):
            recalled = True
    return recalled


def _status(material: Material, steps: tuple[Step, ...], *, recalled: bool) -> str:
    if recalled:
        return "recalled"
    stated = material.item.status if material.item else None
    in_repair = steps and steps[-1].kind in {"repairing", "part_removed", "part_installed"}
    if in_repair and stated in {"in_progress", "needs_replacement"}:
        return "repairing"
    return stated if stated in STATUSES else "none"


def _now_inside(material: Material) -> set[str]:
    """The codes that the item is made of or built from at this moment."""
    if material.parts is None:
        return set()
    sources: dict[str, list[str]] = defaultdict(list)
    for link in material.parts.links:
        if link.kind is not Kind.INSTALLED or link.until is None:
            sources[link.target].append(link.source)
    found: set[str] = set()
    waiting = [material.code.uri]
    while waiting:
        fresh = set(sources.pop(waiting.pop(), ())) - found
        found |= fresh
        waiting.extend(fresh)
    return found


def _part_recalled(material: Material) -> bool:
    return not material.recalled_parts.isdisjoint(_now_inside(material))


def _parts(material: Material, publisher: Publisher) -> Parts | None:
    if material.parts is None:
        return None
    inside = _now_inside(material)
    pieces: Counter[str] = Counter()
    lots: Counter[str] = Counter()
    other: Counter[bool] = Counter()
    for item in material.parts.items:
        if item.code in inside:
            is_lot = item.kind is Level.LOT
            name = publisher.product_name(canonical_code(item.code).product)
            if name is None:
                other[is_lot] += 1
            else:
                (lots if is_lot else pieces)[name] += 1
    own = tuple((name, pieces[name], lots[name]) for name in dict.fromkeys([*pieces, *lots]))
    return Parts(own, other[False], other[True], material.parts.complete) if inside else None


def _proof(material: Material, events: Iterable[StoredEvent], publisher: Publisher) -> Proof | None:
    head = material.heads.get(publisher.origin or "")
    slug = material.logs.get(publisher.origin or "")
    if head is None or slug is None or publisher.origin is None:
        return None
    records = tuple(
        stored.seq
        for stored in events
        if stored.log == publisher.origin and _kind(stored.event, material.code.uri)
    )
    return Proof(slug, publisher.origin, head.size, head.root, records)
