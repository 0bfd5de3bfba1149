"""How big a world is and when each of its waves begins: decided before anything happens.

Rules kept:

* A wave is one campaign: its suppliers' lots become bicycles, which are sold, repaired and come
  back, over `DURATION`. Waves begin at equal distances, so that as many are open at one time
  whatever came before: what is open is all that a generator has to remember.
* A week lies between two waves. More than `_HORIZON` holds no plan of weeks; then they follow each
  other sooner, as in a bigger plant.
* Waves that are open together never share what is used again and again (racks, swap bodies,
  instruments): each wave has the ones of its line.
* Three waves in a row are a trio: they use up one lot of varnish.
* Everything follows from the number of items and the seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random

__all__ = ["DAY", "DURATION", "MOST_BIKES", "MOST_ITEMS", "START", "TRIO", "Plan", "Wave"]

START = datetime(2015, 1, 5, tzinfo=timezone(timedelta(hours=8)))
"""Midnight of the first day, China standard time: all is in the past."""
DAY = 24 * 60
"""Minutes."""
DURATION = 90 * DAY
"""Minutes from the first lot of a wave to its last repair."""
MOST_ITEMS = 10_000_000
FEWEST_BIKES, MOST_BIKES = 6, 40
TRIO = 3

_HORIZON = 3600 * DAY
_APART = 7 * DAY
_USUAL = range(24, MOST_BIKES + 1)
"""Bicycles of a wave."""
_EACH, _BESIDES, _OPENING = 7.86, 27.5, 9
"""Items for each bicycle of a wave, besides, and of a line's first wave: what the plan reckons."""


@dataclass(frozen=True, slots=True)
class Wave:
    """One campaign."""

    number: int
    start: int
    """Minutes after `START`."""
    bikes: int
    line: int
    """Whose racks and instruments it uses."""
    opens_line: bool
    """Whether it is the first to use them."""

    @property
    def opens_trio(self) -> bool:
        """Whether it is the first of three that share a lot of varnish."""
        return self.number % TRIO == 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The waves of a world of about so many items.

    Raises:
        ValueError: Less than one item, or more than `MOST_ITEMS`.
    """

    items: int
    seed: int

    def __post_init__(self) -> None:
        if not 1 <= self.items <= MOST_ITEMS:
            raise ValueError(f"Expected 1 to {MOST_ITEMS} items, got {self.items}.")

    @property
    def apart(self) -> int:
        """Minutes from the beginning of a wave to that of the next."""
        usual = _BESIDES + _EACH * (_USUAL[0] + _USUAL[-1]) / 2
        return min(_APART, int(_HORIZON / (self.items / usual + 1)))

    @property
    def lines(self) -> int:
        """Waves that are open at one time, at most."""
        return DURATION // self.apart + 1

    def waves(self) -> Iterator[Wave]:
        """Yield the waves in the order in which they begin; the last one makes what is missing."""
        random = Random(f"{self.seed}/plan")
        apart, lines = self.apart, self.lines
        missing = float(self.items)
        number = 0
        while True:
            besides = _BESIDES + _OPENING * (number < lines)
            smallest = besides + _EACH * FEWEST_BIKES
            bikes = random.choice(_USUAL)
            if missing - besides - _EACH * bikes < smallest:
                # Not enough for another wave: all in this one, or as much as leaves one behind.
                exact = round((missing - besides) / _EACH)
                left = round((missing - besides - smallest) / _EACH)
                bikes = max(FEWEST_BIKES, exact if exact <= MOST_BIKES else left)
            yield Wave(number, number * apart, bikes, number % lines, number < lines)
            missing -= besides + _EACH * bikes
            number += 1
            if missing < smallest / 2:
                return

    def trio(self, number: int) -> list[Wave]:
        """List the waves of one trio, which may be less than three at the end."""
        found: list[Wave] = []
        for wave in self.waves():
            if wave.number // TRIO > number:
                break
            if wave.number // TRIO == number:
                found.append(wave)
        return found
