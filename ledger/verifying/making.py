"""The rows that an event's entry makes, for verification to compare with those stored.

What they are is said once, by `ledger.projection`, and an event goes through its functions. Plain
events, which are most of all there are, take a shorter way to the same rows: what they say is
nothing but what happened to which items, where and when, in the standard's own words. A test holds
the two ways together over every document there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, NamedTuple

from identifiers import Level
from ledger.epcis.cbv import VOCABULARIES
from ledger.epcis.checking import read_event
from ledger.epcis.context import parse_context
from ledger.epcis.syntax import microseconds
from ledger.genealogy.roles import LEARNT, Role
from ledger.projection import (
    ACTIONS,
    TYPES,
    canonical_code,
    content_digest,
    content_name,
    event_name,
    facts_of,
    node_of,
)

__all__ = ["Made"]


class _Shape(NamedTuple):
    """A kind of plain event."""

    type: int
    action: int
    fields: tuple[tuple[str, int, bool], ...]
    """Name of a list of items, their role, and whether it is one of quantities."""
    parent: int | None = None
    """Role of the parent, where the items are its children."""
    lone_parent: int = Role.OBSERVED
    """Role of a parent without children."""


def _object(action: str, role: int) -> _Shape:
    fields = (("epcList", role, False), ("quantityList", role, True))
    return _Shape(TYPES.index("ObjectEvent"), ACTIONS.index(action), fields)


def _family(kind: str, action: str, child: int, parent: int, lone_parent: int) -> _Shape:
    fields = (("childEPCs", child, False), ("childQuantityList", child, True))
    return _Shape(TYPES.index(kind), ACTIONS.index(action), fields, parent, lone_parent)


_PACKING, _FITTING = "AggregationEvent", "AssociationEvent"
_SHAPES: Final[dict[tuple[Any, Any], _Shape]] = {
    ("ObjectEvent", "ADD"): _object("ADD", Role.CREATED),
    ("ObjectEvent", "OBSERVE"): _object("OBSERVE", Role.OBSERVED),
    ("ObjectEvent", "DELETE"): _object("DELETE", Role.ENDED),
    ("TransformationEvent", None): _Shape(
        TYPES.index("TransformationEvent"),
        0,
        (
            ("inputEPCList", Role.INPUT, False),
            ("inputQuantityList", Role.INPUT, True),
            ("outputEPCList", Role.OUTPUT, False),
            ("outputQuantityList", Role.OUTPUT, True),
        ),
    ),
} | {
    (kind, action): _family(kind, action, *roles)
    for kind, action, *roles in (
        (_PACKING, "ADD", Role.PACKED, Role.CONTAINER, Role.CONTAINER),
        (_PACKING, "DELETE", Role.UNPACKED, Role.OBSERVED, Role.EMPTIED),
        (_FITTING, "ADD", Role.INSTALLED, Role.ASSEMBLY, Role.ASSEMBLY),
        (_FITTING, "DELETE", Role.REMOVED, Role.OBSERVED, Role.STRIPPED),
    )
}
_NOT_PLAIN: Final = frozenset(
    {"errorDeclaration", "recordTime", "sensorElementList", "transformationID"}
)
_BODY: Final = frozenset({"event", "decimals"})
_STEPS: Final = VOCABULARIES["bizStep"].words | {None}
_DISPOSITIONS: Final = VOCABULARIES["disposition"].words | {None}
_PARTIES: Final = VOCABULARIES["source-destination"].words
# An enum's member costs as much to look up as a small function to call.
_OTHER, _INSTANCE, _LOT = Level.OTHER, Level.INSTANCE, Level.LOT

_BODY_BEGINS: Final = b'{"body":{'
_EVENT: Final = b'"event":'
_BEHIND: Final = b'},"header":'


@dataclass(slots=True)
class Made:
    """What a run of events makes beside its own rows."""

    links: list[tuple[Any, ...]] = field(default_factory=list)
    """Code, role, event, line, node, time, code of the peer, quantity, unit."""
    levels: set[tuple[str, Level]] = field(default_factory=set)
    """Codes with the levels that the events give them."""
    joined: set[int] = field(default_factory=set)
    """Nodes that several events may share."""
    declared: bool = False
    """One of them declares an error."""

    def columns(self, body: dict[str, Any], raw: bytes, row: int) -> tuple[Any, ...]:
        """Return the columns of an event's row, and add its links.

        Args:
            body: The entry's body.
            raw: The entry, canonical.
            row: The event's id.

        Returns:
            event_id, declaration, digest, type, action, time, biz_step, disposition, location and
            holder.
        """
        event = body["event"]
        digest = _digest(body, raw)
        plain = self._plain(event, digest, row) if body.keys() <= _BODY else None
        if plain is not None:
            return plain
        checked = read_event(event, parse_context(body.get("context")))
        facts = facts_of(checked)
        node = own = node_of(row, 0, None)
        if facts.transformation is not None and facts.links:
            node = node_of(row, 0, facts.transformation)
            self.joined.add(node)
        time = facts.time
        for link in facts.links:
            code, group = link.code, link.group
            self.levels.add((code, link.level))
            at = own + group if group else node
            self.links.append(
                (code, link.role, row, link.line, at, time, link.peer, link.quantity, link.unit)
            )
        self.declared |= facts.declaration
        return (
            event_name(event, body.get("personal", ())),
            int(facts.declaration),
            digest,
            facts.type,
            facts.action,
            time,
            facts.biz_step,
            facts.disposition,
            facts.location,
            facts.holder,
        )

    def _plain(self, event: dict[str, Any], digest: bytes, row: int) -> tuple[Any, ...] | None:
        """Return the columns of a plain event, and add its links; None for any other event."""
        shape = _SHAPES.get((event.get("type"), event.get("action")))
        if shape is None or not _NOT_PLAIN.isdisjoint(event):
            return None
        step, disposition = event.get("bizStep"), event.get("disposition")
        try:
            if step not in _STEPS or disposition not in _DISPOSITIONS or _names_lot(event):
                return None
            time = microseconds(event["eventTime"])
            links, levels = _links_of(event, shape, row, time)
            holder, location = _holder(event), _place(event)
            _ = event["eventTimeZoneOffset"]
        except (_NotPlain, LookupError, TypeError, ValueError, AttributeError):
            return None  # the long way knows what to think of it
        self.links += links
        self.levels.update(levels)
        return (
            event.get("eventID") or content_name(digest),
            0,
            digest,
            shape.type,
            shape.action,
            time,
            step,
            disposition,
            location,
            holder,
        )


class _NotPlain(Exception):  # noqa: N818 - no error: the event takes the long way
    """An event says more than a plain one does."""


_Links = tuple[list[tuple[Any, ...]], list[tuple[str, Level]]]


def _links_of(event: dict[str, Any], shape: _Shape, row: int, time: int) -> _Links:
    """The links of a plain event, and the levels that it gives."""
    node, peer = node_of(row, 0, None), None
    links: list[tuple[Any, ...]] = []
    levels: list[tuple[str, Level]] = []
    if shape.parent is not None:
        if "parentID" not in event:
            raise _NotPlain
        alone = not any(event.get(name) for name, _, _ in shape.fields)
        role = shape.lone_parent if alone else shape.parent
        peer, level = _item(event["parentID"], role, of_class=False)
        levels.append((peer, level))
        links.append((peer, role, row, 0, node, time, None, None, None))
    for name, role, of_class in shape.fields:
        for item in event.get(name, ()):
            if of_class:
                uri, level = _item(item["epcClass"], role, of_class=True)
                quantity, unit = item.get("quantity"), item.get("uom")
                text = None if quantity is None else str(quantity)
                links.append((uri, role, row, 0, node, time, peer, text, unit))
            else:
                uri, level = _item(item, role, of_class=False)
                links.append((uri, role, row, 0, node, time, peer, None, None))
            levels.append((uri, level))
    if len({link[:2] for link in links}) != len(links):
        raise _NotPlain  # an item that is listed again has lines
    return links, levels


def _item(text: str, role: int, *, of_class: bool) -> tuple[str, Level]:
    """The canonical code of an item and its level; an instance that names its lot isn't plain."""
    code = canonical_code(text)
    level = code.level
    if level is _INSTANCE and code.lot is not None:
        raise _NotPlain
    if level is _OTHER:
        if code.uri != text:
            raise _NotPlain
        if role in LEARNT:
            level = _LOT if of_class else _INSTANCE
    return code.uri, level


def _names_lot(event: dict[str, Any]) -> bool:
    return any("lotNumber" in name for name in event.get("ilmd", ()))


def _place(event: dict[str, Any]) -> str | None:
    places = [event[name]["id"] for name in ("bizLocation", "readPoint") if name in event]
    if not places:
        return None
    if not all(type(place) is str and place for place in places):
        raise _NotPlain
    return canonical_code(places[0]).uri


def _holder(event: dict[str, Any]) -> str | None:
    """The party that has the goods after the event, as `facts_of` says it."""
    parties: dict[str, str] = {}
    for side in ("source", "destination"):
        parties = {one["type"]: one[side] for one in event.get(f"{side}List", ())}
        if not parties.keys() <= _PARTIES or not all(type(one) is str for one in parties.values()):
            raise _NotPlain
    party = parties.get("possessing_party") or parties.get("owning_party")
    return canonical_code(party).uri if party else None


def _digest(body: dict[str, Any], raw: bytes) -> bytes:
    event, decimals = body["event"], body.get("decimals", [])
    plain = type(decimals) is list and not set(map(type, decimals)) - {str}
    if "recordTime" in event or not body.keys() <= _BODY or not plain:
        return content_digest(event)
    # In canonical bytes the event stands between its key and the header, to which the last brace
    # of the body belongs. No text before it or in the header can hold these marks: their quotes
    # would be escaped there.
    start = raw.index(_EVENT, len(_BODY_BEGINS) - 1) + len(_EVENT)
    return sha256(raw[start : raw.rindex(_BEHIND)]).digest()
