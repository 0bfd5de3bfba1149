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

import re
from typing import TYPE_CHECKING, Final

from ledger.exporting.tables import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.columns import Column
    from ledger.exporting.options import Options
    from ledger.exporting.tables import Cell, Table
    from ledger.genealogy.trace import Trace

__all__ = ["guarded", "write_csv", "write_table"]

_BOM: Final = b"\xef\xbb\xbf"
_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠'")
"""What a cell must not begin with."""
_END: Final = "\r\n"
_QUOTED: Final = ('"', ",", "\r", "\n")
_is_number: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z").match


def guarded(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in _FORMULA and not _is_number(text) else text


def write_csv(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield the table that the options name."""
    return write_table(table_of(trace, options.table, options.names()), bom=options.bom)


def write_table(table: Table, *, bom: bool) -> Iterator[bytes]:
    """Yield a table, behind a byte order mark if asked for."""
    yield (_BOM if bom else b"") + ",".join(table.columns).encode() + _END.encode()
    for columns in table.chunks:
        rows = zip(*map(_cells, columns), strict=True)
        text = _END.join(map(",".join, rows)) + _END
        # Half a surrogate pair, which no captured code has, has no UTF-8 form.
        yield text.encode("utf-8", "backslashreplace")


def _cells(column: Column) -> list[str]:
    texts = [cell for cell in column if isinstance(cell, str)]
    # One look at all texts together; nearly always they may stand as they are.
    harmless = _FORMULA.isdisjoint({text[:1] for text in texts})
    if len(texts) == len(column) and harmless and not _needs_quotes("".join(texts)):
        return texts
    made = {value: _cell(value) for value in {*column}}
    return [made[value] for value in column]


def _needs_quotes(text: str) -> bool:
    return any(one in text for one in _QUOTED)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = guarded(value)
        return '"' + text.replace('"', '""') + '"' if _needs_quotes(text) else text
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
