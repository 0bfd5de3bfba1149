"""`suyuan verify`: a ledger, a copy of its file, or a folder of a log's tiles."""

from __future__ import annotations

import base64
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from ledger.errors import UsageError
from ledger.keeping import read_note
from ledger.log.static import Folder, verify_static
from ledger.organisations import organisations
from ledger.store.engine import reading
from ledger.store.revisions import require_newest
from ledger.verification import KeyPins, Scope, verify_ledger
from ledger.verifying.copies import any_text, open_copy
from ledger.verifying.crew import Source
from ledger.verifying.marks import MarkFolder
from suyuan.cli.keys import given_keys
from suyuan.cli.output import Finding, session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.keys import KeyFolder
    from ledger.log.report import Report
    from suyuan.cli.output import Session
    from suyuan.workspace import Workspace

    _Progress = Callable[[str, int, int], None]

__all__ = ["register", "report_value"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("verify")(_verify)


def _base64(root: bytes) -> str:
    """A root as it stands in a checkpoint, so that the two can be compared by eye."""
    return base64.b64encode(root).decode("ascii")


def report_value(report: Report) -> dict[str, Any]:
    """The JSON form of a verification report."""
    return {
        "log": report.log,
        "intact": not report.findings,
        "size": report.size,
        "read": report.size if report.read is None else report.read,
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
    *,
    full: Annotated[
        bool,
        typer.Option("--full", help="Read everything, whatever an earlier run has found sound."),
    ] = False,
    hash_only: Annotated[
        bool,
        typer.Option("--hash-only", help="The logs alone, without the tables made from them."),
    ] = False,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            "--against", help="A signed checkpoint that you kept; the log must contain it."
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            help="A log's verifier key, or a file that holds it; the ledger then is a copy that is"
            " only read.",
        ),
    ] = None,
    tiles: Annotated[
        Path | None,
        typer.Option("--tiles", help="A folder with 'checkpoint' and 'tile', instead of a ledger."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, max=64, help="Processes; one a processor by default."),
    ] = None,
) -> None:
    """Check that no log was changed since it was written.

    Rebuilds every log from its bytes and compares everything else with them. What an earlier run
    has found sound is read again a share at a time, all of it with --full. Exit status 1, and the
    place, the column and the kind of what is wrong, when anything is.
    """
    session = session_of(context)
    pins = None if not key else KeyPins(tuple(given_keys(one) for one in key))
    if tiles is not None:
        if pins is None or organisation or hash_only or full or against:
            raise UsageError("With --tiles give --key, and no other option than --jobs.")
        _verify_tiles(session, tiles, pins)
        return
    workspace = _copy(session) if pins is not None else session.ledger()
    if organisation is not None:
        # A mistyped name is a wrong question (2), no finding about the ledger (1).
        organisation = workspace.known_organisation(organisation).slug
    url = workspace.engine.url.render_as_string(hide_password=False)
    scope = Scope(
        projections=not hash_only,
        jobs=_jobs(workspace, jobs, hash_only=hash_only),
        source=Source(session.settings.db if pins else url, copy=pins is not None),
        marks=None if pins is not None else MarkFolder.beside(workspace.keys),
        full=full,
        against=tuple(map(read_note, against or ())),
        now=workspace.now,
        tell=session.warn,
    )
    with _progress(session) as progress:
        reports = verify_ledger(
            workspace.engine,
            pins or workspace.keys,
            organisation=organisation,
            progress=progress,
            scope=scope,
        )
    if pins is None:
        origins = {report.log for report in reports}
        _warn_of_pins(session, workspace.keys, origins, whole=organisation is None)
    _answer(session, reports)


def _copy(session: Session) -> Workspace:
    """The ledger as a copy that is only read."""
    engine = open_copy(session.settings.db)
    workspace = session.adopt(engine)
    require_newest(engine)
    return workspace


_WORTH: dict[bool, int] = {True: 1_000_000, False: 100_000}
"""Entries from which on further processes are worth their start: hash-only or not."""


def _jobs(workspace: Workspace, jobs: int | None, *, hash_only: bool) -> int:
    if jobs is not None:
        return jobs
    with reading(workspace.engine) as connection, any_text(connection):
        size = sum(one.size for one in organisations(connection) if type(one.size) is int)
    return len(os.sched_getaffinity(0)) if size >= _WORTH[hash_only] else 1


@contextmanager
def _progress(session: Session) -> Iterator[_Progress]:
    """A bar for each log, on a terminal."""
    with Progress(console=session.err, transient=True, disable=not session.err.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def progress(origin: str, done: int, total: int) -> None:
            if origin not in tasks:
                tasks[origin] = bar.add_task(origin, total=total)
            bar.update(tasks[origin], completed=done, total=total)

        yield progress


def _verify_tiles(session: Session, folder: Path, pins: KeyPins) -> None:
    """Verify a folder of tiles."""
    with _progress(session) as progress:
        report, entries = verify_static(
            Folder(folder),
            [one for ring in pins.rings for one in ring],
            progress=lambda done, total: progress(str(folder), done, total),
        )
    if entries < report.size:
        session.warn(
            f"The folder holds {entries} of the {report.size} entries; of the others it was checked"
            " that their hashes are those that were signed."
        )
    _answer(session, [report])


def _answer(session: Session, reports: list[Report]) -> None:
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
        session.warn(
            f"A key is pinned for {origin}, and there is no such log here."
            " If it was in this ledger, restore a backup."
        )
    for origin in sorted(origins - pinned):
        session.warn(
            f"No pinned key for {origin}: the key in the database was trusted, which proves less."
            " Put the .vkey file back into the keys folder."
        )


def _show(session: Session, reports: list[Report]) -> None:
    for report in reports:
        state = "NOT intact" if report.findings else "intact"
        root = "" if report.root is None else f", root {_base64(report.root)}"
        read = "" if report.read is None else f", {report.read} of them read again"
        session.say(f"{report.log}: {state}, {report.size} entries{read}{root}")
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
