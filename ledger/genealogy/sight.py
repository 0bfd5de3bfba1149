"""What an answer may be made of: logs that whoever asks may read, and what of them was verified.

Rules kept:

* An event that may not be used is not there: no link, code, state, time or number of it is told.
* How far a log may be used is an id of an event: ids rise in the order of its entries.
* Nothing is enforced here. Who may read which log is the caller's to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import NotFoundError, shown
from ledger.genealogy.intervals import FOREVER
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection

__all__ = ["RIGHTS", "UNVERIFIED", "LogHead", "Share", "Sight", "Withheld", "sight_of"]

RIGHTS = "rights"
"""The reason of a cut: a log that may not be read."""
UNVERIFIED = "unverified"
"""The reason of a cut: entries behind a log's verified-mark."""


@dataclass(frozen=True, slots=True)
class LogHead:
    """How far a log reached when it was read."""

    size: int
    """Entries."""
    root: str
    """Merkle root of these entries, base64 as in a checkpoint (RFC 6962 section 2.1)."""


@dataclass(frozen=True, slots=True)
class Share:
    """Some of the events: of each log a stretch."""

    stretches: Mapping[int, tuple[int, int]]
    """By a log's surrogate id the ids of two events: those behind the first, up to and with the
    second. A log that isn't here has none."""

    def holds(self, log: int, event: int) -> bool:
        """Tell whether an event belongs to it."""
        after, last = self.stretches.get(log, (0, 0))
        return after < event <= last

    def condition(self, event: str) -> str:
        """SQL that is true where an event belongs to it.

        Args:
            event: The column of an event's id; not one of the table of events without its name.
        """
        whole = {log for log, stretch in self.stretches.items() if stretch == (0, FOREVER)}
        parts = {log: one for log, one in self.stretches.items() if log not in whole}
        either = []
        if whole:
            either.append(f"told.log_id IN ({', '.join(map(str, sorted(whole)))})")
        if parts:
            # Not joined with OR: of a thousand logs that would nest too deep for SQLite.
            after, last = (
                " ".join(f"WHEN {log} THEN {parts[log][end]}" for log in sorted(parts))
                for end in (0, 1)
            )
            either.append(
                f"(told.id > CASE told.log_id {after} ELSE 0 END"
                f" AND told.id <= CASE told.log_id {last} ELSE 0 END)"
            )
        told = " OR ".join(either) or "0 = 1"
        return f"EXISTS (SELECT 1 FROM event AS told WHERE told.id = {event} AND ({told}))"


@dataclass(frozen=True, slots=True)
class Withheld:
    """Events that an answer is not made of."""

    reason: str
    """`RIGHTS` or `UNVERIFIED`."""
    share: Share
    known: Share | None
    """Whose declarations of error are believed about them; None for all."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What an answer is made of, and what not."""

    share: Share | None
    """None for everything."""
    withheld: tuple[Withheld, ...]
    origins: frozenset[str] | None
    """Of the logs that are read; None for all."""
    verified: Mapping[str, LogHead] | None
    """How far they are read, where that was asked for."""


def sight_of(
    connection: Connection,
    told_by: Collection[str] | None = None,
    verified: Mapping[str, LogHead] | None = None,
) -> Sight:
    """What may be used.

    Args:
        connection: The reading transaction of the question.
        told_by: Slugs of the organisations whose logs may be read; None for all.
        verified: By log origin how far it was verified; a log that isn't there not at all. None
            where what is unverified may be used as well.

    Raises:
        NotFoundError: An organisation has no log here.
    """
    rows = fetch(connection, "SELECT id, organisation, origin, size FROM log ORDER BY id")
    if told_by is not None:
        _check(told_by, {row[1] for row in rows})
    read = {
        row: (slug, origin, size)
        for row, slug, origin, size in rows
        if told_by is None or slug in told_by
    }
    whole = dict.fromkeys(read, (0, FOREVER))
    permitted = Share(whole)
    others = {row[0]: (0, FOREVER) for row in rows if row[0] not in read}
    withheld = [Withheld(RIGHTS, Share(others), None)] if others else []
    share = permitted
    if verified is not None:
        sizes = {
            log: verified[origin].size if origin in verified else 0
            for log, (_slug, origin, _size) in read.items()
        }
        behind = {
            log: _last_event(connection, log, size)
            for log, size in sizes.items()
            if size < read[log][2]
        }
        if behind:
            share = Share(whole | {log: (0, last) for log, last in behind.items()})
            rest = Share({log: (last, FOREVER) for log, last in behind.items()})
            withheld.append(Withheld(UNVERIFIED, rest, permitted))
    return Sight(
        share=share if withheld else None,
        withheld=tuple(withheld),
        origins=None if told_by is None else frozenset(one[1] for one in read.values()),
        verified=verified,
    )


def _check(told_by: Iterable[str], known: set[str]) -> None:
    for slug in told_by:
        if slug not in known:
            raise NotFoundError(
                f"No organisation {shown(slug)} here. See 'suyuan org list' for those there are."
            )


def _last_event(connection: Connection, log: int, size: int) -> int:
    """The last event among the first entries of a log; 0 for none."""
    rows = fetch(
        connection,
        "SELECT id FROM event WHERE log_id = {p} AND seq < {p} ORDER BY seq DESC LIMIT 1",
        log,
        size,
    )
    return int(rows[0][0]) if rows else 0
