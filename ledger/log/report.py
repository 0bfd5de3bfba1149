"""What a verification reads and what it answers: rows as stored, findings, the report.

The values here carry no logic; `ledger.log.verify` has the steps.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from ledger.errors import VerifyError
from ledger.log.entry import Entry

__all__ = [
    "CheckProjection",
    "Finding",
    "Kind",
    "LogReader",
    "Report",
    "StoredCheckpoint",
    "StoredEntry",
]


class Kind(StrEnum):
    """What sort of promise is broken."""

    LINKAGE = "linkage"
    """The order: an entry is missing, moved, inserted, or does not follow the one before."""
    CONTENT = "content"
    """An entry's bytes are not those that were written."""
    PROJECTION = "projection"
    """A value beside the bytes does not say what the bytes say."""
    CHECKPOINT = "checkpoint"
    """The log is not what was signed, or was not signed by a key we trust."""
    ERASURE = "erasure"
    """A personal value is gone without the entry that says so, or the other way round."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row, its columns exactly as stored: each may be None or of a wrong type.

    SQLite keeps text in a BLOB column if somebody puts it there; a reader must hand it on and not
    convert it. What is right are ``bytes``, ``int`` and ``str``, not a ``memoryview``.
    """

    seq: Any
    raw: Any
    """The column ``bytes``."""
    leaf: Any
    prev: Any
    received_at: Any
    schema: Any
    submitter: Any


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """One stored checkpoint, its columns exactly as stored."""

    size: Any
    root: Any
    note: Any
    """The signed note."""


class LogReader(Protocol):
    """What a checker needs of a store."""

    def size(self, log: str) -> int:
        """Return how many entries the store says the log has."""
        ...

    def entries(self, log: str, start: int) -> Iterator[StoredEntry]:
        """Yield the log's rows from seq `start`, ordered by seq."""
        ...

    def checkpoints(self, log: str) -> Iterable[StoredCheckpoint]:
        """Return the log's checkpoints, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written."""

    log: str
    seq: int | None
    """The entry; for a checkpoint the last entry it covers; None where that cannot be told."""
    column: str
    """The column that is wrong; ``note``, ``size`` and ``root`` are those of a checkpoint."""
    kind: Kind
    message: str
    """One sentence for people."""


CheckProjection = Callable[[StoredEntry, Entry], Finding | Iterable[Finding] | None]
"""Compares what is derived from an entry with what is stored; called for each readable entry."""


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of `verify_log`."""

    log: str
    size: int
    """Entries of the log."""
    root: bytes | None
    """Merkle root over them; None where a gap makes it unknowable."""
    checkpoint_size: int | None
    """Size of the newest checkpoint whose signature and root hold; None without one."""
    findings: tuple[Finding, ...]
    """In the order of the log; at most `ledger.log.verify.MAX_FINDINGS` and a few."""
    intact_up_to: int | None
    """Entries 0 to this seq are what was written; None when not even entry 0 is."""
    missing: int = 0
    """Entries behind the last one that are lost, as a signed recovery states."""
    successor: str | None = None
    """The log that goes on in place of one that has lost entries."""
    read: int | None = None
    """Entries read in this run, where an earlier one vouches for the others; None: all."""

    @property
    def uncheckpointed(self) -> int:
        """Entries that no valid checkpoint covers yet."""
        return max(0, self.size - (self.checkpoint_size or 0))

    def require_intact(self) -> None:
        """Do nothing if there is no finding.

        Raises:
            VerifyError: names the first finding and up to where the log is intact.
        """
        if self.findings:
            first = self.findings[0]
            upto = "nothing is" if self.intact_up_to is None else f"up to seq {self.intact_up_to}"
            raise VerifyError(
                f"{first.log}, seq {first.seq}, column {first.column} ({first.kind}): "
                f"{first.message} Intact: {upto}."
            )
