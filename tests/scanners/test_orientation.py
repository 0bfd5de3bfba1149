"""Directions of edges."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from scanners.orientation import background, directions_of
from scanners.views import View


def bars() -> Image.Image:
    """Upright bars six pixels wide."""
    row = np.where(np.arange(360) // 6 % 2, 255, 0).astype(np.uint8)
    return Image.fromarray(np.tile(row, (240, 1)))


@pytest.mark.parametrize("degrees", [-40, -12, 0, 7, 30])
def test_the_direction_of_bars_is_found(degrees: int) -> None:
    """Bars that were turned are found within two degrees, and put upright again."""
    tilted = bars().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=128)
    found = directions_of(tilted)[0]
    assert found == pytest.approx(-degrees, abs=2)
    assert directions_of(View(tilted).turned(found).image)[0] == pytest.approx(0, abs=2)


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (300, 200)])
def test_blank_paper_has_no_direction(size: tuple[int, int]) -> None:
    """Where there is no edge there is no direction, however small the picture."""
    assert directions_of(Image.new("L", size, 255)) == []


def test_the_ground_is_the_commonest_side() -> None:
    """What is printed on paper hardly changes the grey that stands for the paper."""
    paper = Image.new("L", (200, 100), 190)
    paper.paste(0, (10, 10, 60, 90))
    assert background(paper) == 190
    assert background(Image.new("L", (1, 1), 7)) == 7
