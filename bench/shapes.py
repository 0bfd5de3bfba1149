"""Small genealogies of a shape that hurts: a chain of many levels, and a ladder of diamonds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.genealogies import code_of
from identifiers import Level
from ledger.genealogy.roles import Role
from ledger.levels import level_number
from ledger.projection import TYPES, node_of
from ledger.store import tables
from ledger.store.engine import writing
from ledger.store.sets import fetch, insert_rows

if TYPE_CHECKING:
    from bench.ledgers import Ledger

__all__ = ["CHAIN", "DIAMONDS", "Shapes", "add_shapes"]

CHAIN: Final = 1000
"""Levels."""
DIAMONDS: Final = 25
"""One above the other: 2^25 ways from the lowest item to the highest."""
_START: Final = 1_798_761_600_000_000  # 2027-01-01, microseconds


@dataclass(frozen=True, slots=True)
class Shapes:
    """What was added."""

    chain: str
    """Canonical code of the lowest item."""
    ladder: str


def add_shapes(ledger: Ledger) -> Shapes:
    """Add both to a ledger that `bench.genealogies.fill` has filled."""
    with writing(ledger.engine) as connection:
        [(item,)] = fetch(connection, "SELECT max(id) FROM item")
        [(event,)] = fetch(connection, "SELECT max(id) FROM event")
        made: list[tuple[list[int], list[int]]] = []
        chain = item + 1
        made += [([chain + step], [chain + step + 1]) for step in range(CHAIN)]
        ladder = chain + CHAIN + 1
        for step in range(DIAMONDS):
            low = ladder + 3 * step
            made += [([low], [low + 1]), ([low], [low + 2]), ([low + 1, low + 2], [low + 3])]
        last = ladder + 3 * DIAMONDS
        level = level_number(Level.INSTANCE)
        rows = [(row, code_of(row), level) for row in range(chain, last + 1)]
        insert_rows(connection, tables.item, "id code level", rows)
        log, kind = ledger.organisation.row, TYPES.index("TransformationEvent")
        insert_rows(
            connection,
            tables.event,
            "id log_id seq event_id declaration digest type action time received_at disposition",
            [
                (
                    row,
                    log,
                    row,
                    f"urn:uuid:{row:032x}",
                    0,
                    row.to_bytes(32),
                    kind,
                    0,
                    at,
                    at,
                    "active",
                )
                for row, at in ((event + 1 + place, _START + place) for place in range(len(made)))
            ],
        )
        links = [
            (item, role, event + 1 + place, 0, node_of(event + 1 + place, 0, None), _START + place)
            for place, sides in enumerate(made)
            for role, items in zip((Role.INPUT, Role.OUTPUT), sides, strict=True)
            for item in items
        ]
        insert_rows(connection, tables.link, "item_id role event_row line node time", sorted(links))
    return Shapes(code_of(chain), code_of(ladder))
