"""In which directions the edges of a picture stand, so that a tilted symbol can be put upright.

The structure tensor of small blocks tells direction and how pure it is; blocks of bars and modules
are pure, those of text and textures hardly. Directions are those of the gradient: bars that stand
upright have 0 degrees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

__all__ = ["background", "directions_of"]

_LONGEST = 480
"""Pixels of the longer side at which directions are measured."""
_BLOCK = 8
_PURE = 0.5
"""Least purity (0..1) of a block that counts."""
_NOISE = 20.0
"""Squared gradient a pixel that is taken for noise."""
_BIN = 3
"""Degrees of one class of directions."""


def directions_of(image: Image.Image, count: int = 2) -> list[float]:
    """The strongest directions in a grey picture, in degrees from -90 to 90, strongest first."""
    small = _shrunk(image).filter(ImageFilter.GaussianBlur(0.8))
    if min(small.size) < 3 * _BLOCK:
        return []
    across, down = _gradients(np.asarray(small, np.float32))
    xx, yy, xy = (_blocks(one) for one in (across * across, down * down, across * down))
    energy = xx + yy
    purity = np.hypot(xx - yy, 2 * xy) / (energy + _NOISE * _BLOCK * _BLOCK)
    angle = np.arctan2(2 * xy, xx - yy) / 2
    # The root keeps one bright edge from outweighing a field of bars.
    weight = purity**2 * np.sqrt(energy) * (purity > _PURE)
    degrees = np.degrees(angle) % 180
    classes = 180 // _BIN
    histogram = np.bincount(
        (degrees.ravel() / _BIN).astype(int) % classes, weight.ravel(), minlength=classes
    )
    broad = histogram + np.roll(histogram, 1) + np.roll(histogram, -1)
    found: list[float] = []
    while len(found) < count:
        top = int(broad.argmax())
        if broad[top] <= 0:
            break
        centre = (top + 0.5) * _BIN
        near = np.abs((degrees - centre + 90) % 180 - 90) < 2 * _BIN
        found.append(float(np.degrees(np.angle((weight * near * np.exp(2j * angle)).sum())) / 2))
        broad[(top + np.arange(-5, 6)) % classes] = 0
    return found


def background(image: Image.Image) -> int:
    """The grey that stands for the ground: the median."""
    return int(np.median(np.asarray(image)[::4, ::4]))


def _shrunk(image: Image.Image) -> Image.Image:
    share = _LONGEST / max(image.size)
    if share >= 1:
        return image
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Image.Resampling.BOX)


def _gradients(grey: Array) -> tuple[Array, Array]:
    """Scharr's, which tells directions of fine structure truer than plain differences."""
    wide = grey[:, 2:] - grey[:, :-2]
    tall = grey[2:] - grey[:-2]
    across = (3 * wide[:-2] + 10 * wide[1:-1] + 3 * wide[2:]) / 16
    down = (3 * tall[:, :-2] + 10 * tall[:, 1:-1] + 3 * tall[:, 2:]) / 16
    return across, down


def _blocks(values: Array) -> Array:
    height, width = (side - side % _BLOCK for side in values.shape)
    cut = values[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    return np.asarray(cut.sum((1, 3)))
