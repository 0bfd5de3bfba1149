"""Passphrases of protected signing keys: from the settings, else asked on a terminal.

Never from the command line, where every user of the machine and the shell's history would see them.
"""

from __future__ import annotations

import getpass
import sys
from functools import cache
from typing import TYPE_CHECKING, Final

from ledger.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from suyuan.settings import Settings

__all__ = ["new_passphrase", "passphrase_of"]

_MAX_LINE: Final = 1000


def passphrase_of(settings: Settings) -> Callable[[str], str | None]:
    """What gives the passphrase of a key's file; None where nobody can be asked."""

    @cache
    def ask(name: str) -> str | None:
        given = _given(settings)
        if given is None and _has_terminal():
            return getpass.getpass(f"Passphrase of {name}: ")
        return given

    return ask


def new_passphrase(settings: Settings) -> str:
    """The passphrase to protect keys with from now on.

    Raises:
        UsageError: There is none, or the two that were typed differ.
        StoreError: Its file can't be read.
    """
    given = _given(settings)
    if given is not None:
        return given
    if not _has_terminal():
        raise UsageError(
            "Expected a passphrase; set SUYUAN_PASSPHRASE or SUYUAN_PASSPHRASE_FILE,"
            " or use a terminal to be asked."
        )
    first = getpass.getpass("New passphrase: ")
    if first != getpass.getpass("The same again: "):
        raise UsageError("The two passphrases differ; nothing was changed. Try again.")
    return first


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _given(settings: Settings) -> str | None:
    if settings.passphrase is not None and settings.passphrase.get_secret_value():
        return settings.passphrase.get_secret_value()
    path = settings.passphrase_file
    if path is None:
        return None
    try:
        mode = path.stat().st_mode
        with path.open(encoding="utf-8") as file:
            line = file.readline(_MAX_LINE).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(
            f"The file of the passphrase can't be read: {error}.",
            "Check SUYUAN_PASSPHRASE_FILE.",
        ) from error
    if mode & 0o077:
        raise StoreError(
            f"Others may read the file of the passphrase {path}.", f"Run chmod 600 {path}."
        )
    return line
