"""The tables of an answer, for spreadsheets: items, holders, links and open ends.

Rules kept:

* Columns are named as in the JSON form and stand in its order.
* What is only the place where affected goods are or were is no affected item: holders count it
  apart, and a workbook has a sheet of its own for it.
* Rows are made while they are written, a thousand at a time and column by column; of holders there
  is one for each holder and place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.exporting.columns import CHUNK, ITEM_COLUMNS, LINK_COLUMNS, item_chunks, link_chunks
from ledger.exporting.options import TableName
from ledger.exporting.records import parts, records
from ledger.state import ANNOUNCED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ledger.exporting.columns import Column
    from ledger.exporting.known_names import KnownNames
    from ledger.exporting.records import Record
    from ledger.genealogy.trace import Trace, TraceItem

__all__ = ["TABLES", "Cell", "Table", "as_cell", "item_table", "rows_as_table", "table_of"]

Cell = str | int | None
"""A truth value is a cell as well, for Python takes it for an integer."""
Row = list[Cell]

_HOLDER_COLUMNS: Final = (
    "holder",
    "location",
    "items",
    "containers",
    "holder_name",
    "location_name",
)
_OPEN_COLUMNS: Final = ("reason", "code", "detail")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and their cells in chunks that are made as they are asked for."""

    columns: tuple[str, ...]
    count: int
    """Of the rows."""
    chunks: Iterable[list[Column]]


def table_of(trace: Trace, name: TableName, names: KnownNames) -> Table:
    """One table of an answer."""
    return TABLES[name](trace, names)


def item_table(items: Sequence[TraceItem], names: KnownNames) -> Table:
    """Some items of an answer."""
    return Table(ITEM_COLUMNS, len(items), item_chunks(items, names))


def rows_as_table(columns: tuple[str, ...], count: int, rows: Iterable[Sequence[Cell]]) -> Table:
    """A table of rows that are made one by one."""
    return Table(columns, count, _in_chunks(iter(rows)))


def _in_chunks(rows: Iterator[Sequence[Cell]]) -> Iterator[list[Column]]:
    while chunk := [*islice(rows, CHUNK)]:
        yield [*map(list, zip(*chunk, strict=True))]


def as_cell(value: Any) -> Cell:
    """A value of the JSON form as a cell: what is no text, number or truth stays JSON."""
    if value is None or isinstance(value, str | int):
        return value
    return orjson.dumps(value).decode()


def _items(trace: Trace, names: KnownNames) -> Table:
    return item_table(trace.items, names)


def _links(trace: Trace, _names: KnownNames) -> Table:
    return Table(LINK_COLUMNS, len(trace.links), link_chunks(trace.links))


def _holders(trace: Trace, names: KnownNames) -> Table:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for item in trace.items:
        counts[item.holder or "", item.location or ""][item.container] += 1
    rows = (
        (holder or None, location or None, *counts[holder, location], *names.of((holder, location)))
        for holder, location in sorted(counts)
    )
    return rows_as_table(_HOLDER_COLUMNS, len(counts), rows)


def _open_ends(trace: Trace, _names: KnownNames) -> Table:
    count = sum(1 for _row in _open_rows(trace))
    return rows_as_table(_OPEN_COLUMNS, count, _open_rows(trace))


def _open_rows(trace: Trace) -> Iterable[Row]:
    """Where the answer ends and the goods go on: cuts, what else is told, announced codes."""
    for limit, codes in trace.cut:
        for code in codes:
            yield [f"cut by {limit}", code, None]
    told: set[Cell] = set()
    for part in parts(trace):
        if part not in {"items", "links", "cut"}:
            for record in records(trace, part):
                row = _told(part, record)
                told.update(row[1:2] if row[0] == ANNOUNCED else ())
                yield row
    for item in trace.items:
        if item.status == ANNOUNCED and item.code not in told:
            yield [ANNOUNCED, item.code, None]


def _told(part: str, record: Record) -> Row:
    """A row of a list whose members may have any fields: a reason, codes, and all the rest."""
    rest = {key: value for key, value in record.items() if value is not None}
    reason = rest.pop("reason", None) or rest.pop("topic", part)
    codes = rest.pop("codes", [])
    code = rest.pop("code", None) or "; ".join(codes)
    detail = "; ".join(f"{key}: {as_cell(value)}" for key, value in rest.items())
    return [as_cell(reason), code or None, detail or None]


TABLES: Final[Mapping[TableName, Callable[[Trace, KnownNames], Table]]] = {
    TableName.ITEMS: _items,
    TableName.HOLDERS: _holders,
    TableName.LINKS: _links,
    TableName.OPEN_ENDS: _open_ends,
}
"""How each table is made, by its name."""
