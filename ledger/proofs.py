"""Making proofs from the store: that an entry stands in its log, and that a log only grew.

Rules kept:

* A proof of an event carries the entry's bytes, so that it can be checked with the log's verifier
  key alone, without a database and without a network (`ledger.proof_files`).
* It leads to a checkpoint that was signed: the newest, one of a size that was asked for, or one
  that somebody has kept. What the tiles say is compared with that root before anything leaves, so a
  changed tile gives an error that names it, never a proof that doesn't hold.
* Many entries are proven together: their rows and tiles are read once.

https://c2sp.org/tlog-proof, RFC 6962 section 2.1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.cosignatures import cosigned_checkpoint, covering_checkpoint, with_cosignatures
from ledger.errors import NotFoundError, ProofError, VerifyError
from ledger.genealogy.trace import item_row
from ledger.log.entry import leaf_hash
from ledger.log.proof import InclusionProof, format_proof
from ledger.log.proof_json import ConsistencyProof, head_of, inclusion_json
from ledger.log.proving import Prover
from ledger.store.sets import fetch, fetch_in
from ledger.stored import stored_bytes
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from ledger.log.proving import NodeCache

__all__ = [
    "EventProof",
    "checkpoint_at",
    "event_row",
    "newest_checkpoint",
    "open_prover",
    "prove_consistency",
    "prove_entry",
    "prove_event",
    "prove_events",
    "prove_item",
    "prove_seqs",
]


@dataclass(frozen=True, slots=True)
class EventProof:
    """A proof that an event stands in its log."""

    event_id: str
    origin: str
    proof: InclusionProof

    @property
    def seq(self) -> int:
        """Place of the entry in its log."""
        return self.proof.index

    @property
    def text(self) -> str:
        """The `.tlog-proof` file."""
        one = self.proof
        return format_proof(one.index, one.path, one.checkpoint, one.extra)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, with the text form in it."""
        value = inclusion_json(self.proof, leaf_hash(self.proof.extra))
        return value | {"event": self.event_id, "seq": self.seq, "proof": self.text}


def newest_checkpoint(connection: Connection, organisation: str) -> str:
    """The newest signed checkpoint of an organisation's log, with the cosignatures it has.

    Raises:
        NotFoundError: No such organisation, or its log is empty.
    """
    rows = fetch(connection, "SELECT id FROM log WHERE organisation = {p}", organisation)
    newest = cosigned_checkpoint(connection, rows[0][0]) if rows else None
    if newest is None:
        raise NotFoundError(f"No checkpoint of {organisation!r} here; capture something first.")
    return newest.note


def checkpoint_at(
    connection: Connection, log: int, size: int | None = None, *, covers: int | None = None
) -> str:
    """The signed checkpoint of a log at a size, with the cosignatures it has.

    Args:
        connection: A reading transaction.
        log: Row of the log.
        size: Of the checkpoint; by default the newest one, which a proof had better not take if an
            older one was cosigned.
        covers: Seq of an entry that it is to cover: the newest one that was cosigned and does.

    Raises:
        NotFoundError: None was signed at this size; says which are nearest.
    """
    if size is None:
        found = None if covers is None else covering_checkpoint(connection, log, covers)
        found = found or cosigned_checkpoint(connection, log)
        if found is None:
            raise NotFoundError("No checkpoint of this log here; capture something first.")
        return found.note
    rows = fetch(
        connection, "SELECT note FROM checkpoint WHERE log_id = {p} AND size = {p}", log, size
    )
    if rows:
        return with_cosignatures(connection, log, size, rows[0][0]).note
    near = fetch(
        connection,
        "SELECT (SELECT max(size) FROM checkpoint WHERE log_id = {p} AND size < {p}),"
        " (SELECT min(size) FROM checkpoint WHERE log_id = {p} AND size > {p})",
        *(log, size, log, size),
    )[0]
    nearest = " and ".join(str(one) for one in near if one is not None) or "none"
    raise NotFoundError(
        f"No checkpoint was signed at size {size}; the nearest are {nearest}. Ask for one of them."
    )


def open_prover(
    connection: Connection, log: int, note: str, cache: NodeCache | None = None
) -> Prover:
    """A prover for a signed checkpoint of a log.

    Raises:
        VerifyError: The log's tiles don't lead to the checkpoint's root.
        NotFoundError: The log is shorter than the checkpoint says.
        NoteError: The checkpoint is malformed.
    """
    head = head_of(note)
    [(origin, size)] = fetch(connection, "SELECT origin, size FROM log WHERE id = {p}", log)
    if head.origin != origin:
        raise NotFoundError(f"Expected a checkpoint of {origin}, got one of {head.origin!r}.")
    if head.size > size:
        raise NotFoundError(
            f"{origin} has {size} entries here, the checkpoint covers {head.size}: this is an "
            "older copy of the ledger, or another one. Restore the newest backup."
        )
    return Prover(StoredTiles(connection, log), head.size, head.root, cache)


def prove_seqs(
    connection: Connection,
    log: int,
    seqs: Iterable[int],
    *,
    size: int | None = None,
    cache: NodeCache | None = None,
) -> dict[int, tuple[InclusionProof, bytes]]:
    """Prove entries by their places, without their bytes.

    Returns:
        For each seq the proof and the entry's leaf hash.

    Raises:
        NotFoundError: No such checkpoint, or it doesn't cover an entry.
        VerifyError: The tiles don't lead to its root.
    """
    ordered = sorted(set(seqs))
    note = checkpoint_at(connection, log, size, covers=max(ordered, default=None))
    prover = open_prover(connection, log, note, cache)
    found = {}
    for seq in ordered:
        try:
            path = prover.inclusion(seq)
        except ProofError as error:
            raise NotFoundError(f"{error} Ask for an entry that the checkpoint covers.") from error
        found[seq] = InclusionProof(seq, tuple(path), note), prover.leaf(seq)
    return found


def prove_event(
    connection: Connection,
    event_id: str,
    *,
    size: int | None = None,
    against: str | None = None,
) -> EventProof:
    """Prove an event by its eventID.

    Args:
        connection: A reading transaction.
        event_id: Whose entry; where others hold the same event, the one that came first.
        size: Of the checkpoint to prove against; the newest one by default.
        against: A signed checkpoint that somebody has kept, instead.

    Raises:
        NotFoundError: There is no such event, or no such checkpoint, or it doesn't cover the event.
        VerifyError: The log's tiles don't lead to the checkpoint's root.
    """
    row = event_row(connection, event_id)
    if row is None:
        raise NotFoundError(f"No event {event_id!r} in this ledger. Check the eventID.")
    [proof] = _prove(connection, [row], size=size, against=against)
    return proof


def event_row(connection: Connection, event_id: str) -> int | None:
    """The row of the first event with an eventID, if there is one."""
    rows = fetch(
        connection,
        "SELECT id FROM event WHERE event_id = {p} AND declaration = 0 ORDER BY id LIMIT 1",
        event_id,
    )
    row: int | None = rows[0][0] if rows else None
    return row


def prove_item(
    connection: Connection,
    code: str,
    *,
    size: int | None = None,
    against: str | None = None,
) -> EventProof:
    """Prove the newest event that names an item, by the item's canonical code; see `prove_event`.

    Raises:
        NotFoundError: No event names it, no such checkpoint, or it doesn't cover the event.
        VerifyError: The log's tiles don't lead to the checkpoint's root.
    """
    [(row,)] = fetch(
        connection,
        "SELECT event_row FROM link WHERE item_id = {p} ORDER BY time DESC, event_row DESC LIMIT 1",
        item_row(connection, code),
    )
    [proof] = _prove(connection, [row], size=size, against=against)
    return proof


def prove_events(
    connection: Connection,
    rows: Collection[int],
    *,
    against: str | None = None,
    cache: NodeCache | None = None,
) -> list[EventProof]:
    """Prove many events by their rows (`event.id`), each against its log's newest checkpoint.

    With `against`, a signed checkpoint, all events are of its log and proven against that.

    For receipts and exports: rows and tiles are read once for all, and `cache` keeps what is worth
    keeping between calls. The answer stands in the order of logs and seqs.

    Raises:
        VerifyError: A log's tiles don't lead to its checkpoint's root.
    """
    return _prove(connection, rows, against=against, cache=cache)


def _prove(
    connection: Connection,
    rows: Collection[int],
    *,
    size: int | None = None,
    against: str | None = None,
    cache: NodeCache | None = None,
) -> list[EventProof]:
    found = fetch_in(
        connection,
        "SELECT event.log_id, event.seq, event_id, origin, bytes FROM event"
        " JOIN log ON log.id = event.log_id"
        " JOIN entry ON entry.log_id = event.log_id AND entry.seq = event.seq"
        " WHERE event.id {ids} ORDER BY event.log_id, event.seq",
        rows,
    )
    provers: dict[int, tuple[str, Prover]] = {}
    last = {log: seq for log, seq, *_ in found}
    proofs = []
    for log, seq, event_id, origin, raw in found:
        if log not in provers:
            note = against or checkpoint_at(connection, log, size, covers=last[log])
            provers[log] = note, open_prover(connection, log, note, cache)
        note, prover = provers[log]
        if seq >= prover.size:
            raise NotFoundError(
                f"The checkpoint covers {prover.size} entries of {origin}, the event is entry "
                f"{seq}: choose a checkpoint of at least {seq + 1}."
            )
        proof = _inclusion(prover, origin, seq, stored_bytes(raw, "entry.bytes"), note)
        proofs.append(EventProof(event_id, origin, proof))
    return proofs


def prove_entry(connection: Connection, log: int, seq: int) -> InclusionProof:
    """Prove any entry by its place, with its bytes, against the newest checkpoint that is cosigned.

    Raises:
        NotFoundError: There is no such entry, or no checkpoint covers it.
        VerifyError: The log's tiles don't lead to the checkpoint's root, or hold another entry.
    """
    rows = fetch(
        connection,
        "SELECT origin, bytes FROM entry JOIN log ON log.id = log_id"
        " WHERE log_id = {p} AND seq = {p}",
        log,
        seq,
    )
    if not rows:
        raise NotFoundError(f"There is no entry {seq} in this log.")
    [(origin, raw)] = rows
    note = checkpoint_at(connection, log, covers=seq)
    prover = open_prover(connection, log, note)
    return _inclusion(prover, origin, seq, stored_bytes(raw, "entry.bytes"), note)


def _inclusion(prover: Prover, origin: str, seq: int, entry: bytes, note: str) -> InclusionProof:
    if prover.leaf(seq) != leaf_hash(entry):
        raise VerifyError(
            f"Entry {seq} of {origin} is not the one that the checkpoint signs. "
            "Run 'suyuan verify' and restore the ledger from a backup."
        )
    return InclusionProof(seq, tuple(prover.inclusion(seq)), note, entry)


def prove_consistency(
    connection: Connection,
    log: int,
    old: str,
    new: str | None = None,
    *,
    cache: NodeCache | None = None,
) -> ConsistencyProof:
    """Prove that a log still begins with the entries of a checkpoint that somebody has kept.

    Args:
        connection: A reading transaction.
        log: Row of the log.
        old: The kept checkpoint, a signed note.
        new: The newer one; by default the newest here.
        cache: Nodes of questions before.

    Raises:
        NotFoundError: The checkpoints are of another log, or cover more entries than are here.
        VerifyError: The log does not contain one of them: it was rewritten, or they were signed
            over two histories.
        ProofError: The kept checkpoint is the larger one.
        NoteError: A checkpoint is malformed.
    """
    new = new if new is not None else checkpoint_at(connection, log)
    # Opening a prover compares the root with the tiles; the proof itself comes from the newer tree.
    open_prover(connection, log, old, cache)
    path = open_prover(connection, log, new, cache).consistency(head_of(old).size)
    return ConsistencyProof(old, new, tuple(path))
