"""A mass balance as one table: a row for each amount, whatever it is of.

Rules kept:

* `part` says what a row is: of the total or of one lot, a flow, a count, one side of a
  transformation, a gap or an open question. `kind` is the word that docs/tracing.md explains.
* Quantities and units are those of the answer: exact decimals, UN/ECE Rec 20, none for pieces.
* What isn't known has no quantity.
"""

from __future__ import annotations

from enum import StrEnum
from shlex import join
from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.errors import UsageError
from ledger.exporting.tables import Cell, rows_as_table
from ledger.exporting.words import word
from ledger.genealogy.balance import balance
from ledger.times import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.exporting.tables import Table
    from ledger.genealogy.balance_answer import Balance, Conversion, Station, Total
    from ledger.genealogy.trace import Trace
    from ledger.problems import Language

__all__ = [
    "BALANCE_COLUMNS",
    "MOST_PIECES",
    "Omitted",
    "balance_of_root",
    "balance_table",
    "root_table",
]

MOST_PIECES: Final = 100_000
"""Lots and pieces of a product or lot above which a trace's file has no balance."""

BALANCE_COLUMNS: Final = (
    "part",
    "lot",
    "kind",
    "quantity",
    "unit",
    "time",
    "party",
    "place",
    "step",
    "to",
    "items",
    "finding",
    "detail",
    "event",
)
_Row = dict[str, Cell]


class Omitted(StrEnum):
    """Why a lot or product that was traced has no balance in the file; keys of `words`."""

    MANY = "balance of many"
    """It has more than `MOST_PIECES`."""
    PART = "balance of part"
    """The trace was made of some logs or entries only, and a balance is of all of them."""


def balance_of_root(connection: Connection, trace: Trace) -> Balance | Omitted | None:
    """The balance of the lot or product that was traced, at the times of the trace.

    None of anything else.
    """
    root = trace.root_item
    if root is None or root.kind not in {Level.LOT, Level.PRODUCT}:
        return None
    if trace.share is not None:
        return Omitted.PART
    try:
        return balance(
            connection,
            trace.root,
            until=trace.as_of,
            known_at=trace.known_at,
            most_items=MOST_PIECES,
        )
    except UsageError:
        return Omitted.MANY


def root_table(connection: Connection, trace: Trace, language: Language) -> Table | None:
    """The balance of what was traced, or else one sentence: why there is none, and what gives it.

    None where nobody expects a balance, as of a single piece.
    """
    found = balance_of_root(connection, trace)
    if not isinstance(found, Omitted):
        return None if found is None else balance_table(found)
    times = {"--to": as_text(trace.as_of), "--known-at": as_text(trace.known_at)}
    options = [part for name, time in times.items() if time for part in (name, time)]
    # Whoever copies it into a shell may have got the code from anybody.
    command = join(["suyuan", "balance", trace.root, *options])
    sentence = word(found, language, most=f"{MOST_PIECES:,}", command=command)
    return rows_as_table(("about",), 1, [[sentence]])


def balance_table(found: Balance) -> Table:
    """All that a balance tells."""
    rows = [[row.get(column) for column in BALANCE_COLUMNS] for row in _rows(found)]
    return rows_as_table(BALANCE_COLUMNS, len(rows), rows)


def _rows(found: Balance) -> Iterator[_Row]:
    for part, totals in (("total", found.totals), ("by lot", found.lots)):
        for total in totals:
            yield from _total(part, total)
    for flow in found.flows:
        yield _row(
            "flow",
            lot=flow.lot,
            kind=flow.kind.value,
            quantity=flow.quantity,
            unit=flow.unit,
            party=flow.party,
            place=flow.place,
            step=flow.step,
            to=flow.to,
            detail=f"events: {flow.events}",
        )
    for count in found.counts:
        yield _row(
            "stocktaking",
            count.at,
            lot=count.lot,
            kind="counted",
            quantity=count.counted,
            unit=count.unit,
            detail=f"computed: {count.computed}",
        )
    for conversion in found.conversions:
        yield from _conversion(conversion)
    for gap in found.gaps:
        yield _row(
            "gap",
            gap.at,
            lot=gap.lot,
            kind=gap.kind.value,
            quantity=gap.quantity,
            unit=gap.unit,
            items=_items(gap.items, gap.item_count),
            finding=gap.finding,
            detail=f"of: {gap.of}; tolerance: {gap.tolerance}",
        )
    for question in found.questions:
        yield _row(
            "question",
            question.at,
            lot=question.lot,
            kind=question.reason.value,
            quantity=question.quantity,
            unit=question.unit,
            items=_items(question.items, question.item_count),
        )


def _total(part: str, total: Total) -> Iterator[_Row]:
    amounts = {
        "opening": total.opening,
        "opening_transit": total.opening_transit,
        **total.flows,
        "in_stock": total.in_stock,
        "on_the_way": total.in_transit,
        "gap": total.gap,
    }
    for kind, quantity in amounts.items():
        notes = [] if total.exact else ["rounded"]
        notes += ["unknown"] if quantity is None else []
        detail = "; ".join(notes) or None
        yield _row(
            part, lot=total.lot, kind=kind, quantity=quantity, unit=total.unit, detail=detail
        )


def _conversion(found: Conversion) -> Iterator[_Row]:
    part = "transformation"
    for kind, sides in (("input", found.inputs), ("output", found.outputs)):
        for one in sides:
            yield _row(
                part, found.at, lot=one.product, kind=kind, quantity=one.quantity, unit=one.unit
            )
    detail = found.apart if found.share is None else f"yield: {found.share}"
    yield _row(part, found.at, kind="loss", quantity=found.loss, unit=found.unit, detail=detail)


def _row(part: str, at: Station | None = None, **cells: Cell) -> _Row:
    row: _Row = {"part": part, **cells}
    if at is not None:
        row |= {
            "time": as_text(at.time),
            "party": at.party,
            "place": at.place,
            "step": at.step,
            "event": at.event,
        }
    return row


def _items(codes: tuple[str, ...], count: int) -> str | None:
    more = f"; +{count - len(codes)}" if count > len(codes) else ""
    return "; ".join(codes) + more or None
