"""Bits of tag memory."""

import pytest

from identifiers.epc.bits import LIMIT, BitReader, open_bank, packed
from identifiers.errors import CharacterError, ComponentError, IdentifierError, LengthError


def test_bytes_and_digits_are_the_same_bits() -> None:
    """Both forms open, leading zeros are kept, and an odd digit is four bits more."""
    assert open_bank(b"\x0f\xa0").bits == open_bank("0Fa0").bits == "0000111110100000"
    assert open_bank("F8F").bits == "111110001111"


@pytest.mark.parametrize(
    ("data", "kind", "position"),
    [
        ("", LengthError, 0),
        pytest.param(b"", LengthError, 0, id="no bytes"),
        ("0" * (LIMIT // 4 + 1), LengthError, LIMIT // 4),
        (bytes(LIMIT // 8 + 1), LengthError, LIMIT // 8),
        pytest.param("F" * 65_536, LengthError, LIMIT // 4, id="much"),
        ("30 4", CharacterError, 2),
        ("0x30", CharacterError, 1),
        ("3_0", CharacterError, 1),
        ("３0", CharacterError, 0),
        ("30\n", CharacterError, 2),
    ],
)
def test_what_no_tag_gives(data: bytes | str, kind: type[IdentifierError], position: int) -> None:
    """Nothing, too much, and what is no hexadecimal digit are refused with their place."""
    with pytest.raises(kind) as caught:
        open_bank(data)
    assert caught.value.position == position


def test_reading() -> None:
    """Numbers come from left to right; the end and set bits in it are told with their place."""
    reader = BitReader("10100001", 4)
    assert (reader.number(3), reader.at, reader.left, reader.number(0)) == (5, 3, 5, 0)
    assert not reader.zeros()
    with pytest.raises(ComponentError) as stray:
        reader.verify_end()
    assert (stray.value.position, stray.value.found) == (1, "0800")
    with pytest.raises(LengthError, match=r"6 more bits \(there are 5\)") as short:
        reader.number(6)
    assert short.value.position == 2
    assert reader.number(5) == 1
    assert reader.zeros()
    reader.verify_end()


def test_digits_that_stand_as_one_number() -> None:
    """Digits keep their leading zeros; none are no text; a number of more digits is refused."""
    reader = BitReader("0000111" + "1010", 1)
    assert (reader.digits(3, 7, "rule"), reader.digits(0, 0, "rule")) == ("007", "")
    with pytest.raises(ComponentError, match="a number of 1 digits") as large:
        reader.digits(1, 4, "the section")
    assert (large.value.position, large.value.found, large.value.rule) == (7, "10", "the section")


def test_words_are_filled_with_zeros() -> None:
    """Bits are packed into words of 16."""
    assert packed("1") == b"\x80\x00"
    assert packed("1" * 17) == b"\xff\xff\x80\x00"
