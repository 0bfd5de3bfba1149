"""Small files beside the ledger, written so that a power cut leaves them whole or not at all."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["alone", "sync_folder", "write_new", "write_whole"]


def write_new(path: Path, content: str | bytes, mode: int = 0o600) -> None:
    """Write a file that isn't there, and wait for the disk; the folder is the caller's to wait for.

    Raises:
        OSError: It is there, or can't be written.
    """
    raw = content.encode() if isinstance(content, str) else content
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Write a file so that a power cut leaves the whole of it, or what was there before.

    Raises:
        OSError: It can't be written; the file is what it was.
    """
    beside = path.with_name(path.name + ".new")
    # A leftover might have another mode, or be a link to elsewhere.
    with suppress(FileNotFoundError):
        beside.unlink()
    try:
        write_new(beside, content, mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    # Crash: the old file or the new one.
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names of a folder: else it may keep the bytes and lose those."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a file, and those beside it, against other processes; the lock ends with the process.

    Raises:
        OSError: The folder can't be opened.
    """
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
