"""A ledger for every test: on SQLite and on PostgreSQL, or on SQLite alone."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.ledger.builders import Ledger, ledger_in


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path) -> Ledger:
    """Give an empty ledger, on SQLite and on PostgreSQL."""
    return ledger_in(engine, tmp_path)


@pytest.fixture
def sqlite_ledger(sqlite_engine: Engine, tmp_path: Path) -> Ledger:
    """Give an empty ledger on SQLite."""
    return ledger_in(sqlite_engine, tmp_path)


@pytest.fixture
def postgresql_ledger(postgresql_engine: Engine, tmp_path: Path) -> Ledger:
    """Give an empty ledger on PostgreSQL."""
    return ledger_in(postgresql_engine, tmp_path)
