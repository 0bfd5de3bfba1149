"""`suyuan sm`: SM3 root and SM2 signature beside a log's newest checkpoint."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

import typer

from ledger.companions import check_companion, make_companion, sm2_key
from ledger.log.sm import Sm2Verifier
from ledger.store.engine import reading
from suyuan.cli.output import replacing, session_of

__all__ = ["register"]

app = typer.Typer(help="Companions of checkpoints, in SM3 and SM2.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group to the app."""
    parent.add_typer(app, name="sm")


_Organisation = Annotated[str, typer.Argument(help="Whose log.")]


@app.command("checkpoint")
def checkpoint(
    context: typer.Context,
    organisation: _Organisation,
    out: Annotated[Path | None, typer.Option("--out", help="File to write.")] = None,
) -> None:
    """Sign the newest checkpoint's SM3 root, with the log's keys and an SM2 key.

    The SM2 key is made on first use. The checkpoint itself stays as it is.
    """
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.known_organisation(organisation)
    with reading(workspace.engine) as connection:
        note = make_companion(connection, workspace.keys, owner)
    if out is not None:
        with replacing(out) as whole:
            whole.write_text(note, "utf-8", newline="\n")
    if session.as_json:
        key = sm2_key(workspace.keys, owner.origin).vkey
        session.value({"log": owner.origin, "checkpoint": note, "sm2_key": key})
    elif out is None:
        session.write(note)
    else:
        session.say(f"{out}: companion of {owner.origin}")


@app.command("check")
def check(
    context: typer.Context,
    organisation: _Organisation,
    file: Annotated[Path, typer.Argument(readable=False, help="What 'sm checkpoint' wrote.")],
    key: Annotated[
        str | None,
        typer.Option(help="The log's SM2 key as text; the one in the keys' folder by default."),
    ] = None,
) -> None:
    """Check such a file: its signatures, and both roots against the entries' bytes.

    Exit status 1 when it doesn't hold.
    """
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.known_organisation(organisation)
    sm2 = None if key is None else Sm2Verifier.from_vkey(key)
    with reading(workspace.engine) as connection:
        found = check_companion(connection, workspace.keys, owner, file.read_bytes(), sm2)
    root = base64.b64encode(found.sm3_root).decode("ascii")
    if session.as_json:
        session.value({"holds": True, "log": found.origin, "size": found.size, "sm3_root": root})
    else:
        session.say(f"holds: {found.size} entries of {found.origin}, SM3 root {root}")
