"""What became of each event that was handed in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ledger.problems import Problem, problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.problems import Language

__all__ = ["RECEIPTS_KEPT", "ROLLED_BACK", "Mode", "Receipt", "Report", "Status"]

RECEIPTS_KEPT: Final = 10_000
"""Receipts that a report lists. Further ones are counted, so that a report of a million events fits
into memory; refused and conflicting events are still listed up to the same number."""


ROLLED_BACK: Final = "capture.rolled-back"
"""The rule that stands in the receipt of an event which was fine and went down with another."""


class Status(StrEnum):
    """The four ends of an event's way in."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"  # the same content is there already: no new entry, no error
    CONFLICT = "conflict"  # the same id is there with other content: nothing was overwritten
    REJECTED = "rejected"


class Mode(StrEnum):
    """What a refused event does to the others of its document (EPCIS 2.0 section 12.6)."""

    ROLLBACK = "rollback"  # all or nothing
    PROCEED = "proceed"  # the others stay


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one event."""

    pointer: str
    """Where it stood in the input (RFC 6901 JSON pointer)."""
    status: Status
    event_id: str | None
    """Its eventID, given by the ledger where the sender gave none; None where it can't be told."""
    seq: int | None
    """Its place in the log; None when it is not there."""
    problems: tuple[Problem, ...] = ()
    """Why it was refused, or what was forgiven."""

    def as_dict(self, language: Language) -> dict[str, Any]:
        """The JSON form."""
        return {
            "pointer": self.pointer,
            "status": self.status.value,
            "event": self.event_id,
            "seq": self.seq,
            "problems": [problem.as_dict(language) for problem in self.problems],
        }


@dataclass(slots=True)
class Report:
    """What became of a document."""

    log: str
    """Origin of the log it was captured to."""
    mode: Mode
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    receipts: list[Receipt] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Of the document as a whole."""
    committed: bool = False
    """False when nothing was stored because something was refused."""
    checkpoint: str | None = None
    """The log's newest signed checkpoint: it covers what was stored, and whoever keeps it can show
    that the log was not rewritten since. None while the log is empty."""

    @property
    def refused(self) -> bool:
        """True when the document or any of its events was refused."""
        return bool(
            any(not problem.is_warning for problem in self.problems)
            or self.counts[Status.CONFLICT]
            or self.counts[Status.REJECTED]
        )

    def add(self, receipt: Receipt) -> None:
        """Count a receipt, and list it while there is room."""
        self.counts[receipt.status] += 1
        notable = receipt.status in {Status.CONFLICT, Status.REJECTED}
        if len(self.receipts) < (2 if notable else 1) * RECEIPTS_KEPT:
            self.receipts.append(receipt)

    def remark(self, said: Mapping[int, Sequence[Problem]]) -> None:
        """Add warnings to the receipts of events that were accepted, by their places in the log."""
        for number, one in enumerate(self.receipts):
            if one.status is Status.ACCEPTED and one.seq is not None and one.seq in said:
                more = [replace(problem, pointer=one.pointer) for problem in said[one.seq]]
                self.receipts[number] = replace(one, problems=(*one.problems, *more))

    def take_back(self, size: int) -> None:
        """Say of every event that was accepted that it isn't stored, because another was refused.

        Args:
            size: Entries in the log, which the places behind are free again of.
        """
        self.counts[Status.REJECTED] += self.counts[Status.ACCEPTED]
        self.counts[Status.ACCEPTED] = 0
        self.receipts = [
            replace(
                one,
                status=Status.REJECTED,
                seq=None,
                problems=(problem(one.pointer, ROLLED_BACK, one.event_id), *one.problems),
            )
            if one.status is Status.ACCEPTED
            else replace(one, seq=None if one.seq is None or one.seq >= size else one.seq)
            for one in self.receipts
        ]

    def as_dict(self, language: Language) -> dict[str, Any]:
        """The JSON form."""
        return {
            "log": self.log,
            "mode": self.mode.value,
            "committed": self.committed,
            **{status.value: count for status, count in self.counts.items()},
            "checkpoint": self.checkpoint,
            "problems": [problem.as_dict(language) for problem in self.problems],
            "receipts": [receipt.as_dict(language) for receipt in self.receipts],
        }
