"""How an EAN-13 is drawn: its digits' modules, the whole symbol, and both as a blurred picture.

Light is 1 and dark is -1 throughout. Digit patterns: ISO/IEC 15420; GS1 General Specifications
section 5.2.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

__all__ = ["CELLS", "IS_B", "MODULES", "QUIET", "SET_A", "SET_B", "drawn", "modules_of"]

_A = "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011".split()
_SETS = "AAAAAA AABABB AABBAB AABBBA ABAABB ABBAAB ABBBAA ABABAB ABABBA ABBABA".split()
# Set C is A inverted, set B is C reversed.
SET_A = np.array([[1.0 if bit == "0" else -1.0 for bit in digit] for digit in _A])
SET_B = -SET_A[:, ::-1]
IS_B = np.array([[letter == "B" for letter in sets] for sets in _SETS])
CELLS = np.array([3 + 7 * i for i in range(6)] + [50 + 7 * i for i in range(6)])
"""Module at which each of the twelve drawn digits begins."""
MODULES = 95
QUIET = 4
"""Modules of quiet zone drawn on either side."""


def _kernel(deviation: float) -> Array:
    reach = int(np.ceil(3 * deviation))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    return np.asarray(bell / bell.sum())


def drawn(modules: Array, blur: float, samples: int) -> Array:
    """Blurred modules, `samples` of each; beyond the ends the last one goes on."""
    fine = np.pad(np.repeat(modules, samples * 2), samples * 16, mode="edge")
    blurred = np.convolve(fine, _kernel(blur * samples * 2), "same")
    return np.asarray(blurred[samples * 16 : -samples * 16].reshape(-1, 2).mean(1))


def modules_of(code: str) -> Array:
    """The modules of an EAN-13 of 13 digits, with `QUIET` of quiet zone on both sides."""
    sets = IS_B[int(code[0])]
    left = [
        (SET_B if is_b else SET_A)[int(digit)] for is_b, digit in zip(sets, code[1:7], strict=True)
    ]
    right = [-SET_A[int(digit)] for digit in code[7:]]
    end, centre = [-1.0, 1.0, -1.0], [1.0, -1.0, 1.0, -1.0, 1.0]
    quiet = [1.0] * QUIET
    return np.concatenate((quiet, end, *left, centre, *right, end, quiet))
