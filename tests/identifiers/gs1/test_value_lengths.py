"""Values that are too long or too short."""

import pytest

from identifiers.gs1 import aitable
from identifiers.gs1.value_lengths import too_long, too_short


def test_too_long() -> None:
    """The fault begins behind the last character that there is room for."""
    error = too_long(aitable.entry("10"), "A" * 22)
    assert (error.position, error.expected) == (20, "at most 20 characters (there are 22)")
    assert error.rule == "GS1 General Specifications, section 3.2"


@pytest.mark.parametrize(
    ("ai", "value", "expected", "fix"),
    [
        ("423", "15", "3 to 15 characters (there are 2)", ""),
        ("01", "9506000134352", "14 characters (there are 13)", "write the GTIN with 14 digits: "),
        ("01", "9506000134353", "14 characters (there are 13)", "add the check digit "),
        ("00", "12345678901234567", "18 characters (there are 17)", "add the check digit 5 "),
        ("01", "950600013435x", "14 characters (there are 13)", ""),
        ("17", "26123", "6 characters (there are 5)", ""),
    ],
)
def test_too_short(ai: str, value: str, expected: str, fix: str) -> None:
    """The fault is at the end; a number is filled up or completed where that makes it sound."""
    error = too_short(aitable.entry(ai), value)
    assert (error.position, error.expected) == (len(value), expected)
    assert error.fix.startswith(fix)
    assert bool(error.fix) is bool(fix)
