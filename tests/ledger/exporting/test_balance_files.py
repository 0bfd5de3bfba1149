"""A mass balance as a file."""

import csv
import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger.errors import UsageError
from ledger.exporting.balance_files import BALANCE_FORMATS, balance_format, write_balance
from ledger.exporting.balance_table import BALANCE_COLUMNS
from ledger.exporting.formats import FORMATS, FormatName
from ledger.genealogy.balance_answer import Balance
from ledger.genealogy.trace import trace
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, lot
from tests.ledger.exporting.answers import options, written
from tests.ledger.genealogy.asking import at, make
from tests.ledger.genealogy.test_balance import STORE, ask, create, kg, ship, take


@pytest.fixture
def shipped(ledger: Ledger) -> Ledger:
    """Give a ledger in which more was shipped than made."""
    take(ledger, create(1, kg(2.5), place=STORE), ship(2, kg(3)))
    return ledger


def file_of(found: Balance, name: FormatName, **given: Any) -> bytes:
    """Return a balance as a file."""
    return b"".join(write_balance(found, name, options(**given)))


def test_json_is_the_answer(shipped: Ledger) -> None:
    """The value that `suyuan --json balance` prints."""
    found = ask(shipped)
    assert json.loads(file_of(found, FormatName.JSON)) == json.loads(json.dumps(found.as_dict()))


def test_csv(shipped: Ledger) -> None:
    """One table with exact quantities, behind a byte order mark if asked for."""
    text = file_of(ask(shipped), FormatName.CSV, bom=True).decode("utf-8-sig")
    found = [*csv.DictReader(io.StringIO(text, newline=""), strict=True)]
    assert [*found[0]] == [*BALANCE_COLUMNS]
    amounts = {row["kind"]: row["quantity"] for row in found if row["part"] == "total"}
    assert (amounts["produced"], amounts["shipped"]) == ("2.5", "3")
    assert [row["finding"] for row in found if row["part"] == "gap"] == ["true"]


def test_a_workbook(shipped: Ledger) -> None:
    """A sheet of amounts, and one about the question."""
    found = ask(shipped, since=at(0), until=at(9), known_at=2 * at(0), place=STORE)
    book = load_workbook(io.BytesIO(file_of(found, FormatName.XLSX)))
    assert book.sheetnames == ["Balance", "About"]
    about: dict[Any, Any] = {
        row[0]: row[1] for row in book["About"].iter_rows(min_row=2, values_only=True)
    }
    assert about["Code"] == lot("L")
    assert about["From"] == "2026-03-01T08:00:00.000Z"
    assert {"To", "Known at", "place", "Balanced", "Log head"} <= about.keys()
    chinese = load_workbook(io.BytesIO(file_of(ask(shipped), FormatName.XLSX, language="zh-CN")))
    rows = [*chinese["物料平衡"].iter_rows(values_only=True)]
    assert ("合计", "发货", 3, "KGM") in [(row[0], row[2], row[3], row[4]) for row in rows]
    assert ("平衡", "否") in [*chinese["说明"].iter_rows(values_only=True)]


def test_the_workbook_of_a_trace_has_the_balance_of_its_root(shipped: Ledger) -> None:
    """Where it was read from a ledger, and a lot or product was traced."""
    with reading(shipped.engine) as connection:
        found = trace(connection, lot("L"))
        book = load_workbook(io.BytesIO(written("xlsx", found, connection=connection)))
    assert "Balance" in book.sheetnames
    assert "produced" in [row[2] for row in book["Balance"].iter_rows(values_only=True)]


def test_the_workbook_says_why_it_has_no_balance(shipped: Ledger) -> None:
    """Of a trace that was made of some logs only: nothing of the others is reckoned with."""
    shipped.take(make(1, "a", "b"), slug="other")
    with reading(shipped.engine) as connection:
        found = trace(connection, lot("L"), told_by=["main"])
        book = load_workbook(io.BytesIO(written("xlsx", found, connection=connection)))
    heading, (sentence,) = book["Balance"].iter_rows(values_only=True)
    assert heading == ("About",)
    assert str(sentence).endswith(f"suyuan balance {lot('L')}")


def test_the_formats() -> None:
    """A drawing of a balance is none."""
    for one in FORMATS:
        if one.name in BALANCE_FORMATS:
            assert balance_format(one) == one.name
        else:
            with pytest.raises(UsageError, match="xlsx, csv, json"):
                balance_format(one)
