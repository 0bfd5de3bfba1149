"""Tolerances: shares and amounts, given or stated in master data."""

import pytest

from ledger.errors import UsageError
from ledger.genealogy.tolerance import EXACT, TOLERANCE, parse_tolerance, stated_tolerances
from ledger.store.engine import reading
from tests.ledger.builders import PRODUCT, Ledger, document, element, lot


@pytest.mark.parametrize(
    ("text", "gap", "base", "dimension", "allowed"),
    [
        ("1%", -1, 100, "mass", True),
        ("1 %", 2, 100, "mass", False),
        ("0.5%", 1, 200, "unit XYZ", True),
        ("2 KGM", -2, 1, "mass", True),
        ("2KGM", 3, 1000, "mass", False),
        ("0.002 TNE", 2, 0, "mass", True),
        ("2 KGM", 1, 100, "length", False),
        ("3", 3, 4, "count", True),
        ("1 DZN", -12, 13, "count", True),
    ],
)
def test_what_is_tolerated(
    text: str,
    gap: int,
    base: int,
    dimension: str,
    allowed: bool,  # noqa: FBT001 - a table
) -> None:
    """A share is of what the gap is measured by, an amount is of one dimension."""
    assert parse_tolerance(text).allows(gap, base, dimension) is allowed


def test_nothing_is_tolerated_by_default() -> None:
    """Without a tolerance every gap is a finding."""
    assert EXACT.allows(0, 0, "mass")
    assert not EXACT.allows(1, 10**9, "mass")


@pytest.mark.parametrize(
    "text", ["", "some", "-1%", "1 kg", "1e3", "%", "１%", "1" * 30, "1 KGM m"]
)
def test_what_is_no_tolerance(text: str) -> None:
    """Other text is refused with examples."""
    with pytest.raises(UsageError, match="Expected a tolerance such as"):
        parse_tolerance(text)


def test_the_newest_statement_counts(ledger: Ledger) -> None:
    """Of several organisations' statements the newest counts, and none from later than was known."""

    def state(slug: str, value: object) -> None:
        elements = [element(PRODUCT, balanceTolerance=value, other="5%")]
        ledger.send(document(vocabularies={"EPCClass": elements}), slug)

    state("alice", "1%")
    moment = ledger.ticks()
    state("bob", "2%")
    with reading(ledger.engine) as connection:
        now = stated_tolerances(connection, {PRODUCT, lot("L")}, TOLERANCE)
        then = stated_tolerances(connection, {PRODUCT}, TOLERANCE, moment)
    assert ({code: one.text for code, one in now[0].items()}, now[1]) == ({PRODUCT: "2%"}, [])
    assert {code: one.text for code, one in then[0].items()} == {PRODUCT: "1%"}
