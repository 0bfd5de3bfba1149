"""How far each log was verified, as an answer needs it that rests on verified entries alone.

What `suyuan verify` has found sound it notes in a signed verified-mark (`ledger.verifying.marks`).
A mark is used where its signature holds and the log still begins with the entries it was made over:
a ledger that was restored, or changed since, must not pass for verified.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from ledger.errors import LedgerError, NoteError, VerifyError
from ledger.genealogy.sight import LogHead
from ledger.log import tiles
from ledger.organisations import organisations
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.organisations import Organisation
    from ledger.verifying.marks import Mark, MarkFolder

__all__ = ["verified_heads"]


def verified_heads(connection: Connection, marks: MarkFolder) -> dict[str, LogHead]:
    """By log origin how far it was verified; a log that never was isn't there.

    Raises:
        VerifyError: A mark isn't signed by its key, or the log isn't the one that it was made over.
    """
    found = {}
    for log in organisations(connection):
        try:
            mark = marks.read(log.origin)
        except NoteError as error:
            raise _untrusted(log, str(error)) from error
        if mark is not None:
            _check(connection, log, mark)
            found[log.origin] = LogHead(
                mark.size, base64.b64encode(mark.tree.root()).decode("ascii")
            )
    return found


def _check(connection: Connection, log: Organisation, mark: Mark) -> None:
    if mark.size > log.size:
        raise _untrusted(log, f"It covers {mark.size} entries, and the log has {log.size}.")
    try:
        root = tiles.root(StoredTiles(connection, log.row), mark.size)
    except LedgerError as error:
        raise _untrusted(log, str(error)) from error
    if root != mark.tree.root():
        raise _untrusted(log, f"The log's first {mark.size} entries are others now.")


def _untrusted(log: Organisation, why: str) -> VerifyError:
    return VerifyError(
        f"The verified-mark of {log.origin} can't be used: {why} Run 'suyuan verify --full'."
    )
