"""Tables of an answer, whatever lists it has."""

from typing import Any

from ledger.exporting.options import TableName
from ledger.exporting.tables import ITEM_COLUMNS, TABLES, as_cell, table_of
from tests.ledger.builders import instance
from tests.ledger.exporting.answers import later, small


def test_there_is_a_table_for_each_name() -> None:
    """Every name leads to a table whose rows are as long as its heading."""
    assert {*TABLES} == {*TableName}
    for name in TableName:
        table = table_of(small(), name)
        for row in table.rows:
            assert len(row) == len(table.columns)


def test_the_columns_are_the_keys_of_the_json_form() -> None:
    """Programs meet the same names in every form."""
    whole = small().as_dict()
    assert list(ITEM_COLUMNS) == [*whole["items"][0]]
    assert list(table_of(small(), TableName.LINKS).columns) == [*whole["links"][0]]


def test_lists_to_come_are_open_ends() -> None:
    """What else an answer tells, with a reason and codes or without, is a row each."""
    oddities: list[dict[str, Any]] = [
        {"reason": "in_transit", "code": "a", "since": "2026", "by": None},
        {"topic": "negative", "codes": ["a", "b"], "event": "e", "amount": ["-1"]},
        {"note": 5},
        {"reason": "announced", "code": instance("b")},
    ]
    rows = [*table_of(later(oddities), TableName.OPEN_ENDS).rows]
    assert rows == [
        ["in_transit", "a", "since: 2026"],
        ["negative", "a; b", 'event: e; amount: ["-1"]'],
        ["oddities", None, "note: 5"],
        ["announced", instance("b"), None],
    ]


def test_cells() -> None:
    """Texts, numbers and truths are cells; anything else is JSON."""
    assert [as_cell(value) for value in ("a", 1, True, None)] == ["a", 1, True, None]
    assert as_cell({"a": [1]}) == '{"a":[1]}'
