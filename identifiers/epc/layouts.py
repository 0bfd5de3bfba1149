"""The tags of 96 bits and longer that hold a GS1 key parted after its company prefix.

Rules kept (GS1 EPC Tag Data Standard, sections 12.3, 14.3, 14.4 and 14.6):

* Header of 8 bits, filter of 3, partition of 3, company prefix of 20 to 40, then the reference in
  what is left of the key's bits: the partition is 12 less the digits of the prefix.
* A serial that is a number is below two to the power of its bits and has no leading zero, as the
  tag would lose it. That of an SGCN has a 1 before it, so that its zeros are kept.
* Text has 7 bits a character (6 in CPI-var, up to six zeros), and zeros up to the end of its field.
* The reference of a CPI-96 is a number whose digits make 15 at most with those of the prefix.
* Spare bits of SSCC and GSRN tags are zero.

Standard: https://ref.gs1.org/standards/tds/

>>> LAYOUTS["sgtin-96"].header == 0x30
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from identifiers.characters import CSET82, is_digits
from identifiers.epc.foreign import six_bits, six_text
from identifiers.epc.schemes import SCHEMES
from identifiers.errors import CharacterError, ComponentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identifiers.epc.bits import BitReader

__all__ = ["HEADERS", "LAYOUTS", "SIZES", "Layout", "decode", "encode"]

_TAG_RULE = "EPC Tag Data Standard, section 12.3.1"
_CODING_RULE = "EPC Tag Data Standard, section 14.4"
_PREFIX_BITS = {12: 40, 11: 37, 10: 34, 9: 30, 8: 27, 7: 24, 6: 20}
_LONGEST_PREFIX = 12
_CPI_DIGITS = 15  # of prefix and reference together in CPI-96
_SEVEN = 7  # bits of a character
_PAIR, _PAIR_BITS = 100, 7  # piece and total of an ITIP
_SIX_LONGEST = 24  # characters of a CPI behind a prefix of 6 digits


class Layout(NamedTuple):
    """How the bits of one kind of tag are divided."""

    name: str
    """The name that the standard gives it."""
    header: int
    """The first eight bits."""
    key_bits: int
    """Bits of company prefix and reference together; 0 where the reference ends by itself."""
    reference: str
    """``digits`` as many as the key needs, ``number``, ``text`` of 7 bits, ``six`` bits."""
    serial: str
    """Nothing (the bits are spare), ``number``, ``zeros`` kept, or ``text`` of 7 bits."""
    serial_bits: int
    """Bits of the serial, or of what is spare."""

    @property
    def scheme(self) -> str:
        """Name of the scheme in a URN."""
        return self.name.partition("-")[0].lower()

    @property
    def size(self) -> str:
        """What follows the scheme in a tag URI."""
        return self.name.partition("-")[2]


_ALL = (
    Layout("GDTI-96", 0x2C, 41, "digits", "number", 41),
    Layout("GSRN-96", 0x2D, 58, "digits", "", 24),
    Layout("GSRNP-96", 0x2E, 58, "digits", "", 24),
    Layout("SGTIN-96", 0x30, 44, "digits", "number", 38),
    Layout("SSCC-96", 0x31, 58, "digits", "", 24),
    Layout("SGLN-96", 0x32, 41, "digits", "number", 41),
    Layout("GRAI-96", 0x33, 44, "digits", "number", 38),
    Layout("GIAI-96", 0x34, 82, "number", "", 0),
    Layout("SGTIN-198", 0x36, 44, "digits", "text", 140),
    Layout("GRAI-170", 0x37, 44, "digits", "text", 112),
    Layout("GIAI-202", 0x38, 188, "text", "", 0),
    Layout("SGLN-195", 0x39, 41, "digits", "text", 140),
    Layout("GDTI-113", 0x3A, 41, "digits", "number", 58),
    Layout("CPI-96", 0x3C, 51, "number", "number", 31),
    Layout("CPI-var", 0x3D, 0, "six", "number", 40),
    Layout("GDTI-174", 0x3E, 41, "digits", "text", 119),
    Layout("SGCN-96", 0x3F, 41, "digits", "zeros", 41),
    Layout("ITIP-110", 0x40, 44, "digits", "number", 38),
    Layout("ITIP-212", 0x41, 44, "digits", "text", 140),
)
LAYOUTS = {layout.name.lower(): layout for layout in _ALL}
"""Layouts by scheme and size as they stand in a tag URI."""
HEADERS = {layout.header: layout for layout in _ALL}
"""Layouts by the first eight bits."""
SIZES = {
    layout.scheme: ", ".join(other.size for other in _ALL if other.scheme == layout.scheme)
    for layout in _ALL
}
"""Sizes of the tags of a scheme, for people."""


def encode(layout: Layout, tag_filter: int, parts: Sequence[tuple[str, int]]) -> str:
    """Encode the parts of a pure identity.

    Args:
        layout: The kind of tag.
        tag_filter: 0 to 7.
        parts: Company prefix, reference, extra parts and serial, unescaped and verified, each with
            its index in the URN.

    Returns:
        The bits.

    Raises:
        ComponentError: A part does not fit its field.
    """
    (prefix, _), (reference, reference_at), *rest = parts
    digits, prefix_bits = len(prefix), _PREFIX_BITS[len(prefix)]
    bits = f"{layout.header:08b}{tag_filter:03b}{_LONGEST_PREFIX - digits:03b}"
    bits += f"{int(prefix):0{prefix_bits}b}"
    width = layout.key_bits - prefix_bits
    if layout.reference == "digits":
        bits += f"{int(reference or '0'):0{width}b}"
    elif layout.reference == "number":
        most = _CPI_DIGITS - digits if layout.serial else 0
        bits += _number(reference, width, reference_at, most)
    elif layout.reference == "text":
        bits += _text(reference, width)
    else:
        bits += six_bits(reference) + "000000"
    bits += "".join(f"{int(part):0{_PAIR_BITS}b}" for part, _ in rest[:-1])
    if not layout.serial:
        return bits + "0" * layout.serial_bits
    serial, at = rest[-1]
    if layout.serial == "number":
        return bits + _number(serial, layout.serial_bits, at)
    if layout.serial == "text":
        return bits + _text(serial, layout.serial_bits)
    return bits + f"{int('1' + serial):0{layout.serial_bits}b}"


def _number(text: str, bits: int, at: int, most: int = 0) -> str:
    longest = most or len(str((1 << bits) - 1))
    # The length is looked at first, as Python reads no number of thousands of digits.
    fits = len(text) <= longest and is_digits(text) and (text == "0" or text[0] != "0")
    if not fits or int(text) >= 1 << bits:
        raise ComponentError(
            "a number without leading zero below 2^{bits} with at most {longest} digits",
            text,
            position=at,
            fix="use a longer tag, which holds any serial",
            rule=_TAG_RULE,
            bits=bits,
            longest=longest,
        )
    return f"{int(text):0{bits}b}"


def _text(text: str, bits: int) -> str:
    # The AIs allow no more characters than their fields hold.
    return "".join(f"{ord(character):07b}" for character in text).ljust(bits, "0")


def decode(layout: Layout, reader: BitReader) -> tuple[int, list[str], int]:
    """Decode a tag behind its header.

    Args:
        layout: The kind of tag.
        reader: The bits behind the header.

    Returns:
        The filter; company prefix, reference, extra parts and serial, unescaped; and the index of
        the first bit of the serial, or of the reference of a GIAI.

    Raises:
        IdentifierError: A field holds what its encoding never makes, or there are too few bits.
    """
    tag_filter = reader.number(3)
    start = reader.at
    digits = _LONGEST_PREFIX - reader.number(3)
    if digits not in _PREFIX_BITS:
        raise ComponentError(
            "a partition from 0 to 6",
            str(_LONGEST_PREFIX - digits),
            position=reader.position(start),
            rule=_CODING_RULE,
        )
    prefix_bits = _PREFIX_BITS[digits]
    parts = [reader.digits(digits, prefix_bits, _CODING_RULE)]
    width = layout.key_bits - prefix_bits
    start = reader.at
    if layout.reference == "digits":
        count = SCHEMES[layout.scheme].digits - digits
        parts.append(reader.digits(count, width, _CODING_RULE))
    elif layout.reference == "number":
        parts.append(str(reader.number(width)))
    elif layout.reference == "text":
        parts.append(_read_text(reader, width))
    else:
        parts.append(six_text(reader, _SIX_LONGEST))
    extra = range(SCHEMES[layout.scheme].extra)
    parts += [reader.digits(2, _PAIR_BITS, _CODING_RULE) for _ in extra]
    start = reader.at if layout.scheme != "giai" else start
    if layout.serial == "number":
        parts.append(str(reader.number(layout.serial_bits)))
    elif layout.serial == "text":
        parts.append(_read_text(reader, layout.serial_bits))
    elif layout.serial:
        parts.append(_read_zeros(reader, layout.serial_bits))
    elif reader.number(layout.serial_bits):
        raise ComponentError(
            "zeros in the spare bits",
            reader.bits[start : reader.at],
            position=reader.position(start),
            rule=_CODING_RULE,
        )
    return tag_filter, parts, start


def _read_zeros(reader: BitReader, bits: int) -> str:
    start = reader.at
    text = str(reader.number(bits))
    if text[0] != "1" or len(text) == 1:
        raise ComponentError(
            "a serial with 1 before it",
            text,
            position=reader.position(start),
            rule=_CODING_RULE,
        )
    return text[1:]


def _read_text(reader: BitReader, bits: int) -> str:
    text, end = "", reader.at + bits
    while end - reader.at >= _SEVEN:
        start = reader.at
        value = reader.number(_SEVEN)
        if not value:
            break
        if chr(value) not in CSET82:
            raise CharacterError(
                "a character of CSET 82",
                chr(value),
                position=reader.position(start),
                rule=_CODING_RULE,
            )
        text += chr(value)
    start = reader.at
    if reader.number(end - start):
        raise ComponentError(
            "zeros behind the text of a field",
            reader.bits[start : reader.at],
            position=reader.position(start),
            rule=_CODING_RULE,
        )
    return text
