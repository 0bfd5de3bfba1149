"""The trace index of a ledger: where commands and pages get it, and what keeps it up to date."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ledger.errors import LedgerError
from ledger.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from ledger.genealogy.index.folder import TraceIndex
    from ledger.genealogy.walk import Walker
    from suyuan.workspace import Workspace

__all__ = ["INTERVAL", "following", "index_of", "walker_of"]

INTERVAL: Final = 1.0
"""Seconds between two looks at how far the index is behind."""
_BEHIND: Final = 5000
"""Events from which on they are written to the index; fewer are read by who asks, in a twentieth of
a second. Each time costs a capture that runs beside it some waits for the disk."""

_LOG: Final = logging.getLogger(__name__)


@lru_cache(maxsize=8)
def _index_in(folder: Path) -> TraceIndex:
    # Imported late: numpy takes a tenth of a second, and most commands and ledgers need no index.
    from ledger.genealogy.index.folder import TraceIndex
    from suyuan.workspace import Workspace

    return TraceIndex(folder, Workspace.now)


def index_of(workspace: Workspace) -> TraceIndex:
    """The ledger's index, which need not be there; one for the process, whose files stay mapped."""
    return _index_in(workspace.settings.index_folder)


def walker_of(workspace: Workspace, connection: Connection) -> Walker | None:
    """What walks sooner than the database over what a transaction sees, where there is an index."""
    folder = workspace.settings.index_folder
    return _index_in(folder).at(connection) if folder.is_dir() else None


@contextmanager
def following(workspace: Workspace, interval: float = INTERVAL) -> Iterator[None]:
    """Keep the index up to date beside a running service, until the block ends.

    Where there is none, none is made: that is the operator's to decide (`suyuan index`).
    """
    stop = threading.Event()

    def follow() -> None:
        said = None
        while not stop.wait(interval):
            try:
                follow_once(workspace)
            except (LedgerError, OSError) as error:
                # The database answers meanwhile; what happens again and again is said once.
                if str(error) != said:
                    said = str(error)
                    _LOG.warning("The trace index isn't followed: %s", said)

    thread = threading.Thread(target=follow, name="trace index", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=1.0)


def follow_once(workspace: Workspace) -> bool:
    """Bring the index up to date if it is far behind or of no use; return whether it was."""
    if not workspace.settings.index_folder.is_dir():
        return False
    index = index_of(workspace)
    with reading(workspace.engine) as connection:
        behind = index.behind(connection)
    if behind is None or behind < _BEHIND:
        return False
    index.update(workspace.engine, processes=1)
    return True
