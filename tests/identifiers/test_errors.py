"""The errors of item codes: what they say, and that they travel."""

import pickle

import pytest

from identifiers import errors
from identifiers.errors import CheckDigitError, IdentifierError


def test_text_says_expected_found_position_and_fix() -> None:
    """An error reads as one sentence with all four facts, counting characters from 1."""
    error = CheckDigitError(
        "check digit 2", "3", position=13, fix="check digit should be 2", ai="01"
    )
    assert str(error) == (
        "AI (01): expected check digit 2, found '3' at character 14; check digit should be 2."
    )


def test_text_without_position_or_fix() -> None:
    """An error about the whole text names no place."""
    assert str(IdentifierError("a code", "x")) == "Expected a code, found 'x'."


def test_long_foreign_text_is_cut() -> None:
    """An error never repeats more than 60 characters of what came in."""
    found = IdentifierError("a code", "x" * 1000).found
    assert len(found) == 60
    assert found.endswith("...")


def test_position_moves_to_the_whole_text() -> None:
    """A fault inside a part is told by its place in the whole, and keeps the AI that it names."""
    error = IdentifierError("a", "b", position=3, ai="10").within(10, "21")
    assert (error.position, error.ai) == (13, "10")
    assert IdentifierError("a", "b").within(4, "21").position == 4


def test_errors_survive_pickling() -> None:
    """An error can cross a process boundary with all it says."""
    error = CheckDigitError("check digit 2", "3", position=13, fix="fix", ai="01")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert type(copy) is CheckDigitError
    assert str(copy) == str(error)


@pytest.mark.parametrize("name", errors.__all__)
def test_one_root(name: str) -> None:
    """Every public error is an IdentifierError and so a ValueError."""
    assert issubclass(getattr(errors, name), IdentifierError)
    assert issubclass(IdentifierError, ValueError)
