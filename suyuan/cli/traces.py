"""`suyuan trace`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import UsageError
from ledger.exporting.formats import FormatName  # noqa: TC001 - Typer reads it at run time
from ledger.exporting.known_names import KnownNames
from ledger.exporting.options import TableName  # noqa: TC001
from ledger.exporting.records import whole
from ledger.genealogy.between import trace_between
from ledger.genealogy.difference import difference
from ledger.genealogy.explaining import explain
from ledger.genealogy.roles import MATERIAL, Kind
from ledger.genealogy.selecting import Selection, narrowed
from ledger.genealogy.stages import Stage  # noqa: TC001
from ledger.genealogy.trace import Direction, trace
from ledger.projection import canonical_code
from ledger.store.engine import reading
from ledger.times import parse_time
from ledger.verified import verified_heads
from ledger.verifying.marks import MarkFolder
from suyuan.cli.given_codes import typed_code
from suyuan.cli.output import session_of
from suyuan.cli.trace_files import target_of, write_trace
from suyuan.cli.trace_texts import show_difference, show_trace
from suyuan.indexing import walker_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.genealogy.trace import Trace
    from suyuan.cli.output import Session
    from suyuan.cli.trace_files import Target
    from suyuan.workspace import Workspace

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("trace")(_trace)


def _trace(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="A code in any form.")],
    *,
    direction: Annotated[
        Direction, typer.Option(help="forward: what it went into; backward: what it came from.")
    ] = Direction.FORWARD,
    to: Annotated[
        str | None, typer.Option(help="Only what is on the ways forward to this code.")
    ] = None,
    why: Annotated[
        str | None, typer.Option(help="Say instead why this code is in the answer.")
    ] = None,
    changed_since: Annotated[
        str | None,
        typer.Option(help="Say instead what changed since the ledger knew only what it had then."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Leave out what happened after this event time.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Leave out what the ledger received after this time.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Only what the item was from this event time on: a gauge, a bad batch."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only what the item was up to this event time.")
    ] = None,
    links: Annotated[
        list[Kind] | None,
        typer.Option(
            help="Follow these kinds of links only; may be repeated. By default all, but measured"
            " only from an instrument that went into nothing itself."
        ),
    ] = None,
    product: Annotated[
        str | None, typer.Option(help="Show items of this product only: a code in any form.")
    ] = None,
    party: Annotated[
        str | None, typer.Option(help="Show only what this party holds: its code, or a name.")
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="Show only what is at this place: its code.")
    ] = None,
    stage: Annotated[
        Stage | None, typer.Option(help="Show only what is in this stage of its life.")
    ] = None,
    depth: Annotated[int | None, typer.Option(help="The most links from the item.", min=1)] = None,
    seconds: Annotated[
        float | None, typer.Option(help="End the search soon after so many seconds.", min=0)
    ] = None,
    told_by: Annotated[
        list[str] | None,
        typer.Option(
            help="Use only what this organisation's log tells; may be repeated. Where others tell"
            " more is said, but nothing of it."
        ),
    ] = None,
    verified: Annotated[
        bool,
        typer.Option("--verified", help="Use only entries that 'suyuan verify' has found sound."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the answer to this file instead; - is standard output."),
    ] = None,
    format_: Annotated[
        FormatName | None,
        typer.Option("--format", help="Of the file; by its suffix when none is named."),
    ] = None,
    table: Annotated[
        TableName | None, typer.Option(help="The table of a CSV file; items by default.")
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin a CSV file so that Excel takes it for UTF-8.")
    ] = False,
) -> None:
    """Trace what an item went into, or what it came from.

    The answer ends with the log heads that it is complete to, or with where and why it was cut.
    With --out it goes to a file: .ndjson, .json, .csv, .xlsx, .jsonld (the evidence as an EPCIS
    document), .dot or .svg.
    """
    session = session_of(context)
    if sum(one is not None for one in (out, why, changed_since)) > 1:
        raise UsageError("Give one of --out, --why and --changed-since: each is another answer.")
    question = _Question(
        typed_code(session, code).uri,
        direction,
        None if to is None else typed_code(session, to).uri,
        {
            "as_of": None if as_of is None else parse_time(as_of),
            "known_at": None if known_at is None else parse_time(known_at),
            "since": None if since is None else parse_time(since),
            "until": None if until is None else parse_time(until),
            "depth": depth,
            "kinds": tuple(links) if links else None,
            "seconds": seconds,
            "told_by": tuple(told_by) if told_by else None,
        },
        Selection(
            product=None if product is None else typed_code(session, product).uri,
            party=None if party is None else canonical_code(party).uri,
            place=None if place is None else canonical_code(place).uri,
            stage=stage,
        ),
    )
    target = target_of(out, format_, table, bom=bom)
    workspace = session.ledger()
    with reading(workspace.engine) as connection:
        question.options["walker"] = walker_of(workspace, connection)
        if verified:
            marks = MarkFolder.beside(workspace.keys)
            question.options["verified"] = verified_heads(connection, marks)
        if changed_since is not None:
            _tell_difference(session, connection, question, parse_time(changed_since))
        elif why is not None:
            _tell_why(session, question.ask(connection), typed_code(session, why).uri)
        else:
            found = narrowed(question.ask(connection), question.selection)
            _tell(session, workspace, connection, found, target)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, with codes in their canonical form and times in microseconds."""

    code: str
    direction: Direction
    to: str | None
    options: dict[str, Any]
    """Of `trace`."""
    selection: Selection

    def ask(self, connection: Connection, **other: Any) -> Trace:
        """Ask it, or the same with other options."""
        given = self.options | other
        if self.to is None:
            return trace(connection, self.code, self.direction, **given)
        for name in ("since", "until", "depth"):
            if given.pop(name) is not None:
                raise UsageError(f"--{name} can't be used with --to, which asks for whole ways.")
        if self.direction is not Direction.FORWARD:
            raise UsageError("--to asks for the ways forward; exchange the two codes instead.")
        given["kinds"] = given["kinds"] or MATERIAL
        return trace_between(connection, self.code, self.to, **given)


def _tell(
    session: Session,
    workspace: Workspace,
    connection: Connection,
    found: Trace,
    target: Target | None,
) -> None:
    if target is not None:
        write_trace(session, connection, found, target, workspace.now())
        return
    names = KnownNames(connection, session.settings.language)
    if session.as_json:
        session.value(whole(found, names))
    else:
        show_trace(session, found, names)


def _tell_why(session: Session, found: Trace, code: str) -> None:
    sentences = explain(found, code, session.settings.language)
    if session.as_json:
        session.value({"root": found.root, "code": code, "explanation": sentences})
    else:
        session.say(*sentences)


def _tell_difference(
    session: Session, connection: Connection, question: _Question, moment: int
) -> None:
    before = narrowed(question.ask(connection, known_at=moment), question.selection)
    after = narrowed(question.ask(connection), question.selection)
    found = difference(before, after)
    if session.as_json:
        session.value(found.as_dict())
    else:
        show_difference(session, found)
