"""What the boxes of a drawing say: names first where master data has them, codes, and state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.exporting.naming import short_name
from ledger.exporting.readable import readable
from ledger.exporting.words import word

if TYPE_CHECKING:
    from ledger.exporting.graph import Box, Graph
    from ledger.exporting.known_names import KnownNames
    from ledger.genealogy.trace import TraceItem
    from ledger.problems import Language

__all__ = ["Label", "labels_of", "whereabouts"]


@dataclass(frozen=True, slots=True)
class Label:
    """The texts of a box."""

    lines: tuple[str, str, str]
    """Those in it; the later ones may be empty."""
    detail: str
    """What is told under the pointer: the whole code, the lines, place and holder."""


def labels_of(graph: Graph, names: KnownNames) -> list[Label]:
    """The label of each box."""
    boxes = graph.boxes
    items = [box.item for box in boxes]
    # All at once, so that no box asks for its own.
    names.of([item.location for item in items if item])
    names.of([item.holder for item in items if item])
    kinds = [item.kind.value if item else "" for item in items]
    own = names.of_items([box.code for box in boxes], kinds)
    shared = names.of([min(box.classes) if len(box.classes) == 1 else None for box in boxes])
    return [
        _label(box, one if box.count == 1 else of, names)
        for box, one, of in zip(boxes, own, shared, strict=True)
    ]


def whereabouts(item: TraceItem, names: KnownNames) -> list[str]:
    """Place and holder of an item, each with what it is."""
    found = []
    for key, code in (("location", item.location), ("holder", item.holder)):
        if code:
            [name] = names.of([code])
            said = f"{name} ({code})" if name else code
            found.append(f"{word(key, names.language)}: {readable(said)}")
    return found


def _label(box: Box, name: str | None, names: KnownNames) -> Label:
    lines = _of_many(box, name, names.language) if box.count > 1 else _of_one(box, name, names)
    where = whereabouts(box.item, names) if box.item and box.count == 1 else []
    code = readable(box.code)
    first = [code, lines[0]] if name and box.count == 1 else [code]
    return Label(lines, "; ".join(filter(None, [*first, *lines[1:], *where])))


def _of_one(box: Box, name: str | None, names: KnownNames) -> tuple[str, str, str]:
    language, item = names.language, box.item
    code, of = short_name(box.code)
    if name:
        code, of = readable(name), f"{code} {of}".rstrip()
    if item is None:
        return code, of, "" if box.root else word("event box", language)
    amount = f"{item.quantity} {item.unit}" if item.unit else ""
    if item.quantity and not item.unit:
        amount = word("pieces", language, count=item.quantity)
    state = [
        word(item.kind.value, language),
        readable(amount),
        readable(word(item.status or "", language)),
        word("place", language) if item.container else "",
    ]
    return code, of, " · ".join(filter(None, state))


def _of_many(box: Box, name: str | None, language: Language) -> tuple[str, str, str]:
    of = readable(name or "")
    if not of and len(box.classes) == 1:
        of = " ".join(filter(None, reversed(short_name(min(box.classes)))))
    kind = word(min(box.kinds) if len(box.kinds) == 1 else "several", language)
    depths = sorted(box.depths)
    span = str(depths[0]) if len(depths) == 1 else f"{depths[0]}–{depths[-1]}"
    state = [kind, word("level", language, depth=span)]
    if box.container:
        state.append(word("place", language))
    return f"{box.count:,} ×", of, " · ".join(state)
