"""Find where the separators of an element string stood when a scanner has swallowed them.

A value of open length ends at a separator (GS, for FNC1). Without it the next application
identifier (AI) looks like more of the value: ``10ABC17270228`` is lot ``ABC17270228``, or lot
``ABC`` with the expiry date 270228. Nothing in the text tells, so that every answer is a guess.

Rules kept (GS1 General Specifications, section 7.8):

* What is proposed satisfies every check of every value, and every relation between its AIs.
* Before a separator stands a value of open length and behind it an AI, each AI once.
* Proposals are ordered by what has to be believed: a date or a check digit that holds counts for
  more than an AI that any digits can be; the fewer separators the better.
* Texts are looked at up to 256 characters, and at most 5 proposals are made, from at most 12 ways
  to read the rest of the text that are kept at each character: the time is bounded.

Standard: https://ref.gs1.org/standards/genspecs/

>>> propose("010950600013435210ABC1727022821XYZ")[0].ais
('17',)
"""

from __future__ import annotations

from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from identifiers.errors import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.elements import SEPARATOR, parse_element_string
from identifiers.gs1.recognition import is_recognised

__all__ = ["LONGEST", "Proposal", "propose"]

LONGEST = 256
"""Characters of the longest text that is looked at; labels have fewer than 150."""
_KEPT = 12  # ways to read the rest that are kept at each character
_PROPOSED = 5

_CHECKED = {"csum", "csumalpha", "yymmdd", "yymmd0", "yymmddhh"}
_USUAL = {"10", "21"}
_COMMON = {"30", "37", "22", "240", "241", "250", "400", "91", "92", "93", "8008"}
_COSTS = (1, 2, 4, 7)  # an AI whose value is checked, a usual one, a common one, any other
_SHORT = 2  # characters of a value that is rather a cut-off one
_SHORT_COST = 3
_TAIL = (
    4  # characters of AIs 91 and 93 in the codes of Chestny ZNAK, whose tail is 91 and 92, or 93
)


class Proposal(NamedTuple):
    """One way to put separators back."""

    cost: int
    """How much has to be believed; the least comes first."""
    positions: tuple[int, ...]
    """Indexes in the text before which a separator goes in, in ascending order."""
    ais: tuple[str, ...]
    """The AIs that begin there."""
    all_ais: tuple[str, ...]
    """All AIs from the point on that the proposal is about."""
    first_cost: int
    """What the first of all AIs costs if the separator before it is lost."""

    @property
    def is_common(self) -> bool:
        """Whether no AI that begins behind a lost separator is a rare one."""
        return all(_cost(ai) < _COSTS[-1] for ai in self.ais)

    @property
    def is_usual(self) -> bool:
        """Whether all AIs behind the first separator are those that labels usually have."""
        behind = self.all_ais[self.all_ais.index(self.ais[0]) :] if self.ais else ()
        return all(_cost(ai) <= _COSTS[1] for ai in behind)


_END = Proposal(0, (), (), (), 0)


def _cost(ai: str) -> int:
    parts = aitable.entry(ai).components
    if any(check in _CHECKED for part in parts for check in part.checks):
        return _COSTS[0]
    return _COSTS[1 if ai in _USUAL else 2 if ai in _COMMON else 3]


def _cost_before(ai: str, length: int, following: tuple[str, ...]) -> int:
    """Tell what an AI costs whose value has a length, and which is followed by others."""
    if length == _TAIL and ((ai == "91" and following[:1] == ("92",)) or (ai == "93")):
        return _COSTS[0]
    return _cost(ai)


def _entry_at(text: str, position: int) -> aitable.Entry | None:
    try:
        return aitable.at(text, position)
    except IdentifierError:
        return None


def _readings_at(text: str, start: int, known: list[list[Proposal]]) -> list[Proposal]:
    """Give the ways to read a text from an AI on, when those from every later AI are known."""
    entry = _entry_at(text, start)
    if entry is None:
        return []
    ai = entry.ai
    first = start + len(ai)
    separator = text.find(SEPARATOR, first)
    last = min(len(text) if separator < 0 else separator, first + entry.longest)
    found: list[Proposal] = []
    for end in range(last, first + entry.shortest - 1, -1):
        # An end without a continuation is met far more often than a value that is wrong.
        ended = end == len(text) or text[end] == SEPARATOR
        rest = known[min(end + 1, len(text)) if ended else end]
        if not rest or not is_recognised(ai, text[first:end]):
            continue
        lost = not ended and not entry.fixed
        extra = _SHORT_COST if lost and end - first < _SHORT else 0
        for reading in rest:
            if ai in reading.all_ais:
                continue
            ais, positions, cost = reading.ais, reading.positions, reading.cost
            own = _cost_before(ai, end - first, reading.all_ais)
            if lost:
                ais, positions = (reading.all_ais[0], *ais), (end, *positions)
                # The two parts of a tail are believed together.
                tail = ai == "91" and own == _COSTS[0]
                cost += extra + (0 if tail else reading.first_cost)
            found.append(Proposal(cost, positions, ais, (ai, *reading.all_ais), own))
    found.sort(key=attrgetter("cost"))
    return found[:_KEPT]


def propose(text: str) -> tuple[Proposal, ...]:
    """Propose where separators stood (GS1 General Specifications, section 7.8).

    Args:
        text: An element string without symbology identifier and leading separator, in which
            separators may be missing.

    Returns:
        At most 5 proposals, the likeliest first, each of which puts in at least one separator and
        gives a valid message; none for a text longer than 256 characters.
    """
    if len(text) > LONGEST or _entry_at(text, 0) is None:
        return ()
    known: list[list[Proposal]] = [[] for _ in text] + [[_END]]
    for start in range(len(text) - 1, -1, -1):
        known[start] = _readings_at(text, start, known)
    return tuple(reading for reading in known[0] if reading.positions and _holds(text, reading))[
        :_PROPOSED
    ]


def _holds(text: str, reading: Proposal) -> bool:
    ends = (0, *reading.positions, len(text))
    pieces = [text[start:end] for start, end in pairwise(ends)]
    try:
        parse_element_string(SEPARATOR.join(pieces))
    except IdentifierError:
        return False
    return True
