"""Eight writers of one log: an event a commit, against what waits meanwhile in one commit."""

from __future__ import annotations

import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa

from bench.documents import FRAME, events
from bench.ledgers import fresh_ledger, now
from bench.measuring import Figure, print_figure, title
from ledger.capture import capture
from ledger.keys import KeyFolder
from ledger.organisations import find_organisation
from ledger.sequencing import LogAccess, Sequencer
from ledger.store.engine import open_engine, reading
from suyuan.collector import relax_collector

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

__all__ = ["bench_groups"]

_WRITERS = 8
_WAITING = 100  # requests that each writer has at once
_COMMITS = 50  # of each writer that commits one by one


def bench_groups(folder: Path, each: int, url: str | None = None) -> None:
    """Print events a second.

    Args:
        folder: Where ledgers and keys go.
        each: Events of each writer, one in a document.
        url: An empty PostgreSQL database; its schema `public` is made anew twice.
    """
    name = "PostgreSQL" if url else "SQLite"
    title(f"{_WRITERS} processes capture to one log, an event in each document, {name}")
    took = _race(folder / "single", _COMMITS, 1, url)
    single = Figure("single commits", _WRITERS * _COMMITS, took)
    print_figure(single, "events")
    took = _race(folder / "grouped", each, _WAITING, url)
    note = f"{_WAITING} requests of each process wait at a time"
    print_figure(Figure("grouped", _WRITERS * each, took), "events", [single], note=note)


def _race(folder: Path, each: int, at_once: int, url: str | None) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    if url:
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        engine.dispose()
    ledger = fresh_ledger(folder, url)
    address = ledger.engine.url.render_as_string(hide_password=False)
    ledger.engine.dispose()
    spawning = get_context("spawn")
    barrier = spawning.Barrier(_WRITERS + 1)
    writers = [
        spawning.Process(target=_write, args=(address, folder, (number, each), at_once, barrier))
        for number in range(_WRITERS)
    ]
    for writer in writers:
        writer.start()
    barrier.wait()
    started = perf_counter()
    for writer in writers:
        writer.join()
    took = perf_counter() - started
    if any(writer.exitcode for writer in writers):
        raise SystemExit("A writer failed.")
    return took


def _documents(writer: int, count: int) -> Iterator[bytes]:
    for number, event in enumerate(events(count)):
        named = event | {"eventID": f"urn:x:{writer}:{number}"}
        yield orjson.dumps({**FRAME, "epcisBody": {"eventList": [named]}})


def _write(
    address: str, folder: Path, own: tuple[int, int], at_once: int, barrier: Barrier
) -> None:
    engine = open_engine(address)
    with reading(engine) as connection:
        owner = find_organisation(connection, "bench")
    access = LogAccess.by_keys(engine, KeyFolder(folder / "keys"), owner, now)
    sequencer = Sequencer()
    relax_collector()  # as the product runs
    documents = iter(list(_documents(*own)))  # making them is the senders' work
    # What a process loads once is no part of its speed.
    capture(access, io.BytesIO(next(_documents(~own[0], 1))), submitter="b", sequencer=sequencer)
    taking = Lock()

    def send() -> None:
        while True:
            with taking:
                text = next(documents, None)
            if text is None:
                return
            report = capture(access, io.BytesIO(text), submitter="b", sequencer=sequencer)
            if not report.committed:
                raise SystemExit(str(report.as_dict("en")))

    barrier.wait()
    with ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(send) for _ in range(at_once)]:
            done.result()
