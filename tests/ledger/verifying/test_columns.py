"""Columns are compared as texts of JSON, and by what these say where they are spelt in another way."""

import pytest

from ledger.verifying.columns import Columns


@pytest.mark.parametrize(
    ("text", "values", "same"),
    [
        ("[]", [], True),
        ("[1,null]", [1, None], True),
        ("[1,null]", (1, None), True),
        ('["\\u000a"]', ["\n"], True),
        ("[1, 2]", [1, 2], True),
        ("[1.0]", [1], False),
        ("[true]", [1], False),
        ('["1"]', [1], False),
        ("[null]", [""], False),
        ("[1,2]", [2, 1], False),
        ("[1,2]", [1], False),
    ],
)
def test_columns_agree_by_what_they_say(text: str, values: list[object], *, same: bool) -> None:
    """The spelling doesn't count, types and order do."""
    assert Columns(["x"], [text]).agree("x", values) == same


def test_what_is_no_json_is_an_error() -> None:
    """Such a text is no column."""
    with pytest.raises(ValueError, match="unexpected"):
        Columns(["x"], ["[1"]).agree("x", [1])
