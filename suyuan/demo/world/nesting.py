"""Putting items into others and taking them out: assemblies and containers.

Rules kept:

* Parts are installed by AssociationEvents, loads packed by AggregationEvents.
* A container is emptied by a DELETE that names its content, or by one that names none.

EPCIS 2.0 sections 7.4.3 and 7.4.6.
"""

from collections.abc import Sequence

from suyuan.demo.world.acts import Event, Part, at_place, codes_of, lists, pieces
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import Firm

__all__ = ["enter", "fit", "leave", "unfit"]


def fit(
    desk: Desk, firm: Firm, when: int, whole: str, parts: Sequence[str], *, book: bool = True
) -> Event:
    """Build parts into an assembly."""
    return _family(
        desk, firm, when, whole, pieces(parts), kind="installed", action="ADD",
        step="installing", disposition="in_progress", place="work", book=book,
    )  # fmt: skip


def unfit(desk: Desk, firm: Firm, when: int, whole: str, parts: Sequence[str]) -> Event:
    """Take parts out of an assembly."""
    return _family(
        desk, firm, when, whole, pieces(parts), kind="installed", action="DELETE",
        step="removing", disposition="needs_replacement", place="work", book=True,
    )  # fmt: skip


def enter(desk: Desk, firm: Firm, when: int, unit: str, parts: Sequence[Part]) -> Event:
    """Pack items, or some of a lot, into a container."""
    return _family(
        desk, firm, when, unit, parts, kind="packed", action="ADD",
        step="packing", disposition="in_progress", place="store", book=True,
    )  # fmt: skip


def leave(
    desk: Desk,
    firm: Firm,
    when: int,
    unit: str,
    parts: Sequence[Part],
    *,
    listed: bool = True,
    last: bool = True,
) -> Event:
    """Unpack a container.

    Args:
        desk: The wave.
        firm: Who does it.
        when: When.
        unit: The container.
        parts: What leaves it.
        listed: False where the event names no child: the container is emptied.
        last: False where some of a lot leaves and the rest stays.
    """
    event = _family(
        desk, firm, when, unit, parts if listed else (), kind="packed", action="DELETE",
        step="unpacking", disposition="in_progress", place="store", book=False,
    )  # fmt: skip
    if last:
        desk.book.left(unit, [part.code for part in parts], when)
    return event


def _family(
    desk: Desk,
    firm: Firm,
    when: int,
    parent: str,
    parts: Sequence[Part],
    *,
    kind: str,
    action: str,
    step: str,
    disposition: str,
    place: str,
    book: bool,
) -> Event:
    desk.codes.add(parent)
    codes = codes_of(desk, parts)
    if book:
        if action == "ADD":
            desk.book.entered(kind, parent, codes, when)
        else:
            desk.book.left(parent, codes, when)
    return desk.event(
        firm,
        "AssociationEvent" if kind == "installed" else "AggregationEvent",
        when,
        parentID=parent,
        **lists(parts, "childEPCs", "childQuantityList"),
        action=action,
        bizStep=step,
        disposition=disposition,
        **at_place(firm, place),
    )
