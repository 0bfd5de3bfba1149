"""What is said of an error that ends a command: one sentence on stderr, and the exit status."""

from __future__ import annotations

import errno
import os
import re
import sys
from typing import TYPE_CHECKING, Any

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
from scanners.errors import DeviceError, FileUnreadableError, ProfileError, ScanError
from suyuan.cli.output import NAME
from suyuan.cli.visible import visible

if TYPE_CHECKING:
    from suyuan.cli.output import Asked

__all__ = ["surroundings", "tell"]

_FINDING, _USAGE, _SURROUNDINGS = 1, 2, 3


def tell(error: Exception, asked: Asked) -> int:
    """Say what went wrong and return the exit status; see `suyuan.cli`.

    Raises:
        Exception: The same, where it is a defect of ours and SUYUAN_DEBUG is set.
    """
    match error:
        case UsageError() | ProfileError():
            return _say(error, _USAGE)
        case StoreError() | FileUnreadableError() | DeviceError():
            return _say(error, _SURROUNDINGS)
        case IdentifierError():
            return _say(error.message(asked.language), _FINDING)
        case (
            CanonicalError()
            | EntryError()
            | NoteError()
            | ProofError()
            | TileError()
            | VerifyError()
        ):
            return _say(f"{error}{_look(asked, str(error))}", _FINDING)
        case LedgerError() | LabelError() | ScanError():
            return _say(error, _FINDING)
        case OSError():
            return surroundings(error)
        case _:
            return _other(error, asked)


def _other(error: Exception, asked: Asked) -> int:
    format_message = getattr(error, "format_message", None)
    if format_message is not None and hasattr(error, "exit_code"):  # Typer's usage errors
        return _usage(format_message(), getattr(error, "ctx", None))
    if os.environ.get("SUYUAN_DEBUG"):
        raise error
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


def _look(asked: Asked, said: str) -> str:
    """The fix for what doesn't hold in a ledger, where it wasn't said."""
    known = not asked.reads_a_ledger or "suyuan verify" in said
    return "" if known else " If that comes from the ledger itself, run 'suyuan verify'."


def _usage(text: str, context: Any) -> int:
    if text.startswith("Usage:"):  # a group without a command: its help is the answer
        print(text, file=sys.stderr)  # noqa: T201 - all of it is ours
        return _USAGE
    help_of = context.command_path if context is not None else NAME
    said = text.replace("Value error, ", "").rstrip(".")  # pydantic's prefix, of no use to people
    stop = "" if said.endswith("?") else "."
    return _say(f"{said}{stop} See '{help_of} --help'.", _USAGE)


_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def surroundings(error: OSError) -> int:
    """Say what the operating system refused."""
    what = f"{error.filename}: " if error.filename else ""
    space = error.errno in _NO_SPACE
    fix = "Free some space and try again" if space else "Check the path and its permissions"
    return _say(f"{what}{error.strerror or error}. {fix}.", _SURROUNDINGS)


_BLANKS = re.compile(r"[ \t\r\n]+")  # also those in what a database driver says


def _say(error: object, status: int) -> int:
    text = _BLANKS.sub(" ", str(error)).strip()
    print(f"suyuan: {visible(text)}", file=sys.stderr)  # noqa: T201 - the one place that speaks to stderr
    return status
