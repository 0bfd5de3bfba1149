"""`suyuan migrate`, `verify`, `checkpoint`, `proof` and `check-proof`."""

from __future__ import annotations

import base64
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from identifiers import IdentifierError, parse_item_code
from ledger.errors import NoteError, NotFoundError, UsageError
from ledger.log.note import Verifier
from ledger.proofs import check_event_proof, newest_checkpoint, prove_event, prove_item
from ledger.store.engine import reading
from ledger.store.migrate import newest
from ledger.verification import verify_ledger
from suyuan.cli.output import Finding, replacing, session_of

if TYPE_CHECKING:
    from ledger.keys import KeyFolder
    from ledger.log.report import Report
    from suyuan.cli.output import Session

__all__ = ["register", "report_value"]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("migrate")(_migrate)
    app.command("verify")(_verify)
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


def report_value(report: Report) -> dict[str, Any]:
    """The JSON form of a verification report."""
    return {
        "log": report.log,
        "intact": not report.findings,
        "size": report.size,
        "root": None if report.root is None else _base64(report.root),
        "checkpoint": report.checkpoint_size,
        "intact_up_to": report.intact_up_to,
        "missing": report.missing,
        "goes_on_as": report.successor,
        "findings": [
            {
                "seq": finding.seq,
                "column": finding.column,
                "kind": finding.kind.value,
                "message": finding.message,
            }
            for finding in report.findings
        ],
    }


def _verify(
    context: typer.Context,
    organisation: Annotated[
        str | None,
        typer.Option("--organisation", "-o", help="Verify this organisation's log only."),
    ] = None,
) -> None:
    """Check that no log was changed since it was written.

    Rebuilds every log from its bytes and compares everything else with them. Exit status 1, and
    the place, the column and the kind of what is wrong, when anything is.
    """
    session = session_of(context)
    workspace = session.ledger()
    if organisation is not None:
        # A mistyped name is a wrong question (2), no finding about the ledger (1).
        organisation = workspace.known_organisation(organisation).slug
    with ExitStack() as stack:
        bar = stack.enter_context(
            Progress(console=session.err, transient=True, disable=not session.err.is_terminal)
        )
        tasks: dict[str, Any] = {}

        def progress(origin: str, done: int, total: int) -> None:
            if origin not in tasks:
                tasks[origin] = bar.add_task(origin, total=total)
            bar.update(tasks[origin], completed=done)

        reports = verify_ledger(
            workspace.engine, workspace.keys, organisation=organisation, progress=progress
        )
    origins = {report.log for report in reports}
    _warn_of_pins(session, workspace.keys, origins, whole=organisation is None)
    broken = any(report.findings for report in reports)
    if session.as_json:
        logs = [report_value(report) for report in reports]
        session.value({"intact": not broken, "logs": logs})
    elif not reports:
        session.say("nothing to verify: no organisation has a log here yet")
    else:
        _show(session, reports)
    if broken:
        raise Finding


def _warn_of_pins(session: Session, keys: KeyFolder, origins: set[str], *, whole: bool) -> None:
    """Say which of the verified logs have no pinned key, and which pinned keys have no log."""
    pinned = set(keys.pinned())
    for origin in sorted(pinned - origins) if whole else ():
        session.err.print(
            f"A key is pinned for {origin}, and there is no such log here."
            " If it was in this ledger, restore a backup.",
            markup=False,
        )
    for origin in sorted(origins - pinned):
        session.err.print(
            f"No pinned key for {origin}: the key in the database was trusted, which proves less."
            " Put the .vkey file back into the keys folder.",
            markup=False,
        )


def _show(session: Session, reports: list[Report]) -> None:
    for report in reports:
        state = "NOT intact" if report.findings else "intact"
        root = "" if report.root is None else f", root {_base64(report.root)}"
        session.say(f"{report.log}: {state}, {report.size} entries{root}")
        if report.missing:
            session.say(
                f"  {report.missing} entries behind these are lost, as {report.successor} states,"
                " which goes on for it"
            )
        for finding in report.findings:
            session.say(
                f"  seq {finding.seq}, {finding.column} ({finding.kind}): {finding.message}"
            )
        if report.findings:
            upto = report.intact_up_to
            session.say("  nothing is intact" if upto is None else f"  intact up to seq {upto}")


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
    checkpoint, entry = check_event_proof(file.read_bytes(), [_verifier(key)])
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


def _verifier(key: str) -> Verifier:
    """The verifier key in a file, or as text."""
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
