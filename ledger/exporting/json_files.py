"""An answer as JSON, and as NDJSON: a line for each of its parts.

Rules kept:

* The JSON value is that of `records`, which is also what ``suyuan --json trace`` prints.
* Each line of NDJSON is an object with one key, which says what it is: first ``trace`` (the
  question, completeness, heads), then ``item``, ``link``, ``cut`` and so on, at last ``end`` with
  the number of lines of each. A file without ``end`` was cut off on its way.
* Texts stay as they are; JSON escapes what needs it.

RFC 8259; https://github.com/ndjson/ndjson-spec
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import orjson

from ledger.exporting.records import gathered, head, members, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.known_names import KnownNames
    from ledger.exporting.options import Options
    from ledger.exporting.records import Record
    from ledger.genealogy.trace import Trace

__all__ = ["write_json", "write_ndjson"]

_TOGETHER: Final = 64  # records; orjson takes kilobytes for each, however short


def write_ndjson(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield an answer as NDJSON."""
    return gathered(_lines(trace, options.names()))


def write_json(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield an answer as one JSON value."""
    return gathered(_value(trace, options.names()))


def _lines(trace: Trace, names: KnownNames) -> Iterator[bytes]:
    yield _line("trace", head(trace))
    counts: dict[str, int] = {}
    for part in parts(trace):
        counts[part] = 0
        start = b"{" + orjson.dumps(part.removesuffix("s")) + b":"
        for values in _values(members(trace, part, names)):
            counts[part] += len(values)
            yield start + (b"}\n" + start).join(values) + b"}\n"
    yield _line("end", counts)


def _line(name: str, value: object) -> bytes:
    return orjson.dumps({name: value}, option=orjson.OPT_APPEND_NEWLINE)


def _values(records: Iterator[Record]) -> Iterator[list[bytes]]:
    """Records as JSON, in chunks that are worth a call."""
    while chunk := [*map(orjson.dumps, islice(records, _TOGETHER))]:
        yield chunk


def _value(trace: Trace, names: KnownNames) -> Iterator[bytes]:
    yield orjson.dumps(head(trace))[:-1]
    for part in parts(trace):
        yield b",\n" + orjson.dumps(part) + b":["
        comma = b"\n"
        for values in _values(members(trace, part, names)):
            yield comma + b",\n".join(values)
            comma = b",\n"
        yield b"]"
    yield b"}\n"
