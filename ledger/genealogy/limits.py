"""The time that a walk may take: a reader of links that breaks off when it is up."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from ledger.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from ledger.genealogy.links import LinkRow, StepRow
    from ledger.genealogy.walk import Links

__all__ = ["TimeIsUpError", "TimedLinks", "time_limit"]

_AT_ONCE: Final = 5_000
"""Owners that are asked for together, and rows that are handed on together: some milliseconds."""

_Row = TypeVar("_Row")


def time_limit(seconds: float | None, clock: Callable[[], float]) -> Callable[[], bool] | None:
    """What tells whether so many seconds have passed since now; None for no limit.

    Raises:
        UsageError: There are fewer than none.
    """
    if seconds is None:
        return None
    if not seconds >= 0:  # so that what is no number is refused as well
        raise UsageError(f"Expected 0 seconds or more, got {seconds}.")
    end = clock() + seconds
    return lambda: clock() >= end


class TimeIsUpError(Exception):
    """A walk has taken its time; what it has found so far is true."""


class TimedLinks:
    """Reads links until time is up, and says so once.

    From then on it reads without a limit: a walk that ends has to find out where it was cut.
    """

    __slots__ = ("_is_up", "_links", "_told")

    def __init__(self, links: Links, is_up: Callable[[], bool]) -> None:
        self._links = links
        self._is_up = is_up
        self._told = False

    def check(self) -> None:
        """Say whether time is up.

        Raises:
            TimeIsUpError: It is, and nobody has been told.
        """
        if not self._told and self._is_up():
            self._told = True
            raise TimeIsUpError

    def of_items(self, items: Collection[int], roles: Iterable[int]) -> list[LinkRow]:
        """As `LinkReader.of_items`."""
        return list(self.scan_items(items, roles))

    def of_nodes(self, nodes: Collection[int], roles: Iterable[int]) -> list[LinkRow]:
        """As `LinkReader.of_nodes`."""
        wanted = tuple(roles)
        return list(self._timed(nodes, lambda some: iter(self._links.of_nodes(some, wanted))))

    def scan_items(self, items: Collection[int], roles: Iterable[int]) -> Iterator[LinkRow]:
        """As `LinkReader.scan_items`."""
        wanted = tuple(roles)
        return self._timed(items, lambda some: self._links.scan_items(some, wanted))

    def scan_nodes(self, nodes: Collection[int], role: int) -> Iterator[StepRow]:
        """As `LinkReader.scan_nodes`."""
        return self._timed(nodes, lambda some: self._links.scan_nodes(some, role))

    def _timed(
        self, owners: Collection[int], read: Callable[[Collection[int]], Iterator[_Row]]
    ) -> Iterator[_Row]:
        ordered = sorted(owners)
        for at in range(0, len(ordered), _AT_ONCE):
            self.check()
            rows = read(ordered[at : at + _AT_ONCE])
            while some := list(islice(rows, _AT_ONCE)):
                yield from some
                self.check()
