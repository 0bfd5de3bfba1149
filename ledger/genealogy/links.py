"""Reading links: the one door through which traces see the store.

What a reader asks for is what was known and true at the times it was opened for:

* `as_of`: events that happened later are not there.
* `known_at`: events received later are not there, nor are errorDeclarations received later.
* An event that was declared an error (and known to be) is not there at all.
* Of some logs all events may be left out, or the later ones (`ledger.genealogy.sight`).

Surrogate ids rise in order of arrival, so "received later" is one comparison; the few events of
other logs that overtook (PostgreSQL takes captures of several logs at once) are named one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.genealogy.intervals import FOREVER
from ledger.store.sets import fetch, fetch_plain_in, scan_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.genealogy.sight import Share

__all__ = ["LinkReader", "LinkRow", "StepRow"]

LinkRow = tuple[int, int, int, int, int, int | None, str | None, str | None]
"""(item, role, event, node, time, peer, quantity, unit)"""

_COLUMNS = "item_id, role, event_row, node, time, peer, quantity, unit"

StepRow = tuple[int, int, int, int]
"""(item, event, node, time)"""

_STEP = "item_id, event_row, node, time"


@dataclass(frozen=True, slots=True)
class LinkReader:
    """Links as they were known at one moment and true at another."""

    connection: Connection
    as_of: int
    """Microseconds; FOREVER for "now"."""
    newest_event: int
    """Ids above this one came later than `known_at`."""
    hidden: frozenset[int]
    """Ids of events declared errors, and of those that overtook."""
    share: Share | None = None
    """The events that may be used; None for all."""

    @classmethod
    def open(
        cls,
        connection: Connection,
        *,
        as_of: int | None = None,
        known_at: int | None = None,
        share: Share | None = None,
    ) -> LinkReader:
        """Open a reader.

        Args:
            connection: A reading transaction.
            as_of: Event time in microseconds; None is now.
            known_at: Ledger time, likewise.
            share: The events that may be used, declarations of error among them; None for all.
        """
        newest = FOREVER
        overtook: Iterable[tuple[int, ...]] = ()
        declared = "SELECT id, declared_by FROM event WHERE declared_by IS NOT NULL"
        if share is not None:
            declared += f" AND {share.condition('event.declared_by')}"
        voided: Iterable[tuple[int, ...]]
        if known_at is None:
            voided = fetch(connection, declared)
        else:
            found = fetch(
                connection, "SELECT max(id) FROM event WHERE received_at <= {p}", known_at
            )
            newest = found[0][0] or 0
            overtook = fetch(
                connection,
                "SELECT id FROM event WHERE received_at > {p} AND id <= {p}",
                known_at,
                newest,
            )
            late = {row[0] for row in overtook}
            voided = [
                (event,)
                for event, by in fetch(connection, declared)
                if by <= newest and by not in late
            ]
        hidden = frozenset(row[0] for row in (*voided, *overtook))
        return cls(connection, FOREVER if as_of is None else as_of, newest, hidden, share)

    def knows(self, item: int) -> bool:
        """Tell whether an event that may be used names an item, whenever it happened."""
        if self.share is None:
            return True
        return bool(
            fetch(
                self.connection,
                "SELECT 1 FROM link WHERE item_id = {p}"
                f" AND {self.share.condition('event_row')} LIMIT 1",
                item,
            )
        )

    def of_items(self, items: Collection[int], roles: Iterable[int]) -> list[LinkRow]:
        """All links of these items in these roles."""
        return self._read_at_once("item_id", items, roles)

    def of_nodes(self, nodes: Collection[int], roles: Iterable[int]) -> list[LinkRow]:
        """All links of these nodes in these roles."""
        return self._read_at_once("node", nodes, roles)

    def scan_items(self, items: Collection[int], roles: Iterable[int]) -> Iterator[LinkRow]:
        """As `of_items`, row by row."""
        return self._read("item_id", items, roles, _COLUMNS)

    def scan_nodes(self, nodes: Collection[int], role: int) -> Iterator[StepRow]:
        """As `of_nodes`, row by row, in one role, and of its columns those that the index holds."""
        return self._read("node", nodes, (role,), _STEP)

    def scan_shared(self, items: Collection[int], role: int) -> Iterator[StepRow]:
        """Links of items in one role at nodes that several events share (`node_of`)."""
        return self._read("item_id", items, (role,), _STEP, " AND node < 0")

    def _read_at_once(
        self, column: str, ids: Collection[int], roles: Iterable[int]
    ) -> list[LinkRow]:
        wanted = sorted(roles)
        if not ids or not wanted:
            return []
        rest, values = self._where(column, wanted)
        rows: list[Any] = fetch_plain_in(self.connection, _COLUMNS, rest, ids, *values)
        return [row for row in rows if row[2] not in self.hidden] if self.hidden else rows

    def _read(
        self,
        column: str,
        ids: Collection[int],
        roles: Iterable[int],
        columns: str,
        more: str = "",
    ) -> Iterator[Any]:
        wanted = sorted(roles)
        if not ids or not wanted:
            return iter(())
        rest, values = self._where(column, wanted)
        rows = scan_in(self.connection, f"SELECT {columns} FROM {rest}{more}", ids, *values)
        if not self.hidden:
            return rows
        event = 2 if columns is _COLUMNS else 1
        return (row for row in rows if row[event] not in self.hidden)

    def _where(self, column: str, wanted: Sequence[int]) -> tuple[str, list[int]]:
        """What stands behind FROM, and its values but the set of ids."""
        low, high = wanted[0], wanted[-1]
        sql = f"link WHERE {column} {{ids}} AND role BETWEEN {low} AND {high}"
        if len(wanted) <= high - low:
            # The plus keeps it away from the index: one range an id is faster than a look for each.
            sql += f" AND +role IN ({', '.join(map(str, wanted))})"
        values: list[int] = []
        if self.as_of != FOREVER:
            sql += " AND time <= {p}"
            values.append(self.as_of)
        if self.newest_event != FOREVER:
            sql += " AND event_row <= {p}"
            values.append(self.newest_event)
        if self.share is not None:
            sql += f" AND {self.share.condition('event_row')}"
        return sql, values
