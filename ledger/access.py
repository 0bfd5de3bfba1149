"""API keys: who may write, and to which organisation's log.

A key is 256 random bits, shown once. The ledger keeps its SHA-256 only; at that length a slow hash
would guard nothing that the randomness doesn't. Keys are looked up by hash, so no comparison leaks
how much of a guess was right.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.errors import NotFoundError
from ledger.store import tables
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.organisations import Organisation

__all__ = ["Token", "check_token", "issue_token", "revoke_token", "tokens"]

_PREFIX: Final = "suyuan_"
"""Lets a person, and a scanner for leaked secrets, recognise a key."""


@dataclass(frozen=True, slots=True)
class Token:
    """A key that was issued; the key itself is not kept."""

    row: int
    organisation: str
    name: str
    created_at: int
    """Microseconds since 1970 UTC."""
    revoked_at: int | None


def issue_token(connection: Connection, organisation: Organisation, name: str, now: int) -> str:
    """Make a key that may write to an organisation's log, and return it; it is shown only here."""
    key = _PREFIX + secrets.token_urlsafe(32)
    connection.execute(
        tables.token.insert().values(
            log_id=organisation.row, name=name, digest=_digest(key), created_at=now
        )
    )
    return key


_SELECT = (
    "SELECT token.id, organisation, token.name, created_at, revoked_at FROM token"
    " JOIN log ON log.id = log_id"
)


def check_token(connection: Connection, key: str) -> Token | None:
    """The token that a key belongs to; None for an unknown or revoked one."""
    rows = fetch(connection, f"{_SELECT} WHERE digest = {{p}} AND revoked_at IS NULL", _digest(key))
    return Token(*rows[0]) if rows else None


def tokens(connection: Connection) -> list[Token]:
    """All keys that were issued, oldest first."""
    return [Token(*row) for row in fetch(connection, f"{_SELECT} ORDER BY token.id")]


def revoke_token(connection: Connection, row: int, now: int) -> None:
    """Make a key useless from now on.

    Raises:
        NotFoundError: There is no such token in use.
    """
    done = connection.execute(
        tables.token.update()
        .where(tables.token.c.id == row, tables.token.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    if not done.rowcount:
        raise NotFoundError(f"No token {row} in use. See 'suyuan token list'.")


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()
