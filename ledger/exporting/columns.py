"""The items and links of an answer as columns, in chunks.

A wide answer has millions of cells, and what is done to each by itself costs more than the query
did. In a column of a thousand cells most values repeat, or need nothing done to them, so whoever
writes them looks at each distinct value once.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from ledger.genealogy.trace import TraceItem, TraceLink
from ledger.times import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.exporting.known_names import KnownNames

__all__ = ["CHUNK", "ITEM_COLUMNS", "LINK_COLUMNS", "Column", "item_chunks", "link_chunks", "rows"]

CHUNK: Final = 1000
"""Members that are turned into columns at a time."""
Column = list[Any]
"""Texts, numbers, truth values and None."""

_JSON_NAMES: Final = {"source": "from", "target": "to"}
_TIMES: Final = frozenset({"time", "until", "exposed_from", "exposed_until", "last_time"})
"""Fields that hold microseconds."""
_ENUMS: Final = frozenset({"kind", "manner"})


_ITEM: Final = TraceItem.__struct_fields__
_LINK: Final = TraceLink.__struct_fields__
ITEM_COLUMNS: Final = (*_ITEM, "name", "holder_name", "location_name")
"""As the JSON form names them, in its order, and behind them what master data calls three codes."""
LINK_COLUMNS: Final = tuple(_JSON_NAMES.get(name, name) for name in _LINK)


def item_chunks(items: Sequence[TraceItem], names: KnownNames) -> Iterator[list[Column]]:
    """The columns of items, a chunk at a time, in the order of `ITEM_COLUMNS`."""
    code, kind, holder, location = map(_ITEM.index, ("code", "kind", "holder", "location"))
    for columns in _chunks(items, _ITEM):
        yield [
            *columns,
            names.of_items(columns[code], columns[kind]),
            names.of(columns[holder]),
            names.of(columns[location]),
        ]


def link_chunks(links: Sequence[TraceLink]) -> Iterator[list[Column]]:
    """The columns of links, a chunk at a time, in the order of `LINK_COLUMNS`."""
    return _chunks(links, _LINK)


def _chunks(members: Sequence[Any], names: tuple[str, ...]) -> Iterator[list[Column]]:
    values_of = attrgetter(*names)
    for at in range(0, len(members), CHUNK):
        taken = map(values_of, members[at : at + CHUNK])
        columns = list[Column](map(list, zip(*taken, strict=True)))
        for place, name in enumerate(names):
            if name in _TIMES:
                columns[place] = as_texts(columns[place])
            elif name in _ENUMS:
                words = {one: None if one is None else one.value for one in {*columns[place]}}
                columns[place] = [words[one] for one in columns[place]]
        yield columns


def rows(chunks: Iterable[list[Column]]) -> Iterator[tuple[Any, ...]]:
    """The rows of columns that come in chunks."""
    for columns in chunks:
        yield from zip(*columns, strict=True)
