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


def _object(action: str, role: int) -> _Shape:
    fields = (("epcList", role, False), ("quantityList", role, True))
    return _Shape(TYPES.index("ObjectEvent"), ACTIONS.index(action), fields)


_SHAPES: Final = {
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
}
_NOT_PLAIN: Final = frozenset(
    {"errorDeclaration", "recordTime", "transformationID", "sourceList", "destinationList"}
)
_STEPS: Final = VOCABULARIES["bizStep"].words | {None}
_DISPOSITIONS: Final = VOCABULARIES["disposition"].words | {None}
# An enum's member costs as much to look up as a small function to call.
_OTHER, _INSTANCE = Level.OTHER, Level.INSTANCE

_EVENT_ALONE: Final = b'{"body":{"event":'
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
        plain = self._plain(event, digest, row) if len(body) == 1 else None
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
            checked.event_id or _name(event, digest),
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
        shape = _SHAPES.get((event["type"], event.get("action")))
        step, disposition = event.get("bizStep"), event.get("disposition")
        if shape is None or step not in _STEPS or disposition not in _DISPOSITIONS:
            return None
        if not _NOT_PLAIN.isdisjoint(event) or any(
            "lotNumber" in one for one in event.get("ilmd", ())
        ):
            return None
        links: list[tuple[Any, ...]] = []
        levels: list[tuple[str, Level]] = []
        seen: set[tuple[str, int]] = set()
        node, time = node_of(row, 0, None), microseconds(event["eventTime"])
        for name, role, of_class in shape.fields:
            for item in event.get(name, ()):
                text = item["epcClass"] if of_class else item
                code = canonical_code(text)
                uri, level = code.uri, code.level
                if (uri, role) in seen or (code.lot is not None and level is _INSTANCE):
                    return None
                seen.add((uri, role))
                if level is _OTHER:
                    if uri != text:
                        return None
                    if role in LEARNT:
                        level = Level.LOT if of_class else _INSTANCE
                quantity = unit = None
                if of_class:
                    quantity, unit = item.get("quantity"), item.get("uom")
                    quantity = None if quantity is None else str(quantity)
                levels.append((uri, level))
                links.append((uri, role, row, 0, node, time, None, quantity, unit))
        self.links += links
        self.levels.update(levels)
        _ = event["eventTimeZoneOffset"]  # without it an event can't be read
        return (
            event.get("eventID") or content_name(digest),
            0,
            digest,
            shape.type,
            shape.action,
            time,
            step,
            disposition,
            _place(event),
            None,
        )


def _place(event: dict[str, Any]) -> str | None:
    business, read = event.get("bizLocation"), event.get("readPoint")
    business = None if business is None else business["id"]
    place = business or (None if read is None else read["id"])
    return canonical_code(place).uri if place else None


def _digest(body: dict[str, Any], raw: bytes) -> bytes:
    event = body["event"]
    if "recordTime" in event or len(body) != 1:
        return content_digest(event)
    # In canonical bytes the event stands between its key and the header, to which the last brace
    # of the body belongs; a header's own text can't hold a quote that isn't escaped.
    return sha256(raw[len(_EVENT_ALONE) : raw.rindex(_BEHIND)]).digest()


def _name(event: dict[str, Any], digest: bytes) -> str:
    if "errorDeclaration" in event or "recordTime" in event:
        digest = content_digest(event, without="errorDeclaration")
    return content_name(digest)
