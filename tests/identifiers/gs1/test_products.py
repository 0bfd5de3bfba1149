"""GTINs of all lengths as one product."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.checkdigit import check_digit
from identifiers.errors import (
    CharacterError,
    CheckDigitError,
    ComponentError,
    IdentifierError,
    LengthError,
    SyntaxError_,
)
from identifiers.gs1.products import as_gtin14, expand_upc_e, product_warnings, same_product


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("9506000134352", "09506000134352"),
        ("19506000134359", "19506000134359"),
    ],
)
def test_forms_of_a_gtin(text: str, gtin: str) -> None:
    """Each length is filled up to 14 digits."""
    assert as_gtin14(text) == gtin


def test_one_product() -> None:
    """All forms name one product; a case of it and a UPC-E code with the same digits do not."""
    assert same_product("96385074", "0000096385074")
    assert same_product("036000291452", "0036000291452")
    assert not same_product("09506000134352", "19506000134359")
    assert as_gtin14("04252614", upc_e=True) == "00042100005264"
    assert as_gtin14("036000291452", upc_e=True) == "00036000291452"


@pytest.mark.parametrize(
    ("text", "kind", "position"),
    [
        ("", LengthError, 0),
        ("123456789", LengthError, 9),
        ("950600013435x", CharacterError, 12),
        ("９506000134352", CharacterError, 0),
        ("9506000134353", CheckDigitError, 12),
    ],
)
def test_faults(text: str, kind: type[IdentifierError], position: int) -> None:
    """What is no GTIN is refused, a wrong check digit with the right one."""
    with pytest.raises(kind) as caught:
        as_gtin14(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("04252614", "042100005264"),
        ("01234505", "012000003455"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
        ("11234562", "112345000062"),
    ],
)
def test_expanding_upc_e(text: str, gtin: str) -> None:
    """Each way to leave out zeros is undone."""
    expanded = text[0] + gtin[1:-1]
    assert expand_upc_e(text[:7] + check_digit(expanded)) == expanded + check_digit(expanded)


@pytest.mark.parametrize(
    ("text", "kind", "position"),
    [
        ("425261", LengthError, 6),
        ("042526149", LengthError, 8),
        ("0425261x", CharacterError, 7),
        ("24252614", SyntaxError_, 0),
        ("04252615", CheckDigitError, 7),
    ],
)
def test_faults_of_upc_e(text: str, kind: type[IdentifierError], position: int) -> None:
    """What is no UPC-E code is refused where it is wrong."""
    with pytest.raises(kind) as caught:
        expand_upc_e(text)
    assert caught.value.position == position


@pytest.mark.parametrize("body", ["012003", "123014", "123405"])
def test_each_gtin_has_one_upc_e_code(body: str) -> None:
    """A code that leaves out fewer zeros than it could is printed by nobody."""
    wrong = [f"0{body}{digit}" for digit in "0123456789"]
    kinds = set()
    for text in wrong:
        with pytest.raises(IdentifierError) as caught:
            expand_upc_e(text)
        kinds.add(type(caught.value))
    assert kinds == {CheckDigitError, ComponentError}


@pytest.mark.parametrize(
    ("gtin", "kind", "prefix"),
    [
        ("02900002317701", "restricted-circulation", "29"),
        ("00212345000000", "restricted-circulation", "02"),
        ("00412345000000", "restricted-circulation", "04"),
        ("00000000000000", "restricted-circulation", "0"),
        ("00000021234567", "restricted-circulation", "2"),
        ("09901234567890", "no-product", "99"),
        ("09811234567890", "no-product", "981"),
        ("00512345678900", "no-product", "05"),
    ],
)
def test_numbers_that_are_no_product_everywhere(gtin: str, kind: str, prefix: str) -> None:
    """A number for restricted circulation or a coupon is remarked on with its prefix."""
    (notice,) = product_warnings(gtin)
    assert notice.kind == kind
    assert f"prefix {prefix} " in str(notice)


@pytest.mark.parametrize("gtin", ["09506000134352", "00000096385074", "00036000291452"])
def test_products(gtin: str) -> None:
    """An ordinary number is not remarked on."""
    assert product_warnings(gtin) == ()


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_zeros_change_nothing(length: int, data: st.DataObject) -> None:
    """A GTIN and the same filled up to any greater length are one product."""
    digits = data.draw(st.text("0123456789", min_size=length, max_size=length))
    gtin = digits + check_digit(digits)
    for longer in (8, 12, 13, 14):
        if longer >= len(gtin):
            assert same_product(gtin, gtin.zfill(longer))
