"""`suyuan migrate`, `checkpoint`, `proof` and `check-proof`."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

import typer

from identifiers import IdentifierError, parse_item_code
from ledger.errors import NoteError, NotFoundError, UsageError
from ledger.log.note import Verifier
from ledger.proofs import check_event_proof, newest_checkpoint, prove_event, prove_item
from ledger.store.engine import reading
from ledger.store.migrate import newest
from suyuan.cli.output import replacing, session_of

__all__ = ["given_verifier", "register"]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("migrate")(_migrate)
    app.command("checkpoint")(_checkpoint)
    app.command("proof")(_proof)
    app.command("check-proof")(_check_proof)


def _migrate(context: typer.Context) -> None:
    """Make the ledger's tables, or bring them to the newest schema."""
    session = session_of(context)
    workspace = session.new_ledger()
    url = workspace.engine.url.render_as_string(hide_password=True)
    if session.as_json:
        session.value({"db": url, "schema": newest()})
    else:
        session.say(f"{url}: schema {newest()}")


def _base64(root: bytes) -> str:
    """A root as it stands in a checkpoint, so that the two can be compared by eye."""
    return base64.b64encode(root).decode("ascii")


def _checkpoint(
    context: typer.Context,
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Whose log.")
    ] = None,
) -> None:
    """Print a log's newest signed checkpoint.

    It is a C2SP signed note over all entries up to now; keep it elsewhere, to compare with later.
    """
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.known_organisation(organisation)
    with reading(workspace.engine) as connection:
        note = newest_checkpoint(connection, owner.slug)
    if session.as_json:
        session.value({"checkpoint": note, "verifier_key": owner.verifier_key})
    else:
        session.write(note)


def _proof(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="An eventID; or a code, for its newest event.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; by convention *.tlog-proof.")
    ] = None,
) -> None:
    """Write the proof that an event stands in its log.

    Anybody can check it without this ledger, with 'suyuan check-proof' and the log's verifier key.
    """
    session = session_of(context)
    with reading(session.ledger().engine) as connection:
        try:
            proof = prove_event(connection, subject)
        except NotFoundError:
            try:
                code = parse_item_code(subject).uri
            except IdentifierError:
                raise NotFoundError(
                    f"{subject!r} is no eventID here and no code. Check it, or see 'suyuan item'."
                ) from None
            proof = prove_item(connection, code)
    if out is not None:
        with replacing(out) as whole:
            whole.write_text(proof.text, "utf-8", newline="\n")
    if session.as_json:
        session.value(
            {"event": proof.event_id, "log": proof.origin, "seq": proof.seq, "proof": proof.text}
        )
    elif out is None:
        session.write(proof.text)
    else:
        session.say(f"{out}: event {proof.event_id} is entry {proof.seq} of {proof.origin}")


def _check_proof(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(readable=False, help="A .tlog-proof file.")],
    key: Annotated[
        str,
        typer.Option(
            "--key", help="The log's verifier key (see 'suyuan key list'), or a file that holds it."
        ),
    ],
) -> None:
    """Check a proof file with the log's verifier key.

    Needs no database and no network. Exit status 1 when the proof doesn't hold.
    """
    session = session_of(context)
    checkpoint, entry = check_event_proof(file.read_bytes(), [given_verifier(key)])
    event = entry.body.get("event", {})
    value = {
        "log": checkpoint.origin,
        "size": checkpoint.size,
        "root": _base64(checkpoint.root),
        "seq": entry.header.seq,
        "event": event.get("eventID"),
        "type": event.get("type"),
        "time": event.get("eventTime"),
    }
    if session.as_json:
        session.value({"holds": True, **value})
    else:
        session.say(
            f"holds: entry {entry.header.seq} of {checkpoint.origin}, size {checkpoint.size}"
        )
        session.table(("", ""), value.items())


def given_verifier(key: str) -> Verifier:
    """The option --key: a verifier key as text, or the file that holds it.

    Raises:
        UsageError: It is neither.
    """
    try:
        return Verifier.from_vkey(Path(key).read_text("utf-8").strip())
    except (NoteError, UnicodeDecodeError) as error:
        raise UsageError(f"The file {key!r} holds no verifier key: {error}") from error
    except (OSError, ValueError):
        pass  # no file of that name: then it has to be the key itself
    try:
        return Verifier.from_vkey(key)
    except NoteError as error:
        raise UsageError(
            f"{error} There is no file of that name either; see 'suyuan key list'."
        ) from error
