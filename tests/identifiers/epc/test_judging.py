"""The verdict on values in an EPC."""

import pytest

from identifiers.epc.judging import TAG_DATA_STANDARD, judge, judge_value
from identifiers.errors import CheckDigitError, IdentifierError
from identifiers.gs1 import aitable


def test_judges() -> None:
    """The dictionary is named where it accepts everything, otherwise this standard."""
    assert judge([("01", "09506000134352"), ("21", "A")]) == aitable.version()
    assert judge([("8010", "0614141A"), ("8011", "0")]) == TAG_DATA_STANDARD
    assert judge_value("8006", "095060001343520102")
    assert not judge_value("8006", "095060001343529900")


@pytest.mark.parametrize(
    ("ai", "value", "kind"),
    [
        ("8006", "095060001343530000", CheckDigitError),
        ("8006", "09506000134352000", IdentifierError),
        ("8011", "00", IdentifierError),
        ("8011", "01", IdentifierError),
        ("21", "~", IdentifierError),
        ("04", "1", IdentifierError),
    ],
)
def test_what_neither_accepts(ai: str, value: str, kind: type[IdentifierError]) -> None:
    """No more is waived than the standard says."""
    with pytest.raises(kind):
        judge_value(ai, value)
