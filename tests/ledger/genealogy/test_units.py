"""Units: exact conversion inside one dimension, and how quantities are written."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import UsageError
from ledger.genealogy.units import (
    PLACES,
    UNITS,
    Amount,
    Dimension,
    amount_of,
    as_amount,
    convert,
    dimension_of,
    factor_of,
    is_additive,
    si_unit,
    unit_name,
)

ADDITIVE = sorted(code for code, unit in UNITS.items() if is_additive(unit.dimension.value))


@pytest.mark.parametrize(
    ("quantity", "source", "target", "result"),
    [
        ("1", "TNE", "KGM", "1000"),
        ("1", "LBR", "GRM", "453.59237"),
        ("16", "ONZ", "LBR", "1"),
        ("1", "STN", "LBR", "2000"),
        ("1", "LTN", "LBR", "2240"),
        ("14", "LBR", "STI", "1"),
        ("7000", "GRN", "LBR", "1"),
        ("20", "DWT", "APZ", "1"),
        ("12", "APZ", "LBT", "1"),
        ("16", "DRI", "ONZ", "1"),
        ("1", "GLL", "INQ", "231"),
        ("1", "BLL", "GLL", "42"),
        ("8", "PTI", "GLI", "1"),
        ("4", "QTL", "GLL", "1"),
        ("160", "OZI", "GLI", "1"),
        ("128", "OZA", "GLL", "1"),
        ("8", "GLI", "BUI", "1"),
        ("1", "BUA", "INQ", "2150.42"),
        ("1", "YDQ", "FTQ", "27"),
        ("1", "SMI", "FOT", "5280"),
        ("36", "INH", "YRD", "1"),
        ("1", "HAR", "MTK", "10000"),
        ("1", "MIK", "YDK", "3097600"),
        ("144", "INK", "FTK", "1"),
        ("12", "GRO", "GGR", "1"),
        ("1", "DZN", None, "12"),
        ("1", "WEE", "HUR", "168"),
        ("1", "MWH", "GV", "3.6"),
        ("1", "E14", "JOU", "4186.8"),
        ("-2.50", "KGM", "KGM", "-2.5"),
        ("7", "XYZ", "XYZ", "7"),
    ],
)
def test_conversions_that_are_known(
    quantity: str, source: str, target: str | None, result: str
) -> None:
    """What the units' own definitions say of one another holds exactly."""
    assert convert(quantity, source, target) == Amount(result, exact=True)


@pytest.mark.parametrize(
    ("source", "target"), [("KGM", "LTR"), ("KGM", None), ("XYZ", "XYY"), ("CEL", "CEL")]
)
def test_no_conversion_between_dimensions(source: str, target: str | None) -> None:
    """Kilograms are no litres, an unknown code is its own dimension, and 8 degrees are not 2 times 4."""
    with pytest.raises(UsageError, match="measure the same"):
        convert("1", source, target)


@pytest.mark.parametrize("text", ["", "a", "1e5", "１", "1.", ".5", "9" * 61, "+1", "1\n"])
def test_text_that_is_no_quantity(text: str) -> None:
    """Only plain decimals of a sane length are reckoned with."""
    assert amount_of(text) is None
    with pytest.raises(UsageError, match="Expected a decimal"):
        convert(text, "KGM", "KGM")
    assert amount_of(None) is None


def test_counts() -> None:
    """No unit, piece, each and one are the same."""
    assert {dimension_of(code) for code in (None, "H87", "EA", "C62", "NAR")} == {"count"}
    assert {factor_of(code) for code in (None, "H87", "EA", "C62", "NAR")} == {1}
    assert si_unit("count") is None


def test_every_dimension_has_its_si_unit() -> None:
    """The SI unit of each dimension has the factor 1; that of an unknown code is itself."""
    for dimension in Dimension:
        assert factor_of(si_unit(dimension.value)) == 1
    assert [si_unit(one) for one in ("mass", "volume", "area")] == ["KGM", "MTQ", "MTK"]
    assert (dimension_of("XYZ"), si_unit("unit XYZ")) == ("unit XYZ", "XYZ")


def test_names() -> None:
    """Units have names in both languages; an unknown code stands for itself."""
    assert (unit_name("KGM"), unit_name("KGM", "zh-CN")) == ("kilogram", "千克")
    assert (unit_name(None), unit_name("XYZ"), unit_name("LTN")) == ("piece", "XYZ", "long ton")


def test_a_result_that_does_not_end_is_rounded() -> None:
    """Half to even, to the last place, and it says so."""
    assert as_amount(Fraction(1, 3)) == Amount("0." + "3" * PLACES, exact=False)
    assert as_amount(Fraction(-2, 3)) == Amount("-0.666666666667", exact=False)
    assert as_amount(Fraction(-1, 3 * 10**20)) == Amount("0", exact=False)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12), max_value=10**12
    ),
    st.sampled_from(ADDITIVE),
)
def test_to_the_si_unit_and_back(quantity: Decimal, code: str) -> None:
    """The SI unit holds every quantity exactly, and it comes back as it was."""
    text = format(quantity, "f")
    there = convert(text, code, si_unit(dimension_of(code)))
    assert there.exact
    back = convert(there.text, si_unit(dimension_of(code)), code)
    assert Fraction(back.text) == Fraction(text)
