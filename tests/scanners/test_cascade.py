"""Reading from cheap to thorough."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from scanners import cascade
from scanners.cascade import THOROUGH, VOTES, read_symbols
from scanners.engines import Reading, read_zxing
from scanners.scan import Confidence, Symbology

if TYPE_CHECKING:
    from collections.abc import Callable

EAN = "9506000134352"
GS1 = "(01)09506000134352(10)AB(21)12"


def symbol(content: str, kind: str, *, scale: int = 4, **options: Any) -> Image.Image:
    """Draw a symbol with a margin around it."""
    barcode = zxingcpp.create_barcode(content, zxingcpp.barcode_format_from_str(kind), **options)
    drawn = memoryview(barcode.to_image(scale=scale))  # type: ignore[arg-type]
    height, width = drawn.shape  # type: ignore[misc]
    return ImageOps.expand(Image.frombytes("L", (width, height), bytes(drawn)), 40, fill=255)


def told(image: Image.Image) -> list[tuple[str, str, Confidence]]:
    """Read a picture, and tell what, by which step and how sure."""
    return [(one.text, one.step, one.confidence) for one in read_symbols(image)]


@pytest.mark.parametrize(
    ("content", "kind", "options", "confidence"),
    [
        (GS1, "DataMatrix", {"gs1": True}, Confidence.CORRECTED),
        (GS1, "Code128", {"gs1": True}, Confidence.CORRECTED),
        (GS1, "DataBarExp", {"gs1": True}, Confidence.CORRECTED),
        ("https://id.gs1.org/01/09506000134352", "QRCode", {}, Confidence.CORRECTED),
        (EAN, "EAN13", {}, Confidence.AGREED),
        ("95060002", "EAN8", {}, Confidence.AGREED),
        ("01234565", "UPCE", {}, Confidence.AGREED),
        ("09506000134352", "ITF", {}, Confidence.AGREED),
        ("A1B2C3", "Code39", {}, Confidence.AGREED),
    ],
)
def test_a_good_symbol_is_read_by_the_first_step(
    content: str, kind: str, options: dict[str, Any], confidence: Confidence
) -> None:
    """The step is told, and what has one check digit at most was seen by another step too."""
    [(_, step, sure)] = told(symbol(content, kind, **options))
    assert (step, sure) == ("fast", confidence)


def test_every_way() -> None:
    """What lies on its side or is light on dark is read by the second step."""
    lying = symbol(GS1, "Code128", gs1=True).rotate(90, expand=True)
    light = ImageOps.invert(symbol(GS1, "DataMatrix", gs1=True))
    for image in (lying, light):
        [(_, step, sure)] = told(image)
        assert (step, sure) == ("every way", Confidence.CORRECTED)


def test_all_of_many_codes() -> None:
    """One symbol that reads at once doesn't hide those that lie, are light on dark or are shrunk."""
    page = Image.new("L", (1700, 1700), 255)
    page.paste(symbol("straight", "QRCode"), (100, 100))
    page.paste(symbol("lying", "Code128").rotate(90, expand=True), (1100, 100))
    page.paste(ImageOps.invert(symbol("light", "DataMatrix")), (100, 1100))
    page.paste(symbol(EAN, "EAN13"), (1000, 1200))
    found = {one.text: one for one in read_symbols(page)}
    assert set(found) == {"straight", "lying", "light", EAN}
    assert found["lying"].step == "every way"
    assert all(x > 1000 and y > 1000 for x, y in found[EAN].quad)


@pytest.mark.parametrize("kind", ["EAN13", "QRCode", "ITF", "DataMatrix"])
def test_a_sheet_of_labels(kind: str) -> None:
    """Every label of a printed page is read, the same code as often as it stands there."""
    page = Image.new("L", (2480, 3508), 255)
    label = symbol("09506000134352" if kind == "ITF" else EAN, kind, scale=3)
    for row in range(8):
        for column in range(4):
            page.paste(label, (60 + column * 600, 60 + row * 425))
    found = read_symbols(page)
    assert len(found) == 32
    assert {one.confidence for one in found} <= {Confidence.AGREED, Confidence.CORRECTED}
    assert [one.quad[0][1] for one in found] == sorted(one.quad[0][1] for one in found)


def test_tilted_and_dim() -> None:
    """A tilted bar code under uneven light is put upright, and found where it is."""
    bars = symbol(GS1, "Code128", gs1=True, scale=2).rotate(
        20, Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    light = np.linspace(0.25, 1, bars.width)[None, :]
    dim = Image.fromarray((40 + np.asarray(bars) * 0.4 * light).astype(np.uint8))
    assert read_zxing(dim) == []
    [reading] = read_symbols(dim)
    assert reading.step in {step.name for step in THOROUGH}
    assert reading.confidence is Confidence.CORRECTED
    xs, ys = zip(*reading.quad, strict=True)
    assert sum(xs) / 4 == pytest.approx(bars.width / 2, abs=30)
    assert sum(ys) / 4 == pytest.approx(bars.height / 2, abs=30)


def test_blurred_retail() -> None:
    """An EAN-13 that is blurred until no edge can be measured reads by its likelihood."""
    bars = symbol(EAN, "EAN13", scale=3).filter(ImageFilter.GaussianBlur(3))
    assert read_zxing(bars) == []
    [reading] = read_symbols(bars)
    assert (reading.text, reading.confidence) == (EAN, Confidence.AGREED)


def test_no_seconds_no_thorough_part() -> None:
    """With no seconds for it, only the first two steps are taken, and nothing is confirmed."""
    [reading] = read_symbols(symbol(EAN, "EAN13"), seconds=0)
    assert reading.confidence is Confidence.SINGLE
    blurred = symbol(EAN, "EAN13", scale=3).filter(ImageFilter.GaussianBlur(3))
    assert read_symbols(blurred, seconds=0) == []


def test_a_large_picture_is_looked_at_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thorough steps look at no more pixels than their bound, and stop with their time."""
    seen: list[int] = []

    def note(image: Image.Image, _kinds: frozenset[Symbology]) -> list[Reading]:
        seen.append(image.width * image.height)
        return []

    steps = tuple(replace(step, read=note) for step in THOROUGH)
    monkeypatch.setattr(cascade, "THOROUGH", steps)
    noise = np.random.default_rng(1).integers(0, 256, (4000, 6000), np.uint8)
    assert read_symbols(Image.fromarray(noise)) == []
    assert len(seen) == len(steps)
    assert max(seen) <= 10_000_000
    started = time.thread_time()
    assert read_symbols(Image.fromarray(noise), seconds=0.1) == []
    assert time.thread_time() - started < 10
    assert len(seen) < 2 * len(steps)


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (3, 3), (30, 2000)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    """A picture too small for any symbol goes through every step and is simply empty."""
    assert read_symbols(Image.new("L", size, 255)) == []


def answering(*texts: str) -> Callable[[Image.Image, frozenset[Symbology]], list[Reading]]:
    """Make a reader that answers each time with the next of the texts, as an EAN-13."""
    answers = iter(texts)

    def read(image: Image.Image, _kinds: frozenset[Symbology]) -> list[Reading]:
        text = next(answers)
        right, bottom = image.size
        quad = (0, 0), (right, 0), (right, bottom), (0, bottom)
        return [Reading(text.encode(), text, Symbology.EAN_13, "]E0", "zxing-cpp", quad)]

    return read


def test_contradicting_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where steps read other values in the same place, the reading is told as contradicted."""
    other = "4006381333931"
    read = answering(other, EAN, other, EAN, other, "5901234123457")
    monkeypatch.setattr(cascade, "VOTES", tuple(replace(step, read=read) for step in VOTES))
    [reading] = read_symbols(symbol(EAN, "EAN13"))
    assert reading.confidence is Confidence.CONTRADICTED


def test_contradicting_thorough_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check digit alone is no proof: what one thorough step reads is not told, nor believed."""
    paper = Image.new("L", (300, 200), 255)
    once = [replace(THOROUGH[0], read=answering(EAN))]
    monkeypatch.setattr(cascade, "THOROUGH", once)
    assert read_symbols(paper) == []
    read = answering(EAN, "4006381333931")
    twice = [replace(step, read=read) for step in THOROUGH[:2]]
    monkeypatch.setattr(cascade, "THOROUGH", twice)
    [reading] = read_symbols(paper)
    assert reading.confidence is Confidence.CONTRADICTED


def test_a_part_of_a_symbol(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of an ITF, which reads as a shorter one, is outvoted by those who see all of it."""
    image = symbol("00012345678905", "ITF")
    [whole] = read_zxing(image)
    (left, top), (right, _), (_, bottom), _ = whole.quad
    short = left, top, (left + right) // 2, bottom
    quad = (short[0], top), (short[2], top), (short[2], bottom), (short[0], bottom)
    part = replace(whole, raw=b"0001234567", text="0001234567", quad=quad)
    monkeypatch.setattr(cascade, "read_zxing", lambda image, **_options: cut(image, part))

    def cut(view: Image.Image, first: Reading) -> list[Reading]:
        return [first] if view is image else read_zxing(view)

    [reading] = read_symbols(image)
    assert (reading.text, reading.confidence) == ("00012345678905", Confidence.AGREED)


def test_slow_and_senseless_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    """ZBar isn't asked about what it can't read, nor the slowest step where nothing is contested."""
    asked: list[str] = []

    def silent(name: str) -> Callable[[Image.Image, frozenset[Symbology]], list[Reading]]:
        def read(_image: Image.Image, _kinds: frozenset[Symbology]) -> list[Reading]:
            asked.append(name)
            return []

        return read

    steps = tuple(replace(step, read=silent(step.name)) for step in VOTES)
    monkeypatch.setattr(cascade, "VOTES", steps)
    [reading] = read_symbols(symbol(EAN, "EAN13"))
    assert reading.confidence is Confidence.SINGLE
    assert asked == ["low", "wide", "double", "zbar", "sharp"]
    asked.clear()
    read_symbols(symbol("A1B2", "Code39"))
    assert asked == ["low", "wide", "double", "sharp"]


def test_the_tables() -> None:
    """Within a table each step has its own name, which is how a scan tells it."""
    for table in (THOROUGH, VOTES):
        assert max(Counter(step.name for step in table).values()) == 1
