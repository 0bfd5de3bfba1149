"""Keeping time stamps and the root certificates that they are checked with."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from ledger.keeping import write_whole
from ledger.store.engine import writing
from ledger.store.sets import is_sqlite
from ledger.timestamps import ROOTS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

__all__ = ["keep_roots", "store_time_stamp"]


def keep_roots(keys: Path, pem: bytes) -> None:
    """Keep root certificates below the keys' folder, where the database's intruder isn't.

    Raises:
        StoreError: They can't be written.
    """
    path = keys / ROOTS / f"{sha256(pem).hexdigest()[:16]}.pem"
    if not path.exists():
        write_whole(path, pem.decode())


def store_time_stamp(engine: Engine, log: int, size: int, token: bytes) -> None:
    """Store a token that was verified; the first one of a checkpoint stays, being the earliest.

    A crash before the commit leaves nothing, and asking again gives a token.
    """
    with writing(engine) as connection:
        mark = "?" if is_sqlite(connection) else "%s"
        connection.exec_driver_sql(
            f"INSERT INTO time_stamp (log_id, size, token) VALUES ({', '.join([mark] * 3)})"
            " ON CONFLICT (log_id, size) DO NOTHING",
            (log, size, token),
        )
