"""What a file may be asked for beside the answer itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.exporting.known_names import KnownNames

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.problems import Language

__all__ = ["Options", "TableName"]


class TableName(StrEnum):
    """The tables that CSV may hold; a workbook has them all."""

    ITEMS = "items"
    HOLDERS = "holders"
    LINKS = "links"
    OPEN_ENDS = "open-ends"


@dataclass(frozen=True, slots=True)
class Options:
    """The wishes of whoever asks; each format looks at those that concern it."""

    created: int
    """When the file is made: microseconds since 1970 UTC. The same answer with the same options is
    the same file."""
    language: Language = "en"
    """Of the words in spreadsheets and drawings."""
    table: TableName = TableName.ITEMS
    """The table of a CSV file."""
    bom: bool = False
    """Begin a CSV file with a byte order mark, by which Excel knows that it is UTF-8."""
    connection: Connection | None = None
    """The reading transaction in which the trace was made: evidence, names and
    the balance are read from it."""

    def names(self) -> KnownNames:
        """What master data calls the codes of the answer."""
        return KnownNames(self.connection, self.language)
