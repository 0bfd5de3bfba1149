"""What is odd about an event that is stored all the same: findings in its receipt.

Such events are kept as they were sent, and traces say what they leave open
(`ledger.genealogy.completeness`). The sender hears of it at once, when it is easiest to find out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.genealogy.roles import Role
from ledger.problems import Problem, problem
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.projection import EventFacts, LinkFacts
    from ledger.storing import Accepted, ProjectionStore

__all__ = ["event_oddities", "stored_oddities"]

_SHOWN: Final = 10
"""Findings of one kind that an event's receipt lists."""
_CAME: Final = {Role.UNPACKED: Role.PACKED, Role.REMOVED: Role.INSTALLED}
_TOLD: Final = {Level.LOT, Level.INSTANCE}
"""What events say of a code that doesn't show it: a list of quantities names lots."""


def event_oddities(pointer: str, facts: EventFacts) -> list[Problem]:
    """What is odd about an event by itself."""
    found: list[Problem] = []
    roles: dict[int, set[str]] = {Role.INPUT: set(), Role.OUTPUT: set()}
    for link in facts.links:
        if link.role in roles:
            roles[link.role].add(link.code)
        if link.quantity is not None and link.quantity[0] == "-" and len(found) < _SHOWN:
            found.append(problem(pointer, "trace.negative", link.quantity, item=link.code))
    both = sorted(roles[Role.INPUT] & roles[Role.OUTPUT])[:_SHOWN]
    return found + [problem(pointer, "trace.itself", code) for code in both]


def stored_oddities(store: ProjectionStore, group: Sequence[Accepted]) -> dict[int, list[Problem]]:
    """What is odd about events beside what is stored, by the event's place in the log.

    Args:
        store: Where the events were just stored, in the same transaction.
        group: The events.
    """
    found: dict[int, list[Problem]] = {}
    for seq, one in (*_removal_oddities(store.connection, group), *_level_oddities(store, group)):
        found.setdefault(seq, []).append(one)
    return found


def _level_oddities(
    store: ProjectionStore, group: Sequence[Accepted]
) -> Iterator[tuple[int, Problem]]:
    """Codes that don't show their level, told as another one than before."""
    for one in group:
        odd: set[str] = set()
        for link in one.facts.links:
            known = store.level_of(link.code)
            if known is not link.level and len(odd) < _SHOWN:
                told = Level.LOT if link.quantity is not None else link.level
                if told is not known and told in _TOLD and known in _TOLD:
                    odd.add(link.code)
        for code in sorted(odd):
            yield one.seq, problem("", "trace.level", code)


def _removal_oddities(
    connection: Connection, group: Sequence[Accepted]
) -> Iterator[tuple[int, Problem]]:
    """Removals of what nothing says was put in before."""
    removals = [(one, link) for one in group for link in _removals(one.facts)]
    if not removals:
        return
    rows = fetch_in(
        connection,
        "SELECT item.code, parent.code, role, min(time) FROM item JOIN link ON item_id = item.id"
        " JOIN item AS parent ON parent.id = peer WHERE item.code {ids}"
        f" AND role IN ({Role.PACKED}, {Role.INSTALLED}) GROUP BY item.code, parent.code, role",
        {link.code for _, link in removals},
    )
    since = {(code, parent, role): time for code, parent, role, time in rows}
    shown: Counter[int] = Counter()
    for one, link in removals:
        came = since.get((link.code, link.peer, _CAME[link.role]))
        if (came is None or came > one.facts.time) and shown[one.seq] < _SHOWN:
            shown[one.seq] += 1
            yield one.seq, problem("", "trace.not-inside", link.code, parent=link.peer)


def _removals(facts: EventFacts) -> Iterator[LinkFacts]:
    return (link for link in facts.links if link.role in _CAME and link.peer is not None)
