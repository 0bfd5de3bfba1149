"""Making a base from the whole table, in bounded memory and by several processes.

1. The items are divided; each share of them is read in the order of items, which is the table's
   own. Its columns by item are written as they come. For the way by node, every `RUN` rows are
   sorted by node and written as a *run* (`ledger.genealogy.index.merging`).
2. The shares' columns are put one behind the other.
3. The runs are merged: nodes get their numbers, rows their place.
4. The events' logs are read.

What a process holds is a chunk of rows, a run, and four bytes for each item of its share. Shares
are read by processes started anew, each with a snapshot of its own: links of events behind the last
one are left out, and others never change, so all of them see the same links.
"""

from __future__ import annotations

import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ledger.genealogy.index.extract import CHUNK, links_of_items, logs_after
from ledger.genealogy.index.merging import Run, merge_runs, write_run
from ledger.genealogy.index.segment import log_type, narrowest
from ledger.store.engine import open_engine, reading
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from sqlalchemy import Connection

    from ledger.genealogy.index.segment import Array

__all__ = ["RUN", "Range", "TooSparseError", "make_base"]

RUN: Final = 1_000_000
"""Rows that are sorted at once: 60 MB with what sorting takes."""
_SHARE: Final = 250_000
"""Items below which another process isn't worth its start."""
_SPARSE: Final = 1 << 22
"""Ids that may be unused beyond eight for each link."""


class TooSparseError(Exception):
    """Ids lie so far apart that arrays over them would be mostly empty; SQL answers alone."""


@dataclass(frozen=True, slots=True)
class Range:
    """Which part of the ledger a base is made of."""

    last_item: int
    first_event: int
    last_event: int

    @classmethod
    def of(cls, connection: Connection, last_event: int) -> Range:
        """The items and events there are."""
        [(item,)] = fetch(connection, "SELECT coalesce(max(id), 0) FROM item")
        [(first,)] = fetch(connection, "SELECT coalesce(min(id), 1) FROM event")
        return cls(item, first, last_event)

    @property
    def item_type(self) -> np.dtype[np.uint64]:
        """The type of an item."""
        return narrowest(self.last_item)

    @property
    def event_type(self) -> np.dtype[np.uint64]:
        """The type of an event's number."""
        return narrowest(max(self.last_event - self.first_event, 0))


@dataclass(frozen=True, slots=True)
class _Share:
    """Items that one process reads, and what it has written of them."""

    number: int
    first: int
    end: int
    counts: Path
    rows: int = 0
    runs: tuple[Run, ...] = ()


def make_base(
    connection: Connection, url: str, folder: Path, last_event: int, *, processes: int = 1
) -> dict[str, tuple[str, int]]:
    """Write the arrays of a base into an empty folder; whoever calls waits for the disk.

    Args:
        connection: A reading transaction.
        url: The ledger's address, for the other processes.
        folder: Where to.
        last_event: The last event to take.
        processes: How many may read.

    Returns:
        For each array its type and length.

    Raises:
        TooSparseError: See there.
    """
    whole = Range.of(connection, last_event)
    work = folder / "work"
    work.mkdir()
    shares = list(_shares(whole, work, processes))
    if len(shares) == 1:
        read = [_read_share(connection, shares[0], whole, work)]
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(len(shares), mp_context=context) as pool:
            tasks = [pool.submit(_read_apart, url, share, whole, work) for share in shares]
            read = [task.result() for task in tasks]
    links = sum(share.rows for share in read)
    if max(whole.last_item, last_event - whole.first_event) > 8 * links + _SPARSE:
        raise TooSparseError
    made = _join(read, whole, folder, work)
    offsets = np.cumsum([0, *(share.rows for share in read)])
    runs = [
        run.behind(int(at)) for share, at in zip(read, offsets, strict=False) for run in share.runs
    ]
    made |= merge_runs(runs, folder, links=links, events=whole.last_event - whole.first_event + 1)
    made["logs"] = _write_logs(connection, folder / "logs", whole)
    shutil.rmtree(work)
    return made


def _write_logs(connection: Connection, path: Path, whole: Range) -> tuple[str, int]:
    """Write the log of each event; return the array's type and length."""
    [(largest,)] = fetch(connection, "SELECT coalesce(max(id), 0) FROM log")
    kind = log_type(largest)
    with path.open("xb") as file:
        for before in range(whole.first_event - 1, whole.last_event, CHUNK):
            logs = logs_after(connection, before, min(before + CHUNK, whole.last_event))
            file.write(logs.astype(kind).tobytes())
    return kind.str, whole.last_event - whole.first_event + 1


def _shares(whole: Range, work: Path, processes: int) -> Iterator[_Share]:
    items = whole.last_item + 1
    count = max(1, min(processes, items // _SHARE))
    for number in range(count):
        first, end = items * number // count, items * (number + 1) // count
        yield _Share(number, first, end, work / f"{number}.counts")


def _read_apart(url: str, share: _Share, whole: Range, work: Path) -> _Share:
    """Read a share in a process of its own."""
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return _read_share(connection, share, whole, work)
    finally:
        engine.dispose()


_BY_ITEM: Final = ("event", "role", "peer")


def _part(work: Path, share: int, name: str) -> Path:
    return work / f"{share}.item_{name}"


def _read_share(connection: Connection, share: _Share, whole: Range, work: Path) -> _Share:
    counts = np.zeros(share.end - share.first, np.uint32)
    waiting: list[Array] = []

    def sort_waiting() -> _Share:
        run = _run(share, waiting, whole)
        waiting.clear()
        return replace(share, rows=share.rows + run.rows, runs=(*share.runs, run))

    with ExitStack() as stack:
        files = {
            name: stack.enter_context(_part(work, share.number, name).open("xb"))
            for name in _BY_ITEM
        }
        for chunk in links_of_items(connection, share.first, share.end, whole.last_event):
            _write_columns(files, chunk, whole)
            own = chunk[:, 0] - share.first
            counts[own[0] : own[-1] + 1] += np.bincount(own - own[0]).astype(np.uint32)
            waiting.append(chunk)
            if sum(map(len, waiting)) >= RUN:
                share = sort_waiting()
    if waiting:
        share = sort_waiting()
    counts.tofile(share.counts)
    return share


def _write_columns(files: Mapping[str, BinaryIO], chunk: Array, whole: Range) -> None:
    files["event"].write((chunk[:, 2] - whole.first_event).astype(whole.event_type).tobytes())
    files["role"].write(chunk[:, 1].astype(np.uint8).tobytes())
    files["peer"].write(chunk[:, 5].astype(whole.item_type).tobytes())


def _run(share: _Share, chunks: list[Array], whole: Range) -> Run:
    rows = np.concatenate(chunks)
    return write_run(
        share.counts.with_suffix(f".run{len(share.runs)}"),
        share.rows,
        {
            "node": rows[:, 3],
            "time": rows[:, 4],
            "item": rows[:, 0].astype(whole.item_type),
            "event": (rows[:, 2] - whole.first_event).astype(whole.event_type),
            "role": rows[:, 1].astype(np.uint8),
        },
    )


def _join(
    shares: list[_Share], whole: Range, folder: Path, work: Path
) -> dict[str, tuple[str, int]]:
    """Put the shares one behind the other."""
    links = sum(share.rows for share in shares)
    types: dict[str, np.dtype[Any]] = {
        "event": whole.event_type,
        "role": np.dtype(np.uint8),
        "peer": whole.item_type,
    }
    for name in types:
        with (folder / f"item_{name}").open("xb") as file:
            for share in shares:
                with _part(work, share.number, name).open("rb") as part:
                    shutil.copyfileobj(part, file, 1 << 20)
    kind = narrowest(links)
    total = 0
    with (folder / "item_starts").open("xb") as file:
        for share in shares:
            stops = np.cumsum(np.fromfile(share.counts, np.uint32), dtype=np.int64) + total
            file.write(np.concatenate(([total], stops[:-1])).astype(kind).tobytes())
            total = int(stops[-1])
        file.write(np.array([total], kind).tobytes())
    (folder / "item_keys").touch()
    return {
        "item_keys": (whole.item_type.str, 0),
        "item_starts": (kind.str, whole.last_item + 2),
        **{f"item_{name}": (kind.str, links) for name, kind in types.items()},
    }
