"""Read blurred EAN-13 and UPC-A symbols: the code whose drawing is most like the picture.

Where bars have run into one another no edge can be measured. Instead:

1. The picture is put upright (`scanners.orientation`) and cut into bands; each band's rows are
   averaged to one profile.
2. Every module width and every position is tried: each digit's seven modules, with the modules that
   are known to stand beside them, are correlated with the twenty digit patterns, and the guards
   with theirs; both ways round.
3. The best places are refined: both ends, a bend in between, and the blur.
4. The most likely codes with a right check digit are drawn whole, blurred alike, and fitted with a
   smooth gain and offset. What they leave unexplained decides.

A code counts only if it explains nearly all, the runner-up explains clearly less, and two bands of
the picture agree, or one explains it beyond doubt.

Digit patterns: ISO/IEC 15420; GS1 General Specifications section 5.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scanners.ean_drawing import CELLS, IS_B, MODULES, QUIET, SET_A, SET_B, drawn, modules_of
from scanners.engines import Reading
from scanners.orientation import directions_of
from scanners.scan import Symbology
from scanners.views import View

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    from scanners.scan import Quad

    Array = NDArray[Any]

__all__ = ["read_likely_ean"]

_WEIGHTS = (3, 1) * 6
_QUIET = 18
"""Modules of quiet zone that a picture holds at least in part, both sides together."""

_FLOOR = 0.12
"""Contrast, in shares of the band's own, below which correlation would be with noise."""
_COARSE, _FINE = 2, 4
"""Samples a module."""
_COARSE_BLUR = 0.7
_BLURS = (0.35, 0.6, 0.9, 1.2, 1.6)
"""Standard deviations tried, in modules."""
_WIDTH_STEP = 0.006
"""Half a module over the whole symbol."""
_NARROWEST = 0.9
"""Pixels a module."""
_WORTH_REFINING = 0.62
"""Mean correlation of a place; symbols that were read right had 0.64 and more."""
_PLACES = 5
_BANDS = 5
_ROWS = 20
"""Bands that a picture is cut into."""
_MAX_SIDE = 900

_EXPLAINED = 0.20
"""Largest share left unexplained; right readings had 0.02 to 0.17, wrong ones 0.08 to 0.4."""
_BEYOND_DOUBT = 0.12
_FIRST = 2
_HOPELESS = 0.3
"""Share that the first places leave unexplained where no other is worth trying; where a later one
was right, one of these had left 0.28 at most."""
_MARGIN = 1.25
"""How many times more the runner-up leaves unexplained; wrong readings had 1.0 to 1.48."""
_WIDE_MARGIN = 1.8


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a symbol may stand in one band."""

    score: float
    band: int
    start: float
    """Pixels from the band's left end, or from its right end where `reverse` is set."""
    module: float
    """Pixels."""
    reverse: bool


@dataclass(frozen=True, slots=True)
class _Fit:
    """What one place was read as."""

    code: str
    left: float
    """Share of the profile that the code leaves unexplained."""
    margin: float
    place: _Place


def read_likely_ean(image: Image.Image) -> list[Reading]:
    """The EAN-13 or UPC-A (13 digits, with a leading 0) in a grey picture, if certain."""
    view = View(image)
    longest = max(image.size)
    if longest > _MAX_SIDE:
        view = view.scaled(_MAX_SIDE / longest)
    for degrees in directions_of(view.image):
        upright = view.turned(degrees)
        cut = _bands(upright.image)
        if cut is None:
            continue
        bands, rows = cut
        places = _places(bands)
        fits: list[_Fit] = []
        for place in places:
            fits.append(_decode(bands[place.band], place))
            if len(fits) == _FIRST and min(fit.left for fit in fits) > _HOPELESS:
                break
        if good := _certain(fits):
            first = good[0]
            seen = [rows[fit.place.band] for fit in good]
            high = range(min(one.start for one in seen), max(one.stop for one in seen))
            quad = upright.origin(_corners(first.place, bands.shape[1], high))
            code = first.code
            return [Reading(code.encode(), code, Symbology.EAN_13, "]E0", "likelihood", quad)]
        if fits:
            break  # bars stand this way; the other direction is their ends or text
    return []


def _corners(place: _Place, width: int, rows: range) -> Quad:
    """Where the symbol's own corners lie, as far as the bands show its height."""
    near, far = place.start, place.start + MODULES * place.module
    top, bottom = rows.start, rows.stop
    if place.reverse:  # it stands on its head
        near, far, top, bottom = width - near, width - far, bottom, top
    left, right = round(near), round(far)
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _certain(fits: list[_Fit]) -> list[_Fit]:
    """The fits that agree on a code, where it is certain."""
    good = [fit for fit in fits if fit.left <= _EXPLAINED and fit.margin >= _MARGIN]
    if len({fit.code for fit in good}) != 1:
        return []
    sure = any(fit.left <= _BEYOND_DOUBT and fit.margin >= _WIDE_MARGIN for fit in good)
    agree = len({fit.place.band for fit in good}) > 1
    return good if sure or agree else []


def _bands(image: Image.Image) -> tuple[Array, list[range]] | None:
    """The bands with the most upright structure: averaged, with mean 0 and SD 1; their rows."""
    grey = np.asarray(image, np.float32)
    rows = max(3, grey.shape[0] // _ROWS)
    profiles, strengths = [], []
    for top in range(0, grey.shape[0] - rows + 1, rows):
        band = grey[top : top + rows]
        profile = band.mean(0)
        across = np.abs(np.diff(profile)).sum()
        strengths.append(float(across - np.abs(np.diff(band, axis=0)).mean(0).sum() / 2))
        profiles.append(profile)
    if not profiles or max(strengths) <= 100 or grey.shape[1] < MODULES:  # noqa: PLR2004 - grey levels
        return None
    best = np.argsort(strengths)[::-1][:_BANDS]
    taken = [range(number * rows, (number + 1) * rows) for number in best.tolist()]
    chosen = np.array(profiles)[best]
    centred = chosen - chosen.mean(1, keepdims=True)
    return np.asarray(centred / (chosen.std(1, keepdims=True) + 1e-6)), taken


def _unit(values: Array) -> Array:
    centred = values - values.mean()
    return np.asarray(centred / np.linalg.norm(centred))


def _patterns(blur: float, samples: int) -> Array:
    """Digits of set A, then B, with one module either side: columns of unit length."""
    columns = []
    for digit in (*SET_A, *SET_B):
        # A bar stands before each digit of the left half and a space after it; what stands beyond
        # those is not known, and taken for grey.
        modules = np.concatenate(([0.0] * 4, [-1.0], digit, [1.0], [0.0] * 4))
        columns.append(_unit(drawn(modules, blur, samples)[4 * samples : -4 * samples]))
    return np.array(columns, np.float32).T


def _guards() -> Array:
    texts = ("0001010", "1010101", "0101000")  # start, centre, end, each seven modules
    modules = (np.array([1.0 if bit == "0" else -1.0 for bit in text]) for text in texts)
    return np.array([_unit(drawn(one, _COARSE_BLUR, _COARSE)) for one in modules], np.float32).T


_COARSE_PATTERNS = _patterns(_COARSE_BLUR, _COARSE)
_COARSE_GUARDS = _guards()
_FINE_PATTERNS = {blur: _patterns(blur, _FINE) for blur in _BLURS}
_SIGNS = np.repeat([1.0, -1.0], 6)


def _correlated(windows: Array, patterns: Array) -> Array:
    centred = windows - windows.mean(-1, keepdims=True)
    length = np.sqrt((centred * centred).sum(-1, keepdims=True))
    return np.asarray((centred @ patterns) / (length + _FLOOR * np.sqrt(windows.shape[-1])))


def _places(bands: Array) -> list[_Place]:
    """Step 2: the best places of all widths, at most one for what is nearly the same place."""
    size = bands.shape[1]
    widest = size / (MODULES + 2)
    narrowest = max(_NARROWEST, size / 4 / (MODULES + _QUIET))
    if widest <= narrowest:
        return []
    found: list[_Place] = []
    for module in np.geomspace(
        narrowest, widest, max(2, int(np.log(widest / narrowest) / _WIDTH_STEP))
    ):
        found += _places_of_width(bands, float(module))
    found.sort(key=lambda place: -place.score)
    apart: list[_Place] = []
    for place in found:
        if len(apart) == _PLACES:
            break
        if not any(_same(place, other) for other in apart):
            apart.append(place)
    return apart


def _same(one: _Place, other: _Place) -> bool:
    near = 2 * other.module
    end = one.start + MODULES * one.module - other.start - MODULES * other.module
    return (
        one.band == other.band
        and one.reverse == other.reverse
        and abs(one.start - other.start) <= near
        and abs(end) <= near
    )


def _places_of_width(bands: Array, module: float) -> list[_Place]:
    size = bands.shape[1]
    count = int(size / module * _COARSE)
    at = (np.arange(count) + 0.5) * module / _COARSE - 0.5
    left = np.clip(np.floor(at).astype(int), 0, size - 2)
    part = (at - left).astype(np.float32)
    line = bands[:, left] * (1 - part) + bands[:, left + 1] * part
    offsets = (CELLS - 1) * _COARSE
    first, last = 3 * _COARSE, min(count - 9 * _COARSE - offsets[-1], count - 98 * _COARSE) + 1
    if last <= first:
        return []
    likeness = _along(line, _COARSE_PATTERNS)
    guards = _along(line, _COARSE_GUARDS)
    a, b = likeness[:10], likeness[10:]
    # Set C looks like A with light and dark exchanged. Read backwards, C is B, and A and B stand on
    # the right with light and dark exchanged.
    a_most, b_most, a_least, b_least = a.max(0), b.max(0), a.min(0), b.min(0)
    forward = np.maximum(a_most, b_most), -a_least
    backward = b_most, -np.minimum(a_least, b_least)
    here = slice(first, last)
    guard = sum(
        guards[number, :, here.start + at * _COARSE : here.stop + at * _COARSE]
        for number, at in enumerate((-3, 44, 91))
    )
    places = []
    for reverse, (before, after) in ((False, forward), (True, backward)):
        score = np.array(guard)
        for number, offset in enumerate(offsets):
            score += (before if number < 6 else after)[:, first + offset : last + offset]  # noqa: PLR2004 - halves
        score /= 15
        best = score.argmax(1)
        scores = score[np.arange(len(score)), best]
        for band in np.flatnonzero(scores >= _WORTH_REFINING):
            start = float(first + best[band]) * module / _COARSE
            if reverse:
                start = size - start - MODULES * module
            places.append(_Place(float(scores[band]), int(band), start, module, reverse))
    return places


def _along(line: Array, patterns: Array) -> Array:
    """Each pattern's correlation with each window of each band: patterns x bands x places."""
    # The same as `_correlated`, laid out for speed: the patterns' mean is 0, so that the windows'
    # own may stay, and sums of windows are differences of running sums.
    size = len(patterns)
    bands, count = line.shape[0], line.shape[1] - size + 1
    windows = np.empty((size, bands, count), np.float32)
    for number in range(size):
        windows[number] = line[:, number : number + count]
    products = (patterns.T @ windows.reshape(size, -1)).reshape(-1, bands, count)
    sums = np.zeros((2, bands, line.shape[1] + 1))
    np.cumsum(line, 1, out=sums[0, :, 1:])
    np.cumsum(line * line, 1, out=sums[1, :, 1:])
    total, squares = sums[:, :, size:] - sums[:, :, :-size]
    length = np.sqrt(np.maximum(squares - total * total / size, 0))
    products /= (length + _FLOOR * np.sqrt(size)).astype(np.float32)
    return np.asarray(products)


_FROM, _TO = -QUIET, MODULES + QUIET
"""Modules that are looked at in the end, from the start guard's first."""
_AT = (np.arange((_TO - _FROM) * _FINE) + 0.5) / _FINE + _FROM
_WINDOWS = ((CELLS - 1 - _FROM) * _FINE)[:, None] + np.arange(9 * _FINE)
_INSIDE = (_AT > -1) & (_AT < MODULES + 1)
_SMOOTH = np.stack([(_AT[_INSIDE] / MODULES * 2 - 1) ** power for power in range(5)], 1)


def _sampled(profile: Array, starts: Array, ends: Array, bends: Array) -> Array:
    share = _AT / MODULES
    at = (
        starts[:, None]
        + (ends - starts)[:, None] * share
        + bends[:, None] * 4 * share * (1 - share)
        - 0.5
    )
    at = np.clip(at, 0, len(profile) - 1.001)
    left = at.astype(int)
    part = at - left
    return np.asarray(profile[left] * (1 - part) + profile[left + 1] * part)


def _refined(profile: Array, start: float, module: float) -> tuple[Array, Array]:
    """Step 3: the samples along the best course, and their likeness to each digit (12 x 20)."""
    end, bend = start + MODULES * module, 0.0
    blurs: tuple[float, ...] = _BLURS
    chosen = _BLURS[0]
    best: tuple[float, Array, Array] | None = None
    course = (start, end, bend)
    for step in (None, 0.25, 0.125):
        ends = np.array([-0.8, -0.4, 0, 0.4, 0.8] if step is None else [-step, 0, step]) * module
        bends = np.array([-1.2, -0.6, 0, 0.6, 1.2] if step is None else [-step, 0, step]) * module
        grid = np.meshgrid(course[0] + ends, course[1] + ends, course[2] + bends, indexing="ij")
        starts, stops, bent = (one.ravel() for one in grid)
        lines = _sampled(profile, starts, stops, bent)
        windows = lines[:, _WINDOWS]
        for blur in blurs:
            likeness = _correlated(windows, _FINE_PATTERNS[blur]) * _SIGNS[None, :, None]
            score = likeness[:, :6].max(-1).sum(-1) + likeness[:, 6:, :10].max(-1).sum(-1)
            top = int(score.argmax())
            if best is None or score[top] > best[0]:
                best = float(score[top]), lines[top], likeness[top]
                course = float(starts[top]), float(stops[top]), float(bent[top])
                chosen = blur
        blurs = (chosen,)
    assert best is not None  # noqa: S101 - for the type checkers: three rounds have run
    return best[1], best[2]


def _likely(likeness: Array) -> list[str]:
    """Step 4: the likeliest codes with a right check digit, best first."""
    found: list[tuple[float, str]] = []
    rows = [
        np.vstack((np.where(one[:, None], likeness[:6, 10:], likeness[:6, :10]), likeness[6:, :10]))
        for one in IS_B
    ]
    for first in sorted(range(10), key=lambda digit: -rows[digit].max(1).sum())[:4]:
        kept: list[list[tuple[float, str]]] = [[] for _ in range(10)]
        kept[first].append((0.0, str(first)))
        for row, weight in zip(rows[first], _WEIGHTS, strict=True):
            grown: list[list[tuple[float, str]]] = [[] for _ in range(10)]
            digits = [(int(digit), float(row[digit])) for digit in np.argsort(-row)[:5]]
            for total, codes in enumerate(kept):
                for score, code in codes:
                    for digit, more in digits:
                        grown[(total + digit * weight) % 10].append(
                            (score + more, f"{code}{digit}")
                        )
            kept = [sorted(codes, reverse=True)[:3] for codes in grown]
        found += kept[0]
    return [code for _, code in sorted(found, reverse=True)[:10]]


def _decode(profile: Array, place: _Place) -> _Fit:
    line, likeness = _refined(
        profile[::-1] if place.reverse else profile, place.start, place.module
    )
    seen = line[_INSIDE]
    plain = np.linalg.lstsq(_SMOOTH, seen, rcond=None)[0]
    all_of_it = float(((seen - _SMOOTH @ plain) ** 2).sum()) + 1e-9
    codes = _likely(likeness)
    whole = [modules_of(code) for code in codes]
    best = (np.inf, np.inf, "")
    for blur in _BLURS:
        left = []
        for modules in whole:
            shape = drawn(modules, blur, _FINE)[_INSIDE]
            parts = np.hstack((_SMOOTH, _SMOOTH * shape[:, None]))
            fitted = np.linalg.lstsq(parts, seen, rcond=None)[0]
            left.append(float(((seen - parts @ fitted) ** 2).sum()) / all_of_it)
        order = np.argsort(left)
        best = min(best, (left[order[0]], left[order[1]], codes[order[0]]))
    return _Fit(best[2], best[0], best[1] / (best[0] + 1e-9), place)
