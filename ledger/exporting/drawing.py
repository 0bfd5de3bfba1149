"""An answer as an SVG drawing: boxes in ranks from left to right, links as arrows.

Rules kept:

* What goes in stands left of what it is in afterwards, whichever way was traced.
* Kinds of links are told apart by the style of their lines and not by colour alone, containers by
  round dashed boxes, boxes that several items share by a second edge, what is recalled by a thick
  edge and an exclamation mark, what was only announced by a dotted one and a question mark. A
  legend names them.
* Where master data names an item its name stands first and its code below.
* The drawing has a title and a description, and so has each box and arrow, for who can't see it
  and for the pointer.
* All text is escaped; nothing is loaded and nothing runs: no style sheet, font, link or script, so
  that it also shows under a strict Content Security Policy.
* The same answer in the same language is the same file.

SVG 1.1 (Second Edition) and its section 5.4 (title and desc)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.exporting.curves import HEIGHT, STEP, WIDTH, Curve, curves_of, number
from ledger.exporting.graph import graphs_of
from ledger.exporting.labels import labels_of
from ledger.exporting.naming import fitted, short_name
from ledger.exporting.placing import lay_out
from ledger.exporting.records import gathered, head
from ledger.exporting.strokes import (
    BOLD,
    INK,
    LETTER,
    MARKS,
    PALE,
    PAPER,
    SHADE,
    escaped,
    legend,
    line_of,
    marker_of,
    markers,
    words,
)
from ledger.exporting.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.graph import Arrow, Box, Graph
    from ledger.exporting.known_names import KnownNames
    from ledger.exporting.labels import Label
    from ledger.exporting.options import Options
    from ledger.exporting.placing import Layout
    from ledger.genealogy.trace import Trace
    from ledger.problems import Language

__all__ = ["write_svg"]

# All lengths are in pixels of CSS, 1/96 inch.
_MARGIN: Final = 24.0
_GAP: Final = 18.0
_HEAD: Final = 88.0  # of the texts above the boxes
_FOOT: Final = 64.0  # of the legend below
_LEAST: Final = 760.0  # width, for the legend

_FONTS: Final = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"


def write_svg(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield an answer as a drawing."""
    graph, layout = _fitting(trace)
    pieces = _drawing(trace, graph, layout, options.names())
    return gathered(piece.encode() for piece in pieces)


def _fitting(trace: Trace) -> tuple[Graph, Layout]:
    """The most detailed graph that can be laid out; the last one, of a few boxes, always can."""
    for graph in graphs_of(trace):
        arrows = [(arrow.source, arrow.target) for arrow in graph.arrows]
        layout = lay_out([HEIGHT] * len(graph.boxes), arrows, _GAP)
        if layout is not None:
            return graph, layout
    raise AssertionError  # pragma: no cover - a graph of five boxes has few bends


def _drawing(trace: Trace, graph: Graph, layout: Layout, names: KnownNames) -> Iterator[str]:
    language = names.language
    columns = max(layout.ranks) + 1
    width = max(_LEAST, 2 * _MARGIN + columns * STEP - (STEP - WIDTH))
    height = _HEAD + layout.extent + _MARGIN + _FOOT
    title = word(
        "trace of",
        language,
        direction=word(trace.direction, language),
        code=" ".join(reversed(short_name(trace.root))).strip(),
    )
    said = _description(trace, graph, language)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width)}" height="{number(height)}"'
        f' viewBox="0 0 {number(width)} {number(height)}" role="img" lang="{language}"'
        f' aria-labelledby="title desc" font-family="{_FONTS}" font-size="12" fill="{INK}">\n'
        f'<title id="title">{escaped(title)}</title>\n'
        f'<desc id="desc">{escaped(". ".join(said))}</desc>\n'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>\n'
    )
    kinds = sorted({arrow.kind for arrow in graph.arrows})
    yield from markers(kinds)
    room = width - 2 * _MARGIN
    yield words(_MARGIN, 30, fitted(title, room / (17 * BOLD)), size=17, weight=600)
    for at, sentence in enumerate(said):
        yield words(_MARGIN, 50 + 17 * at, fitted(sentence, room / (12 * LETTER)), fill=PALE)
    yield '<g id="links" fill="none">\n'
    for arrow, curve in zip(graph.arrows, curves_of(graph, layout, _MARGIN, _HEAD), strict=True):
        yield _arrow(arrow, curve, graph, language)
    yield '</g>\n<g id="items">\n'
    said_of = labels_of(graph, names)
    for box, label, rank, centre in zip(
        graph.boxes, said_of, layout.ranks, layout.centres, strict=True
    ):
        yield _box(box, label, _MARGIN + rank * STEP, _HEAD + centre - HEIGHT / 2)
    yield "</g>\n"
    yield from legend(graph, kinds, (_MARGIN, height - _FOOT + 14), language)
    yield "</svg>\n"


def _description(trace: Trace, graph: Graph, language: Language) -> list[str]:
    """What the drawing shows, and what it is complete to, in two sentences."""
    counts = word("counts", language, items=len(trace.items), links=len(trace.links))
    if left_out := head(trace).get("left_out"):
        counts += "; " + word("more", language, count=left_out)
    if graph.shared:
        counts += "; " + word("boxes", language, boxes=len(graph.boxes))
    if trace.complete:
        heads = ", ".join(
            word("size", language, log=origin, size=head.size)
            for origin, head in trace.heads.items()
        )
        return [counts, word("complete at", language, heads=heads)]
    reasons = ", ".join(
        word(
            "cut at",
            language,
            reason=word(f"by {reason}", language),
            count=len(codes),
        )
        for reason, codes in trace.cut
    )
    return [counts, word("incomplete", language, reasons=reasons)]


def _box(box: Box, label: Label, left: float, top: float) -> str:
    edge, style, corner, thick = INK, "", 3, 1.2
    mark = MARKS.get(box.status or "")
    if box.container:
        edge, style, corner = line_of("packed")[0], ' stroke-dasharray="5 3"', 14
    elif box.item is None and not box.root:
        edge, corner = PALE, 22
    if mark:
        edge, style, thick = mark.colour, mark.style, mark.thick
    fill = SHADE if box.root else PAPER
    shape = (
        f'<rect x="{{x}}" y="{{y}}" width="{number(WIDTH)}" height="{number(HEIGHT)}" rx="{corner}"'
        f' fill="{fill}" stroke="{edge}" stroke-width="{max(thick, 2.5 if box.root else 0)}"{style}'
        "/>"
    )
    role = "root" if box.root else "container" if box.container else "event" if not box.item else ""
    pieces = [
        f'<g class="{" ".join(filter(None, ("box", role, "shared" if box.count > 1 else "")))}">',
        f"<title>{escaped(label.detail)}</title>",
    ]
    if box.count > 1:
        pieces.append(shape.format(x=number(left + 5), y=number(top + 5)))
    pieces.append(shape.format(x=number(left), y=number(top)))
    used = [line for line in label.lines if line]
    first = top + HEIGHT / 2 + 4 - 7 * (len(used) - 1)
    for at, line in enumerate(used):
        size = 10.5 if at else 12.0
        # The mark has the end of the first line for itself.
        room = WIDTH - 16 - (14 if mark and not at else 0)
        shown = fitted(line, room / (size * (LETTER if at else BOLD)))
        fill, weight = (PALE, 400) if at else (INK, 600)
        text = words(left + 8, first + 14 * at, shown, size=size, fill=fill, weight=weight)
        pieces.append(text.rstrip("\n"))
    if mark:
        place = left + WIDTH - 16, top + 17
        pieces.append(words(*place, mark.sign, size=15, fill=edge, weight=700).rstrip("\n"))
    return "".join(pieces) + "</g>\n"


def _arrow(arrow: Arrow, curve: Curve, graph: Graph, language: Language) -> str:
    colour, dashes = line_of(arrow.kind)
    ends = [short_name(graph.boxes[end].code)[0] for end in (arrow.source, arrow.target)]
    said = f"{word(arrow.kind, language)}: {ends[0]} → {ends[1]}"
    if arrow.count > 1:
        said += f" ({word('joined', language, count=arrow.count)})"
    thick = 1.3 if arrow.count == 1 else min(1.3 + 0.5 * len(str(arrow.count)), 4.0)
    return (
        f'<path d="{curve}" stroke="{colour}" stroke-width="{number(thick)}"'
        f' stroke-dasharray="{dashes}" marker-end="url(#{marker_of(arrow.kind)})">'
        f"<title>{escaped(said)}</title></path>\n"
    )
