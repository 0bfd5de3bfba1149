"""Storing the projections of events, a group at a time, inside the caller's transaction.

Ids rise in order of arrival. SQLite has one writer, so the next id is the largest plus one; on
PostgreSQL one log is stored to at a time, and its sequences hand the ids out.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from identifiers import Level
from ledger.levels import level_number, level_of
from ledger.projection import node_of
from ledger.sealing import store_values
from ledger.store import tables
from ledger.store.sets import fetch, fetch_in, insert_rows, is_sqlite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection

    from ledger.personal import Sealed
    from ledger.projection import EventFacts

__all__ = ["Accepted", "ProjectionStore"]

_KNOWN_ITEMS: Final = 200_000
"""Item ids remembered while a document is captured; about 50 MB."""
_TURN: Final = 0x5355_5955_414E  # "SUYUAN", an advisory lock of PostgreSQL


class Accepted(Struct, frozen=True, gc=False):
    """An event that has its place in the log."""

    seq: int
    event_id: str
    digest: bytes
    received_at: int
    facts: EventFacts
    takes_back: int | None
    """The event of an earlier group that this one declares an error."""
    taken_back_by: int | None
    """The declaration of an earlier group that takes this event back."""
    personal: tuple[Sealed, ...] = ()
    """Its personal values."""


@dataclass(slots=True)
class ProjectionStore:
    """Writes events, items and links of one log."""

    connection: Connection
    log: int
    _items: OrderedDict[str, tuple[int, int]] = field(default_factory=OrderedDict)
    """Item id and level by code, the ones used longest ago first."""

    def store(self, group: Collection[Accepted]) -> list[int]:
        """Store a group of events and return their ids."""
        self._take_turn()
        rows = self._next_ids("event", len(group))
        self._resolve([one.facts for one in group])
        declarations = {
            one.event_id: row for row, one in zip(rows, group, strict=True) if one.facts.declaration
        }
        insert_rows(
            self.connection,
            tables.event,
            "id log_id seq event_id declaration digest type action time received_at"
            " biz_step disposition location holder declared_by",
            [self._event_row(row, one, declarations) for row, one in zip(rows, group, strict=True)],
        )
        self._insert_links(
            link
            for row, one in zip(rows, group, strict=True)
            for link in self._link_rows(row, one.facts)
        )
        if personal := [(one.seq, one.personal) for one in group if one.personal]:
            store_values(self.connection, self.log, personal)
        for row, one in zip(rows, group, strict=True):
            if one.takes_back is not None:
                self.connection.execute(
                    tables.event.update()
                    .where(tables.event.c.id == one.takes_back)
                    .values(declared_by=row)
                )
        return rows

    def level_of(self, code: str) -> Level:
        """The level of an item that the group stored last names."""
        return level_of(self._items[code][1])

    def add_links(self, events: dict[int, EventFacts], roles: Collection[int]) -> None:
        """Store the links of events that are stored without those in some roles, by their ids."""
        self._resolve(events.values())
        self._insert_links(
            link
            for row, facts in events.items()
            for link in self._link_rows(row, facts)
            if link[1] in roles
        )

    def _insert_links(self, links: Iterable[tuple[object, ...]]) -> None:
        insert_rows(
            self.connection,
            tables.link,
            "item_id role event_row line node time peer quantity unit",
            links,
        )

    def _event_row(
        self, row: int, one: Accepted, declarations: dict[str, int]
    ) -> tuple[object, ...]:
        facts = one.facts
        declared_by = one.taken_back_by or declarations.get(one.event_id)
        return (
            row,
            self.log,
            one.seq,
            one.event_id,
            int(facts.declaration),
            one.digest,
            facts.type,
            facts.action,
            facts.time,
            one.received_at,
            facts.biz_step,
            facts.disposition,
            facts.location,
            facts.holder,
            None if facts.declaration else declared_by,
        )

    def _link_rows(self, row: int, facts: EventFacts) -> Iterator[tuple[object, ...]]:
        items = self._items
        node = node_of(row, 0, facts.transformation)
        for link in facts.links:
            yield (
                items[link.code][0],
                link.role,
                row,
                link.line,
                node_of(row, link.group, None) if link.group else node,
                facts.time,
                None if link.peer is None else items[link.peer][0],
                link.quantity,
                link.unit,
            )

    def _take_turn(self) -> None:
        """Wait on PostgreSQL until no other log is being stored to; on SQLite nobody else can be.

        Ids then rise in the order of commits: who reads on from the last id that was seen misses
        nothing, and "as known at" compares ids. Captures never wait for each other in a ring.
        """
        if not is_sqlite(self.connection):
            fetch(self.connection, "SELECT pg_advisory_xact_lock({p})", _TURN)

    def _next_ids(self, table: str, count: int) -> list[int]:
        if is_sqlite(self.connection):
            [(last,)] = fetch(self.connection, f"SELECT coalesce(max(id), 0) FROM {table}")
            return list(range(last + 1, last + 1 + count))
        rows = fetch(
            self.connection,
            f"SELECT nextval('{table}_id_seq') FROM generate_series(1, {{p}})",
            count,
        )
        return [row[0] for row in rows]

    def _resolve(self, group: Iterable[EventFacts]) -> None:
        """Know the id of every item that the group names; new ones get theirs."""
        levels: dict[str, Level] = {}
        other = Level.OTHER
        for facts in group:
            for link in facts.links:
                if levels.get(link.code, other) is other:
                    levels[link.code] = link.level
        for code in levels.keys() & self._items.keys():
            self._items.move_to_end(code)
        while len(self._items) > _KNOWN_ITEMS:
            self._items.popitem(last=False)
        unknown = levels.keys() - self._items.keys()
        self._find(unknown)
        # In one order for everybody: two captures that add the same items must not wait in a ring.
        missing = sorted(unknown - self._items.keys())
        if missing:
            self._add([(code, level_number(levels[code])) for code in missing])
        learnt = [
            code
            for code, level in levels.items()
            if level is not other and self._items[code][1] == 0
        ]
        for code in sorted(learnt):
            self._learn(code, self._items[code][0], level_number(levels[code]))

    def _find(self, codes: Collection[str]) -> None:
        found = fetch_in(
            self.connection, "SELECT code, id, level FROM item WHERE code {ids}", codes
        )
        self._items.update((code, (row, level)) for code, row, level in found)

    def _add(self, missing: list[tuple[str, int]]) -> None:
        if is_sqlite(self.connection):
            rows = self._next_ids("item", len(missing))
            insert_rows(
                self.connection,
                tables.item,
                "id code level",
                [(row, *one) for row, one in zip(rows, missing, strict=True)],
            )
            self._items.update(
                (code, (row, level)) for row, (code, level) in zip(rows, missing, strict=True)
            )
            return
        self.connection.exec_driver_sql(
            "INSERT INTO item (code, level) SELECT * FROM unnest(%s::text[], %s::smallint[])"
            " ON CONFLICT (code) DO NOTHING",
            ([code for code, _ in missing], [level for _, level in missing]),
        )
        self._find([code for code, _ in missing])

    def _learn(self, code: str, row: int, level: int) -> None:
        """An opaque code that was only mentioned so far has its own record now."""
        self.connection.execute(
            tables.item.update().where(tables.item.c.id == row).values(level=level)
        )
        self._items[code] = (row, level)
