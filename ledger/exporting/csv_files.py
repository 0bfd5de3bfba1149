r"""A table of an answer as CSV.

Rules kept:

* RFC 4180: lines end with CRLF, cells with quotes, commas or line ends are quoted. The first line
  names the columns as in the JSON form. UTF-8, with a byte order mark if asked for.
* A spreadsheet takes a cell for a formula that begins with ``=``, ``+``, ``-``, ``@``, their
  full-width forms, a tab or a line end. Such a cell is written with an apostrophe before it, unless
  it is a plain number; and so is one that begins with an apostrophe, so that a program gets the
  text back by taking one away.

https://www.rfc-editor.org/rfc/rfc4180, https://owasp.org/www-community/attacks/CSV_Injection

>>> guarded("=1+1"), guarded("-1.5"), guarded("(01)0950")
("'=1+1", '-1.5', '(01)0950')
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from ledger.exporting.records import CHUNK
from ledger.exporting.tables import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.options import Options
    from ledger.exporting.tables import Cell
    from ledger.genealogy.trace import Trace

__all__ = ["guarded", "write_csv"]

_BOM: Final = b"\xef\xbb\xbf"
_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠'")
"""What a cell must not begin with."""
_is_number: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z").match


def guarded(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in _FORMULA and not _is_number(text) else text


def write_csv(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield the table that the options name."""
    table = table_of(trace, options.table)
    if options.bom:
        yield _BOM
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    for number, row in enumerate(table.rows, 1):
        # Of a million cells most are texts as they are; they cost no call.
        writer.writerow(
            [
                cell if type(cell) is str and cell[:1] not in _FORMULA else _cell(cell)
                for cell in row
            ]
        )
        if number % CHUNK == 0:
            yield _taken(text)
    if rest := _taken(text):
        yield rest


def _cell(value: Cell) -> Cell:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _taken(text: io.StringIO) -> bytes:
    """What was written so far, which is forgotten."""
    # Half a surrogate pair, which no captured code has, has no UTF-8 form.
    found = text.getvalue().encode("utf-8", "backslashreplace")
    text.seek(0)
    text.truncate()
    return found
