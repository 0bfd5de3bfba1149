"""The tree of errors is the one that is drawn."""

import json
import re

import pytest

from ledger import errors
from ledger.errors import JsonSyntaxError, LedgerError, StoreError, shown


def test_the_drawing_is_the_tree() -> None:
    """Each class stands in the drawing under its parent, and nothing else does."""
    drawn: dict[str, str] = {}
    parents: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ((?:[│├└─ ]{4})*)([A-Z]\w+Error)\b", line)
        if match:
            depth = len(match[1]) // 4
            drawn[match[2]] = parents[depth - 1] if depth else "Exception"
            parents[depth:] = [match[2]]
    assert drawn == {name: getattr(errors, name).__base__.__name__ for name in errors.__all__}


def test_a_store_error_says_the_fix() -> None:
    """The fix is part of the sentence, and stands alone for who prints it elsewhere."""
    error = StoreError("The database is locked.", "Stop the other program.")
    assert str(error) == "The database is locked. Stop the other program."
    assert error.fix == "Stop the other program."
    assert isinstance(error, LedgerError)


def test_a_syntax_error_is_known_to_both_sides() -> None:
    """A syntax error is one of ours and one of the standard library, with its place."""
    error = JsonSyntaxError("Expecting value", "[\n!", 2)
    assert isinstance(error, json.JSONDecodeError)
    assert (error.lineno, error.colno) == (2, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [("a\nb", r"'a\nb'"), ("x" * 61, f"'{'x' * 60}'..."), (b"\xff", r"b'\xff'"), (None, "None")],
)
def test_foreign_values_are_shown_short(value: object, text: str) -> None:
    """A value in a message is quoted, on one line and short."""
    assert shown(value) == text


def test_long_values_are_cut() -> None:
    """A value of any other type is cut, too."""
    assert shown(list(range(100))).endswith("...")
    assert len(shown(list(range(100)))) < 70
