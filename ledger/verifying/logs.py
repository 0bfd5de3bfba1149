"""Verification of one log in a database: quick where it is sound, exact where it isn't.

1. The log is cut into segments, and a crew checks them (`ledger.verifying.segments`).
2. The answers are put together in order (`Joint`): chain, tree, checkpoints, tiles, accounts.
3. At the first segment that doesn't fit, the exact walk (`ledger.log.verify`) goes from the segment
   before it to the end of the log and names what is wrong. Should it find nothing, everything is
   walked exactly, and its word holds.
4. What stands beside the entries is looked at when these are sound (`ledger.verifying.accounting`).

A part of the segments may be left out, where a verified-mark vouches for them: their roots are then
those that the stored tiles say, and together they must give the marked tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from ledger.log import tiles
from ledger.log.keychain import format_keys
from ledger.log.merkle import HASH_SIZE, CompactRange
from ledger.log.report import Finding, Kind, Report, StoredCheckpoint
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH
from ledger.log.verify import MAX_FINDINGS, verify_log
from ledger.store.sets import fetch
from ledger.verifying.accounting import (
    Items,
    event_findings,
    has_rows_beside,
    head_findings,
    row_findings,
    tile_findings,
    vocabulary_findings,
)
from ledger.verifying.beside import signature_findings
from ledger.verifying.exact import ExactProjections, StoredLog
from ledger.verifying.joining import Joint, tiles_of
from ledger.verifying.projecting import Account
from ledger.verifying.segments import StoredRows, Task
from ledger.verifying.values import erasure_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from ledger.log.keyring import KeyRing
    from ledger.organisations import Organisation
    from ledger.verifying.crew import Crew
    from ledger.verifying.marks import Mark

__all__ = ["LogCheck", "Verified"]


@dataclass(slots=True)
class Verified:
    """The report on a log, and what the whole ledger is accounted for with."""

    report: Report
    account: Account
    tree: CompactRange = field(default_factory=CompactRange)
    whole: int = 0
    """Links of the whole segments, for the next mark."""
    part: bool = False
    """Older segments were left out, so only the links of the account are those of all entries."""
    doubt: int | None = None
    """Where the quick way saw a difference and the exact walk did not: the entries before it."""


@dataclass(frozen=True, slots=True)
class LogCheck:
    """One log and how it is to be verified."""

    connection: Connection
    one: Organisation
    ring: KeyRing
    """The log's keys."""
    kept: Sequence[StoredCheckpoint]
    """Checkpoints from elsewhere, opened with `ring`."""
    width: int
    projections: bool
    progress: Callable[[int, int], None] | None = None
    mark: Mark | None = None
    """What an earlier run has found to be sound."""
    rounds: int = 1
    """Runs within which each segment under the mark is read again; 1: in each."""

    def verify(self, crew: Crew) -> Verified:
        """Verify the log."""
        known = self._vouched() if self.mark is not None and self.rounds > 1 else []
        joint = Joint(self.width, [(one.size, one.root) for one in self.kept], self._rows.tiles)
        if not self._take_all(joint, crew, known) or (joint.proven or 0) < joint.tree.size:
            return self._walk(joint)
        joint.finish()
        size = joint.tree.size
        report = Report(
            self.one.origin,
            size,
            joint.tree.root(),
            joint.proven,
            (),
            size - 1 if size else None,
            read=joint.read if known else None,
        )
        report = self._with_the_rest(report, joint.account, tiles_sound=joint.tiles_sound)
        return Verified(report, joint.account, joint.tree, joint.whole, part=bool(known))

    @property
    def _rows(self) -> StoredRows:
        return StoredRows(self.connection, self.one.row)

    def _take_all(self, joint: Joint, crew: Crew, known: Sequence[bytes]) -> bool:
        """Take every segment; tell whether all of them fit and nothing stands behind them."""
        size = self.one.size
        if type(size) is not int or size < 0 or self._has_more(size):
            return False
        if self.mark is not None and known:
            joint.vouch(self.mark.links)
        count = -(-size // self.width)
        chosen = {number for number in range(count) if self._is_due(number, len(known))}
        total = min(size, len(chosen) * self.width)
        answers = crew.examine(self._task(number, size) for number in sorted(chosen))
        self._tell(0, total)
        for number in range(count):
            root = known[number] if number < len(known) else None
            if root is not None and number not in chosen:
                joint.skip(root)
            elif not joint.take(next(answers), root):
                return False
            self._tell(min(joint.read, total), total)
        return True

    def _is_due(self, number: int, known: int) -> bool:
        """Tell whether a segment is to be read: all behind the mark, of the others a share."""
        if number >= known or self.mark is None:
            return True
        start = number * self.width
        inside = any(start < one.size <= start + self.width for one in self.kept)
        return inside or number % self.rounds == self.mark.round % self.rounds

    def _task(self, number: int, size: int) -> Task:
        start = number * self.width
        end = min(size, start + self.width)
        return Task(
            self.one.row,
            self.one.origin,
            start,
            end,
            self.width,
            format_keys(self.ring),
            tuple(one.size for one in self.kept if start < one.size <= end),
            self.projections,
        )

    def _tell(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)

    def _has_more(self, size: int) -> bool:
        """Tell whether entries or checkpoints stand behind the log, or are of no size at all."""
        return any(one.size > size for one in self.kept) or any(
            fetch(
                self.connection,
                f"SELECT 1 FROM {table} WHERE log_id = {{p}} AND"
                f" ({column} IS NULL OR {column} < 0 OR {column} > {{p}}) LIMIT 1",
                self.one.row,
                last,
            )
            for table, column, last in (("entry", "seq", size - 1), ("checkpoint", "size", size))
        )

    def _vouched(self) -> list[bytes]:
        """The roots of the whole segments under the mark; none where they don't give its tree.

        The stored tiles say them; it is the mark that they are believed for.
        """
        mark = self.mark
        if mark is None or type(self.one.size) is not int or mark.size > self.one.size:
            return []
        count = mark.size // self.width
        level = (self.width.bit_length() - 1) // TILE_HEIGHT
        rows = self._rows.tiles(level, 0, -(-count // TILE_WIDTH))
        roots: list[bytes] = []
        for _, hashes in rows:
            if type(hashes) is not bytes:
                return []
            roots += [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
        tree = CompactRange()
        for root in roots[:count]:
            tree.append_subtree(root, self.width.bit_length() - 1)
        whole = mark.nodes[: len(tree.nodes)]
        return roots[:count] if tree.size == count * self.width and tree.nodes == whole else []

    def _walk(self, joint: Joint) -> Verified:
        """Name what is wrong, from the segment before the one that differs."""
        check = self._exact_check(joint.earlier_event)
        report = self._verify_log(check, joint.earlier)
        if report.findings:
            return Verified(report, Account())
        # What the quick way saw is no fault of an entry, so that all has to be looked at.
        check = self._exact_check(0)
        report = self._verify_log(check, CompactRange())
        if report.findings:
            return Verified(report, Account())
        account = Account(declared=True)
        if check is not None:
            account.links, account.items = check.links, check.items
        account.statements_sound = False
        report = self._with_the_rest(report, account, tiles_sound=False)
        if check is not None and not report.findings:
            more = event_findings(self.connection, self.one, check.events)
            report = replace(report, findings=tuple(more))
        return Verified(report, account, doubt=joint.tree.size)

    def _exact_check(self, event: int) -> ExactProjections | None:
        if not self.projections:
            return None
        return ExactProjections(self.connection, self.one, Items(), last=event)

    def _verify_log(self, check: ExactProjections | None, sound: CompactRange) -> Report:
        return verify_log(
            StoredLog(self.connection, self.one, self.kept),
            self.one.origin,
            self.ring,
            check_projection=check,
            progress=self.progress,
            require_checkpoint=True,
            sound=sound,
        )

    def _with_the_rest(self, report: Report, account: Account, *, tiles_sound: bool) -> Report:
        """Look at what stands beside the entries, which are sound."""
        one, size = self.one, report.size
        found: list[Finding] = []
        found += row_findings(self.connection, one, size)
        if self.projections and (
            not account.statements_sound
            or has_rows_beside(self.connection, "vocabulary", one.row, size)
        ):
            found += vocabulary_findings(self.connection, one)
            found += islice(erasure_findings(self.connection, one.row, one.origin), MAX_FINDINGS)
        found += head_findings(self.connection, one, size)
        [(stored,)] = fetch(
            self.connection, "SELECT count(*) FROM tile WHERE log_id = {p}", one.row
        )
        if not tiles_sound or stored != tiles_of(size):
            found += islice(tile_findings(self.connection, one, size), MAX_FINDINGS)
        found += signature_findings(self.connection, one, self.ring)
        if not found:
            found += self._against_the_mark(size)
        return replace(report, findings=tuple(found))

    def _against_the_mark(self, size: int) -> Iterator[Finding]:
        """Compare the log, which is sound in itself, with what an earlier run has seen of it."""
        mark = self.mark
        if mark is None:
            return
        if mark.size > size:
            text = f"A verification has seen {mark.size} sound entries, the log has {size}."
            yield Finding(self.one.origin, size, "seq", Kind.CHECKPOINT, text)
            return
        root = tiles.root(_Tiles(self._rows), mark.size)
        if root != mark.tree.root():
            text = (
                f"The first {mark.size} entries have the root {root.hex()},"
                f" a verification has found {mark.tree.root().hex()}."
            )
            yield Finding(self.one.origin, mark.size - 1, "root", Kind.CHECKPOINT, text)


@dataclass(frozen=True, slots=True)
class _Tiles:
    """The stored tiles, one by one."""

    rows: StoredRows

    def read_tile(self, level: int, index: int) -> bytes:
        """Return the tile's hashes."""
        [(_, hashes)] = self.rows.tiles(level, index, index + 1)
        return bytes(hashes)
