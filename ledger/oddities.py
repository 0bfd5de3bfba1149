"""What is odd about an event that is stored all the same: findings in its receipt.

Such events are kept as they were sent, and traces say what they leave open
(`ledger.genealogy.completeness`). The sender hears of it at once, when it is easiest to find out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.genealogy.roles import Role
from ledger.problems import Problem, problem
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.projection import EventFacts, LinkFacts
    from ledger.storing import Accepted

__all__ = ["event_oddities", "removal_oddities"]

_SHOWN: Final = 10
"""Findings of one kind that an event's receipt lists."""
_CAME: Final = {Role.UNPACKED: Role.PACKED, Role.REMOVED: Role.INSTALLED}


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


def removal_oddities(connection: Connection, group: Sequence[Accepted]) -> dict[int, list[Problem]]:
    """Removals of what nothing says was put in before, by the event's place in the log.

    Args:
        connection: The transaction that the events were just stored in.
        group: The events.
    """
    removals = [(one, link) for one in group for link in _removals(one.facts)]
    if not removals:
        return {}
    rows = fetch_in(
        connection,
        "SELECT item.code, parent.code, role, min(time) FROM item JOIN link ON item_id = item.id"
        " JOIN item AS parent ON parent.id = peer WHERE item.code {ids}"
        f" AND role IN ({Role.PACKED}, {Role.INSTALLED}) GROUP BY item.code, parent.code, role",
        {link.code for _, link in removals},
    )
    since = {(code, parent, role): time for code, parent, role, time in rows}
    found: dict[int, list[Problem]] = {}
    for one, link in removals:
        came = since.get((link.code, link.peer, _CAME[link.role]))
        if came is None or came > one.facts.time:
            said = found.setdefault(one.seq, [])
            if len(said) < _SHOWN:
                said.append(problem("", "trace.not-inside", link.code, parent=link.peer))
    return found


def _removals(facts: EventFacts) -> Iterator[LinkFacts]:
    return (link for link in facts.links if link.role in _CAME and link.peer is not None)
