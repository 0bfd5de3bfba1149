"""`suyuan scan`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ledger.errors import StoreError
from ledger.store.engine import reading
from scanners.engines import fallback_available
from scanners.errors import FileUnreadableError, ScanError
from scanners.pictures import scan_file
from scanners.wedge import WedgeScanner
from suyuan.cli.output import Finding, session_of
from suyuan.cli.visible import visible
from suyuan.lookup import known_hosts, look_up
from suyuan.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanners.scan import Scan
    from scanners.wedge import ByteSource
    from suyuan.cli.output import Session
    from suyuan.lookup import LookedUp

__all__ = ["register"]

_SHOWN = 60
"""Characters shown of what was read and is no code."""


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("scan")(_scan)


def _scan(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            readable=False, help="Pictures and PDFs; - reads lines of a keyboard scanner."
        ),
    ],
) -> None:
    """Read codes from pictures, PDFs or a scanner.

    Each is looked up in the ledger, if there is one; a file that can't be read doesn't stop the
    others. Exit status 1 when a file holds no code that can be read, or what was read is no code.
    """
    session = session_of(context)
    settings = session.settings
    hosts = known_hosts(settings.stem)
    found: list[LookedUp] = []
    blank: list[Path] = []
    failures: list[ScanError] = []
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(reading(session.ledger().engine))
        except StoreError as error:
            connection = None
            session.warn(f"Codes are read and not looked up: {error}")
        if not fallback_available():
            session.warn("The second reader (libzbar0) isn't installed; zxing-cpp reads alone.")
        for file in files:
            try:
                scans = list(_scans(file, len(found)))
            except ScanError as error:
                failures.append(error)
                continue
            if not scans:
                blank.append(file)
            found.extend(
                look_up(connection, scan, language=settings.language, hosts=hosts) for scan in scans
            )
    if session.as_json:
        session.value([one.as_dict() for one in found])
    elif found:
        session.table(("code", "kind", "status", "read as", "from", "remarks"), map(_row, found))
    _conclude(session, found, blank, failures)


def _row(one: LookedUp) -> tuple[object, ...]:
    scan = one.scan
    return (
        one.code.uri if one.code else _shortened(scan.text or scan.raw.hex()),
        one.code.level if one.code else "",
        (one.item.status or "known") if one.item else "unknown",
        f"{scan.symbology} {scan.symbology_identifier}".strip(),
        scan.device if scan.page is None else f"{scan.device} page {scan.page}",
        "; ".join(_remarks(one)),
    )


def _remarks(one: LookedUp) -> Iterator[str]:
    if one.problem:
        yield one.problem
    yield from one.repairs
    yield from (f"warning: {warning}" for warning in one.warnings)


def _shortened(text: str) -> str:
    """What was read, in one cell of a table: a long text is cut."""
    shown = visible(text)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _conclude(
    session: Session, found: list[LookedUp], blank: list[Path], failures: list[ScanError]
) -> None:
    """Say which files gave nothing, and end with the exit status that is due."""
    for file in blank:
        name = "standard input" if str(file) == "-" else file
        session.warn(
            f"{name}: no code was found; photograph it nearer, sharper or with more light."
        )
    failures.sort(key=lambda error: isinstance(error, FileUnreadableError))
    for failure in failures[:-1]:
        session.warn(str(failure))
    if failures:
        raise failures[-1]
    if blank or any(one.problem for one in found):
        raise Finding


def _scans(file: Path, sequence: int) -> Iterator[Scan]:
    if str(file) == "-":
        # Standard input is a BufferedReader, which its declared type hides.
        source = cast("ByteSource", sys.stdin.buffer)
        return iter(WedgeScanner(source, device="wedge", now=Workspace.now))
    return scan_file(file, captured_at=Workspace.now(), sequence=sequence)
