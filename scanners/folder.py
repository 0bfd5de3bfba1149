"""A folder that is watched: pictures and PDFs dropped into it are read, then moved away.

Rules kept here:

* A file is read once its size and time have stood still from one look to the next; names that
  copying programs use meanwhile, hidden names, folders, links and devices are left alone.
* Read files go to ``done``; what can't be looked at or holds no code goes to ``failed``, with a
  sentence beside it in a ``.txt``. Nothing there is ever overwritten.
* A file is moved after its last scan was taken: who is killed in between reads it again. A scan's
  ``captured_at`` is the file's own time, so that it has the same id then.
* A file over which the program has died three times in a row goes to ``failed`` unread.
* Links are never followed, neither as files nor as ``done`` or ``failed``, and one program alone
  watches a folder.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Self

from scanners.cascade import THOROUGH_SECONDS
from scanners.errors import FileUnreadableError, FolderUnusableError, ScanError
from scanners.pictures import MAX_FILE_BYTES, scan_bytes, too_many_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scanners.scan import Scan

__all__ = ["WatchedFolder"]

DONE, FAILED = "done", "failed"
_TRYING = ".reading"
"""Names the file that is being read, and the how manieth time, for whoever starts after a kill."""
_TRIES = 3
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", "~")
_EMPTY_LOOKS = 10
"""So many times an empty file must stand still: many programs make the file before they fill it."""
_LONGEST_NAME = 200
"""Bytes of a name that are kept, so that a number and an ending fit behind them."""
_NS_PER_US = 1000
_NO_CODE = "no code was found; photograph it nearer, sharper or with more light."


class _State(NamedTuple):
    size: int
    changed_ns: int


class WatchedFolder:
    """A `ScannerAdapter` over a folder into which others put pictures and PDFs."""

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], int],
        every_s: float = 1.0,
        until_empty: bool = False,
        seconds: float = THOROUGH_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare to watch.

        Args:
            folder: It exists; ``done`` and ``failed`` are made in it.
            now: The clock, UTC in microseconds, for `Scan.received_at`.
            every_s: Seconds between two looks.
            until_empty: End once no file is left that may become readable.
            seconds: That of `scanners.pictures.scan_file`.
            sleep: Waits between two looks.
        """
        self._folder = folder
        self._now = now
        self._every_s = every_s
        self._until_empty = until_empty
        self._seconds = seconds
        self._sleep = sleep
        self._open = ExitStack()
        self._here = self._done = self._failed = -1
        self._seen: dict[str, tuple[_State, int]] = {}

    def __enter__(self) -> Self:
        """Open the folder, and keep others from watching it.

        Raises:
            FolderUnusableError: it is missing, not ours to write, or watched already.
        """
        try:
            with ExitStack() as opened:
                self._here = _opened(opened, str(self._folder), None)
                fcntl.flock(self._here, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for name in (DONE, FAILED):
                    with suppress(FileExistsError):
                        os.mkdir(name, 0o777, dir_fd=self._here)
                self._done = _opened(opened, DONE, self._here)
                self._failed = _opened(opened, FAILED, self._here)
                self._open = opened.pop_all()
        except BlockingIOError:
            raise FolderUnusableError(
                str(self._folder), "is watched by another program", "stop one of them"
            ) from None
        except OSError as error:
            raise self._unusable(error) from error
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Leave the folder to others; the file in hand stays where it is."""
        self._open.close()
        self._here = -1

    def __iter__(self) -> Iterator[Scan]:
        """Deliver the scans of each file in the order of their names; wait for more.

        Raises:
            FolderUnusableError: the folder can't be listed or written any more.
        """
        while self._here >= 0:
            try:
                ready, waiting = self._look()
            except OSError as error:
                raise self._unusable(error) from error
            for name, state in ready:
                yield from self._read(name, state)
                if self._here < 0:
                    return
            if self._until_empty and not waiting and not ready:
                return
            self._sleep(self._every_s)

    def _look(self) -> tuple[list[tuple[str, _State]], bool]:
        """The files that stand still, and whether others may come to do so."""
        found: dict[str, tuple[_State, int]] = {}
        ready = []
        with os.scandir(self._here) as entries:
            names = sorted(entry.name for entry in entries)
        for name in names:
            if name.startswith(".") or name.lower().endswith(_UNFINISHED):
                continue
            try:
                status = os.stat(name, dir_fd=self._here, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if not stat.S_ISREG(status.st_mode):
                continue
            state = _State(status.st_size, status.st_mtime_ns)
            before, looks = self._seen.get(name, (state, 0))
            looks = looks + 1 if state == before else 1
            found[name] = state, looks
            if looks > (1 if state.size else _EMPTY_LOOKS):
                ready.append((name, state))
        self._seen = found
        return ready, len(ready) < len(found)

    def _read(self, name: str, state: _State) -> Iterator[Scan]:
        shown = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name)
        count = 0
        try:
            self._begin(name, state, shown)
            data = self._content(name, state, shown)
            if data is None:
                return  # it is still being written
            for scan in scan_bytes(
                data, name=shown, captured_at=state.changed_ns // _NS_PER_US, seconds=self._seconds
            ):
                yield replace(scan, received_at=self._now())
                count += 1
            if count:
                self._move(name, self._done, self._free(name, self._done))
            else:
                self._fail(name, f"{shown}: {_NO_CODE}")
        except ScanError as error:
            if isinstance(error, FolderUnusableError):
                raise
            self._fail(name, str(error))
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            with suppress(OSError):
                os.unlink(_TRYING, dir_fd=self._here)

    def _begin(self, name: str, state: _State, shown: str) -> None:
        """Note that the file is tried, in case this program dies of it."""
        token = f"{state.size} {state.changed_ns} {name}".encode("utf-8", "surrogateescape")
        tries = 1
        with suppress(OSError):
            first, _, rest = _bytes(_TRYING, self._here, 4096).partition(b" ")
            if rest == token and first.isdigit():
                tries = int(first) + 1
        if tries > _TRIES:
            raise FileUnreadableError(
                shown,
                f"has stopped the program {_TRIES} times",
                "keep it for those who look after the program, and photograph the label again",
            )
        _write(_TRYING, self._here, str(tries).encode() + b" " + token)

    def _content(self, name: str, state: _State, shown: str) -> bytes | None:
        """The whole file; None where it has changed or gone meanwhile."""
        if state.size > MAX_FILE_BYTES:
            raise too_many_bytes(shown, state.size)
        try:
            data = _bytes(name, self._here, state.size + 1)
            status = os.stat(name, dir_fd=self._here, follow_symlinks=False)
        except (FileNotFoundError, IsADirectoryError):
            return None
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EPERM, errno.ELOOP, errno.EIO}:
                reason = (error.strerror or "error").lower()
                raise FileUnreadableError(
                    shown, f"cannot be read ({reason})", "check its permissions, or copy it again"
                ) from error
            raise
        if len(data) != state.size or _State(status.st_size, status.st_mtime_ns) != state:
            return None
        return data

    def _fail(self, name: str, sentence: str) -> None:
        # The sentence first: who dies in between reads the file again, and a sentence is left over.
        try:
            kept = self._free(name, self._failed)
            _write(f"{kept}.txt", self._failed, f"{sentence}\n".encode("utf-8", "replace"))
            self._move(name, self._failed, kept)
        except OSError as error:
            raise self._unusable(error) from error

    def _move(self, name: str, to: int, kept: str) -> None:
        with suppress(FileNotFoundError):  # somebody took it away
            os.rename(name, kept, src_dir_fd=self._here, dst_dir_fd=to)
        self._seen.pop(name, None)

    def _free(self, name: str, to: int) -> str:
        """A name free in that folder, with its sentence's; a number is put before the ending."""
        stem, dot, ending = name.rpartition(".")
        if not stem or len(os.fsencode(ending)) > 10:  # noqa: PLR2004 - bytes of an ending
            stem, dot, ending = name, "", ""
        stem = os.fsdecode(os.fsencode(stem)[:_LONGEST_NAME])
        number = 1
        while True:
            kept = f"{stem}{f'-{number}' if number > 1 else ''}{dot}{ending}"
            if not _exists(kept, to) and not _exists(f"{kept}.txt", to):
                return kept
            number += 1

    def _unusable(self, error: OSError) -> FolderUnusableError:
        reason = (error.strerror or type(error).__name__).lower()
        return FolderUnusableError(
            str(self._folder),
            f"can't be watched ({reason})",
            f"check that it, {DONE} and {FAILED} are folders, writable and with room",
        )


def _opened(stack: ExitStack, name: str, within: int | None) -> int:
    kind = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    # The folder that was named may be a link; those within it may not.
    kind |= 0 if within is None else os.O_NOFOLLOW
    descriptor = os.open(name, kind, dir_fd=within)
    stack.callback(os.close, descriptor)
    return descriptor


def _exists(name: str, within: int) -> bool:
    try:
        os.stat(name, dir_fd=within, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _bytes(name: str, within: int, most: int) -> bytes:
    # A pipe put in the file's place must not block us.
    kind = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(name, kind, dir_fd=within), "rb") as file:  # noqa: PTH123 - within the folder
        return file.read(most)


def _write(name: str, within: int, data: bytes) -> None:
    """Write a small file in one step, so that nobody sees half of it."""
    half = f".{os.getpid()}.half"
    with suppress(FileNotFoundError):
        os.unlink(half, dir_fd=within)
    kind = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with open(os.open(half, kind, 0o666, dir_fd=within), "wb") as file:  # noqa: PTH123 - within the folder
        file.write(data)
    os.rename(half, name, src_dir_fd=within, dst_dir_fd=within)
