"""Blurred EAN-13 and UPC-A symbols."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from scanners.likelihood import read_likely_ean


def symbol(content: str, *, blur: float, noise: float = 4.0) -> Image.Image:
    """Draw an EAN-13 with 3-pixel modules on grey paper, blurred by that many modules."""
    kind = zxingcpp.barcode_format_from_str("EAN13")
    drawn = memoryview(zxingcpp.create_barcode(content, kind).to_image(scale=3))  # type: ignore[arg-type]
    height, width = drawn.shape  # type: ignore[misc]
    image = ImageOps.expand(Image.frombytes("L", (width, height), bytes(drawn)), 30, fill=255)
    grey = np.asarray(image.filter(ImageFilter.GaussianBlur(blur * 3)), np.float32)
    faded = 60 + grey * 0.5 + np.random.default_rng(1).normal(0, noise, grey.shape)
    return Image.fromarray(np.clip(faded, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("content", ["9506000134352", "0036000291452", "4006381333931"])
@pytest.mark.parametrize("degrees", [0, 8, 90, 180])
def test_a_blurred_symbol_reads(content: str, degrees: int) -> None:
    """Blurred by three quarters of a module, tilted or upside down, it reads."""
    image = symbol(content, blur=0.75).rotate(
        degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=187
    )
    [reading] = read_likely_ean(image)
    assert (reading.text, reading.engine) == (content, "likelihood")
    xs, ys = zip(*reading.quad, strict=True)
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    assert middle == pytest.approx((image.width / 2, image.height / 2), abs=60)
    assert max(max(xs) - min(xs), max(ys) - min(ys)) == pytest.approx(285, abs=25)


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (300, 200)])
def test_blank_paper_reads_as_nothing(size: tuple[int, int]) -> None:
    """Paper without a symbol has no code, however small the picture."""
    assert read_likely_ean(Image.new("L", size, 255)) == []


@pytest.mark.parametrize("seed", range(12))
def test_random_bars_read_as_nothing(seed: int) -> None:
    """Bars one to four modules wide, as in a code but without its structure, are no code."""
    draw = np.random.default_rng(seed)
    widths = draw.integers(1, 5, 60) * 3
    row = np.repeat(np.arange(60) % 2 * 255, widths).astype(np.uint8)
    image = ImageOps.expand(Image.fromarray(np.tile(row, (120, 1))), 30, fill=255)
    assert read_likely_ean(image.filter(ImageFilter.GaussianBlur(draw.uniform(0, 4)))) == []


def test_a_symbol_blurred_beyond_reading_is_never_read_wrong() -> None:
    """The more a symbol is blurred the less it reads, and what is read stays right."""
    found = {
        reading.text
        for blur in (1.2, 1.8, 2.5, 4)
        for reading in read_likely_ean(symbol("9506000134352", blur=blur))
    }
    assert found <= {"9506000134352"}
