r"""An answer as a graph in Graphviz DOT: each item a node, each link an edge.

Rules kept:

* Nodes are named by their codes and stand in the order of the answer, the root first. What a link
  names that is no item (an event between very many inputs and outputs) is a node as well.
* All text is quoted: in a quoted string only a quote ends the text, and in a label a backslash
  begins an escape, so both are escaped. What can't be seen is shown as an escape.
* Kinds of links are told apart by their style and their word, containers by their shape.

https://graphviz.org/doc/info/lang.html

>>> print(quoted('a"b\\c'))
"a\"b\\c"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.exporting.readable import readable
from ledger.exporting.records import gathered
from ledger.exporting.words import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.options import Options
    from ledger.genealogy.trace import Trace, TraceItem
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


def quoted(text: str) -> str:
    """A text as a quoted string that no text can leave."""
    return '"' + readable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_dot(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield an answer as a directed graph."""
    return gathered(line.encode() for line in _lines(trace, options.language))


def _lines(trace: Trace, language: Language) -> Iterator[str]:
    yield "digraph trace {\n"
    title = word("trace of", language, direction=word(trace.direction, language), code=trace.root)
    yield f"  graph [rankdir=LR, label={quoted(title)}];\n"
    yield '  node [shape=box, fontname="sans-serif"];\n  edge [fontname="sans-serif"];\n'
    yield f"  {quoted(trace.root)} [peripheries=2];\n"
    known = {trace.root}
    for item in trace.items:
        known.add(item.code)
        yield f"  {quoted(item.code)} [{_attributes(item, language)}];\n"
    for link in trace.links:
        for end in (link.source, link.target):
            if end not in known:
                known.add(end)
                yield f"  {quoted(end)} [shape=ellipse];\n"
        amount = " ".join(part for part in (link.quantity, link.unit) if part)
        label = word(link.kind.value, language) + (f" {amount}" if amount else "")
        style = _STYLES.get(link.kind.value, _OTHER)
        ends = f"{quoted(link.source)} -> {quoted(link.target)}"
        yield f"  {ends} [label={quoted(label)}, style={style}];\n"
    yield "}\n"


def _attributes(item: TraceItem, language: Language) -> str:
    said = [word(item.kind.value, language)]
    if item.status:
        said.append(word(item.status, language))
    # The line end is the only escape of the label that is ours.
    label = quoted(item.code)[:-1] + "\\n" + quoted(" · ".join(said))[1:]
    shape = ", shape=box3d" if item.container else ""
    return f"label={label}{shape}"
