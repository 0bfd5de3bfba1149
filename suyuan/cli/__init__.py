"""The command line `suyuan`.

Exit status: 0 fine, 1 a finding (verification failed, a code or an event was refused, nothing is
known of a code), 2 usage, 3 the surroundings (no database, locked, disk full). Errors are one
sentence on stderr with the likely fix; with SUYUAN_DEBUG=1 a defect of ours shows its traceback.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from identifiers import IdentifierError
from labels.errors import LabelError
from ledger.errors import LedgerError, StoreError, UsageError
from scanners.errors import ScanError
from suyuan.cli import (
    captures,
    codes,
    demos,
    logs,
    organisations,
    pictures,
    servers,
    traces,
)
from suyuan.cli.output import Finding, Session
from suyuan.settings import Settings

__all__ = ["app", "main"]

app = typer.Typer(
    name="suyuan",
    help="Suyuan 溯源: one item, one code, one history that nobody can quietly rewrite.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for part in (demos, servers, logs, captures, traces, pictures):
    part.register(app)
app.add_typer(codes.app, name="code")
app.add_typer(organisations.app, name="org")
app.add_typer(organisations.tokens_app, name="token")
app.add_typer(organisations.keys_app, name="key")


@app.callback()
def _globals(
    context: typer.Context,
    db: Annotated[
        str | None,
        typer.Option(help="Database URL: sqlite:///FILE or postgresql://HOST/NAME.", metavar="URL"),
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value instead of text for people.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Language of messages: en or zh-CN.", metavar="LANG")
    ] = None,
) -> None:
    given = {"db": db, "language": language}
    try:
        settings = Settings.model_validate(
            Settings().model_dump() | {name: value for name, value in given.items() if value}
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"The setting {name} can't be {first['input']!r}: {first['msg']}."
        ) from error
    context.obj = Session(settings, as_json)


_FINDING, _USAGE, _SURROUNDINGS, _INTERRUPTED = 1, 2, 3, 130


def main() -> None:
    """Run the command line and end the process with its status."""
    sys.exit(_run())


def _run() -> int:
    try:
        # Typer's own last resort prints tracebacks; here every error has its sentence.
        status = app(standalone_mode=False)
    except typer.Abort:
        return _INTERRUPTED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away, as `head` does. Nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Finding:
        return _FINDING
    except UsageError as error:
        return _say(error, _USAGE)
    except StoreError as error:
        return _say(error, _SURROUNDINGS)
    except (LedgerError, IdentifierError, LabelError, ScanError) as error:
        return _say(error, _FINDING)
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        return _say(f"{what}{error.strerror or error}. Check the path and its permissions.", 3)
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # click's usage errors
            return _say(error.format_message(), _USAGE)
        if os.environ.get("SUYUAN_DEBUG"):
            raise
        name = type(error).__name__
        return _say(
            f"A defect in suyuan, not in your data: {name}: {str(error)[:200]}. Please report it;"
            " with SUYUAN_DEBUG=1 the whole trace is shown.",
            _SURROUNDINGS,
        )
    return status if isinstance(status, int) else 0


def _say(error: object, status: int) -> int:
    text = " ".join(str(error).split())
    print(f"suyuan: {text}", file=sys.stderr)  # noqa: T201 - the one place that speaks to stderr
    return status
