"""The tables of an answer, for spreadsheets: items, holders, links and open ends.

Rules kept:

* Columns are named as in the JSON form and stand in its order.
* What is only the place where affected goods are or were is no affected item: holders count it
  apart, and a workbook has a sheet of its own for it.
* Rows are made while they are written; of holders there is one for each holder and place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.exporting.options import TableName
from ledger.exporting.records import parts, records
from ledger.genealogy.trace import TraceItem, TraceLink
from ledger.state import ANNOUNCED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from msgspec import Struct

    from ledger.exporting.records import Record
    from ledger.genealogy.trace import Trace

__all__ = ["ITEM_COLUMNS", "TABLES", "Cell", "Table", "as_cell", "item_rows", "table_of"]

Cell = str | int | None
"""A truth value is a cell as well, for Python takes it for an integer."""
Row = list[Cell]

_PLAIN: Final = frozenset({str, int, bool, type(None)})
_JSON_NAMES: Final = {"source": "from", "target": "to"}


def _columns(of: type[Struct]) -> tuple[str, ...]:
    return tuple(_JSON_NAMES.get(name, name) for name in of.__struct_fields__)


ITEM_COLUMNS: Final = _columns(TraceItem)
_LINK_COLUMNS: Final = _columns(TraceLink)
_HOLDER_COLUMNS: Final = ("holder", "location", "items", "containers")
_OPEN_COLUMNS: Final = ("reason", "code", "detail")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows that are made as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterable[Row]


def table_of(trace: Trace, name: TableName) -> Table:
    """One table of an answer."""
    return TABLES[name](trace)


def item_rows(trace: Trace, *, containers: bool | None = None) -> Iterable[Row]:
    """The rows of items: all, those that are affected, or those that are places only."""
    for record in records(trace, "items"):
        if containers is None or record["container"] is containers:
            yield _row(record, ITEM_COLUMNS)


def _row(record: Mapping[str, Any], columns: Sequence[str]) -> Row:
    # Once for each of a million cells, so what is a cell already costs no call.
    return [
        value if value.__class__ in _PLAIN else as_cell(value) for value in map(record.get, columns)
    ]


def as_cell(value: Any) -> Cell:
    """A value of the JSON form as a cell: what is no text, number or truth stays JSON."""
    if value is None or isinstance(value, str | int):
        return value
    return orjson.dumps(value).decode()


def _items(trace: Trace) -> Table:
    return Table(ITEM_COLUMNS, item_rows(trace))


def _links(trace: Trace) -> Table:
    rows = (_row(record, _LINK_COLUMNS) for record in records(trace, "links"))
    return Table(_LINK_COLUMNS, rows)


def _holders(trace: Trace) -> Table:
    return Table(_HOLDER_COLUMNS, _holder_rows(trace))


def _holder_rows(trace: Trace) -> Iterable[Row]:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for item in trace.items:
        counts[item.holder or "", item.location or ""][item.container] += 1
    for (holder, location), (items, containers) in sorted(counts.items()):
        yield [holder or None, location or None, items, containers]


def _open_ends(trace: Trace) -> Table:
    return Table(_OPEN_COLUMNS, _open_rows(trace))


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


TABLES: Final[Mapping[TableName, Callable[[Trace], Table]]] = {
    TableName.ITEMS: _items,
    TableName.HOLDERS: _holders,
    TableName.LINKS: _links,
    TableName.OPEN_ENDS: _open_ends,
}
"""How each table is made, by its name."""
