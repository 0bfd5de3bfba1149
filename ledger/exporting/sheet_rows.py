"""The rows of a sheet as SpreadsheetML, made column by column.

Rules kept:

* Every text is an inline string: never a formula, a link or rich text, whatever it begins with.
* What can't be seen is shown as an escape (`readable`), so that only XML's own three characters are
  left to escape, and Excel's: ``_x0041_`` in a text would be read as ``A``.
* Rows and cells bear no references; they stand in order and an empty cell holds its place.

ECMA-376 part 1, sections 18.3.1.73 (row), 18.3.1.4 (c), 18.3.1.53 (is), 22.9.2.19 (ST_Xstring)

>>> cell_of("code", "=1 < _x0041_", "en")
'<c t="inlineStr"><is><t>=1 &lt; _x005F_x0041_</t></is></c>'
>>> cell_of("quantity", "2.50", "en")
'<c><v>2.5</v></c>'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ledger.exporting.readable import readable
from ledger.exporting.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.columns import Column
    from ledger.exporting.tables import Cell, Table
    from ledger.problems import Language

__all__ = ["LONGEST", "WORDS", "cell_of", "xml_rows"]

LONGEST: Final = 32_767
"""Characters of a cell."""
WORDS: Final = frozenset({"kind", "manner", "status", "reason", "part"})
"""Columns whose texts are words of ours; `word` leaves others alone."""
_EMPTY: Final = "<c/>"
_BEFORE: Final = '<c t="inlineStr"><is><t>'
_AFTER: Final = "</t></is></c>"
# Fifteen digits is what a double keeps of any decimal (IEEE 754, DBL_DIG).
_is_amount: Final = re.compile(r"-?(?=[0-9.]{1,16}\Z)[0-9]{1,15}(?:\.[0-9]+)?\Z").match
_CARE: Final = ("&", "<", ">", " ", "_x")
_escape_like: Final = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")


def xml_rows(table: Table, language: Language) -> Iterator[str]:
    """Yield the rows of a table below its heading."""
    for columns in table.chunks:
        cells = [
            _cells(name, column, language)
            for name, column in zip(table.columns, columns, strict=True)
        ]
        for row in zip(*cells, strict=True):
            yield f"<row>{''.join(row)}</row>"


def _cells(name: str, column: Column, language: Language) -> list[str]:
    texts = [one for one in column if isinstance(one, str)]
    if len(texts) == len(column) and name not in WORDS and name != "quantity":
        # One look at all of them together: of codes and times none needs care.
        whole = "".join(texts)
        plain = whole.isprintable() and not any(one in whole for one in _CARE)
        if plain and max(map(len, texts)) <= LONGEST:
            return [f"{_BEFORE}{text}{_AFTER}" for text in texts]
    made = {value: cell_of(name, value, language) for value in {*column}}
    return [made[value] for value in column]


def cell_of(name: str, value: Cell, language: Language) -> str:
    """One cell, by the name of its column."""
    if value is None:
        return _EMPTY
    if isinstance(value, bool):
        return _text_cell(word("yes" if value else "no", language))
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    if name == "quantity" and _is_amount(value):
        return f"<c><v>{float(value):.15g}</v></c>"
    text = readable(word(value, language) if name in WORDS else value)
    return _text_cell(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def _text_cell(text: str) -> str:
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = _escape_like.sub("_x005F_", safe)
    if text != text.strip():  # XML 1.0 section 2.10
        return _BEFORE.replace("<t>", '<t xml:space="preserve">') + safe + _AFTER
    return f"{_BEFORE}{safe}{_AFTER}"
