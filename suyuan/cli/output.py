"""What a command prints: one JSON value with `--json`, tables for people without."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from suyuan.workspace import Workspace, create_ledger, open_ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from suyuan.settings import Settings

__all__ = ["Finding", "Session", "session_of"]


class Finding(Exception):  # noqa: N818 - a result, not a failure
    """The command ran and found something wrong; it has been printed. Exit status 1."""


def _console() -> Console:
    # A code must never be cut: on a terminal it goes on in the next line, elsewhere nothing folds.
    width = None if sys.stdout.isatty() else 10_000
    return Console(highlight=False, soft_wrap=True, width=width)


@dataclass(slots=True)
class Session:
    """One run of the command line: settings, and where output goes."""

    settings: Settings
    as_json: bool
    out: Console = field(default_factory=_console)
    err: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    def ledger(self) -> Workspace:
        """The ledger that is there; see `open_ledger`."""
        return open_ledger(self.settings)

    def new_ledger(self) -> Workspace:
        """The ledger, made where there is none; see `create_ledger`."""
        return create_ledger(self.settings)

    def value(self, value: Any) -> None:
        """Print one JSON value."""
        self.out.file.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE).decode())

    def say(self, text: str) -> None:
        """Print a line for people; text from outside is never markup."""
        self.out.print(text, markup=False)

    def heading(self, title: str) -> None:
        """Print a title above the lines that follow."""
        self.say(f"\n{title}\n{'-' * cell_len(title)}")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table for people."""
        table = Table(
            *(Column(title, overflow="fold") for title in columns),
            box=None,
            pad_edge=False,
            show_header=any(columns),
        )
        for row in rows:
            table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
        self.out.print(table)


def session_of(context: typer.Context) -> Session:
    """The session that the global options opened."""
    found: Session = context.obj
    return found
