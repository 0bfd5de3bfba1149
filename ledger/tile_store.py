"""Stored tiles, read: the `TileReader` over the table `tile`.

Proofs ask for thousands of tiles a second, so the statement is put together once and goes to the
driver's own cursor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.errors import StoreError
from ledger.store.sets import is_sqlite
from ledger.stored import stored_bytes

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["StoredTiles"]

_SELECT: Final = 'SELECT hashes FROM tile WHERE log_id = {p} AND level = {p} AND "index" = {p}'


class StoredTiles:
    """Tiles of one log, as the connection's transaction sees them (C2SP tlog-tiles, height 8)."""

    __slots__ = ("_cursor", "_text", "log")

    def __init__(self, connection: Connection, log: int) -> None:
        self.log = log
        self._cursor: Any = connection.connection.cursor()
        self._text = _SELECT.format(p="?" if is_sqlite(connection) else "%s")

    def read_tile(self, level: int, index: int) -> bytes:
        """The hashes of a tile, as many as there are.

        Raises:
            StoreError: The tile is missing, or no bytes.
        """
        row = self._cursor.execute(self._text, (self.log, level, index)).fetchone()
        if row is None:
            raise StoreError(
                f"Tile {level}/{index} of log {self.log} is missing.",
                "Run 'suyuan verify' and restore the ledger from a backup.",
            )
        return stored_bytes(row[0], "tile.hashes")
