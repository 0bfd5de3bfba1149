"""Changing the keys of a log: rotation, retirement, a stolen key, a key of another kind.

Each change is one entry (`ledger.log.keychain`) in one transaction under the log's lock, and is
done in this order. What a crash leaves:

1. new private keys are written to their files: files that nothing needs yet;
2. the entry, its checkpoint, `log_key` and the log's row are committed: the log states the new
   keys, and the pinned files don't know it. The old keys go on signing while they may; where they
   may not, the writer is told to run `follow_keys`. Verification follows the log by itself;
3. the checkpoint is kept beside the keys: keys old and new have signed it, so both accept it;
4. the verifier keys' file is replaced: done.

`follow_keys` does step 4 from what the log states, and each change begins with it. A change that
was committed is therefore never made twice, and none is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ledger.appending import LogWriter
from ledger.errors import NoteError, StoreError, UsageError
from ledger.log import tiles
from ledger.log.canonical import canonical_bytes
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.keychain import statement
from ledger.log.keyring import KeyRange, KeyRing
from ledger.log.mldsa import ML_DSA_44
from ledger.log.note import ED25519, Signer
from ledger.loggedkeys import trusted_keys
from ledger.organisations import find_organisation
from ledger.schemas import KEY_SCHEMA
from ledger.store import tables
from ledger.store.engine import writing
from ledger.store.sets import fetch
from ledger.stored import stored_bytes
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Engine

    from ledger.keys import KeyFolder
    from ledger.log.note import Key, NoteSigner
    from ledger.organisations import Organisation

__all__ = [
    "KeyChange",
    "KeyRoom",
    "add_ml_dsa",
    "follow_keys",
    "replace_stolen",
    "retire",
    "rotate",
]

_Plan: TypeAlias = "tuple[KeyRing, Sequence[NoteSigner]]"
"""The keys from now on, and the signers that were made for it."""

_SIGN_AT_ONCE: Final = 1000
"""Checkpoints that are read and signed together when a stolen key's are replaced."""


@dataclass(frozen=True, slots=True)
class KeyRoom:
    """What a change of keys needs."""

    engine: Engine
    keys: KeyFolder
    organisation: Organisation
    submitter: str
    now: Callable[[], int]
    """The clock, in microseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What was done."""

    ring: KeyRing
    """The keys from now on."""
    seq: int
    """The entry that says so."""
    signed_again: int = 0
    """Checkpoints that a stolen key had signed alone, and the new one has signed now."""


def follow_keys(room: KeyRoom) -> KeyRing:
    """Bring the pinned keys of a log to what the log states, as far as they prove it.

    Raises:
        StoreError: There are no pinned keys, or the folder or the store can't be used.
    """
    with writing(room.engine) as connection:
        log = LogWriter.open(connection, room.organisation.row)
        return _followed(log, room)


def _followed(log: LogWriter, room: KeyRoom) -> KeyRing:
    """Steps 3 and 4, where a change was cut short before them; return the keys."""
    pinned, pin = room.keys.ring(log.origin), room.keys.pin(log.origin)
    if pinned is None:
        raise StoreError(
            f"No verifier key is pinned for {log.origin}, so nothing tells which keys are its own.",
            "Put the .vkey file back into the keys folder from your backup.",
        )
    owner = find_organisation(log.connection, room.organisation.slug)
    ring = trusted_keys(log.connection, owner, pinned)
    if known := pin.newest(ring):
        log.require(known[1])
    if ring != pinned:
        [(note,)] = fetch(
            log.connection,
            "SELECT note FROM checkpoint WHERE log_id = {p} ORDER BY size DESC LIMIT 1",
            log.log,
        )
        try:
            open_checkpoint(note, log.origin, ring)
        except NoteError as error:
            raise StoreError(
                f"The newest checkpoint isn't signed by the keys that the log states: {error}",
                "Run 'suyuan verify', and restore the ledger from a backup.",
            ) from error
        pin.keep(note)
        room.keys.keep(ring)
    return ring


def rotate(room: KeyRoom) -> KeyChange:
    """Add a new Ed25519 key; until the old one is retired, both sign each checkpoint.

    Raises:
        UsageError: A rotation has begun already.
        StoreError: A key, the folder or the store can't be used.
    """
    return _change(room, lambda ring, size: _one_more(room, ring, size, post_quantum=False))


def add_ml_dsa(room: KeyRoom) -> KeyChange:
    """Add an ML-DSA-44 key, whose line stands beside the Ed25519 ones from now on.

    Where there is one already, this is its rotation.

    Raises:
        UsageError: A rotation has begun already.
        StoreError: This machine can't make one; or as `rotate`.
    """
    return _change(room, lambda ring, size: _one_more(room, ring, size, post_quantum=True))


def _one_more(room: KeyRoom, ring: KeyRing, size: int, *, post_quantum: bool) -> _Plan:
    kind = ML_DSA_44 if post_quantum else ED25519
    if sum(one.key.kind == kind for one in ring.in_use()) > 1:
        raise UsageError(
            "Two keys of this kind sign already; retire the older one with 'suyuan key retire'."
        )
    made = room.keys.add(ring.name, post_quantum=post_quantum)
    return KeyRing((*ring.ranges, KeyRange(made.verifier, size))), (made,)


def retire(room: KeyRoom, key_id: str | None = None) -> KeyChange:
    """End the range of a key at the current size: of the named one, or of the oldest in use.

    Raises:
        UsageError: There is no such key in use, or it is the newest Ed25519 key.
        StoreError: A key, the folder or the store can't be used.
    """

    def plan(ring: KeyRing, size: int) -> _Plan:
        keys = [one.key for one in ring.in_use()]
        ended = keys[0] if key_id is None else _named(keys, key_id)
        if ended == ring.current:
            raise UsageError(
                f"{ended.key_id.hex()} is the newest key of the log; make its successor first with"
                " 'suyuan key rotate'."
            )
        return _ended(ring, ended, size), ()

    return _change(room, plan)


def replace_stolen(room: KeyRoom, last_good: int, key_id: str | None = None) -> KeyChange:
    """End a stolen key's range at the size where it was last known good, and replace it.

    Checkpoints above that size which no other key has signed are signed again by the new key,
    each after its root was computed anew.

    Args:
        room: Where.
        last_good: Size of the last checkpoint that was certainly signed by the owner.
        key_id: The stolen key; the newest one by default.

    Raises:
        UsageError: There is no such key, or the size is none of its sizes.
        StoreError: A key, the folder or the store can't be used.
    """
    signed_again = 0

    def plan(ring: KeyRing, size: int) -> _Plan:
        stolen = ring.current if key_id is None else _named([*ring], key_id)
        [known] = [one for one in ring.ranges if one.key == stolen]
        upto = size - 1 if known.last is None else known.last
        least = max(0, known.first - 1)
        if not least <= last_good <= upto:
            raise UsageError(
                f"Expected a size from {least} to {upto} for the key {stolen.key_id.hex()},"
                f" got {last_good}."
            )
        after = _ended(ring, stolen, last_good)
        if any(
            one.key.kind == stolen.kind and one.first <= last_good + 1 for one in after.in_use()
        ):
            return after, ()  # its successor has signed all that is not good any more
        made = room.keys.add(ring.name, post_quantum=stolen.kind == ML_DSA_44)
        return KeyRing((*after.ranges, KeyRange(made.verifier, last_good + 1))), (made,)

    def sign_again(log: LogWriter, ring: KeyRing, signers: Sequence[NoteSigner]) -> None:
        nonlocal signed_again
        signed_again = _sign_again(log, ring, signers, last_good)

    change = _change(room, plan, sign_again)
    return KeyChange(change.ring, change.seq, signed_again)


def _sign_again(
    log: LogWriter, ring: KeyRing, signers: Sequence[NoteSigner], last_good: int
) -> int:
    """Replace the notes above a size that don't hold by the keys of now; return how many."""
    signed = 0
    reader = StoredTiles(log.connection, log.log)
    while rows := fetch(
        log.connection,
        "SELECT size, root, note FROM checkpoint WHERE log_id = {p} AND size > {p}"
        " ORDER BY size LIMIT {p}",
        log.log,
        last_good,
        _SIGN_AT_ONCE,
    ):
        for size, root, note in rows:
            last_good = size
            if _holds(note, ring):
                continue
            if tiles.root(reader, size) != stored_bytes(root, "checkpoint.root"):
                raise StoreError(
                    f"The checkpoint of size {size} is not one of this log.",
                    "Run 'suyuan verify' and restore the ledger from a backup.",
                )
            head = Checkpoint(log.origin, size, stored_bytes(root, "checkpoint.root"))
            able = ring.at(size)
            again = sign_checkpoint(head, [one for one in signers if one.verifier in able])
            log.connection.execute(
                tables.checkpoint.update()
                .where(tables.checkpoint.c.log_id == log.log, tables.checkpoint.c.size == size)
                .values(note=again)
            )
            signed += 1
    return signed


def _holds(note: str, ring: KeyRing) -> bool:
    try:
        open_checkpoint(note, ring.name, ring)
    except NoteError:
        return False
    return True


def _named(keys: Sequence[Key], key_id: str) -> Key:
    for key in keys:
        if key.key_id.hex() == key_id:
            return key
    known = ", ".join(key.key_id.hex() for key in keys)
    raise UsageError(f"Expected the id of a key, one of {known}; got {key_id!r}.")


def _ended(ring: KeyRing, ended: Key, last: int) -> KeyRing:
    return KeyRing(
        tuple(
            KeyRange(one.key, one.first, last) if one.key == ended else one for one in ring.ranges
        )
    )


def _change(
    room: KeyRoom,
    plan: Callable[[KeyRing, int], _Plan],
    then: Callable[[LogWriter, KeyRing, Sequence[NoteSigner]], None] | None = None,
) -> KeyChange:
    """Make a change, in the order that the module describes."""
    with writing(room.engine) as connection:
        log = LogWriter.open(connection, room.organisation.row)
        ring = _followed(log, room)
        before = room.keys.signers(ring.name)
        seq = log.size
        after, made = plan(ring, seq + 1)  # step 1
        speakers = (room.keys.signer(ring.name), *(one for one in made if isinstance(one, Signer)))
        log.add(
            canonical_bytes(statement(after, speakers, seq=seq)),
            schema=KEY_SCHEMA,
            submitter=room.submitter,
            received_at=room.now(),
        )
        # Readers who know the keys of before must be able to open the checkpoint that covers the
        # statement: keys that end here sign it too, for the last time.
        note = log.seal([*before, *made], changes_keys=True)
        if then is not None:
            able = {one.key for one in after.in_use()}
            then(log, after, [one for one in (*before, *made) if one.verifier in able])
        _store(connection, room.organisation.row, after)
    # Step 2 is done.
    room.keys.pin(ring.name).keep(note)  # step 3
    room.keys.keep(after)  # step 4
    return KeyChange(after, seq)


def _store(connection: Connection, log: int, ring: KeyRing) -> None:
    connection.execute(tables.log_key.delete().where(tables.log_key.c.log_id == log))
    connection.execute(
        tables.log_key.insert(),
        [
            {
                "log_id": log,
                "verifier_key": one.key.vkey,
                "first_size": one.first,
                "last_size": one.last,
            }
            for one in ring.ranges
        ],
    )
    connection.execute(
        tables.log.update().where(tables.log.c.id == log).values(verifier_key=ring.current.vkey)
    )
