"""Verification: rebuild a log from its stored bytes and compare everything else with them.

The checker imports nothing that writes, reads through three methods (`LogReader`), and trusts
nothing stored: only the keys that the caller pins. Its steps, numbered again at the code:

 1. ``seq`` counts from 0 without gaps, and each row holds the entry of its own ``seq``;
 2. ``bytes`` decode as an entry in canonical form;
 3. ``leaf`` is the hash of the bytes;
 4. the header names this log;
 5. the chain: the header's ``prev`` is the leaf hash of the entry before;
 6. every other column says what the header says;
 7. what the caller derives from the entry is what is stored (`check_projection`);
 8. each stored checkpoint is signed by a pinned key, and its columns say what it says;
 9. the Merkle root over the first n entries is the root of each checkpoint of size n;
10. the log is not shorter than its newest checkpoint, nor than the store says it is;
11. entries behind the newest checkpoint are counted, and a finding only where that is asked.

The first bad entry is named with its column. Where two stored values disagree, the one that a third
value contradicts is blamed: the next entry's ``prev``, or a signed checkpoint. After a finding the
walk goes on from the value that the rest of the log agrees with, so that one change is one finding.

What this cannot see: the deletion of the newest entries together with every checkpoint over them,
and a log written anew by who holds the key. For these a checkpoint kept elsewhere is compared;
pass it through `LogReader.checkpoints`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from ledger.errors import EntryError, NoteError, shown
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.entry import FIRST_PREV, HASH_SIZE, Entry, decode_entry, leaf_hash
from ledger.log.merkle import CompactRange
from ledger.log.note import Key
from ledger.log.report import (
    CheckProjection,
    Finding,
    Kind,
    LogReader,
    Report,
    StoredCheckpoint,
    StoredEntry,
)

__all__ = [
    "CheckProjection",
    "Finding",
    "Kind",
    "LogReader",
    "Report",
    "StoredCheckpoint",
    "StoredEntry",
    "verify_log",
]

MAX_FINDINGS: Final = 20
"""After so many findings the walk stops; the log is broken, and more would not help."""

_MAX_UNSIGNED: Final = (
    5  # findings about checkpoints' notes, which a wrong key gives by the thousand
)

_PROGRESS: Final = 1000  # entries between two calls of `progress`


def verify_log(
    reader: LogReader,
    origin: str,
    verifiers: Iterable[Key],
    *,
    check_projection: CheckProjection | None = None,
    progress: Callable[[int, int], None] | None = None,
    require_checkpoint: bool = False,
    sound: CompactRange | None = None,
) -> Report:
    """Check a whole log; never raises on what is stored, however broken.

    Args:
        reader: the store.
        origin: the log's origin, which is its name in every header.
        verifiers: the log's public keys, from where an intruder cannot write; best a `KeyRing`,
            which says for which sizes each counts.
        check_projection: step 7.
        progress: called with entries done and entries to do.
        require_checkpoint: make entries that no checkpoint covers a finding.
        sound: the tree over the first entries, which the caller has found to be sound with every
            checkpoint over them; the walk begins behind them.
    """
    walk = _Walk(origin, check_projection, sound or CompactRange())
    total = reader.size(origin)
    walk.take_checkpoints(reader.checkpoints(origin), verifiers)
    row: _Row | None = None
    for done, stored in enumerate(reader.entries(origin, walk.rows), walk.rows):
        following = _Row.examine(stored)
        if row is not None:
            walk.step(row, following)
        row = following
        if progress is not None and done % _PROGRESS == 0:
            progress(done, total)
        if len(walk.findings) >= MAX_FINDINGS:
            return walk.report()
    if row is not None:
        walk.step(row, None)
    walk.finish(total, require_checkpoint=require_checkpoint)
    if progress is not None:
        progress(walk.rows, total)
    return walk.report()


@dataclass(slots=True)
class _Row:
    """A row with all that can be said about it alone."""

    stored: StoredEntry
    hash: bytes | None
    """Leaf hash of the bytes; None where they are no bytes."""
    entry: Entry | None
    error: str
    """Why `entry` is None."""

    @classmethod
    def examine(cls, stored: StoredEntry) -> "_Row":
        raw = stored.raw
        if type(raw) is not bytes:
            return cls(stored, None, None, f"Expected bytes, got {shown(raw)}.")
        try:
            return cls(stored, leaf_hash(raw), decode_entry(raw), "")
        except EntryError as error:
            return cls(stored, leaf_hash(raw), None, str(error))

    def claims_before(self, seq: int) -> bytes | None:
        """Return the leaf hash that this row claims for entry `seq`, if it stands behind it."""
        if self.entry is not None:
            header = self.entry.header
            return header.prev if header.seq == seq + 1 else None
        prev = self.stored.prev
        return prev if self.stored.seq == seq + 1 and _is_hash(prev) else None


def _is_hash(value: Any) -> bool:
    return type(value) is bytes and len(value) == HASH_SIZE


class _Walk:
    """The state of one verification, at most a few hashes besides the checkpoints."""

    def __init__(self, log: str, check: CheckProjection | None, sound: CompactRange) -> None:
        self.log = log
        self.check_projection = check
        self.findings: list[Finding] = []
        self.first_bad: int | None = None
        self.rows = self.next_seq = sound.size
        # The leaves before `newest`, which may yet be corrected by the entry behind it; None once
        # the leaves cannot be known.
        self.tree: CompactRange | None = sound.copy()
        self.newest: bytes | None = None
        self.before_newest: bytes | None = None
        # By how much the rows' own seq was off when that was last reported.
        self.shift = 0
        self.checkpoints: dict[int, list[Checkpoint]] = {}
        self.proven: int | None = None
        self.forked = False

    def find(self, seq: int | None, column: str, kind: Kind, message: str) -> None:
        self.add(Finding(self.log, seq, column, kind, message))

    def add(self, finding: Finding) -> None:
        self.findings.append(finding)
        if finding.kind is Kind.CHECKPOINT or finding.seq is None:
            return
        if self.first_bad is None or finding.seq < self.first_bad:
            self.first_bad = finding.seq

    # Step 8.
    def take_checkpoints(
        self, stored: Iterable[StoredCheckpoint], verifiers: Iterable[Key]
    ) -> None:
        for row in stored:
            checkpoint = self.open_checkpoint(row, verifiers)
            if checkpoint is None:
                continue
            for column, value, signed in (
                ("size", row.size, checkpoint.size),
                ("root", row.root, checkpoint.root),
            ):
                if type(value) is not type(signed) or value != signed:
                    message = f"The note says {_show(signed)}, the column {_show(value)}."
                    self.find(checkpoint.size - 1, column, Kind.CHECKPOINT, message)
            self.checkpoints.setdefault(checkpoint.size, []).append(checkpoint)
        self.proven = max((size for size in self.checkpoints if size < self.rows), default=None)
        self.compare_checkpoints()

    def open_checkpoint(self, row: StoredCheckpoint, verifiers: Iterable[Key]) -> Checkpoint | None:
        message = f"Expected a signed note, got {shown(row.note)}."
        if isinstance(row.note, str | bytes):
            try:
                return open_checkpoint(row.note, self.log, verifiers)
            except NoteError as error:
                message = str(error)
        if len(self.findings) < _MAX_UNSIGNED:
            seq = row.size - 1 if type(row.size) is int and row.size > 0 else None
            self.find(seq, "note", Kind.CHECKPOINT, message)
        return None

    def step(self, row: _Row, following: _Row | None) -> None:
        self.rows += 1
        if not self.place(row):
            return
        seq = self.next_seq
        leaf, sound = self.content(row, seq, following)
        if row.entry is not None and sound:
            self.linkage(row, row.entry, seq, following)
            self.columns(row.stored, row.entry, seq)
            if row.entry.header.seq != seq:
                leaf = None
        self.push()
        self.before_newest, self.newest = self.newest, leaf
        if leaf is None:
            self.tree = None
        self.next_seq = seq + 1

    # Step 1.
    def place(self, row: _Row) -> bool:
        """Return whether the row is the next one; report it, or the gap before it, if not."""
        seq = row.stored.seq
        own = row.entry.header.seq if row.entry is not None else None
        # A row behind a gap that says itself that it belongs before the gap is no evidence of it.
        moved = own is not None and own < self.next_seq
        if type(seq) is not int or seq < self.next_seq or (seq > self.next_seq and moved):
            message = f"A row with seq {shown(seq)} is out of place: {_holds(own)}."
            self.find(own, "seq", Kind.LINKAGE, message)
            return False
        if seq > self.next_seq:
            self.gap(seq - 1, row)
        if own is None or row.hash != row.stored.leaf:
            return True
        shift = own - seq
        if shift not in {0, self.shift}:
            self.misplaced(row, seq, own)
        self.shift = shift
        return True

    def gap(self, last: int, row: _Row) -> None:
        first = self.next_seq
        which = f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
        self.find(first, "seq", Kind.LINKAGE, f"{which} missing.")
        self.push()
        # The entry behind a gap still says the leaf hash of the last missing one.
        self.before_newest, self.newest = self.newest, row.claims_before(last)
        if first != last or self.newest is None:
            self.tree = None
        self.next_seq = last + 1

    def misplaced(self, row: _Row, seq: int, own: int) -> None:
        prev = row.entry.header.prev if row.entry is not None else None
        before = self.before_newest if seq > 1 else FIRST_PREV
        # If the row before is out of place itself, the two were swapped.
        if own == seq - 1 and self.shift == 0 and prev is not None and prev == before:
            message = f"An entry was inserted here: in the row behind it, {_holds(own)} too."
            self.find(own, "seq", Kind.LINKAGE, message)
        else:
            self.find(seq, "seq", Kind.LINKAGE, f"The row was moved or copied: {_holds(own)}.")

    # Steps 2 and 3.
    def content(self, row: _Row, seq: int, following: _Row | None) -> tuple[bytes | None, bool]:
        """Return the leaf hash the rest of the log agrees with, and whether the bytes are sound."""
        claimed = following.claims_before(seq) if following is not None else None
        leaf = row.stored.leaf
        if row.entry is None:
            self.find(seq, "bytes", Kind.CONTENT, row.error)
            return claimed or (leaf if _is_hash(leaf) else row.hash), False
        if type(leaf) is bytes and leaf == row.hash:
            return row.hash, True
        message = f"The bytes have the leaf hash {_show(row.hash)}, the column says {_show(leaf)}."
        if (
            not _is_hash(leaf)
            or claimed == row.hash
            or (claimed is None and self.is_signed(self.newest, row.hash))
        ):
            self.find(seq, "leaf", Kind.PROJECTION, message)
            return row.hash, True
        # A changed body and a changed leaf look alike where nothing stands behind them.
        self.find(seq, "bytes", Kind.CONTENT, message)
        return claimed or leaf, False

    def is_signed(self, *leaves: bytes | None) -> bool:
        """Return whether a checkpoint commits to the tree with these leaves behind it."""
        if self.tree is None:
            return False
        tree = self.tree.copy()
        for leaf in leaves:
            if leaf is not None:
                tree.append(leaf)
        return any(tree.root() == signed.root for signed in self.checkpoints.get(tree.size, ()))

    # Steps 4 and 5.
    def linkage(self, row: _Row, entry: Entry, seq: int, following: _Row | None) -> None:
        header = entry.header
        if header.log != self.log:
            message = f"Expected an entry of {self.log}, got one of {shown(header.log)}."
            self.find(seq, "bytes", Kind.LINKAGE, message)
        # At seq 0 the decoder has seen to it; a row that was moved has the prev of its own place.
        if self.newest is None or header.prev == self.newest or header.seq != seq:
            return
        message = (
            f"Entry {seq} says that {header.prev.hex()} is before it, "
            f"entry {seq - 1} has {self.newest.hex()}."
        )
        confirmed = following is not None and following.claims_before(seq) == row.hash
        if confirmed and not self.is_signed(self.newest):
            # The entry behind us says that we are right, so the one before us was exchanged.
            self.find(seq - 1, "bytes", Kind.CONTENT, message)
            self.newest = header.prev
        else:
            self.find(seq, "bytes", Kind.LINKAGE, message)

    # Steps 6 and 7.
    def columns(self, stored: StoredEntry, entry: Entry, seq: int) -> None:
        header = entry.header
        for column, value, said in (
            ("prev", stored.prev, header.prev),
            ("received_at", stored.received_at, header.received_at),
            ("schema", stored.schema, header.schema),
            ("submitter", stored.submitter, header.submitter),
        ):
            if type(value) is not type(said) or value != said:
                message = f"The bytes say {_show(said)}, the column {_show(value)}."
                self.find(seq, column, Kind.PROJECTION, message)
        if self.check_projection is not None:
            found = self.check_projection(stored, entry)
            for finding in (found,) if isinstance(found, Finding) else found or ():
                self.add(finding)

    # Step 9.
    def push(self) -> None:
        if self.newest is not None and self.tree is not None:
            self.tree.append(self.newest)
            self.compare_checkpoints()

    def compare_checkpoints(self) -> None:
        if self.tree is None or self.tree.size not in self.checkpoints:
            return
        root = self.tree.root()
        for checkpoint in self.checkpoints[self.tree.size]:
            if root == checkpoint.root:
                self.proven, self.forked = checkpoint.size, False
            elif not self.forked:
                # The first of a run says it all: later trees contain this one.
                self.forked = True
                message = (
                    f"The first {checkpoint.size} entries have the root {root.hex()}, "
                    f"the signed checkpoint says {checkpoint.root.hex()}."
                )
                self.find(checkpoint.size - 1, "root", Kind.CHECKPOINT, message)

    # Steps 10 and 11.
    def finish(self, total: int, *, require_checkpoint: bool) -> None:
        self.push()
        signed = max(self.checkpoints, default=0)
        if signed > self.next_seq:
            message = f"A checkpoint was signed over {signed} entries, the log has {self.next_seq}."
            self.find(self.next_seq, "seq", Kind.CHECKPOINT, message)
        elif total > self.rows and not self.findings:
            message = f"The store says that the log has {total} entries, it has {self.rows}."
            self.find(self.next_seq, "seq", Kind.LINKAGE, message)
        if require_checkpoint and signed < self.next_seq:
            message = f"No checkpoint covers the entries from {signed} to {self.next_seq - 1}."
            self.find(signed, "root", Kind.CHECKPOINT, message)

    def report(self) -> Report:
        intact = self.next_seq - 1 if self.first_bad is None else self.first_bad - 1
        if self.forked:
            # A root that was signed does not hold: certain is only what another one proves.
            intact = min(intact, (self.proven or 0) - 1)
        return Report(
            self.log,
            self.rows,
            self.tree.root() if self.tree is not None else None,
            self.proven,
            tuple(sorted(self.findings, key=_order)),
            intact if intact >= 0 else None,
        )


def _order(finding: Finding) -> tuple[bool, int]:
    return finding.seq is None, finding.seq or 0


def _holds(own: int | None) -> str:
    return "its bytes are no entry" if own is None else f"its bytes are entry {own}"


def _show(value: Any) -> str:
    return value.hex() if _is_hash(value) else shown(value)
