"""The "+" tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import CSET82
from identifiers.checkdigit import check_digit
from identifiers.epc import (
    TAG_DATA_STANDARD,
    EpcTag,
    as_epc_binary,
    as_epc_tag,
    as_epc_tag_uri,
    parse_epc_binary,
)
from identifiers.epc.plus import PLUS
from identifiers.errors import (
    CheckDigitError,
    ComponentError,
    ConversionError,
    DateError,
    ExclusionError,
    IdentifierError,
    LengthError,
    RequisiteError,
    UnknownAiError,
)
from identifiers.gs1.elements import ElementString, parse_bracketed


def _tag(bracketed: str, scheme: str, **options: str) -> EpcTag:
    return as_epc_tag(parse_bracketed(bracketed), scheme=scheme, filter_value=1, **options)  # type: ignore[arg-type]


def test_data_behind_the_key() -> None:
    """Everything else of the message follows the EPC, and the ninth bit says so."""
    tag = _tag("(10)LOT1(01)09506000134352(21)ABC(17)270228", "sgtin+")
    assert tag.memory.hex().upper() == "F790950600013435223ABC10642CE4F517365C00"
    assert tag.data == (("10", "LOT1"), ("17", "270228"))
    assert tag.code is not None
    assert tag.code.elements == (("01", "09506000134352"), ("21", "ABC"), *tag.data)
    assert (tag.tag_uri, tag.pure_identity) == (None, None)
    assert tag.bits[8] == "1"


def test_what_stands_twice() -> None:
    """The key may stand behind the EPC too, with the same value."""
    tag = parse_epc_binary("F7909506000134352" + "23ABC" + "01" + "09506000134352")
    assert tag.code is not None
    assert tag.data == (("01", "09506000134352"),)
    assert as_epc_tag(tag.code, scheme="sgtin+", filter_value=1) == tag


def test_the_date_before_the_key() -> None:
    """A date of its choice goes before the key, the first of the message if none is named."""
    message = "(01)09506000134352(11)260228(17)270228(21)ABC"
    first, other = _tag(message, "dsgtin+"), _tag(message, "dsgtin+", date="17")
    assert (first.bits[12:16], first.data) == ("0000", (("17", "270228"),))
    assert (other.bits[12:16], other.data) == ("0100", (("11", "260228"),))
    assert parse_epc_binary("FB14365C0950600013435223ABC").code == parse_bracketed(
        "(01)09506000134352(21)ABC(17)270228"
    )
    for date in ("15", "10"):
        with pytest.raises(ConversionError, match="a date of one of"):
            _tag(message, "dsgtin+", date=date)
    with pytest.raises(ConversionError):
        _tag("(01)09506000134352(21)A(7007)260101260102", "dsgtin+")
    assert _tag("(01)09506000134352(21)A(7007)260101", "dsgtin+").bits[12:16] == "0110"


@pytest.mark.parametrize(
    ("bracketed", "scheme"),
    [
        ("(8003)09506000134352", "grai+"),
        ("(253)9506000134376", "gdti+"),
        ("(255)9506000134376", "sgcn+"),
        ("(01)09506000134352(10)A", "sgtin+"),
        ("(01)09506000134352(21)A", "dsgtin+"),
        ("(01)09506000134352(21)A(00)000000000000000000", "sgtin+"),
        ("(01)09506000134352(21)A(91)" + "a-" * 45, "sgtin+"),
    ],
)
def test_messages_without_such_a_tag(bracketed: str, scheme: str) -> None:
    """Classes, what could not be told from zeros, and what is too long are refused."""
    with pytest.raises(ConversionError) as caught:
        _tag(bracketed, scheme)
    assert caught.value.position is None


def test_unverified_messages() -> None:
    """A message that nobody verified is verified before it is written."""
    for pairs, kind in (
        ((("01", "09506000134353"), ("21", "A")), CheckDigitError),
        ((("01", "09506000134352"), ("21", "A"), ("3103", "x")), IdentifierError),
        ((("01", "09506000134352"), ("21", "A"), ("23", "x")), UnknownAiError),
        ((("01", "09506000134352"), ("21", "A"), ("3932", "15600099")), RequisiteError),
    ):
        with pytest.raises(kind):
            as_epc_binary(ElementString(pairs, ""), scheme="sgtin+")


def test_no_tag_uri() -> None:
    """A "+" tag has no URN, and the error says what to ask for."""
    with pytest.raises(ConversionError, match="ask for its bits"):
        as_epc_tag_uri(parse_bracketed("(00)106141412345678908"), scheme="sscc+")


def test_a_component_with_serial_0() -> None:
    """What this standard alone accepts names it as the judge."""
    tag = parse_epc_binary("F0195060005F1000")
    assert tag.code is not None
    assert (tag.code.elements[1], tag.code.dictionary) == (("8011", "0"), TAG_DATA_STANDARD)


KEY = "F790950600013435223ABC"  # SGTIN+ with data


@pytest.mark.parametrize(
    ("digits", "kind", "position"),
    [
        ("F7109506000134", LengthError, 14),
        ("F710950600013435", LengthError, 16),
        ("F71095060001343F", IdentifierError, 15),
        ("F710950600013435323ABC", CheckDigitError, 3),
        ("F71095060001343520", LengthError, 18),
        ("F7109506000134352" + "00", LengthError, 17),
        ("F710950600013435223ABC" + "0001", ComponentError, 25),
        (KEY, ComponentError, 2),
        (KEY + "000000", ComponentError, 2),
        (KEY + "A1", UnknownAiError, 22),
        (KEY + "1A", UnknownAiError, 22),
        (KEY + "31A0", UnknownAiError, 22),
        (KEY + "03" + "0" * 14, UnknownAiError, 22),
        (KEY + "17" + "C821", DateError, 24),
        (KEY + "17" + "3600", DateError, 22),
        (KEY + "0001", LengthError, 26),
        (KEY + "0" * 20 + "1", LengthError, 43),
        (KEY + "37" + "1" + "1", ExclusionError, 3),
        (KEY + "2350110", ExclusionError, 17),
        ("F1109506000134352" + "200", ConversionError, 3),
        ("FB17365C0950600013435223ABC", ComponentError, 3),
        ("FB14C85C0950600013435223ABC", DateError, 4),
        ("FB14360C0950600013435223ABC", IdentifierError, 3),
    ],
)
def test_faults(digits: str, kind: type[IdentifierError], position: int) -> None:
    """Bits that are no such tag are refused, each with its place."""
    with pytest.raises(kind) as caught:
        parse_epc_binary(digits)
    assert caught.value.position == position


def test_positions_in_bytes() -> None:
    """In bytes the place is that of the byte."""
    with pytest.raises(DateError) as caught:
        parse_epc_binary(bytes.fromhex(KEY + "17" + "C821"))
    assert caught.value.position == 12


GTINS = st.text("0123456789", min_size=13, max_size=13).map(lambda text: text + check_digit(text))
SERIALS = st.text(CSET82, min_size=1, max_size=20)
DATA = st.lists(
    st.sampled_from(
        [
            ("10", "L/1"),
            ("11", "260228"),
            ("17", "260300"),
            ("20", "07"),
            ("3103", "000001"),
            ("3932", "15600099"),
            ("422", "156"),
            ("7003", "2602281459"),
            ("7011", "260228"),
            ("8008", "260228145901"),
            ("240", "abc-DEF_0"),
            ("90", "deadbeef"),
        ]
    ),
    max_size=5,
    unique=True,
)


@given(GTINS, SERIALS, DATA, st.integers(0, 7))
def test_messages_round_trip(
    gtin: str, serial: str, data: list[tuple[str, str]], number: int
) -> None:
    """Any message of a serial item comes back from its tag, whole and in order."""
    code = ElementString((("01", gtin), ("21", serial), *data), "")
    for scheme in ("sgtin+", "dsgtin+"):
        try:
            tag = as_epc_tag(code, scheme=scheme, filter_value=number)
        except ConversionError:
            dated = {"11", "17"}.intersection(ai for ai, _ in data)
            assert scheme == "dsgtin+"
            assert not dated
            continue
        except RequisiteError:
            assert any(ai == "3932" for ai, _ in data)
            continue
        assert tag.code is not None
        assert sorted(tag.code.elements) == sorted(code.elements)
        assert parse_epc_binary(tag.memory) == tag
        assert tag.filter_value == number


@given(st.sampled_from(sorted(PLUS)), st.binary(max_size=61))
def test_any_bits(name: str, data: bytes) -> None:
    """Whatever a reader sends is a tag whose message is written and read again, or an error of ours."""
    try:
        tag = parse_epc_binary(bytes([PLUS[name][0]]) + data)
    except IdentifierError:
        return
    assert tag.code is not None
    assert tag.filter_value is not None
    again = as_epc_tag(tag.code, scheme=name, filter_value=tag.filter_value, host=tag.host)
    assert (again.code, again.host) == (tag.code, tag.host)
