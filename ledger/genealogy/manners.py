"""In which manner goods became other goods: renamed, split, merged, or fitted in another's place.

These are no kinds of links: what they mean for a recall is what a transformation or an installation
means. They are what people call it, told from the numbers of what went in and came out, and so it
needs no word of the sender's.

The numbers are those of all items that the reader's events name at a transformation, whichever of
them a trace has reached: so each direction, and each way to the answer, calls it the same.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Final

from ledger.genealogy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ledger.genealogy.walk import Links

__all__ = ["Manner", "fitted_manner", "joined_manners", "of_one_product"]

_GS1: Final = "https://id.gs1.org/01/"
_PRODUCT: Final = len(_GS1) + 14


class Manner(StrEnum):
    """What a link's event did, where it was one of these."""

    RENAMED = "renamed"
    """One item in, one out, of the same product: a new code on the same goods."""
    SPLIT = "split"
    """One item in, several out, of the same product."""
    MERGED = "merged"
    """Several items in, one out, of the same product."""
    REPLACED = "replaced"
    """A part was fitted in another one's place (CBV 2.0 business step `replacing`)."""


def fitted_manner(step: str | None) -> Manner | None:
    """The manner of an installation, by the business step of its event."""
    return Manner.REPLACED if step == "replacing" else None


def of_one_product(source: str, target: str) -> bool:
    """Whether two codes, which are canonical, are those of different items of one GTIN."""
    product_of = source[:_PRODUCT]
    return target.startswith(product_of) and source != target and product_of.startswith(_GS1)


def joined_manners(
    links: Links,
    codes: Mapping[int, str],
    meetings: Iterable[tuple[int, Collection[int], Collection[int]]],
) -> dict[int, Manner]:
    """The manner of each transformation that has one, by node.

    Only of those that may have one the links are read, all together: where an item stands alone on
    its side, of the product of one on the other side.

    Args:
        links: Of the events that count.
        codes: The canonical codes of items.
        meetings: Of each transformation its node, and the inputs and outputs that were reached.
    """
    one_in: set[int] = set()
    one_out: set[int] = set()
    for node, inputs, outputs in meetings:
        lone_in, lone_out = len(inputs) == 1, len(outputs) == 1
        if not (lone_in or lone_out):
            continue
        for a, b in product(inputs, outputs):
            if of_one_product(codes[a], codes[b]):
                if lone_in:
                    one_in.add(node)
                if lone_out:
                    one_out.add(node)
                break
    for alone, role in ((one_in, Role.INPUT), (one_out, Role.OUTPUT)):
        met = {(node, item) for item, _event, node, _time in links.scan_nodes(alone, role)}
        if len(met) > len(alone):  # there are others, which weren't reached
            count = Counter(node for node, _item in met)
            alone.intersection_update([node for node in alone if count[node] == 1])
    return {
        **dict.fromkeys(one_in, Manner.SPLIT),
        **dict.fromkeys(one_out, Manner.MERGED),
        **dict.fromkeys(one_in & one_out, Manner.RENAMED),
    }
