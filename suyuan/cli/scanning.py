"""`suyuan scan`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ledger.errors import UsageError
from scanners.engines import fallback_available
from scanners.errors import FileUnreadableError, ScanError
from scanners.pictures import scan_file
from scanners.wedge import WedgeScanner
from suyuan.cli.judging import Judge, remarks_of, shortened
from suyuan.cli.output import Finding, session_of
from suyuan.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanners.scan import Scan
    from scanners.wedge import ByteSource
    from suyuan.cli.output import Session
    from suyuan.lookup import LookedUp

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("scan")(_scan)


def _scan(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            readable=False, help="Pictures and PDFs; - reads lines of a keyboard scanner."
        ),
    ] = None,
    *,
    device: Annotated[
        str | None, typer.Option(help="Read this device by its profile, until Ctrl-C.")
    ] = None,
    setup: Annotated[
        bool,
        typer.Option(
            "--setup", help="Print a test sheet, and derive the profile from what comes back."
        ),
    ] = False,
    sheet: Annotated[Path, typer.Option(help="With --setup: the PDF to write.")] = Path(
        "scanner-setup.pdf"
    ),
    count: Annotated[
        int | None, typer.Option(help="With --device: end after so many scans.", min=1)
    ] = None,
) -> None:
    """Read codes from pictures, PDFs or a scanner.

    Each is looked up in the ledger, if there is one, and gets a verdict: confirmed, plausible, or
    doubtful, which nobody may book unseen. A file that can't be read doesn't stop the others. A
    device's scans are printed as they come, with --json a line each. Exit status 1 when a file
    holds no code that can be read, what was read is no code, or a setup found a fault.
    """
    session = session_of(context)
    keyboard = cast("ByteSource", sys.stdin.buffer)  # which its declared type hides
    if files and (device or setup):
        raise UsageError("Name files, or a device, or --setup; each is a task of its own.")
    if setup:
        # Imported late, here and below: who reads a picture needs none of it.
        from suyuan.cli.setting_up import set_up

        set_up(session, device or "wedge", sheet, keyboard)
    elif device:
        from suyuan.cli.live import read_device

        read_device(session, Judge.of(session), device, keyboard, count)
    elif files:
        _read_files(session, files)
    else:
        raise UsageError("Name pictures or PDFs, - for a keyboard scanner, or a --device.")


def _read_files(session: Session, files: list[Path]) -> None:
    found: list[LookedUp] = []
    blank: list[Path] = []
    failures: list[ScanError] = []
    judge = Judge.of(session)
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
        found.extend(judge.all(scans))
    if session.as_json:
        session.value([one.as_dict() for one in found])
    elif found:
        columns = ("code", "kind", "status", "verdict", "read as", "from", "remarks")
        session.table(columns, map(_row, found))
    _conclude(session, found, blank, failures)


def _row(one: LookedUp) -> tuple[object, ...]:
    scan = one.scan
    return (
        one.code.uri if one.code else shortened(scan.text or scan.raw.hex()),
        one.code.level if one.code else "",
        (one.item.status or "known") if one.item else "unknown",
        one.judged.verdict,
        f"{scan.symbology} {scan.symbology_identifier}".strip(),
        scan.device if scan.page is None else f"{scan.device} page {scan.page}",
        "; ".join(remarks_of(one)),
    )


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
