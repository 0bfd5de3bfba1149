"""An answer as an Excel workbook (Office Open XML).

Rules kept:

* Sheets: the affected items, the containers they are or were in, holders, links, of a lot or
  product its balance (or why it isn't there), open ends, and what the answer is complete to. Of a
  backward answer the first sheet is called items, for what something was made of is not affected.
* Every text is a text: no cell is a formula or a link, whatever a code begins with.
* A quantity is a number where Excel keeps all of its digits (15), else a text. Times are texts in
  UTC, for a cell has neither a zone nor microseconds.
* A table longer than a sheet goes on in the next one.
* xlsxwriter makes the workbook with headings alone, and the rows are put below them on the way to
  the file (`sheet_rows`): with a call for each of millions of cells a file costs several times the
  query. Only names of sheets stay in memory.

ECMA-376; the limits of a sheet: https://support.microsoft.com/office/excel-specifications-and-limits
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, LargeZipFile, ZipFile

from ledger.errors import UsageError
from ledger.exporting.balance_table import root_table
from ledger.exporting.options import TableName
from ledger.exporting.readable import readable
from ledger.exporting.records import head
from ledger.exporting.sheet_rows import xml_rows
from ledger.exporting.tables import as_cell, item_table, rows_as_table, table_of
from ledger.exporting.words import word
from ledger.genealogy.trace import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.exporting.options import Options
    from ledger.exporting.tables import Cell, Table
    from ledger.genealogy.trace import Trace
    from ledger.problems import Language

__all__ = ["MOST_ROWS", "write_book", "write_workbook"]

MOST_ROWS: Final = 1_048_575
"""Of a sheet, below its heading."""
_TOGETHER: Final = 1000  # rows that are compressed at a time
_BYTES: Final = 1 << 16  # 64 KiB
_FAST: Final = 1  # level of zlib; the sixth takes twice as long for a file a quarter smaller
_WIDTH: Final = 15  # letters
_WIDTHS: Final = {
    **dict.fromkeys(("code", "from", "to", "event", "detail"), 48),
    **dict.fromkeys(("holder", "location", "inside", "reason"), 36),
    **dict.fromkeys(("name", "holder_name", "location_name"), 30),
    **dict.fromkeys(("time", "until", "exposed_from", "exposed_until", "last_time"), 26),
    "value": 70,
}
_LAST_ROW: Final = re.compile(rb'(<dimension ref="A1:[A-Z]+)1')
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table, or as much of it as a sheet holds."""

    title: str
    columns: tuple[str, ...]
    count: int
    """Of the rows below the heading."""
    rows: Iterator[str]
    """As XML; the sheets of one table share them, and each takes its own in turn."""


def write_workbook(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield an answer as a workbook, when all of it is written.

    Raises:
        UsageError: A part of it is larger than Excel opens.
    """
    return write_book(trace.root, _tables(trace, options), options)


def write_book(
    title: str, tables: Iterable[tuple[str, Table]], options: Options
) -> Iterator[bytes]:
    """Yield tables as a workbook, when all of it is written.

    Args:
        title: Of the workbook.
        tables: In the order of their sheets, with the keys of their names (`words`).
        options: Of these the language and the time of making.

    Raises:
        UsageError: A part of it is larger than Excel opens.
    """
    with TemporaryFile() as file:
        try:
            _write(title, tables, options, file)
        except (LargeZipFile, RuntimeError) as error:
            # The second one is what `zipfile` raises for a part that has become too large.
            raise UsageError(
                "A workbook can't hold this answer: Excel opens no file above 2 GiB. Write CSV or"
                " NDJSON."
            ) from error
        file.seek(0)
        while piece := file.read(_BYTES):
            yield piece


def _write(
    title: str, tables: Iterable[tuple[str, Table]], options: Options, file: IO[bytes]
) -> None:
    sheets: list[_Sheet] = []
    for name, table in tables:
        sheets += _sheets(word(name, options.language), table, options.language)
    with TemporaryFile() as bare:
        _write_headings(title, options, sheets, bare)
        by_name = {f"xl/worksheets/sheet{at}.xml": one for at, one in enumerate(sheets, 1)}
        with (
            ZipFile(bare) as source,
            ZipFile(file, "w", ZIP_DEFLATED, allowZip64=False, compresslevel=_FAST) as whole,
        ):
            for name in source.namelist():
                content, sheet = source.read(name), by_name.get(name)
                # A name alone is dated 1980, always.
                with whole.open(name, "w") as part:
                    if sheet is None:
                        part.write(content)
                    else:
                        _fill(part, content, sheet)


def _write_headings(title: str, options: Options, sheets: list[_Sheet], file: IO[bytes]) -> None:
    # Late, because only whoever asks for a workbook should wait for it.
    from xlsxwriter import Workbook

    with TemporaryDirectory(prefix="suyuan-") as folder:
        book = Workbook(file, {"tmpdir": folder})
        created = (_EPOCH + timedelta(microseconds=options.created)).replace(tzinfo=None)
        book.set_properties({"title": readable(title), "created": created})
        heading = book.add_format({"bold": True, "bottom": 1})
        for one in sheets:
            sheet = book.add_worksheet(one.title)
            sheet.freeze_panes(1, 0)
            for at, column in enumerate(one.columns):
                sheet.set_column(at, at, _WIDTHS.get(column, _WIDTH))
                sheet.write_string(0, at, word(column, options.language), heading)
            sheet.autofilter(0, 0, one.count, len(one.columns) - 1)
        book.close()


def _fill(part: IO[bytes], content: bytes, sheet: _Sheet) -> None:
    """Write a sheet with its rows below the heading."""
    before, end, after = content.partition(b"</sheetData>")
    # What the sheet says of its size was written before it had rows.
    part.write(_LAST_ROW.sub(rb"\g<1>%d" % (sheet.count + 1), before, count=1))
    left = sheet.count
    while rows := [*islice(sheet.rows, min(left, _TOGETHER))]:
        left -= len(rows)
        part.write("".join(rows).encode())
    part.write(end + after)


def _sheets(title: str, table: Table, language: Language) -> Iterator[_Sheet]:
    """A table on as many sheets as it takes, at least one."""
    rows = xml_rows(table, language)
    for number, start in enumerate(range(0, max(table.count, 1), MOST_ROWS), 1):
        name = title if number == 1 else f"{title} {number}"
        yield _Sheet(name, table.columns, min(table.count - start, MOST_ROWS), rows)


def _tables(trace: Trace, options: Options) -> Iterator[tuple[str, Table]]:
    """The tables in the order of their sheets, by the key of their name."""
    names = options.names()
    first = "affected" if trace.direction is Direction.FORWARD else "items"
    for name, container in ((first, False), ("containers", True)):
        yield name, item_table([one for one in trace.items if one.container is container], names)
    for table in (TableName.HOLDERS, TableName.LINKS):
        yield table, table_of(trace, table, names)
    found = options.connection and root_table(options.connection, trace, options.language)
    if found:
        yield "balance", found
    yield TableName.OPEN_ENDS, table_of(trace, TableName.OPEN_ENDS, names)
    about = [*_about(trace, options.language)]
    yield "about", rows_as_table(("about", "value"), len(about), about)


def _about(trace: Trace, language: Language) -> Iterator[list[Cell]]:
    for key, value in head(trace).items():
        if key == "heads" or value is None:
            continue
        if isinstance(value, bool):
            shown: Cell = word("yes" if value else "no", language)
        else:
            shown = word(value, language) if key == "direction" else as_cell(value)
        yield [word(key, language), shown]
    for limit, codes in trace.cut:
        yield [word(f"cut by {limit}", language), len(codes)]
    for origin, log in trace.heads.items():
        yield [word("head", language), f"{origin} {log.size} {log.root}"]
