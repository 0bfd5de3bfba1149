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
from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.genealogy.roles import Kind
from ledger.projection import canonical_code
from ledger.state import ANNOUNCED
from suyuan.web.publisher import Publisher, find_publisher
from suyuan.web.steps import (
    day_of,
    kind_of,
    makes,
    measured_in,
    place_of,
    production_date,
    verdict_of,
)
from suyuan.web.words import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.query import StoredEvent
    from suyuan.web.material import Material
    from suyuan.web.negotiation import Language

__all__ = ["Inspection", "Parts", "Proof", "PublicHistory", "Step", "public_history"]


_ENDS: Final = 100  # steps shown at either end of a long life, so that no page grows without bound
_PRODUCTS: Final = 50  # products listed among the parts; the others are counted together


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
    """Oldest first; the middle of a very long life is left out."""
    steps_left_out: int
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
    level = material.item.kind if material.item else code.level
    made = next((event for event in events if makes(event, code.uri)), None)
    # The publisher's places are the only ones that have a city here, so a maker by contract is not
    # given away by the town it sits in.
    city, country_made = publisher.place(place_of(made)) if made else (None, None)
    steps = tuple(_merged(_steps(events, code.uri, publisher)))
    recalled = not announced and (
        _recalled(events, code.uri)
        or (material.item is not None and material.item.status == "recalled")
    )
    return PublicHistory(
        code=code.uri,
        level=level,
        lot=next((value for ai, value in code.keys if ai == "10"), None),
        serial=code.serial,
        product=publisher.product,
        maker=publisher.maker,
        city=city,
        country_made=country_made,
        country_of_origin=publisher.country_of_origin,
        production_date=production_date(made) if made and level is not Level.LOGISTIC else None,
        status=_status(material, steps, recalled=recalled),
        status_day=steps[-1].last if steps else None,
        recalled=recalled,
        part_recalled=not announced and _part_recalled(material),
        announced=announced,
        steps=steps if len(steps) <= 2 * _ENDS else (*steps[:_ENDS], *steps[-_ENDS:]),
        steps_left_out=max(0, len(steps) - 2 * _ENDS),
        inspection=_inspection(events, code.uri),
        parts=None if announced else _parts(material, publisher),
        proof=_proof(material, events, publisher),
    )


def _steps(events: Iterable[StoredEvent], code: str, publisher: Publisher) -> Iterable[Step]:
    for stored in events:
        kind = kind_of(stored.event, code)
        if kind is None:
            continue
        day, own = day_of(stored), stored.log == publisher.origin
        city, country = publisher.place(place_of(stored))
        verdict = verdict_of(stored.event) if kind == "inspecting" else None
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


def _inspection(events: Iterable[StoredEvent], code: str) -> Inspection | None:
    found: Inspection | None = None
    for stored in events:
        if kind_of(stored.event, code) == "inspecting":
            measured = measured_in(stored.event)
            found = Inspection(
                day_of(stored), verdict_of(stored.event), len(measured), sum(measured)
            )
    return found


def _recalled(events: Iterable[StoredEvent], code: str) -> bool:
    """Whether a recall of the item stands, as a persistent disposition (CBV 2.0 section 7.2).

    Only who declared it may lift it: else any partner could hide another one's recall.
    """
    standing: set[str] = set()
    for stored in events:
        if kind_of(stored.event, code) == "used":
            continue  # it speaks of the outputs
        persistent = stored.event.get("persistentDisposition") or {}
        if "recalled" in (persistent.get("unset") or ()):
            standing.discard(stored.log)
        if "recalled" in (persistent.get("set") or ()):
            standing.add(stored.log)
    return bool(standing)


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
    names = list(dict.fromkeys([*pieces, *lots]))
    for name in names[_PRODUCTS:]:
        other[False] += pieces[name]
        other[True] += lots[name]
    own = tuple((name, pieces[name], lots[name]) for name in names[:_PRODUCTS])
    return Parts(own, other[False], other[True], material.parts.complete) if inside else None


def _proof(material: Material, events: Iterable[StoredEvent], publisher: Publisher) -> Proof | None:
    head = material.heads.get(publisher.origin or "")
    slug = material.logs.get(publisher.origin or "")
    if head is None or slug is None or publisher.origin is None:
        return None
    records = tuple(
        stored.seq
        for stored in events
        if stored.log == publisher.origin and kind_of(stored.event, material.code.uri)
    )
    return Proof(slug, publisher.origin, head.size, head.root, records)
