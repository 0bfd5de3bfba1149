"""Organisations, each with its one log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import NotFoundError, UsageError
from ledger.log.entry import FIRST_PREV
from ledger.store.engine import writing
from ledger.store.sets import fetch, is_sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from ledger.keys import KeyFolder
    from ledger.log.note import Verifier

__all__ = [
    "Organisation",
    "add_organisation",
    "find_organisation",
    "insert_log",
    "organisations",
]

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation and its log."""

    row: int
    """Surrogate id of the log."""
    slug: str
    """Lower-case letters, digits and hyphens, at most 63."""
    origin: str
    """`<host>/log/<slug>`, the log's name in checkpoints (C2SP tlog-checkpoint)."""
    name: str
    size: int
    """Entries in the log."""
    verifier_key: str


def _organisation(row: tuple[int, str, str, str, int, str]) -> Organisation:
    return Organisation(*row)


_SELECT = "SELECT id, organisation, origin, name, size, verifier_key FROM log"


def organisations(connection: Connection) -> list[Organisation]:
    """All organisations, by slug."""
    return [_organisation(row) for row in fetch(connection, f"{_SELECT} ORDER BY organisation")]


def find_organisation(connection: Connection, slug: str) -> Organisation:
    """An organisation by its slug.

    Raises:
        NotFoundError: There is none.
    """
    rows = fetch(connection, f"{_SELECT} WHERE organisation = {{p}}", slug)
    if not rows:
        raise NotFoundError(f"No organisation {slug!r} here. Add it with 'suyuan org add {slug}'.")
    return _organisation(rows[0])


def add_organisation(
    engine: Engine, keys: KeyFolder, *, slug: str, name: str, host: str
) -> Organisation:
    """Begin an organisation's log, with a key of its own; return it as it is if it has begun.

    Raises:
        UsageError: The slug can't stand in an origin.
        StoreError: The database or the key folder can't be written.
    """
    if not _SLUG.fullmatch(slug):
        raise UsageError(
            f"Expected an organisation as lower-case letters, digits and hyphens, got {slug!r}."
        )
    origin = f"{host}/log/{slug}"
    with writing(engine) as connection:
        if not is_sqlite(connection):
            # Two that add the same organisation at once must not make a key each.
            connection.exec_driver_sql("LOCK TABLE log IN SHARE ROW EXCLUSIVE MODE")
        rows = fetch(connection, f"{_SELECT} WHERE organisation = {{p}}", slug)
        if rows:
            return _organisation(rows[0])
        # A crash after the key is made and before the commit leaves a key without a log; the next
        # call takes it up.
        signer = keys.create(origin)
        return insert_log(connection, signer.verifier, slug=slug, name=name)


def insert_log(connection: Connection, verifier: Verifier, *, slug: str, name: str) -> Organisation:
    """Store a log without entries, and its first key, which may sign all sizes.

    Args:
        connection: A writing transaction.
        verifier: The log's key, whose name is the log's origin.
        slug: The organisation's.
        name: The organisation's, for people.
    """
    # Imported late: only what writes needs the tables as SQLAlchemy knows them.
    from ledger.store import tables

    connection.execute(
        tables.log.insert().values(
            organisation=slug,
            origin=verifier.name,
            name=name,
            size=0,
            head=FIRST_PREV,
            verifier_key=verifier.vkey,
        )
    )
    added = find_organisation(connection, slug)
    connection.execute(
        tables.log_key.insert().values(
            log_id=added.row, verifier_key=added.verifier_key, first_size=0
        )
    )
    return added
