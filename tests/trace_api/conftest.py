"""The fixtures of the API's tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.trace_api.house import House, build, document, life


@pytest.fixture
def house(engine: Engine, tmp_path: Path) -> House:
    """Give a ledger with the short life in it, on SQLite and on PostgreSQL."""
    found = build(engine, tmp_path)
    assert found.capture(document(life())).committed
    return found


@pytest.fixture
def empty_house(sqlite_engine: Engine, tmp_path: Path) -> House:
    """Give an empty ledger on SQLite, for what doesn't depend on the database."""
    return build(sqlite_engine, tmp_path)


@pytest.fixture
def operation(repository: Path) -> Callable[[str], str]:
    """Give the text of a committed operation document."""

    def read(name: str) -> str:
        return (repository / "graphql" / "operations" / f"{name}.graphql").read_text("utf-8")

    return read
