"""A mass balance as a file: a workbook, CSV or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.errors import UsageError, shown
from ledger.exporting.balance_table import balance_table
from ledger.exporting.csv_files import write_table
from ledger.exporting.formats import FormatName
from ledger.exporting.tables import rows_as_table
from ledger.exporting.words import word
from ledger.exporting.workbook import write_book

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.formats import Format
    from ledger.exporting.options import Options
    from ledger.exporting.tables import Cell
    from ledger.genealogy.balance_answer import Balance

__all__ = ["BALANCE_FORMATS", "balance_format", "write_balance"]

BALANCE_FORMATS: Final = (FormatName.XLSX, FormatName.CSV, FormatName.JSON)
"""The formats that a balance may be written in."""


def balance_format(found: Format) -> FormatName:
    """The name of a format, if a balance may be written in it.

    Raises:
        UsageError: It may not.
    """
    if found.name not in BALANCE_FORMATS:
        raise UsageError(
            f"Expected a balance as {', '.join(BALANCE_FORMATS)}, got {shown(found.name)}."
        )
    return found.name


def write_balance(found: Balance, name: FormatName, options: Options) -> Iterator[bytes]:
    """Yield a balance in one of `BALANCE_FORMATS`."""
    if name is FormatName.JSON:
        return iter((orjson.dumps(found.as_dict(), option=orjson.OPT_APPEND_NEWLINE),))
    if name is FormatName.CSV:
        return write_table(balance_table(found), bom=options.bom)
    about = [*_about(found, options)]
    tables = [
        ("balance", balance_table(found)),
        ("about", rows_as_table(("about", "value"), len(about), about)),
    ]
    return write_book(found.code, tables, options)


def _about(found: Balance, options: Options) -> Iterator[list[Cell]]:
    def said(key: str) -> str:
        return word(key, options.language)

    head: dict[str, Any] = found.as_dict()
    yield [said("code"), found.code]
    for key, value in (
        ("begin", head["from"]),
        ("end", head["to"]),
        ("known_at", head["known_at"]),
        ("place", found.place),
    ):
        if value is not None:
            yield [said(key), value]
    yield [said("balanced"), said("no" if found.findings else "yes")]
    for origin, log in found.heads.items():
        yield [said("head"), f"{origin} {log.size} {log.root}"]
