"""Checking proofs offline: a file and a key, no database, no network.

What is returned says exactly what was proven. What a proof can't show is the caller's to say, in
the words of `CheckedInclusion.unproven` and `CheckedConsistency.unproven`, for a proof that is
believed to show more than it does is worse than none.

https://c2sp.org/tlog-proof, RFC 9162 sections 2.1.3.2 and 2.1.4.2
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NoteError, ProofError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.entry import decode_entry, leaf_hash
from ledger.log.merkle import verify_consistency, verify_inclusion
from ledger.log.note import parse_note
from ledger.log.proof import parse_proof
from ledger.log.proof_json import HashProof, head_of, parse_json
from ledger.personal import sealed_members
from ledger.projection import event_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.entry import Entry
    from ledger.log.note import Key

__all__ = ["CheckedConsistency", "CheckedInclusion", "check_proof_file"]

_HONESTY: Final = (
    "that others were shown the same log, or that it was only ever appended to: no witness's "
    "signature was checked; compare checkpoints with others, see 'suyuan consistency'"
)
_TRUTH: Final = "that what was recorded is true: the log keeps what its members wrote"


@dataclass(frozen=True, slots=True)
class CheckedInclusion:
    """An entry, or its hash, that a signed checkpoint covers."""

    checkpoint: Checkpoint
    index: int
    """Seq of the entry."""
    leaf: bytes
    entry: Entry | None
    """None where the file holds the hash alone."""
    signed: tuple[str, ...]
    """Names and ids of the given keys that signed."""

    @property
    def event(self) -> dict[str, Any]:
        """The event in the entry; empty where there is none."""
        event = self.entry.body.get("event") if self.entry is not None else None
        return event if isinstance(event, dict) else {}

    @property
    def event_id(self) -> str | None:
        """The eventID, or the name by content of an event that was sent without one."""
        event = self.event
        if not event:
            return None
        assert self.entry is not None  # noqa: S101 - for the type checker: it holds the event
        return event_name(event, sealed_members(self.entry.body))

    @property
    def proven(self) -> tuple[str, ...]:
        """What was shown, in sentences that begin with 'that'."""
        head, which = self.checkpoint, f"entry {self.index} of {self.checkpoint.origin}"
        shown = (
            f"that {which} is the one in this file, byte for byte"
            if self.entry is not None
            else f"that {which} has the leaf hash {self.leaf.hex()}"
        )
        signers = " and ".join(self.signed)
        return (
            shown,
            f"that {signers} signed the log's first {head.size} entries, this among them",
        )

    @property
    def unproven(self) -> tuple[str, ...]:
        """What was not shown, though somebody might think so."""
        content = () if self.entry is not None else ("what the entry says: the file lacks it",)
        newer = f"that nothing after entry {self.checkpoint.size - 1} corrects it"
        return (*content, _HONESTY, newer, _TRUTH)


@dataclass(frozen=True, slots=True)
class CheckedConsistency:
    """Two signed checkpoints of one log, the newer of which contains the older one."""

    old: Checkpoint
    new: Checkpoint
    signed: tuple[str, ...]

    @property
    def proven(self) -> tuple[str, ...]:
        """What was shown, in sentences that begin with 'that'."""
        return (
            f"that the {self.old.size} entries of the older checkpoint of {self.old.origin} are the"
            f" first of the {self.new.size} of the newer one, unchanged and in their order",
            f"that {' and '.join(self.signed)} signed both",
        )

    @property
    def unproven(self) -> tuple[str, ...]:
        """What was not shown, though somebody might think so."""
        return (
            "that others were shown these checkpoints and not others",
            f"anything about entries after {self.new.size - 1}",
            _TRUTH,
        )


def check_proof_file(
    text: str | bytes, verifiers: Iterable[Key]
) -> CheckedInclusion | CheckedConsistency:
    """Check a proof in any form that we write: `.tlog-proof`, or JSON of either kind.

    Raises:
        ProofError: It is malformed, shows nothing, or doesn't lead to the checkpoint's root.
        NoteError: A checkpoint isn't signed by a key that was given.
        EntryError: What it proves is no entry of a ledger.
    """
    if text[:1] in {"{", b"{"}:
        found = parse_json(text)
        if not isinstance(found, HashProof):
            old, signed = _open(found.old, verifiers)
            new, _ = _open(found.new, verifiers)
            verify_consistency(old.size, new.size, old.root, new.root, found.path)
            return CheckedConsistency(old, new, signed)
        proof, leaf, event = found.proof, found.leaf, found.event
    else:
        proof = parse_proof(text)
        if not proof.extra:
            raise ProofError(
                "The proof holds no entry, so there is nothing to show. Ask for a new one, or for "
                "its JSON form."
            )
        leaf, event = leaf_hash(proof.extra), None
    checkpoint, signed = _open(proof.checkpoint, verifiers)
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
    entry = decode_entry(proof.extra) if proof.extra else None
    checked = CheckedInclusion(checkpoint, proof.index, leaf, entry, signed)
    if entry is not None:
        header = entry.header
        if (header.log, header.seq) != (checkpoint.origin, proof.index):
            raise ProofError(
                f"The entry says that it is {header.seq} of {header.log}, and it stands at "
                f"{proof.index} of {checkpoint.origin}."
            )
        if event is not None and event != checked.event_id:
            raise ProofError(f"The proof is said to be of event {event!r}, its entry is not.")
    return checked


def _open(note: str, verifiers: Iterable[Key]) -> tuple[Checkpoint, tuple[str, ...]]:
    """Verify a checkpoint; say who signed it where none of the keys did."""
    given = {(one.name, one.key_id) for one in verifiers}
    lines = {(one.name, one.key_id) for one in parse_note(note).signatures}
    if not given & lines:
        signed = ", ".join(sorted(_named(*one) for one in lines))
        ours = ", ".join(sorted(_named(*one) for one in given)) or "none"
        after = (
            " The line is of another key of that name, perhaps of the one that follows ours."
            if {name for name, _ in given} & {name for name, _ in lines}
            else ""
        )
        raise NoteError(
            f"The proof is signed by {signed}; the key that was given is {ours}.{after} Ask the "
            f"organisation behind {head_of(note).origin!r} for its key, on another way than the "
            "proof came."
        )
    checkpoint = open_checkpoint(note, None, verifiers)
    return checkpoint, tuple(sorted(_named(*one) for one in given & lines))


def _named(name: str, key_id: bytes) -> str:
    return f"{name}+{key_id.hex()}"
