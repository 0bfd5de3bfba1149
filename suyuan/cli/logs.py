"""`suyuan migrate` and `verify`."""

from __future__ import annotations

import base64
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from ledger.store.migrate import newest
from ledger.verification import verify_ledger
from suyuan.cli.output import Finding, session_of

if TYPE_CHECKING:
    from ledger.keys import KeyFolder
    from ledger.log.report import Report
    from suyuan.cli.output import Session

__all__ = ["register", "report_value"]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("migrate")(_migrate)
    app.command("verify")(_verify)


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
