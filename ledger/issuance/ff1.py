"""FF1, the format-preserving encryption of NIST: a string of numerals into another of its length.

Rules kept (NIST SP 800-38G, with the domain of its first revision):

* The radix is from 2 to 65,536. A string has at least 2 and fewer than 2^32 numerals, and its
  radix^length strings are at least a million.
* A tweak is any bytes up to `LONGEST_TWEAK`, a bound that the standard leaves to us.
* The keys are AES keys of 16, 24 or 32 bytes.
* Nothing is rounded: logarithms are taken as lengths of integers.

The names and step numbers in the code are those of Algorithms 7 (encryption) and 8 (decryption).
Standard: https://doi.org/10.6028/NIST.SP.800-38G

>>> key = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
>>> FF1(key, 10).encrypt([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
[2, 4, 3, 3, 4, 7, 7, 4, 8, 4]
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from ledger.errors import UsageError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BLOCK", "FF1", "LONGEST_TWEAK", "ROUNDS", "final_block", "header"]

BLOCK: Final = 16  # bytes of an AES block
ROUNDS: Final = 10
LONGEST_TWEAK: Final = 65_535  # bytes, maxTlen
_RADICES: Final = range(2, 2**16 + 1)
_LENGTHS: Final = range(2, 2**32)  # numerals
_SMALLEST_DOMAIN: Final = 1_000_000  # strings; revision 1, section 5
_KEY_LENGTHS: Final = (16, 24, 32)  # bytes


def header(radix: int, length: int, tweak: bytes) -> bytes:
    """The block P, which tells one use from another (Algorithm 7, step 5)."""
    return b"".join(
        (
            b"\x01\x02\x01",
            radix.to_bytes(3, "big"),
            b"\x0a",
            bytes([length // 2 % 256]),
            length.to_bytes(4, "big"),
            len(tweak).to_bytes(4, "big"),
        )
    )


def final_block(tweak: bytes, width: int, number: int, half: int) -> bytes:
    """Q: the tweak, zeros up to whole blocks, the round's number and a half (step 6.i).

    Args:
        tweak: T.
        width: b, the bytes of a half.
        number: i, from 0 to 9.
        half: NUM(B), or NUM(A) when decrypting.
    """
    zeros = bytes(-(len(tweak) + width + 1) % BLOCK)
    return tweak + zeros + bytes([number]) + half.to_bytes(width, "big")


@dataclass(frozen=True, slots=True)
class FF1:
    """FF1 with one key and one radix, for strings of any length in the domain."""

    key: bytes = field(repr=False)
    """AES key of 16, 24 or 32 bytes."""
    radix: int
    """Number of different numerals, 2 to 65,536."""

    def __post_init__(self) -> None:
        if len(self.key) not in _KEY_LENGTHS:
            raise UsageError(f"Expected an AES key of 16, 24 or 32 bytes, got {len(self.key)}.")
        if self.radix not in _RADICES:
            raise UsageError(f"Expected a radix from 2 to 65,536, got {self.radix}.")

    def encrypt(self, numerals: Sequence[int], tweak: bytes = b"") -> list[int]:
        """Encrypt a string of numerals (Algorithm 7, FF1.Encrypt).

        Args:
            numerals: X, each from 0 to radix - 1.
            tweak: T, public; another tweak is another permutation.

        Raises:
            UsageError: The string or the tweak is outside the domain.
        """
        left, right = self._halves(numerals, tweak)  # steps 1 and 2
        u, v = len(left), len(right)
        powers = (self.radix**u, self.radix**v)
        a, b = self._number(left), self._number(right)
        for i in range(ROUNDS):  # step 6
            y = self._scrambled(i, b, u + v, tweak)
            a, b = b, (a + y) % powers[i % 2]  # 6.v to 6.ix
        return self._string(a, u) + self._string(b, v)  # step 7

    def decrypt(self, numerals: Sequence[int], tweak: bytes = b"") -> list[int]:
        """Undo `encrypt` (Algorithm 8, FF1.Decrypt).

        Raises:
            UsageError: The string or the tweak is outside the domain.
        """
        left, right = self._halves(numerals, tweak)
        u, v = len(left), len(right)
        powers = (self.radix**u, self.radix**v)
        a, b = self._number(left), self._number(right)
        for i in reversed(range(ROUNDS)):
            y = self._scrambled(i, a, u + v, tweak)
            a, b = (b - y) % powers[i % 2], a
        return self._string(a, u) + self._string(b, v)

    def _halves(self, numerals: Sequence[int], tweak: bytes) -> tuple[Sequence[int], Sequence[int]]:
        length = len(numerals)
        if length not in _LENGTHS:
            raise UsageError(f"Expected from 2 to 2^32 - 1 numerals, got {length}.")
        # From 20 numerals on even radix 2 has a million strings, so no huge power is computed.
        if self.radix ** min(length, 20) < _SMALLEST_DOMAIN:
            raise UsageError(
                f"Expected a domain of at least {_SMALLEST_DOMAIN:,} strings, got"
                f" {self.radix}^{length}."
            )
        if len(tweak) > LONGEST_TWEAK:
            raise UsageError(
                f"Expected a tweak of at most {LONGEST_TWEAK} bytes, got {len(tweak)}."
            )
        wrong = next((one for one in numerals if not 0 <= one < self.radix), None)
        if wrong is not None:
            raise UsageError(f"Expected numerals below {self.radix}, got {shown(wrong)}.")
        return numerals[: length // 2], numerals[length // 2 :]

    def _scrambled(self, number: int, half: int, length: int, tweak: bytes) -> int:
        """The integer y of one round (steps 3 to 5, and 6.i to 6.iv)."""
        bits = (self.radix ** (length - length // 2) - 1).bit_length()  # ceil(v * log2(radix))
        width = (bits + 7) // 8  # b, step 3
        wanted = (width + 3) // 4 * 4 + 4  # d, step 4
        message = header(self.radix, length, tweak) + final_block(tweak, width, number, half)
        mac = Cipher(AES(self.key), CBC(bytes(BLOCK))).encryptor().update(message)[-BLOCK:]  # PRF
        stream = mac  # S, step 6.iii
        if wanted > BLOCK:
            seed = int.from_bytes(mac, "big")
            counters = b"".join(
                (seed ^ j).to_bytes(BLOCK, "big") for j in range(1, -(-wanted // BLOCK))
            )
            # The standard asks for single blocks; their inputs all differ.
            stream += Cipher(AES(self.key), ECB()).encryptor().update(counters)  # noqa: S305
        return int.from_bytes(stream[:wanted], "big")

    def _number(self, numerals: Sequence[int]) -> int:
        """NUM of a string, most significant numeral first (Algorithm 1)."""
        number = 0
        for one in numerals:
            number = number * self.radix + one
        return number

    def _string(self, number: int, length: int) -> list[int]:
        """STR of a number (Algorithm 3)."""
        numerals = [0] * length
        for place in reversed(range(length)):
            number, numerals[place] = divmod(number, self.radix)
        return numerals
