"""What can be wrong with Catena-X data.

::

    LedgerError
    └── CatenaxError    one twin (or the whole document) that cannot become events
"""

from ledger.errors import LedgerError, shown

__all__ = ["CatenaxError"]


class CatenaxError(LedgerError):
    """A twin, or a whole document, that cannot be read; its neighbours are not touched."""

    def __init__(self, pointer: str, expected: str, found: object) -> None:
        self.pointer = pointer
        """JSON pointer (RFC 6901) of the refused value; empty for the whole document."""
        self.expected = expected
        """What should stand there."""
        self.found = found if isinstance(found, Missing) else shown(found)
        """What stands there, shortened."""
        super().__init__(f"Expected {expected}, got {self.found} at {pointer or 'the top'}.")


class Missing(str):
    """What an error found where there is no value to quote: words of ours, shown as they are."""

    __slots__ = ()
