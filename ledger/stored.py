"""What a column of bytes held when it was read: SQLite keeps a value of any type in any column.

Ordinary commands trust what verification vouches for; where somebody put text or a number in the
place of bytes they stop with the fix. (`bytes` would make that many zero bytes of a number.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.errors import DamageError, EntryError
from ledger.log.entry import decode_entry

if TYPE_CHECKING:
    from ledger.log.entry import Entry

__all__ = ["stored_bytes", "stored_entry"]

_FIX: Final = "The ledger was damaged or changed; run 'suyuan verify'."


def stored_bytes(value: Any, column: str) -> bytes:
    """Return what a column of bytes held.

    Args:
        value: As the driver gave it.
        column: Its name with the table's, for the message.

    Raises:
        DamageError: It is no bytes.
    """
    if not isinstance(value, bytes | memoryview):
        raise DamageError(f"A row has no bytes in {column}, but {type(value).__name__}.", _FIX)
    return bytes(value)


def stored_entry(value: Any) -> Entry:
    """Return the entry that a row of `entry` holds.

    Raises:
        DamageError: It holds none.
    """
    try:
        return decode_entry(stored_bytes(value, "entry.bytes"))
    except EntryError as error:
        raise DamageError(f"A row of the table entry holds no entry: {error}", _FIX) from error
