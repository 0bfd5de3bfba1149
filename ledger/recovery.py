"""Recoveries: what a restored log has lost, and which log goes on in its place.

A log whose signed checkpoint of 100 entries is known can't go on from 90: its 91st entry would be
another one than everybody's, a fork. So it ends there for good. An operator says in entry 0 of a
new log, with an origin and a key of its own, what is missing; the organisation's next entries stand
behind that.

The body of the entry:

* `recovery`: see `Recovery`;
* `signatures`: the lines of a C2SP signed note over `suyuan/recovery/1`, a newline, the canonical
  JSON of `recovery` and a newline; by the new log's key, and by the old one's where it was at hand.

A declared loss is believed when the old log's pinned key has signed it, or the new log's key is
pinned. It excuses the one checkpoint that it names, at exactly the size and root that it says, so a
log that was cut further is found. That the lost entries stood behind those that are left can't be
shown by anybody but who has them.

Nothing here writes.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
from msgspec import Struct

from ledger.errors import DamageError, EntryError, NoteError
from ledger.log.canonical import canonical_bytes
from ledger.log.checkpoint import Checkpoint
from ledger.log.note import parse_note, verify_note
from ledger.organisations import Organisation, find_organisation
from ledger.schemas import RECOVERY_SCHEMA
from ledger.store.sets import fetch
from ledger.stored import stored_entry

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.log.keyring import KeyRing

__all__ = [
    "Loss",
    "Recovery",
    "believed_loss",
    "current_log",
    "lineage",
    "losses",
    "read_recovery",
    "recovery_text",
]


class Rings(Protocol):
    """Where the pinned keys of logs are."""

    def ring(self, origin: str) -> KeyRing | None:
        """The keys of a log, each with the sizes that it may sign."""
        ...


class Recovery(Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator states."""

    log: str
    """Origin of the log that ends."""
    size: int
    """Entries of it that were restored."""
    root: str
    """Merkle root over them, base64."""
    known_size: int
    """Entries of the largest checkpoint that is known."""
    known_checkpoint: str
    """That checkpoint, the signed note."""
    missing: int
    """Entries from `size` to `known_size`."""
    operator: str
    """Who states it."""
    reason: str
    """In the operator's words."""
    stated_at: int
    """Microseconds since 1970 UTC."""


class Loss(Struct, frozen=True):
    """A recovery with the logs that it is about."""

    recovery: Recovery
    successor: str
    """Origin of the log that goes on."""
    row: int
    """Surrogate id of that log."""
    signatures: tuple[str, ...]

    @property
    def root(self) -> bytes:
        """The root over the restored entries."""
        return base64.b64decode(self.recovery.root)

    def believed(self, keys: Rings) -> bool:
        """Whether a pinned key stands for the statement (see the module)."""
        said = ((self.recovery.log, self.recovery.known_size), (self.successor, 1))
        rings = [(keys.ring(origin), size) for origin, size in said]
        trusted = [key for ring, size in rings if ring is not None for key in ring.at(size)]
        text = recovery_text(self.recovery)
        try:
            verify_note(parse_note(text + "\n" + "\n".join(self.signatures) + "\n"), trusted)
        except NoteError:
            return False
        return True

    def excuses(self, known: Checkpoint) -> bool:
        """Whether this is the checkpoint that the statement names."""
        said = self.recovery
        return said.size < known.size == said.known_size and said.known_checkpoint.startswith(
            known.text()
        )


def recovery_text(recovery: Recovery) -> str:
    """What is signed; its second line is no size, so it is no checkpoint."""
    return f"{RECOVERY_SCHEMA}\n{canonical_bytes(msgspec.to_builtins(recovery)).decode()}\n"


class _Body(Struct, frozen=True, forbid_unknown_fields=True):
    recovery: Recovery
    signatures: tuple[str, ...]


def read_recovery(body: dict[str, Any]) -> tuple[Recovery, tuple[str, ...]]:
    """The statement in the body of an entry, and its signatures.

    Raises:
        EntryError: It is malformed, or its numbers don't agree.
    """
    try:
        found = msgspec.convert(body, _Body)
        said = found.recovery
        root = base64.b64decode(said.root, validate=True)
        Checkpoint(said.log, said.size, root)
    except (msgspec.ValidationError, ValueError, NoteError) as error:
        raise EntryError(f"Expected the statement of a recovery: {error}") from None
    if said.missing != said.known_size - said.size or said.missing <= 0:
        raise EntryError(
            f"From {said.size} to {said.known_size} entries {said.missing} can't be missing."
        )
    return said, found.signatures


_FIRST_ENTRIES: Final = (
    "SELECT log.id, origin, bytes FROM log JOIN entry ON log_id = log.id AND seq = 0"
    " WHERE schema = {p} ORDER BY log.id"
)


def losses(connection: Connection) -> dict[str, Loss]:
    """The declared losses of a ledger, by the origin of the log that has ended.

    What can't be read is left out here; verification names it.
    """
    found: dict[str, Loss] = {}
    for row, origin, raw in fetch(connection, _FIRST_ENTRIES, RECOVERY_SCHEMA):
        try:
            entry = stored_entry(raw)
            said, signatures = read_recovery(entry.body)
        except (EntryError, DamageError):
            continue
        if entry.header.log == origin:
            found.setdefault(said.log, Loss(said, origin, row, signatures))
    return found


def believed_loss(connection: Connection, keys: Rings, origin: str) -> Loss | None:
    """What a log has lost as a pinned key stands for it; None where nothing of that is stated."""
    loss = losses(connection).get(origin)
    return loss if loss is not None and loss.believed(keys) else None


def current_log(connection: Connection, organisation: Organisation) -> Organisation:
    """The log that goes on for an organisation: its own, or the one behind its recoveries."""
    declared = losses(connection)
    seen = {organisation.origin}
    while (loss := declared.get(organisation.origin)) and loss.successor not in seen:
        seen.add(loss.successor)
        [(slug,)] = fetch(connection, "SELECT organisation FROM log WHERE id = {p}", loss.row)
        organisation = find_organisation(connection, slug)
    return organisation


def lineage(connection: Connection) -> dict[int, list[int]]:
    """By the id of each log that goes on for others the ids of these, the newest first."""
    declared = losses(connection)
    if not declared:
        return {}
    rows = dict(fetch(connection, "SELECT origin, id FROM log"))
    before = {loss.row: rows[origin] for origin, loss in declared.items() if origin in rows}
    found: dict[int, list[int]] = {}
    for log in before:
        line: list[int] = []
        one = log
        while one in before and before[one] not in (*line, log):
            one = before[one]
            line.append(one)
        found[log] = line
    return found
