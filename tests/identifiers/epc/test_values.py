"""Values of AIs on "+" tags."""

import pytest

from identifiers.epc.bits import BitReader
from identifiers.epc.values import ai_length, decode_value, encode_value, table_date
from identifiers.errors import (
    CharacterError,
    ComponentError,
    ConversionError,
    DateError,
    IdentifierError,
    LengthError,
    UnknownAiError,
)
from identifiers.gs1 import aitable

VALUES = [
    ("00", "106141412345678908", "000100000110000101000001010000010010001101000101011001111000100100001000"),
    ("20", "07", "0000111"),
    ("3103", "000189", "00000000000010111101"),
    ("10", "LOT1", "01100100001011001110010011110101"),
    ("242", "00012", "10100000000000001100"),
    ("30", "0", "00010000"),
    ("3910", "9781", "111101001000010001"),
    ("3932", "15600099", "0010011100" + "0101" + "00000000001100011"),
    ("253", "9521141123454", "1001010100100001000101000001000100100011010001010100" + "00000000"),
    ("255", "9521141123454", "10010101001000010001010000010001001000110100010101000000"),
    ("255", "952114112345407", "100101010010000100010100000100010010001101000101010000100000111"),
    ("421", "276AB", "0100010100" + "001001010101011"),
    ("4307", "CN", "000010001101"),
    ("4309", "02790858483015297971", f"{2790858483015297971:067b}"),
    ("4321", "1", "1"),
    ("4322", "0", "0"),
    ("4324", "2602281459", "001101000101110001110111011"),
    ("4330", "000123", "00000000000001111011" + "0"),
    ("4331", "000123-", "00000000000001111011" + "1"),
    ("7003", "2602281459", "001101000101110001110111011"),
    ("7007", "260228", "0" + "0011010001011100"),
    ("7007", "260228260301", "1" + "0011010001011100" + "0011010001100001"),
    ("7011", "260228", "11" + "0011010001011100"),
    ("7011", "2602281459", "01" + "0011010001011100" + "01110" + "111011"),
    ("7258", "1/3", "00010011"),
    ("8004", "95211415678", "1001010100100001000101000001010101100111" + "1000" + "1111"),
    ("8004", "9521141A1", "10010101001000010001010000011110" + "001" + "00010" + "10100001"),
    ("8008", "26022814", "00" + "0011010001011100" + "01110"),
    ("8008", "260228145901", "10" + "0011010001011100" + "01110" + "111011" + "000001"),
]  # fmt: skip


@pytest.mark.parametrize(("ai", "value", "bits"), VALUES)
def test_both_ways(ai: str, value: str, bits: str) -> None:
    """Each encoding of the table gives its bits, and is read from them to the last."""
    assert encode_value(ai, value) == bits
    reader = BitReader(bits, 4)
    assert (decode_value(ai, reader, 0), reader.left) == (value, 0)


@pytest.mark.parametrize(
    ("ai", "bits", "kind", "position"),
    [
        ("01", "1010", CharacterError, 0),
        ("01", "00010001", LengthError, 2),
        ("20", "1111111", ComponentError, 0),
        ("17", "1100100000100001", DateError, 0),
        ("4307", "000010011010", CharacterError, 1),
        ("7258", "00011010", CharacterError, 1),
        ("8004", "1101", CharacterError, 0),
        ("8004", "0001" * 31 + "1111", LengthError, 0),
        ("8010", "0001" * 4 + "1110" + "000" + "11111", LengthError, 5),
        ("8010", "0001" * 4 + "1110" + "000" + "00001" + "0001", CharacterError, 5),
        ("8010", "0001" * 4 + "1110" + "000" + "00000", CharacterError, 5),
        ("30", "1111", LengthError, 0),
        ("7008", "00011" + "1" * 12, ComponentError, 1),
        ("03", "1", UnknownAiError, 9),
    ],
)
def test_what_is_no_value(ai: str, bits: str, kind: type[IdentifierError], position: int) -> None:
    """Bits that no value has are refused with their place."""
    with pytest.raises(kind) as caught:
        decode_value(ai, BitReader(bits, 4), 9)
    assert caught.value.position == position


@pytest.mark.parametrize("ai", ["03", "8014", "9999"])
def test_identifiers_that_stand_on_no_tag(ai: str) -> None:
    """An AI that the table leaves out is refused."""
    with pytest.raises(UnknownAiError, match="EPC tag"):
        encode_value(ai, "1")


def test_a_longer_value_than_the_table_allows() -> None:
    """An account number has 34 characters in the dictionary, and 24 on a tag."""
    with pytest.raises(ConversionError, match=r"at most 24 characters \(there are 27\)"):
        encode_value("8007", "FR1420041010050500013M02606")


def test_the_table_knows_the_dictionary() -> None:
    """The dictionary has every AI of the table, with the lengths that its fields have."""
    heads = {ai[:2]: len(ai) for ai in aitable.entries()}
    assert table_date() >= "2024-11-18"
    assert all(ai_length(head) in {length, 2} for head, length in heads.items())
    assert ai_length("A0") == 2
