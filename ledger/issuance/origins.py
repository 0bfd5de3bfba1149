"""The way back: from a code to the batch that it was issued in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import UsageError
from ledger.issuance.register import batch_of_drawn, range_of, space_of
from ledger.issuance.serials import LENGTH, series_of
from ledger.issuance.spelling import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from identifiers import ItemCode
    from ledger.issuance.keys import KeyVersion
    from ledger.issuance.register import Batch
    from ledger.issuance.serials import Range

__all__ = ["Origin", "find_origin"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a code comes from."""

    batch: Batch
    range: Range | None
    """None for a drawn serial."""
    counter: int | None
    """None for a drawn serial."""


def find_origin(
    connection: Connection, versions: Iterable[KeyVersion], code: ItemCode
) -> Origin | None:
    """Find the batch of a code; None when we didn't issue it.

    Args:
        connection: An open transaction.
        versions: All versions of the issuing key. Without that of its batch, a permuted code can't
            be told from one that was never issued.
        code: The code.
    """
    product, serial = code.product, code.serial
    if product is None or serial is None or code.uri != f"{product}/21/{serial}":
        return None
    try:
        number = number_of(serial, LENGTH)
    except UsageError:  # a serial of another form than ours
        return None
    space = space_of(connection, product)
    if space is None:
        return None
    drawn = batch_of_drawn(connection, space, number)
    if drawn is not None:
        return Origin(drawn, None, None)
    counters: dict[int, int] = {}
    for key in versions:
        [counters[key.number]] = series_of(product, key.number, key.serial_key).counters([number])
    found = range_of(connection, space, counters)
    if found is None:
        return None
    one, batch = found
    return Origin(batch, one, counters[one.version])
