"""The rows that events' entries make, for verification to compare with those stored.

What they are is said once, by `ledger.projection`, and an event goes through its functions. Plain
events (`ledger.verifying.plain`), which are most of all there are, take a shorter way to the same
rows. A test holds the two ways together over every document there is.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import UNSET

from identifiers import Level
from ledger.epcis.cbv import VOCABULARIES
from ledger.epcis.checking import read_event
from ledger.epcis.context import parse_context
from ledger.genealogy.roles import LEARNT, Role
from ledger.log.canonical import parse_canonical
from ledger.projection import (
    ACTIONS,
    TYPES,
    UNMEASURED,
    EventFacts,
    canonical_code,
    content_digest,
    devices_in,
    event_name,
    facts_of,
    lot_code,
    node_of,
    stated_lot,
)
from ledger.verifying.naming import NotPlain
from ledger.verifying.plain import Times
from ledger.verifying.plain_links import family_links, object_links, transformation_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.verifying.naming import Named, Texts
    from ledger.verifying.plain import Plain
    from ledger.verifying.plain_links import Link

__all__ = ["EVENT_COLUMNS", "LINK_COLUMNS", "Facts", "Made", "as_stored", "facts_in"]

EVENT_COLUMNS: Final = (
    "event_id",
    "declaration",
    "digest",
    "type",
    "action",
    "time",
    "biz_step",
    "disposition",
    "location",
    "holder",
)
"""The columns of `event` that an event makes, in the order of `Made.rows`."""
LINK_COLUMNS: Final = (
    "node",
    "role",
    "item_id",
    "time",
    "event_row",
    "line",
    "peer",
    "quantity",
    "unit",
)
"""The columns of `link`, in the order of `Made.links`."""


class Facts(NamedTuple):
    """What an event of any kind makes, before its items have ids."""

    columns: tuple[Any, ...]
    """Those of `EVENT_COLUMNS`."""
    facts: EventFacts

    @property
    def node(self) -> int | None:
        """The node that other events may share; None without such a one."""
        name = self.facts.transformation
        return node_of(0, 0, name) if name is not None and self.facts.links else None


def as_stored(digest: bytes) -> str:
    """A digest as it is compared: SQL's own literal of it."""
    return f"X'{digest.hex().upper()}'"


def facts_in(body: dict[str, Any]) -> Facts:
    """Project the body of an event's entry, the long way.

    Raises:
        LedgerError: It is no event of ours; as are KeyError, TypeError, ValueError and
            AttributeError.
    """
    event = body["event"]
    facts = facts_of(read_event(event, parse_context(body.get("context"))))
    return Facts(
        (
            event_name(event, body.get("personal", ())),
            int(facts.declaration),
            as_stored(content_digest(event)),
            facts.type,
            facts.action,
            facts.time,
            facts.biz_step,
            facts.disposition,
            facts.location,
            facts.holder,
        ),
        facts,
    )


class _Kind(NamedTuple):
    """A kind of plain event."""

    type: int
    action: int
    links: Callable[[Plain, int, int, list[Link]], object]
    """Adds the links of an event, given its id and time."""


_PACKING, _FITTING = "AggregationEvent", "AssociationEvent"
_OBJECTS: Final = {"ADD": Role.CREATED, "OBSERVE": Role.OBSERVED, "DELETE": Role.ENDED}
_FAMILIES: Final = {
    # Roles of a child, of its parent, of a parent without children.
    (_PACKING, "ADD"): (Role.PACKED, Role.CONTAINER, Role.CONTAINER),
    (_PACKING, "DELETE"): (Role.UNPACKED, Role.OBSERVED, Role.EMPTIED),
    (_FITTING, "ADD"): (Role.INSTALLED, Role.ASSEMBLY, Role.ASSEMBLY),
    (_FITTING, "DELETE"): (Role.REMOVED, Role.OBSERVED, Role.STRIPPED),
}
_STEPS: Final = VOCABULARIES["bizStep"].words | {None}
_DISPOSITIONS: Final = VOCABULARIES["disposition"].words | {None}
_PARTIES: Final = VOCABULARIES["source-destination"].words
_KEPT: Final = 10_000  # codes of places and parties
_INSTANCE: Final = Level.INSTANCE
_LOT_NUMBER: Final = b"lotNumber"
_DEVICE: Final = b"deviceID"
_FAILURES: Final = (NotPlain, LookupError, TypeError, ValueError, AttributeError)


class Made:
    """Makes the rows of events, a run at a time."""

    def __init__(self, named: Named) -> None:
        """Begin with none.

        Args:
            named: The items, which are to be loaded before a run is made.
        """
        self.rows: list[tuple[Any, ...]] = []
        """Of each event, see `EVENT_COLUMNS`."""
        self.links: list[Link] = []
        """Of all events, see `LINK_COLUMNS`."""
        self.joined: list[Link] = []
        """Likewise, at nodes that several events may share."""
        self.declared = False
        """Some event declares an error."""
        self._named = named
        self._times = Times()
        self._codes: dict[str, str] = {}
        self._kinds: dict[tuple[str, str | None], _Kind] = {}
        for action, role in _OBJECTS.items():
            self._add_kind("ObjectEvent", action, partial(object_links, *self._texts(role), role))
        self._add_kind(
            "TransformationEvent",
            None,
            partial(transformation_links, *self._texts(Role.INPUT), *self._texts(Role.OUTPUT)),
        )
        for (kind, action), roles in _FAMILIES.items():
            texts = [self._texts(role) for role in roles]
            maker = partial(family_links, *texts[0], texts[1][0], texts[2][0], *roles)
            self._add_kind(kind, action, maker)

    def _texts(self, role: int) -> tuple[Texts, Texts]:
        """The texts of a list of EPCs in a role, and of one of quantities."""
        named = self._named
        return (named.instances, named.lots) if role in LEARNT else (named.unlearnt, named.unlearnt)

    def _add_kind(self, kind: str, action: str | None, links: Any) -> None:
        self._kinds[kind, action] = _Kind(TYPES.index(kind), ACTIONS.index(action), links)

    def clear(self) -> None:
        """Begin the next run."""
        self.rows, self.links, self.joined = [], [], []

    def add_plain(self, event: Plain, row: int, name: str, digest: str) -> bool:
        """Add the rows of an event; False when it isn't plain, and nothing was added.

        Args:
            event: The event.
            row: Its id.
            name: Its id when it was sent without one.
            digest: Its digest, `as_stored`.
        """
        kind = self._kinds.get((event.type, event.action))
        step, disposition = event.bizStep, event.disposition
        if kind is None or step not in _STEPS or disposition not in _DISPOSITIONS:
            return False
        links = self.links
        before = len(links)
        try:
            time = self._times.of(event.eventTime)
            location = holder = None
            if event.bizLocation is not None or event.readPoint is not None:
                location = self._place(event)
            if event.sourceList or event.destinationList:
                holder = self._holder(event)
            if not event.eventTimeZoneOffset:
                return False
            kind.links(event, row, time, links)
            if event.ilmd is not UNSET:
                self._add_lots(event, bytes(event.ilmd), row, time)
            if event.sensorElementList is not UNSET:
                self._add_readings(bytes(event.sensorElementList), row, time, before)
        except _FAILURES:
            del links[before:]
            return False
        self.rows.append(
            (
                event.eventID or name,
                0,
                digest,
                kind.type,
                kind.action,
                time,
                step,
                disposition,
                location,
                holder,
            )
        )
        return True

    def add(self, said: Facts, row: int) -> None:
        """Add the rows of an event of any kind.

        Raises:
            Difference: An item that it names isn't linked, or has a level that can't be right.
        """
        facts, take = said.facts, self._named.known.take
        own, joined = node_of(row, 0, None), said.node
        time = facts.time
        items = {link.code: take(link.code, link.level) for link in facts.links}
        ids: dict[str | None, int | None] = {None: None}
        ids.update(items)
        for link in facts.links:
            at, to = own + link.group, self.links
            if joined is not None and not link.group:
                at, to = joined, self.joined
            rest = (time, row, link.line, ids[link.peer], link.quantity, link.unit)
            to.append((at, link.role, items[link.code], *rest))
        self.declared |= facts.declaration
        self.rows.append(said.columns)

    def _add_lots(self, event: Plain, raw: bytes, row: int, time: int) -> None:
        """Add the lot that the event states for what it makes, as `facts_of` does."""
        if not raw.startswith(b"{"):
            raise NotPlain
        if _LOT_NUMBER not in raw:
            return
        if (event.type, event.action) != ("ObjectEvent", "ADD") or event.quantityList:
            raise NotPlain
        made = stated_lot(parse_canonical(raw), ())
        codes = [canonical_code(text) for text in event.epcList]
        products = {code.product for code in codes if code.level is _INSTANCE}
        if made is None or len(products) != 1 or None in products:
            raise NotPlain
        [product] = products
        node, named = node_of(row, 1, None), self._named
        lot = named.known.take(lot_code(str(product), made), Level.LOT)
        self.links.append((node, Role.LOT, lot, time, row, 1, None, None, None))
        self.links += [
            (node, Role.MEMBER, named.instances[text], time, row, 1, None, None, None)
            for text, code in zip(event.epcList, codes, strict=True)
            if code.level is _INSTANCE
        ]

    def _add_readings(self, raw: bytes, row: int, time: int, before: int) -> None:
        """Add the instruments and what they measured, as `facts_of` does."""
        devices = devices_in(parse_canonical(raw)) if _DEVICE in raw else []
        if not devices:
            return
        links = self.links[before:]
        lots = any(link[1] == Role.LOT for link in links)
        measured = dict.fromkeys(link[2] for link in links if link[1] not in UNMEASURED)
        node, rest = node_of(row, 1 + lots, None), (time, row, 0, None, None, None)
        take = self._named.known.take
        for code in devices:
            self.links.append((node, Role.INSTRUMENT, take(code.uri, code.level), *rest))
        self.links += [(node, Role.MEASURED, item, *rest) for item in measured]

    def _place(self, event: Plain) -> str:
        """Where the event leaves the goods, as `facts_of` says it."""
        places = [one.id for one in (event.bizLocation, event.readPoint) if one is not None]
        if not all(places):
            raise NotPlain
        return self._code(places[0])

    def _holder(self, event: Plain) -> str | None:
        """The party that has the goods after the event, as `facts_of` says it."""
        for one in event.sourceList:
            if one.type not in _PARTIES or not one.source or one.destination:
                raise NotPlain
        parties: dict[str, str] = {}
        for one in event.destinationList:
            if one.type not in _PARTIES or not one.destination or one.source:
                raise NotPlain
            parties[one.type] = one.destination
        party = parties.get("possessing_party") or parties.get("owning_party")
        return self._code(party) if party else None

    def _code(self, text: str) -> str:
        """The canonical code of a place or party; there are few of them."""
        found = self._codes.get(text)
        if found is None:
            if len(self._codes) >= _KEPT:
                self._codes.clear()
            found = self._codes[text] = canonical_code(text).uri
        return found
