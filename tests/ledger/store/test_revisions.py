"""Which schema a database has, and what is said where it isn't ours; the migrations are tested at the top."""

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from ledger.errors import StoreError
from ledger.store.engine import open_engine, writing
from ledger.store.migrate import configuration, upgrade
from ledger.store.revisions import current, is_known, newest, require_newest


def pretend(engine: sa.Engine, revision: str | None) -> None:
    """Say that a database has another revision."""
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        if revision is not None:
            table = sa.table("alembic_version", sa.column("version_num"))
            connection.execute(sa.insert(table).values(version_num=revision))


def test_the_revisions_are_those_of_alembic() -> None:
    """What the files' names say is what Alembic finds in them, the newest too."""
    scripts = ScriptDirectory.from_config(configuration())
    known = [script.revision for script in scripts.walk_revisions()]
    assert newest() == scripts.get_current_head()
    assert all(map(is_known, known))
    assert len(known) == int(newest())
    assert not is_known("9999")


def test_the_newest_schema_is_taken(engine: sa.Engine) -> None:
    """A database with the newest schema is fine as it is."""
    require_newest(engine)
    assert current(engine) == newest()


def test_an_empty_database_is_led_to_the_migration(empty_database_url: str) -> None:
    """A database without tables is refused until it is migrated."""
    engine = open_engine(empty_database_url)
    with pytest.raises(StoreError, match="isn't up to date") as caught:
        require_newest(engine)
    assert caught.value.fix == "Run 'suyuan migrate' first."
    upgrade(engine)
    require_newest(engine)
    engine.dispose()


def test_an_older_schema_is_led_to_the_migration(engine: sa.Engine) -> None:
    """A revision that a migration of ours made, and that isn't the newest, can be migrated."""
    older = [
        script.revision
        for script in ScriptDirectory.from_config(configuration()).walk_revisions()
        if script.revision != newest()
    ]
    for revision in [*older, None]:
        pretend(engine, revision)
        with pytest.raises(StoreError, match="isn't up to date"):
            require_newest(engine)


def test_a_newer_schema_is_refused(engine: sa.Engine) -> None:
    """A revision that this version doesn't know asks for an update of the product, never a migration."""
    pretend(engine, "9999")
    with pytest.raises(StoreError, match="'9999', newer than this version") as caught:
        require_newest(engine)
    assert caught.value.fix == "Update suyuan."
