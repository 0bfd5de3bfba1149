"""Short names for codes and times, and the questions that the tests of genealogy ask."""

from typing import Any

from ledger.genealogy.trace import Direction, Trace, trace
from ledger.store.engine import reading
from ledger.times import parse_time
from tests.ledger.builders import Event, Ledger, family, instance, made, seen

__all__ = [
    "ahead",
    "ask",
    "at",
    "behind",
    "clock",
    "declare",
    "empty",
    "fit",
    "make",
    "name",
    "pack",
    "pairs",
    "remove",
    "see",
    "unpack",
]


def clock(minute: int) -> str:
    """Return the time of a minute of the tests' day."""
    return f"2026-03-01T{8 + minute // 60:02}:{minute % 60:02}:00Z"


def at(minute: int) -> int:
    """Return the same in microseconds."""
    return parse_time(clock(minute))


def name(code: str) -> str:
    """Return the last word of a code."""
    return code.rpartition("/")[2]


def make(minute: int, inputs: str, outputs: str, **fields: Any) -> Event:
    """Return a transformation of instances, named with spaces between."""
    sides = [[instance(one) for one in side.split()] for side in (inputs, outputs)]
    return made(*sides, at=clock(minute), **fields)


def _family(minute: int, parent: str, children: str, action: str, kind: str) -> Event:
    codes = [instance(one) for one in children.split()]
    return family(instance(parent), *codes, at=clock(minute), action=action, kind=kind)


def fit(minute: int, parent: str, children: str) -> Event:
    """Return an event that fits parts to an assembly."""
    return _family(minute, parent, children, "ADD", "AssociationEvent")


def remove(minute: int, parent: str, children: str = "") -> Event:
    """Return an event that removes parts; without any, all of them."""
    return _family(minute, parent, children, "DELETE", "AssociationEvent")


def pack(minute: int, parent: str, children: str) -> Event:
    """Return an event that packs children into a container."""
    return _family(minute, parent, children, "ADD", "AggregationEvent")


def unpack(minute: int, parent: str, children: str) -> Event:
    """Return an event that unpacks children."""
    return _family(minute, parent, children, "DELETE", "AggregationEvent")


def empty(minute: int, parent: str) -> Event:
    """Return an event that unpacks all that a container holds."""
    return _family(minute, parent, "", "DELETE", "AggregationEvent")


def see(minute: int, items: str, **fields: Any) -> Event:
    """Return an event that is about instances."""
    return seen(*(instance(one) for one in items.split()), at=clock(minute), **fields)


def declare(original: Event, minute: int = 50) -> Event:
    """Return the declaration that an event, which has an eventID, was an error."""
    return original | {"errorDeclaration": {"declarationTime": clock(minute)}}


def ask(
    ledger: Ledger, root: str, direction: Direction = Direction.FORWARD, **options: Any
) -> Trace:
    """Trace an instance by its short name, or anything by its code."""
    code = root if ":" in root else instance(root)
    with reading(ledger.engine) as connection:
        return trace(connection, code, direction, **options)


def ahead(ledger: Ledger, root: str, **options: Any) -> set[str]:
    """Return the names of all that is ahead of an item."""
    return {name(one.code) for one in ask(ledger, root, **options).items}


def behind(ledger: Ledger, root: str, **options: Any) -> set[str]:
    """Return the names of all that is behind an item."""
    return {name(one.code) for one in ask(ledger, root, Direction.BACKWARD, **options).items}


def pairs(answer: Trace) -> set[tuple[str, str]]:
    """Return the links of an answer by the names of their ends."""
    return {(name(link.source), name(link.target)) for link in answer.links}
