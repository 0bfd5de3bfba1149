"""Text in as few bits as possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import CSET82
from identifiers.epc.bits import BitReader
from identifiers.epc.texts import decode_text, digit_bits, encode_text
from identifiers.errors import CharacterError, ComponentError, IdentifierError, LengthError


@pytest.mark.parametrize(
    ("text", "encoding", "bits"),
    [
        ("", 0, 0),
        ("0", 0, 4),
        ("00123", 0, 17),
        ("0A", 1, 8),
        ("0a", 2, 8),
        ("0aA", 3, 18),
        ("A-_", 3, 18),
        ("12345678X", 5, 48),
        ("AB.", 5, 16),
        ("ABCDEFGX", 3, 48),
        ("a.b", 4, 21),
        ("#/A", 4, 21),
    ],
)
def test_the_fewest_bits(text: str, encoding: int, bits: int) -> None:
    """The encoding is the one of the fewest bits, the first of several."""
    written = encode_text(text, 5)
    assert (int(written[:3], 2), int(written[3:8], 2), len(written) - 8) == (
        encoding,
        len(text),
        bits,
    )


@given(st.text("0123456789ABCDEF", max_size=31) | st.text(CSET82 + "#", max_size=31))
def test_text_round_trips(text: str) -> None:
    """Any text comes back, and nothing is left."""
    reader = BitReader(encode_text(text, 5), 4)
    assert decode_text(reader, 5, 31) == text
    assert reader.left == 0


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("001 00010 0001 0010", "12"),
        ("010 00010 0001 1111", "1f"),
        ("011 00001 110100", "0"),
        ("100 00001 0110000", "0"),
        ("101 00001 1011101110000001", "0"),
    ],
)
def test_longer_encodings_are_read(bits: str, text: str) -> None:
    """A tag may use more bits than it needs."""
    assert decode_text(BitReader(bits.replace(" ", ""), 4), 5, 20) == text


@pytest.mark.parametrize(
    ("bits", "kind"),
    [
        ("110 00001 0000", ComponentError),
        ("111 00001 0000", ComponentError),
        ("000 10101 0000", LengthError),
        ("000 00001 1010", ComponentError),
        ("000 00010 0000", LengthError),
        ("101 00001 0000000000000000", CharacterError),
        ("101 00001 0000000000000001", CharacterError),
        ("101 00010 0000011001000001", CharacterError),
        ("101 00010 0000011001101010", CharacterError),
        ("101 00011 1111111111111111", CharacterError),
    ],
)
def test_what_is_no_text(bits: str, kind: type[IdentifierError]) -> None:
    """Encodings to come, numbers of more digits, and characters that are none are refused."""
    with pytest.raises(kind):
        decode_text(BitReader(bits.replace(" ", ""), 4), 5, 20)


def test_bits_of_numbers() -> None:
    """No digits have no bits."""
    assert [digit_bits(count) for count in (0, 1, 2, 20)] == [0, 4, 7, 67]
