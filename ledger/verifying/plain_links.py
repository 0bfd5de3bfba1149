"""The links of plain events, kind by kind; `ledger.projection` says what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from ledger.genealogy.roles import Role
from ledger.projection import node_of
from ledger.verifying.naming import NotPlain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.verifying.naming import Texts
    from ledger.verifying.plain import Amount, Plain

__all__ = ["Link", "family_links", "object_links", "transformation_links"]

Link = tuple[Any, ...]
"""A row of `link`, in the order of `ledger.verifying.making.LINK_COLUMNS`."""


def _add_links(  # noqa: PLR0917 - once for each list of items
    links: list[Link],
    role: int,
    row: int,
    time: int,
    peer: int | None,
    epcs: Sequence[str],
    instances: Texts,
    amounts: Sequence[Amount],
    lots: Texts,
) -> None:
    """Add the links of items in one role."""
    node = node_of(row, 0, None)
    items = [instances[text] for text in epcs]
    links += [(node, role, item, time, row, 0, peer, None, None) for item in items]
    for one in amounts:
        item = lots[one.epcClass]
        quantity = None if one.quantity is UNSET else str(one.quantity)
        links.append((node, role, item, time, row, 0, peer, quantity, one.uom))
        items.append(item)
    if len(set(items)) != len(items):
        raise NotPlain  # an item that is listed again has lines


def object_links(  # noqa: PLR0917 - bound to the kind
    instances: Texts,
    lots: Texts,
    role: int,
    event: Plain,
    row: int,
    time: int,
    links: list[Link],
) -> None:
    """Add the links of an ObjectEvent."""
    epcs, amounts = event.epcList, event.quantityList
    if len(epcs) == 1 and not amounts:
        node = node_of(row, 0, None)
        links.append((node, role, instances[epcs[0]], time, row, 0, None, None, None))
    else:
        _add_links(links, role, row, time, None, epcs, instances, amounts, lots)


def transformation_links(  # noqa: PLR0917 - bound to the kind
    in_epcs: Texts,
    in_lots: Texts,
    out_epcs: Texts,
    out_lots: Texts,
    event: Plain,
    row: int,
    time: int,
    links: list[Link],
) -> None:
    """Add the links of a TransformationEvent."""
    for role, epcs, instances, amounts, lots in (
        (Role.INPUT, event.inputEPCList, in_epcs, event.inputQuantityList, in_lots),
        (Role.OUTPUT, event.outputEPCList, out_epcs, event.outputQuantityList, out_lots),
    ):
        _add_links(links, role, row, time, None, epcs, instances, amounts, lots)


def family_links(  # noqa: PLR0917 - bound to the kind
    instances: Texts,
    lots: Texts,
    parents: Texts,
    lone_parents: Texts,
    child: int,
    parent: int,
    lone_parent: int,
    event: Plain,
    row: int,
    time: int,
    links: list[Link],
) -> None:
    """Add the links of an event about children and their parent."""
    name = event.parentID
    if name is None:
        raise NotPlain
    epcs, amounts = event.childEPCs, event.childQuantityList
    if not epcs and not amounts:
        parent, parents = lone_parent, lone_parents
    peer = parents[name]
    node = node_of(row, 0, None)
    links.append((node, parent, peer, time, row, 0, None, None, None))
    _add_links(links, child, row, time, peer, epcs, instances, amounts, lots)
