"""Asking witnesses for cosignatures, and keeping them: what the network client calls.

Rules kept:

* A request is made of stored checkpoints and tiles in one reading transaction, so that size, note
  and proof belong together.
* A cosignature is stored only after `ledger.log.witness` has verified it. A crash before the commit
  loses it, and asking again brings it or a newer one; nothing else depends on it.
* Nothing here is in the way of a capture: rows of `cosignature` stand beside the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.cosignatures import last_cosigned
from ledger.errors import NotFoundError
from ledger.log.tiles import consistency_proof
from ledger.log.witness import format_request
from ledger.store.engine import reading, writing
from ledger.store.sets import fetch, is_sqlite
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ledger.log.cosignature import Cosigner
    from ledger.log.witness import Cosigned
    from ledger.organisations import Organisation

__all__ = ["Prepared", "keep_cosignatures", "prepare"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request to a witness, ready to be sent."""

    size: int
    """Of the checkpoint."""
    old: int
    """The size that the witness is taken to know."""
    note: str
    body: bytes
    """Empty where the witness knows a larger size than this log has."""
    cosigned: bool
    """True when the witness has cosigned this very checkpoint, as far as is stored."""


def prepare(
    engine: Engine, organisation: Organisation, witness: Cosigner, old: int | None = None
) -> Prepared:
    """Make the request for a log's newest checkpoint.

    Args:
        engine: The ledger.
        organisation: Whose log.
        witness: Whom to ask.
        old: The size that it knows, where it has said so.

    Raises:
        NotFoundError: The log has no checkpoint yet.
        StoreError: A tile is missing.
    """
    with reading(engine) as connection:
        rows = fetch(
            connection,
            "SELECT size, note FROM checkpoint WHERE log_id = {p} ORDER BY size DESC LIMIT 1",
            organisation.row,
        )
        if not rows:
            raise NotFoundError(
                f"No checkpoint of {organisation.slug!r} here; capture something first."
            )
        [(size, note)] = rows
        stored = last_cosigned(connection, organisation.row, witness.vkey)
        if old is None:
            # A row for a size that isn't there proves nothing; the witness says what it knows.
            old = stored if stored <= size else 0
        body = b""
        if old <= size:
            tiles = StoredTiles(connection, organisation.row)
            body = format_request(old, consistency_proof(tiles, old, size), note)
        return Prepared(size, old, note, body, stored == size)


def keep_cosignatures(
    engine: Engine, organisation: Organisation, size: int, cosigned: Cosigned
) -> None:
    """Store a witness's cosignatures of a checkpoint; a later one takes an earlier one's place."""
    with writing(engine) as connection:
        mark = "?" if is_sqlite(connection) else "%s"
        connection.exec_driver_sql(
            "INSERT INTO cosignature (log_id, size, witness, line)"
            f" VALUES ({', '.join([mark] * 4)})"
            " ON CONFLICT (log_id, size, witness) DO UPDATE SET line = excluded.line",
            [
                (organisation.row, size, key.vkey, line.line().removesuffix("\n"))
                for key, _time, line in cosigned.lines
            ],
        )
