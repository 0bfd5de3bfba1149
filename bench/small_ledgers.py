"""Ledgers of small events, each of one item and one place in time, of any size.

Up to some hundred thousand events they are captured as a document. Millions are written straight:
`LogWriter` chains and signs them as it does for capture, and the rows that capture would have
projected are inserted beside. That they are those very rows the measured verification says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.documents import FRAME, events
from bench.ledgers import fresh_ledger
from ledger.appending import LogWriter
from ledger.levels import level_number
from ledger.projection import ACTIONS, TYPES, canonical_code, content_name, node_of
from ledger.receipts import Mode
from ledger.schemas import EVENT_SCHEMA
from ledger.store import tables
from ledger.store.engine import writing
from ledger.store.sets import insert_rows

if TYPE_CHECKING:
    from pathlib import Path

    from bench.ledgers import Ledger

__all__ = ["capture_small", "write_small"]

_SEEN: Final = 3  # events of each item
_PORTION: Final = 50_000  # events of a transaction
_START: Final = datetime(2026, 1, 5, 6, tzinfo=UTC)


def _small(number: int, at: str) -> dict[str, Any]:
    return {
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": [f"https://id.gs1.org/01/09506000134352/21/S{number // _SEEN}"],
        "eventTime": at,
        "eventTimeZoneOffset": "+08:00",
        "type": "ObjectEvent",
    }


def capture_small(folder: Path, size: int) -> None:
    """Capture events of one item, one place and nothing else."""
    ledger = fresh_ledger(folder)
    document = folder / "small.json"
    head = orjson.dumps(FRAME)
    with document.open("wb") as file:
        file.write(head[:-1] + b',"epcisBody":{"eventList":[\n')
        for index, one in enumerate(events(size)):
            file.write(b",\n" * bool(index) + orjson.dumps(_small(index, one["eventTime"])))
        file.write(b"\n]}}\n")
    with document.open("rb") as stream:
        ledger.capture(stream, Mode.PROCEED)
    ledger.engine.dispose()


def write_small(ledger: Ledger, start: int, end: int) -> None:
    """Add the events from `start` to below `end` to an SQLite ledger that has those before.

    Nothing is made durable on the way: a ledger to measure with can be made again.
    """
    with ledger.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for pragma in ("synchronous=OFF", "cache_size=-4000000"):
            driver.execute(f"PRAGMA {pragma}")
    numbers = iter(range(start, end))
    while portion := list(islice(numbers, _PORTION)):
        _write(ledger, portion)


def _write(ledger: Ledger, numbers: list[int]) -> None:
    rows: list[tuple[object, ...]] = []
    links: list[tuple[object, ...]] = []
    items: list[tuple[object, ...]] = []
    log = ledger.organisation.row
    with writing(ledger.engine) as connection:
        writer = LogWriter.open(connection, log)
        for number in numbers:
            at = _START + timedelta(milliseconds=137 * number)
            text = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            small = _small(number, text)
            raw = orjson.dumps(small)
            time = round(at.timestamp() * 1000) * 1000
            seq = writer.add(
                b'{"event":%b}' % raw, schema=EVENT_SCHEMA, submitter="bench", received_at=time
            )
            digest, row, item = sha256(raw).digest(), number + 1, number // _SEEN + 1
            kind, action = TYPES.index(small["type"]), ACTIONS.index(small["action"])
            step = small["bizStep"]
            rows.append(
                (row, log, seq, content_name(digest), 0, digest, kind, action, time, time, step)
            )
            links.append((item, 0, row, 0, node_of(row, 0, None), time))
            if number % _SEEN == 0:
                code = canonical_code(small["epcList"][0])
                items.append((item, code.uri, level_number(code.level)))
        columns = "id log_id seq event_id declaration digest type action time received_at biz_step"
        insert_rows(connection, tables.event, columns, rows)
        insert_rows(connection, tables.link, "item_id role event_row line node time", links)
        insert_rows(connection, tables.item, "id code level", items)
        writer.seal(ledger.keys.signer(writer.origin))
