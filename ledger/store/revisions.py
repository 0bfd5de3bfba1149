"""Which schema a database has, and which this version of the product works with.

Alembic isn't asked: it takes longer to import than many a command takes to run. A migration's
revision stands at the front of its file's name, `0003_what_it_does.py`, and the newest is the last.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger.errors import StoreError
from ledger.store.engine import reading
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["current", "is_known", "migrations_folder", "newest", "require_newest"]


def migrations_folder() -> Path:
    """Where the migrations are, wherever this package is installed.

    A wheel carries them inside the package; in a checkout they stand beside it.
    """
    package = Path(__file__).resolve().parent.parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def newest() -> str:
    """The newest schema revision that this version of the product knows."""
    return max(_revisions())


def is_known(revision: str) -> bool:
    """Whether this version of the product knows a schema revision."""
    return revision in _revisions()


def _revisions() -> set[str]:
    files = (migrations_folder() / "versions").glob("*_*.py")
    return {file.name.partition("_")[0] for file in files}


def current(engine: Engine) -> str | None:
    """The schema revision of a database; None for an empty one."""
    with reading(engine) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: list[tuple[str]] = fetch(connection, "SELECT version_num FROM alembic_version")
    return found[0][0] if found else None


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
