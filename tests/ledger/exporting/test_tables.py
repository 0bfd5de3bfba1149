"""Tables of an answer, whatever lists it has."""

from typing import Any

from ledger.exporting.columns import rows
from ledger.exporting.known_names import KnownNames
from ledger.exporting.options import TableName
from ledger.exporting.tables import TABLES, Table, as_cell, rows_as_table, table_of
from ledger.genealogy.manners import Manner
from ledger.genealogy.trace import Trace
from tests.ledger.builders import instance
from tests.ledger.exporting.answers import answer, large, later, link, small


def table(trace: Trace, name: TableName) -> Table:
    """Return a table of an answer whose codes have no names."""
    return table_of(trace, name, KnownNames(None, "en"))


def test_there_is_a_table_for_each_name() -> None:
    """Every name leads to a table whose rows are as long as its heading."""
    assert {*TABLES} == {*TableName}
    for trace in (small(), large(2_001)):
        for name in TableName:
            found = [*rows(table(trace, name).chunks)]
            assert len(found) == table(trace, name).count
            assert {len(row) for row in found} <= {len(table(trace, name).columns)}


def test_the_columns_are_the_keys_of_the_json_form() -> None:
    """Programs meet the same names in every form."""
    whole = small().as_dict()
    names = ["name", "holder_name", "location_name"]
    assert [*table(small(), TableName.ITEMS).columns] == [*whole["items"][0], *names]
    assert [*table(small(), TableName.LINKS).columns] == [*whole["links"][0]]


def test_what_links_are_called() -> None:
    """A manner is a word where there is one, as in the JSON form."""
    trace = answer([], [link("a", "b", manner=Manner.RENAMED), link("a", "c")])
    found = table(trace, TableName.LINKS)
    at = found.columns.index("manner")
    assert [row[at] for row in rows(found.chunks)] == ["renamed", None]
    assert [one["manner"] for one in trace.as_dict()["links"]] == ["renamed", None]


def test_lists_to_come_are_open_ends() -> None:
    """What else an answer tells, with a reason and codes or without, is a row each."""
    oddities: list[dict[str, Any]] = [
        {"reason": "in_transit", "code": "a", "since": "2026", "by": None},
        {"topic": "negative", "codes": ["a", "b"], "event": "e", "amount": ["-1"]},
        {"note": 5},
        {"reason": "announced", "code": instance("b")},
    ]
    assert [*rows(table(later(oddities), TableName.OPEN_ENDS).chunks)] == [
        ("in_transit", "a", "since: 2026"),
        ("negative", "a; b", 'event: e; amount: ["-1"]'),
        ("oddities", None, "note: 5"),
        ("announced", instance("b"), None),
    ]


def test_rows_one_by_one() -> None:
    """They come in chunks as well, and an empty table in none."""
    assert [*rows_as_table(("a", "b"), 2, [(1, "x"), (2, None)]).chunks] == [[[1, 2], ["x", None]]]
    assert [*rows_as_table(("a",), 0, []).chunks] == []


def test_cells() -> None:
    """Texts, numbers and truths are cells; anything else is JSON."""
    assert [as_cell(value) for value in ("a", 1, True, None)] == ["a", 1, True, None]
    assert as_cell({"a": [1]}) == '{"a":[1]}'
