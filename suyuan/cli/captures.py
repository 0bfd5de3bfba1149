"""`suyuan capture` and `suyuan item`."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from ledger.keeping import read_note
from ledger.query import item
from ledger.receipts import ROLLED_BACK, Mode, Status
from ledger.store.engine import reading
from ledger.times import as_text, parse_time
from suyuan.cli.given_codes import typed_code
from suyuan.cli.output import Finding, session_of
from suyuan.cli.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.organisations import Organisation
    from ledger.receipts import Report
    from suyuan.cli.output import Session
    from suyuan.workspace import Workspace

__all__ = ["register"]

_SHOWN = 20
"""Refused events that are shown to a person, per file."""


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("capture")(_capture)
    app.command("item")(_item)


def _capture(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            readable=False, help="EPCIS 2.0 JSON-LD or Catena-X files; - is standard input."
        ),
    ],
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Whose log; see 'suyuan org list'.")
    ] = None,
    submitter: Annotated[
        str | None, typer.Option(help="Who hands the events in; the organisation by default.")
    ] = None,
    mode: Annotated[
        Mode,
        typer.Option(
            help="When an event is refused: rollback stores nothing of its file, proceed the rest."
        ),
    ] = Mode.ROLLBACK,
    *,
    known_checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="File with a checkpoint of an earlier receipt; a log that doesn't contain it was"
            " rewritten, and nothing is stored."
        ),
    ] = None,
) -> None:
    """Put files of events into the ledger.

    Says how many were accepted, known already (duplicate), in conflict or rejected, and why; with
    --json there is a receipt for each event. Exit status 1 when anything was refused.
    """
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.organisation(organisation)
    known = None if known_checkpoint is None else read_note(known_checkpoint)
    reports: list[tuple[str, Report]] = []
    try:
        for file in files:
            report = _captured(
                session,
                workspace,
                file,
                owner=owner,
                submitter=submitter or owner.slug,
                mode=mode,
                known=known,
            )
            reports.append((str(file), report))
            if not session.as_json:
                _show(session, str(file), report)
    finally:
        # Also when a later file fails: what was stored before it must be told.
        if session.as_json and reports:
            language = session.settings.language
            values = [{"file": name, **report.as_dict(language)} for name, report in reports]
            session.value(values if len(files) > 1 else values[0])
    if any(report.refused for _name, report in reports):
        raise Finding


def _captured(
    session: Session,
    workspace: Workspace,
    file: Path,
    *,
    owner: Organisation,
    submitter: str,
    mode: Mode,
    known: str | None,
) -> Report:
    # Imported late: `suyuan item` stands here too, and writes nothing.
    from ledger.capture import capture

    with ExitStack() as stack:
        stream: BinaryIO = (
            sys.stdin.buffer if str(file) == "-" else stack.enter_context(file.open("rb"))
        )
        return capture(
            workspace.access(owner),
            stream,
            submitter=submitter,
            mode=mode,
            known_checkpoint=known,
            progress=stack.enter_context(_counter(session, file.name)),
        )


@contextmanager
def _counter(session: Session, name: str) -> Iterator[Callable[[int], None]]:
    """A line on stderr that counts events, when that is a terminal."""
    from rich.progress import SpinnerColumn, TimeElapsedColumn

    shown = visible(name)
    with session.progress(SpinnerColumn(), TimeElapsedColumn()) as bar:
        task = bar.add_task(shown)
        yield lambda seen: bar.update(task, description=f"{shown}: {seen} events")


def _show(session: Session, name: str, report: Report) -> None:
    language = session.settings.language
    counts = ", ".join(f"{count} {status}" for status, count in report.counts.items() if count)
    stored = "stored" if report.counts[Status.ACCEPTED] else "nothing new"
    if not report.committed:
        stored = "nothing was stored"
    session.say(f"{name}: {counts or 'no events'}; {stored} in {report.log}")
    for problem in report.problems:
        session.say(f"  {problem.pointer or 'document'}: {problem.message(language)}")
    refused = [
        one
        for one in report.receipts
        if one.status in {Status.CONFLICT, Status.REJECTED} and one.problems[0].rule != ROLLED_BACK
    ]
    for one in refused[:_SHOWN]:
        for problem in one.problems:
            session.say(f"  {one.status} {problem.pointer}: {problem.message(language)}")
    if len(refused) > _SHOWN:
        session.say(f"  and {len(refused) - _SHOWN} more; --json lists them")
    warnings = {
        problem.message(language)
        for one in report.receipts
        for problem in one.problems
        if problem.is_warning
    }
    for warning in sorted(warnings)[:_SHOWN]:
        session.say(f"  warning: {warning}")


def _item(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="A code in any form.")],
    as_of: Annotated[
        str | None,
        typer.Option(help="Leave out what happened after this time, such as 2026-03-01T08:00:00Z."),
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Leave out what the ledger received after this time.")
    ] = None,
) -> None:
    """Show where an item is, who holds it, and its status."""
    session = session_of(context)
    with reading(session.ledger().engine) as connection:
        found = item(
            connection,
            typed_code(session, code).uri,
            as_of=None if as_of is None else parse_time(as_of),
            known_at=None if known_at is None else parse_time(known_at),
        )
    value: dict[str, Any] = {
        "code": found.code,
        "kind": found.kind.value,
        "status": found.status,
        "location": found.location,
        "holder": found.holder,
        "inside": found.inside,
        "last_time": as_text(found.last_time),
    }
    if session.as_json:
        session.value(value)
    else:
        session.table(("", ""), value.items())
