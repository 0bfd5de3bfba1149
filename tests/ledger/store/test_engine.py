"""Opening databases: durable, patient, and plain about what a person can mend."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from ledger.errors import StoreError
from ledger.store import engine as store_engine
from ledger.store.engine import open_engine, reading, store_errors, writing
from ledger.store.migrate import upgrade
from ledger.store.sets import fetch, insert_rows
from ledger.store.tables import item

# Addresses


@pytest.mark.parametrize(
    "url",
    ["", "x", "http://[::1", "postgresql://h:abc/x", "postgresql+foo://x/y", "sqlite+foo:///x"],
)
def test_what_is_no_address(url: str) -> None:
    """Text that is no database URL is refused with the two forms that are."""
    with pytest.raises(StoreError, match="is no database URL") as caught:
        open_engine(url)
    assert caught.value.fix == "Use sqlite:///FILE or postgresql://HOST/NAME."


@pytest.mark.parametrize("url", ["mysql://x/y", "oracle://", "foo://"])
def test_another_database(url: str) -> None:
    """Another kind of database is named and refused."""
    with pytest.raises(StoreError, match="Expected a sqlite or postgresql URL, got") as caught:
        open_engine(url)
    assert "postgresql://HOST/NAME" in caught.value.fix


def test_a_driver_that_is_not_installed() -> None:
    """A missing driver is told with the command that installs ours."""
    with pytest.raises(StoreError, match="needs the psycopg driver") as caught:
        open_engine("postgresql+pg8000://x/y")
    assert "pip install" in caught.value.fix


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_plain_postgresql_means_psycopg(scheme: str) -> None:
    """No connection is made on opening, and psycopg 3 is the driver."""
    engine = open_engine(f"{scheme}://nobody@127.0.0.1:1/x")
    assert engine.dialect.driver == "psycopg"
    engine.dispose()


def test_a_missing_folder(tmp_path: Path) -> None:
    """A path whose folder is missing is refused at once, and no folder is made."""
    with pytest.raises(StoreError, match="is missing") as caught:
        open_engine(f"sqlite:///{tmp_path}/none/ledger.sqlite")
    assert "Make it" in caught.value.fix
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_ledger_in_memory(url: str) -> None:
    """A database in memory lives as long as its engine."""
    engine = open_engine(url)
    upgrade(engine)
    with reading(engine) as connection:
        assert fetch(connection, "SELECT count(*) FROM log") == [(0,)]
    engine.dispose()


def use(url: str) -> None:
    """Write to a database that isn't there or isn't one."""
    engine = open_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A file that holds something else is told apart, and left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("some notes\n" * 100)
    with pytest.raises(StoreError, match="file is not a database") as caught:
        use(f"sqlite:///{path}")
    assert "check the path" in caught.value.fix
    assert path.read_text() == "some notes\n" * 100


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    """A folder can't be opened as a database."""
    with pytest.raises(StoreError, match="unable to open database file"):
        use(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("address", "says", "fix"),
    [
        ("127.0.0.1:1/x", "Connection refused", "start it, or check the address"),
        ("/x?host=/nonexistent", "No such file", "start it, or check the address"),
        ("127.0.0.1:99999/x", "invalid port", "check the address"),
        ("/x?no_such_option=1", "invalid connection option", "behind the '[?]'"),
        ("nowhere.invalid/x", "resolve host", "no such host"),
    ],
)
def test_a_server_that_does_not_answer(address: str, says: str, fix: str) -> None:
    """What keeps us from a PostgreSQL server is one sentence with the likely fix."""
    with pytest.raises(StoreError, match=f"{says}.*{fix}") as caught:
        use(f"postgresql://{address}")
    assert "\n" not in str(caught.value)


def test_a_database_that_does_not_exist(empty_postgresql_url: str) -> None:
    """A server without the database says so."""
    url = sa.make_url(empty_postgresql_url).set(database="none")
    with pytest.raises(StoreError, match="does not exist") as caught:
        use(url.render_as_string(hide_password=False))
    assert "suyuan migrate" in caught.value.fix


@pytest.mark.parametrize("transaction", [reading, writing])
def test_a_database_that_was_not_set_up(
    empty_database_url: str, transaction: Callable[[sa.Engine], Any]
) -> None:
    """A database without tables leads to the command that makes them."""
    engine = open_engine(empty_database_url)
    with pytest.raises(StoreError, match="suyuan migrate"), transaction(engine) as connection:
        fetch(connection, "SELECT * FROM log")
    engine.dispose()


# SQLite


def codes(engine: sa.Engine) -> set[str]:
    """Return the codes of all items."""
    with reading(engine) as connection:
        return {code for (code,) in fetch(connection, "SELECT code FROM item")}


def add(engine: sa.Engine, *new: str, fault: Exception | None = None) -> None:
    """Write items in one transaction, which may then fail."""
    with writing(engine) as connection:
        for code in new:
            connection.execute(sa.insert(item).values(code=code, level=0))
        if fault is not None:
            raise fault


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_sqlite_is_durable_and_patient(
    sqlite_engine: sa.Engine, pragma: str, value: object
) -> None:
    """Each connection writes ahead, waits for the disk and for other writers, and keeps foreign keys."""
    for transaction in (reading, writing):
        with transaction(sqlite_engine) as connection:
            assert fetch(connection, f"PRAGMA {pragma}") == [(value,)]


def test_a_new_file_that_another_program_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switching a new file to WAL waits for another program, for which SQLite itself doesn't wait."""
    path = tmp_path / "ledger.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    engine = open_engine(f"sqlite:///{path}")
    with monkeypatch.context() as impatient:
        impatient.setattr(store_engine, "_PATIENCE", 0.0)
        with pytest.raises(StoreError, match="database is locked"), reading(engine):
            pass
    timer = threading.Timer(0.2, other.rollback)
    timer.start()
    with reading(engine) as connection:
        assert fetch(connection, "PRAGMA journal_mode") == [("wal",)]
    timer.join()
    other.close()
    engine.dispose()


def test_a_read_only_file(sqlite_engine: sa.Engine) -> None:
    """A file that may only be read is told as such; reading it goes on."""

    @sa.event.listens_for(sqlite_engine, "checkout")
    def _read_only(driver: Any, _record: object, _proxy: object) -> None:
        driver.execute("PRAGMA query_only = ON")  # root may write to any file

    with pytest.raises(StoreError, match="readonly database") as caught:
        add(sqlite_engine, "x")
    assert "permissions" in caught.value.fix
    assert codes(sqlite_engine) == set()


def test_a_damaged_file(sqlite_engine: sa.Engine) -> None:
    """A file that was overwritten in the middle leads to the backup."""
    path = Path(sqlite_engine.url.database or "")
    sqlite_engine.dispose()
    raw = bytearray(path.read_bytes())
    raw[4096:] = b"\x55" * (len(raw) - 4096)
    path.write_bytes(raw)
    with pytest.raises(StoreError, match="malformed") as caught, reading(sqlite_engine) as one:
        fetch(one, "SELECT count(*) FROM item")
    assert "restore it from a backup" in caught.value.fix


def test_a_file_that_is_exchanged_while_it_is_open(
    sqlite_engine: sa.Engine, tmp_path: Path
) -> None:
    """A ledger whose file was replaced, as a restore does, is read from the new file."""
    path = Path(sqlite_engine.url.database or "")
    add(sqlite_engine, "x")
    backup = tmp_path / "backup.sqlite"
    with sqlite3.connect(path) as source, sqlite3.connect(backup) as target:
        source.backup(target)
    source.close()
    target.close()
    add(sqlite_engine, "y")
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    backup.rename(path)
    with reading(sqlite_engine) as connection:
        assert fetch(connection, "SELECT code FROM item") == [("x",)]


def test_a_file_that_is_gone_while_it_is_open(sqlite_engine: sa.Engine) -> None:
    """A ledger whose file was taken away isn't written into the void."""
    with reading(sqlite_engine) as connection:
        fetch(connection, "SELECT 1")
    Path(sqlite_engine.url.database or "").unlink()
    with pytest.raises(StoreError, match="suyuan migrate"), writing(sqlite_engine) as connection:
        connection.execute(sa.insert(item).values(code="x", level=0))


# Transactions


def test_a_transaction_is_all_or_nothing(engine: sa.Engine) -> None:
    """A block that ends well is committed; one that raises leaves nothing."""
    add(engine, "kept")
    with pytest.raises(ZeroDivisionError):
        add(engine, "lost", fault=ZeroDivisionError())
    assert codes(engine) == {"kept"}


def test_a_reader_sees_one_unmoving_state(engine: sa.Engine) -> None:
    """What is committed while a reader reads doesn't change its answers."""
    with reading(engine) as connection:
        assert fetch(connection, "SELECT count(*) FROM item") == [(0,)]
        with writing(engine) as other:
            other.execute(sa.insert(item).values(code="new", level=0))
        assert fetch(connection, "SELECT count(*) FROM item") == [(0,)]
    assert codes(engine) == {"new"}


def test_writers_queue_instead_of_failing(sqlite_engine: sa.Engine) -> None:
    """A second writer on SQLite waits for the first, and then sees what that one wrote."""
    holds, seen = threading.Event(), []

    def second() -> None:
        holds.wait(10)
        with writing(sqlite_engine) as connection:
            seen.append(fetch(connection, "SELECT count(*) FROM item"))

    thread = threading.Thread(target=second)
    thread.start()
    with writing(sqlite_engine) as connection:
        holds.set()
        thread.join(0.2)
        connection.execute(sa.insert(item).values(code="x", level=0))
    thread.join(10)
    assert seen == [[(1,)]]


def test_a_server_that_stops_in_between(postgresql_engine: sa.Engine) -> None:
    """A connection that the server ends, even within COPY, is one sentence; nothing is half-written."""

    def rows(victim: int) -> Any:
        yield ("one", 0)
        with writing(postgresql_engine) as other:
            fetch(other, "SELECT pg_terminate_backend({p})", victim)
        for number in range(200_000):
            yield (f"urn:x:{number}", 0)

    def copy() -> None:
        with writing(postgresql_engine) as connection:
            [(own,)] = fetch(connection, "SELECT pg_backend_pid()")
            insert_rows(connection, item, "code level", rows(own))

    with pytest.raises(StoreError, match="start it"):
        copy()
    assert codes(postgresql_engine) == set()


def test_a_defect_is_not_hidden(engine: sa.Engine) -> None:
    """An error that nobody outside can mend leaves as it is."""
    with pytest.raises(sa.exc.IntegrityError):
        add(engine, "x", "x")


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (sqlite3.OperationalError("disk I/O error"), "The disk is full or failing"),
        (psycopg.errors.DiskFull("could not extend file: No space left on device"), "disk is full"),
        (psycopg.OperationalError("connection failed: fe_sendauth: no password"), "password"),
        (psycopg.OperationalError("server closed the connection unexpectedly"), "start it"),
    ],
)
def test_what_is_hard_to_bring_about(error: Exception, fix: str) -> None:
    """Errors that need a failing disk or server are told by their words, from the driver itself too."""
    with pytest.raises(StoreError, match=fix) as caught, store_errors():
        raise error
    assert caught.value.__cause__ is error


def test_a_password_is_not_repeated() -> None:
    """The message about a malformed URL leaves the password in it out."""
    with pytest.raises(StoreError) as caught:
        open_engine("nonsense://me:s3cret@host:port/x")
    assert "s3cret" not in str(caught.value)
