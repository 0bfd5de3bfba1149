"""Agreement over steps: what several readings of one place in a picture are worth together.

A symbol with error correction, or with check characters over all of it, vouches for itself. EAN
and UPC have one check digit, and one misread in ten passes that; ITF, Code 39 and Codabar may have
none. There, steps that look differently are asked, and each has a vote:

* A value is agreed on when two votes are for it, and two more than for any other in its place.
* Otherwise values contradict each other, or there is a single vote.

ZBar has one vote, however often it is asked: it makes the same mistake again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scanners.scan import RETAIL, Confidence, Symbology

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanners.engines import Reading
    from scanners.scan import Quad

__all__ = ["LEAST_SHARE", "LOOSE_SHARE", "Ballot", "ballots_of", "cast", "same_place"]

_LEAD = 2
"""Votes for a value, and votes more than for any other."""
_GTIN_13 = 13
LEAST_SHARE = 0.3
"""Height of a symbol as a share of its width, where values contradict each other."""
LOOSE_SHARE = 0.8
"""The same where steps read the same value."""


@dataclass(slots=True)
class _Candidate:
    reading: Reading
    """The first that gave the value."""
    votes: dict[str, int]


@dataclass(slots=True)
class Ballot:
    """The votes on one place of the picture."""

    quad: Quad
    _candidates: dict[str, _Candidate] = field(default_factory=dict)

    def add(self, reading: Reading, voter: str, weight: int = 1) -> None:
        """Count one step's reading; the same voter counts once for a value."""
        value = _value(reading)
        candidate = self._candidates.setdefault(value, _Candidate(reading, {}))
        candidate.votes[voter] = weight

    @property
    def decided(self) -> bool:
        """Whether one value has the votes."""
        first, second = self._leading()
        return first >= _LEAD and first - second >= _LEAD

    @property
    def counts(self) -> bool:
        """Whether there is anything to tell: a single reading as UPC-E is none.

        UPC-E has no guard in its middle and is "found" in parts of other symbols.
        """
        return not self.only_upc_e or self.result().confidence is not Confidence.SINGLE

    @property
    def family(self) -> frozenset[Symbology]:
        """The symbologies that the candidates may be mistaken for."""
        symbology = next(iter(self._candidates.values())).reading.symbology
        return RETAIL if symbology in RETAIL else frozenset((symbology,))

    @property
    def contested(self) -> bool:
        """Whether several values were read here."""
        return len(self._candidates) > 1

    @property
    def only_upc_e(self) -> bool:
        """Whether nothing but UPC-E was read here."""
        kinds = {one.reading.symbology for one in self._candidates.values()}
        return kinds == {Symbology.UPC_E}

    def result(self) -> Reading:
        """The leading value's reading, with the confidence that the votes give."""
        ranked = sorted(self._candidates.values(), key=lambda one: -sum(one.votes.values()))
        if self.decided:
            confidence = Confidence.AGREED
        elif self.contested:
            confidence = Confidence.CONTRADICTED
        else:
            confidence = Confidence.SINGLE
        return replace(ranked[0].reading, confidence=confidence)

    def _leading(self) -> tuple[int, int]:
        first, second, *_ = sorted(
            (0, 0, *(sum(one.votes.values()) for one in self._candidates.values())), reverse=True
        )
        return first, second


def ballots_of(readings: Iterable[Reading], voter: str) -> list[Ballot]:
    """One ballot for each place, with the readings as its first votes.

    UPC-E counts only where no other EAN or UPC was read in its place.
    """
    ballots: list[Ballot] = []
    for reading in sorted(readings, key=lambda one: one.symbology is Symbology.UPC_E):
        if reading.symbology is Symbology.UPC_E and any(
            same_place(reading.quad, other.quad) and not other.only_upc_e for other in ballots
        ):
            continue
        cast(ballots, reading, voter)
    return ballots


def cast(ballots: list[Ballot], reading: Reading, voter: str, weight: int = 1) -> None:
    """Add a vote to the ballot of its place, or to a new one."""
    for ballot in ballots:
        if same_place(ballot.quad, reading.quad) and reading.symbology in ballot.family:
            ballot.add(reading, voter, weight)
            return
    ballot = Ballot(reading.quad)
    ballot.add(reading, voter, weight)
    ballots.append(ballot)


def same_place(one: Quad, other: Quad, share: float = LEAST_SHARE) -> bool:
    """Tell whether the middle of one symbol lies within the other.

    Engines tell a bar code's place by the lines they read, which may be few: a symbol is taken to
    be at least as high as that share of its width, and the other way round.
    """
    return _inside(one, other, share) or _inside(other, one, share)


def _inside(inner: Quad, outer: Quad, share: float) -> bool:
    xs, ys = zip(*outer, strict=True)
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    wide = max(width, height * share, 1) / 2
    high = max(height, width * share, 1) / 2
    x, y = (sum(side) / 4 for side in zip(*inner, strict=True))
    return abs(x - (min(xs) + max(xs)) / 2) <= wide and abs(y - (min(ys) + max(ys)) / 2) <= high


def _value(reading: Reading) -> str:
    # Engines tell a UPC-A with and without the leading 0 of its GTIN-13.
    return reading.text.zfill(_GTIN_13) if reading.symbology in RETAIL else reading.text
