"""`suyuan balance`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.exporting.balance_files import balance_format, write_balance
from ledger.exporting.formats import FormatName  # noqa: TC001 - Typer reads it at run time
from ledger.exporting.options import Options
from ledger.genealogy.balance import balance
from ledger.genealogy.tolerance import parse_tolerance
from ledger.genealogy.units import unit_name
from ledger.store.engine import reading
from ledger.times import as_text, parse_time
from suyuan.cli.given_codes import typed_code
from suyuan.cli.output import Finding, session_of
from suyuan.cli.trace_files import target_of, write_file

if TYPE_CHECKING:
    from ledger.genealogy.balance_answer import Balance, Station, Total
    from suyuan.cli.output import Session

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("balance")(_balance)


def _balance(
    context: typer.Context,
    code: Annotated[
        str, typer.Argument(help="A lot, a product (all its lots), or one piece, in any form.")
    ],
    *,
    since: Annotated[
        str | None,
        typer.Option("--from", help="Begin of the window; what was before is the opening stock."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="End of the window; a bare date means its end.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Leave out what the ledger received after this time.")
    ] = None,
    tolerance: Annotated[
        str | None,
        typer.Option(help="What a gap may be: 0.5%, 2 KGM or 3. By default as master data says."),
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="Tell only what happened at this place, by its code.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write it to this file instead: .xlsx, .csv or .json; - is standard output."
        ),
    ] = None,
    format_: Annotated[
        FormatName | None,
        typer.Option(
            "--format", help="Of the file: xlsx, csv or json; by its suffix if not named."
        ),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin a CSV file so that Excel takes it for UTF-8.")
    ] = False,
) -> None:
    """Set what came of a lot against what went, and name the gaps.

    Of a lot, a product with all its lots, or one piece.
    Exit status 1 when a gap is beyond the tolerance. What can't be decided is listed, not guessed.
    """
    session = session_of(context)
    allowed = None if tolerance is None else parse_tolerance(tolerance)
    target = target_of(out, format_, None, bom=bom)
    name = None if target is None else balance_format(target.format)
    workspace = session.ledger()
    with reading(workspace.engine) as connection:
        found = balance(
            connection,
            typed_code(session, code).uri,
            since=None if since is None else parse_time(since),
            until=None if until is None else parse_time(until),
            known_at=None if known_at is None else parse_time(known_at),
            place=None if place is None else typed_code(session, place).uri,
            tolerance=allowed,
        )
    if target is not None and name is not None:
        _write(session, found, target.path, name, bom=bom, created=workspace.now())
    elif session.as_json:
        session.value(found.as_dict())
    else:
        _show(session, found)
    if found.findings:
        raise Finding


def _write(
    session: Session,
    found: Balance,
    path: Path | None,
    name: FormatName,
    *,
    bom: bool,
    created: int,
) -> None:
    options = Options(created=created, language=session.settings.language, bom=bom)
    write_file(session, write_balance(found, name, options), path)
    if path is None:
        return
    if session.as_json:
        session.value({"file": str(path), "format": name, "balanced": not found.findings})
    else:
        session.say(f"{path}: {_summary(found)}")


def _show(session: Session, found: Balance) -> None:
    language = session.settings.language
    for title, totals in (("Total", found.totals), ("By lot", found.lots)):
        if totals:
            session.heading(title)
            session.table(("lot", "unit", "", "quantity"), _total_rows(totals, language))
    if found.flows:
        session.heading("Where it came and went")
        session.table(
            ("kind", "quantity", "unit", "party", "place", "step", "to", "lot"),
            (
                (
                    flow.kind,
                    flow.quantity,
                    unit_name(flow.unit, language),
                    flow.party,
                    flow.place,
                    flow.step,
                    flow.to,
                    flow.lot,
                )
                for flow in found.flows
            ),
        )
    _show_counts(session, found)
    _show_open(session, found)
    session.say(f"{found.code}: {_summary(found)}")


def _summary(found: Balance) -> str:
    beyond, open_questions = len(found.findings), len(found.questions)
    return f"{len(found.gaps)} gaps, {beyond} beyond the tolerance, {open_questions} open questions"


def _total_rows(totals: tuple[Total, ...], language: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for total in totals:
        head: tuple[object, ...] = (total.lot, unit_name(total.unit, language))
        lines = [
            ("in stock before", total.opening),
            ("on its way before", total.opening_transit),
            *total.flows.items(),
            ("in stock", total.in_stock),
            ("on its way", total.in_transit),
            ("gap", total.gap),
        ]
        for word, quantity in lines:
            if quantity not in {None, "0"} or word in {"in stock", "gap"}:
                rows.append((*head, word, "unknown" if quantity is None else quantity))
                head = ("", "")
    return rows


def _show_counts(session: Session, found: Balance) -> None:
    language = session.settings.language
    if found.counts:
        session.heading("Counted")
        session.table(
            ("time", "party", "place", "counted", "computed", "unit", "lot"),
            (
                (
                    as_text(one.at.time),
                    one.at.party,
                    one.at.place,
                    one.counted,
                    one.computed,
                    unit_name(one.unit, language),
                    one.lot,
                )
                for one in found.counts
            ),
        )
    if found.conversions:
        session.heading("Transformations")
        session.table(
            ("time", "place", "in", "out", "loss", "yield"),
            (
                (
                    as_text(one.at.time),
                    one.at.place,
                    ", ".join(f"{side.quantity} {side.unit or ''}".strip() for side in one.inputs),
                    ", ".join(f"{side.quantity} {side.unit or ''}".strip() for side in one.outputs),
                    one.loss if one.loss is not None else one.apart,
                    one.share,
                )
                for one in found.conversions
            ),
        )


def _where(at: Station) -> tuple[object, ...]:
    return as_text(at.time), at.party, at.step, at.place


def _show_open(session: Session, found: Balance) -> None:
    language = session.settings.language
    if found.gaps:
        session.heading("Gaps")
        session.table(
            ("kind", "quantity", "unit", "time", "party", "step", "place", "items", "", "event"),
            (
                (
                    gap.kind,
                    gap.quantity,
                    unit_name(gap.unit, language),
                    *_where(gap.at),
                    ", ".join(gap.items),
                    "beyond" if gap.finding else f"within {gap.tolerance}",
                    gap.at.event,
                )
                for gap in found.gaps
            ),
        )
    if found.questions:
        session.heading("Open questions")
        session.table(
            ("question", "quantity", "unit", "time", "party", "step", "place", "items", "event"),
            (
                (
                    one.reason,
                    one.quantity,
                    "" if one.quantity is None else unit_name(one.unit, language),
                    *(("", "", "", "") if one.at is None else _where(one.at)),
                    ", ".join(one.items),
                    "" if one.at is None else one.at.event,
                )
                for one in found.questions
            ),
        )
