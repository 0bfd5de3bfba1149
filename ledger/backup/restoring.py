"""Restoring a backup: everything is verified before anything is replaced.

The steps, numbered again at the code:

1. the archive: decrypted, unpacked beside the ledger, its members compared with the manifest;
2. the manifest: its note, where the log's key is pinned here, is by that key;
3. the schema: one that this version knows; older ones are migrated, beside the ledger;
4. the heads: those of the database are those of the manifest;
5. what is known: each checkpoint that is kept beside the keys here, or was handed in, stands in the
   restored logs. A log that lacks entries needs a recovery (`ledger.backup.ceremony`);
6. the whole restored ledger is verified, as `suyuan verify` does;
7. keys that are missing here are written; none is ever replaced;
8. the restored ledger takes the place of the one before, in one step, which is kept;
9. the recovery, where there was one, is settled in the keys' folder.

A crash before step 8 leaves the old ledger, after it the new one; step 9 is done again by whoever
opens the ledger for writing.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from ledger.backup.archive import ArchiveReader, Manifest, manifest_text, opened
from ledger.backup.ceremony import begin_empty, finish_recovery, recover
from ledger.backup.keyfiles import install_keys, merged_keys, pin_key
from ledger.backup.schemas import postgresql_stage
from ledger.backup.staging import sqlite_stage
from ledger.errors import BackupError, NoteError, StoreError
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.note import parse_note, verify_note
from ledger.organisations import organisations
from ledger.recovery import losses
from ledger.store.engine import reading
from ledger.store.migrate import upgrade
from ledger.store.revisions import current, is_known
from ledger.store.sets import fetch
from ledger.stored import stored_bytes
from ledger.verification import verify_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

    from ledger.backup.ceremony import Statement
    from ledger.backup.staging import Stage
    from ledger.keys import KeyFolder
    from ledger.log.checkpoint import Checkpoint
    from ledger.log.report import Report
    from ledger.organisations import Organisation

__all__ = ["Lacking", "Restored", "restore"]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A log that has fewer entries in the backup than somebody knows of."""

    origin: str
    size: int
    """Entries in the backup."""
    known: int
    """Entries of the largest checkpoint that is known."""
    successor: str | None = None
    """The log that goes on, after a recovery."""


@dataclass(slots=True)
class Restored:
    """What a restore did, or would do."""

    manifest: Manifest
    signed_by: tuple[str, ...] = ()
    """Logs whose pinned keys signed the manifest."""
    reports: Sequence[Report] = ()
    """Of the verification, by log."""
    lacking: list[Lacking] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """Files that were written into the keys' folder."""
    unpinned: list[str] = field(default_factory=list)
    """Logs whose key was taken from the backup, as none is pinned here: that proves less."""
    keyless: list[str] = field(default_factory=list)
    """Open logs whose private key is missing here: nothing can be captured to them."""
    kept: str | None = None
    """Where the ledger of before is."""
    replaced: bool = False


def restore(
    engine: Engine,
    keys: KeyFolder,
    file: BinaryIO,
    *,
    passphrase: Callable[[], str],
    now: Callable[[], int],
    stamp: str,
    known: Sequence[str] = (),
    check: bool = False,
    statement: Statement | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Restored:
    """Verify a backup and put it in the place of the ledger.

    Args:
        engine: The ledger, or where it shall be. Nothing has it open, this program included.
        keys: The keys beside it; the folder need not be there.
        file: The backup.
        passphrase: Asked where the backup is encrypted.
        now: The clock, in microseconds since 1970 UTC.
        stamp: What the kept ledger of before is named by: letters, digits.
        known: Signed checkpoints that witnesses, customers or anybody else have kept.
        check: Verify only.
        statement: The operator's, to begin a recovery where entries are lost.
        progress: Called with the step ("unpack" or an origin), what is done, what there is to do.

    Raises:
        BackupError: The backup is damaged, doesn't verify, or lacks entries that are known.
        StoreError: The surroundings fail, or another program has the ledger open.
    """
    stage_of: Callable[[Engine], AbstractContextManager[Stage]] = (
        sqlite_stage if engine.dialect.name == "sqlite" else postgresql_stage
    )
    with ExitStack() as stack:
        reader = ArchiveReader(opened(file, passphrase))
        result = Restored(reader.manifest)
        result.signed_by = tuple(_signers(reader, keys))  # step 2
        stage: Stage = stack.enter_context(stage_of(engine))
        if reader.manifest.database != stage.kind:
            raise BackupError(
                f"The backup is of a {reader.manifest.database} ledger, --db names one in"
                f" {stage.kind}; name a database of the same kind."
            )
        if not is_known(reader.manifest.schema):
            raise BackupError(
                f"The backup's schema is {reader.manifest.schema[:60]!r}, newer than this version"
                f" of suyuan knows. Update suyuan; {reader.manifest.product[:60]} made the backup."
            )
        small = _unpack(reader, stage, progress)  # step 1
        _migrate(stage, reader.manifest)
        merged = stack.enter_context(merged_keys(keys, small, reader.manifest))
        result.unpinned = [
            one.origin for one in reader.manifest.logs if keys.verifier(one.origin) is None
        ]
        with reading(stage.engine) as connection:
            _compare_heads(connection, reader.manifest)  # step 4
        _learn(merged, known)
        lacking = _lacking(stage, merged)  # step 5
        if lacking and statement is None:
            raise _refusal(lacking)
        if statement is not None:
            for one in lacking:
                result.lacking.append(
                    _recover(stage, keys, merged, one, statement=statement, now=now)
                )
        result.reports = verify_ledger(stage.engine, merged, progress=progress)  # step 6
        for report in result.reports:
            if report.findings:
                first = report.findings[0]
                raise BackupError(
                    f"The backup doesn't verify: {report.log}, seq {first.seq}, {first.column}"
                    f" ({first.kind}): {first.message}"
                )
        if check:
            return result
        result.keys = install_keys(keys, merged, small)  # step 7
        _find_keyless(stage, keys, result)
        result.kept = stage.publish(stamp)  # step 8
        result.replaced = True
    finish_recovery(engine, keys)  # step 9
    engine.dispose()
    return result


def _signers(reader: ArchiveReader, keys: KeyFolder) -> Iterator[str]:
    if reader.note is None:
        return
    try:
        note = parse_note(reader.note)
    except NoteError as error:
        raise BackupError(f"The backup's manifest.note is malformed: {error}") from None
    if note.text != manifest_text(reader.raw):
        raise BackupError("The backup was changed: its manifest isn't the one that was signed.")
    names = {one.name for one in note.signatures}
    pinned = [keys.verifier(head.origin) for head in reader.manifest.logs]
    trusted = [one for one in pinned if one is not None and one.name in names]
    if trusted:
        try:
            yield from (one.name for one in verify_note(note, trusted))
        except NoteError as error:
            raise BackupError(
                f"The backup isn't signed by the keys that are pinned here: {error}"
            ) from None


def _unpack(
    reader: ArchiveReader, stage: Stage, progress: Callable[[str, int, int], None] | None
) -> dict[str, bytes]:
    """Load the database into the stage, and return the small members."""
    small: dict[str, bytes] = {}
    for member, blocks in reader.members():
        if not member.is_database:
            small[member.name] = b"".join(blocks)
            continue
        schema = reader.manifest.schema
        stage.load(_told(blocks, member.size, progress), member.size, schema)
    return small


def _told(
    blocks: Iterator[bytes], size: int, progress: Callable[[str, int, int], None] | None
) -> Iterator[bytes]:
    done = 0
    for block in blocks:
        done += len(block)
        if progress is not None:
            progress("unpack", done, size)
        yield block


def _migrate(stage: Stage, manifest: Manifest) -> None:
    """Step 3."""
    if current(stage.engine) != manifest.schema:
        raise BackupError(
            f"The database in the backup has the schema {current(stage.engine)!r}, its manifest"
            f" says {manifest.schema!r}."
        )
    upgrade(stage.engine)


def _compare_heads(connection: Connection, manifest: Manifest) -> None:
    found = {one.origin: one for one in organisations(connection)}
    said = {head.origin: head for head in manifest.logs}
    if found.keys() != said.keys():
        raise BackupError("The logs of the database are not those of the backup's manifest.")
    for origin, head in said.items():
        notes = fetch(
            connection,
            "SELECT note FROM checkpoint WHERE log_id = {p} AND size = {p}",
            found[origin].row,
            head.size,
        )
        note = notes[0][0] if notes else None
        if (found[origin].size, note) != (head.size, head.checkpoint):
            raise BackupError(
                f"The head of {origin} in the database is not that of the backup's manifest."
            )


def _learn(merged: KeyFolder, known: Sequence[str]) -> None:
    for note in known:
        try:
            origin = parse_checkpoint(parse_note(note).text).origin
            merged.pin(origin).learn(note)
        except NoteError as error:
            raise BackupError(f"A known checkpoint can't be used: {error}") from None


@dataclass(frozen=True, slots=True)
class _Behind:
    """A log with the larger checkpoint that is known of it."""

    origin: str
    log: Organisation | None
    """None where the backup has no such log."""
    note: str
    checkpoint: Checkpoint

    @property
    def size(self) -> int:
        return 0 if self.log is None else self.log.size


def _lacking(stage: Stage, merged: KeyFolder) -> list[_Behind]:
    """The logs that lack what is known, and no recovery in the backup says so already.

    Raises:
        BackupError: A log has another history than the known one.
    """
    found = []
    with reading(stage.engine) as connection:
        here = {one.origin: one for one in organisations(connection)}
        declared = losses(connection)
        for origin in merged.pinned():
            kept = merged.pin(origin).newest()
            if kept is None:
                continue
            note, known = kept
            loss = declared.get(origin)
            if loss is not None and loss.excuses(known) and loss.believed(merged):
                continue
            log = here.get(origin)
            if log is None or known.size > log.size:
                found.append(_Behind(origin, log, note, known))
                continue
            rows = fetch(
                connection,
                "SELECT root FROM checkpoint WHERE log_id = {p} AND size = {p}",
                log.row,
                known.size,
            )
            if not rows or stored_bytes(rows[0][0], "checkpoint.root") != known.root:
                raise BackupError(
                    f"{origin} in the backup doesn't contain the checkpoint of {known.size} entries"
                    " that its key has signed: it is another ledger, or its history was rewritten."
                )
    return found


def _refusal(lacking: list[_Behind]) -> BackupError:
    said = "; ".join(
        f"{one.origin} has {one.size} entries in it, {one.checkpoint.size} are signed"
        for one in lacking
    )
    return BackupError(
        f"The backup is older than what is known: {said}. Restore a newer backup. Only if there is"
        " none, and the missing entries are lost: --recover, which states the loss in a new log."
    )


def _recover(
    stage: Stage,
    keys: KeyFolder,
    merged: KeyFolder,
    one: _Behind,
    *,
    statement: Statement,
    now: Callable[[], int],
) -> Lacking:
    old = one.log
    if old is None:
        verifier = merged.verifier(one.origin)
        assert verifier is not None  # noqa: S101 - for the type checker: its checkpoint was opened
        old = begin_empty(stage.engine, verifier)
    known = one.note, one.checkpoint
    new = recover(stage.engine, keys, old, known=known, statement=statement, now=now)
    pin_key(merged, new)
    return Lacking(one.origin, old.size, one.checkpoint.size, new.origin)


def _find_keyless(stage: Stage, keys: KeyFolder, result: Restored) -> None:
    with reading(stage.engine) as connection:
        ended = losses(connection)
        for one in organisations(connection):
            if one.origin in ended:
                continue
            try:
                keys.signer(one.origin)
            except StoreError:
                result.keyless.append(one.origin)
