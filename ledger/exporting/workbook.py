"""An answer as an Excel workbook (Office Open XML), written row by row.

Rules kept:

* Sheets: the affected items, the containers they are or were in, holders, links, the balance if
  there is one, open ends, and what the answer is complete to. Of a backward answer the first sheet
  is called items, for what something was made of is not affected.
* Every text is a text: no cell is a formula or a link, whatever a code begins with.
* A quantity is a number where Excel keeps all of its digits (15), else a text. Times are texts in
  UTC, for a cell has neither a zone nor microseconds.
* A table longer than a sheet goes on in the next one.
* Rows go to temporary files as they come; only names of sheets stay in memory.

ECMA-376; the limits of a sheet: https://support.microsoft.com/office/excel-specifications-and-limits
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Any, Final

from ledger.exporting.options import TableName
from ledger.exporting.readable import readable
from ledger.exporting.records import head
from ledger.exporting.tables import ITEM_COLUMNS, Table, as_cell, item_rows, table_of
from ledger.exporting.words import word
from ledger.genealogy.trace import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.options import Options
    from ledger.exporting.tables import Cell
    from ledger.genealogy.trace import Trace
    from ledger.problems import Language

__all__ = ["MOST_ROWS", "write_workbook"]

MOST_ROWS: Final = 1_048_575
"""Of a sheet, below its heading."""
_LONGEST: Final = 32_767  # characters of a cell
_BYTES: Final = 1 << 16  # 64 KiB
_WORDS: Final = frozenset({"kind", "status", "reason"})
"""Columns whose texts are words of ours; `word` leaves others alone."""
_WIDTH: Final = 15  # letters
_WIDTHS: Final = {
    **dict.fromkeys(("code", "from", "to", "event", "detail"), 48),
    **dict.fromkeys(("holder", "location", "inside", "reason"), 36),
    **dict.fromkeys(("time", "until", "exposed_from", "exposed_until", "last_time"), 26),
    "value": 70,
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Fifteen digits is what a double keeps of any decimal (IEEE 754, DBL_DIG).
_is_amount: Final = re.compile(r"-?(?=[0-9.]{1,16}\Z)[0-9]{1,15}(?:\.[0-9]+)?\Z").match


def write_workbook(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield an answer as a workbook, when all of it is written."""
    with TemporaryDirectory(prefix="suyuan-") as folder, TemporaryFile() as file:
        _write(trace, options, file, folder)
        file.seek(0)
        while piece := file.read(_BYTES):
            yield piece


def _write(trace: Trace, options: Options, file: Any, folder: str) -> None:
    # Late, because only whoever asks for a workbook should wait for it.
    from xlsxwriter import Workbook

    book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
    created = (_EPOCH + timedelta(microseconds=options.created)).replace(tzinfo=None)
    book.set_properties({"title": readable(trace.root), "created": created})
    heading = book.add_format({"bold": True, "bottom": 1})
    writing = _Book(book, heading, options.language)
    for name, table in _sheets(trace, options):
        writing.fill(name, table)
    book.close()


def _sheets(trace: Trace, options: Options) -> Iterator[tuple[str, Table]]:
    """The sheets in their order, by the key of their name."""
    first = "affected" if trace.direction is Direction.FORWARD else "items"
    yield first, Table(ITEM_COLUMNS, item_rows(trace, containers=False))
    yield "containers", Table(ITEM_COLUMNS, item_rows(trace, containers=True))
    for name in (TableName.HOLDERS, TableName.LINKS):
        yield name, table_of(trace, name)
    if options.balance is not None:
        yield "balance", Table(options.balance.columns, map(list, options.balance.rows))
    yield TableName.OPEN_ENDS, table_of(trace, TableName.OPEN_ENDS)
    yield "about", Table(("about", "value"), _about(trace, options.language))


def _about(trace: Trace, language: Language) -> Iterator[list[Cell]]:
    for key, value in head(trace).items():
        if key != "heads" and value is not None:
            shown = word(value, language) if key == "direction" else as_cell(value)
            yield [word(key, language), shown]
    for limit, codes in trace.cut:
        yield [word(f"cut by {limit}", language), len(codes)]
    for origin, log in trace.heads.items():
        yield [word("head", language), f"{origin} {log.size} {log.root}"]


@dataclass(frozen=True, slots=True)
class _Book:
    """A workbook that is being written."""

    book: Any
    heading: Any
    language: Language

    def fill(self, name: str, table: Table) -> None:
        """Write a table, on as many sheets as it takes."""
        title = word(name, self.language)
        rows = iter(table.rows)
        # Without the next row nobody knows whether there has to be another sheet.
        following = next(rows, None)
        number = 1
        while number == 1 or following is not None:
            sheet = self.book.add_worksheet(title if number == 1 else f"{title} {number}")
            sheet.freeze_panes(1, 0)
            for at, column in enumerate(table.columns):
                sheet.set_column(at, at, _WIDTHS.get(column, _WIDTH))
                sheet.write_string(0, at, word(column, self.language), self.heading)
            filled = 0
            while following is not None and filled < MOST_ROWS:
                filled += 1
                for at, (column, cell) in enumerate(zip(table.columns, following, strict=True)):
                    self._write(sheet, (filled, at), column, cell)
                following = next(rows, None)
            sheet.autofilter(0, 0, filled, len(table.columns) - 1)
            number += 1

    def _write(self, sheet: Any, place: tuple[int, int], column: str, cell: Cell) -> None:
        if isinstance(cell, bool):
            sheet.write_string(*place, word("yes" if cell else "no", self.language))
        elif isinstance(cell, int):
            sheet.write_number(*place, cell)
        elif cell is None:
            pass
        elif column == "quantity" and _is_amount(cell):
            sheet.write_number(*place, float(cell))
        else:
            text = readable(word(cell, self.language) if column in _WORDS else cell)
            fits = len(text) <= _LONGEST
            sheet.write_string(*place, text if fits else text[: _LONGEST - 1] + "…")
