"""`suyuan label --gtin ... --count ...`: new codes issued, printed and recorded in one job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.stocks import A4_3X8, stock_named
from ledger.errors import UsageError
from ledger.issuance.issuing import gtin_of
from ledger.names import names_of
from ledger.store.engine import reading
from suyuan.cli.output import Finding
from suyuan.label_checking import unread_codes, verify_dpi
from suyuan.label_runs import RunOrder, print_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.progress import Progress

    from suyuan.cli.output import Session
    from suyuan.label_checking import Unreadable
    from suyuan.label_events import Recorded
    from suyuan.label_runs import Run
    from suyuan.workspace import Workspace

__all__ = ["RunOptions", "print_new", "tell_unread"]

_SHOWN = 20
"""Codes that would not scan which are shown to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line asked for."""

    gtin: str | None
    count: int | None
    out: Path
    stem: str
    lot: str | None
    tagged: bool
    stock: str | None
    dpi: int
    notes: tuple[str, ...]
    font: Path | None
    recorded: Recorded
    organisation: str | None
    submitter: str | None
    verify: bool


def print_new(session: Session, options: RunOptions) -> None:
    """Print a run, and tell what became of it.

    Raises:
        Finding: A code would not scan.
        UsageError: A value can't be meant.
        LabelError: The labels can't be printed so.
        StoreError: The ledger or the disk can't be written.
    """
    if options.gtin is None or options.count is None:
        raise UsageError("Expected --gtin and --count together, got one of them; name both.")
    suffix = options.out.suffix.lower()
    if suffix not in {".pdf", ".zpl"}:
        raise UsageError(f"Expected --out as a .pdf or .zpl for a run; got {options.out.name!r}.")
    if options.verify and suffix != ".pdf":
        raise UsageError(
            "Expected a .pdf for --verify: a printer draws ZPL, and no reader of ours."
        )
    verify_dpi(options.dpi)
    workspace = session.ledger()
    organisation = workspace.organisation(options.organisation)
    title_zh, title_en = _names(workspace, gtin_of(options.gtin))
    order = RunOrder(
        gtin=gtin_of(options.gtin),
        count=options.count,
        stem=options.stem,
        lot=options.lot,
        tagged=options.tagged,
        stock=A4_3X8.name if options.stock is None else stock_named(options.stock).name,
        dpi=options.dpi,
        suffix=suffix,
        title_zh=title_zh,
        title_en=title_en,
        notes=options.notes,
        font=None if options.font is None else str(options.font),
        recorded=options.recorded,
        organisation=organisation.slug,
        submitter=options.submitter or organisation.slug,
    )
    with session.progress() as bar:
        task = bar.add_task("labels", total=order.count)
        with print_run(
            workspace,
            organisation,
            order,
            options.out,
            lambda done: bar.update(task, completed=done),
        ) as (run, summary):
            bar.update(task, completed=order.count)
            unread = list(_unread(run, bar, options)) if options.verify else None
    if session.as_json:
        value = {
            "file": str(options.out),
            **summary._asdict(),
            "verified": None if unread is None else summary.labels - len(unread),
            "unreadable": None if unread is None else [one._asdict() for one in unread],
        }
        session.value(value)
    else:
        resumed = f", {summary.resumed} of them earlier" if summary.resumed else ""
        pages = f"{summary.pages} pages" if suffix == ".pdf" else f"{summary.pages} formats"
        session.say(f"{options.out}: {summary.labels} labels{resumed}, {pages}")
        tell_unread(session, summary.labels, unread)
    if unread:
        raise Finding


def tell_unread(session: Session, checked: int, unread: Sequence[Unreadable] | None) -> None:
    """Say which codes would not scan."""
    if unread is None:
        return
    session.say(f"{checked - len(unread)} of {checked} codes were read again")
    for one in unread[:_SHOWN]:
        session.say(f"  page {one.page}: {one.content} would not scan")
    if len(unread) > _SHOWN:
        session.say(f"  and {len(unread) - _SHOWN} more")


def _names(workspace: Workspace, gtin: str) -> tuple[str, str]:
    """The product's names in Chinese and in English, as master data gives them."""
    product = f"https://id.gs1.org/01/{gtin}"
    with reading(workspace.engine) as connection:
        name = names_of(connection, {product}).get(product, {})
    return name.get("zh", name.get("", "")), name.get("en", "")


def _unread(run: Run, bar: Progress, options: RunOptions) -> Iterator[Unreadable]:
    task = bar.add_task("read again", total=run.order.count)
    stock = run.design.stock

    def pages() -> Iterator[list[str]]:
        for number in run.parts:
            links = [code.link for code in run.codes(number).codes]
            for first in range(0, len(links), stock.labels):
                yield links[first : first + stock.labels]

    for count, missing in unread_codes(options.out, pages(), stock=stock, dpi=options.dpi):
        bar.advance(task, count)
        yield from missing
