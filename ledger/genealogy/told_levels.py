"""Codes that one event tells as a lot and another one as a single piece.

Most codes show what they stand for. Of one that doesn't, the first event that says it decides
(`ledger.genealogy.roles.LEARNT`): a list of quantities names lots, a list of EPCs single pieces.
Links keep quantities and not the list; where there is no quantity, the event is read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.genealogy.roles import LEARNT, Role
from ledger.levels import level_number
from ledger.projection import canonical_code
from ledger.store.sets import fetch_in
from ledger.stored_facts import stored_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.genealogy.links import LinkReader

__all__ = ["told_differently"]

_SHOWS: Final = "https://id.gs1.org/"
"""How the canonical codes begin that show their level; the check saves reading them."""
_MOST_READ: Final = 1_000
"""Events that are read again for one answer."""


def told_differently(
    reader: LinkReader, names: Mapping[int, str]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """The codes among `names` that are told differently, with an event that says so."""
    opaque = [
        row
        for row, code in names.items()
        if not code.startswith(_SHOWS) and canonical_code(code).level is Level.OTHER
    ]
    lot, instance = level_number(Level.LOT), level_number(Level.INSTANCE)
    levels = dict(fetch_in(reader.connection, "SELECT id, level FROM item WHERE id {ids}", opaque))
    doubtful: dict[int, list[str]] = {}
    for item, role, event, _node, _time, _peer, quantity, _unit in reader.scan_items(
        opaque, range(Role.OBSERVED, Role.ENDED + 1)
    ):
        if quantity is not None and levels[item] == instance:
            yield (names[item],), event
        elif quantity is None and levels[item] == lot and role in LEARNT:
            doubtful.setdefault(event, []).append(names[item])
    entries = fetch_in(
        reader.connection,
        "SELECT event.id, bytes FROM event JOIN entry ON entry.log_id = event.log_id"
        " AND entry.seq = event.seq WHERE event.id {ids}",
        sorted(doubtful)[:_MOST_READ],
    )
    for event, raw in entries:
        facts = stored_facts(raw)
        singles = {link.code for link in facts.links if link.level is Level.INSTANCE}
        yield from (((code,), event) for code in doubtful[event] if code in singles)
