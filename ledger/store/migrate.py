"""Bringing a database to the newest schema, from a checkout or from an installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger.errors import StoreError
from ledger.refilling import refill
from ledger.store.engine import reading, writing

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["configuration", "current", "is_known", "newest", "require_newest", "upgrade"]


def configuration() -> Config:
    """Alembic's configuration, with the migrations found wherever this package is installed.

    A wheel carries them inside the package; in a checkout they stand beside it.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "migrations"
    folder = inside if inside.is_dir() else package.parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def newest() -> str | None:
    """The newest schema revision that this version of the product knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def current(engine: Engine) -> str | None:
    """The schema revision of a database; None for an empty one."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


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


def is_known(revision: str) -> bool:
    """Whether this version of the product knows a schema revision."""
    scripts = ScriptDirectory.from_config(configuration()).walk_revisions()
    return revision in {script.revision for script in scripts}


def require_newest(engine: Engine) -> None:
    """Refuse a database whose schema isn't the one this version of the product works with.

    Raises:
        StoreError: It is older (migrate it) or newer (update the product).
    """
    found, expected = current(engine), newest()
    if found == expected:
        return
    if found is None or is_known(found):
        raise StoreError("The ledger's schema isn't up to date.", "Run 'suyuan migrate' first.")
    raise StoreError(
        f"The ledger's schema is {found!r}, newer than this version of suyuan knows.",
        "Update suyuan.",
    )
