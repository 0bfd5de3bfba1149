"""The files of an index: parts that never change, and one manifest that names those that count.

``<folder>/index.json`` holds a line with the SHA-256 of the rest, and the rest. Each part is a
folder with a file for each array. Rules:

* A part is written under another name, waited for, and renamed; the manifest is last. What a crash
  leaves is the old index, or the new one, with folders beside it that nobody names.
* Readers map files and take no lock. A part that the newest manifest doesn't name is removed by the
  next writer; who has mapped it keeps it. A reader whose manifest was replaced while it opened the
  parts begins again.
* Opening compares size, inode and times of change with the manifest, which takes microseconds for
  files of any size; where they differ, as in a copy, the SHA-256 of the content decides.

What this doesn't notice is bytes that rot below the file system; `suyuan index` reads them all.
Who may write to the folder can make the answers of an index wrong, and end the processes that have
mapped a file by cutting it. The folder is its owner's alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
from msgspec import Struct

from ledger.errors import LedgerError
from ledger.files import sync_folder, write_whole
from ledger.genealogy.index.segment import ARRAYS, Segment
from ledger.genealogy.index.state import State  # noqa: TC001 - msgspec reads annotations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ledger.genealogy.index.segment import Array

__all__ = [
    "MANIFEST",
    "DamagedError",
    "File",
    "Manifest",
    "Part",
    "check_part",
    "describe",
    "open_part",
    "read_manifest",
    "sweep",
    "write_arrays",
    "write_manifest",
]

MANIFEST: Final = "index.json"
FORMAT: Final = 2
_TYPES: Final = frozenset({"|u1", "<u4", "<u8", "<i8"})
_LARGEST_MANIFEST: Final = 1 << 20  # bytes


class DamagedError(LedgerError):
    """Files that aren't what the manifest says; the index is of no use and is made again."""


class File(Struct, frozen=True):
    """One array."""

    kind: str
    """Type of its numbers, as numpy spells it."""
    count: int
    sha256: str
    """Lower-case hex."""
    stamp: tuple[int, int, int]
    """Inode, time of modification and of change, nanoseconds."""


class Part(Struct, frozen=True):
    """One segment."""

    folder: str
    first_event: int
    last_event: int
    first_node: int
    files: dict[str, File]

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(one.count * np.dtype(one.kind).itemsize for one in self.files.values())

    @property
    def links(self) -> int:
        """How many links it holds."""
        return self.files["item_role"].count


class Manifest(Struct, frozen=True):
    """An index, whole."""

    format: int
    made_at: int
    """Microseconds since 1970 UTC."""
    state: State
    """What it was made from."""
    parts: tuple[Part, ...]
    """A base, and the deltas behind it."""

    @property
    def links(self) -> int:
        """How many links it holds."""
        return sum(part.links for part in self.parts)

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        return sum(part.size for part in self.parts)


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest; None where there is none.

    Raises:
        DamagedError: It isn't what was written, or another version's.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            raw = file.read(_LARGEST_MANIFEST)
    except FileNotFoundError:
        return None
    digest, _, rest = raw.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != digest:
        raise DamagedError(f"{MANIFEST} of the trace index was damaged or cut.")
    try:
        manifest = msgspec.json.decode(rest, type=Manifest)
    except msgspec.DecodeError as error:
        raise DamagedError(f"{MANIFEST} of the trace index can't be read: {error}.") from error
    sound = all(
        part.files.keys() == set(ARRAYS)
        and all(one.kind in _TYPES and one.count >= 0 for one in part.files.values())
        and part.folder.isidentifier()
        for part in manifest.parts
    )
    if manifest.format != FORMAT or not manifest.parts or not sound:
        raise DamagedError(f"{MANIFEST} of the trace index is of another version.")
    return manifest


def write_manifest(folder: Path, made_at: int, state: State, parts: tuple[Part, ...]) -> Manifest:
    """Make parts the index."""
    manifest = Manifest(FORMAT, made_at, state, parts)
    rest = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    write_whole(folder / MANIFEST, hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest, 0o600)
    # Crash: the old index or the new one.
    return manifest


def write_arrays(folder: Path, segment: Segment) -> dict[str, tuple[str, int]]:
    """Write the arrays of a segment into an empty folder; return the type and length of each."""
    for name, one in segment.arrays():
        (folder / name).write_bytes(one.tobytes())
    return {name: (one.dtype.str, len(one)) for name, one in segment.arrays()}


def describe(folder: Path, arrays: Mapping[str, tuple[str, int]]) -> dict[str, File]:
    """Wait until the disk has the files of a part, and take their digests and stamps."""
    # All at once: a disk has them together sooner than one after the other, and who captures
    # meanwhile waits for the same disk.
    with ThreadPoolExecutor(len(arrays)) as pool:
        list(pool.map(lambda name: _sync(folder / name), arrays))
    found = {}
    for name, (kind, count) in arrays.items():
        with (folder / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[name] = File(kind, count, digest, _stamp(os.fstat(file.fileno())))
    sync_folder(folder)
    return found


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def open_part(folder: Path, part: Part) -> Segment:
    """Map the arrays of a part.

    Raises:
        DamagedError: A file isn't what it was.
        FileNotFoundError: One is missing.
    """
    arrays: dict[str, Any] = {
        name: _open(folder / part.folder / name, file) for name, file in part.files.items()
    }
    return Segment(part.first_event, part.last_event, part.first_node, **arrays)


def _open(path: Path, file: File) -> Array:
    found = path.lstat()
    kind = np.dtype(file.kind)
    if not stat.S_ISREG(found.st_mode) or found.st_size != file.count * kind.itemsize:
        raise DamagedError(f"{path.name} of the trace index has {found.st_size} bytes.")
    if _stamp(found) != file.stamp:
        _check(path, file)
    if not file.count:
        return np.empty(0, kind)
    # Plain arrays over the mapping: numpy's own class for it makes every slice slow.
    return np.memmap(path, kind, "r").view(np.ndarray)


def _check(path: Path, file: File) -> None:
    with path.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != file.sha256:
            raise DamagedError(f"{path.name} of the trace index was damaged or changed.")


def check_part(folder: Path, part: Part) -> None:
    """Read every byte of a part.

    Raises:
        DamagedError: A file isn't what it was.
        FileNotFoundError: One is missing.
    """
    for name, file in part.files.items():
        _check(folder / part.folder / name, file)


def sweep(folder: Path, manifest: Manifest | None) -> None:
    """Remove what no manifest names; the caller holds the lock."""
    kept = {part.folder for part in manifest.parts} if manifest else set[str]()
    for path in folder.iterdir():
        if path.is_dir() and path.name.startswith("part") and path.name not in kept:
            shutil.rmtree(path)
