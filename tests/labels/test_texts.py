"""Element strings as people read them."""

from __future__ import annotations

import pytest

from labels.texts import titled


@pytest.mark.parametrize(
    ("ai", "value", "shown"),
    [
        ("15", "270200", ("BEST BEFORE or BEST BY", "2027-02-28")),
        ("11", "991231", ("PROD DATE", "1999-12-31")),
        ("3103", "000125", ("NET WEIGHT (kg)", "0.125")),
        ("3100", "000125", ("NET WEIGHT (kg)", "125")),
        ("37", "24", ("COUNT", "24")),
        ("00", "370123450000000014", ("SSCC", "370123450000000014")),
        ("15", "999999", ("BEST BEFORE or BEST BY", "999999")),
    ],
)
def test_titles_dates_and_amounts(ai: str, value: str, shown: tuple[str, str]) -> None:
    """A value stands under its title, and what can't be read otherwise stays as it is."""
    assert titled(ai, value, 2026) == shown
