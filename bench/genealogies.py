"""A generated genealogy: levels of transformations, written straight into the tables.

Each event turns three items of the level below, picked near its own place, into two items of its
level: five links. Items near each other share ancestors, so there are diamonds everywhere, and
what one item reaches grows with the depth and not exponentially. Two lots stand below all: the
narrow one goes into one event, the wide one into so many neighbours that it reaches a tenth. Of
every hundred events one is told by another organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.genealogy.roles import Role
from ledger.levels import level_number
from ledger.organisations import add_organisation
from ledger.projection import node_of
from ledger.store import tables
from ledger.store.engine import writing
from ledger.store.sets import insert_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.ledgers import Ledger

__all__ = ["Genealogy", "code_of", "fill"]

LEVELS: Final = 8
_INPUTS, _OUTPUTS = 3, 2
_OTHERS: Final = 100
_NEAR: Final = 20  # items to either side from which inputs are picked
_START: Final = 1_767_225_600_000_000  # 2026-01-01, microseconds
_TRANSFORMATION: Final = 3
_Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Genealogy:
    """What was generated."""

    links: int
    items: int
    narrow: str
    """Canonical code of the lot that reaches few items."""
    wide: str
    """Of the one that reaches about a tenth."""


def code_of(row: int) -> str:
    """The canonical code of an item by its id."""
    return f"https://id.gs1.org/01/09506000134352/21/{row:09d}"


def fill(ledger: Ledger, links: int, seed: int = 1) -> Genealogy:
    """Fill an empty ledger with about so many links; entries are left out, for traces read none."""
    events = links // (_INPUTS + _OUTPUTS) // LEVELS
    width = events * _OUTPUTS
    items = 2 + width * (LEVELS + 1)
    other = add_organisation(
        ledger.engine, ledger.keys, slug="other", name="Other", host="ledger.example"
    )
    with writing(ledger.engine) as connection:
        insert_rows(
            connection,
            tables.item,
            "id code level",
            ((row, code_of(row), level_number(Level.INSTANCE)) for row in range(1, items + 1)),
        )
        insert_rows(
            connection,
            tables.event,
            "id log_id seq event_id declaration digest type action time received_at disposition",
            _event_rows(ledger.organisation.row, other.row, events),
        )
        rows = sorted(_link_rows(events, width, seed))
        insert_rows(connection, tables.link, "item_id role event_row line node time", rows)
    return Genealogy(len(rows), items, code_of(1), code_of(2))


def _time(level: int, place: int) -> int:
    return _START + level * 10**10 + place


def _event_rows(log: int, other: int, events: int) -> Iterator[_Row]:
    for level in range(LEVELS):
        for place in range(events):
            row = level * events + place + 1
            at = _time(level, place)
            name = f"urn:uuid:{row:032x}"
            told_by = other if row % _OTHERS == 1 else log
            yield row, told_by, row, name, 0, row.to_bytes(32), _TRANSFORMATION, 0, at, at, "active"


def _link_rows(events: int, width: int, seed: int) -> Iterator[_Row]:
    random = Random(seed)  # noqa: S311 - drawn from a seed, on purpose
    tenth = range(events // 2, events // 2 + events // 10)
    for level in range(LEVELS):
        below = 3 + level * width  # the first item of the level below
        for place in range(events):
            row = level * events + place + 1
            node, at = node_of(row, 0, None), _time(level, place)
            near = range(max(0, 2 * place - _NEAR), min(width, 2 * place + _NEAR))
            used = [below + one for one in random.sample(near, _INPUTS)]
            if level == 0 and place == events // 4:
                used.append(1)
            if level == 0 and place in tenth:
                used.append(2)
            for item in used:
                yield item, Role.INPUT, row, 0, node, at
            for item in range(_OUTPUTS):
                made = below + width + _OUTPUTS * place + item
                yield made, Role.OUTPUT, row, 0, node, at
