"""An answer as JSON, and as NDJSON: a line for each of its parts.

Rules kept:

* The JSON value is `Trace.as_dict`, which is also what ``suyuan --json trace`` prints.
* Each line of NDJSON is an object with one key, which says what it is: first ``trace`` (the
  question, completeness, heads), then ``item``, ``link``, ``cut`` and so on, at last ``end`` with
  the number of lines of each. A file without ``end`` was cut off on its way.
* Texts stay as they are; JSON escapes what needs it.

RFC 8259; https://github.com/ndjson/ndjson-spec
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from ledger.exporting.records import gathered, head, parts, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.exporting.options import Options
    from ledger.genealogy.trace import Trace

__all__ = ["write_json", "write_ndjson"]


def write_ndjson(trace: Trace, _options: Options) -> Iterator[bytes]:
    """Yield an answer as NDJSON."""
    return gathered(_lines(trace))


def write_json(trace: Trace, _options: Options) -> Iterator[bytes]:
    """Yield an answer as one JSON value."""
    return gathered(_value(trace))


def _lines(trace: Trace) -> Iterator[bytes]:
    yield _line("trace", head(trace))
    counts: dict[str, int] = {}
    for part in parts(trace):
        counts[part] = 0
        name = part.removesuffix("s")
        for record in records(trace, part):
            counts[part] += 1
            yield _line(name, record)
    yield _line("end", counts)


def _line(name: str, value: object) -> bytes:
    return orjson.dumps({name: value}, option=orjson.OPT_APPEND_NEWLINE)


def _value(trace: Trace) -> Iterator[bytes]:
    yield orjson.dumps(head(trace))[:-1]
    for part in parts(trace):
        yield b",\n" + orjson.dumps(part) + b":["
        comma = b"\n"
        for record in records(trace, part):
            yield comma + orjson.dumps(record)
            comma = b",\n"
        yield b"]"
    yield b"}\n"
