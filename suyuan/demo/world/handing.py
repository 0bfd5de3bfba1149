"""Handing items from one firm to another.

What is shipped leaves one firm's log and enters the other's by an event of its own, both with the
same papers; each travels in a document of its own.

CBV 2.0 sections 7.4 (sources and destinations) and 8.5 (papers).
"""

from collections.abc import Sequence
from typing import Any

from suyuan.demo.world.acts import Event, Part, about, at_place
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import FIRMS, Firm

__all__ = ["move", "ship"]


def _handing(giver: Firm, taker: Firm) -> dict[str, Any]:
    kinds = ("owning_party", "possessing_party")
    source, destination = giver.company.pgln, taker.company.pgln
    return {
        "sourceList": [{"type": kind, "source": source} for kind in kinds],
        "destinationList": [{"type": kind, "destination": destination} for kind in kinds],
    }


def ship(
    desk: Desk,
    route: tuple[str, str],
    when: tuple[int, int],
    parts: Sequence[Part],
    note: str,
    *,
    back: bool = False,
) -> tuple[Event, Event]:
    """Write a dispatch: its shipping and its receipt, for documents of two firms.

    Args:
        desk: The wave.
        route: Slugs of the giver and the taker.
        when: Times of leaving and of arrival.
        parts: What travels; containers with all they hold.
        note: Number of the delivery note.
        back: Whether the goods are returned.
    """
    giver, taker = FIRMS[route[0]], FIRMS[route[1]]
    company = taker.company if back else giver.company
    paper = "rma" if back else "desadv"
    fields = {
        "bizTransactionList": [
            {"type": paper, "bizTransaction": company.order(paper.upper(), note)},
            {"type": "po", "bizTransaction": taker.company.order("PO", note)},
        ],
        **_handing(giver, taker),
    }
    shipped = about(
        desk,
        giver,
        when[0],
        parts,
        action="OBSERVE",
        bizStep="shipping",
        disposition="returned" if back else "in_transit",
        readPoint=giver.place("store"),
        **fields,
    )
    received = about(
        desk,
        taker,
        when[1],
        parts,
        action="OBSERVE",
        bizStep="receiving",
        disposition="returned" if back else "in_progress",
        **at_place(taker, "store"),
        **fields,
    )
    return shipped, received


def move(
    desk: Desk,
    route: tuple[str, str],
    when: tuple[int, int],
    parts: Sequence[Part],
    note: str,
    *,
    back: bool = False,
) -> None:
    """Ship and receive, each in a document of its own; see `ship`."""
    for slug, event in zip(route, ship(desk, route, when, parts, note, back=back), strict=True):
        desk.submit(FIRMS[slug], "wms", event)
