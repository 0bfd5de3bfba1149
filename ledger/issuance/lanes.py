"""FF1 of serials for many counters at once: each round is one call of AES over all of them.

A serial has 10 numerals of radix 32, so a half is a number of 25 bits and fits a lane of 32. The
halves of a batch stand side by side in one big integer: adding two such integers, and masking the
result, is the addition modulo 2^25 of every lane in one step, for no sum passes its lane.

Rules kept:

* The result is that of `ledger.issuance.ff1` for every counter; tests hold the two together.
* Of the PRF's message only the last block differs between lanes and rounds: its last four bytes are
  the half, the byte before them the round. What comes before is enciphered once (CBC-MAC).
* y is NUM of the first 8 bytes of the PRF, and 2^25 divides 2^32: its second word holds all that
  counts.

Standard: NIST SP 800-38G, Algorithms 7 and 8, https://doi.org/10.6028/NIST.SP.800-38G
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from ledger.issuance.ff1 import BLOCK, ROUNDS, final_block, header
from ledger.issuance.spelling import RADIX

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HALF_BITS", "LENGTH", "Lanes", "lanes_of"]

LENGTH: Final = 10  # numerals
HALF_BITS: Final = 25
_WIDTH: Final = 4  # b, bytes of a half
_MASK: Final = (1 << HALF_BITS) - 1
_CARRY: Final = 1 << HALF_BITS

Halves = tuple["Sequence[int]", "Sequence[int]"]
"""The upper and the lower halves of some numbers, each below 2^25, in the same order."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """FF1 with one key and one tweak."""

    cipher: Cipher[ECB] = field(repr=False)
    blocks: tuple[bytes, ...] = field(repr=False)
    """By round: the last block that goes into AES, for a half of zero."""

    def encrypt(self, upper: Sequence[int], lower: Sequence[int]) -> Halves:
        """Encrypt numbers (Algorithm 7)."""
        count = len(upper)
        mask = _repeated(_MASK, count)
        a, b = _packed(upper), _packed(lower)
        for number in range(ROUNDS):
            a, b = b, (a + (self._scrambled(number, b, count) & mask)) & mask
        return _unpacked(a, count), _unpacked(b, count)

    def decrypt(self, upper: Sequence[int], lower: Sequence[int]) -> Halves:
        """Undo `encrypt` (Algorithm 8)."""
        count = len(upper)
        mask, carry = _repeated(_MASK, count), _repeated(_CARRY, count)
        a, b = _packed(upper), _packed(lower)
        for number in reversed(range(ROUNDS)):
            # The carry keeps a lane from borrowing of its neighbour; the mask takes it off again.
            a, b = (b + carry - (self._scrambled(number, a, count) & mask)) & mask, a
        return _unpacked(a, count), _unpacked(b, count)

    def _scrambled(self, number: int, half: int, count: int) -> int:
        """The second word of y in every lane."""
        block = self.blocks[number]
        last = half ^ _repeated(int.from_bytes(block[-_WIDTH:], "big"), count)
        # Words are only moved here, never computed with, so the machine's byte order is all one.
        words = array("I", block * count)
        words[3::4] = array("I", last.to_bytes(4 * count, "big"))
        enciphered = array("I", self.cipher.encryptor().update(memoryview(words).cast("B")))
        return int.from_bytes(enciphered[1::4].tobytes(), "big")


def lanes_of(key: bytes, tweak: bytes) -> Lanes:
    """Prepare a key of 16, 24 or 32 bytes and a tweak."""
    chained = CBC(bytes(BLOCK))
    blocks = []
    for number in range(ROUNDS):
        message = header(RADIX, LENGTH, tweak) + final_block(tweak, _WIDTH, number, 0)
        before = Cipher(AES(key), chained).encryptor().update(message[:-BLOCK])[-BLOCK:]
        block = int.from_bytes(before, "big") ^ int.from_bytes(message[-BLOCK:], "big")
        blocks.append(block.to_bytes(BLOCK, "big"))
    # CBC-MAC chains blocks by itself above; here every lane has one block left.
    return Lanes(Cipher(AES(key), ECB()), tuple(blocks))  # noqa: S305


def _repeated(word: int, count: int) -> int:
    """The same word in every lane."""
    return int.from_bytes(word.to_bytes(4, "big") * count, "big")


def _packed(words: Sequence[int]) -> int:
    return int.from_bytes(struct.pack(f">{len(words)}I", *words), "big")


def _unpacked(lanes: int, count: int) -> Sequence[int]:
    return struct.unpack(f">{count}I", lanes.to_bytes(4 * count, "big"))
