"""What a mask of a QR code costs, for many codes at once.

The four penalties are those of `qrcode.util.lost_point`, which judges a code without its format
information. A row of modules is a 64-bit word, the leftmost module its highest bit; the rows of a
code stand below one another, the codes side by side.

ISO/IEC 18004, section 7.8.3.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Words = npt.NDArray[np.uint64]
    Counts = npt.NDArray[np.int64]

__all__ = ["penalties"]

_ONE, _TWO, _THREE, _FOUR, _FIVE, _SIX, _SEVEN = (np.uint64(one) for one in range(1, 8))


def penalties(words: Words, size: int) -> Counts:
    """The lost points of codes.

    Args:
        words: By (row, code); nothing stands right of the last module.
        size: Modules across.
    """
    whole = np.uint64(((1 << size) - 1) << (64 - size))
    across = ~(words ^ (words << _ONE)) & (whole << _ONE)  # as its right neighbour
    down = ~(words[:-1] ^ words[1:]) & whole  # as the one below
    count = np.bitwise_count

    # 1: runs of five and more cost their length less two, that is one for each five in a row and
    # two for each run.
    two = across & (across << _ONE)
    five = two & (two << _TWO)
    rows = count(five) + 2 * count(five & ~(five >> _ONE))
    two = down[:-1] & down[1:]
    five = two[:-2] & two[2:]
    lost: Counts = _total(rows) + _total(count(five)) + 2 * _total(count(five[1:] & ~five[:-1]))
    lost += 2 * count(five[0])

    # 2: each block of two by two costs three.
    lost += 3 * _total(count(across[:-1] & across[1:] & down))

    # 3: 1011101 with four light modules on a side costs forty; on both sides twice.
    light = ~words & whole
    two = words & (words << _TWO)
    finder = two & (two << _FOUR) & (words << _THREE) & (light << _ONE) & (light << _FIVE)
    two = light & (light << _ONE)
    four = two & (two << _TWO)
    found = count(finder & (four << _SEVEN)) + count(four & (finder << _FOUR))
    lost += 40 * _total(found)
    two = words[:-2] & words[2:]
    finder = two[:-4] & two[4:] & words[3:-3] & light[1:-5] & light[5:-1]
    two = light[:-1] & light[1:]
    four = two[:-2] & two[2:]
    found = count(finder[:-4] & four[7:]) + count(four[:-7] & finder[4:])
    lost += 40 * _total(found)

    # 4: ten for every five percent away from half.
    lost += _imbalance(size)[_total(count(words))]
    return lost


def _total(counts: npt.NDArray[np.uint8]) -> Counts:
    """Sums over the rows; no row counts more than a byte holds, no code more than two bytes."""
    total: Counts = counts.sum(axis=0, dtype=np.uint16).astype(np.int64)
    return total


@lru_cache(maxsize=11)
def _imbalance(size: int) -> Counts:
    """By number of dark modules; in floating point, as qrcode reckons."""
    return np.array(
        [int(abs(float(dark) / size**2 * 100 - 50) / 5) * 10 for dark in range(size**2 + 1)]
    )
