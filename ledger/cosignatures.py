"""Witnesses' cosignatures as they are stored: added to checkpoints, and checked.

Rules kept:

* A line is never handed out that does not verify over the checkpoint it stands under, with the key
  that its row names: who could change the table could else make every checkpoint malformed.
* Which witnesses make a quorum is the reader's own policy; nothing stored says so.
* Nothing here writes, and nothing that writes is imported: verification calls it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.errors import NoteError, shown
from ledger.log.cosignature import is_offered, parse_cosigner, verify_cosignatures
from ledger.log.note import parse_note
from ledger.log.report import Finding, Kind
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Connection

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.cosignature import Cosigner
    from ledger.log.note import Verifier
    from ledger.log.policy import Policy, Witness

__all__ = [
    "Covering",
    "cosignature_findings",
    "cosigned_checkpoint",
    "covering_checkpoint",
    "last_cosigned",
    "quorum_checkpoint",
    "with_cosignatures",
]


@dataclass(frozen=True, slots=True)
class Covering:
    """A checkpoint with the cosignatures it has."""

    size: int
    note: str
    witnesses: int
    """How many cosigned it."""


def _check(witness: Any, line: Any, text: str) -> tuple[Cosigner, int]:
    """Check a stored line over a checkpoint's text; return its key and the time it says.

    Raises:
        NoteError: it does not hold.
    """
    if type(witness) is not str or type(line) is not str:
        raise NoteError(f"Expected a key and a line as text, got {shown(witness)}, {shown(line)}.")
    key = parse_cosigner(witness)
    note = parse_note(f"{text}\n{line}\n")
    if note.text != text or len(note.signatures) != 1:
        raise NoteError(f"Expected one signature line, got {shown(line)}.")
    found = verify_cosignatures(note, [key])
    if key not in found:
        raise NoteError(f"Expected a line of {key.vkey}, got {shown(line)}.")
    return key, found[key][0]


def with_cosignatures(connection: Connection, log: int, size: int, note: str) -> Covering:
    """Add to a log's signed checkpoint the cosignatures that are stored for it.

    Args:
        connection: The ledger.
        log: Surrogate id of the log.
        size: Of the checkpoint.
        note: The checkpoint as the log signed it.
    """
    text = parse_note(note).text
    added = 0
    rows = fetch(
        connection,
        "SELECT witness, line FROM cosignature WHERE log_id = {p} AND size = {p} ORDER BY witness",
        log,
        size,
    )
    for witness, line in rows:
        try:
            _check(witness, line, text)
        except NoteError:
            continue  # `cosignature_findings` names it
        note += f"{line}\n"
        added += 1
    return Covering(size, note, added)


def cosigned_checkpoint(connection: Connection, log: int) -> Covering | None:
    """The newest checkpoint of a log, with the cosignatures it has so far; None before the first.

    This is what is served: freshness comes first, and a reader with a policy asks again or takes
    the proof, which prefers what is cosigned.
    """
    rows = fetch(
        connection,
        "SELECT size, note FROM checkpoint WHERE log_id = {p} ORDER BY size DESC LIMIT 1",
        log,
    )
    return with_cosignatures(connection, log, *rows[0]) if rows else None


def covering_checkpoint(connection: Connection, log: int, seq: int) -> Covering | None:
    """The checkpoint for a proof of an entry: the newest cosigned that covers it, or the newest.

    A proof is kept, and checked where nobody can ask again, so cosignatures are worth more to it
    than the entries behind. None where no checkpoint covers the entry.
    """
    rows = fetch(
        connection,
        "SELECT checkpoint.size, note FROM checkpoint JOIN cosignature"
        " ON cosignature.log_id = checkpoint.log_id AND cosignature.size = checkpoint.size"
        " WHERE checkpoint.log_id = {p} AND checkpoint.size > {p}"
        " ORDER BY checkpoint.size DESC LIMIT 1",
        log,
        seq,
    )
    if rows and (found := with_cosignatures(connection, log, *rows[0])).witnesses:
        return found
    newest = cosigned_checkpoint(connection, log)
    return newest if newest is not None and newest.size > seq else None


def quorum_checkpoint(
    connection: Connection, log: int, policy: Policy, verifiers: Collection[Verifier]
) -> tuple[Checkpoint, dict[Witness, int]] | None:
    """The newest checkpoint of a log that the policy's quorum cosigned, among the last hundred.

    Args:
        connection: The ledger.
        log: Surrogate id of the log.
        policy: Whose cosignatures count.
        verifiers: The log's own keys.

    Returns:
        What it says, and the time that each witness says; None where there is none.
    """
    rows = fetch(
        connection,
        "SELECT checkpoint.size, note FROM checkpoint WHERE log_id = {p} AND size IN"
        " (SELECT size FROM cosignature WHERE log_id = {p}) ORDER BY size DESC LIMIT 100",
        log,
        log,
    )
    for size, note in rows:
        with suppress(NoteError):
            return policy.verify(
                with_cosignatures(connection, log, size, note).note, logs=verifiers
            )
    return None


def last_cosigned(connection: Connection, log: int, witness: str) -> int:
    """The size of the newest checkpoint that a witness's key has cosigned, as stored; 0 if none.

    A hint: the witness says it better if it is wrong.
    """
    [(size,)] = fetch(
        connection,
        "SELECT max(size) FROM cosignature WHERE log_id = {p} AND witness = {p}",
        log,
        witness,
    )
    return size if type(size) is int else 0


def cosignature_findings(connection: Connection, log: int, origin: str) -> Iterator[Finding]:
    """Check every stored cosignature of a log: each must hold over the checkpoint of its size.

    The caller's share: the checkpoints themselves are verified by steps of their own, and which
    keys are trusted is the reader's policy; here a row must agree with itself and its checkpoint.
    """
    rows = fetch(
        connection,
        "SELECT cosignature.size, witness, line, note FROM cosignature LEFT JOIN checkpoint"
        " ON checkpoint.log_id = cosignature.log_id AND checkpoint.size = cosignature.size"
        " WHERE cosignature.log_id = {p} ORDER BY cosignature.size, witness",
        log,
    )
    for size, witness, line, note in rows:
        seq = size - 1 if type(size) is int and size > 0 else None
        if type(note) is not str:
            message = f"A cosignature stands here, and no checkpoint of size {shown(size)}."
            yield Finding(origin, seq, "cosignature.size", Kind.CHECKPOINT, message)
            continue
        try:
            text = parse_note(note).text
        except NoteError:
            continue  # the step for checkpoints names it
        if type(witness) is str and not is_offered(witness):
            continue  # it was kept where OpenSSL is newer, and is unknown here
        try:
            _check(witness, line, text)
        except NoteError as error:
            message = f"The cosignature of {shown(witness)} doesn't hold: {error}"
            yield Finding(origin, seq, "cosignature.line", Kind.CHECKPOINT, message)
