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

from ledger.genealogy.index.extract import links_after
from ledger.genealogy.index.files import (
    MANIFEST,
    DamagedError,
    Manifest,
    open_part,
    read_manifest,
)
from ledger.genealogy.index.state import newest_event, stands
from ledger.genealogy.index.tail import make_tail
from ledger.genealogy.index.upkeep import Update, Upkeep
from ledger.genealogy.index.view import View
from ledger.genealogy.index.walker import IndexWalker
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from ledger.genealogy.index.segment import Segment

__all__ = ["TAIL", "TraceIndex"]

TAIL: Final = 20_000
"""Events that are read when somebody asks: a fifth of a second, once."""
_ATTEMPTS: Final = 5  # at opening parts that a writer is replacing


@dataclass(slots=True)
class _Opened:
    """What is mapped at the moment."""

    stamp: tuple[int, int, int]
    manifest: Manifest
    parts: tuple[Segment, ...]
    view: View
    """The parts and the tail."""
    seen: object = None
    """The ledger's heads when it was last found to stand."""


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
            self._opened = _Opened(stamp, manifest, parts, View.over(parts))
        return self._opened

    def _parts(self) -> tuple[Manifest, tuple[Segment, ...]]:
        for attempt in range(_ATTEMPTS):
            manifest = read_manifest(self.folder)
            if manifest is None:
                break
            try:
                return manifest, tuple(open_part(self.folder, part) for part in manifest.parts)
            except FileNotFoundError:
                # A writer has replaced them meanwhile, or somebody has removed one.
                if attempt == _ATTEMPTS - 1:
                    raise
        raise DamagedError("The trace index went away.")

    def _follow(self, connection: Connection, opened: _Opened) -> View | None:
        """The view of what a transaction sees, with a tail that reaches so far."""
        newest = newest_event(connection)
        heads = fetch(connection, "SELECT id, size, head FROM log ORDER BY id")
        seen = (newest, [(row, size, bytes(head)) for row, size, head in heads])
        if opened.seen == seen and opened.view.last_event == newest:
            return opened.view
        if newest < opened.manifest.state.last_event or not stands(
            connection, opened.manifest.state
        ):
            return None
        # The tail may be of a ledger that was replaced since, or of later events than these.
        base = View.over(opened.parts)
        if newest > base.last_event + TAIL:
            return None
        if newest > base.last_event:
            links = links_after(connection, base.last_event, newest)
            if links is None:
                return None
            base = View.over((*opened.parts, make_tail(opened.parts, links, newest)))
        opened.view, opened.seen = base, seen
        return base

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
