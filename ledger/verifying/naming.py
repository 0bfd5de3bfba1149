"""Items by the texts that events call them with, for the rows that verification makes.

The items of a run are read by the ids that its stored links have. An event's text is then looked up
by the canonical code that it means; one that stands for none of these items isn't linked as it
should be. Each text is looked at once.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from identifiers import Level
from ledger.projection import canonical_code
from ledger.store.sets import fetch, fetch_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.verifying.accounting import Items

__all__ = ["Codes", "Difference", "Known", "Named", "NotPlain", "Texts"]

_NUMBERED: Final = re.compile(
    r"(https://id\.gs1\.org/01/[0-9]{14}/(?:21|10)/"
    r"|urn:epc:(?:id:sgtin|class:lgtin):[0-9]{6,12}\.[0-9]{1,7}\.)([0-9A-Za-z-]{1,20})"
).fullmatch
"""A product and the number of an instance or lot of it."""
_NUMBERED_LEVELS: Final = frozenset({Level.INSTANCE, Level.LOT})
_BEGINS: Final = 10_000
_KEPT: Final = 100_000
"""Items remembered between runs: about 40 MB."""
# An enum's member costs as much to look up as a small function to call.
_OTHER, _INSTANCE = Level.OTHER, Level.INSTANCE


class Difference(Exception):  # noqa: N818 - no error: it says that the exact walk has to look
    """What is stored isn't what the entries make."""


class NotPlain(Exception):  # noqa: N818 - no error: the event takes the long way
    """An event says more than a plain one does."""


class Codes:
    """The canonical codes of texts, new ones of a known product without a parser.

    Serial and lot numbers of letters, digits and hyphens stand as they are in a link and in a URN,
    and whether such a number is valid doesn't depend on the product before it, nor the product's on
    the number. So once a text was read, others with the same beginning are known but for their
    number.
    """

    def __init__(self) -> None:
        self._begins: dict[str, tuple[str, Level]] = {}

    def read(self, text: str) -> tuple[str, Level]:
        """The canonical code of a text, and its level.

        Raises:
            NotPlain: It is an instance that names its lot, or is opaque and has another form.
        """
        match = _NUMBERED(text)
        if match is None:
            return _parse(text)
        begin, number = match.groups()
        found = self._begins.get(begin)
        if found is None:
            uri, level = _parse(text)
            if level not in _NUMBERED_LEVELS or not uri.endswith(number):
                return uri, level
            if len(self._begins) >= _BEGINS:
                self._begins.clear()
            found = self._begins[begin] = uri[: -len(number)], level
        return found[0] + number, found[1]


def _parse(text: str) -> tuple[str, Level]:
    code = canonical_code(text)
    level = code.level
    if level is _INSTANCE and code.lot is not None:
        raise NotPlain
    if level is _OTHER and code.uri != text:
        raise NotPlain
    return code.uri, level


class Known:
    """Items by their codes: those that the links of a run name, and some of the runs before."""

    def __init__(self, items: Items) -> None:
        """Begin with none.

        Args:
            items: Where it is noted which items were named.
        """
        self.codes = Codes()
        self.shown: dict[str, int] = {}
        """Ids by texts whose level shows, wherever they stand."""
        self._items = items
        self._by_code: dict[str, tuple[int, Any]] = {}
        self._rows: set[int] = set()

    def missing(self, rows: set[int]) -> set[int]:
        """The ids of those of some items that aren't known."""
        return rows - self._rows

    def has_room(self, more: int) -> bool:
        """Tell whether so many more may be remembered."""
        return len(self._by_code) + more <= _KEPT

    def forget(self) -> None:
        """Forget all items."""
        self.shown.clear()
        self._by_code.clear()
        self._rows.clear()

    def load(self, connection: Connection, rows: set[int]) -> None:
        """Read items by their ids.

        Raises:
            Difference: A code stands for two items.
        """
        for row, code, level in _read(connection, rows):
            if self._by_code.setdefault(code, (row, level))[0] != row:
                raise Difference
        self._rows |= rows

    def take(self, code: str, level: Level) -> int:
        """Return the id of an item that an event names, and note what level it gives.

        Raises:
            Difference: No item that is linked has this code, or its level can't be right.
        """
        found = self._by_code.get(code)
        if found is None or not self._items.take(*found, level):
            raise Difference
        return found[0]


class Texts(dict[str, int]):
    """Ids of items by the texts of plain events."""

    __slots__ = ("_known", "_opaque")

    def __init__(self, known: Known, opaque: Level) -> None:
        """Begin with none.

        Args:
            known: The items.
            opaque: The level of an item whose code doesn't show any.
        """
        super().__init__()
        self._known, self._opaque = known, opaque

    def __missing__(self, text: str) -> int:
        """Look at a text for the first time.

        Raises:
            Difference: No item that is linked has this code, or its level can't be right.
            NotPlain: It is an instance that names its lot, or is opaque and has another form.
        """
        known = self._known
        row = known.shown.get(text)
        if row is None:
            code, level = known.codes.read(text)
            if level is _OTHER:
                row = known.take(code, self._opaque)
            else:
                row = known.shown[text] = known.take(code, level)
        self[text] = row
        return row


class Named:
    """The items of a segment by the texts of its events, in each part that they may have.

    Nothing here refers back to what holds it, so that a segment's memory is free at its end and
    doesn't wait for the garbage collector.
    """

    def __init__(self, known: Known) -> None:
        """Begin with no text."""
        self.known = known
        self.unlearnt = Texts(known, Level.OTHER)
        """By text, where the level of an opaque code isn't learnt."""
        self.instances = Texts(known, Level.INSTANCE)
        """Likewise where it is an instance."""
        self.lots = Texts(known, Level.LOT)
        """Likewise where it is a lot."""

    def load(self, connection: Connection, rows: Iterable[int]) -> None:
        """Read the items of some ids, those that aren't known.

        Raises:
            Difference: A code stands for two items.
        """
        known, wanted = self.known, set(rows)
        missing = known.missing(wanted)
        if not known.has_room(len(missing)):
            known.forget()
            for texts in (self.unlearnt, self.instances, self.lots):
                texts.clear()
            missing = wanted
        known.load(connection, missing)


def _read(connection: Connection, rows: set[int]) -> Iterable[tuple[Any, ...]]:
    """Items by id: new ones have ids in a row, as a rule, and are read at a stretch."""
    if not rows:
        return ()
    sql = "SELECT id, code, level FROM item WHERE id "
    ordered = sorted(rows)
    count = len(ordered)
    for first in (0, count // 4, count // 2, 3 * count // 4):
        if ordered[-1] - ordered[first] <= 2 * (count - first):
            break
    else:
        return fetch_in(connection, sql + "{ids}", ordered)
    stretch = fetch(connection, sql + ">= {p} AND id <= {p}", ordered[first], ordered[-1])
    return chain(fetch_in(connection, sql + "{ids}", ordered[:first]), stretch)
