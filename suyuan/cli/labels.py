"""`suyuan label`: labels of given codes, runs of new ones, labels printed again or made void."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from identifiers import parse_item_code
from labels.kinds import Environment, SymbolKind  # noqa: TC001 - Typer reads annotations
from labels.stocks import stock_named
from ledger.errors import NotFoundError, UsageError
from ledger.issuance.keys import IssuingKeys
from ledger.issuance.origins import find_origin
from ledger.issuance.register import verified_versions
from ledger.query import item
from ledger.store.engine import reading
from suyuan.cli.given_codes import typed_code
from suyuan.cli.label_runs import RunOptions, print_new, tell_unread
from suyuan.cli.label_sheets import Sheet
from suyuan.cli.output import Finding, given_stem, replacing, session_of
from suyuan.label_checking import unread_codes
from suyuan.label_events import Recorded, record_labels, verify_reason
from suyuan.web.tagging import tag_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from identifiers import ItemCode
    from ledger.sequencing import LogAccess
    from suyuan.cli.label_sheets import Written
    from suyuan.cli.output import Session
    from suyuan.label_checking import Unreadable
    from suyuan.workspace import Workspace

__all__ = ["register"]

_VOID = frozenset(("inactive", "destroyed"))
"""Dispositions of an item whose label is void."""


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("label")(_label)


def _label(
    context: typer.Context,
    codes: Annotated[
        list[str] | None,
        typer.Argument(help="Codes in any form; - reads them from standard input."),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", help="A .pdf or .zpl for any number, or a .png or .svg for one."),
    ] = Path("labels.pdf"),
    *,
    symbol: Annotated[
        SymbolKind | None, typer.Option(help="By the kind of code where none is named.")
    ] = None,
    environment: Annotated[
        Environment | None,
        typer.Option(help="Where it is scanned; sets the sizes that it may have."),
    ] = None,
    stock: Annotated[
        str | None,
        typer.Option(help="What is printed on: l7160, 5163, a6 and so on, or roll-100x50 in mm."),
    ] = None,
    x: Annotated[
        float | None, typer.Option("--x", help="X-dimension in mm, for .png and .svg.")
    ] = None,
    dpi: Annotated[
        int, typer.Option(help="Dots per inch of the printer: of .png, .zpl and --verify.")
    ] = 300,
    stem: Annotated[
        str | None, typer.Option(help="What the QR code's link begins with.", metavar="URL")
    ] = None,
    font: Annotated[
        Path | None, typer.Option(help="TrueType font for what isn't Latin.", dir_okay=False)
    ] = None,
    note: Annotated[
        list[str] | None, typer.Option(help="A line more on every label; may be repeated.")
    ] = None,
    company: Annotated[
        str | None, typer.Option(help="Who sends a logistic unit: makes a GS1 logistic label.")
    ] = None,
    contents: Annotated[
        str | None,
        typer.Option(help="Further element strings of a logistic label: '(02)...(37)24'."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every printed page again.")
    ] = False,
    reprint: Annotated[
        str | None, typer.Option(metavar="REASON", help="Print again, and record why.")
    ] = None,
    void: Annotated[
        str | None, typer.Option(metavar="REASON", help="Print nothing: the labels are void.")
    ] = None,
    gtin: Annotated[
        str | None, typer.Option(help="Print new codes of this product; see --count.")
    ] = None,
    count: Annotated[int | None, typer.Option("--count", "-n", help="How many new codes.")] = None,
    lot: Annotated[str | None, typer.Option(help="Lot in the link of every new code.")] = None,
    tag: Annotated[bool, typer.Option(help="Put a tag into the link of every new code.")] = True,
    record: Annotated[
        Recorded, typer.Option(help="What the ledger records of new codes.")
    ] = Recorded.ENCODING,
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Who prints; see 'suyuan org list'.")
    ] = None,
    submitter: Annotated[
        str | None, typer.Option(help="Who records it; the organisation by default.")
    ] = None,
) -> None:
    """Make labels to print: a PDF sheet or ZPL, or a PNG or SVG.

    QR with the Digital Link and GS1 DataMatrix for items, GS1-128 for logistic units. The tag of an
    issued link is printed with it.

    With --gtin and --count new codes are issued, printed and recorded; the same command again goes
    on where it was cut off. Exit status 1 when --verify finds a code that would not scan.
    """
    session = session_of(context)
    begins = session.settings.stem if stem is None else given_stem(stem)
    if gtin is not None or count is not None:
        given = (codes, symbol, environment, x, company, contents, reprint, void)
        if any(one is not None for one in given):
            raise UsageError(
                "Expected --gtin and --count without codes, --symbol, --environment, --x,"
                " --company, --contents, --reprint and --void; a run prints QR codes of new items."
            )
        options = RunOptions(
            gtin=gtin,
            count=count,
            out=out,
            stem=begins,
            lot=lot,
            tagged=tag,
            stock=stock,
            dpi=dpi,
            notes=tuple(note or ()),
            font=font,
            recorded=record,
            organisation=organisation,
            submitter=submitter,
            verify=verify,
        )
        print_new(session, options)
        return
    if not codes:
        raise UsageError("Expected codes, or --gtin and --count for new ones; got neither.")
    texts = _lines() if codes == ["-"] else codes
    listed = [typed_code(session, text) for text in texts]
    if void is not None:
        if reprint is not None:
            raise UsageError("Expected --void or --reprint, got both; a void label stays void.")
        _Recorder.of(session, listed, void, organisation, submitter).record("void")
        _tell_void(session, listed)
        return
    sheet = Sheet(
        session=session,
        codes=listed,
        queries=["&".join(tag_parameters(text)) for text in texts],
        stem=begins,
        suffix=out.suffix.lower(),
        symbol=symbol,
        environment=environment,
        stock=None if stock is None else stock_named(stock),
        x_mm=x,
        dpi=dpi,
        font=font,
        notes=tuple(note or ()),
        company=company,
        contents=contents,
    )
    sheet.verify(out.name)
    if verify and sheet.suffix != ".pdf":
        raise UsageError(f"Expected a .pdf for --verify; got {out.name!r}.")
    recorder = None
    if reprint is not None:
        recorder = _Recorder.of(session, listed, reprint, organisation, submitter)
    with replacing(out) as whole:
        made = sheet.write(whole)
        if recorder is not None:
            # Before the file takes its place: an event without a second label does no harm, a
            # second label without its event does.
            recorder.record("reprint")
    unread: list[Unreadable] | None = None
    if verify:
        unread = [
            one
            for _, missing in unread_codes(out, made.contents, stock=None, dpi=dpi)
            for one in missing
        ]
    _tell(session, out, made, unread)
    if unread:
        raise Finding


def _tell(session: Session, out: Path, made: Written, unread: list[Unreadable] | None) -> None:
    counts = {"labels": made.labels, "pages": made.pages, "symbols": made.symbols}
    if session.as_json:
        value: dict[str, Any] = {"file": str(out), **counts}
        if unread is not None:
            value["unreadable"] = [one._asdict() for one in unread]
        session.value(value)
        return
    words = (("label", "labels"), ("code", "symbols"), ("page", "pages"))
    session.say(f"{out}: {', '.join(_counted(counts[key], noun) for noun, key in words)}")
    tell_unread(session, made.symbols, unread)


def _tell_void(session: Session, codes: Sequence[ItemCode]) -> None:
    if session.as_json:
        session.value({"void": [code.uri for code in codes]})
    else:
        session.say(*(f"{code.uri}: its label is void" for code in codes))


class _Recorder(NamedTuple):
    """Codes of which something will be recorded."""

    access: LogAccess
    codes: list[str]
    reason: str
    at: int
    submitter: str

    @classmethod
    def of(
        cls,
        session: Session,
        codes: Sequence[ItemCode],
        reason: str,
        organisation: str | None,
        submitter: str | None,
    ) -> _Recorder:
        """Check that the codes are ours and not void.

        Raises:
            UsageError: The reason can't be meant, or a code was never printed, or is void.
        """
        reason = verify_reason(reason)
        workspace = session.ledger()
        owner = workspace.organisation(organisation)
        found = list(dict.fromkeys(code.uri for code in codes))
        with reading(workspace.engine) as connection:
            for uri in found:
                _verify_in_use(connection, workspace, uri)
        access = workspace.access(owner)
        return cls(access, found, reason, workspace.now(), submitter or owner.slug)

    def record(self, what: str) -> None:
        """Record it."""
        record_labels(
            self.access,
            self.codes,
            what,
            at=self.at,
            identity=uuid.uuid4(),
            submitter=self.submitter,
            reason=self.reason,
        )


def _verify_in_use(connection: Connection, workspace: Workspace, uri: str) -> None:
    try:
        status = item(connection, uri).status
    except NotFoundError:
        # Printed without an event, or never.
        versions = verified_versions(connection, IssuingKeys(workspace.keys.folder))
        if find_origin(connection, versions, parse_item_code(uri)) is None:
            raise UsageError(
                f"{uri} has no label that we know of: no event names it, and we didn't issue it."
            ) from None
        return
    if status in _VOID:
        raise UsageError(f"The label of {uri} is void already; its item is {status}.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _lines() -> list[str]:
    """The codes on standard input, one a line; a code may hold blanks."""
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"Expected UTF-8 on standard input, got byte 0x{error.object[error.start]:02X} at"
            f" {error.start}; save the list as UTF-8."
        ) from None
    return [line.strip(" \t\r") for line in text.split("\n") if line.strip()]
