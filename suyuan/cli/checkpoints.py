"""`suyuan checkpoint`, `checkpoint keep`, `kept`, `stamp` and `stamps`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import NoteError, StoreError, UsageError, WitnessError
from ledger.keeping import read_note, read_small
from ledger.log.note import strict_base64
from ledger.organisations import organisations
from ledger.partners import Kept, Partners
from ledger.proofs import newest_checkpoint
from ledger.stamping import keep_roots, store_time_stamp
from ledger.store.engine import reading
from ledger.timestamps import (
    MAX_TOKEN,
    kept_roots,
    make_request,
    read_roots,
    stored_checkpoint,
    time_stamp_findings,
    time_stamps,
    verify_time_stamp,
)
from suyuan.cli.keys import given_keys
from suyuan.cli.output import Finding, session_of
from suyuan.fetching import Fetcher
from suyuan.witnessing import RemoteTiles, fetch_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.log.tiles import TileReader
    from ledger.partners import TilesOf

__all__ = ["register"]

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def register(parent: typer.Typer) -> None:
    """Add the group to the app."""
    parent.add_typer(app, name="checkpoint")


_CHECKPOINT = "checkpoint"


@app.callback()
def _checkpoint(
    context: typer.Context,
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Whose log.")
    ] = None,
) -> None:
    """Print a log's newest signed checkpoint.

    With the cosignatures it has.

    It is a C2SP signed note over all entries up to now; keep it elsewhere, to compare with later.
    The commands below keep those of partners.
    """
    if context.invoked_subcommand is not None:
        return
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.known_organisation(organisation)
    with reading(workspace.engine) as connection:
        note = newest_checkpoint(connection, owner.slug)
    if session.as_json:
        session.value({"checkpoint": note, "verifier_key": owner.verifier_key})
    else:
        session.write(note)


def _partners(folder: Path) -> Partners:
    return Partners(folder / "partners")


_SAID = {
    Kept.FIRST: "kept; the next one will be compared with it",
    Kept.NEWER: "continues the kept one, and takes its place",
    Kept.SAME: "is the kept one",
    Kept.OLDER: "is an older one, which the kept one continues",
}


@app.command("keep")
def _keep(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL", help="A partner's checkpoint: a file, or https://.../checkpoint."
        ),
    ],
    key: Annotated[
        str | None,
        typer.Option(
            help="The log's verifier key, or a file that holds it; needed the first time."
        ),
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option(
            help="File with the consistency proof from the kept one, a base64 hash in each line."
        ),
    ] = None,
    tiles: Annotated[
        str | None,
        typer.Option(help="Address of the log, for its tiles; that of the checkpoint by default."),
    ] = None,
) -> None:
    """Keep a partner's checkpoint, which has to continue the one kept before.

    Whoever keeps it is a witness: a partner who rewrites his log is found by the next one. Exit
    status 1 when it doesn't continue the kept one.
    """
    session = session_of(context)
    verifier = None if key is None else given_keys(key).current
    fetcher = Fetcher()
    remote = source.startswith(("https://", "http://"))
    try:
        note = fetch_note(source, fetcher) if remote else read_note(Path(source))
    except WitnessError as error:
        if error.passing:
            raise StoreError(
                f"{source} {error}.", "Check the address, or try again later."
            ) from error
        raise WitnessError(f"{source} {error}.") from error
    base = tiles
    if base is None and remote and source.endswith(f"/{_CHECKPOINT}"):
        base = source.removesuffix(_CHECKPOINT)
    partners = _partners(session.settings.key_folder)
    offered: Sequence[bytes] | TilesOf | None = None
    if proof is not None:
        offered = _proof(read_small(proof))
    elif base is not None:
        offered = partial(_tiles, base.rstrip("/") + "/", fetcher)
    what, checkpoint, before = partners.keep(note, verifier, offered)
    if session.as_json:
        session.value(
            {
                "log": checkpoint.origin,
                "size": checkpoint.size,
                "result": what.value,
                "before": None if before is None else before.size,
            }
        )
    else:
        session.say(f"{checkpoint.origin}, size {checkpoint.size}: {_SAID[what]}")


def _tiles(address: str, fetcher: Fetcher, size: int) -> TileReader:
    return RemoteTiles(address, size, fetcher)


def _proof(text: str) -> list[bytes]:
    try:
        return [strict_base64(line, "a hash") for line in text.split("\n") if line]
    except NoteError as error:
        raise UsageError(f"The file holds no consistency proof: {error}") from error


@app.command("kept")
def _kept(context: typer.Context) -> None:
    """List the partners' checkpoints that are kept."""
    session = session_of(context)
    kept = _partners(session.settings.key_folder).all()
    if session.as_json:
        session.value([{"log": one.origin, "size": one.size} for one in kept])
    else:
        session.table(("log", "size"), [(one.origin, one.size) for one in kept])


@app.command("stamp")
def _stamp(
    context: typer.Context,
    tsa: Annotated[
        str, typer.Option(metavar="URL", help="Address of a time stamping authority (RFC 3161).")
    ],
    ca: Annotated[
        Path,
        typer.Option(help="Its root certificate, PEM; kept in the keys' folder for later checks."),
    ],
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Whose log.")
    ] = None,
) -> None:
    """Get a time stamp for a log's newest checkpoint: a proof of when it existed.

    It stands beside witnesses, never instead of them: it says when, not that nothing was rewritten.
    Needs pip install 'suyuan[timestamps]'.
    """
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.known_organisation(organisation)
    roots = read_roots(read_small(ca))
    with reading(workspace.engine) as connection:
        newest = stored_checkpoint(connection, owner.row)
    request = make_request(newest.note)
    try:
        response = Fetcher().post(
            tsa, request.body, content_type="application/timestamp-query", limit=MAX_TOKEN
        )
    except WitnessError as error:
        raise StoreError(f"{tsa} {error}.", "Check the address, or try again later.") from error
    if response.status != 200:  # noqa: PLR2004
        raise WitnessError(f"{tsa} gives no time stamp (status {response.status}).")
    moment = verify_time_stamp(response.body, newest.note, roots, request.nonce)
    keep_roots(session.settings.key_folder, ca.read_bytes())
    store_time_stamp(workspace.engine, owner.row, newest.size, response.body)
    if session.as_json:
        session.value({"log": owner.origin, "size": newest.size, "time": moment.isoformat()})
    else:
        session.say(f"{owner.origin}, size {newest.size}: existed at {moment.isoformat()}")


@app.command("stamps")
def _stamps(context: typer.Context) -> None:
    """List the time stamps, each checked against its checkpoint and the kept root certificates.

    Exit status 1 when one doesn't hold.
    """
    session = session_of(context)
    workspace = session.ledger()
    roots = kept_roots(session.settings.key_folder)
    rows: list[dict[str, Any]] = []
    findings: list[str] = []
    with reading(workspace.engine) as connection:
        for log in organisations(connection):
            findings += [
                f"{log.origin}, seq {one.seq}: {one.message}"
                for one in time_stamp_findings(connection, log.row, log.origin, roots)
            ]
            rows += [
                {"log": log.origin, "size": size, "time": moment.isoformat()}
                for size, moment in time_stamps(connection, log.row, roots)
            ]
    if session.as_json:
        session.value({"stamps": rows, "findings": findings})
    else:
        session.table(("log", "size", "time"), [list(row.values()) for row in rows])
        for finding in findings:
            session.say(finding)
    if findings:
        raise Finding
