"""What a scan means and whether the ledger knows it: scanners, identifiers and ledger joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from identifiers import IdentifierError, ItemCode, identify, read_item_code
from identifiers.confidence import Confidence
from ledger.errors import NotFoundError
from ledger.query import Item, item

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scanners.scan import Scan

__all__ = ["LookedUp", "look_up"]


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A scan with its meaning."""

    scan: Scan
    code: ItemCode | None
    """None when its text is no code."""
    item: Item | None
    """None when the ledger doesn't know the code."""
    problem: str | None
    """Why there is no code, with the likely fix."""
    repairs: tuple[str, ...] = ()
    """What was undone before the text could be read, such as a separator typed as a symbol."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of `suyuan --json scan`."""
        scan = self.scan
        return {
            "id": scan.id,
            "device": scan.device,
            "page": scan.page,
            "symbology": scan.symbology.value,
            "symbology_identifier": scan.symbology_identifier,
            "gs1": scan.gs1,
            "engine": scan.engine,
            "raw": scan.raw.hex(),
            "text": scan.text,
            "code": self.code.uri if self.code else None,
            "kind": self.code.level.value if self.code else None,
            "known": self.item is not None,
            "status": self.item.status if self.item else None,
            "problem": self.problem,
            "repairs": list(self.repairs),
        }


def look_up(connection: Connection | None, scan: Scan, *, language: str = "en") -> LookedUp:
    """Read a scan's code and look it up; without a connection it is only read.

    Args:
        connection: The ledger's, or None.
        scan: What was read.
        language: The language in which it is said why the text is no code.
    """
    if scan.problem is not None:
        return LookedUp(scan, None, None, scan.problem)
    try:
        code, repairs = _read(scan.code_text, language)
    except IdentifierError as error:
        return LookedUp(scan, None, None, error.message(language))
    try:
        known = None if connection is None else item(connection, code.uri)
    except NotFoundError:
        known = None
    return LookedUp(scan, code, known, None, repairs)


def _read(text: str, language: str) -> tuple[ItemCode, tuple[str, ...]]:
    """Read the code in a scan; what had to be repaired is likely beyond doubt, and is told.

    Raises:
        IdentifierError: It is no code, may be several, or its repair would be a guess.
    """
    try:
        return read_item_code(text), ()
    except IdentifierError:
        best = identify(text).best
        if best is None or not best.uri or best.confidence < Confidence.LIKELY or not best.repairs:
            raise
        repairs = tuple(notice.message(language) for notice in best.repairs)
        return read_item_code(best.uri), repairs
