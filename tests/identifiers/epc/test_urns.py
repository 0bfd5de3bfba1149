"""EPC URNs, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import CSET82
from identifiers.checkdigit import check_digit
from identifiers.epc import (
    TAG_DATA_STANDARD,
    as_epc_urn,
    epc_scheme,
    foreign_identity,
    is_foreign_epc,
    parse_epc_urn,
)
from identifiers.errors import (
    CharacterError,
    ConversionError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.gs1.elements import as_bracketed, parse_bracketed
from identifiers.item_code import as_item_code
from identifiers.parsing import parse_item_code

TEXTS = st.text(alphabet=CSET82, min_size=1, max_size=20)
DIGITS = "0123456789"

URNS = [
    ("urn:epc:id:sgtin:9506000.013435.A1", "(01)09506000134352(21)A1"),
    ("urn:epc:class:lgtin:9506000.013435.L%2F1", "(01)09506000134352(10)L/1"),
    ("urn:epc:id:upui:9506000.013435.T", "(01)09506000134352(235)T"),
    ("urn:epc:idpat:sgtin:9506000.013435.*", "(01)09506000134352"),
    ("urn:epc:id:itip:9506000.013435.01.02.S", "(8006)095060001343520102(21)S"),
    ("urn:epc:idpat:itip:9506000.013435.01.02.*", "(8006)095060001343520102"),
    ("urn:epc:id:sscc:0614141.1234567890", "(00)106141412345678908"),
    ("urn:epc:id:sgln:0614141.12345.400", "(414)0614141123452(254)400"),
    ("urn:epc:id:sgln:0614141.12345.0", "(414)0614141123452(254)0"),
    ("urn:epc:id:pgln:0614141.12345", "(417)0614141123452"),
    ("urn:epc:id:grai:0614141.12345.A%2F1", "(8003)00614141123452A/1"),
    ("urn:epc:idpat:grai:0614141.12345.*", "(8003)00614141123452"),
    ("urn:epc:id:giai:0614141.1A.b", "(8004)06141411A.b"),
    ("urn:epc:id:gdti:0614141.12345.A.B", "(253)0614141123452A.B"),
    ("urn:epc:id:sgcn:4012345.67890.04711", "(255)401234567890104711"),
    ("urn:epc:id:gsrn:0614141.1234567890", "(8018)061414112345678902"),
    ("urn:epc:id:gsrnp:0614141.1234567890", "(8017)061414112345678902"),
    ("urn:epc:id:ginc:0614141.xyz", "(401)0614141xyz"),
    ("urn:epc:id:gsin:0614141.123456789", "(402)06141411234567890"),
    ("urn:epc:id:cpi:0614141.12%2FA.77", "(8010)061414112/A(8011)77"),
    ("urn:epc:idpat:cpi:0614141.12.*", "(8010)061414112"),
]


@pytest.mark.parametrize(("urn", "bracketed"), URNS)
def test_both_ways(urn: str, bracketed: str) -> None:
    """Each scheme is read to its identifiers and written back with the prefix length."""
    wanted = parse_bracketed(bracketed)
    assert parse_epc_urn(urn) == wanted
    assert as_epc_urn(wanted, len(urn.split(":")[4].partition(".")[0])) == urn


@given(st.integers(6, 12), st.text(alphabet=DIGITS, min_size=13, max_size=13), TEXTS)
def test_trade_items_round_trip(length: int, digits: str, serial: str) -> None:
    """Any GTIN and serial come back from the URN of any prefix length."""
    gtin = digits + check_digit(digits)
    link = f"https://id.gs1.org/01/{gtin}"
    assert parse_epc_urn(as_epc_urn(parse_digital_link(link), length)).elements == (("01", gtin),)
    urn = as_epc_urn(_Pairs((("01", gtin), ("21", serial))), length)
    assert parse_epc_urn(urn).elements == (("01", gtin), ("21", serial))


class _Pairs:
    """The least that has a URN."""

    def __init__(self, elements: tuple[tuple[str, str], ...]) -> None:
        self.elements = elements


@pytest.mark.parametrize(
    ("urn", "kind", "position"),
    [
        ("urn:epc:id:sgtin", SyntaxError_, 0),
        ("URN:EPC:ID:SGTIN:9506000.013435.A", SyntaxError_, 0),
        ("urn:epc:id:foo:1.2.3", UnknownSchemeError, 11),
        ("urn:epc:id:lgtin:9506000.013435.A", SyntaxError_, 8),
        ("urn:epc:class:sgtin:9506000.013435.A", SyntaxError_, 8),
        ("urn:epc:id:sgtin-96:9506000.013435.1", SyntaxError_, 16),
        ("urn:epc:tag:sgtin:9506000.013435.1", SyntaxError_, 17),
        ("urn:epc:id:sgtin:9506000.013435", SyntaxError_, 17),
        ("urn:epc:id:sgtin:9506000.013435.", LengthError, 32),
        ("urn:epc:id:sgtin:9506000.013435.A/1", CharacterError, 33),
        ("urn:epc:id:sgtin:9506000.013435.A%1", CharacterError, 33),
        ("urn:epc:id:sgtin:9506000.013435.A%7E", CharacterError, 32),
        ("urn:epc:id:sgtin:95060.00013435.A", LengthError, 17),
        ("urn:epc:id:sgtin:95O6000.013435.A", LengthError, 17),
        ("urn:epc:id:sgtin:9506000.01343.A", LengthError, 25),
        ("urn:epc:id:sgtin:9506000.01343x.A", LengthError, 25),
        ("urn:epc:id:sgtin:9506000.013435." + "A" * 21, LengthError, 32),
        ("urn:epc:id:itip:9506000.013435.1.02.S", LengthError, 31),
        ("urn:epc:id:giai:0614141.", LengthError, 24),
        ("urn:epc:idpat:sgtin:9506000.*.*", LengthError, 28),
        ("urn:epc:idpat:sgtin:9506000.013435.A", SyntaxError_, 20),
        ("urn:epc:idpat:sscc:0614141.1234567890", SyntaxError_, 19),
        ("urn:epc:id:gid:1.2.3", ConversionError, 11),
    ],
)
def test_faults(urn: str, kind: type[IdentifierError], position: int) -> None:
    """Each fault has its class and its place in the URN."""
    with pytest.raises(kind) as caught:
        parse_epc_urn(urn)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("urn", "foreign"),
    [
        ("urn:epc:id:gid:95100000.12345.400", True),
        ("urn:epc:id:bic:CSQU3054383", True),
        ("urn:epc:id:imovn:9176187", True),
        ("urn:epc:id:sgtin:9506000.013435.A", False),
    ],
)
def test_schemes_of_other_bodies(urn: str, *, foreign: bool) -> None:
    """EPC schemes that are no GS1 keys are told apart, and their URN is their code."""
    assert is_foreign_epc(urn) is foreign
    assert foreign_identity(urn) == (urn if foreign else None)
    assert epc_scheme(urn) in urn


def test_tags_of_other_bodies() -> None:
    """What a tag says besides is no part of the identity."""
    tag = "urn:epc:tag:usdod-96:2.2S194.7"
    assert foreign_identity(tag) == "urn:epc:id:usdod:2S194.7"
    assert parse_item_code(tag).uri == "urn:epc:id:usdod:2S194.7"
    with pytest.raises(SyntaxError_, match=r"urn:epc:id:gid:") as caught:
        foreign_identity("urn:epc:idpat:gid:1.2.*")
    assert caught.value.position == 8


@pytest.mark.parametrize(
    ("bracketed", "length"),
    [
        ("(99)A", 7),
        ("(8013)1987654Ad4X4bL5ttr2310c2K", 7),
        ("(01)09506000134352", 5),
        ("(01)09506000134352", 13),
        ("(8004)95210A", 6),
        ("(8004)952100", 6),
    ],
)
def test_codes_without_urn(bracketed: str, length: int) -> None:
    """A key without scheme and a prefix that cannot be have no URN."""
    with pytest.raises(ConversionError):
        as_epc_urn(parse_bracketed(bracketed), length)


def test_a_location_without_extension() -> None:
    """A GLN alone is written with the extension 0, which stays when it is read again."""
    urn = as_epc_urn(parse_bracketed("(414)0614141123452"))
    assert urn == "urn:epc:id:sgln:0614141.12345.0"
    assert parse_epc_urn(urn).elements == (("414", "0614141123452"), ("254", "0"))


def test_what_a_urn_cannot_hold() -> None:
    """A message with a lot beside the serial is refused; an item code is written as its item."""
    message = parse_bracketed("(01)09506000134352(10)L(21)S")
    with pytest.raises(ConversionError, match=r"found '\(10\)'"):
        as_epc_urn(message)
    assert as_epc_urn(as_item_code(message)) == "urn:epc:id:sgtin:9506000.013435.S"


@pytest.mark.parametrize(
    ("urn", "bracketed"),
    [
        ("urn:epc:id:itip:9506000.013435.00.00.S", "(8006)095060001343520000(21)S"),
        ("urn:epc:id:itip:9506000.013435.05.02.S", "(8006)095060001343520502(21)S"),
        ("urn:epc:id:cpi:0614141.12A.0", "(8010)061414112A(8011)0"),
    ],
)
def test_values_that_only_this_standard_accepts(urn: str, bracketed: str) -> None:
    """They are kept with the name of their judge, but name no item: its link would be refused."""
    code = parse_epc_urn(urn)
    assert (code.dictionary, as_bracketed(code)) == (TAG_DATA_STANDARD, bracketed)
    assert as_epc_urn(code) == urn
    for read in (parse_item_code, lambda _: as_item_code(code)):
        with pytest.raises(IdentifierError) as caught:
            read(urn)
        assert caught.value.ai in {"8006", "8011"}


@given(st.text(max_size=60) | st.text(alphabet="0129.%*A", max_size=40))
def test_only_our_errors(text: str) -> None:
    """Arbitrary text is refused with an error of ours or read and written again."""
    for urn in (text, f"urn:epc:id:sgtin:{text}", f"urn:epc:tag:giai-96:{text}"):
        try:
            code = parse_epc_urn(urn)
        except IdentifierError:
            continue
        assert code.elements
