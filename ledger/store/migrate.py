"""Bringing a database to the newest schema, from a checkout or from an installed wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from ledger.refilling import refill
from ledger.store.engine import writing
from ledger.store.revisions import migrations_folder

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["configuration", "upgrade"]


def configuration() -> Config:
    """Alembic's configuration, with the migrations found wherever this package is installed."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate a database to the newest schema, in one transaction; nothing happens if it is there.

    Args:
        engine: The ledger.
        revision: Migrate to this one instead, to load what an older version wrote.

    Raises:
        StoreError: The database can't be opened or written.
        DamageError: An entry isn't what was written, so that nothing can be made of it.
    """
    config = configuration()
    with writing(engine) as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if revision == "head":
            refill(connection, before)
