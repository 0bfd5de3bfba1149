"""A picture as a step of the reading looks at it, and the way back to the picture's own pixels.

Transforms work on grey pictures (mode ``L``) and are Pillow's own: none takes longer than some
passes over the pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from scanners.orientation import background

if TYPE_CHECKING:
    from scanners.scan import Quad

__all__ = ["View"]

Affine = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): x = a u + b v + c, y = d u + e v + f."""

_CONTRAST = 1.8
"""By how much differences from the surroundings are raised."""
_SURROUNDINGS = 12
"""Share of the shorter side, as 1 / n, that counts as surroundings; at least 8 pixels."""

_UPRIGHT = 0.3
"""Degrees that are not worth turning."""


@dataclass(frozen=True, slots=True)
class View:
    """A grey picture and where its pixels lie in the picture that it was made of."""

    image: Image.Image
    back: Affine = (1, 0, 0, 0, 1, 0)

    @property
    def pixels(self) -> int:
        """Width by height."""
        return self.image.width * self.image.height

    def origin(self, quad: Quad) -> Quad:
        """The corners in the first picture."""
        a, b, c, d, e, f = self.back
        one, two, three, four = (
            (round(a * u + b * v + c), round(d * u + e * v + f)) for u, v in quad
        )
        return one, two, three, four

    def cropped(self, left: int, top: int, right: int, bottom: int) -> View:
        """The part inside the box, as far as there is picture."""
        width, height = self.image.size
        left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
        right, bottom = max(min(right, width), left + 1), max(min(bottom, height), top + 1)
        return View(
            self.image.crop((left, top, right, bottom)), self._after((1, 0, left, 0, 1, top))
        )

    def scaled(self, across: float, down: float | None = None) -> View:
        """Enlarged or shrunk; `down` is for the height alone."""
        down = across if down is None else down
        width, height = self.image.size
        size = max(1, round(width * across)), max(1, round(height * down))
        way = Image.Resampling.BICUBIC if across > 1 else Image.Resampling.BOX
        along, below = width / size[0], height / size[1]
        return View(self.image.resize(size, way), self._after((along, 0, 0, 0, below, 0)))

    def turned(self, degrees: float) -> View:
        """Turned counter-clockwise about its middle; new corners take the ground's grey."""
        if abs(degrees) < _UPRIGHT:
            return self
        image = self.image.rotate(
            degrees,
            Image.Resampling.BICUBIC,
            expand=True,
            fillcolor=background(self.image),
        )
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        u, v = image.width / 2, image.height / 2
        x, y = self.image.width / 2, self.image.height / 2
        return View(
            image,
            self._after(
                (cosine, -sine, x - cosine * u + sine * v, sine, cosine, y - sine * u - cosine * v)
            ),
        )

    def flattened(self) -> View:
        """With even light: each pixel against the mean of its surroundings."""
        around = max(8, min(self.image.size) // _SURROUNDINGS)
        ground = self.image.filter(ImageFilter.BoxBlur(around))
        return View(ImageChops.subtract(self.image, ground, 1 / _CONTRAST, 128), self.back)

    def sharpened(self, radius: float = 3) -> View:
        """With edges raised that lie up to so many pixels apart."""
        return View(self.image.filter(ImageFilter.UnsharpMask(radius, 200, 2)), self.back)

    def _after(self, inner: Affine) -> Affine:
        a, b, c, d, e, f = self.back
        p, q, r, s, t, w = inner
        return (
            a * p + b * s,
            a * q + b * t,
            a * r + b * w + c,
            d * p + e * s,
            d * q + e * t,
            d * r + e * w + f,
        )
