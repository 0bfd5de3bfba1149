"""Verification of a log from files alone: a folder of tiles as C2SP tlog-tiles lays them out.

What lies there is what a log serves, or what somebody copied of it: ``checkpoint``, the tiles of
hashes ``tile/<level>/<index>``, and perhaps the entries in bundles ``tile/entries/<index>``. No
database is needed and nothing is trusted but the keys that the caller pins. The steps:

 1. the checkpoint is signed by a pinned key;
 2. every tile of hashes that the checkpoint's size asks for is there, full or of the width at the
    right edge, or a wider one that begins with it;
 3. each hash of an upper tile is the root of the tile below it, so that one tile is to blame;
 4. the hashes make the checkpoint's root;
 5. each entry of a bundle has the leaf hash in the tile; a bundle may be compressed with gzip;
 6. entries of a ledger of ours are canonical and chained: log, ``seq``, ``prev``.

Entries longer than 65,535 bytes fit into no bundle, so bundles may be missing; the report says how
many entries were read. Memory holds one tile of each level.

https://c2sp.org/tlog-tiles
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol

from ledger.errors import EntryError, StoreError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.entry import FIRST_PREV, decode_entry, leaf_hash
from ledger.log.merkle import HASH_SIZE, CompactRange
from ledger.log.note import Key
from ledger.log.report import Finding, Kind, Report
from ledger.log.segments import fold
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH, tile_path
from ledger.log.verify import MAX_FINDINGS

__all__ = ["Folder", "StaticFiles", "verify_files", "verify_static"]

_LENGTH: Final = 2  # bytes in front of an entry in a bundle, big-endian
_LARGEST: Final = TILE_WIDTH * (_LENGTH + 0xFFFF)
"""Bytes of the largest bundle."""


class StaticFiles(Protocol):
    """Where the files are."""

    def read(self, path: str, limit: int) -> bytes | None:
        """Return a file's first `limit` bytes; None when there is no such file."""
        ...

    def widths(self, path: str) -> Sequence[int]:
        """Return the widths in which a tile that isn't full is there."""
        ...


class Folder:
    """The files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str, limit: int) -> bytes | None:
        """Return a file's first `limit` bytes; None when there is no such file.

        Raises:
            StoreError: It is there and can't be read.
        """
        try:
            with (self._folder / path).open("rb") as file:
                return file.read(limit)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise StoreError(f"The file {path!r} can't be read: {error}.", "Check it.") from error

    def widths(self, path: str) -> Sequence[int]:
        """Return the widths in which a tile that isn't full is there, in order."""
        names = [one.name for one in (self._folder / f"{path}.p").glob("*")]
        found = [int(name) for name in names if name.isascii() and name.isdecimal()]
        return sorted(width for width in found if 0 < width < TILE_WIDTH)


def verify_static(
    files: StaticFiles,
    verifiers: Iterable[Key],
    *,
    origin: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Report, int]:
    """Verify a log from its files.

    Args:
        files: where they are.
        verifiers: the log's keys, from elsewhere.
        origin: the log it must be; None: the name of the key that signed.
        progress: called with entries done and entries to do.

    Returns:
        The report, and how many entries' bytes were read.

    Raises:
        NoteError: The checkpoint isn't one, or no pinned key signed it: nothing else means
            anything then.
        StoreError: There is no checkpoint, or a file can't be read.
    """
    note = files.read("checkpoint", 1_000_001)
    if note is None:
        raise StoreError(
            "There is no file 'checkpoint' in the folder.",
            "Name the folder that holds it beside the folder 'tile'.",
        )
    # Step 1.
    return verify_files(files, open_checkpoint(note, origin, verifiers), progress=progress)


def verify_files(
    files: StaticFiles,
    checkpoint: Checkpoint,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Report, int]:
    """Verify files against a checkpoint that the caller has opened (steps 2 to 6).

    Raises:
        StoreError: A file can't be read.
    """
    walk = _Walk(files, checkpoint)
    return walk.report(progress), walk.entries


class _Walk:
    def __init__(self, files: StaticFiles, checkpoint: Checkpoint) -> None:
        self.files = files
        self.checkpoint = checkpoint
        self.findings: list[Finding] = []
        self.entries = 0
        self.tree: CompactRange | None = CompactRange()
        self.ours: bool | None = None
        """Whether the entries are a ledger's of ours; the first one tells."""
        self.rows: list[list[bytes]] = []
        """Of each level above the lowest, the roots of the tiles below since its last full tile."""

    def find(self, seq: int, column: str, kind: Kind, message: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(self.checkpoint.origin, seq, column, kind, message))

    def report(self, progress: Callable[[int, int], None] | None) -> Report:
        signed = self.checkpoint
        prev: bytes | None = FIRST_PREV
        for start in range(0, signed.size, TILE_WIDTH):
            width = min(TILE_WIDTH, signed.size - start)
            leaves = self.tile(0, start // TILE_WIDTH, width)
            self.bundle(start, width, leaves, prev)
            prev = leaves[-1] if leaves else None
            self.grow(start, width, leaves)
            if progress is not None:
                progress(start + width, signed.size)
            if len(self.findings) >= MAX_FINDINGS:
                self.tree = None
                break
        else:
            for level, row in enumerate(self.rows, 1):
                self.compare(level, signed.size, row)
        return self.judged(self.tree.root() if self.tree is not None else None)

    # Step 4.
    def judged(self, root: bytes | None) -> Report:
        signed = self.checkpoint
        if root is not None and root != signed.root:
            text = f"The tiles make the root {root.hex()}, the checkpoint says {signed.root.hex()}."
            self.find(signed.size - 1, "root", Kind.CHECKPOINT, text)
        findings = sorted(self.findings, key=lambda one: one.seq or 0)
        intact = signed.size - 1
        if root != signed.root:
            intact = -1  # nothing ties the hashes to the signature
        elif findings and findings[0].seq is not None:
            intact = findings[0].seq - 1
        return Report(
            signed.origin,
            signed.size,
            root,
            signed.size if root == signed.root else None,
            tuple(findings),
            intact if intact >= 0 else None,
        )

    # Step 2.
    def tile(self, level: int, index: int, width: int) -> list[bytes]:
        """Return so many hashes of a tile; none, and a finding, where they aren't there."""
        full = tile_path(level, index)
        wider = [one for one in self.files.widths(full) if one > width]
        paths = [tile_path(level, index, one) for one in (width, *wider)]
        for path in dict.fromkeys([*paths, full]):
            raw = self.files.read(path, TILE_WIDTH * HASH_SIZE + 1)
            if raw is None:
                continue
            size = int(path.rpartition(".p/")[2]) if ".p/" in path else TILE_WIDTH
            if len(raw) == size * HASH_SIZE:
                return [raw[at : at + HASH_SIZE] for at in range(0, width * HASH_SIZE, HASH_SIZE)]
            text = f"Expected {size} hashes of {HASH_SIZE} bytes in {path}, got {len(raw)} bytes."
            self.find(self.last(level, index), "tile.hashes", Kind.CONTENT, text)
            return []
        text = f"The tile {paths[0]} is missing."
        self.find(self.last(level, index), "tile.hashes", Kind.CONTENT, text)
        return []

    def last(self, level: int, index: int) -> int:
        """Return the seq of the last entry under a tile."""
        return min(self.checkpoint.size, (index + 1) << (TILE_HEIGHT * (level + 1))) - 1

    # Step 3.
    def grow(self, start: int, width: int, leaves: list[bytes]) -> None:
        if not leaves:
            self.tree = None
        if self.tree is None:
            return
        if width < TILE_WIDTH:
            for leaf in leaves:
                self.tree.append(leaf)
            return
        node, level, end = fold(leaves), 1, start + width
        self.tree.append_subtree(node, TILE_HEIGHT)
        while True:
            if level > len(self.rows):
                self.rows.append([])
            row = self.rows[level - 1]
            row.append(node)
            if len(row) < TILE_WIDTH:
                return
            self.compare(level, end, row)
            node, level = fold(row), level + 1
            row.clear()

    def compare(self, level: int, end: int, row: list[bytes]) -> None:
        """Compare a tile of an upper level, the last before entry `end`, with what is below it."""
        if not row or self.tree is None:
            return
        index = ((end >> (TILE_HEIGHT * level)) - 1) // TILE_WIDTH
        stored = self.tile(level, index, len(row))
        for place, (made, said) in enumerate(zip(row, stored, strict=False)):
            if made != said:
                below = tile_path(level - 1, index * TILE_WIDTH + place)
                text = f"The tile {tile_path(level, index, len(row))} isn't what {below} makes."
                seq = self.last(level - 1, index * TILE_WIDTH + place)
                self.find(seq, "tile.hashes", Kind.PROJECTION, text)
                return

    # Step 5.
    def bundle(self, start: int, width: int, leaves: list[bytes], prev: bytes | None) -> None:
        path = tile_path(0, start // TILE_WIDTH, width).replace("tile/0/", "tile/entries/", 1)
        raw = self.files.read(path, _LARGEST + 1)
        if raw is None:
            return
        entries = _entries(raw, width)
        if entries is None:
            text = f"The bundle {path} isn't {width} entries with their lengths."
            self.find(start + width - 1, "bytes", Kind.CONTENT, text)
            return
        self.entries += width
        for seq, (entry, leaf) in enumerate(zip(entries, leaves, strict=False), start):
            if leaf_hash(entry) != leaf:
                text = f"The bytes have the leaf hash {leaf_hash(entry).hex()}, not {leaf.hex()}."
                self.find(seq, "bytes", Kind.CONTENT, text)
            else:
                self.chained(entry, seq, prev)
            prev = leaf

    # Step 6.
    def chained(self, raw: bytes, seq: int, prev: bytes | None) -> None:
        if self.ours is False:
            return
        try:
            header = decode_entry(raw).header
        except EntryError as error:
            if self.ours:
                self.find(seq, "bytes", Kind.CONTENT, str(error))
            self.ours = bool(self.ours)
            return
        self.ours = True
        if (header.log, header.seq) != (self.checkpoint.origin, seq):
            text = f"The bytes are entry {header.seq} of {header.log}."
            self.find(seq, "bytes", Kind.LINKAGE, text)
        elif prev is not None and header.prev != prev:
            text = f"Entry {seq} says that {header.prev.hex()} is before it, not {prev.hex()}."
            self.find(seq, "bytes", Kind.LINKAGE, text)


def _entries(raw: bytes, count: int) -> list[bytes] | None:
    """Return the entries of a bundle; None where it isn't one of so many."""
    found = _split(raw, count)
    if found is None and raw[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(wbits=31)
        try:
            raw = unpacker.decompress(raw, _LARGEST + 1)
        except zlib.error:
            return None
        found = _split(raw, count) if unpacker.eof and not unpacker.unused_data else None
    return found


def _split(raw: bytes, count: int) -> list[bytes] | None:
    entries: list[bytes] = []
    at = 0
    while at < len(raw) and len(entries) < count:
        start = at + _LENGTH
        at = start + int.from_bytes(raw[at:start])
        entries.append(raw[start:at])
    return entries if at == len(raw) and len(entries) == count else None
