"""An opened ledger with its keys: what commands and pages work on."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from ledger.errors import StoreError, UsageError
from ledger.keys import KeyFolder
from ledger.organisations import Organisation, add_organisation, organisations
from ledger.recovery import current_log
from ledger.store.engine import open_engine, reading
from ledger.store.revisions import require_newest
from suyuan.passphrases import passphrase_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from ledger.sequencing import LogAccess
    from suyuan.settings import Settings

__all__ = ["Workspace", "create_ledger", "open_ledger", "prepare_place"]


@dataclass(frozen=True, slots=True)
class Workspace:
    """One ledger, open."""

    settings: Settings
    engine: Engine
    keys: KeyFolder

    def organisation(self, slug: str | None = None) -> Organisation:
        """The organisation to capture for; the first one of a new ledger is begun on the way.

        Raises:
            UsageError: It isn't there, and others are.
        """
        with reading(self.engine) as connection:
            begun = organisations(connection)
        if begun:
            return self._current(self.known_organisation(slug))
        wanted = slug or self.settings.organisation
        return self.add_organisation(wanted, wanted)

    def _current(self, organisation: Organisation) -> Organisation:
        """The log that is written to: another one, once a recovery has closed the first."""
        with reading(self.engine) as connection:
            current = current_log(connection, organisation)
        if current != organisation and self.keys.successor(organisation.origin) is None:
            from ledger.backup.ceremony import finish_recovery

            # The restore was cut short after its last step but one.
            finish_recovery(self.engine, self.keys)
        return current

    def known_organisation(self, slug: str | None = None) -> Organisation:
        """An organisation that is here: the named one, the one of the settings, or the only one.

        Raises:
            UsageError: It isn't there.
        """
        wanted = slug or self.settings.organisation
        with reading(self.engine) as connection:
            known = organisations(connection)
        for one in known:
            if one.slug == wanted:
                return one
        if slug is None and len(known) == 1:
            return known[0]
        names = ", ".join(one.slug for one in known) or "none yet"
        raise UsageError(
            f"No organisation {wanted!r} here; there are {names}. "
            "Name one with --organisation, or add it with 'suyuan org add'."
        )

    def add_organisation(self, slug: str, name: str) -> Organisation:
        """Begin an organisation's log."""
        return add_organisation(
            self.engine, self.keys, slug=slug, name=name, host=self.settings.host
        )

    def access(self, organisation: Organisation) -> LogAccess:
        """What it takes to write to an organisation's log.

        Raises:
            StoreError: The log's key is missing, damaged, or others may read it.
        """
        # Imported late, as Alembic is below: what only reads needs nothing that writes.
        from ledger.sequencing import LogAccess

        return LogAccess.by_keys(self.engine, self.keys, organisation, self.now)

    @staticmethod
    def now() -> int:
        """The clock: microseconds since 1970 UTC."""
        return time.time_ns() // 1000


def create_ledger(settings: Settings) -> Workspace:
    """Open a ledger and bring it to the newest schema, making it where there is none.

    Raises:
        StoreError: The database or its folder can't be made or written.
    """
    from ledger.store.migrate import upgrade

    prepare_place(settings)
    return _workspace(settings, upgrade)


def prepare_place(settings: Settings) -> None:
    """Make the folder of an SQLite ledger where there is none.

    Raises:
        StoreError: It can't be made, or the setting names no file.
    """
    file = _sqlite_file(settings)
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder {str(file.parent)!r} can't be made: {error.strerror}.",
                "Check its parent's permissions, or name another file with --db.",
            ) from error


def open_ledger(settings: Settings) -> Workspace:
    """Open a ledger that is there and up to date.

    Raises:
        StoreError: It is missing, can't be read, or has another version's schema.
    """
    file = _sqlite_file(settings)
    if file is not None and not file.exists():
        raise StoreError(
            f"There is no ledger at {str(file)!r}.",
            "Make one with 'suyuan migrate', or name another with --db.",
        )
    return _workspace(settings, require_newest)


def _workspace(settings: Settings, prepare: Callable[[Engine], None]) -> Workspace:
    engine = open_engine(settings.db)
    try:
        prepare(engine)
    except BaseException:
        engine.dispose()
        raise
    return Workspace(settings, engine, KeyFolder(settings.key_folder, passphrase_of(settings)))


def _sqlite_file(settings: Settings) -> Path | None:
    try:
        url = sa.make_url(settings.db)
    except (ArgumentError, ValueError):
        return None  # open_engine says what is wrong with it
    if url.get_backend_name() != "sqlite":
        return None
    if url.database in {None, "", ":memory:"}:
        raise StoreError(
            f"{settings.db!r} names no file, so the ledger would be gone with this command.",
            "Use sqlite:///FILE.",
        )
    return Path(str(url.database))
