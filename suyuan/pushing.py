"""Sending checkpoints to the witnesses again and again, beside a running service.

A thread of its own: nothing that answers anybody waits for it. What happens twice is said once.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ledger.errors import LedgerError
from ledger.organisations import organisations
from ledger.store.engine import reading
from suyuan.fetching import Fetcher
from suyuan.witnessing import push, witness_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.log.policy import Policy
    from suyuan.workspace import Workspace

__all__ = ["INTERVAL", "pushing"]

INTERVAL: Final = 60.0
"""Seconds between two rounds."""

_LOG: Final = logging.getLogger(__name__)


@contextmanager
def pushing(
    workspace: Workspace, fetcher: Fetcher | None = None, interval: float = INTERVAL
) -> Iterator[None]:
    """Push to the witnesses of the settings, if there are any, until the block ends.

    Raises:
        UsageError: The policy file is malformed.
        StoreError: The policy file can't be read.
    """
    if workspace.settings.witnesses is None:
        yield
        return
    rounds = _Rounds(workspace, witness_policy(workspace), fetcher or Fetcher(), interval)
    # A daemon: a witness that holds a connection open must not hold up the end of the service.
    thread = threading.Thread(target=rounds.run, name="witnesses", daemon=True)
    thread.start()
    try:
        yield
    finally:
        rounds.stop.set()
        thread.join(timeout=1.0)


class _Rounds:
    def __init__(
        self, workspace: Workspace, policy: Policy, fetcher: Fetcher, interval: float
    ) -> None:
        self.workspace = workspace
        self.policy = policy
        self.fetcher = fetcher
        self.interval = interval
        self.stop = threading.Event()
        self.said: dict[tuple[str, str], str] = {}

    def run(self) -> None:
        while not self.stop.is_set():
            self.round()
            self.stop.wait(self.interval)

    def round(self) -> None:
        try:
            with reading(self.workspace.engine) as connection:
                logs = [one for one in organisations(connection) if one.size]
        except LedgerError as error:
            self.say("", "", str(error))
            return
        for log in logs:
            for witness in self.policy.witnesses:
                if witness.url is None or self.stop.is_set():
                    continue
                try:
                    message = push(self.workspace, log, witness, self.fetcher).message
                except LedgerError as error:
                    message = str(error)
                except Exception:  # noqa: BLE001
                    # A defect must not end the thread: nobody would watch the log any more.
                    _LOG.exception("A push to the witness %s failed.", witness.name)
                    continue
                self.say(log.origin, witness.name, message)

    def say(self, log: str, witness: str, message: str) -> None:
        """Warn, unless the same was said last time."""
        if self.said.get((log, witness), "") != message:
            self.said[log, witness] = message
            if message:
                _LOG.warning("%s", message)
