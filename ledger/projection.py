"""What the ledger's tables say of an event or of master data, computed from the entry's body alone.

Pure, and used twice: capture stores what it returns, verification computes it again from the log's
bytes and compares. Rules kept:

* Codes in any form become one canonical code each; a form that can't be read stays as it was sent.
* An EPC that names its lot, or an event that states one lot for its serials, makes them members
  of that lot; of both, where the two differ.
* A child is linked to its parent with the parent as `peer`, so that ADD and DELETE find each other.
* The same item listed again in one role is a further `line`; nothing is added up or dropped.

EPCIS 2.0 section 7.4 (events), CBV 2.0 section 7.2 (dispositions); DESIGN section 6 (links).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from msgspec import Struct

from identifiers import IdentifierError, ItemCode, Level, parse_item_code
from ledger.epcis import events as sent
from ledger.epcis.context import parse_context
from ledger.genealogy.roles import LEARNT, Role
from ledger.log.canonical import canonical_bytes
from ledger.log.pointers import replaced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ledger.epcis.events import CheckedEvent

__all__ = [
    "LOT_NUMBER",
    "MAX_CODE",
    "UNMEASURED",
    "EventFacts",
    "LinkFacts",
    "Statement",
    "canonical_code",
    "content_digest",
    "content_name",
    "devices_in",
    "event_name",
    "facts_of",
    "lot_code",
    "node_of",
    "stated_lot",
    "statement_of",
]

MAX_CODE: Final = 650
"""Characters of a code or an event's id: an index of PostgreSQL holds their 2,600 bytes."""
TYPES: Final = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
)
"""The stored number of a type is its place here, and the number behind for a partner's own type:
these must never be reordered."""
ACTIONS: Final = (None, "ADD", "OBSERVE", "DELETE")
"""Likewise."""

_GROUP_BITS: Final = 20
"""Lots that one event may name: about a million."""
LOT_NUMBER: Final = "urn:epcglobal:cbv:mda:lotNumber"
"""The field that says which lot is made (CBV 2.0 section 11)."""


class LinkFacts(Struct, frozen=True, gc=False):
    """An item's part in an event."""

    code: str
    """Canonical."""
    level: Level
    role: int
    line: int
    """Tells apart rows of one item in one role of one event."""
    group: int
    """0 for the event itself; for LOT and MEMBER the number of the lot within the event."""
    peer: str | None
    """A child's parent, canonical."""
    quantity: str | None
    unit: str | None


class EventFacts(Struct, frozen=True, gc=False):
    """The projected columns of an event, and its links."""

    type: int
    action: int
    time: int
    """Microseconds since 1970 UTC."""
    biz_step: str | None
    disposition: str | None
    location: str | None
    holder: str | None
    transformation: str | None
    """Joins the inputs and outputs of several events."""
    declaration: bool
    """It carries an errorDeclaration: it takes back an event and has no links of its own."""
    links: tuple[LinkFacts, ...]


@lru_cache(maxsize=16_384)
def canonical_code(text: str) -> ItemCode:
    """The item code that a text means; text that is no readable code stands for itself."""
    try:
        return parse_item_code(text)
    except IdentifierError:
        return ItemCode(text, Level.OTHER, None, None, None, ())


def content_digest(
    event: dict[str, Any], *, without: str = "recordTime", raw: bytes | None = None
) -> bytes:
    """SHA-256 of what an event says, apart from the time it was recorded and the field `without`.

    An error declaration repeats the event it takes back (EPCIS 2.0 section 7.4.1.4): without
    "errorDeclaration", both have the same digest. `raw` is the whole event in canonical form, for
    callers that have it at hand.
    """
    left_out = {"recordTime", without} & event.keys()
    if left_out:
        event = {name: value for name, value in event.items() if name not in left_out}
        raw = None
    return sha256(canonical_bytes(event) if raw is None else raw).digest()


def content_name(original: bytes) -> str:
    """The id of an event that was sent without one: it is named by its content (RFC 6920).

    Args:
        original: Its digest without errorDeclaration, so that a declaration meets its event.
    """
    return "ni:///sha-256;" + urlsafe_b64encode(original).rstrip(b"=").decode("ascii")


def event_name(event: dict[str, Any], personal: Collection[str] = ()) -> str:
    """The eventID of an event in a log, or the name of its content.

    Args:
        event: As it stands in the log.
        personal: The pointers of its sealed values, of which the name must not tell anything.
    """
    if named := event.get("eventID"):
        return str(named)
    if personal:
        event = replaced(event, dict.fromkeys(personal))
    return content_name(content_digest(event, without="errorDeclaration"))


def facts_of(checked: CheckedEvent) -> EventFacts:
    """Project an event that was read."""
    declaration = checked.error_declaration is not None
    place = checked.biz_location or checked.read_point
    return EventFacts(
        type=TYPES.index(checked.type) if checked.type in TYPES else len(TYPES),
        action=ACTIONS.index(checked.action),
        time=checked.event_time_us,
        biz_step=checked.biz_step,
        disposition=checked.disposition,
        location=canonical_code(place).uri if place else None,
        holder=_holder(checked),
        transformation=checked.transformation_id,
        declaration=declaration,
        links=() if declaration else _links(checked),
    )


def _holder(checked: CheckedEvent) -> str | None:
    """The party that possesses, or else owns, the goods after the event (CBV 2.0 section 7.4)."""
    if not checked.destinations:
        return None
    by_kind = {one.kind: one.id for one in checked.destinations}
    party = by_kind.get("possessing_party") or by_kind.get("owning_party")
    return canonical_code(party).uri if party else None


_OBJECT_ROLES: Final = {"ADD": Role.CREATED, "OBSERVE": Role.OBSERVED, "DELETE": Role.ENDED}
_FAMILY_ROLES: Final = {
    # (type, action): role of a child, of the parent, of a parent without children
    ("AggregationEvent", "ADD"): (Role.PACKED, Role.CONTAINER, Role.CONTAINER),
    ("AggregationEvent", "DELETE"): (Role.UNPACKED, Role.OBSERVED, Role.EMPTIED),
    ("AssociationEvent", "ADD"): (Role.INSTALLED, Role.ASSEMBLY, Role.ASSEMBLY),
    ("AssociationEvent", "DELETE"): (Role.REMOVED, Role.OBSERVED, Role.STRIPPED),
}


UNMEASURED: Final = frozenset({Role.INPUT, Role.LOT, Role.MEMBER})
"""Readings are about the other items of an event: of inputs they tell what became of them."""
_MAKING: Final = frozenset({Role.CREATED, Role.OUTPUT})
# An enum's member costs as much to look up as a small function to call.
_OTHER, _INSTANCE, _CHILD, _PARENT = (
    Level.OTHER,
    Level.INSTANCE,
    sent.Role.CHILD,
    sent.Role.PARENT,
)


def _roles(checked: CheckedEvent, parent: str | None) -> dict[sent.Role, int]:
    """The stored role for each role as sent."""
    if checked.type == "TransformationEvent":
        return {sent.Role.INPUT: Role.INPUT, sent.Role.OUTPUT: Role.OUTPUT}
    if checked.type == "ObjectEvent":
        return {sent.Role.OBJECT: _OBJECT_ROLES[checked.action or "OBSERVE"]}
    roles = _FAMILY_ROLES.get((checked.type, checked.action or ""))
    if roles is None or parent is None:  # an observation; or nothing is said of what it is inside
        return dict.fromkeys(sent.Role, Role.OBSERVED)
    child, as_parent, as_lone_parent = roles
    lone = all(ref.role is not _CHILD for ref in checked.items)
    return {sent.Role.CHILD: child, sent.Role.PARENT: as_lone_parent if lone else as_parent}


def _links(checked: CheckedEvent) -> tuple[LinkFacts, ...]:
    links: list[LinkFacts] = []
    lines: dict[tuple[str, int], int] = {}
    lots: dict[str, list[ItemCode]] = {}
    stated = stated_lot(checked.ilmd, checked.context)
    parent = next((ref.code.uri for ref in checked.items if ref.role is _PARENT), None)
    roles = _roles(checked, parent)
    for ref in checked.items:
        code, role = ref.code, roles[ref.role]
        uri, level = code.uri, code.level
        if level is _OTHER and role in LEARNT:
            level = Level.LOT if ref.of_class else _INSTANCE
        line = lines.get((uri, role), 0)
        lines[uri, role] = line + 1
        peer = parent if ref.role is _CHILD else None
        quantity = None if ref.quantity is None else str(ref.quantity)
        links.append(LinkFacts(uri, level, role, line, 0, peer, quantity, ref.unit))
        if code.level is _INSTANCE and code.product:
            made = stated if role in _MAKING else None
            named = code.lot, made and lot_code(code.product, made)
            for lot in dict.fromkeys(filter(None, named)):
                lots.setdefault(lot, []).append(code)
    for group, (lot, members) in enumerate(lots.items(), 1):
        links.append(LinkFacts(lot, Level.LOT, Role.LOT, group, group, None, None, None))
        links += [
            LinkFacts(uri, _INSTANCE, Role.MEMBER, group, group, None, None, None)
            for uri in dict.fromkeys([code.uri for code in members])
        ]
    # What fields of a partner's own type mean is theirs to say.
    elements = checked.event.get("sensorElementList", ()) if checked.type in TYPES else ()
    if devices := devices_in(elements):
        links += list(_readings(links, devices, len(lots) + 1))
    return tuple(links)


def devices_in(elements: Iterable[dict[str, Any]]) -> list[ItemCode]:
    """The instruments that an event's readings were made with, each once."""
    found: dict[str, ItemCode] = {}
    for element in elements:
        for part in (element.get("sensorMetadata", {}), *element["sensorReport"]):
            if "deviceID" in part:
                code = canonical_code(part["deviceID"])
                found[code.uri] = code
    return list(found.values())


def _readings(links: list[LinkFacts], devices: list[ItemCode], group: int) -> Iterator[LinkFacts]:
    """Every instrument of an event with every item that its readings are about.

    Which device has measured which item an event can't say.
    """
    for code in devices:
        yield LinkFacts(code.uri, code.level, Role.INSTRUMENT, 0, group, None, None, None)
    measured = {link.code: link.level for link in links if link.role not in UNMEASURED}
    for uri, level in measured.items():
        yield LinkFacts(uri, level, Role.MEASURED, 0, group, None, None, None)


def lot_code(product: str, lot: str) -> str:
    """The canonical code of a lot of a product; `lot` is percent-encoded."""
    return canonical_code(f"{product}/10/{lot}").uri


def stated_lot(ilmd: dict[str, Any], context: tuple[Any, ...]) -> str | None:
    """The lot number that an event gives to all it makes (CBV 2.0 section 11), percent-encoded."""
    if not ilmd:
        return None
    prefixes = parse_context(list(context))
    found = next((ilmd[name] for name in ilmd if prefixes.expand(name) == LOT_NUMBER), None)
    is_number = isinstance(found, str) or type(found) is int
    return quote(str(found), safe="") or None if is_number else None


def node_of(event: int, group: int, transformation: str | None) -> int:
    """The node at which an event's links meet.

    Events of one transformationID share a node: a number below zero made of the id's hash, so that
    two captures at once agree on it without asking each other. Else it is the event's id with the
    number of the lot within the event: members of different lots must not mix.
    """
    if transformation is not None and group == 0:
        return -1 - (int.from_bytes(sha256(transformation.encode()).digest()[:8]) >> 1)
    return (event << _GROUP_BITS) + group


@dataclass(frozen=True, slots=True)
class Statement:
    """The row that an entry of master data makes."""

    code: str
    """Canonical."""
    type: str
    """The vocabulary's bare word, such as `Location`."""
    attributes: str
    """Canonical JSON, attribute id to value."""


def statement_of(body: dict[str, Any]) -> Statement:
    """Project the body of an entry of master data."""
    element = body["element"]
    return Statement(
        code=canonical_code(element["id"]).uri,
        type=body["vocabulary"].rpartition(":")[2],
        attributes=canonical_bytes(_attributes(element)).decode(),
    )


def _attributes(element: dict[str, Any]) -> dict[str, Any]:
    """Attribute values by their ids; an attribute that is stated several times has a list."""
    found: dict[str, Any] = {}
    for attribute in element.get("attributes", ()):
        name, value = attribute["id"], attribute.get("attribute")
        if value is None:
            continue  # it is named and nothing is said of it
        if name in found:
            before = found[name]
            found[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[name] = value
    return found
