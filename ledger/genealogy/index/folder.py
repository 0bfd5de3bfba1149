"""One index of one ledger: opened, followed, made again, dropped.

* `at` gives a walker for what a transaction sees, or None: then SQL answers. It never waits for a
  writer. Events behind the index are read from the table and kept in memory as its *tail*.
* `update` and `drop` write (`ledger.genealogy.index.upkeep`).

How much is read when: a tail of up to `TAIL` events is read by who asks. Beyond, SQL answers until
somebody has updated the index.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np

from ledger.genealogy.index.extract import COLUMNS, links_after, logs_after
from ledger.genealogy.index.files import (
    MANIFEST,
    DamagedError,
    Manifest,
    open_part,
    read_manifest,
)
from ledger.genealogy.index.state import Heads, contains, newest_event, read_heads, stands
from ledger.genealogy.index.tail import make_tail
from ledger.genealogy.index.upkeep import Update, Upkeep
from ledger.genealogy.index.view import View
from ledger.genealogy.index.walker import IndexWalker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from ledger.genealogy.index.segment import Array, Segment

__all__ = ["TAIL", "TraceIndex"]

TAIL: Final = 20_000
"""Events that are read when somebody asks: a fifth of a second, once."""
_ATTEMPTS: Final = 5  # at opening parts that a writer is replacing

_NO_ROWS: Final = np.empty((0, len(COLUMNS)), np.int64)
_NO_LOGS: Final = np.empty(0, np.int64)


@dataclass(slots=True)
class _Opened:
    """What is mapped at the moment."""

    stamp: tuple[int, int, int]
    manifest: Manifest
    parts: tuple[Segment, ...]
    view: View
    """The parts and the tail."""
    tail: Array
    """Its rows, which the next ones are put behind."""
    logs: Array
    """The logs of its events, likewise."""
    heads: Heads | None = None
    """The ledger's heads when the view was found to stand; None before."""

    @classmethod
    def over(
        cls, stamp: tuple[int, int, int], manifest: Manifest, parts: tuple[Segment, ...]
    ) -> _Opened:
        return cls(stamp, manifest, parts, View.over(parts), _NO_ROWS, _NO_LOGS)

    def reset(self) -> None:
        """Forget the tail."""
        self.view, self.heads = View.over(self.parts), None
        self.tail, self.logs = _NO_ROWS, _NO_LOGS


@dataclass(slots=True)
class TraceIndex:
    """The index in a folder; may be used by several threads."""

    folder: Path
    now: Callable[[], int]
    """The clock, microseconds since 1970 UTC."""
    _opened: _Opened | None = None
    _lock: Lock = field(default_factory=Lock)

    @property
    def present(self) -> bool:
        """Whether there is one, sound or not."""
        return (self.folder / MANIFEST).exists()

    def at(self, connection: Connection) -> IndexWalker | None:
        """A walker over what a transaction sees; None where there is no index of that.

        Args:
            connection: A reading transaction.
        """
        with self._lock:
            try:
                opened = self._open()
                view = None if opened is None else self._follow(connection, opened)
            except (DamagedError, OSError):
                self._opened = view = None
        return None if view is None else IndexWalker(view)

    def _open(self) -> _Opened | None:
        try:
            found = (self.folder / MANIFEST).stat()
        except FileNotFoundError:
            self._opened = None
            return None
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._opened is None or self._opened.stamp != stamp:
            self._opened = None
            manifest, parts = self._parts()
            self._opened = _Opened.over(stamp, manifest, parts)
        return self._opened

    def _parts(self) -> tuple[Manifest, tuple[Segment, ...]]:
        attempts = 0
        while (manifest := read_manifest(self.folder)) is not None:
            try:
                return manifest, tuple(open_part(self.folder, part) for part in manifest.parts)
            except FileNotFoundError:
                # A writer has replaced them meanwhile, or somebody has removed one.
                attempts += 1
                if attempts == _ATTEMPTS:
                    raise
        raise DamagedError("The trace index went away.")

    def _follow(self, connection: Connection, opened: _Opened) -> View | None:
        """The view of what a transaction sees, with a tail that reaches so far."""
        newest, heads = newest_event(connection), read_heads(connection)
        last = opened.view.last_event
        if opened.heads == heads and last == newest:
            return opened.view
        if opened.heads is None or last > newest or not contains(connection, opened.heads):
            # The tail may be of a ledger that was replaced since, or of later events than these.
            opened.reset()
            if not stands(connection, opened.manifest.state):
                return None
        base, last = opened.parts[-1].last_event, opened.view.last_event
        if newest > base + TAIL:
            return None
        if newest > last:
            links = links_after(connection, last, newest)
            if links is None:
                return None
            opened.tail = np.concatenate((opened.tail, links))
            opened.logs = np.concatenate((opened.logs, logs_after(connection, last, newest)))
            tail = make_tail(opened.parts, opened.tail, newest, opened.logs)
            opened.view = View.over((*opened.parts, tail))
        opened.heads = heads
        return opened.view

    def behind(self, connection: Connection) -> int | None:
        """How many events the files lack; all of them where they are of no use, None without files.

        Args:
            connection: A reading transaction.
        """
        if not self.present:
            return None
        newest = newest_event(connection)
        with self._lock, suppress(DamagedError, OSError):
            opened = self._open()
            if opened is not None and stands(connection, opened.manifest.state):
                return newest - opened.parts[-1].last_event
        return max(newest, TAIL)

    def update(
        self,
        engine: Engine,
        *,
        rebuild: bool = False,
        check: bool = False,
        processes: int | None = None,
    ) -> Update:
        """Make the index, or bring it up to date.

        Args:
            engine: The ledger.
            rebuild: Make it anew in any case.
            check: Read every byte of what is there, and make it anew where one is wrong.
            processes: How many may read the table; by default as many as there are processors.

        Raises:
            OSError: The folder can't be written; the index is what it was.
            StoreError: The ledger can't be read.
        """
        upkeep = Upkeep(self.folder, self.now)
        return upkeep.update(engine, rebuild=rebuild, check=check, processes=processes)

    def manifest(self) -> Manifest | None:
        """What is there; None where there is nothing of use."""
        with suppress(DamagedError):
            return read_manifest(self.folder)
        return None

    def drop(self) -> bool:
        """Remove the index; return whether there was one. SQL answers from then on."""
        return Upkeep(self.folder, self.now).drop()
