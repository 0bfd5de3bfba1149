"""A trace in pieces: its JSON form (`Trace.as_dict`), without making all of it at once.

An answer of a hundred thousand items is some hundred megabytes as dictionaries, so they are made
for `CHUNK` members at a time. The form is that of `as_dict`, whatever it holds: all keys whose
values are lists come in pieces, the others stand in the head. Items have the names of master data
besides, and they and links come from columns, which is the same many times faster.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from ledger.exporting.columns import (
    CHUNK,
    ITEM_COLUMNS,
    LINK_COLUMNS,
    item_chunks,
    link_chunks,
    rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.exporting.columns import Column
    from ledger.exporting.known_names import KnownNames
    from ledger.genealogy.trace import Trace

__all__ = ["Record", "gathered", "head", "members", "parts", "records", "whole"]

_BYTES: Final = 1 << 16  # 64 KiB: what is handed on at a time

Record = dict[str, Any]


def _emptied(trace: Trace) -> dict[str, Any]:
    """The fields that hold the members of lists, each without any."""
    return {
        field.name: () for field in fields(trace) if isinstance(getattr(trace, field.name), tuple)
    }


def head(trace: Trace) -> Record:
    """What an answer says beside its lists: the question, completeness and heads of the logs."""
    shape = replace(trace, **_emptied(trace)).as_dict()
    found = {key: value for key, value in shape.items() if not isinstance(value, list)}
    return found | {"complete": trace.complete}


def parts(trace: Trace) -> list[str]:
    """The keys of the lists, in the order of `as_dict`."""
    shape = replace(trace, **_emptied(trace)).as_dict()
    return [key for key, value in shape.items() if isinstance(value, list)]


def members(trace: Trace, part: str, names: KnownNames) -> Iterator[Record]:
    """The members of one list, in their JSON form; items with their names."""
    if part == "items":
        return _dicts(ITEM_COLUMNS, item_chunks(trace.items, names))
    if part == "links":
        return _dicts(LINK_COLUMNS, link_chunks(trace.links))
    return records(trace, part)


def _dicts(columns: tuple[str, ...], chunks: Iterable[list[Column]]) -> Iterator[Record]:
    return (dict(zip(columns, row, strict=True)) for row in rows(chunks))


def whole(trace: Trace, names: KnownNames) -> Record:
    """The JSON form with names, in one piece."""
    shape = replace(trace, **_emptied(trace)).as_dict()
    lists = {part: [*members(trace, part, names)] for part in parts(trace)}
    return shape | head(trace) | lists


def records(trace: Trace, part: str) -> Iterator[Record]:
    """The members of one list as `as_dict` has them."""
    bare = _emptied(trace)
    found = getattr(trace, part)
    for at in range(0, len(found), CHUNK):
        yield from replace(trace, **(bare | {part: found[at : at + CHUNK]})).as_dict()[part]


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces, for handing each on has its price."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _BYTES:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)
