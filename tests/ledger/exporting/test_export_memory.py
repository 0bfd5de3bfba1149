"""A very large answer is written in bounded memory, beyond the answer itself."""

import tracemalloc

import pytest

from ledger.exporting.formats import FormatName, format_by_name
from ledger.exporting.options import TableName
from ledger.genealogy.trace import Trace
from tests.ledger.exporting.answers import large, options

ITEMS = 100_000
MEBIBYTE = 1 << 20
LIMITS = {
    # A set of the codes that were named, and for a drawing the box of each.
    FormatName.DOT: 16,
    FormatName.SVG: 48,
}


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Give an answer with a hundred thousand items, which takes some fifty mebibytes by itself."""
    return large(ITEMS)


def peak(trace: Trace, name: FormatName, table: TableName = TableName.ITEMS) -> tuple[int, int]:
    """Return the size of a file and the most memory that writing it took; both in bytes."""
    pieces = format_by_name(name).write(trace, options(table=table))
    tracemalloc.start()
    try:
        size = sum(map(len, pieces))
        return size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize(
    "name", [FormatName.NDJSON, FormatName.JSON, FormatName.DOT, FormatName.SVG]
)
def test_a_hundred_thousand_items(trace: Trace, name: FormatName) -> None:
    """The file may have any size."""
    size, memory = peak(trace, name)
    assert size > 1000
    assert memory < LIMITS.get(name, 8) * MEBIBYTE


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize("table", [TableName.ITEMS, TableName.HOLDERS])
def test_a_hundred_thousand_rows(trace: Trace, table: TableName) -> None:
    """The longest table of CSV, and one that counts."""
    _size, memory = peak(trace, FormatName.CSV, table)
    assert memory < 8 * MEBIBYTE


@pytest.mark.no_cover  # volume: others measure these lines
def test_a_workbook() -> None:
    """Its rows are on the disk while it is written: ten thousand would take some fifty mebibytes."""
    _size, memory = peak(large(5_000), FormatName.XLSX)
    assert memory < 6 * MEBIBYTE
