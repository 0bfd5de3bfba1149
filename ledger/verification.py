"""Verification of a whole ledger: each log against its bytes, and every projection against the log.

`ledger.log.verify` checks a log alone; this module adds what only the database knows, and still
trusts nothing but the entries' bytes and the pinned keys:

 7. each event's row and links are what its entry says; master data rows likewise;
11. the newest checkpoint covers the newest entry, as capture always leaves it;
12. to 14. `ledger.verifying.accounting`;
15. to 18. `ledger.verifying.beside`.

On a sound log these steps are made the quick way (`ledger.verifying`), in segments and by several
processes. Where something differs, the steps are walked one by one, and the findings are theirs.

Nothing here writes to the ledger. Rows are read in runs, so memory doesn't grow with the log; of
each item one byte is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from ledger.errors import NoteError, StoreError, UsageError
from ledger.log.checkpoint import open_checkpoint, parse_checkpoint
from ledger.log.note import parse_note
from ledger.log.report import Finding, Kind, Report, StoredCheckpoint
from ledger.log.verify import MAX_FINDINGS
from ledger.loggedkeys import trusted_keys
from ledger.organisations import find_organisation, organisations
from ledger.recovery import believed_loss
from ledger.store.engine import reading
from ledger.verifying.accounting import Items, item_findings, stray_findings
from ledger.verifying.beside import loss_findings, stamp_findings
from ledger.verifying.copies import any_text
from ledger.verifying.crew import Crew
from ledger.verifying.logs import LogCheck, Verified
from ledger.verifying.marks import Mark
from ledger.verifying.projecting import Account
from ledger.verifying.segments import WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cryptography.x509 import Certificate
    from sqlalchemy import Connection, Engine

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.keyring import KeyRing
    from ledger.organisations import Organisation
    from ledger.verifying.crew import Source
    from ledger.verifying.marks import MarkFolder

__all__ = ["KeyPins", "Pins", "Scope", "verify_ledger"]


class _Pin(Protocol):
    def newest(self, ring: KeyRing | None = None) -> tuple[str, Checkpoint] | None: ...


class Pins(Protocol):
    """What is known of the logs from where an intruder into the database can't write."""

    def ring(self, origin: str) -> KeyRing | None:
        """The pinned keys of a log, each with the sizes that it may sign."""
        ...

    def pin(self, origin: str) -> _Pin:
        """The newest checkpoint that is known of a log."""
        ...

    def stamp_roots(self) -> Sequence[Certificate]:
        """The trusted root certificates of time stamping authorities."""
        ...


@dataclass(frozen=True, slots=True)
class _NoPin:
    @staticmethod
    def newest(ring: KeyRing | None = None) -> None:  # noqa: ARG004 - the protocol's name
        return None


@dataclass(frozen=True, slots=True)
class KeyPins:
    """Keys that the caller names, for a ledger whose folder of keys isn't at hand."""

    rings: tuple[KeyRing, ...]

    def ring(self, origin: str) -> KeyRing:
        """The keys of that name.

        Raises:
            UsageError: There are keys, and none is of this log.
        """
        for one in self.rings:
            if one.name == origin:
                return one
        names = ", ".join(one.name for one in self.rings)
        raise UsageError(f"No key of {origin} was given, only of {names}; name it with --key.")

    @staticmethod
    def pin(origin: str) -> _NoPin:  # noqa: ARG004 - nothing is known of any log
        """No checkpoint is known."""
        return _NoPin()

    @staticmethod
    def stamp_roots() -> tuple[()]:
        """No authority is known."""
        return ()


def _nothing(_text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is verified, and by how many."""

    projections: bool = True
    """False: the logs alone, from their bytes to their checkpoints."""
    jobs: int = 1
    """Processes that work at it."""
    source: Source | None = None
    """How further processes open the ledger."""
    marks: MarkFolder | None = None
    """Where the verified-marks are; None: there are none, and everything is read."""
    full: bool = False
    """Read everything, and keep new marks."""
    rounds: int = 8
    """Runs within which everything under a mark is read again."""
    width: int = WIDTH
    """Entries of a segment: 65,536, or 256 to try things out."""
    against: tuple[str, ...] = ()
    """Signed checkpoints that somebody has kept: the logs must contain them."""
    now: Callable[[], int] = lambda: 0
    """The clock, in microseconds since 1970 UTC; marks bear its time."""
    tell: Callable[[str], None] = _nothing
    """Called with what a person should know beside the findings."""


def verify_ledger(
    engine: Engine,
    keys: Pins,
    *,
    organisation: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    scope: Scope | None = None,
) -> list[Report]:
    """Verify every log of a ledger, or one.

    Args:
        engine: The ledger.
        keys: Where the pinned verifier keys are; a log without one there is checked with the key
            that the database names, which proves less: an intruder may have changed both.
        organisation: The slug of one organisation, to verify its log only. Steps 12 and 13 look at
            all logs together and are left out then.
        progress: Called with origin, entries done, entries to do.
        scope: How much is verified.

    Raises:
        NotFoundError: There is no such organisation.
        NoteError: A checkpoint to compare with isn't signed by its log's key.
        StoreError: The store can't be read, or a pinned key can't be used.
        UsageError: A checkpoint to compare with is of no log here.
    """
    scope = scope or Scope()
    with reading(engine) as connection, any_text(connection):
        helpers = scope.jobs - 1
        crew = Crew(connection, scope.source, helpers)
        try:
            run = _Run(connection, keys, scope, crew, progress, whole=organisation is None)
            chosen = (
                organisations(connection)
                if organisation is None
                else [find_organisation(connection, organisation)]
            )
            reports = run.verify(chosen)
        finally:
            crew.close()
    if crew.moved and any(report.findings for report in reports):
        # Processes that saw two states of a growing ledger may disagree about what is no fault.
        alone = replace(scope, jobs=1)
        return verify_ledger(engine, keys, organisation=organisation, scope=alone)
    return reports


@dataclass(slots=True)
class _Run:
    """One verification of a ledger."""

    connection: Connection
    keys: Pins
    scope: Scope
    crew: Crew
    progress: Callable[[str, int, int], None] | None
    whole: bool

    def verify(self, chosen: Sequence[Organisation]) -> list[Report]:
        """Verify logs, and what stands beside them when these are sound."""
        against = self._against(chosen)
        found = [self._verify(one, against.get(one.origin, [])) for one in chosen]
        reports = [one.report for one in found]
        if any(report.findings for report in reports):
            return reports
        if self.whole and self.scope.projections:
            origin = reports[0].log if reports else ""
            more = tuple(self._beside(origin, found))
            if more:
                first = reports[0] if reports else Report("", 0, None, None, (), None)
                reports[:1] = [replace(first, findings=more)]
                return reports
        self._keep_marks(found)
        return [self._doubted(one) for one in found]

    @staticmethod
    def _doubted(one: Verified) -> Report:
        """The report on a log; a difference that nobody could name is still one."""
        if one.doubt is None:
            return one.report
        text = (
            f"Behind entry {one.doubt} the stored rows as a whole aren't what the entries make,"
            " though each of them fits."
        )
        finding = Finding(one.report.log, None, "rows", Kind.PROJECTION, text)
        return replace(one.report, findings=(finding,))

    def _verify(self, one: Organisation, against: list[StoredCheckpoint]) -> Verified:
        damaged = [*_row_findings(one)]
        try:
            ring = None if damaged else self._ring(one)
        except NoteError as error:
            text = f"The log's row holds no verifier key: {error}"
            damaged.append(Finding(one.origin, None, "log.verifier_key", Kind.CHECKPOINT, text))
            ring = None
        if ring is None:
            return Verified(Report(str(one.origin), 0, None, None, tuple(damaged), None), Account())
        kept = list(against)
        loss = believed_loss(self.connection, self.keys, one.origin)
        known = self.keys.pin(one.origin).newest(ring)
        # Where the log ended before it, as somebody has stated, it is no fault.
        if known is not None and not (loss is not None and loss.excuses(known[1])):
            kept.append(StoredCheckpoint(known[1].size, known[1].root, known[0]))
        scope, mark = self.scope, self._mark(one.origin)
        full = scope.full or not scope.projections or mark is None or mark.width != scope.width
        check = LogCheck(
            self.connection,
            one,
            ring,
            kept,
            scope.width,
            scope.projections,
            None if self.progress is None else _named(self.progress, one.origin),
            mark,
            1 if full else scope.rounds,
        )
        found = check.verify(self.crew)
        if loss is not None and not found.report.findings:
            found.report = replace(
                found.report,
                findings=tuple(loss_findings(loss, found.report)),
                missing=loss.recovery.missing,
                successor=loss.successor,
            )
        if not found.report.findings:
            more = stamp_findings(self.connection, one, self.keys.stamp_roots, scope.tell)
            found.report = replace(found.report, findings=tuple(more))
        return found

    def _ring(self, one: Organisation) -> KeyRing:
        """The keys that a log is verified with: the pinned ones, led on by its own statements."""
        return trusted_keys(self.connection, one, self.keys.ring(one.origin))

    def _against(self, chosen: Sequence[Organisation]) -> dict[str, list[StoredCheckpoint]]:
        """The checkpoints that somebody has kept, by the log that they are of."""
        found: dict[str, list[StoredCheckpoint]] = {}
        known = {one.origin: one for one in chosen}
        for note in self.scope.against:
            origin = parse_checkpoint(parse_note(note).text).origin
            if origin not in known:
                raise UsageError(
                    f"The checkpoint is of {origin}, and there is no such log here."
                    " Compare it with its own ledger."
                )
            signed = open_checkpoint(note, origin, self._ring(known[origin]))
            one = StoredCheckpoint(signed.size, signed.root, note)
            found.setdefault(origin, []).append(one)
        return found

    def _mark(self, origin: str) -> Mark | None:
        if self.scope.marks is None:
            return None
        try:
            return self.scope.marks.read(origin)
        except NoteError as error:
            self.scope.tell(
                f"The verified-mark of {origin} can't be trusted, so all is read again: {error}"
            )
            return None

    def _beside(self, origin: str, found: Sequence[Verified]) -> Iterator[Finding]:
        """Steps 12 and 13."""
        accounts = [one.account for one in found]
        part = any(one.part for one in found)
        yield from stray_findings(
            self.connection,
            origin,
            sum(one.links for one in accounts),
            declared=part or any(one.declared for one in accounts),
        )
        if part:
            shares = [one.round for one in map(self._mark, self._origins(found)) if one]
            share = max(shares, default=0) % self.scope.rounds
            more = item_findings(self.connection, origin, share, self.scope.rounds)
        else:
            items = Items()
            for one in accounts:
                items.add(one.items)
            more = items.findings(self.connection, origin)
        yield from islice(more, MAX_FINDINGS)

    @staticmethod
    def _origins(found: Sequence[Verified]) -> list[str]:
        return [one.report.log for one in found]

    def _keep_marks(self, found: Sequence[Verified]) -> None:
        """Keep what was found to be sound, for the next run to build upon."""
        marks, scope = self.scope.marks, self.scope
        if marks is None or not scope.projections or self.crew.moved:
            return
        for one in found:
            report = one.report
            if not report.size or one.tree.size != report.size:
                continue
            before = self._mark(report.log)
            number = before.round + 1 if one.part and before is not None else 0
            mark = Mark(
                report.log,
                report.size,
                one.tree.nodes,
                one.whole,
                scope.width,
                number,
                scope.now(),
            )
            try:
                marks.keep(mark)
            except (OSError, StoreError) as error:
                scope.tell(f"The verified-mark of {report.log} can't be kept: {error}")


def _row_findings(one: Organisation) -> Iterator[Finding]:
    """Find out whether the log's row names a log at all."""
    for column, value in (("organisation", one.slug), ("origin", one.origin)):
        if type(value) is not str:
            text = f"Expected text in the log's row, got {value!r}."
            yield Finding(str(one.origin), None, f"log.{column}", Kind.PROJECTION, text)
            return


def _named(progress: Callable[[str, int, int], None], origin: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(origin, done, total)
