"""Text in as few bits as its characters allow: the variable-length encodings of "+" tags.

Rules kept (GS1 EPC Tag Data Standard, section 14.5.6):

* Three bits name the encoding, the next bits how many characters there are, then these follow:
  digits as one number, hexadecimal digits (upper or lower case) of 4 bits, file-safe base 64 of 6,
  ASCII of 7, or URN code 40 with 16 bits for three characters.
* What is written has the encoding of the fewest bits, the lowest named where several have as few.
* What is read may have any encoding that fits; length and leading zeros are kept.

Standard: https://ref.gs1.org/standards/tds/

>>> encode_text("00123", 5)
'0000010100000000001111011'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.errors import CharacterError, ComponentError, LengthError

if TYPE_CHECKING:
    from identifiers.epc.bits import BitReader

__all__ = [
    "decode_text",
    "digit_bits",
    "encode_code40",
    "encode_text",
    "read_code40",
    "read_length",
]

_RULE = "EPC Tag Data Standard, section 14.5.6"
_ENCODING_BITS = 3
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODE40 = "\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789"
_INTEGER, _UPPER, _LOWER, _FILE_SAFE, _ASCII, _URN = range(6)
_DIGITS = frozenset("0123456789")
_FITTING = (
    _DIGITS,
    _DIGITS.union("ABCDEF"),
    _DIGITS.union("abcdef"),
    frozenset(_BASE64),
    frozenset(map(chr, range(128))),
    frozenset(_CODE40[1:]),
)
"""Characters of the encodings by their numbers."""
_WIDTHS = (0, 4, 4, 6, 7)
_GROUP, _GROUP_BITS = 3, 16  # characters of URN code 40, and their bits


def digit_bits(count: int) -> int:
    """Tell how many bits a number of so many digits has (Table B)."""
    return (int(10**count) - 1).bit_length()


def _bits(encoding: int, length: int) -> int:
    if encoding == _INTEGER:
        return digit_bits(length)
    if encoding == _URN:
        return -(-length // _GROUP) * _GROUP_BITS
    return _WIDTHS[encoding] * length


def encode_text(text: str, length_bits: int) -> str:
    """Encode text with the encoding of the fewest bits.

    Args:
        text: Verified text, no longer than its length can say.
        length_bits: Bits of the length.

    Returns:
        The bits of encoding, length and characters.
    """
    fitting = [number for number, characters in enumerate(_FITTING) if characters.issuperset(text)]
    encoding = min(fitting, key=lambda number: _bits(number, len(text)))
    head = f"{encoding:03b}{len(text):0{length_bits}b}"
    if not text:
        return head
    if encoding == _INTEGER:
        return f"{head}{int(text):0{digit_bits(len(text))}b}"
    if encoding == _URN:
        return head + (encode_code40(text) or "")
    if encoding == _FILE_SAFE:
        return head + "".join(f"{_BASE64.index(character):06b}" for character in text)
    if encoding == _ASCII:
        return head + "".join(f"{ord(character):07b}" for character in text)
    return head + "".join(f"{int(character, 16):04b}" for character in text)


def encode_code40(text: str) -> str | None:
    """Encode text with 16 bits for three characters (section 14.5.6.5); None if it can't be."""
    if not _FITTING[_URN].issuperset(text):
        return None
    indexes = [_CODE40.index(character) for character in text] + [0] * (-len(text) % _GROUP)
    groups = zip(indexes[::3], indexes[1::3], indexes[2::3], strict=True)
    return "".join(f"{1600 * a + 40 * b + c + 1:016b}" for a, b, c in groups)


def read_length(reader: BitReader, bits: int, most: int) -> int:
    """Read how many characters follow.

    Args:
        reader: Where the length begins.
        bits: Its bits.
        most: The greatest length allowed.

    Returns:
        The length.

    Raises:
        LengthError: It is greater, or there are too few bits.
    """
    start = reader.at
    length = reader.number(bits)
    if length > most:
        raise LengthError(
            "at most {most} characters (there are {count})",
            str(length),
            position=reader.position(start),
            rule=_RULE,
            most=most,
            count=length,
        )
    return length


def decode_text(reader: BitReader, length_bits: int, most: int) -> str:
    """Decode text of any encoding.

    Args:
        reader: Where the encoding begins.
        length_bits: Bits of the length.
        most: The greatest length allowed.

    Returns:
        The text, whose characters are still to be verified.

    Raises:
        IdentifierError: There is no such encoding, the text is too long, or there are too few bits.
    """
    start = reader.at
    encoding = reader.number(_ENCODING_BITS)
    if encoding > _URN:
        raise ComponentError(
            "a text encoding from 0 to {most}",
            str(encoding),
            position=reader.position(start),
            rule=_RULE,
            most=_URN,
        )
    length = read_length(reader, length_bits, most)
    if encoding == _INTEGER:
        return reader.digits(length, digit_bits(length), _RULE)
    if encoding == _URN:
        return read_code40(reader, length)
    values = [reader.number(_WIDTHS[encoding]) for _ in range(length)]
    if encoding == _FILE_SAFE:
        return "".join(_BASE64[value] for value in values)
    if encoding == _ASCII:
        return "".join(map(chr, values))
    digits = "".join(f"{value:x}" for value in values)
    return digits.upper() if encoding == _UPPER else digits


def read_code40(reader: BitReader, length: int) -> str:
    """Read characters of URN code 40.

    Args:
        reader: Where they begin.
        length: How many there are.

    Returns:
        The text.

    Raises:
        CharacterError: The bits are no such characters.
        LengthError: There are too few bits.
    """
    text = ""
    start = reader.at
    while len(text) < length:
        group = reader.number(_GROUP_BITS) - 1
        first, rest = divmod(group, 1600)
        # A number beyond the last character of the alphabet is no character at all.
        text += _CODE40[first] if 0 <= first < len(_CODE40) else "\0"
        text += _CODE40[rest // 40] + _CODE40[rest % 40]
    characters, padding = text[:length], text[length:]
    if "\0" in characters or padding.strip("\0"):
        raise CharacterError(
            "{length} characters of URN code 40",
            text.replace("\0", "_"),
            position=reader.position(start),
            rule=_RULE,
            length=length,
        )
    return characters
