"""Small files of evidence beside the keys: written whole or not at all, and read up to a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger import files
from ledger.errors import StoreError
from ledger.files import alone

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_note", "read_small", "write_whole"]

_MAX_SIZE: Final = 1_000_000
"""Bytes of a checkpoint or key that are worth reading, as of a signed note."""


def write_whole(path: Path, text: str) -> None:
    """Write a file, and its folder where there is none; a power cut leaves the old one or this.

    Raises:
        StoreError: It can't be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(path):
            files.write_whole(path, text)
    except OSError as error:
        raise StoreError(
            f"The file {path.name} can't be kept beside the keys: {error.strerror}.",
            "Free some space or mend the permissions of the keys' folder.",
        ) from error


def read_small(path: Path) -> str:
    """Read a file of at most a megabyte as UTF-8.

    Raises:
        StoreError: It is missing, larger, or no text.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_SIZE + 1)
        if len(raw) > _MAX_SIZE:
            raise StoreError(
                f"{path.name} is larger than {_MAX_SIZE} bytes.", "Name a checkpoint or a key."
            )
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise StoreError(f"{path} can't be read: {reason}.", "Check the path.") from error


def read_note(path: Path) -> str:
    """Read a signed note that a person has kept; empty lines behind it came with the copying.

    Raises:
        StoreError: It is missing, larger than a note may be, or no text.
    """
    return read_small(path).rstrip("\r\n") + "\n"
