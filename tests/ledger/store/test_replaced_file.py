"""A ledger's file that is exchanged while an engine keeps connections to it."""

import shutil
from pathlib import Path

from sqlalchemy import Engine, make_url

from ledger.store.engine import open_engine, reading, writing
from ledger.store.sets import fetch


def test_a_file_put_in_place_of_another_is_read_from_then_on(sqlite_url: str) -> None:
    """A kept connection doesn't go on with a file that was moved away."""
    path = Path(make_url(sqlite_url).database or "")
    backup = path.with_suffix(".backup")
    shutil.copyfile(path, backup)
    engine: Engine = open_engine(sqlite_url)
    with writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO item (code, level) VALUES ('urn:x:1', 1)")
    path.rename(path.with_suffix(".old"))
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    backup.rename(path)
    with reading(engine) as connection:
        assert fetch(connection, "SELECT count(*) FROM item") == [(0,)]
    engine.dispose()
