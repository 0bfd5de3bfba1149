"""Sealing the personal values of what is captured, once its log is held and says which fields are.

What was prepared before is plain; it is sealed here, right before it is compared with what is there
and chained. So a document never enters a log by a declaration that was replaced meanwhile.

The same event again has other salts, and so another digest. `as_known` tells what its digests would
be with the salts of the event that is there; for a value that was erased it has to be believed.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec

from ledger.errors import CanonicalError, EntryError
from ledger.log.canonical import canonical_bytes
from ledger.log.commitment import SALT_SIZE, verify_commitment
from ledger.log.pointers import member_at, replaced
from ledger.personal import Sealed, commitment_text, reveal, seal
from ledger.preparing import Prepared
from ledger.problems import problem
from ledger.projection import content_digest, event_name
from ledger.receipts import Receipt, Status
from ledger.store import tables
from ledger.store.sets import fetch_in, insert_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Any

    from sqlalchemy import Connection

__all__ = ["as_known", "as_sealed", "draw_salt", "sealed", "store_values", "stored_values"]


def draw_salt() -> bytes:
    """A salt of its own for one value."""
    return secrets.token_bytes(SALT_SIZE)


def sealed(
    events: Sequence[Prepared | Receipt], fields: Collection[str]
) -> Sequence[Prepared | Receipt]:
    """The same events with their personal values sealed; one that can't be is refused."""
    if not fields:
        return events
    return [_sealed(one, fields) if isinstance(one, Prepared) else one for one in events]


def _sealed(one: Prepared, fields: Collection[str]) -> Prepared | Receipt:
    try:
        body, values = seal(msgspec.json.decode(one.body), fields, draw_salt)
    except CanonicalError as error:
        flaw = problem(one.pointer, "json.not-canonical", str(error))
        # Its name may be made of the value, so it isn't repeated.
        return Receipt(one.pointer, Status.REJECTED, None, None, (*one.warnings, flaw))
    if not values:
        return one
    event = body["event"]
    return msgspec.structs.replace(
        one,
        event_id=event_name(event, body["personal"]),
        digest=content_digest(event),
        original=content_digest(event, without="errorDeclaration"),
        body=canonical_bytes(body),
        personal=values,
    )


def as_known(one: Prepared, known: Sequence[Sealed]) -> tuple[bytes, bytes]:
    """The digests that an event would have with the salts of another.

    Args:
        one: An event that is to be compared.
        known: The personal values of the one that is there.

    Returns:
        Its digest, and the one without the errorDeclaration.
    """
    if not (one.personal or known):
        return one.digest, one.original
    event = as_sealed(reveal(msgspec.json.decode(one.body)["event"], one.personal), known)
    return content_digest(event), content_digest(event, without="errorDeclaration")


def as_sealed(subject: Any, known: Iterable[Sealed]) -> Any:
    """Put known commitments in the place of the values that they are of."""
    changes = {}
    for one in known:
        try:
            value = member_at(subject, one.pointer)
            if one.salt is not None:
                verify_commitment(one.commitment, one.salt, canonical_bytes(value))
        except (CanonicalError, EntryError):
            continue  # another value, or none: the digests differ
        changes[one.pointer] = commitment_text(one.commitment)
    return replaced(subject, changes)


def stored_values(
    connection: Connection, log: int, seqs: Collection[int]
) -> dict[int, tuple[Sealed, ...]]:
    """The personal values of entries, erased ones among them, by seq."""
    rows = fetch_in(
        connection,
        "SELECT seq, pointer, commitment, salt, value FROM personal_value"
        " WHERE seq {ids} AND log_id = {p} ORDER BY seq, pointer",
        seqs,
        log,
    )
    found: dict[int, tuple[Sealed, ...]] = {}
    for seq, pointer, commitment, salt, value in rows:
        one = Sealed(
            pointer,
            bytes(commitment),
            None if salt is None else bytes(salt),
            None if value is None else bytes(value),
        )
        found[seq] = (*found.get(seq, ()), one)
    return found


def store_values(
    connection: Connection, log: int, values: Iterable[tuple[int, Sequence[Sealed]]]
) -> None:
    """Store the personal values of new entries, given with their seqs."""
    insert_rows(
        connection,
        tables.personal_value,
        "log_id seq pointer commitment salt value",
        [
            (log, seq, one.pointer, one.commitment, one.salt, one.value)
            for seq, many in values
            for one in many
        ],
    )
