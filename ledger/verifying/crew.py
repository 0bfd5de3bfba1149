"""Several processes that check segments of one ledger.

* Helpers are started anew (spawned), never forked: a forked copy of a connection would break it.
* The calling process works as well, from the start; a helper joins when it is ready.
* All see one state of the ledger. PostgreSQL hands its snapshot to the helpers. SQLite has none to
  hand on, so a helper that sees a newer state (somebody has captured since) says so: what it reads
  was true all the same, for the log only grows, but a view over all is to be taken once more.
* A helper that dies leaves its segments to the others.
* Answers come in the order of the segments, and few of them wait for their turn.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import StoreError
from ledger.store.engine import open_engine, reading
from ledger.store.sets import fetch, is_sqlite
from ledger.verifying.copies import open_copy
from ledger.verifying.segments import examine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection as Pipe
    from multiprocessing.process import BaseProcess

    from sqlalchemy import Connection, Engine

    from ledger.verifying.segments import Answer, Task

__all__ = ["Crew", "Source"]

_AHEAD: Final = 2
"""Segments that a helper is given in advance, so that it needn't wait for us."""
_WAITING: Final = 4
"""Answers for each process that may wait for their turn."""
_YOUNG: Final = 50_000  # the collector's first threshold; rows are no cycles


@dataclass(frozen=True, slots=True)
class Source:
    """How a helper opens the ledger."""

    url: str
    copy: bool = False
    """It is a copy that nobody writes to."""

    def open(self) -> Engine:
        """Open it."""
        return open_copy(self.url) if self.copy else open_engine(self.url)


@dataclass(slots=True)
class _Helper:
    pipe: Pipe
    process: BaseProcess
    ready: bool = False
    tasks: dict[int, Task] = field(default_factory=dict)
    """By number: what it was given and has not answered."""


class Crew:
    """Checks segments in this process, and in helpers beside it."""

    def __init__(self, connection: Connection, source: Source | None, helpers: int) -> None:
        """Start the helpers.

        Args:
            connection: The ledger, in a transaction that reads one state of it.
            source: How helpers open it; None where they can't.
            helpers: How many.
        """
        self.moved = False
        """True once a helper has seen a newer state of the ledger than this process."""
        self._connection = connection
        self._state = _state_of(connection)
        self._helpers: list[_Helper] = []
        if source is None or not helpers:
            return
        snapshot = None
        if not is_sqlite(connection):
            [(snapshot,)] = fetch(connection, "SELECT pg_export_snapshot()")
        context = multiprocessing.get_context("spawn")
        for _ in range(helpers):
            pipes: tuple[Any, Any] = context.Pipe()
            ours, theirs = pipes
            process = context.Process(target=serve, args=(theirs, source, snapshot), daemon=True)
            process.start()
            _started(theirs)
            self._helpers.append(_Helper(ours, process))

    def close(self) -> None:
        """End the helpers."""
        for helper in self._helpers:
            helper.pipe.close()
            helper.process.terminate()
        for helper in self._helpers:
            helper.process.join()
        self._helpers.clear()

    def examine(self, tasks: Iterable[Task]) -> Iterator[Answer]:
        """Check segments and yield the answers in their order.

        Raises:
            StoreError: The ledger can't be read.
        """
        waiting = deque(enumerate(tasks))
        count = len(waiting)
        answers: dict[int, Answer] = {}
        following = 0
        while following < count:
            for helper in self._helpers:
                while helper.ready and waiting and len(helper.tasks) < _AHEAD:
                    self._give(helper, *waiting.popleft())
            full = len(answers) >= _WAITING * (1 + len(self._helpers))
            idle = not waiting or (full and waiting[0][0] != following)
            if not self._receive(answers, waiting, timeout=None if idle else 0) and not idle:
                number, task = waiting.popleft()
                answers[number] = examine(self._connection, task)
            while following in answers:
                yield answers.pop(following)
                following += 1

    @staticmethod
    def _give(helper: _Helper, number: int, task: Task) -> None:
        helper.tasks[number] = task
        with contextlib.suppress(OSError):  # it has died, which `_receive` finds out
            helper.pipe.send((number, task))

    def _receive(
        self, answers: dict[int, Answer], waiting: deque[tuple[int, Task]], timeout: float | None
    ) -> bool:
        """Take what helpers have to say, and tell whether there was anything.

        With no timeout, wait until one says something.
        """
        pipes = {helper.pipe: helper for helper in self._helpers}
        busy = any(helper.tasks for helper in self._helpers)
        heard = wait(list(pipes), timeout if busy else 0)
        for pipe in heard:
            helper = pipes[pipe]  # type: ignore[index]
            try:
                self._heard(helper, helper.pipe.recv(), answers)
            except (EOFError, OSError):
                self._helpers.remove(helper)
                waiting.extendleft(sorted(helper.tasks.items(), reverse=True))
        return bool(heard)

    def _heard(self, helper: _Helper, said: tuple[str, Any], answers: dict[int, Answer]) -> None:
        kind, value = said
        if kind == "ready":
            helper.ready = True
            self.moved |= value != self._state
        elif kind == "answer":
            number, answer = value
            del helper.tasks[number]
            answers[number] = answer
        else:
            raise StoreError(*value)


def _started(pipe: Pipe) -> None:
    """Let go of the helper's end: should it die, ours is told."""
    pipe.close()


def _state_of(connection: Connection) -> list[tuple[Any, ...]]:
    return fetch(connection, "SELECT id, size, head FROM log ORDER BY id")


def serve(pipe: Pipe, source: Source, snapshot: str | None) -> None:
    """Be a helper: check what comes through the pipe, until it is closed."""
    gc.set_threshold(_YOUNG, 20, 50)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        try:
            engine = source.open()
            try:
                with reading(engine) as connection:
                    if snapshot is not None:
                        connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
                    pipe.send(("ready", _state_of(connection)))
                    while True:
                        number, task = pipe.recv()
                        pipe.send(("answer", (number, examine(connection, task))))
            finally:
                engine.dispose()
        except StoreError as error:
            message = str(error).removesuffix(f" {error.fix}")
            pipe.send(("error", (message, error.fix)))
        except SQLAlchemyError:
            pass  # whoever asked will meet it too, and say it better
        pipe.close()
