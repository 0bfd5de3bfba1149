"""Reading what a page is computed from: private, and seen by `public_history` only.

Everything is read in one transaction, so a page is of one moment of the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from identifiers import ItemCode, Level
from ledger.errors import NotFoundError
from ledger.genealogy.roles import Kind, Role
from ledger.genealogy.trace import Direction, heads, trace
from ledger.organisations import organisations
from ledger.projection import canonical_code
from ledger.query import item, item_history
from ledger.state import ANNOUNCED
from ledger.store.sets import fetch_in, is_sqlite
from ledger.stored import stored_entry
from suyuan.web.attributes import parties_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from ledger.genealogy.trace import LogHead, Trace
    from ledger.genealogy.walk import Walker
    from ledger.query import Item, StoredEvent

__all__ = ["Material", "Stated", "read_material"]

_MOST_PARTS: Final = 5_000
_BUILT: Final = (Kind.TRANSFORMED, Kind.PART_OF_LOT, Kind.INSTALLED)

_MAKER: Final = (
    "SELECT organisation FROM item JOIN link ON link.item_id = item.id"
    " JOIN event ON event.id = link.event_row JOIN log ON log.id = event.log_id"
    " WHERE item.code {ids} AND event.declared_by IS NULL"
    f" AND link.role IN ({Role.OUTPUT}, {Role.CONTAINER}, {Role.CREATED})"
    f" ORDER BY CASE link.role WHEN {Role.CONTAINER} THEN 1 ELSE 0 END, link.time, event.id LIMIT 1"
)
_PERSISTENT: Final = (
    "SELECT item.code, event.log_id, bytes FROM item JOIN link ON link.item_id = item.id"
    " JOIN event ON event.id = link.event_row"
    " JOIN entry ON entry.log_id = event.log_id AND entry.seq = event.seq"
    " WHERE item.code {ids} AND event.declared_by IS NULL"
    f" AND link.role IN ({Role.OBSERVED}, {Role.OUTPUT}, {Role.CREATED}, {Role.ENDED})"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """Master data that one organisation states about one code."""

    organisation: str
    code: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """All that the ledger knows and a page may need; private."""

    code: ItemCode
    item: Item | None
    """None for a product that has master data and no events of its own."""
    events: tuple[StoredEvent, ...]
    statements: tuple[Stated, ...]
    """Older ones first."""
    made_in: str | None
    """Slug of the log that holds the event that made the item."""
    operator: str | None
    """Slug of the organisation that runs this service, if that is plain."""
    logs: Mapping[str, str]
    """Slugs by origin."""
    heads: Mapping[str, LogHead]
    parts: Trace | None
    recalled_parts: frozenset[str]


def read_material(
    connection: Connection, code: ItemCode, *, operator: str, walker: Walker | None = None
) -> Material:
    """Read what is known of an item.

    Args:
        connection: A reading transaction.
        code: The item.
        operator: Slug of the organisation that runs this service; it need not have a log.
        walker: Walks over an index of what `connection` sees; the database is walked without one.

    Raises:
        NotFoundError: Nobody has recorded anything under this code.
    """
    known = organisations(connection)
    logs = {one.origin: one.slug for one in known}
    slugs = {one.slug for one in known}
    only = next(iter(slugs)) if len(slugs) == 1 else None
    if code.level is Level.PRODUCT:
        statements = _statements(connection, {code.uri})
        if not statements:
            raise NotFoundError(f"Nobody states the product {code.uri} here.")
        found, events, parts, recalled = None, [], None, frozenset[str]()
    else:
        found = item(connection, code.uri)
        events = item_history(connection, code.uri)
        parts = _parts(connection, code, found, walker)
        recalled = _recalled(connection, parts) if parts else frozenset[str]()
        wanted = {code.product or code.uri}
        wanted |= {canonical_code(place).uri for event in events for place in _places(event)}
        if parts:
            wanted |= {canonical_code(one.code).product or one.code for one in parts.items}
        statements = _statements(connection, wanted)
    parties = {party for one in statements for party in parties_of(one.attributes)}
    return Material(
        code=code,
        item=found,
        events=tuple(events),
        statements=(*statements, *_statements(connection, parties)),
        made_in=_made_in(connection, code.uri),
        operator=operator if operator in slugs else only,
        logs=logs,
        heads=heads(connection),
        parts=parts,
        recalled_parts=recalled,
    )


def _places(stored: StoredEvent) -> list[str]:
    named = (stored.event.get(name) for name in ("bizLocation", "readPoint"))
    ids = (one.get("id") for one in named if isinstance(one, dict))
    return [one for one in ids if isinstance(one, str)]


def _parts(
    connection: Connection, code: ItemCode, found: Item, walker: Walker | None
) -> Trace | None:
    if found.status == ANNOUNCED or found.kind not in {Level.INSTANCE, Level.LOT}:
        return None
    return trace(
        connection,
        code.uri,
        Direction.BACKWARD,
        kinds=_BUILT,
        most_items=_MOST_PARTS,
        walker=walker,
    )


def _statements(connection: Connection, codes: Collection[str]) -> list[Stated]:
    rows = fetch_in(
        connection,
        "SELECT organisation, code, attributes FROM vocabulary JOIN log ON log.id = log_id"
        " WHERE code {ids} ORDER BY vocabulary.seq, log.id",
        codes,
    )
    return [Stated(slug, code, orjson.loads(attributes)) for slug, code, attributes in rows]


def _made_in(connection: Connection, code: str) -> str | None:
    """The log of the event that made an item: an output, a creation, or a container packed."""
    rows = fetch_in(connection, _MAKER, {code})
    return rows[0][0] if rows else None


def _recalled(connection: Connection, parts: Trace) -> frozenset[str]:
    """The parts whose recall stands: as their disposition, or as a persistent one of any log."""
    standing: set[tuple[str, int]] = set()
    holds = "instr(bytes, {p}) > 0" if is_sqlite(connection) else "position({p} in bytes) > 0"
    rows = fetch_in(
        connection,
        f"{_PERSISTENT} AND {holds} ORDER BY event.time, event.id",
        {one.code for one in parts.items},
        b'"persistentDisposition"',
    )
    for code, log, raw in rows:
        stated = stored_entry(raw).body["event"].get("persistentDisposition") or {}
        if "recalled" in (stated.get("unset") or ()):
            standing.discard((code, log))
        if "recalled" in (stated.get("set") or ()):
            standing.add((code, log))
    stated_so = {one.code for one in parts.items if one.status == "recalled"}
    return frozenset(stated_so | {code for code, _log in standing})
