"""Migrations: they lead from nothing to the tables, never overlap, and travel inside the wheel."""

import io
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from ledger.erasing import declare
from ledger.errors import StoreError
from ledger.store.engine import open_engine, reading, writing
from ledger.store.migrate import configuration, upgrade
from ledger.store.revisions import current, newest
from ledger.store.tables import metadata
from tests.ledger.builders import instance, ledger_in, seen


def test_alembic_check_finds_no_difference(engine: sa.Engine) -> None:
    """A database that is upgraded to head needs no further migration: `alembic check` agrees."""
    config = configuration()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrading_again_changes_nothing(engine: sa.Engine) -> None:
    """A second upgrade of the same database is no error and leaves its revision."""
    before = current(engine)
    upgrade(engine)
    assert current(engine) == before == newest()


def test_an_empty_database_has_no_revision(empty_database_url: str) -> None:
    """Before the first migration a database has no revision, after it the newest."""
    engine = open_engine(empty_database_url)
    try:
        assert current(engine) is None
        upgrade(engine)
        assert current(engine) == newest()
    finally:
        engine.dispose()


def test_the_way_down_and_up_again(empty_database_url: str) -> None:
    """Every migration can be taken back on a developer's database and applied again."""
    engine = open_engine(empty_database_url)
    config = configuration()
    try:
        upgrade(engine)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "base")
        with reading(engine) as connection:
            assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
        upgrade(engine)
        assert current(engine) == newest()
    finally:
        engine.dispose()


def test_revisions_are_numbered_in_one_line() -> None:
    """Revisions are 0001, 0002, ... without a branch, and each file is named after its own."""
    scripts = list(ScriptDirectory.from_config(configuration()).walk_revisions())
    scripts.reverse()
    for number, script in enumerate(scripts, 1):
        assert script.revision == f"{number:04}"
        assert Path(script.path).name.startswith(f"{number:04}_")
        assert script.doc


BROKEN = """
'''A migration that fails after its first step.'''
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.create_table("half_done", sa.Column("id", sa.Integer(), primary_key=True))
    op.drop_table("no_such_table")
"""


def test_a_failing_migration_leaves_nothing(empty_database_url: str, tmp_path: Path) -> None:
    """When the last step of an upgrade fails, no table of an earlier step stays behind."""
    config = configuration()
    folder = tmp_path / "migrations"
    shutil.copytree(ScriptDirectory.from_config(config).dir, folder)
    broken = BROKEN.format(head=newest())
    (folder / "versions" / "9999_broken.py").write_text(broken, "utf-8")
    config.set_main_option("script_location", str(folder))
    engine = open_engine(empty_database_url)

    def migrate() -> None:
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    try:
        with pytest.raises(StoreError):
            migrate()
        with reading(engine) as connection:
            assert sa.inspect(connection).get_table_names() == []
    finally:
        engine.dispose()


UPGRADE = """
import sys
from ledger.store.engine import open_engine
from ledger.store.migrate import upgrade

engine = open_engine(sys.argv[1])
sys.stdin.read()
upgrade(engine)
"""


def test_two_upgrades_at_once_both_succeed(repository: Path, empty_database_url: str) -> None:
    """Two programs that migrate one empty database at once take turns, and neither fails."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, empty_database_url],
            cwd=repository,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    for program in programs:  # both are loaded and wait: let them go
        assert program.stdin is not None
        program.stdin.close()
        program.stdin = None
    said = [program.communicate(timeout=60)[0] for program in programs]
    assert [program.returncode for program in programs] == [0, 0], said


def test_a_migration_waits_for_the_lock(empty_postgresql_url: str) -> None:
    """While another session holds the advisory lock, an upgrade makes no table."""
    engine = open_engine(empty_postgresql_url)
    thread = threading.Thread(target=upgrade, args=[engine])
    held = text_of_lock()
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({held})"))
            thread.start()
            waiting = sa.text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            deadline = time.monotonic() + 30
            while not connection.scalar(waiting):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert "entry" not in sa.inspect(connection).get_table_names()
        thread.join(60)
        assert current(engine) == newest()
    finally:
        engine.dispose()


def text_of_lock() -> int:
    """Return the number of the advisory lock, as the migrations' environment names it."""
    env = (Path(ScriptDirectory.from_config(configuration()).dir) / "env.py").read_text("utf-8")
    line = next(line for line in env.splitlines() if line.startswith("MIGRATION_LOCK"))
    return int(line.split("=")[1].split("#")[0].strip(), 16)


def alembic(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the alembic command in the checkout, with no database named by the environment."""
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=repository,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )


def test_the_command_upgrades_and_checks(repository: Path, empty_sqlite_url: str) -> None:
    """`alembic -x db=URL` upgrades and checks the database it is told."""
    option = ["-x", f"db={empty_sqlite_url}"]
    assert alembic(repository, *option, "upgrade", "head").returncode == 0
    checked = alembic(repository, *option, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_command_wants_a_database(repository: Path) -> None:
    """Without a database `alembic` says how to name one."""
    refused = alembic(repository, "upgrade", "head")
    assert refused.returncode != 0
    assert "alembic -x db=URL" in refused.stderr + refused.stdout


@pytest.mark.parametrize("address", ["sqlite:///unused", "postgresql://unused/unused"])
def test_the_sql_can_be_printed(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migrations can be printed as SQL, for an operator who applies them by hand."""
    monkeypatch.setenv("SUYUAN_DB", address)
    config = configuration()
    config.output_buffer = io.StringIO()
    command.upgrade(config, "head", sql=True)
    assert "CREATE TABLE entry" in config.output_buffer.getvalue()


def test_no_database_is_a_command_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a connection, an option or a setting the environment refuses to guess."""
    monkeypatch.delenv("SUYUAN_DB", raising=False)
    with pytest.raises(CommandError, match="Which database"):
        command.upgrade(configuration(), "head")


def test_a_wheel_migrates_from_an_empty_folder(repository: Path, tmp_path: Path) -> None:
    """What a wheel holds migrates a database with no checkout in sight."""
    wheels, site, work = tmp_path / "wheels", tmp_path / "site", tmp_path / "work"
    for folder in (wheels, site, work):
        folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels],
        cwd=repository,
        check=True,
        capture_output=True,
    )
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from ledger.store import engine, migrate, revisions, tables\n"
        "assert tables.__file__.startswith(sys.argv[1]), tables.__file__\n"
        "opened = engine.open_engine('sqlite:///ledger.sqlite')\n"
        "migrate.upgrade(opened)\n"
        "print(revisions.current(opened), migrate.configuration().get_main_option('script_location'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(site)],
        cwd=work,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    revision, location = done.stdout.split()
    assert revision == newest()
    assert Path(location) == site / "ledger" / "migrations"
    assert (work / "ledger.sqlite").is_file()


def test_a_ledger_of_an_older_revision_goes_on(engine: sa.Engine, tmp_path: Path) -> None:
    """A ledger from before personal values keeps its entries, verifies, and seals from then on."""
    ledger = ledger_in(engine, tmp_path)
    ledger.take(seen(instance("A"), eventID="urn:x:A"), seen(instance("B")))
    config = configuration()
    with ledger.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        assert "personal_value" not in sa.inspect(connection).get_table_names()
    upgrade(ledger.engine)
    ledger.check()
    access = ledger.access(ledger.organisation())
    declare(access, ["https://example.com/ns/name"], [], submitter="t")
    report = ledger.take(
        seen(instance("A"), eventID="urn:x:A"),
        seen(instance("C")) | {"https://example.com/ns/name": "Li"},
    )
    assert [one.status.value for one in report.receipts] == ["duplicate", "accepted"]
    assert ledger.count("personal_value") == 1
    ledger.check()
