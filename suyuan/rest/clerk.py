"""The clerk: settles the capture jobs of the inbox while the service runs.

It looks when it is told that something came, and every few seconds for what another process, or a
crash, has left. What can't be stored now is tried again the next time.
"""

from __future__ import annotations

import logging
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from ledger.errors import LedgerError
from ledger.inbox import KEPT, forget, logs_waiting
from ledger.jobs import settle
from ledger.organisations import organisations
from ledger.store.engine import reading

if TYPE_CHECKING:
    from suyuan.workspace import Workspace

__all__ = ["Clerk"]

_PAUSE: Final = 5.0  # seconds between two looks that nobody asked for
_TIDYING: Final = 3600.0  # seconds between two looks for answers that are kept no longer
_LOG: Final = logging.getLogger(__name__)


class Clerk:
    """A thread that settles jobs, between `start` and `stop`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._woken = Event()
        self._is_ending = False
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to look after the inbox."""
        self._thread = Thread(target=self._work, name="clerk", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that something came."""
        self._woken.set()

    def stop(self) -> None:
        """End, when what is being stored is stored."""
        self._is_ending = True
        self.wake()
        if self._thread is not None:
            self._thread.join()

    def settle_all(self) -> None:
        """Settle what waits now; what one log can't take keeps no other waiting.

        Raises:
            LedgerError: The inbox can't be read.
        """
        waiting = set(logs_waiting(self._workspace.engine))
        if not waiting:
            return
        with reading(self._workspace.engine) as connection:
            owners = [one for one in organisations(connection) if one.row in waiting]
        for owner in owners:
            try:
                while settle(self._workspace.access(owner)) and not self._is_ending:
                    pass
            except LedgerError as error:
                _LOG.warning("Jobs of %s wait: %s", owner.slug, error)

    def _work(self) -> None:
        next_tidying = 0.0
        while not self._is_ending:
            try:
                self.settle_all()
                if monotonic() >= next_tidying:
                    forget(self._workspace.engine, self._workspace.now() - KEPT)
                    next_tidying = monotonic() + _TIDYING
            except Exception:  # noqa: BLE001 - whatever it is, the next look is tried
                _LOG.exception("The inbox can't be looked after")
            self._woken.wait(_PAUSE)
            self._woken.clear()
