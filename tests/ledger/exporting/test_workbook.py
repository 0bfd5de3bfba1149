"""Answers as workbooks, read back with openpyxl."""

import io
import random
from typing import Any

import pytest
from openpyxl import load_workbook

from identifiers import Level
from ledger.errors import UsageError
from ledger.exporting import workbook
from ledger.exporting.readable import readable
from ledger.genealogy.manners import Manner
from ledger.genealogy.trace import Direction, Trace
from tests.ledger.builders import instance, lot
from tests.ledger.exporting.answers import (
    HOSTILE,
    PALLET,
    answer,
    hostile,
    item,
    large,
    link,
    small,
    written,
)

Sheet = list[tuple[Any, ...]]


def sheets(trace: Trace, **given: Any) -> dict[str, Sheet]:
    """Return the rows of each sheet, and fail if any cell is a formula or a link."""
    book = load_workbook(io.BytesIO(written("xlsx", trace, **given)))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
    return {sheet.title: [*sheet.iter_rows(values_only=True)] for sheet in book.worksheets}


def test_the_sheets_in_english() -> None:
    """Affected items and the containers that they are in stand apart; words are words."""
    found = sheets(small(cut=(("depth", (PALLET,)),), as_of=0))
    assert [*found] == "Affected items,Containers,Holders,Links,Open ends,About".split(",")
    heading, first, second, third = found["Affected items"]
    assert heading[:6] == ("Code", "Kind", "Depth", "Quantity", "Unit", "Status")
    assert first[:6] == (instance("a"), "instance", 1, 2.5, "KGM", "in transit")
    assert (second[5], third[0]) == ("announced", instance("c"))
    [_heading, only] = found["Containers"]
    assert (only[0], only[1], only[9]) == (PALLET, "logistic unit", "yes")
    assert found["Holders"][2][2:4] == (2, 1)
    assert found["Links"][1][:3] == (lot("bad"), instance("a"), "transformed")
    assert found["Open ends"][1] == ("cut: the depth asked for", PALLET, None)
    about: dict[str, Any] = dict(found["About"][1:])
    assert about["Traced item"] == lot("bad")
    assert about["Complete"] == "no"
    assert about["cut: the depth asked for"] == 1
    assert about["Log head"] == "localhost/log/main 7 root="
    assert about["As of"] == "1970-01-01T00:00:00.000Z"


def test_the_sheets_in_chinese() -> None:
    """Names of sheets, columns and words follow the language."""
    found = sheets(small(direction=Direction.BACKWARD), language="zh-CN")
    assert [*found] == "货品,容器,持有方,关联,未闭环,说明".split(",")
    assert found["货品"][1][:6] == (instance("a"), "单件", 1, 2.5, "KGM", "运输中")
    assert ("方向", "向上溯源") in found["说明"]


def test_what_links_are_called_in_both_languages() -> None:
    """Each manner has its word."""
    trace = answer([], [link("a", str(one), manner=one) for one in Manner])
    words = {}
    for language, sheet in (("en", "Links"), ("zh-CN", "关联")):
        heading, *found = sheets(trace, language=language)[sheet]
        words[heading[-1]] = [row[-1] for row in found]
    assert words == {
        "Manner": ["given a new code", "split", "merged", "in another's place"],
        "变化方式": ["换码", "拆分", "合并", "替换"],
    }


def test_quantities_keep_all_digits() -> None:
    """A number where a double holds it exactly enough to give it back, else a text."""
    amounts = ["1", "0.1", "123456789.123456", "1234567890.1234567", "-5", "1e5", "9" * 16, ".5"]
    trace = answer([item(instance(one), quantity=one) for one in amounts], [])
    found = [row[3] for row in sheets(trace)["Affected items"][1:]]
    assert found == [1, 0.1, 123456789.123456, "1234567890.1234567", -5, "1e5", "9" * 16, ".5"]


def test_hostile_texts_are_texts() -> None:
    """No code becomes a formula, breaks the file, or shows otherwise than it is."""
    found = sheets(hostile())
    codes = [row[0] for row in found["Affected items"][1:]]
    assert codes == [readable(text) for text in HOSTILE]


def test_a_text_that_is_too_long_for_a_cell_is_cut_visibly() -> None:
    """Excel takes 32,767 characters."""
    [_heading, row] = sheets(answer([item("x" * 40_000)], []))["Affected items"]
    assert row[0] == "x" * 32_766 + "…"


def test_a_table_longer_than_a_sheet_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is lost at the limit of a sheet, and no sheet is empty but the first."""
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    codes = [instance(number) for number in range(5)]
    found = sheets(answer([item(code) for code in codes], []))
    names = [name for name in found if name.startswith("Affected")]
    assert names == ["Affected items", "Affected items 2", "Affected items 3"]
    assert [row[0] for name in names for row in found[name][1:]] == codes
    four = sheets(answer([item(code) for code in codes[:4]], []))
    assert [len(rows) for name, rows in four.items() if name.startswith("Affected")] == [3, 3]


def test_a_workbook_that_excel_would_not_open_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One part, or all of them together, above what the format can say without an extension."""
    monkeypatch.setattr("zipfile.ZIP64_LIMIT", 60_000)
    with pytest.raises(UsageError, match="Write CSV"):
        written("xlsx", large(500))
    monkeypatch.setattr(workbook, "MOST_ROWS", 50)
    noise = random.Random(1).randbytes  # noqa: S311 - what can't be compressed
    with pytest.raises(UsageError, match="Write CSV"):
        written("xlsx", answer([item(noise(300).hex()) for _ in range(500)], []))
    assert written("xlsx", large(50))


def test_sheets_say_their_size() -> None:
    """Readers that trust it read all rows."""
    book = load_workbook(io.BytesIO(written("xlsx", large(1_500))), read_only=True)
    sizes = {sheet.title: sheet.max_row for sheet in book.worksheets}
    assert (sizes["Affected items"], sizes["Links"], sizes["Containers"]) == (1_501, 1_501, 1)


def test_the_same_answer_is_the_same_file() -> None:
    """With the same time of making, byte for byte."""
    assert written("xlsx", large(50)) == written("xlsx", large(50))


def test_an_empty_answer_has_all_sheets() -> None:
    """Headings stand above nothing."""
    found = sheets(answer([], []))
    assert [len(rows) for name, rows in found.items() if name != "About"] == [1] * 5


def test_what_has_no_word_is_shown_as_it_is() -> None:
    """A partner's own status stays."""
    trace = answer([item(instance("a"), status="https://a.example/disp/odd", kind=Level.ASSET)], [])
    row = sheets(trace, language="zh-CN")["受影响货品"][1]
    assert (row[1], row[5]) == ("资产", "https://a.example/disp/odd")
