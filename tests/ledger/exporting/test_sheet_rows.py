"""Rows of a sheet are what xlsxwriter, a call for each cell, would have written."""

import io
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from xlsxwriter import Workbook

from ledger.exporting.readable import readable
from ledger.exporting.sheet_rows import LONGEST, cell_of, xml_rows
from ledger.exporting.tables import Table, rows_as_table
from ledger.exporting.workbook import write_book
from tests.ledger.exporting.answers import HOSTILE, options

HARD = (
    *HOSTILE,
    "_x0041_",
    "_x005F_x0041_",
    "_X0041_ _x41_ _x004_",
    "<r>rich</r>",
    "<r><t>b</t></r>",
    " blanks at both ends ",
    "\u3000wide\u3000",
    "\u00a0",
    "\u200cjoiners\u200d",
    "\udc80",
    "{=1+1}",
    "https://a.example/",
    "mailto:a@a.example",
    "2026-03-01",
    "12",
    "TRUE",
    "x" * (LONGEST + 1),
)
# Of escapes that share a letter xlsxwriter escapes the first alone, which reads as another text.
FORMER = [one for one in HARD if one != "_x005F_x0041_"]
TEXT = st.one_of(st.text(max_size=12), st.sampled_from(FORMER))
CELL = st.one_of(st.none(), TEXT)


def as_former(rows: Sequence[tuple[str | None, ...]]) -> list[list[Any]]:
    """Return what is read back when each cell is written by itself."""
    file = io.BytesIO()
    book = Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            if cell is not None:
                shown = readable(cell)
                fits = len(shown) <= LONGEST
                # xlsxwriter takes <r>…</r> for the markup of a rich text.
                plain = (shown if fits else shown[: LONGEST - 1] + "…").replace("<r>", "‹r>")
                sheet.write_string(down, across, plain)
    book.close()
    return [
        [cell and str(cell).replace("‹r>", "<r>") for cell in row]
        for row in load_workbook(file).worksheets[0].iter_rows(values_only=True)
    ]


def read_back(table: Table) -> list[list[Any]]:
    """Return the rows of a workbook with one table, below its heading."""
    found = b"".join(write_book("title", [("links", table)], options()))
    sheet = load_workbook(io.BytesIO(found))["Links"]
    assert sheet.max_row == table.count + 1
    assert all(cell.data_type in "sn" for row in sheet.iter_rows() for cell in row)
    return [[*row] for row in sheet.iter_rows(min_row=2, values_only=True)]


@given(st.lists(st.tuples(TEXT, CELL), min_size=1, max_size=20))
def test_rows_are_read_back_as_before(rows: list[tuple[str, str | None]]) -> None:
    """Whatever texts stand in them, the cells are those of a workbook made cell by cell."""
    given_rows = [("a", "b"), *rows]  # a sheet without any cell has no rows to read
    found = read_back(rows_as_table(("code", "detail"), len(given_rows), given_rows))
    # An empty text is no cell in either.
    assert [[cell or None for cell in row] for row in found] == [
        [cell or None for cell in row] for row in as_former(given_rows)
    ]


def test_hard_texts_are_read_back() -> None:
    """Each as it is shown, cut where a cell ends."""
    found = read_back(rows_as_table(("code",), len(HARD), [(one,) for one in HARD]))
    shown = [readable(one) for one in HARD]
    shown[-1] = "x" * (LONGEST - 1) + "…"
    assert [unescaped(row[0] or "") for row in found] == shown


def unescaped(text: str) -> str:
    """Read Excel's escapes, which openpyxl leaves in inline texts, from left to right."""
    return re.sub("_x([0-9a-fA-F]{4})_", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.parametrize(
    ("name", "value", "xml"),
    [
        ("code", None, "<c/>"),
        ("container", True, '<c t="inlineStr"><is><t>yes</t></is></c>'),
        ("depth", -3, "<c><v>-3</v></c>"),
        ("quantity", "2.50", "<c><v>2.5</v></c>"),
        ("quantity", "0.00000000000001", "<c><v>1e-14</v></c>"),
        ("quantity", "999999999999999", "<c><v>999999999999999</v></c>"),
        ("quantity", "1e5", '<c t="inlineStr"><is><t>1e5</t></is></c>'),
        ("detail", "2.50", '<c t="inlineStr"><is><t>2.50</t></is></c>'),
        ("status", "in_transit", '<c t="inlineStr"><is><t>in transit</t></is></c>'),
        ("code", "in_transit", '<c t="inlineStr"><is><t>in_transit</t></is></c>'),
        ("code", " a", '<c t="inlineStr"><is><t xml:space="preserve"> a</t></is></c>'),
        ("code", "&<>", '<c t="inlineStr"><is><t>&amp;&lt;&gt;</t></is></c>'),
    ],
)
def test_cells(name: str, value: Any, xml: str) -> None:
    """Nothing, truth, numbers, exact quantities, our words, and texts."""
    assert cell_of(name, value, "en") == xml


@given(st.lists(CELL, min_size=1, max_size=30))
def test_a_column_is_its_cells(values: list[str | None]) -> None:
    """One look at a whole column finds what a look at each cell does, and it is XML."""
    for name in ("code", "quantity", "status"):
        table = rows_as_table((name,), len(values), [(one,) for one in values])
        rows = [*xml_rows(table, "zh-CN")]
        assert rows == [f"<row>{cell_of(name, one, 'zh-CN')}</row>" for one in values]
        ET.fromstring("".join(["<s>", *rows, "</s>"]))  # noqa: S314 - ours
