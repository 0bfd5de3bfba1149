"""Item codes from any form: one item, one code."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import CSET82
from identifiers.checkdigit import check_digit
from identifiers.epc import as_epc_urn
from identifiers.errors import (
    CheckDigitError,
    ConversionError,
    IdentifierError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import as_digital_link
from identifiers.gs1.elements import as_bracketed, as_element_string, parse_bracketed
from identifiers.item_code import ItemCode, Level, as_item_code
from identifiers.parsing import _parse, _parse_kept, parse_item_code

GTIN = "09506000134352"
CLASS = f"https://id.gs1.org/01/{GTIN}"
GTINS = st.text(alphabet="0123456789", min_size=13, max_size=13).map(lambda d: d + check_digit(d))
TEXTS = st.text(alphabet=CSET82, min_size=1, max_size=20)


@pytest.mark.parametrize(
    "text",
    [
        f"{CLASS}/21/A1",
        f"{CLASS}/10/L1/21/A1",
        f"http://example.com/shop/01/{GTIN}/21/A1?lang=zh",
        f"HTTPS://ID.GS1.ORG/01/{GTIN}/22/V/21/A1",
        "urn:epc:id:sgtin:9506000.013435.A1",
        "urn:epc:tag:sgtin-198:1.9506000.013435.A1",
        f"(01){GTIN}(21)A1",
        f"(01){GTIN}(10)L1(17)270228(21)A1",
        f"01{GTIN}21A1",
        f"\x1d01{GTIN}21A1",
        f"]d201{GTIN}21A1",
        f"]Q1{CLASS}/21/A1",
    ],
)
def test_all_forms_of_one_instance(text: str) -> None:
    """Every form of one serialised item gives the same code, whatever else its label says."""
    code = parse_item_code(text)
    assert (code.uri, code.level, code.product, code.serial) == (
        f"{CLASS}/21/A1",
        Level.INSTANCE,
        CLASS,
        "A1",
    )


def test_lot_beside_a_serial_is_told() -> None:
    """The lot that a serialised label names is known, though it is no part of the item's code."""
    for text in (f"{CLASS}/10/L1/21/A1", f"(01){GTIN}(10)L1(21)A1"):
        code = parse_item_code(text)
        assert code.lot == f"{CLASS}/10/L1"
        assert code.keys == (("01", GTIN), ("10", "L1"), ("21", "A1"))


@pytest.mark.parametrize(
    "text", [f"{CLASS}/10/L1", "urn:epc:class:lgtin:9506000.013435.L1", f"(01){GTIN}(10)L1"]
)
def test_lots(text: str) -> None:
    """A lot is known by GTIN and lot number."""
    assert parse_item_code(text) == ItemCode(
        f"{CLASS}/10/L1",
        Level.LOT,
        CLASS,
        f"{CLASS}/10/L1",
        None,
        (("01", GTIN), ("10", "L1")),
        aitable.version(),
    )


@pytest.mark.parametrize("text", [CLASS, f"{CLASS}/21/A1", f"(01){GTIN}(17)270228(21)A1"])
def test_a_code_says_which_dictionary_judged_it(text: str) -> None:
    """A code of GS1 keeps the release of the dictionary, a code of another scheme has none."""
    assert parse_item_code(text).dictionary == aitable.version()
    assert not parse_item_code("urn:uuid:x").dictionary


LEVELS = [
    ("(00)123456789012345675", Level.LOGISTIC, "/00/123456789012345675", None, None),
    (f"(01){GTIN}", Level.PRODUCT, f"/01/{GTIN}", f"/01/{GTIN}", None),
    (f"(01){GTIN}(22)V", Level.PRODUCT, f"/01/{GTIN}/22/V", f"/01/{GTIN}", None),
    (f"(01){GTIN}(235)T", Level.INSTANCE, f"/01/{GTIN}/235/T", f"/01/{GTIN}", "T"),
    ("(253)9506000134352S", Level.DOCUMENT, "/253/9506000134352S", None, "S"),
    ("(253)9506000134352", Level.DOCUMENT, "/253/9506000134352", None, None),
    ("(255)950600013435212", Level.DOCUMENT, "/255/950600013435212", None, "12"),
    ("(401)9521A", Level.LOGISTIC, "/401/9521A", None, None),
    ("(414)9506000134352", Level.LOCATION, "/414/9506000134352", None, None),
    ("(414)9506000134352(254)0", Level.LOCATION, "/414/9506000134352", None, None),
    ("(414)9506000134352(254)A/1", Level.LOCATION, "/414/9506000134352/254/A%2F1", None, None),
    ("(415)9506000134352(8020)R", Level.DOCUMENT, "/415/9506000134352/8020/R", None, None),
    ("(417)9506000134352(7040)1ABC", Level.PARTY, "/417/9506000134352", None, None),
    ("(8003)09506000134352S", Level.ASSET, "/8003/09506000134352S", "/8003/09506000134352", "S"),
    ("(8003)09506000134352", Level.ASSET, "/8003/09506000134352", "/8003/09506000134352", None),
    ("(8004)9521A", Level.ASSET, "/8004/9521A", None, None),
    (
        f"(8006){GTIN}0102(21)S",
        Level.INSTANCE,
        f"/8006/{GTIN}0102/21/S",
        f"/01/{GTIN}",
        "S",
    ),
    (f"(8006){GTIN}0102(10)L", Level.LOT, f"/8006/{GTIN}0102/10/L", f"/01/{GTIN}", None),
    ("(8010)9521A(8011)7", Level.INSTANCE, "/8010/9521A/8011/7", "/8010/9521A", "7"),
    ("(8010)9521A", Level.PRODUCT, "/8010/9521A", "/8010/9521A", None),
    ("(8018)123456789012345675", Level.PARTY, "/8018/123456789012345675", None, None),
]


@pytest.mark.parametrize(("text", "level", "path", "product", "serial"), LEVELS)
def test_levels(
    text: str, level: Level, path: str, product: str | None, serial: str | None
) -> None:
    """Each key names its kind of thing, with class and serial where it has them."""
    code = parse_item_code(text)
    stem = "https://id.gs1.org"
    assert (code.uri, code.level, code.serial) == (stem + path, level, serial)
    assert code.product == (None if product is None else stem + product)
    assert parse_item_code(code.uri).uri == code.uri


@pytest.mark.parametrize(
    ("text", "uri", "level"),
    [
        (
            "http://s.idcode.org.cn/?code=MA.156.1003.16291",
            "urn:suyuan:ma:MA.156.1003.16291",
            "party",
        ),
        ("http://2dcode.org/00000wXY", "https://2dcode.org/00000wXY", "other"),
        ("https://example.org/ARFKk4XBoA", CLASS, "product"),
        ("https://example.org/ARFKk4XBoEKNV4JG", f"{CLASS}/21/ABC123", "instance"),
        ("urn:suyuan:cn-uscc:91110000600037341L", "urn:suyuan:cn-uscc:91110000600037341L", "party"),
    ],
)
def test_a_uri_is_the_code_that_it_carries(text: str, uri: str, level: str) -> None:
    """A resolver's address and a compressed link name the item whose code is in them."""
    code = parse_item_code(text)
    assert (code.uri, code.level.value) == (uri, level)
    assert parse_item_code(uri).uri == uri


def test_a_compressed_link_tells_its_elements() -> None:
    """What a compressed link says besides the key is told as of any other form of GS1."""
    code = parse_item_code("https://example.org/ARFKk4XBoEKNV4JG")
    assert (code.product, code.serial, code.keys[0]) == (CLASS, "ABC123", ("01", GTIN))
    assert code.dictionary == aitable.version()


@pytest.mark.parametrize(
    "text",
    [
        "urn:uuid:3f2c1f7e-0b6d-4a7e-9d57-0b0f3c0c9e11",
        "urn:epcglobal:cbv:bizstep:shipping",
        "https://example.com/items/7",
        "https://example.com/01/09506000134353",
        "did:web:example.com",
        "urn:epc:id:gid:95100000.12345.400",
        "https://id.gs1.org.example.com/x",
    ],
)
def test_other_schemes_keep_their_own_code(text: str) -> None:
    """A URI that is no GS1 code is its own code, unchanged."""
    assert parse_item_code(text) == ItemCode(text, Level.OTHER, None, None, None, ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", SyntaxError_),
        ("foo", SyntaxError_),
        ("foo bar:baz", SyntaxError_),
        ("urn:x:y", SyntaxError_),
        ("c:\\temp", SyntaxError_),
        ("https://例子.cn/", SyntaxError_),
        ("(99)XYZ", ConversionError),
        ("https://id.gs1.org/01/09506000134353", CheckDigitError),
        ("https://id.gs1.org/00/123456789012345670", CheckDigitError),
        ("https://user@id.gs1.org/01/09506000134352", SyntaxError_),
        ("urn:epc:id:sgtin:9506000.01343.A1", IdentifierError),
        ("urn:epc:class:lgtin:9506000.01343.A1", IdentifierError),
        ("urn:epc:id:sscc:9506000.12345", IdentifierError),
        ("URN:EPC:id:sgtin:9506000.013435.A1", SyntaxError_),
        ("891234", UnknownAiError),
    ],
)
def test_refused(text: str, kind: type[IdentifierError]) -> None:
    """Bare words, and text that claims to be GS1 and is not, are refused."""
    with pytest.raises(kind):
        parse_item_code(text)


def test_bare_gtin_gets_a_hint() -> None:
    """Somebody who types a GTIN alone is told how to write it."""
    with pytest.raises(IdentifierError, match=r"write \(01\)09506000134352"):
        parse_item_code("9506000134352")
    with pytest.raises(IdentifierError) as caught:
        parse_item_code("9506000134353")
    assert "GTIN" not in caught.value.fix


@given(GTINS, TEXTS, TEXTS, st.integers(6, 12))
def test_item_codes_round_trip(gtin: str, lot: str, serial: str, length: int) -> None:
    """Any trade item has one code in all its forms, and the short cuts agree with the full parser."""
    bracketed = f"(01){gtin}(10)" + lot.replace("(", "\\(") + "(21)" + serial.replace("(", "\\(")
    code = _parse(bracketed)
    for form in (
        code.uri,
        as_digital_link(code),
        as_bracketed(code),
        as_element_string(code),
        as_epc_urn(code, length),
    ):
        assert _parse(form).uri == code.uri
    assert as_item_code(parse_bracketed(bracketed)) == code
    assert code.lot is not None
    assert _parse(code.lot).uri == code.lot


@given(st.text(alphabet="0123456789", min_size=17, max_size=17), st.integers(6, 12))
def test_logistic_units_round_trip(digits: str, length: int) -> None:
    """Any SSCC has one code in all its forms."""
    code = _parse(f"(00){digits}{check_digit(digits)}")
    assert _parse(as_epc_urn(code, length)) == code
    assert _parse(code.uri) == code


@given(
    st.text(max_size=80)
    | st.text(alphabet="0129/?&=%A.:()]d\x1d", max_size=60)
    | st.text(max_size=30).map(CLASS.__add__)
    | st.text(max_size=30).map("urn:epc:id:sgtin:9506000.013435.".__add__)
)
def test_only_our_errors(text: str) -> None:
    """Arbitrary text is an item code or is refused with an error of ours; a code is ASCII and stable."""
    try:
        code = _parse(text)
    except IdentifierError:
        return
    assert code.uri.isascii()
    assert _parse(code.uri).uri == code.uri


@pytest.mark.parametrize(
    "text",
    [
        "01" + GTIN + "10" + "A" * 65_000,
        ("01" + GTIN) * 4_000,
        "(01)" + GTIN + "(21)" + "\\(" * 30_000,
        "(" * 65_000,
        "https://id.gs1.org" + "/01" * 20_000,
        "https://example.com/?" + "99=A&" * 13_000,
        "urn:epc:tag:giai-96:0.0614141." + "9" * 60_000,
        "urn:epc:id:usdod:2S194." + "9" * 60_000,
        "urn:epc:id:sgtin:" + "." * 60_000,
        "]d2" + "9" * 65_000,
        "urn:" + "a" * 65_000,
        "https://" + "@" * 65_000,
    ],
    ids=range(12),
)
def test_long_texts(text: str) -> None:
    """Text of 64 kB is judged like any other, and not kept in memory."""
    kept = _parse_kept.cache_info().currsize
    with contextlib.suppress(IdentifierError):
        assert parse_item_code(text).uri
    assert _parse_kept.cache_info().currsize == kept


def test_codes_of_other_schemes_have_no_gs1_form() -> None:
    """A UUID cannot be written as an element string, a link or an EPC URN."""
    code = parse_item_code("urn:uuid:3f2c1f7e-0b6d-4a7e-9d57-0b0f3c0c9e11")
    for write in (as_bracketed, as_element_string, as_digital_link, as_epc_urn):
        with pytest.raises(ConversionError):
            write(code)
