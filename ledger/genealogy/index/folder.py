"""One index of one ledger: opened, followed, made again, dropped.

* `at` gives a walker for what a transaction sees, or None: then SQL answers. It never waits for a
  writer. Events behind the index are read from the table and kept in memory as its *tail*.
* `update` writes: a delta of what is new, one of all deltas once they are many, or a new base once
  they are large, or where the old one doesn't stand any more. One process writes at a time.

How much is read when: a tail of up to `TAIL` events is read by who asks. Beyond, SQL answers until
somebody has updated the index.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

from ledger.files import alone, sync_folder
from ledger.genealogy.index.base import Range, TooSparseError, make_base
from ledger.genealogy.index.extract import links_after
from ledger.genealogy.index.files import (
    MANIFEST,
    DamagedError,
    Manifest,
    Part,
    check_part,
    describe,
    open_part,
    read_manifest,
    sweep,
    write_arrays,
    write_manifest,
)
from ledger.genealogy.index.state import State, newest_event, read_state, stands
from ledger.genealogy.index.tail import make_tail
from ledger.genealogy.index.view import View
from ledger.genealogy.index.walker import IndexWalker
from ledger.store.engine import reading
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from ledger.genealogy.index.segment import Segment

__all__ = ["TAIL", "TraceIndex", "Update"]

TAIL: Final = 20_000
"""Events that are read when somebody asks: a fifth of a second, once."""
_FEW: Final = 8
"""Deltas, before they become one."""
_SMALL: Final = 200_000
"""Links of deltas that are no reason for a new base, however small that is."""
_ATTEMPTS: Final = 5  # at opening parts that a writer is replacing


@dataclass(frozen=True, slots=True)
class Update:
    """What an update has done."""

    manifest: Manifest | None
    """The index now; None where ids lie too far apart for one."""
    done: str
    """"nothing", "delta" or "base"."""


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

    def update(
        self, engine: Engine, *, rebuild: bool = False, processes: int | None = None
    ) -> Update:
        """Make the index, or bring it up to date.

        Args:
            engine: The ledger.
            rebuild: Make it anew in any case.
            processes: How many may read the table; by default as many as there are processors.

        Raises:
            OSError: The folder can't be written; the index is what it was.
            StoreError: The ledger can't be read.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self.folder / MANIFEST), reading(engine) as connection:
            manifest = None if rebuild else self._usable(connection)
            sweep(self.folder, manifest)
            state = read_state(connection)
            if manifest is not None:
                last = manifest.parts[-1].last_event
                if last == state.last_event:
                    return Update(manifest, "nothing")
                followed = self._write_delta(connection, manifest, state)
                if followed is not None:
                    return Update(followed, "delta")
            url = engine.url.render_as_string(hide_password=False)
            cores = processes or os.cpu_count() or 1
            return Update(self._write_base(connection, url, state, cores), "base")

    def _usable(self, connection: Connection) -> Manifest | None:
        """The manifest, where its parts are sound to the last byte and the ledger contains it."""
        try:
            manifest = read_manifest(self.folder)
            if manifest is None or not stands(connection, manifest.state):
                return None
            for part in manifest.parts:
                check_part(self.folder, part)
        except (DamagedError, OSError):
            return None
        return manifest

    def _write_delta(
        self, connection: Connection, manifest: Manifest, state: State
    ) -> Manifest | None:
        """Write what is new as a delta; None where a base is to be made."""
        kept = manifest.parts if len(manifest.parts) <= _FEW else manifest.parts[:1]
        segments = tuple(open_part(self.folder, part) for part in kept)
        first, last = segments[-1].last_event, state.last_event
        if last - first > max(TAIL * _FEW, (first - segments[0].first_event) // 4):
            return None
        links = links_after(connection, first, last)
        if links is None:
            return None
        behind = sum(part.links for part in kept[1:]) + len(links)
        if behind > max(_SMALL, kept[0].links // 4):
            return None
        segment = make_tail(segments, links, last)
        folder = self._new_folder()
        arrays = write_arrays(folder, segment)
        part = self._finish(folder, arrays, (segment.first_event, last, segment.first_node))
        return self._publish(state, (*kept, part))

    def _write_base(
        self, connection: Connection, url: str, state: State, processes: int
    ) -> Manifest | None:
        folder = self._new_folder()
        try:
            arrays = make_base(connection, url, folder, state.last_event, processes=processes)
        except TooSparseError:
            shutil.rmtree(folder)
            (self.folder / MANIFEST).unlink(missing_ok=True)
            return None
        first = Range.of(connection, state.last_event).first_event
        part = self._finish(folder, arrays, (first, state.last_event, 0))
        return self._publish(state, (part,))

    def _new_folder(self) -> Path:
        number = 1 + max(
            (int(path.name[4:]) for path in self.folder.glob("part*") if path.name[4:].isdigit()),
            default=0,
        )
        folder = self.folder / f"part{number}.new"
        folder.mkdir(mode=0o700)
        # Crash: a folder that no manifest names, which the next writer removes; so below.
        return folder

    def _finish(
        self, folder: Path, arrays: dict[str, tuple[str, int]], numbers: tuple[int, int, int]
    ) -> Part:
        """Wait for the disk and give a part its name."""
        files = describe(folder, arrays)
        final = folder.with_suffix("")
        folder.rename(final)
        sync_folder(self.folder)
        return Part(final.name, *numbers, files)

    def _publish(self, state: State, parts: tuple[Part, ...]) -> Manifest:
        manifest = write_manifest(self.folder, self.now(), state, parts)
        sweep(self.folder, manifest)
        return manifest

    def manifest(self) -> Manifest | None:
        """What is there; None where there is nothing of use."""
        with suppress(DamagedError):
            return read_manifest(self.folder)
        return None

    def drop(self) -> bool:
        """Remove the index; return whether there was one. SQL answers from then on."""
        if not self.folder.is_dir():
            return False
        with alone(self.folder / MANIFEST):
            present = self.present
            (self.folder / MANIFEST).unlink(missing_ok=True)
            sweep(self.folder, None)
        with suppress(OSError):  # somebody keeps other files there
            self.folder.rmdir()
        return present
