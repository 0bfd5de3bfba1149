"""The ceremony of a recovery: it ends logs that have lost entries, and begins those that go on.

It works on a restored database that nobody uses yet, and signs nothing that leaves it: should the
restore be given up, the next one begins anew, with the key that was made here.

What a crash leaves, in this order of steps:

1. the new log's key is made: a key without a log, which the next ceremony takes up;
2. the log and its entry 0 are committed to the restored database, beside the ledger: nothing;
3. the restored database takes the ledger's place: the recovery stands, and `finish_recovery` does
   the rest when the ledger is opened for writing next;
4. `finish_recovery` keeps the new log's checkpoint and marks the old log as closed.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from ledger.appending import LogWriter
from ledger.errors import StoreError
from ledger.log.canonical import canonical_bytes
from ledger.log.merkle import EMPTY_ROOT
from ledger.log.note import sign_note
from ledger.organisations import Organisation, add_organisation, insert_log
from ledger.recovery import Recovery, losses, recovery_text
from ledger.schemas import RECOVERY_SCHEMA
from ledger.store.engine import reading, writing
from ledger.store.sets import fetch
from ledger.stored import stored_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from ledger.keys import KeyFolder
    from ledger.log.checkpoint import Checkpoint
    from ledger.log.note import Signer, Verifier

__all__ = ["Statement", "begin_empty", "finish_recovery", "recover"]

_NUMBERED = re.compile(r"(.+)-r([1-9][0-9]{0,3})")


class Statement(Struct, frozen=True):
    """What only an operator can say."""

    operator: str
    """Who states the loss: a name."""
    reason: str
    """Why entries are lost."""


def recover(
    engine: Engine,
    keys: KeyFolder,
    old: Organisation,
    *,
    known: tuple[str, Checkpoint],
    statement: Statement,
    now: Callable[[], int],
) -> Organisation:
    """Begin the log that goes on for one that has lost entries.

    Args:
        engine: The restored database.
        keys: Gets the new log's key; the old one's signs as well if it is there.
        old: The log that ends, as it was restored.
        known: The larger checkpoint of it that is known, as a note and what it says.
        statement: The operator's.
        now: The clock, in microseconds since 1970 UTC.

    Raises:
        StoreError: The key or the database can't be written.
    """
    note, checkpoint = known
    with reading(engine) as connection:
        root = _root(connection, old)
        slug = _slug(connection, old)
        name = old.name
    host = old.origin.removesuffix(f"/log/{old.slug}")
    new = add_organisation(engine, keys, slug=slug, name=name, host=host)
    said = Recovery(
        log=old.origin,
        size=old.size,
        root=base64.b64encode(root).decode(),
        known_size=checkpoint.size,
        known_checkpoint=note,
        missing=checkpoint.size - old.size,
        operator=statement.operator,
        reason=statement.reason,
        stated_at=now(),
    )
    signer = keys.signer(new.origin)
    body = {
        "recovery": msgspec.to_builtins(said),
        "signatures": _signed(recovery_text(said), [signer, *_old_key(keys, old.origin)]),
    }
    with writing(engine) as connection:
        log = LogWriter.open(connection, new.row)
        log.add(
            canonical_bytes(body),
            schema=RECOVERY_SCHEMA,
            submitter=statement.operator,
            received_at=said.stated_at,
        )
        log.seal(signer)
    return new


def begin_empty(engine: Engine, verifier: Verifier) -> Organisation:
    """Begin a log again that began after the backup was made: without an entry, to be ended.

    Args:
        engine: The restored database.
        verifier: The log's pinned key, whose name is the log's origin.
    """
    slug = verifier.name.rpartition("/log/")[2]
    with writing(engine) as connection:
        return insert_log(connection, verifier, slug=slug, name=slug)


def finish_recovery(engine: Engine, keys: KeyFolder) -> None:
    """Do what a recovery leaves to be done in the keys' folder; nothing where it was done.

    Raises:
        StoreError: The folder can't be written.
    """
    with reading(engine) as connection:
        declared = losses(connection)
        notes = {
            loss.successor: fetch(
                connection,
                "SELECT note FROM checkpoint WHERE log_id = {p} ORDER BY size DESC LIMIT 1",
                loss.row,
            )
            for loss in declared.values()
        }
    for origin, loss in declared.items():
        if keys.verifier(loss.successor) is None or not loss.believed(keys):
            continue
        [(note,)] = notes[loss.successor]
        keys.pin(loss.successor).learn(note)
        if keys.successor(origin) != loss.successor:
            keys.close(origin, loss.successor)


def _root(connection: Connection, old: Organisation) -> bytes:
    rows = fetch(
        connection,
        "SELECT root FROM checkpoint WHERE log_id = {p} AND size = {p}",
        old.row,
        old.size,
    )
    # Every size but 0 has its checkpoint.
    return stored_bytes(rows[0][0], "checkpoint.root") if rows else EMPTY_ROOT


def _slug(connection: Connection, old: Organisation) -> str:
    """The name of the log that goes on: `-r1` behind the organisation's, then `-r2`."""
    taken = {row[0] for row in fetch(connection, "SELECT organisation FROM log")}
    recoveries = {loss.successor for loss in losses(connection).values()}
    base, number = old.slug, 1
    if old.origin in recoveries and (found := _NUMBERED.fullmatch(old.slug)):
        base, number = found[1], int(found[2]) + 1
    while f"{base}-r{number}" in taken:
        number += 1
    return f"{base}-r{number}"


def _old_key(keys: KeyFolder, origin: str) -> list[Signer]:
    try:
        return [keys.signer(origin)]
    except StoreError:
        return []  # lost with the ledger, perhaps: the new key alone states it then


def _signed(text: str, signers: list[Signer]) -> list[str]:
    return sign_note(text, signers).removeprefix(f"{text}\n").splitlines()
