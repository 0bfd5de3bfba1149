"""Inclusion proofs of stored events, as C2SP tlog-proof files.

A proof carries the entry's bytes as its `extra`, so that it can be checked with the log's verifier
key alone: no database and no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.appending import StoredTiles
from ledger.cosignatures import cosigned_checkpoint, covering_checkpoint
from ledger.errors import NotFoundError, ProofError
from ledger.genealogy.trace import item_row
from ledger.log import tiles
from ledger.log.entry import decode_entry
from ledger.log.proof import check_proof, format_proof, parse_proof
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.entry import Entry
    from ledger.log.note import Key

__all__ = ["EventProof", "check_event_proof", "newest_checkpoint", "prove_event", "prove_item"]


@dataclass(frozen=True, slots=True)
class EventProof:
    """A proof that an event stands in its log."""

    event_id: str
    origin: str
    seq: int
    text: str
    """The proof file."""


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


def prove_event(connection: Connection, event_id: str) -> EventProof:
    """Prove an event by its eventID.

    Raises:
        NotFoundError: There is none.
    """
    rows = fetch(
        connection,
        "SELECT id FROM event WHERE event_id = {p} AND declaration = 0 ORDER BY id LIMIT 1",
        event_id,
    )
    if not rows:
        raise NotFoundError(f"No event {event_id!r} in this ledger. Check the eventID.")
    return _prove(connection, rows[0][0])


def prove_item(connection: Connection, code: str) -> EventProof:
    """Prove the newest event that names an item, by the item's canonical code.

    Raises:
        NotFoundError: No event names it.
    """
    [(row,)] = fetch(
        connection,
        "SELECT event_row FROM link WHERE item_id = {p} ORDER BY time DESC, event_row DESC LIMIT 1",
        item_row(connection, code),
    )
    return _prove(connection, row)


def _prove(connection: Connection, row: int) -> EventProof:
    [(event_id, log, origin, seq, raw)] = fetch(
        connection,
        "SELECT event_id, log.id, origin, event.seq, bytes FROM event"
        " JOIN log ON log.id = event.log_id"
        " JOIN entry ON entry.log_id = event.log_id AND entry.seq = event.seq WHERE event.id = {p}",
        row,
    )
    covering = covering_checkpoint(connection, log, seq)
    if covering is None:
        raise NotFoundError(f"No checkpoint of {origin} covers entry {seq}. Run 'suyuan verify'.")
    path = tiles.inclusion_proof(StoredTiles(connection, log), seq, covering.size)
    return EventProof(event_id, origin, seq, format_proof(seq, path, covering.note, bytes(raw)))


def check_event_proof(text: str | bytes, verifiers: Iterable[Key]) -> tuple[Checkpoint, Entry]:
    """Check a proof file of ours, and return the checkpoint and the entry that it proves.

    Raises:
        ProofError: It is malformed, holds no entry, or doesn't lead to the checkpoint's root.
        NoteError: The checkpoint isn't signed by a trusted key.
        EntryError: What it proves is no entry of a ledger.
    """
    proof = parse_proof(text)
    if not proof.extra:
        raise ProofError(
            "The proof holds no entry, so there is nothing to show. Ask for a new one."
        )
    checkpoint = check_proof(text, proof.extra, verifiers)
    return checkpoint, decode_entry(proof.extra)
