"""What a command prints: one JSON value with `--json`, lines and tables for people without.

All text for people goes through `visible`, whoever wrote it: `Session.say`, `text` and `table` for
standard output, `warn` and `progress` for the other.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console

from ledger.errors import UsageError
from suyuan.cli.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.progress import Progress, ProgressColumn
    from sqlalchemy import Engine

    from suyuan.settings import Settings
    from suyuan.workspace import Workspace

__all__ = [
    "NAME",
    "Asked",
    "Finding",
    "Session",
    "discard_output",
    "given_stem",
    "replacing",
    "session_of",
]

NAME: Final = "suyuan"
"""The program's name in what it says, however it was started."""


def given_stem(text: str) -> str:
    """The option --stem, checked.

    Raises:
        UsageError: It can't stand in a Digital Link.
    """
    from suyuan.settings import checked_stem

    try:
        return checked_stem(text)
    except ValueError as error:
        raise UsageError(f"--stem can't be {text!r}: {error}.") from None


class Finding(Exception):  # noqa: N818 - a result, not a failure
    """The command ran and found something wrong; it has been printed. Exit status 1."""


def discard_output() -> None:
    """Send further output nowhere: its reader went away, as `head` does, or its disk is full."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)


class _Console(Console):
    """A console whose reader may go away; the work goes on, and so does its exit status."""

    def on_broken_pipe(self) -> None:
        """Print nothing further."""
        self.quiet = True
        discard_output()


def _console() -> Console:
    # A code must never be cut: on a terminal it goes on in the next line, elsewhere nothing folds.
    width = None if sys.stdout.isatty() else 10_000
    # `urn:x:` is a code, not an emoji.
    return _Console(highlight=False, soft_wrap=True, width=width, emoji=False)


def _errors() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write instead of `path`, which takes its place at the end: whole or not at all.

    What isn't a plain file, such as /dev/stdout, is written to directly.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        if error.filename == str(beside):
            error.filename = str(path)  # the name that the user gave
        raise
    finally:
        beside.unlink(missing_ok=True)


@dataclass(slots=True)
class Session:
    """One run of the command line: settings, and where output goes."""

    settings: Settings
    as_json: bool
    out: Console = field(default_factory=_console)
    err: Console = field(default_factory=_errors)

    _opened: list[Workspace] = field(default_factory=list)

    def close(self) -> None:
        """Close the connections of every ledger that was opened."""
        for workspace in self._opened:
            workspace.engine.dispose()

    def open(self, settings: Settings, *, new: bool = False) -> Workspace:
        """A ledger that `close` will close: one that is there, or with `new` made where none is."""
        # Imported late, here and below: reading a code needs no store, and no table.
        from suyuan.workspace import create_ledger, open_ledger

        workspace = (create_ledger if new else open_ledger)(settings)
        self._opened.append(workspace)
        return workspace

    def adopt(self, engine: Engine) -> Workspace:
        """A ledger that was opened otherwise, which `close` will close."""
        from ledger.keys import KeyFolder
        from suyuan.workspace import Workspace

        workspace = Workspace(self.settings, engine, KeyFolder(self.settings.key_folder))
        self._opened.append(workspace)
        return workspace

    @property
    def has_ledger(self) -> bool:
        """Whether a ledger was opened."""
        return bool(self._opened)

    def ledger(self) -> Workspace:
        """The ledger that is there; see `open_ledger`."""
        return self.open(self.settings)

    def new_ledger(self) -> Workspace:
        """The ledger, made where there is none; see `create_ledger`."""
        return self.open(self.settings, new=True)

    @property
    def reader_is_gone(self) -> bool:
        """Whether nobody reads the output any more."""
        return self.out.quiet

    def value(self, value: Any) -> None:
        """Print one JSON value."""
        self.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE).decode())

    def write(self, text: str) -> None:
        """Print text exactly as it is, for programs; text for people is said."""
        try:
            self.out.file.write(text)
            self.out.file.flush()
        except BrokenPipeError:
            self.out.on_broken_pipe()

    def say(self, *lines: str) -> None:
        """Print lines for people; what is no line of ours can't feign one."""
        self.write("".join(f"{visible(line)}\n" for line in lines))

    def text(self, text: str) -> None:
        """Print a text of several lines that may be kept as a file.

        Signed notes and proofs hold no control character (C2SP signed-note), so that a good one
        comes out byte for byte.
        """
        self.write("\n".join(map(visible, text.split("\n"))))

    def warn(self, text: str) -> None:
        """Print a line for people on standard error."""
        self.err.print(visible(text), markup=False)

    def progress(self, *columns: ProgressColumn, silent: bool = False) -> Progress:
        """A display on standard error while something lasts, when that is a terminal.

        Args:
            columns: What it shows behind the description; a bar and the time left by default.
            silent: Show nothing on a terminal either.
        """
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        # The default column for it would take a file's name for markup.
        return Progress(
            TextColumn("{task.description}", markup=False),
            *(columns or (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())),
            console=self.err,
            transient=True,
            disable=silent or not self.err.is_terminal,
        )

    def heading(self, title: str) -> None:
        """Print a title above the lines that follow."""
        self.say("", title, "-" * cell_len(title))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table for people."""
        from rich.table import Column, Table
        from rich.text import Text

        table = Table(
            *(Column(title, overflow="fold") for title in columns),
            box=None,
            pad_edge=False,
            show_header=any(columns),
        )
        for row in rows:
            table.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in row))
        self.out.print(table)


@dataclass(slots=True)
class Asked:
    """What the global options asked for, as far as the errors that end the command need it."""

    language: str = "en"
    session: Session | None = None

    @property
    def reads_a_ledger(self) -> bool:
        """Whether the command has opened one, so that what is stored may be at fault."""
        return self.session is not None and self.session.has_ledger


def session_of(context: typer.Context) -> Session:
    """The session that the global options opened."""
    found: Session = context.obj
    return found
