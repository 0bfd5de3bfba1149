"""Fresh ledgers for documents that are captured whole, as many as a test wants."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from ledger.store.engine import open_engine
from tests.ledger.builders import Ledger, ledger_in


@pytest.fixture
def fresh_ledger(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Give a function that makes an empty ledger on SQLite, in a folder of its own."""
    with ExitStack() as stack:
        numbers = count()

        def make() -> Ledger:
            folder = tmp_path / str(next(numbers))
            folder.mkdir()
            shutil.copyfile(sqlite_template, folder / "ledger.sqlite")
            engine = open_engine(f"sqlite:///{folder / 'ledger.sqlite'}")
            stack.callback(engine.dispose)
            return ledger_in(engine, folder)

        yield make
