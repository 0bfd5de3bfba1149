"""Writing an index: made, followed, made again, dropped. One process writes at a time.

An update writes a delta of what is new; one of all deltas once they are many; or a new base once
they are large, or where the old one doesn't stand any more.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.files import alone, sync_folder
from ledger.genealogy.index.base import Range, TooSparseError, make_base
from ledger.genealogy.index.extract import links_after, logs_after
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
from ledger.genealogy.index.state import State, read_state, stands
from ledger.genealogy.index.tail import make_tail
from ledger.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

__all__ = ["Update", "Upkeep"]

_FEW: Final = 8
"""Deltas, before they become one."""
_LONG: Final = 160_000
"""Events that a delta is made of in memory; more are read as a base is."""
_SMALL: Final = 200_000
"""Links of deltas that are no reason for a new base, however small that is."""


@dataclass(frozen=True, slots=True)
class Update:
    """What an update has done."""

    manifest: Manifest | None
    """The index now; None where ids lie too far apart for one."""
    done: str
    """"nothing", "delta" or "base"."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Writes the index in a folder."""

    folder: Path
    now: Callable[[], int]
    """The clock, microseconds since 1970 UTC."""

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
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(self.folder / MANIFEST), reading(engine) as connection:
            there = self._there()
            sweep(self.folder, there)  # readers go on with what is there until it is replaced
            manifest = None if rebuild else self._usable(connection, there, check=check)
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

    def _there(self) -> Manifest | None:
        with suppress(DamagedError):
            return read_manifest(self.folder)
        return None

    def _usable(
        self, connection: Connection, manifest: Manifest | None, *, check: bool
    ) -> Manifest | None:
        """The manifest, where its parts are sound and the ledger contains it."""
        try:
            if manifest is None or not stands(connection, manifest.state):
                return None
            for part in manifest.parts:
                (check_part if check else open_part)(self.folder, part)
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
        if last - first > _LONG:
            return None
        links = links_after(connection, first, last)
        if links is None:
            return None
        behind = sum(part.links for part in kept[1:]) + len(links)
        if behind > max(_SMALL, kept[0].links // 4):
            return None
        segment = make_tail(segments, links, last, logs_after(connection, first, last))
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
            (self.folder / MANIFEST).unlink(missing_ok=True)
            sweep(self.folder, None)
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

    def drop(self) -> bool:
        """Remove the index; return whether there was one. SQL answers from then on."""
        if not self.folder.is_dir():
            return False
        with alone(self.folder / MANIFEST):
            present = (self.folder / MANIFEST).exists()
            (self.folder / MANIFEST).unlink(missing_ok=True)
            sweep(self.folder, None)
        with suppress(OSError):  # somebody keeps other files there
            self.folder.rmdir()
        return present
