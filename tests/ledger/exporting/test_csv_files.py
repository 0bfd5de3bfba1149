"""Answers as CSV, read back as a program and as a spreadsheet would."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exporting.csv_files import guarded
from ledger.exporting.options import TableName
from ledger.genealogy.trace import Trace
from tests.ledger.builders import instance, lot
from tests.ledger.exporting.answers import (
    HOSTILE,
    MAKER,
    PALLET,
    PLANT,
    answer,
    hostile,
    large,
    small,
    written,
)


def rows(trace: Trace, table: TableName = TableName.ITEMS) -> list[dict[str, str]]:
    """Return the rows of a table, as Python's reader has them."""
    text = written("csv", trace, table=table).decode()
    return [*csv.DictReader(io.StringIO(text, newline=""), strict=True)]


def test_items() -> None:
    """Each item is a row with the columns of the JSON form; no value is an empty cell."""
    found = rows(small())
    whole = small().as_dict()["items"]
    assert [*found[0]] == [*whole[0], "name", "holder_name", "location_name"]
    assert [row["code"] for row in found] == [one["code"] for one in whole]
    assert (found[0]["quantity"], found[0]["unit"], found[1]["quantity"]) == ("2.50", "KGM", "")
    assert [row["container"] for row in found] == ["false", "false", "false", "true"]
    assert found[2]["depth"] == "2"


def test_links() -> None:
    """Each link is a row."""
    found = rows(small(), TableName.LINKS)
    assert (found[0]["from"], found[0]["to"], found[0]["kind"]) == (
        lot("bad"),
        instance("a"),
        "transformed",
    )
    assert (found[0]["quantity"], found[0]["time"]) == ("0.10", "2026-03-01T00:00:00.000Z")
    assert found[2]["until"] == "2026-03-01T00:00:00.000001Z"


def test_holders_and_open_ends() -> None:
    """Who has how many, where; and where the answer ends although the goods go on."""
    no_names = {"holder_name": "", "location_name": ""}
    assert rows(small(), TableName.HOLDERS) == [
        {"holder": "", "location": "", "items": "1", "containers": "0"} | no_names,
        {"holder": MAKER, "location": PLANT, "items": "2", "containers": "1"} | no_names,
    ]
    ends = rows(small(cut=(("depth", (PALLET,)),)), TableName.OPEN_ENDS)
    assert [(row["reason"], row["code"]) for row in ends] == [
        ("cut by depth", PALLET),
        ("announced", instance("b")),
    ]


def test_the_form_of_the_file() -> None:
    """Lines end with CRLF, and a byte order mark stands first only where it is asked for."""
    plain = written("csv", answer([], []))
    assert plain.startswith(b"code,kind,depth,")
    assert plain.endswith(b"\r\n")
    assert plain.count(b"\n") == 1
    assert written("csv", answer([], []), bom=True) == b"\xef\xbb\xbf" + plain


def test_hostile_texts_come_back_and_are_no_formulas() -> None:
    """A program gets each text by taking an apostrophe away; a spreadsheet gets no formula."""
    found = rows(hostile())
    cells = [row["code"] for row in found]
    assert [cell.removeprefix("'") for cell in cells] == [*HOSTILE]
    for row in found:
        for cell in row.values():
            assert cell[:1] not in {*"=+@＝＋－＠\t\r\n"}, cell
            assert not (cell.startswith("-") and not cell[1:].replace(".", "", 1).isdigit())


@given(st.text(max_size=20))
def test_a_guarded_text_can_be_taken_back(text: str) -> None:
    """One apostrophe at most was added, and where it was is known without the text."""
    cell = guarded(text)
    assert (cell.removeprefix("'")) == text


@pytest.mark.parametrize("number", ["-1", "-1.25", "3", "0.5"])
def test_plain_numbers_stay_numbers(number: str) -> None:
    """A negative quantity is no formula."""
    assert guarded(number) == number


@pytest.mark.parametrize("text", ["-1+2", "-1e5", "-.5", "-١", "-", "--1", "-1\n"])
def test_what_only_looks_like_a_number_is_guarded(text: str) -> None:
    """Only plain digits with a point are let through behind a minus."""
    assert guarded(text) == f"'{text}"


def test_many_rows_come_in_pieces() -> None:
    """Rows are handed on a thousand at a time, and all of them."""
    assert len(rows(large(2_500))) == 2_500
    assert len(rows(large(2_000))) == 2_000
