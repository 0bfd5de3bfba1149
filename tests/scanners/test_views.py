"""The views of a picture and the way back from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from scanners.views import View

if TYPE_CHECKING:
    from collections.abc import Callable

DOT = (150, 20)


def picture() -> Image.Image:
    """Draw a black dot on white paper."""
    image = Image.new("L", (200, 100), 255)
    image.paste(0, (DOT[0] - 1, DOT[1] - 1, DOT[0] + 2, DOT[1] + 2))
    return image


LOOKS: dict[str, Callable[[View], View]] = {
    "same": lambda view: view,
    "turned": lambda view: view.turned(30),
    "hardly turned": lambda view: view.turned(0.1),
    "turned, stretched": lambda view: view.turned(-90).scaled(0.5, 3),
    "enlarged, turned, cut": lambda view: view.scaled(2).turned(-20).cropped(10, 10, 400, 400),
    "cut, enlarged, turned": lambda view: view.cropped(100, -7, 200, 60).scaled(3).turned(77),
    "flat, sharp": lambda view: view.flattened().sharpened(),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_what_is_seen_lies_where_it_is(look: Callable[[View], View]) -> None:
    """However a view was made, a point in it is found again in the picture."""
    view = look(View(picture()))
    grey = np.asarray(view.image, int)
    y, x = np.argwhere(grey <= grey.min() + 8).mean(0).tolist()
    [found, *_] = view.origin(((round(x), round(y)),) * 4)
    assert found == pytest.approx(DOT, abs=2)
    assert view.pixels == view.image.width * view.image.height


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1)])
def test_the_smallest_pictures(size: tuple[int, int]) -> None:
    """A single pixel or line can be looked at in every way."""
    view = View(Image.new("L", size, 255))
    for other in (
        view.scaled(0.1),
        view.scaled(2),
        view.turned(45),
        view.flattened(),
        view.sharpened(),
        view.cropped(500, 500, 600, 600),
        view.cropped(-9, -9, -5, -5),
    ):
        assert other.pixels >= 1


def test_even_light() -> None:
    """A shadow over half of the paper is taken away, and what is printed stays."""
    image = Image.new("L", (200, 200), 230)
    image.paste(90, (100, 0, 200, 200))
    image.paste(40, (150, 100, 154, 104))
    flat = np.asarray(View(image).flattened().image, int)
    assert abs(flat[20, 20] - flat[20, 180]) <= 4
    assert flat[102, 152] < flat[20, 180] - 60
