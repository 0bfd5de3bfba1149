"""Read every symbol in a grey picture: the cheap steps first, the thorough ones where they fail.

1. ``fast``: the picture as it stands.
2. ``every way``: turned by 90 degrees, shrunk, light on dark as well. Left out where step 1 read
   something and nothing else in the picture looks like a symbol (`scanners.leftover`).
3. ``piece by piece``: of a large picture each part that may hold another symbol, alone.
4. What has one check digit at most is looked at again, in its place alone, by the steps of `VOTES`
   until they agree (`scanners.voting`).
5. Where nothing was read, the steps of `THOROUGH` follow, in an order that puts what reads most a
   millisecond first. Nothing of one check digit counts there by one step alone, but for
   ``likelihood``, which measures how sure it is.

Each step was measured on 1,199 photographed symbols and reads some that no other does; without it
fewer are read or agreed on. The thorough part is bounded by seconds of the processor, and looks at
large pictures shrunk to `_THOROUGH_PIXELS`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from scanners.engines import Reading, read_zbar, read_zxing
from scanners.leftover import more_to_read, pieces
from scanners.likelihood import read_likely_ean
from scanners.orientation import directions_of
from scanners.scan import RETAIL, WEAK, Confidence
from scanners.views import View
from scanners.voting import LOOSE_SHARE, Ballot, ballots_of, cast, same_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from scanners.scan import Symbology

__all__ = ["THOROUGH", "THOROUGH_SECONDS", "VOTES", "Step", "read_symbols"]

THOROUGH_SECONDS = 3.0
"""Of the processor, for the thorough part and the votes of one picture; a step that has begun is
finished."""

_EVERY_WAY_PIXELS = 25_000_000
"""Pixels that the second step looks at; some 3 s where all of them are noise."""
_MANY_PIXELS = 500_000
"""Pixels beyond which a picture is looked at piece by piece as well."""
_THOROUGH_PIXELS = 2_000_000
"""Pixels that the thorough steps look at."""
_ENLARGED_PIXELS = 9_000_000
"""Pixels to which a view is enlarged at most."""
_AROUND, _FAR_AROUND = 0.2, 2.0
"""Share of a symbol's longer side that is looked at around it; the latter for symbologies of any
length, of which a part may have been read."""


class _Looks:
    """The views of one picture, each made once."""

    def __init__(self, whole: View) -> None:
        self.whole = _bounded(whole, _THOROUGH_PIXELS)

    @cached_property
    def upright(self) -> View:
        """Turned so that its bars or modules stand upright."""
        directions = directions_of(self.whole.image, 1)
        return self.whole.turned(directions[0]) if directions else self.whole

    @cached_property
    def double(self) -> View:
        return _enlarged(self.whole)

    @cached_property
    def upright_double_flat(self) -> View:
        return _enlarged(self.upright).flattened()


@dataclass(frozen=True, slots=True)
class Step:
    """One way to look at a picture, and who reads what is seen."""

    name: str
    look: Callable[[_Looks], View]
    read: Callable[[Image, frozenset[Symbology]], list[Reading]]
    """Given the symbologies that are asked for, all where there are none."""
    voter: str = ""
    """Steps of one voter have one vote; the name where it is empty."""
    weight: int = 1
    reads: frozenset[Symbology] = frozenset()
    """All that it can read of what needs votes; everything where it is empty."""
    settles: bool = False
    """Whether it is asked for a vote only where values contradict each other: it is slow."""

    def readings(self, looks: _Looks, kinds: frozenset[Symbology] = frozenset()) -> list[Reading]:
        """What the step reads, with corners in the picture's own pixels."""
        view = self.look(looks)
        return [
            replace(one, step=self.name, quad=view.origin(one.quad))
            for one in self.read(view.image, kinds)
            if not kinds or one.symbology in kinds
        ]


def _zxing(image: Image, kinds: frozenset[Symbology]) -> list[Reading]:
    return read_zxing(image, kinds=kinds)


def _zbar(image: Image, _kinds: frozenset[Symbology]) -> list[Reading]:
    return read_zbar(image)


def _likelihood(image: Image, _kinds: frozenset[Symbology]) -> list[Reading]:
    return read_likely_ean(image)


_DOUBLE = Step("double", lambda looks: looks.double, _zxing)
_SHARP = Step("sharp", lambda looks: looks.whole.sharpened(), _zxing)
_ZBAR = Step("zbar", lambda looks: looks.whole, _zbar, voter="zbar", reads=RETAIL)
# Bands of the picture have agreed, or one has left no doubt: it counts as two.
_LIKELIHOOD = Step("likelihood", lambda looks: looks.whole, _likelihood, weight=2, reads=RETAIL)

VOTES = (
    Step("low", lambda looks: looks.whole.scaled(1, 0.25).scaled(2), _zxing),
    Step("wide", lambda looks: looks.whole.scaled(3, 1), _zxing),
    # Before ZBar, which shares a mistake with the first step where neither of those reads anything.
    _DOUBLE,
    _ZBAR,
    _SHARP,
    replace(_LIKELIHOOD, settles=True),
)
"""Asked in turn about a reading that needs a second vote."""

THOROUGH = (
    Step("zbar flat", lambda looks: looks.whole.flattened(), _zbar, voter="zbar"),
    Step("upright flat", lambda looks: looks.upright.flattened(), _zxing),
    _SHARP,
    _ZBAR,
    Step("upright double flat", lambda looks: looks.upright_double_flat, _zxing),
    Step("upright sharp", lambda looks: looks.upright_double_flat.sharpened(4), _zxing),
    _DOUBLE,
    _LIKELIHOOD,
)
"""Taken in turn where nothing was read."""


def read_symbols(image: Image, *, seconds: float = THOROUGH_SECONDS) -> list[Reading]:
    """Read every symbol in a grey picture (mode ``L``), top to bottom, left to right.

    Args:
        image: The picture.
        seconds: Of the processor, for what follows the first three steps; 0 for these alone.
    """
    whole = View(image)
    found = _first(whole)
    until = time.thread_time() + seconds
    sure = [_corrected(one) for one in found if one.symbology not in WEAK]
    ballots = ballots_of((one for one in found if one.symbology in WEAK), "first")
    for ballot in ballots:
        _ask(ballot, whole, until)
    readings = sure + [ballot.result() for ballot in ballots if ballot.counts]
    if not readings:
        readings = _thorough(_Looks(whole), until)
    return sorted(readings, key=lambda reading: (reading.quad[0][1], reading.quad[0][0]))


def _corrected(reading: Reading) -> Reading:
    return replace(reading, confidence=Confidence.CORRECTED)


def _first(whole: View) -> list[Reading]:
    """Steps 1 to 3."""
    found = [replace(one, step="fast") for one in read_zxing(whole.image, fast=True)]
    if found and not more_to_read(whole.image, (one.quad for one in found)):
        return found
    _read_also(found, _bounded(whole, _EVERY_WAY_PIXELS), "every way")
    if whole.pixels > _MANY_PIXELS:
        for box in pieces(whole.image, [one.quad for one in found]):
            _read_also(found, _bounded(whole.cropped(*box), _EVERY_WAY_PIXELS), "piece by piece")
    return found


def _read_also(found: list[Reading], view: View, step: str) -> None:
    """Add what is seen in the view and was not found yet."""
    for one in read_zxing(view.image):
        quad = view.origin(one.quad)
        if not any(one.raw == had.raw and same_place(quad, had.quad, LOOSE_SHARE) for had in found):
            found.append(replace(one, step=step, quad=quad))


def _ask(ballot: Ballot, whole: View, until: float) -> None:
    """Step 4, for one place."""
    xs, ys = zip(*ballot.quad, strict=True)
    share = _AROUND if ballot.family is RETAIL else _FAR_AROUND
    around = round(share * max(max(xs) - min(xs), max(ys) - min(ys))) + 8
    looks = _Looks(
        whole.cropped(min(xs) - around, min(ys) - around, max(xs) + around, max(ys) + around)
    )
    for step in VOTES:
        if ballot.decided or time.thread_time() >= until:
            return
        if step.settles and not ballot.contested:
            continue
        if step.reads and not step.reads & ballot.family:
            continue
        for one in step.readings(looks, ballot.family):
            if same_place(one.quad, ballot.quad):
                ballot.add(one, step.voter or step.name, step.weight)


def _thorough(looks: _Looks, until: float) -> list[Reading]:
    """Step 5: what the first step that is sure of something has read, with all votes until then."""
    ballots: list[Ballot] = []
    for step in THOROUGH:
        if time.thread_time() >= until:
            break
        sure = []
        for one in step.readings(looks):
            if one.symbology in WEAK:
                cast(ballots, one, step.voter or step.name, step.weight)
            else:
                sure.append(_corrected(one))
        decided = [ballot.result() for ballot in ballots if ballot.decided]
        if sure or decided:
            return sure + decided
    results = [ballot.result() for ballot in ballots]
    return [one for one in results if one.confidence is Confidence.CONTRADICTED]


def _bounded(view: View, pixels: int) -> View:
    return view if view.pixels <= pixels else view.scaled((pixels / view.pixels) ** 0.5)


def _enlarged(view: View) -> View:
    return view.scaled(min(2.0, (_ENLARGED_PIXELS / view.pixels) ** 0.5))
