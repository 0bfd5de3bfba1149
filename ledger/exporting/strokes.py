"""The strokes of a drawing: lines of each kind, text, and the legend that explains them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.exporting.curves import number
from ledger.exporting.naming import width_of
from ledger.exporting.readable import readable
from ledger.exporting.words import word
from ledger.state import ANNOUNCED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.exporting.graph import Graph
    from ledger.problems import Language

__all__ = [
    "BOLD",
    "INK",
    "LETTER",
    "MARKS",
    "PALE",
    "PAPER",
    "SHADE",
    "Mark",
    "escaped",
    "legend",
    "line_of",
    "marker_of",
    "markers",
    "words",
]

INK: Final = "#1b1f24"
PALE: Final = "#57606a"
"""Of lesser text; 6:1 on white (WCAG 2.2 asks for 4.5:1)."""
PAPER: Final = "#ffffff"
SHADE: Final = "#fff3bf"
"""Behind the item that was asked about."""
LETTER: Final = 0.62
"""Width of a letter in parts of its height, in the widest of the fonts that are likely."""
BOLD: Final = 0.7
"""Of a bold one."""

_LINES: Final = {
    "transformed": ("#0b5cad", "none"),
    "part_of_lot": ("#6b4fa3", "1.5 4"),
    "installed": ("#1a7f37", "8 4"),
    "packed": ("#9a5b00", "12 4 2 4"),
    "measured": ("#8a1c5b", "2 3 8 3"),
}
_OTHER: Final = ("#57606a", "4 3")
_SIZE: Final = 12.0  # of the legend's text
_SAMPLE: Final = 44.0  # of a line
_ROOM: Final = 24.0  # between two entries


@dataclass(frozen=True, slots=True)
class Mark:
    """How a status is told apart, without colour as well."""

    sign: str
    """In the corner of the box."""
    colour: str
    thick: float
    """Of the edge."""
    style: str = ""
    """Of the edge, as an attribute."""


MARKS: Final = {
    "recalled": Mark("!", "#b42318", 3.0),
    ANNOUNCED: Mark("?", PALE, 1.4, ' stroke-dasharray="1.5 3"'),
}
"""By status."""


def line_of(kind: str) -> tuple[str, str]:
    """Colour and dashes of a kind of link."""
    return _LINES.get(kind, _OTHER)


def marker_of(kind: str) -> str:
    """The name of the head of a kind's arrows; no text from outside gets into it."""
    return f"arrow-{kind}" if kind in _LINES else "arrow-other"


def markers(kinds: Iterable[str]) -> Iterator[str]:
    """Yield the definitions of the heads of arrows."""
    yield "<defs>\n"
    for kind in kinds:
        yield (
            f'<marker id="{marker_of(kind)}" viewBox="0 0 8 8" refX="7.5" refY="4"'
            ' markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
            f'<path d="M0 0.5L8 4L0 7.5Z" fill="{line_of(kind)[0]}"/></marker>\n'
        )
    yield "</defs>\n"


def escaped(text: str) -> str:
    """A text as the content of an element (XML 1.0 section 2.4)."""
    return readable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def words(
    left: float, base: float, text: str, *, size: float = 12, fill: str = INK, weight: int = 400
) -> str:
    """A line of text that stands on `base`."""
    return (
        f'<text x="{number(left)}" y="{number(base)}" font-size="{number(size)}" fill="{fill}"'
        f' font-weight="{weight}">{escaped(text)}</text>\n'
    )


def legend(
    graph: Graph, kinds: Iterable[str], corner: tuple[float, float], language: Language
) -> Iterator[str]:
    """Yield what the lines and boxes mean, of those that the drawing has."""
    start, top = corner
    yield '<g id="legend">\n'
    left = start
    for kind in kinds:
        colour, dashes = line_of(kind)
        said = word(kind, language)
        yield (
            f'<path d="M{number(left)} {number(top)}h{number(_SAMPLE)}" fill="none"'
            f' stroke="{colour}" stroke-width="1.6" stroke-dasharray="{dashes}"'
            f' marker-end="url(#{marker_of(kind)})"/>\n'
        )
        yield words(left + _SAMPLE + 8, top + 4, said)
        left += _SAMPLE + 8 + width_of(said) * _SIZE * LETTER + _ROOM
    left, top = start, top + 28
    if any(box.container for box in graph.boxes):
        style = f'rx="7" stroke="{line_of("packed")[0]}" stroke-dasharray="5 3"'
        said = word("container box", language)
        yield _sample(left, top, style)
        yield words(left + _SAMPLE, top + 4, said)
        left += _SAMPLE + width_of(said) * _SIZE * LETTER + _ROOM
    if graph.shared:
        style = f'rx="2" stroke="{INK}"'
        said = word("group box", language)
        yield _sample(left + 4, top + 4, style) + _sample(left, top, style)
        yield words(left + _SAMPLE, top + 4, said)
        left += _SAMPLE + width_of(said) * _SIZE * LETTER + _ROOM
    for status, mark in MARKS.items():
        if any(box.status == status for box in graph.boxes):
            edge = f'rx="2" stroke="{mark.colour}" stroke-width="{mark.thick}"{mark.style}'
            said = word(status, language)
            yield _sample(left, top, edge)
            yield words(left + 12, top + 4, mark.sign, fill=mark.colour, weight=700)
            yield words(left + _SAMPLE, top + 4, said)
            left += _SAMPLE + width_of(said) * _SIZE * LETTER + _ROOM
    yield "</g>\n"


def _sample(left: float, top: float, style: str) -> str:
    place = f'x="{number(left)}" y="{number(top - 9)}" width="30" height="16"'
    return f'<rect {place} fill="{PAPER}" {style}/>\n'
