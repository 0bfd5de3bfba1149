"""GraphQL pages of ten thousand rows, from the text of the query to the bytes of the answer.

`trace` is answered with a trace that is there already, so that the page alone is measured. Stock is
graphql-core's own execution of the same schema, written by the standard library: what a server does
that changes nothing.
"""

from __future__ import annotations

import json
import time
from random import Random
from typing import TYPE_CHECKING, Any, Final

import orjson
from graphql import OperationType, execute_sync, parse, validate

from bench.ledgers import fresh_ledger, now
from bench.measuring import race, title
from identifiers import Level
from ledger.genealogy.answer import TraceItem, TraceLink, link_order
from ledger.genealogy.manners import Manner
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction, Trace
from trace_api.execution import Executor, encoded
from trace_api.resources import Resources
from trace_api.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["bench_graphql"]

_ROWS: Final = 10_000
_MARK, _MARK_STOCK = 10, 20
_STEM: Final = "https://id.gs1.org"
_START: Final = 1_767_225_600_000_000  # 2026-01-01, microseconds
_YEAR: Final = 365 * 86_400 * 1000  # milliseconds


def bench_graphql(folder: Path, runs: int) -> None:
    """Print pages of items and links against orjson and against stock execution.

    Processor time counts, for all of it is work of this process alone.
    """
    ledger = fresh_ledger(folder / "graphql")
    executor = Executor(Resources(ledger.engine, ledger.keys, now))
    answer = _answer()
    query_type = SCHEMA.query_type
    assert query_type is not None
    field = query_type.fields["trace"]
    asked, field.resolve = field.resolve, lambda *_given, **_arguments: answer
    title(
        f"GraphQL pages of {_ROWS:,} rows; marks: {_MARK} x orjson.dumps of the rows, "
        f"{_MARK_STOCK} times as fast as stock"
    )
    try:
        for name, page, selection in (
            ("items, all fields", "items", _node("TraceItem")),
            ("items, all fields and cursors", "items", f"cursor {_node('TraceItem')}"),
            ("items, code and status", "items", "node { code status }"),
            ("links, all fields", "links", _node("TraceLink")),
        ):
            _page(executor, name, page, selection, runs)
    finally:
        field.resolve = asked
        ledger.engine.dispose()


def _page(executor: Executor, name: str, page: str, selection: str, runs: int) -> None:
    query = f'{{ trace(code: "x") {{ {page}(first: {_ROWS}) {{ edges {{ {selection} }} }} }} }}'
    answer = orjson.loads(_stock(query))
    assert answer == orjson.loads(_ours(executor, query))
    edges = answer["data"]["trace"][page]["edges"]
    rows = [edge["node"] for edge in edges]
    assert len(rows) == _ROWS
    functions: list[Callable[[], object]] = [
        lambda: _ours(executor, query),
        lambda: orjson.dumps(rows),
        lambda: orjson.dumps(edges),
        lambda: _stock(query),
    ]
    ours, floor, whole, stock = race(max(runs, 5), functions, time.process_time)
    print(
        f"  {name:36}{ours * 1000:8,.1f} ms   {ours / floor:5.1f} x orjson of the rows, "
        f"{ours / whole:5.1f} x of the page; {stock / ours:5.1f} times as fast as stock "
        f"({stock * 1000:,.0f} ms, {stock / floor:,.0f} x orjson)",
        flush=True,
    )


def _ours(executor: Executor, query: str) -> bytes:
    allowed = (OperationType.QUERY,)
    result = executor.answer(query, None, None, authorization=None, allowed=allowed)
    return encoded({"data": result.data})


def _stock(query: str) -> bytes:
    document = parse(query)
    assert not validate(SCHEMA, document)
    return json.dumps({"data": execute_sync(SCHEMA, document).data}).encode()


def _node(name: str) -> str:
    """The selection of all fields of a type of rows."""
    kind: Any = SCHEMA.type_map[name]
    return f"node {{ {' '.join(kind.fields)} }}"


def _answer() -> Trace:
    """A trace whose rows have almost everything, and times of their own."""
    random = Random(1)  # noqa: S311 - drawn from a seed, on purpose
    items = [_item(random, number) for number in range(_ROWS)]
    links = sorted((_link(random, number) for number in range(_ROWS)), key=link_order)
    return Trace("x", Direction.FORWARD, None, None, {}, tuple(items), tuple(links))


def _time(random: Random) -> int:
    return _START + random.randrange(_YEAR) * 1000


def _code(number: int) -> str:
    return f"{_STEM}/01/09506000134352/21/{number:09d}"


def _item(random: Random, number: int) -> TraceItem:
    return TraceItem(
        code=_code(number),
        kind=random.choice((Level.INSTANCE, Level.LOT, Level.LOGISTIC)),
        depth=number * 10 // _ROWS,
        quantity=str(random.randrange(10_000)),
        unit=random.choice(("KGM", None)),
        status=random.choice(("active", "in_transit", "in_progress")),
        location=f"{_STEM}/414/95060001343{random.randrange(99):02d}",
        holder=random.choice(("wutongli", "nanhu", "haian")),
        inside=f"{_STEM}/00/0950600013435{random.randrange(500):05d}",
        container=random.random() < 0.1,  # noqa: PLR2004 - a tenth
        exposed_from=_time(random),
        step=random.choice(("shipping", "receiving", "packing")),
        last_time=_time(random),
    )


def _link(random: Random, number: int) -> TraceLink:
    return TraceLink(
        source=_code(number),
        target=_code(number + _ROWS),
        kind=random.choice((Kind.TRANSFORMED, Kind.PACKED)),
        event=f"urn:uuid:{random.getrandbits(128):032x}",
        time=_time(random),
        until=_time(random) if number % 3 else None,
        quantity=str(random.randrange(100)),
        unit="KGM",
        step=random.choice(("transforming", "packing", None)),
        manner=random.choice((Manner.SPLIT, Manner.MERGED, None)),
    )
