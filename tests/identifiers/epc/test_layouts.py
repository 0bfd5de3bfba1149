"""Tags that part a key after its company prefix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import CSET82
from identifiers.epc import (
    as_epc_tag,
    as_epc_tag_uri,
    parse_epc_binary,
    parse_epc_tag_uri,
    parse_epc_urn,
)
from identifiers.epc.layouts import LAYOUTS
from identifiers.epc.schemes import SCHEMES
from identifiers.epc.writing import escape_part
from identifiers.errors import (
    CharacterError,
    ComponentError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)


@pytest.mark.parametrize(
    ("tag", "identity"),
    [
        ("sgtin-96:3.9506000.013435.274877906943", "sgtin:9506000.013435.274877906943"),
        ("sgtin-96:3.9506000.013435.0", "sgtin:9506000.013435.0"),
        ("sgtin-198:3.9506000.013435.0A", "sgtin:9506000.013435.0A"),
        ("sscc-96:0.0614141.1234567890", "sscc:0614141.1234567890"),
        ("giai-96:0.061414.4611686018427387903", "giai:061414.4611686018427387903"),
        ("giai-202:0.0614141.0012", "giai:0614141.0012"),
        ("cpi-96:0.0614141.12.77", "cpi:0614141.12.77"),
        ("cpi-96:0.06141412345.9999.2147483647", "cpi:06141412345.9999.2147483647"),
        ("gdti-113:0.0614141.12345.99999999999999999", "gdti:0614141.12345.99999999999999999"),
        ("sgcn-96:0.0614141.12345.000", "sgcn:0614141.12345.000"),
    ],
)
def test_tags_name_their_identity(tag: str, identity: str) -> None:
    """A tag URI is its pure identity with a size and a filter."""
    code = parse_epc_urn(f"urn:epc:tag:{tag}")
    assert code == parse_epc_urn(f"urn:epc:id:{identity}")
    read = parse_epc_tag_uri(f"urn:epc:tag:{tag}")
    assert read.pure_identity == f"urn:epc:id:{identity}"
    assert parse_epc_binary(read.memory) == read


@pytest.mark.parametrize(
    ("tag", "kind", "position"),
    [
        ("sgtin-97:3.9506000.013435.1", UnknownSchemeError, 18),
        ("pgln-96:3.0614141.12345", UnknownSchemeError, 17),
        ("sgtin-96:8.9506000.013435.1", SyntaxError_, 21),
        ("sgtin-96:3", SyntaxError_, 21),
        ("sgtin-96:3.9506000.013435.274877906944", ComponentError, 38),
        ("sgtin-96:3.9506000.013435.01", ComponentError, 38),
        ("sgtin-96:3.9506000.013435.A", ComponentError, 38),
        ("sgtin-96:3.9506000.013435.00", ComponentError, 38),
        ("giai-96:0.0614141.0012", ComponentError, 30),
        ("giai-96:0.0614141.12345678901234567890", ComponentError, 30),
        ("giai-96:0.061414.4611686018427387904", ComponentError, 29),
        ("giai-202:0.061414123456.1234567890123456789", LengthError, 23),
        ("cpi-96:0.0614141.A.77", ComponentError, 29),
        ("cpi-96:0.06141412345.10000.1", ComponentError, 33),
        ("cpi-96:0.0614141.12.2147483648", ComponentError, 32),
        ("gdti-113:0.0614141.12345.01", ComponentError, 37),
        ("sgcn-96:0.0614141.12345.1A", CharacterError, 36),
    ],
)
def test_faults(tag: str, kind: type[IdentifierError], position: int) -> None:
    """A field that does not fit the tag is refused with its place in the URN."""
    with pytest.raises(kind) as caught:
        parse_epc_urn(f"urn:epc:tag:{tag}")
    assert caught.value.position == position


def _bits(header: int, *fields: tuple[int, int]) -> str:
    bits = f"{header:08b}" + "".join(f"{value:0{width}b}" for value, width in fields)
    return f"{int(bits.ljust(-(-len(bits) // 16) * 16, '0'), 2):0{-(-len(bits) // 16) * 4}X}"


PREFIX = (5, 3), (9506000, 24)  # a company prefix of 7 digits


@pytest.mark.parametrize(
    ("digits", "kind", "position"),
    [
        (_bits(0x30, (0, 3), (7, 3), (0, 82)), ComponentError, 2),
        (_bits(0x30, (0, 3), (5, 3), (10_000_000, 24), (0, 58)), ComponentError, 3),
        (_bits(0x30, (0, 3), *PREFIX, (1_000_000, 20), (0, 38)), ComponentError, 9),
        (_bits(0x30, (0, 3), *PREFIX, (1, 20)), LengthError, 16),
        (_bits(0x31, (0, 3), *PREFIX, (1, 34), (1, 24)), ComponentError, 18),
        (_bits(0x32, (0, 3), (0, 3), (1, 40), (1, 1), (5, 41)), ComponentError, 13),
        (_bits(0x36, (0, 3), *PREFIX, (1, 20), (0, 140)), LengthError, 14),
        (_bits(0x36, (0, 3), *PREFIX, (1, 20), (0x41, 7), (1, 133)), ComponentError, 18),
        (_bits(0x36, (0, 3), *PREFIX, (1, 20), (0x7E, 7), (0, 133)), CharacterError, 14),
        (_bits(0x37, (0, 3), *PREFIX, (1, 20), (0x23, 7), (0, 105)), CharacterError, 14),
        (_bits(0x38, (0, 3), *PREFIX, (0, 164)), LengthError, 9),
        (_bits(0x38, (0, 3), (0, 3), (1, 40), *[(0x41, 7)] * 21, (0, 1)), LengthError, 13),
        (_bits(0x38, (0, 3), (0, 3), (1, 40), *[(0x41, 7)] * 21, (1, 1)), ComponentError, 50),
        (_bits(0x3D, (0, 3), *PREFIX, (0, 6), (1, 40)), LengthError, 11),
        (_bits(0x3D, (0, 3), *PREFIX, (0x20, 6), (0, 6), (1, 40)), CharacterError, 12),
        (_bits(0x3D, (0, 3), *PREFIX, *[(1, 6)] * 25, (0, 6), (1, 40)), SyntaxError_, 45),
        (_bits(0x3D, (0, 3), *PREFIX, (1, 6), (0, 6), (10**12, 40)), LengthError, 12),
        (_bits(0x3F, (0, 3), *PREFIX, (1, 17), (1, 41)), ComponentError, 13),
        (_bits(0x3F, (0, 3), *PREFIX, (1, 17), (0, 41)), ComponentError, 13),
        (_bits(0x3F, (0, 3), *PREFIX, (1, 17), (2 * 10**12, 41)), ComponentError, 13),
        (_bits(0x40, (0, 3), *PREFIX, (1, 20), (100, 7), (1, 7), (1, 38)), ComponentError, 14),
        (_bits(0x30, (0, 3), *PREFIX, (1, 20), (1, 38)) + "0001", ComponentError, 27),
    ],
)
def test_what_no_encoding_makes(digits: str, kind: type[IdentifierError], position: int) -> None:
    """Fields out of their range, set spare bits and text without an end are refused with their place."""
    with pytest.raises(kind) as caught:
        parse_epc_binary(digits)
    assert caught.value.position == position


def test_words_behind_a_tag() -> None:
    """Zeros up to the end of the memory bank are no part of the tag."""
    tag = parse_epc_tag_uri("urn:epc:tag:itip-110:7.4012345.012345.01.02.987")
    assert len(tag.bits) == 110
    assert tag.memory.hex().upper() == "40F4F4E4E40C0E40820000000F6C"
    assert parse_epc_binary(tag.memory + bytes(20)) == tag


def test_longer_text_than_a_tag_holds() -> None:
    """Text is refused that its field would cut."""
    layout = LAYOUTS["grai-170"]
    assert layout.serial_bits // 7 == 16
    with pytest.raises(LengthError):
        parse_epc_urn("urn:epc:tag:grai-170:0.0614141.12345.ABCDEFGHIJKLMNOPQ")


DIGITS = st.text("0123456789", min_size=17, max_size=17)
NUMBERS = st.integers(0, (1 << 31) - 1).map(str)
TEXTS = st.text(CSET82, min_size=1, max_size=16)


@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.integers(0, 7),
    st.integers(6, 12),
    DIGITS,
    TEXTS,
    NUMBERS,
    st.text("0123456789", min_size=1, max_size=12),
)
def test_tags_round_trip(  # noqa: PLR0917  hypothesis draws them
    name: str, number: int, length: int, digits: str, text: str, serial: str, zeros: str
) -> None:
    """What a tag holds comes back from its bits and its URN, with any prefix and filter."""
    layout, scheme = LAYOUTS[name], SCHEMES[LAYOUTS[name].scheme]
    reference = {
        "digits": digits[: scheme.digits - length],
        "number": str(int(digits[: 15 - length])),
        "text": escape_part(text),
        "six": digits[:3] + "A%2F%23-Z",
    }[layout.reference]
    parts = [digits[:length], reference, *["07"] * scheme.extra]
    if scheme.serial:
        parts.append({"number": serial, "text": escape_part(text), "zeros": zeros}[layout.serial])
    tag = parse_epc_tag_uri(f"urn:epc:tag:{name}:{number}.{'.'.join(parts)}")
    assert parse_epc_binary(tag.memory) == tag
    assert tag.code is not None
    options = {"scheme": name, "filter_value": number, "company_prefix_length": length}
    assert as_epc_tag(tag.code, **options) == tag  # type: ignore[arg-type]
    assert as_epc_tag_uri(tag.code, **options) == tag.tag_uri  # type: ignore[arg-type]


@given(st.binary(max_size=70) | st.text("0123456789abcdefABCDEF", max_size=130))
def test_any_bits(data: bytes | str) -> None:
    """Whatever a reader sends is a tag that is written as the same bits, or an error of ours."""
    headers = [f"{layout.header:02X}" for layout in LAYOUTS.values()] + ["35", "2F", "3B"]
    for header in headers:
        try:
            head = bytes.fromhex(header)
            tag = parse_epc_binary(header + data if isinstance(data, str) else head + data)
        except IdentifierError:
            continue
        assert tag.tag_uri is not None
        assert parse_epc_tag_uri(tag.tag_uri) == tag
