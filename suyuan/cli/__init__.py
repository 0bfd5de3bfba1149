"""The command line `suyuan`.

Exit status: 0 fine, 1 a finding (verification failed, a code or an event was refused, nothing is
known of a code), 2 usage, 3 the surroundings (no database, locked, disk full). Errors are one
sentence on stderr with the likely fix; with SUYUAN_DEBUG=1 a defect of ours shows its traceback.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated

import typer
from pydantic import ValidationError

from identifiers import IdentifierError
from labels.errors import LabelError
from ledger.errors import (
    CanonicalError,
    EntryError,
    LedgerError,
    NoteError,
    ProofError,
    StoreError,
    TileError,
    UsageError,
    VerifyError,
)
from ledger.store.engine import driver_errors
from scanners.errors import FileUnreadableError, ScanError
from suyuan.cli import (
    backups,
    balances,
    captures,
    checkpoints,
    codes,
    demos,
    indexes,
    keys,
    logs,
    organisations,
    personal,
    pictures,
    proofs,
    servers,
    sm,
    traces,
    verifying,
    witnesses,
)
from suyuan.cli.output import Finding, Session, discard_output
from suyuan.cli.visible import visible
from suyuan.collector import relax_collector
from suyuan.settings import Settings

__all__ = ["app", "main"]

app = typer.Typer(
    name="suyuan",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for part in (
    demos,
    servers,
    logs,
    verifying,
    proofs,
    captures,
    traces,
    balances,
    pictures,
    backups,
    personal,
    indexes,
):
    part.register(app)
app.add_typer(checkpoints.app, name="checkpoint")
app.add_typer(witnesses.app, name="witness")
app.add_typer(codes.app, name="code")
app.add_typer(organisations.app, name="org")
app.add_typer(organisations.tokens_app, name="token")
app.add_typer(personal.app, name="personal")
app.add_typer(keys.app, name="key")
app.add_typer(sm.app, name="sm")


@dataclass(slots=True)
class _Asked:
    """What the global options asked for, as far as the errors that end the command need it."""

    language: str = "en"
    session: Session | None = None

    @property
    def reads_a_ledger(self) -> bool:
        """Whether the command has opened one, so that what is stored may be at fault."""
        return self.session is not None and self.session.has_ledger


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"suyuan {version('suyuan')}")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    db: Annotated[
        str | None,
        typer.Option(
            help="The ledger: sqlite:///FILE or postgresql://HOST/NAME; a file in your data folder"
            " by default.",
            metavar="URL",
        ),
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value instead of text for people.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Language of messages: en or zh-CN.", metavar="LANG")
    ] = None,
    _show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Suyuan 溯源: one item, one code, one history that nobody can quietly rewrite.

    Begin with 'suyuan demo' to see it work, or with 'suyuan migrate' to make a ledger of your own;
    then 'suyuan capture FILE' and 'suyuan trace CODE'. Options here stand before the command.
    """
    given = {"db": db, "language": language}
    try:
        settings = Settings.model_validate(
            Settings().model_dump()
            | {name: value for name, value in given.items() if value is not None}
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"The setting {name} can't be {first['input']!r}: {said}.") from error
    if isinstance(context.obj, _Asked):
        context.obj.language = settings.language
    session = Session(settings, as_json)
    if isinstance(context.obj, _Asked):
        context.obj.session = session
    context.obj = session
    context.call_on_close(context.obj.close)


_NAME = "suyuan"
_FINDING, _USAGE, _SURROUNDINGS, _INTERRUPTED = 1, 2, 3, 130


def main() -> None:
    """Run the command line and end the process with its status."""
    relax_collector()
    sys.exit(_run())


_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _run() -> int:
    status = _command()
    try:
        sys.stdout.flush()
    except OSError as error:
        discard_output()
        # A reader that went away wants no more; and a full disk may have been told already.
        told = isinstance(error, BrokenPipeError) or status == _SURROUNDINGS
        return status if told else _surroundings(error)
    return status


def _command() -> int:
    asked = _Asked()
    try:
        _check_arguments(sys.argv[1:])
        # Typer's own last resort prints tracebacks; here every error has its sentence. The name is
        # ours however we were started, as with `python -m`.
        status = app(standalone_mode=False, prog_name=_NAME, obj=asked)
    except typer.Abort:
        return _INTERRUPTED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Finding:
        return _FINDING
    except UsageError as error:
        return _say(error, _USAGE)
    except StoreError as error:
        return _say(error, _SURROUNDINGS)
    except FileUnreadableError as error:
        return _say(error, _SURROUNDINGS)
    except IdentifierError as error:
        return _say(error.message(asked.language), _FINDING)
    except (CanonicalError, EntryError, NoteError, ProofError, TileError, VerifyError) as error:
        return _say(f"{error}{_look(asked, str(error))}", _FINDING)
    except (LedgerError, LabelError, ScanError) as error:
        return _say(error, _FINDING)
    except OSError as error:
        return _surroundings(error)
    except Exception as error:
        format_message = getattr(error, "format_message", None)
        if format_message is not None and hasattr(error, "exit_code"):  # click's usage errors
            return _usage(format_message(), getattr(error, "ctx", None))
        if os.environ.get("SUYUAN_DEBUG"):
            raise
        name = type(error).__name__
        if asked.reads_a_ledger and not isinstance(error, driver_errors()):
            return _say(
                f"What is stored can't be used: {name}: {str(error)[:200]}. Run 'suyuan verify'; if"
                " that finds nothing, please report it; with SUYUAN_DEBUG=1 the whole trace is"
                " shown.",
                _SURROUNDINGS,
            )
        return _say(
            f"A defect in suyuan, not in your data: {name}: {str(error)[:200]}. Please report it;"
            " with SUYUAN_DEBUG=1 the whole trace is shown.",
            _SURROUNDINGS,
        )
    return status if isinstance(status, int) else 0


def _look(asked: _Asked, said: str) -> str:
    """The fix for what doesn't hold in a ledger, where it wasn't said."""
    known = not asked.reads_a_ledger or "suyuan verify" in said
    return "" if known else " If that comes from the ledger itself, run 'suyuan verify'."


def _check_arguments(arguments: list[str]) -> None:
    for argument in arguments:
        try:
            argument.encode("utf-8")
        except UnicodeEncodeError:
            raise UsageError(
                f"Expected UTF-8 on the command line, got {argument[:60]!a}. Set the terminal to"
                " UTF-8, or rename the file."
            ) from None


def _usage(text: str, context: typer.Context | None) -> int:
    if text.startswith("Usage:"):  # a group without a command: its help is the answer
        print(text, file=sys.stderr)  # noqa: T201 - all of it is ours
        return _USAGE
    help_of = context.command_path if context is not None else _NAME
    said = text.replace("Value error, ", "").rstrip(".")  # pydantic's prefix, of no use to people
    return _say(f"{said}. See '{help_of} --help'.", _USAGE)


def _surroundings(error: OSError) -> int:
    what = f"{error.filename}: " if error.filename else ""
    space = error.errno in _NO_SPACE
    fix = "Free some space and try again" if space else "Check the path and its permissions"
    return _say(f"{what}{error.strerror or error}. {fix}.", _SURROUNDINGS)


_BLANKS = re.compile(r"[ \t\r\n]+")  # also those in what a database driver says


def _say(error: object, status: int) -> int:
    text = _BLANKS.sub(" ", str(error)).strip()
    print(f"suyuan: {visible(text)}", file=sys.stderr)  # noqa: T201 - the one place that speaks to stderr
    return status
