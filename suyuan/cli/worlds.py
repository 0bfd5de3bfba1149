"""`suyuan demo --items N`: a generated world of any size, and the codes worth tracing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from suyuan.demo.world.filling import fill
from suyuan.demo.world.life import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from suyuan.cli.output import Session
    from suyuan.workspace import Workspace

__all__ = ["fill_ledger"]


def fill_ledger(session: Session, workspace: Workspace, *, items: int, seed: int) -> bool:
    """Generate a world into a ledger and print what it made.

    Returns:
        Whether every event is there.

    Raises:
        UsageError: The ledger holds something else.
    """
    with _bar(session, items) as progress:
        filled = fill(workspace, World(items, seed), progress)
    if session.as_json:
        session.value(filled.as_dict())
    else:
        for title, lines in filled.sections():
            session.heading(title)
            session.say(*lines)
    return filled.whole


@contextmanager
def _bar(session: Session, items: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr that counts items, when that is a terminal."""
    columns = BarColumn(), TaskProgressColumn(), TextColumn("{task.completed:.0f} items")
    with session.progress(*columns, TimeRemainingColumn()) as bar:
        task = bar.add_task("world", total=items)
        yield lambda done: bar.update(task, completed=done)
