"""Serials: a keyed permutation of a counter, so that they never repeat and nobody can guess one.

Rules kept:

* A serial is 10 characters of base 32, that is 50 bits: FF1 (NIST SP 800-38G) of a counter, spelt
  as `ledger.issuance.spelling` does.
* The tweak is the version of the key and the product: equal counters of two products, or of two
  versions, have nothing in common.
* Within one product and one version serials differ exactly when their counters do. So suppliers who
  were given disjoint ranges of counters can print offline and never meet.
* The way back needs the key and no database: the serial gives the counter, and the counter says
  whether it was reserved, in which range and for whom (`find_range`).
* A serial that nobody issued has some counter as well. That it lies in a reserved range by chance
  has the probability that `ledger.issuance.risk` states.

>>> series = series_of("https://id.gs1.org/01/09506000134352", 1, bytes(32))
>>> series.serials(range(2))
['TP98RTGJ75', 'YJDTCAWZAR']
>>> series.counter("YJDTCAWZAR")
1
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import UsageError
from ledger.issuance.ff1 import FF1
from ledger.issuance.lanes import HALF_BITS, LENGTH, Lanes, lanes_of
from ledger.issuance.spelling import PAIR, RADIX, number_of, pairs, spell, triples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "LENGTH",
    "SPACE",
    "Range",
    "Series",
    "draw",
    "find_range",
    "numbers_of",
    "series_of",
    "spelt",
]

SPACE: Final = RADIX**LENGTH
"""How many serials a product has: 32^10, about 1.1 * 10^15."""
_HALF: Final = (1 << HALF_BITS) - 1


@dataclass(frozen=True, slots=True)
class Range:
    """Counters that were reserved for one batch."""

    version: int
    """Version of the issuing key."""
    first: int
    """The first counter, from 0."""
    count: int
    """How many follow one another, from 1."""
    batch: int
    """Id of the batch."""
    supplier: str | None
    """Whom the codes were made for; None when for ourselves."""

    def __contains__(self, counter: int) -> bool:
        return self.first <= counter < self.first + self.count


@dataclass(frozen=True, slots=True)
class Series:
    """All serials of one product under one version of the key."""

    version: int
    """Version of the key, from 1."""
    scheme: FF1
    lanes: Lanes
    tweak: bytes

    def serial(self, counter: int) -> str:
        """The serial of a counter.

        Raises:
            UsageError: The counter is outside the space.
        """
        if not 0 <= counter < SPACE:
            raise UsageError(f"Expected a counter from 0 to {SPACE - 1}, got {counter}.")
        numerals = [counter >> shift & 31 for shift in range(5 * LENGTH - 5, -1, -5)]
        number = 0
        for one in self.scheme.encrypt(numerals, self.tweak):
            number = number << 5 | one
        return spell(number, LENGTH)

    def counter(self, serial: str) -> int:
        """The counter of a serial, whether it was issued or not.

        Raises:
            UsageError: The text is no serial of this form.
        """
        [counter] = self.counters([number_of(serial, LENGTH)])
        return counter

    def numbers(self, counters: Sequence[int]) -> list[int]:
        """The serials of many counters, as numbers; some eighty times faster than one by one."""
        upper, lower = self.lanes.encrypt(*_split(counters))
        return [one << HALF_BITS | two for one, two in zip(upper, lower, strict=True)]

    def serials(self, counters: Sequence[int]) -> list[str]:
        """The serials of many counters."""
        return spelt(self.numbers(counters))

    def counters(self, numbers: Sequence[int]) -> list[int]:
        """The counters of many serials, these as numbers."""
        upper, lower = self.lanes.decrypt(*_split(numbers))
        return [one << HALF_BITS | two for one, two in zip(upper, lower, strict=True)]


def _split(numbers: Sequence[int]) -> tuple[list[int], list[int]]:
    return [one >> HALF_BITS for one in numbers], [one & _HALF for one in numbers]


def series_of(product: str, version: int, key: bytes) -> Series:
    """The serials of a product.

    Args:
        product: Its canonical URI.
        version: Version of the key.
        key: The serial key of that version, 32 bytes.
    """
    # The version ends at the blank, so no two pairs make the same bytes.
    tweak = f"{version} {product}".encode("utf-8", "surrogatepass")
    return Series(version, FF1(key, RADIX), lanes_of(key, tweak), tweak)


def spelt(numbers: Sequence[int]) -> list[str]:
    """The characters of many serials, given as numbers."""
    three, two = triples(), pairs()
    low = PAIR - 1
    return [
        three[one >> 35] + two[one >> 25 & low] + three[one >> 10 & 0x7FFF] + two[one & low]
        for one in numbers
    ]


def numbers_of(serials: Iterable[str]) -> list[int]:
    """Undo `spelt`.

    Raises:
        UsageError: A text is no serial of this form.
    """
    return [number_of(one, LENGTH) for one in serials]


def draw(count: int) -> list[int]:
    """Serials of the random mode, as numbers: uniform, from the system's source of randomness."""
    content = secrets.token_bytes(8 * count)
    return [int.from_bytes(content[i : i + 8], "big") % SPACE for i in range(0, 8 * count, 8)]


def find_range(series: Series, ranges: Iterable[Range], serial: str) -> Range | None:
    """The range that a serial was issued from, without a database; None when from none of them.

    Raises:
        UsageError: The text is no serial of this form.
    """
    counter = series.counter(serial)
    own = (one for one in ranges if one.version == series.version)
    return next((one for one in own if counter in one), None)
