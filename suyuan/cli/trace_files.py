"""Where `suyuan trace` writes an answer: a file in one of the formats, or standard output."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import UsageError
from ledger.exporting.formats import FormatName, format_by_name, format_of_file
from ledger.exporting.options import Options, TableName
from suyuan.cli.output import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.exporting.formats import Format
    from ledger.genealogy.trace import Trace
    from suyuan.cli.output import Session

__all__ = ["Target", "target_of", "write_file", "write_trace"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer goes, and how."""

    path: Path | None
    """None is standard output."""
    format: Format
    table: TableName
    bom: bool


def target_of(
    out: Path | None, name: FormatName | None, table: TableName | None, *, bom: bool
) -> Target | None:
    """Where the options send an answer; None is the screen.

    Raises:
        UsageError: They contradict each other, or name no format.
    """
    if out is None:
        if name is None and table is None and not bom:
            return None
        raise UsageError("--format, --table and --bom describe a file. Name it: --out FILE.")
    path = None if str(out) == "-" else out
    if path is None and name is None:
        raise UsageError("Expected the format for standard output. Add --format ndjson, say.")
    found = format_by_name(name) if name else format_of_file(out)
    if found.name is not FormatName.CSV and (table is not None or bom):
        raise UsageError(f"--table and --bom are of CSV, and the format is {found.name}.")
    if path is None and sys.stdout.isatty():
        raise UsageError("Expected a file or a pipe for --out -, got a terminal.")
    return Target(path, found, table or TableName.ITEMS, bom)


def write_trace(
    session: Session, connection: Connection, trace: Trace, target: Target, created: int
) -> None:
    """Write an answer, and say so unless it went to standard output."""
    options = Options(
        created=created,
        language=session.settings.language,
        table=target.table,
        bom=target.bom,
        connection=connection,
    )
    write_file(session, target.format.write(trace, options), target.path)
    if target.path is None:
        return
    if session.as_json:
        session.value(
            {
                "file": str(target.path),
                "format": target.format.name,
                "items": len(trace.items),
                "links": len(trace.links),
                "complete": trace.complete,
            }
        )
        return
    reasons = ", ".join(reason for reason, _codes in trace.cut)
    ending = f"cut by {reasons}" if trace.cut else "complete"
    counts = f"{len(trace.items)} items and {len(trace.links)} links"
    session.say(f"{target.path}: {counts} {trace.direction}, {ending}")


def write_file(session: Session, pieces: Iterator[bytes], path: Path | None) -> None:
    """Write the pieces of a file, whole or not at all; None is standard output."""
    if path is None:
        _print(session, pieces)
        return
    with replacing(path) as whole, whole.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def _print(session: Session, pieces: Iterator[bytes]) -> None:
    try:
        sys.stdout.flush()
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        session.out.on_broken_pipe()
