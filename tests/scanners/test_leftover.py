"""Whether a picture may hold more than was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from scanners.leftover import more_to_read, pieces

if TYPE_CHECKING:
    from scanners.scan import Quad


def corners(left: int, top: int, size: int) -> Quad:
    """The corners of a square."""
    right, bottom = left + size, top + size
    return (left, top), (right, top), (right, bottom), (left, bottom)


def checks(side: int = 240, cell: int = 4) -> Image.Image:
    """Draw modules at random."""
    modules = np.random.default_rng(1).integers(0, 2, (side // cell, side // cell))
    return Image.fromarray((np.kron(modules, np.ones((cell, cell))) * 255).astype(np.uint8))


def page() -> Image.Image:
    """Draw two symbols on a sheet."""
    image = Image.new("L", (1000, 1400), 255)
    image.paste(checks(), (100, 100))
    image.paste(checks(), (600, 900))
    return image


def test_nothing_is_left() -> None:
    """Where all that is dense was read, no more is looked for."""
    assert not more_to_read(page(), [corners(100, 100, 240), corners(600, 900, 240)])
    assert not more_to_read(Image.new("L", (640, 480), 200), [])


@pytest.mark.parametrize("degrees", [0, 45, 90])
def test_another_symbol_is_left(degrees: int) -> None:
    """A second symbol is seen, whichever way it stands, and light on dark as well."""
    image = page()
    image.paste(200, (500, 800, 1000, 1300))
    image.paste(checks().rotate(degrees, expand=True, fillcolor=200), (550, 850))
    assert more_to_read(image, [corners(100, 100, 240)])


def test_pieces() -> None:
    """Each symbol that was not read is a piece by itself, with some paper around it."""
    image = page()
    image.paste(checks(), (100, 600))
    found = pieces(image, [corners(100, 100, 240)])
    assert len(found) == 2
    for left, top in ((600, 900), (100, 600)):
        [(x, y, right, bottom)] = [box for box in found if box[0] < left < box[2] - 100]
        assert x < left - 20
        assert y < top - 20
        assert left + 260 < right < left + 400
        assert top + 260 < bottom < top + 400


def test_pieces_are_no_larger_than_the_picture() -> None:
    """Where all is dense there is no piece, and rings within rings don't multiply the work."""
    assert pieces(checks(960, 4), []) == []
    rings = np.full((960, 960), 255, np.uint8)
    noise = np.asarray(checks(960, 4))
    for edge in range(0, 480, 100):
        rings[edge : 960 - edge, edge : 960 - edge] = noise[edge : 960 - edge, edge : 960 - edge]
        inner = edge + 45
        rings[inner : 960 - inner, inner : 960 - inner] = 255
    found = pieces(Image.fromarray(rings), [])
    sizes = [(right - left) * (bottom - top) for left, top, right, bottom in found]
    assert sizes
    assert sum(sizes) <= 960 * 960
    assert max(sizes) <= 960 * 960 / 2


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (47, 3), (5000, 2)])
def test_the_smallest_pictures(size: tuple[int, int]) -> None:
    """Lines and single pixels hold nothing."""
    assert not more_to_read(Image.new("L", size, 255), [])
    assert pieces(Image.new("L", size, 255), []) == []
