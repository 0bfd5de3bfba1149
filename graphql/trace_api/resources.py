"""What the API works on, and what one request carries through its resolvers."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from ledger.sequencing import LogAccess, Sequencer
from ledger.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Lock
    from types import TracebackType

    from graphql import GraphQLResolveInfo
    from sqlalchemy import Connection, Engine

    from ledger.genealogy.walk import Walker
    from ledger.keys import KeyFolder
    from ledger.organisations import Organisation

__all__ = ["Asking", "Resources", "asking"]

_LARGEST_BODY: Final = 16 * 1024 * 1024  # 16 MiB


def _no_walker(_connection: Connection) -> Walker | None:
    return None


@dataclass(frozen=True, slots=True)
class Resources:
    """What the application is given by whoever mounts it."""

    engine: Engine
    """The ledger."""
    keys: KeyFolder
    """The logs' keys: private ones to capture, pinned public ones to verify."""
    now: Callable[[], int]
    """The clock, in microseconds since 1970 UTC."""
    sequencer: Sequencer = field(default_factory=Sequencer)
    """Commits what several requests capture at once together."""
    largest_body: int = _LARGEST_BODY
    """The largest HTTP body that is read, in bytes."""
    walker: Callable[[Connection], Walker | None] = _no_walker
    """Walks over the trace index of what a transaction sees, where there is one."""
    debug: bool = False
    """True adds the exception's text to internal errors; never in production."""

    def access(self, organisation: Organisation) -> LogAccess:
        """What it takes to write to an organisation's log.

        Raises:
            StoreError: The log's key is missing, damaged, or others may read it.
        """
        return LogAccess.by_keys(self.engine, self.keys, organisation, self.now)


@dataclass(slots=True)
class Asking:
    """One request: all of its resolvers read one snapshot, on one connection.

    The connection is opened by the first resolver that needs it. A request runs in one thread,
    which opens and closes it.
    """

    resources: Resources
    verifying: Lock
    """Held while a verification runs: one at a time for the whole application."""
    authorization: str | None = None
    """The Authorization header."""
    _stack: ExitStack = field(default_factory=ExitStack)
    _connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The snapshot of this request.

        Raises:
            StoreError: The store can't be read now.
        """
        if self._connection is None:
            self._connection = self._stack.enter_context(reading(self.resources.engine))
        return self._connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection = None
        self._stack.__exit__(kind, error, traceback)


def asking(info: GraphQLResolveInfo) -> Asking:
    """The request that a resolver works for."""
    context: Any = info.context
    found: Asking = context
    return found
