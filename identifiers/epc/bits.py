"""The bits of an EPC memory bank, read from left to right.

Rules kept (GS1 EPC Tag Data Standard, sections 9.1 and 15):

* What is read are the bits from address 20h on: header first, most significant bit first.
* The protocol control bits count words of 16 bits, 31 at most: 496 bits.
* Behind the EPC there are zeros up to the end of the word, and nothing else.

Standard: https://ref.gs1.org/standards/tds/

>>> BitReader("0011", 4).number(3)
1
"""

from __future__ import annotations

import re

from identifiers.errors import CharacterError, ComponentError, LengthError

__all__ = ["LIMIT", "WORD", "BitReader", "open_bank", "packed"]

LIMIT = 496
"""Bits of the longest EPC with all data behind it."""
WORD = 16
"""Bits of a word of tag memory."""

_RULE = "EPC Tag Data Standard, section 9.1"
_PADDING_RULE = "EPC Tag Data Standard, section 15.3"
_HEX = re.compile(r"[0-9A-Fa-f]*")
_NIBBLE, _BYTE = 4, 8  # bits
_SHOWN = 16  # hexadecimal digits of stray bits that an error repeats


class BitReader:
    """A place in a row of bits."""

    def __init__(self, bits: str, unit: int) -> None:
        self.bits = bits
        """The bits as ``0`` and ``1``."""
        self.at = 0
        """Index of the next bit."""
        self._unit = unit

    @property
    def left(self) -> int:
        """How many bits have not been read."""
        return len(self.bits) - self.at

    def position(self, bit: int) -> int:
        """Give the index in the text or bytes that were given, for an error.

        Args:
            bit: Index of a bit.
        """
        return bit // self._unit

    def number(self, count: int) -> int:
        """Read an unsigned number.

        Args:
            count: How many bits it has; none make 0.

        Returns:
            The number.

        Raises:
            LengthError: There are too few bits.
        """
        if count > self.left:
            raise LengthError(
                "{count} more bits (there are {left})",
                self.bits[self.at :],
                position=self.position(len(self.bits)),
                fix="read the whole EPC memory bank",
                rule=_RULE,
                count=count,
                left=self.left,
            )
        start, self.at = self.at, self.at + count
        return int(self.bits[start : self.at] or "0", 2)

    def digits(self, count: int, bits: int, rule: str) -> str:
        """Read digits that stand as one number.

        Args:
            count: How many digits it has with its leading zeros.
            bits: How many bits it has.
            rule: The section that lays them out, for an error.

        Returns:
            The digits.

        Raises:
            ComponentError: The number has more digits.
            LengthError: There are too few bits.
        """
        start = self.at
        number = self.number(bits)
        if number >= 10**count:
            raise ComponentError(
                "a number of {count} digits",
                str(number),
                position=self.position(start),
                rule=rule,
                count=count,
            )
        return f"{number:0{count}}" if count else ""

    def zeros(self) -> bool:
        """Tell whether all that follows is zero."""
        return self.bits.find("1", self.at) < 0

    def verify_end(self) -> None:
        """Verify that nothing but zeros follows.

        Raises:
            ComponentError: A bit is set.
        """
        fault = self.bits.find("1", self.at)
        if fault >= 0:
            raise ComponentError(
                "zeros behind the EPC",
                packed(self.bits[self.at :]).hex().upper()[:_SHOWN],
                position=self.position(fault),
                fix="read as many words as the protocol control bits say",
                rule=_PADDING_RULE,
            )


def open_bank(data: bytes | str) -> BitReader:
    """Open what was read from a tag.

    Args:
        data: The bytes of the EPC memory bank from address 20h on, or the same in hexadecimal, with
            an odd last digit if need be.

    Returns:
        A reader whose positions are indexes of bytes, or of hexadecimal digits.

    Raises:
        CharacterError: Something other than a hexadecimal digit is among them.
        LengthError: There is nothing, or more than a tag can hold.
    """
    unit = _NIBBLE if isinstance(data, str) else _BYTE
    if not data or len(data) * unit > LIMIT:
        raise LengthError(
            "1 to {limit} bits",
            data if isinstance(data, str) else data[:LIMIT].hex(),
            position=min(len(data), LIMIT // unit),
            rule=_RULE,
            limit=LIMIT,
        )
    if isinstance(data, str):
        good = _HEX.match(data)
        end = good.end() if good else 0
        if end < len(data):
            raise CharacterError("a hexadecimal digit", data[end], position=end, rule=_RULE)
        number = int(data, 16)
    else:
        number = int.from_bytes(data, "big")
    return BitReader(f"{number:0{len(data) * unit}b}", unit)


def packed(bits: str) -> bytes:
    """Pack bits into bytes, with zeros up to the end of the last word of 16 bits.

    Args:
        bits: One bit at least.
    """
    full = -(-len(bits) // WORD) * WORD
    return int(bits.ljust(full, "0"), 2).to_bytes(full // _BYTE, "big")
