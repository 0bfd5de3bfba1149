r"""An answer as a graph in Graphviz DOT: each item a node, each link an edge.

Rules kept:

* Nodes are named by their codes and stand in the order of the answer, the root first. What a link
  names that is no item (an event between very many inputs and outputs) is a node as well.
* All text is quoted: in a quoted string only a quote ends the text, and in a label a backslash
  begins an escape, so both are escaped. What can't be seen is shown as an escape.
* Kinds of links are told apart by their style and their word, containers by their shape, the item
  that was asked about by two edges, what is recalled by a thick edge, what was only announced by a
  dotted one. Where master data names an item its name stands above its code.

https://graphviz.org/doc/info/lang.html

>>> print(quoted('a"b\\c'))
"a\"b\\c"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.exporting.columns import CHUNK
from ledger.exporting.labels import whereabouts
from ledger.exporting.readable import readable
from ledger.exporting.records import gathered
from ledger.exporting.words import word
from ledger.state import ANNOUNCED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.exporting.known_names import KnownNames
    from ledger.exporting.options import Options
    from ledger.genealogy.trace import Trace, TraceItem, TraceLink
    from ledger.problems import Language

__all__ = ["quoted", "write_dot"]

_STYLES: Final = {
    "transformed": "solid",
    "part_of_lot": "dotted",
    "installed": "dashed",
    "packed": "bold",
    "measured": "dashed",
}
_OTHER: Final = "dashed"
_EDGES: Final = {"recalled": "bold", ANNOUNCED: "dotted"}
"""Of items, by status."""


def quoted(text: str) -> str:
    """A text as a quoted string that no text can leave."""
    return '"' + readable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_dot(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield an answer as a directed graph."""
    return gathered(line.encode() for line in _lines(trace, options.names()))


def _lines(trace: Trace, names: KnownNames) -> Iterator[str]:
    language = names.language
    yield "digraph trace {\n"
    title = word("trace of", language, direction=word(trace.direction, language), code=trace.root)
    yield f"  graph [rankdir=LR, label={quoted(title)}];\n"
    yield '  node [shape=box, fontname="sans-serif"];\n  edge [fontname="sans-serif"];\n'
    yield from _root(trace, names)
    known = {trace.root}
    for at in range(0, len(trace.items), CHUNK):
        yield from _nodes(trace.items[at : at + CHUNK], names)
    known.update(item.code for item in trace.items)
    for at in range(0, len(trace.links), CHUNK):
        yield from _edges(trace.links[at : at + CHUNK], known, language)
    yield "}\n"


def _edges(links: Sequence[TraceLink], known: set[str], language: Language) -> Iterator[str]:
    named = {code: quoted(code) for link in links for code in (link.source, link.target)}
    for code, name in named.items():
        if code not in known:
            yield f"  {name} [shape=ellipse];\n"
    known.update(named)
    labels = dict[tuple[str | None, ...], str]()
    for link in links:
        what = link.kind, link.quantity, link.unit
        label = labels.get(what)
        if label is None:
            amount = " ".join(part for part in what[1:] if part)
            said = word(link.kind.value, language) + (f" {amount}" if amount else "")
            style = _STYLES.get(link.kind.value, _OTHER)
            label = labels[what] = f"label={quoted(said)}, style={style}"
        yield f"  {named[link.source]} -> {named[link.target]} [{label}];\n"


def _root(trace: Trace, names: KnownNames) -> Iterator[str]:
    if trace.root_item is None:
        yield f"  {quoted(trace.root)} [peripheries=2];\n"
    else:
        [line] = _nodes((trace.root_item,), names)
        yield line.replace("];\n", ", peripheries=2];\n")


def _nodes(items: Sequence[TraceItem], names: KnownNames) -> Iterator[str]:
    called = names.of_items([item.code for item in items], [item.kind.value for item in items])
    names.of([item.location for item in items])
    names.of([item.holder for item in items])
    for item, name in zip(items, called, strict=True):
        yield f"  {quoted(item.code)} [{_attributes(item, name, names)}];\n"


def _attributes(item: TraceItem, name: str | None, names: KnownNames) -> str:
    said = [word(item.kind.value, names.language)]
    if item.status:
        said.append(word(item.status, names.language))
    lines = [*([name] if name else []), item.code, " · ".join(said)]
    # The line ends are the only escapes of the label that are ours.
    label = "\\n".join(quoted(line)[1:-1] for line in lines)
    found = [f'label="{label}"']
    if item.container:
        found.append("shape=box3d")
    if item.status in _EDGES:
        found.append(f"style={_EDGES[item.status]}")
    if where := whereabouts(item, names):
        found.append(f"tooltip={quoted('; '.join(where))}")
    return ", ".join(found)
