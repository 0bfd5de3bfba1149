"""How an item stands in an event, and which roles make which link.

| link | from | to |
| --- | --- | --- |
| transformed | INPUT | OUTPUT |
| part_of_lot | LOT | MEMBER |
| installed | INSTALLED (until REMOVED, or the assembly is STRIPPED) | ASSEMBLY |
| packed | PACKED (until UNPACKED, or the container is EMPTIED) | CONTAINER |
| measured | INSTRUMENT | MEASURED |

The numbers are stored: add, don't renumber. They are plain integers because traces compare them
millions of times.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["BACKWARD", "FORWARD", "LEARNT", "MATERIAL", "SUBJECT", "Kind", "Role"]


class Role:
    """The part an item plays in one event."""

    OBSERVED: Final = 0  # seen, moved, sold, measured
    INPUT: Final = 1
    OUTPUT: Final = 2
    LOT: Final = 3  # the lot whose member the same event names
    MEMBER: Final = 4
    PACKED: Final = 5
    CONTAINER: Final = 6
    UNPACKED: Final = 7
    EMPTIED: Final = 8  # a container whose children all leave
    INSTALLED: Final = 9
    ASSEMBLY: Final = 10
    REMOVED: Final = 11
    STRIPPED: Final = 12  # an assembly whose children are all removed
    CREATED: Final = 13  # brought into being by an ObjectEvent ADD
    ENDED: Final = 14  # taken out of being by an ObjectEvent DELETE
    INSTRUMENT: Final = 15  # the device that a reading was made with
    MEASURED: Final = 16  # what the readings of an event are about


class Kind(StrEnum):
    """The kinds of links; the names stand in every answer."""

    TRANSFORMED = "transformed"
    PART_OF_LOT = "part_of_lot"
    INSTALLED = "installed"
    PACKED = "packed"
    MEASURED = "measured"


MATERIAL: Final = tuple(kind for kind in Kind if kind is not Kind.MEASURED)
"""The kinds of links that goods are made of; a reading passes nothing on but trust."""

FORWARD: Final[dict[Kind, tuple[int, ...]]] = {
    Kind.TRANSFORMED: (Role.INPUT,),
    Kind.PART_OF_LOT: (Role.LOT,),
    Kind.INSTALLED: (Role.INSTALLED, Role.REMOVED),
    Kind.PACKED: (Role.PACKED, Role.UNPACKED),
    Kind.MEASURED: (Role.INSTRUMENT,),
}
"""The roles in which an item is left behind on the way forward."""

BACKWARD: Final[dict[Kind, tuple[int, ...]]] = {
    Kind.TRANSFORMED: (Role.OUTPUT,),
    Kind.PART_OF_LOT: (Role.MEMBER,),
    Kind.INSTALLED: (Role.ASSEMBLY,),
    Kind.PACKED: (Role.CONTAINER,),
    Kind.MEASURED: (Role.MEASURED,),
}
"""The roles in which an item is left behind on the way backward."""

SUBJECT: Final = frozenset(
    {
        Role.OBSERVED,
        Role.OUTPUT,
        Role.CONTAINER,
        Role.EMPTIED,
        Role.STRIPPED,
        Role.CREATED,
        Role.ENDED,
    }
)
"""Roles that are a record of the item itself. An item that stands in others only was mentioned by
somebody (as an input, a part, a parent of a part) and is *announced*: its own record is to come."""

LEARNT: Final = frozenset({Role.OBSERVED, Role.CREATED, Role.OUTPUT, Role.ENDED})
"""Roles from whose list (EPCs or quantities) the level of an opaque code is learnt."""
