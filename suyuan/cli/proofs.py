"""`suyuan proof`, `check-proof` and `consistency`."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from identifiers import IdentifierError, parse_item_code
from ledger.bundle_files import CheckedBundle, check_bundle, is_bundle
from ledger.errors import NoteError, NotFoundError, UsageError
from ledger.keeping import read_note
from ledger.log.checkpoint import open_checkpoint
from ledger.log.keyring import KeyRing
from ledger.log.proof_json import consistency_json, head_of
from ledger.loggedkeys import trusted_keys
from ledger.organisations import organisations
from ledger.personal import read_erasure
from ledger.proof_files import CheckedInclusion, check_proof_file
from ledger.proofs import event_row, prove_consistency, prove_event, prove_item
from ledger.schemas import ERASURE_SCHEMA
from ledger.store.engine import reading
from ledger.times import as_text
from suyuan.cli.keys import given_keys
from suyuan.cli.output import replacing, session_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.entry import Entry
    from ledger.organisations import Organisation
    from ledger.proof_files import CheckedConsistency
    from ledger.proofs import EventProof

__all__ = ["register"]

_MOST: int = 64 << 20  # bytes of a file that is read: an entry of 16 MiB in base64, twice, and more


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("proof")(_proof)
    app.command("check-proof")(_check_proof)
    app.command("consistency")(_consistency)


def _read(file: Path) -> bytes:
    """The bytes of a proof or a checkpoint, if they can be one."""
    with file.open("rb") as opened:
        found = opened.read(_MOST + 1)
    if len(found) > _MOST:
        raise UsageError(f"{str(file)!r} is larger than {_MOST} bytes: that is no proof.")
    return found


def _checkpoint(file: Path) -> str:
    try:
        note = read_note(file)
        head_of(note)
    except NoteError as error:
        raise UsageError(
            f"The file {str(file)!r} holds no checkpoint: {error} Keep what 'suyuan checkpoint' "
            "prints."
        ) from error
    return note


def _prove(
    connection: Connection, subject: str, *, size: int | None, against: str | None
) -> EventProof:
    if event_row(connection, subject) is not None:
        return prove_event(connection, subject, size=size, against=against)
    try:
        code = parse_item_code(subject).uri
    except IdentifierError:
        raise NotFoundError(
            f"{subject!r} is no eventID here and no code. Check it, or see 'suyuan item'."
        ) from None
    return prove_item(connection, code, size=size, against=against)


def _proof(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="An eventID; or a code, for its newest event.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="File to write: *.json the JSON form, else a .tlog-proof (C2SP)."
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", min=1, help="Prove against the checkpoint of this size."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", readable=False, help="Prove against a checkpoint that was kept, a file."
        ),
    ] = None,
) -> None:
    """Write the proof that an event stands in its log.

    Anybody can check it without this ledger, with 'suyuan check-proof' and the log's verifier key.
    It leads to the newest checkpoint unless another one is named. With --json before the command,
    or a file that ends in .json, it takes the JSON form.
    """
    if size is not None and against is not None:
        raise UsageError("Give --size or --against, not both: each names the checkpoint.")
    session = session_of(context)
    kept = _checkpoint(against) if against is not None else None
    with reading(session.ledger().engine) as connection:
        proof = _prove(connection, subject, size=size, against=kept)
    if out is not None:
        text = _json_text(proof.as_dict()) if out.suffix == ".json" else proof.text
        with replacing(out) as whole:
            whole.write_text(text, "utf-8", newline="\n")
    if session.as_json:
        session.value(proof.as_dict())
    elif out is None:
        session.write(proof.text)
    else:
        session.say(f"{out}: event {proof.event_id} is entry {proof.seq} of {proof.origin}")


def _json_text(value: dict[str, Any]) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _check_proof(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            readable=False,
            help="A .tlog-proof file, a proof in JSON, or the evidence of a trace.",
        ),
    ],
    key: Annotated[
        list[str],
        typer.Option(
            "--key",
            help="The log's verifier key (see 'suyuan key list'), or a file of its keys; once for"
            " each log.",
        ),
    ],
) -> None:
    """Check a proof file with the log's verifier key.

    Says what it shows and what not.

    Takes what 'suyuan proof', 'suyuan consistency' and 'suyuan trace --format evidence' write.
    Needs no database and no network. Exit status 1 when the proof doesn't hold.
    """
    session = session_of(context)
    proof = None if is_bundle(file) else _read(file)
    rings = _rings(key)
    checked: CheckedInclusion | CheckedConsistency | CheckedBundle
    if proof is None:
        checked = check_bundle(file, rings)
    elif len(rings) > 1:
        raise UsageError("A proof is of one log. Give the keys of that log only.")
    else:
        checked = check_proof_file(proof, *rings.values())
    if isinstance(checked, CheckedBundle):
        first, value = _of_bundle(checked)
    elif isinstance(checked, CheckedInclusion):
        first, value = _of_inclusion(checked)
    else:
        first, value = _of_consistency(checked)
    said = {"proven": list(checked.proven), "not_proven": list(checked.unproven)}
    if session.as_json:
        session.value({"holds": True, **value, **said})
        return
    session.say(first)
    session.table(("", ""), value.items())
    for title, sentences in (("Proven:", said["proven"]), ("Not proven:", said["not_proven"])):
        session.say(title)
        for sentence in sentences:
            session.say(f"  - {sentence}")


def _rings(keys: list[str]) -> dict[str, KeyRing]:
    """The keys that were given, by the log that they are of."""
    found: dict[str, KeyRing] = {}
    for key in keys:
        ring = given_keys(key)
        before = found[ring.name].ranges if ring.name in found else ()
        try:
            found[ring.name] = KeyRing(
                (*before, *(one for one in ring.ranges if one not in before))
            )
        except NoteError as error:
            raise UsageError(f"{error} See 'suyuan key list'.") from error
    return found


def _of_bundle(checked: CheckedBundle) -> tuple[str, dict[str, Any]]:
    logs = [_head(one) for one in checked.checkpoints]
    value = {"root": checked.root, "links": checked.links, "events": checked.events, "logs": logs}
    return f"holds: the evidence of the trace of {checked.root}", value


def _of_inclusion(checked: CheckedInclusion) -> tuple[str, dict[str, Any]]:
    head, event = checked.checkpoint, checked.event
    value = {
        **_head(head),
        "seq": checked.index,
        "leaf_hash": checked.leaf.hex(),
        "event": checked.event_id,
        "type": event.get("type"),
        "time": event.get("eventTime"),
    }
    if checked.entry is not None and checked.entry.header.schema == ERASURE_SCHEMA:
        value |= _of_erasure(checked.entry)
    return f"holds: entry {checked.index} of {head.origin}, size {head.size}", value


def _of_erasure(entry: Entry) -> dict[str, Any]:
    """What a certificate of erasure says."""
    said = read_erasure(entry.body)
    places = [f"{one.log} {one.seq} {one.pointer}" for one in said.values]
    return {
        "erases": ", ".join(places),
        "reason": said.reason,
        "by": entry.header.submitter,
        "erased_at": as_text(entry.header.received_at),
    }


def _of_consistency(checked: CheckedConsistency) -> tuple[str, dict[str, Any]]:
    old, new = checked.old, checked.new
    value = {**_head(new), "old_size": old.size, "old_root": _base64(old.root)}
    return f"holds: {new.origin} grew from {old.size} to {new.size} entries", value


def _head(head: Checkpoint) -> dict[str, Any]:
    return {"log": head.origin, "size": head.size, "root": _base64(head.root)}


def _base64(root: bytes) -> str:
    """A root as it stands in a checkpoint, so that the two can be compared by eye."""
    return base64.b64encode(root).decode("ascii")


def _owner(connection: Connection, note: str) -> Organisation:
    """The organisation whose log a checkpoint is of."""
    origin = head_of(note).origin
    known = {one.origin: one for one in organisations(connection)}
    if origin not in known:
        names = ", ".join(known) or "none"
        raise NotFoundError(f"The checkpoint is of {origin!r}; the logs here are {names}.")
    return known[origin]


def _consistency(
    context: typer.Context,
    old: Annotated[
        Path, typer.Argument(readable=False, help="A checkpoint that was kept, a file.")
    ],
    new: Annotated[
        Path | None,
        typer.Argument(readable=False, help="A newer one, a file; the newest here by default."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write the proof to, in JSON.")
    ] = None,
) -> None:
    """Prove that a log contains a checkpoint that was kept.

    Exit status 1 when it doesn't: then the log was rewritten, or this is an older copy of it. What
    is written holds both checkpoints, and 'suyuan check-proof' checks it without the ledger.
    """
    session = session_of(context)
    kept = _checkpoint(old)
    newer = _checkpoint(new) if new is not None else None
    workspace = session.ledger()
    with reading(workspace.engine) as connection:
        owner = _owner(connection, kept)
        # A checkpoint that anybody could have written must not raise an alarm.
        keys = trusted_keys(connection, owner, workspace.keys.ring(owner.origin))
        for note in (kept, newer):
            if note is not None:
                open_checkpoint(note, owner.origin, keys)
        proof = prove_consistency(connection, owner.row, kept, newer)
    value = consistency_json(proof.old, proof.new, proof.path)
    if out is not None:
        with replacing(out) as whole:
            whole.write_text(_json_text(value), "utf-8", newline="\n")
    before, after = head_of(proof.old), head_of(proof.new)
    if session.as_json:
        session.value(value)
    else:
        session.say(
            f"{after.origin}: the {before.size} entries of the kept checkpoint are the first of"
            f" {after.size}" + (f"; the proof is in {out}" if out is not None else "")
        )
