"""Restoring: nothing is replaced before all of it was verified, and then in one step."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy.exc import OperationalError

from ledger.backup import schemas, staging
from ledger.backup.dump import database_file
from ledger.backup.schemas import PostgresqlStage, postgresql_stage
from ledger.backup.staging import sqlite_stage
from ledger.errors import BackupError, LedgerError, StoreError
from ledger.keys import KeyFolder
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.note import Signer, sign_note
from ledger.store.engine import open_engine, reading, writing
from ledger.store.migrate import configuration, upgrade
from ledger.store.revisions import newest
from ledger.store.sets import fetch
from tests.ledger.backup.archives import (
    PASSPHRASE,
    STAMP,
    back_up,
    elsewhere,
    entries,
    forged,
    lived,
    packed,
    put_back,
    sizes,
)
from tests.ledger.backup.test_backup_making import small_files
from tests.ledger.builders import Ledger, instance, seen

ORIGIN = "localhost/log/main"


@pytest.fixture
def path(ledger: Ledger, tmp_path: Path) -> Path:
    """Give the backup of a ledger of three events in two logs."""
    lived(ledger, "A", "B")
    lived(ledger, "C", slug="two")
    back_up(ledger, tmp_path / "backup")
    return tmp_path / "backup"


def state(ledger: Ledger) -> Any:
    """Return all that stands in the log, and what the keys' folder holds."""
    rows = ledger.rows("SELECT log_id, seq, bytes FROM entry ORDER BY log_id, seq")
    files = {one.name: one.read_bytes() for one in ledger.keys.folder.iterdir()}
    return [(log, seq, bytes(raw)) for log, seq, raw in rows], files


def leavings(ledger: Ledger) -> list[str]:
    """Return what a restore has left beside the ledger, of that which it should not."""
    if ledger.engine.dialect.name == "sqlite":
        file = database_file(ledger.engine)
        return [one.name for one in file.parent.glob(f"{file.name}.restoring*")]
    rows = ledger.rows("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'suyuan')")
    return [name for (name,) in rows]


def test_the_same_again(ledger: Ledger, path: Path) -> None:
    """A ledger that was changed behind its back is what it was, and the one before is kept."""
    before = state(ledger)
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM tile")
    done = put_back(ledger, path)
    assert done.replaced
    assert state(ledger) == before
    assert done.kept
    assert done.signed_by == (ORIGIN, "localhost/log/two")
    assert (done.lacking, done.keys, done.unpinned, done.keyless) == ([], [], [], [])
    assert [(one.log, one.size) for one in done.reports] == [(ORIGIN, 2), ("localhost/log/two", 1)]
    ledger.check()
    assert leavings(ledger) == []
    # It is a ledger to write to, whose ids go on.
    lived(ledger, "D", "E")
    ledger.check()
    assert put_back(ledger, state_of(ledger, path), stamp="later").replaced


def state_of(ledger: Ledger, path: Path) -> Path:
    """Make another backup beside a first one."""
    other = path.with_name("other")
    back_up(ledger, other, passphrase=PASSPHRASE)
    return other


def test_where_there_is_no_ledger(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    """On an empty machine all is there but the private keys, which is said."""
    keys = KeyFolder(tmp_path / "new" / "keys")
    if ledger.engine.dialect.name == "sqlite":
        other = elsewhere(tmp_path / "place")
    else:
        with writing(ledger.engine) as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        other = Ledger(ledger.engine, keys)
    done = put_back(other, path, keys=keys)
    assert done.kept is None
    assert done.unpinned == done.keyless == [ORIGIN, "localhost/log/two"]
    assert done.keys == ["localhost+log+main.vkey", "localhost+log+two.vkey"]
    assert sizes(other) == {"main": 2, "two": 1}
    assert keys.pin(ORIGIN).newest()
    Ledger(other.engine, keys).check()
    with pytest.raises(StoreError, match="can't be read"):
        keys.signer(ORIGIN)
    other.engine.dispose()


def test_with_keys(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    """An encrypted backup with keys makes an empty machine one that can be written to."""
    lived(sqlite_ledger, "A")
    (sqlite_ledger.keys.folder / "issued").mkdir()
    (sqlite_ledger.keys.folder / "issued" / "0950.mark").write_text("1 5\n")
    back_up(sqlite_ledger, tmp_path / "a", with_keys=True, passphrase=PASSPHRASE)
    other = elsewhere(tmp_path / "other")
    done = put_back(other, tmp_path / "a")
    assert done.keyless == []
    assert set(done.keys) == {
        "0950.mark",
        "localhost+log+main.key",
        "localhost+log+main.vkey",
    }
    assert (other.keys.folder / "localhost+log+main.key").stat().st_mode & 0o777 == 0o600
    other.logs = dict(sqlite_ledger.logs)
    lived(other, "B")
    other.check()
    with pytest.raises(BackupError, match="passphrase doesn't open"):
        put_back(other, tmp_path / "a", passphrase=lambda: "another passphrase")


def test_keys_are_never_replaced(sqlite_ledger: Ledger, path_of_one: Path) -> None:
    """A key of the same name that is here stays, whatever the backup has."""
    key = sqlite_ledger.keys.folder / "localhost+log+main.key"
    before = key.read_bytes()
    put_back(sqlite_ledger, path_of_one, passphrase=lambda: PASSPHRASE)
    assert key.read_bytes() == before


@pytest.fixture
def path_of_one(sqlite_ledger: Ledger, tmp_path: Path) -> Path:
    """Give an SQLite ledger's backup."""
    lived(sqlite_ledger, "A", "B")
    back_up(sqlite_ledger, tmp_path / "backup")
    return tmp_path / "backup"


def test_a_check_replaces_nothing(ledger: Ledger, path: Path) -> None:
    """It verifies all the same."""
    lived(ledger, "D", slug="three")
    before = state(ledger)
    keys = KeyFolder(path.parent / "none")
    done = put_back(ledger, path, keys=keys, check=True)
    assert (done.replaced, len(done.reports)) == (False, 2)
    assert state(ledger) == before
    assert not keys.folder.exists()
    assert leavings(ledger) == []


def test_no_damaged_backup_replaces_anything(ledger: Ledger, path: Path) -> None:
    """Wherever the file is damaged or cut off, the ledger and the keys stay as they are."""
    raw = path.read_bytes()
    before = state(ledger)
    places = [0, 11, 200, len(raw) // 3, len(raw) // 2, len(raw) - 300, len(raw) - 5]
    damaged = [raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :] for place in places]
    for changed in [*damaged, raw[: len(raw) // 2], raw[:-1], raw + raw, b"", b"nonsense" * 99]:
        with pytest.raises(BackupError):
            put_back(ledger, changed)
    assert state(ledger) == before
    assert leavings(ledger) == []


def test_an_older_backup_is_refused(ledger: Ledger, path: Path) -> None:
    """A backup that lacks signed entries would let the log be forked."""
    lived(ledger, "D")
    before = state(ledger)
    with pytest.raises(BackupError, match=r"2 entries in it, 3 are signed.*--recover"):
        put_back(ledger, path)
    assert state(ledger) == before


def test_what_others_know(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    """On a machine that knows nothing a customer's checkpoint says that entries are missing."""
    lived(ledger, "D")
    [(note,)] = ledger.rows("SELECT note FROM checkpoint WHERE log_id = 1 AND size = 3")
    keys = KeyFolder(tmp_path / "none")
    with pytest.raises(BackupError, match="3 are signed"):
        put_back(ledger, path, keys=keys, known=[note])
    with pytest.raises(BackupError, match="known checkpoint can't be used"):
        put_back(ledger, path, keys=keys, known=["nonsense"])
    stranger = Signer.generate("localhost/log/other")
    foreign = sign_checkpoint(Checkpoint("localhost/log/other", 5, bytes(32)), [stranger])
    with pytest.raises(BackupError, match="known checkpoint can't be used"):
        put_back(ledger, path, keys=keys, known=[foreign])
    [(note,)] = ledger.rows("SELECT note FROM checkpoint WHERE log_id = 1 AND size = 1")
    assert put_back(ledger, path, keys=keys, known=[note], check=True).reports


def test_another_history(ledger: Ledger, path: Path) -> None:
    """A signed checkpoint of the same size with another root is a fork, and no recovery mends it."""
    signer = ledger.keys.signer(ORIGIN)
    ledger.keys.pin(ORIGIN).keep(sign_checkpoint(Checkpoint(ORIGIN, 2, bytes(32)), [signer]))
    with pytest.raises(BackupError, match="another ledger, or its history was rewritten"):
        put_back(ledger, path)


def test_a_ledger_of_the_other_kind(
    ledger: Ledger, path: Path, tmp_path: Path, postgresql_url: str
) -> None:
    """A backup is restored to the kind of database that it is of."""
    if ledger.engine.dialect.name == "postgresql":
        other = elsewhere(tmp_path / "other").engine
    else:
        other = open_engine(postgresql_url)
    with pytest.raises(BackupError, match="same kind"):
        put_back(ledger, path, engine=other)
    other.dispose()


def test_a_manifest_that_others_signed(ledger: Ledger, path: Path) -> None:
    """A note that isn't of this manifest, or not by the pinned key, is refused."""
    members = dict(entries(path.read_bytes()))
    note = members["manifest.note"].decode()

    def with_note(text: bytes) -> bytes:
        return packed([*(members | {"manifest.note": text}).items()])

    stranger = Signer.generate(ORIGIN)
    for text, said in [
        (sign_note("suyuan/backup/1\nother\n", [stranger]).encode(), "isn't the one"),
        (b"nonsense", "malformed"),
        (note.replace("AAAA", "BBBB").encode() + b"\xff", "malformed"),
    ]:
        with pytest.raises(BackupError, match=said):
            put_back(ledger, with_note(text))
    begin = note.index("\n\n") + 2
    lines = note[begin:].splitlines(keepends=True)
    broken = lines[0][:-8] + ("A" if lines[0][-8] != "A" else "B") + lines[0][-7:]
    with pytest.raises(BackupError, match="isn't signed by the keys"):
        put_back(ledger, with_note((note[:begin] + broken).encode()))
    # Signed by nobody that is known here: said, and left to the verification.
    foreign = sign_note(note[: begin - 1], [Signer.generate("other")])
    assert put_back(ledger, with_note(foreign.encode()), check=True).signed_by == ()


def database(change: str) -> Any:
    """Return a change of an archive's SQLite database."""

    def changed(members: dict[str, bytes]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "db"
            file.write_bytes(members["database.sqlite"])
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.executescript(change)
            members["database.sqlite"] = file.read_bytes()

    return changed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END", "program 't'"),
        ("CREATE VIEW v AS SELECT 1", "program 'v'"),
        ("UPDATE event SET time = 5", "doesn't verify"),
        ("UPDATE alembic_version SET version_num = '0001'", "schema '0001'"),
        ("UPDATE log SET size = 1", "head of localhost/log/main"),
        ("UPDATE log SET origin = 'x/log/main', organisation = 'y'", "logs of the database"),
        ("DELETE FROM checkpoint WHERE size = 2", "head of localhost/log/main"),
    ],
)
def test_a_forged_database(
    sqlite_ledger: Ledger, path_of_one: Path, change: str, said: str
) -> None:
    """Whoever makes the archive anew doesn't get past the verification."""
    before = state(sqlite_ledger)
    with pytest.raises(BackupError, match=said):
        put_back(sqlite_ledger, forged(path_of_one.read_bytes(), database(change)))
    assert state(sqlite_ledger) == before


def test_a_database_that_is_none(sqlite_ledger: Ledger, path_of_one: Path) -> None:
    """Bytes that SQLite can't read, or finds damaged, go no further."""
    raw = path_of_one.read_bytes()
    with pytest.raises(BackupError, match="is damaged"):
        put_back(
            sqlite_ledger, forged(raw, lambda one: one.update({"database.sqlite": b"x" * 9000}))
        )

    def torn(members: dict[str, bytes]) -> None:
        whole = bytearray(members["database.sqlite"])
        whole[4096 * 2 : 4096 * 2 + 400] = b"\xff" * 400
        members["database.sqlite"] = bytes(whole)

    with pytest.raises(BackupError):
        put_back(sqlite_ledger, forged(raw, torn))


def test_a_newer_schema(ledger: Ledger, path: Path) -> None:
    """A backup of a newer version is refused with what to do."""
    with pytest.raises(LedgerError, match="newer"):
        put_back(ledger, forged(path.read_bytes(), lambda _: None, schema="9999"))


def test_an_older_schema_is_migrated(empty_database_url: str, tmp_path: Path) -> None:
    """A backup of an older version is brought to the newest schema before it is verified."""
    engine = open_engine(empty_database_url)
    upgrade(engine)
    old = Ledger(engine, KeyFolder(tmp_path / "keys"))
    lived(old, "A")
    with writing(engine) as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    made = back_up(old, tmp_path / "a")
    assert made.manifest.schema == "0002"
    put_back(old, tmp_path / "a")
    assert old.rows("SELECT version_num FROM alembic_version") == [(newest(),)]
    old.check()
    engine.dispose()


def test_another_program_has_it_open(ledger: Ledger, path: Path) -> None:
    """While a reader or writer is at work nothing is replaced; it goes on undisturbed."""
    before = state(ledger)
    other = open_engine(ledger.engine.url.render_as_string(hide_password=False))
    with reading(other) as connection:
        fetch(connection, "SELECT count(*) FROM log")
        staging_patience(ledger)
        with pytest.raises(StoreError, match="Another program"):
            put_back(ledger, path)
        assert fetch(connection, "SELECT count(*) FROM entry") == [(3,)]
    other.dispose()
    assert state(ledger) == before
    assert leavings(ledger) == []
    assert put_back(ledger, path).replaced


def staging_patience(_ledger: Ledger) -> None:
    """Don't wait for others to end."""
    staging._PATIENCE = 50  # type: ignore[misc]


def test_one_restore_at_a_time(ledger: Ledger, path: Path) -> None:
    """A second restore is refused while one is at work."""
    stage = sqlite_stage if ledger.engine.dialect.name == "sqlite" else postgresql_stage
    other = open_engine(ledger.engine.url.render_as_string(hide_password=False))
    with stage(other), pytest.raises(StoreError, match="Another restore"):
        put_back(ledger, path)
    other.dispose()
    assert put_back(ledger, path).replaced


def test_a_full_disk_in_a_restore(sqlite_ledger: Ledger, path_of_one: Path) -> None:
    """Where the space ends the ledger stays as it is."""
    before = state(sqlite_ledger)
    with small_files(50_000), pytest.raises(StoreError, match="can't be written"):
        put_back(sqlite_ledger, path_of_one)
    assert state(sqlite_ledger) == before
    assert leavings(sqlite_ledger) == []


def test_a_disk_that_is_too_small(
    sqlite_ledger: Ledger, path_of_one: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the ledger can't have its place is said before it is unpacked."""
    free = shutil.disk_usage(path_of_one.parent)._replace(free=100)
    monkeypatch.setattr("shutil.disk_usage", lambda _: free)
    with pytest.raises(StoreError, match="100 are free"):
        put_back(sqlite_ledger, path_of_one)


def test_keys_that_cannot_be_written(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    """Where a key can't be written the ledger isn't replaced either."""
    lived(sqlite_ledger, "A")
    marks = sqlite_ledger.keys.folder / "issued"
    marks.mkdir()
    (marks / "0950.mark").write_text("1 5\n")
    back_up(sqlite_ledger, tmp_path / "a", with_keys=True, passphrase=PASSPHRASE)
    keys = KeyFolder(tmp_path / "other")
    keys.folder.mkdir()
    (keys.folder / "issued").write_text("no folder")
    with pytest.raises(StoreError, match="keys' folder can't be written"):
        put_back(sqlite_ledger, tmp_path / "a", keys=keys)
    assert [one.name for one in tmp_path.glob("*before*")] == []


def test_a_damaged_ledger_is_replaced(sqlite_ledger: Ledger, path_of_one: Path) -> None:
    """A file that SQLite can't read is why backups are made; it is kept with its log of writes."""
    file = database_file(sqlite_ledger.engine)
    sqlite_ledger.engine.dispose()
    file.write_bytes(b"no database " * 1000)
    file.with_name(file.name + "-wal").write_bytes(b"old writes")
    done = put_back(sqlite_ledger, path_of_one)
    assert done.kept
    assert Path(done.kept).read_bytes().startswith(b"no database")
    assert Path(done.kept + "-wal").read_bytes() == b"old writes"
    assert not file.with_name(file.name + "-wal").exists()
    assert sizes(sqlite_ledger) == {"main": 2}
    sqlite_ledger.check()


def test_a_damaged_ledger_that_is_open(sqlite_ledger: Ledger, path_of_one: Path) -> None:
    """The locks of another program are seen on a damaged file too."""
    file = database_file(sqlite_ledger.engine)
    sqlite_ledger.engine.dispose()
    file.write_bytes(b"no database " * 1000)
    script = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+b');"
        " fcntl.lockf(f, fcntl.LOCK_SH, 510, 0x40000002); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(StoreError, match="Another program"):
            put_back(sqlite_ledger, path_of_one)
        process.communicate()
    assert file.read_bytes().startswith(b"no database")


def test_a_damaged_page(sqlite_ledger: Ledger, path_of_one: Path) -> None:
    """A ledger that opens and is damaged within is replaced as any other."""
    file = database_file(sqlite_ledger.engine)
    sqlite_ledger.engine.dispose()
    raw = bytearray(file.read_bytes())
    raw[100:200] = b"\xff" * 100
    file.write_bytes(raw)
    assert put_back(sqlite_ledger, path_of_one).kept
    sqlite_ledger.check()


def test_without_links(
    sqlite_ledger: Ledger, path_of_one: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file system has no links the old ledger is copied."""

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    before = sizes(sqlite_ledger)
    with monkeypatch.context() as patch:
        patch.setattr("os.link", refuse)
        done = put_back(sqlite_ledger, path_of_one)
    assert done.kept
    with closing(sqlite3.connect(done.kept)) as connection:
        assert dict(connection.execute("SELECT organisation, size FROM log")) == before


def test_the_new_file_resembles_the_old_one(sqlite_ledger: Ledger, path_of_one: Path) -> None:
    """Owner and mode stay: the server may run under another account than who restores."""
    file = database_file(sqlite_ledger.engine)
    file.chmod(0o640)
    put_back(sqlite_ledger, path_of_one)
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(9))
def test_a_crash_at_each_step(
    sqlite_ledger: Ledger,
    path_of_one: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
    *,
    after: bool,
) -> None:
    """Each durable step, lost or done and reported as failed, leaves the old ledger or the new."""
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM tile")  # so that old and new can be told apart
    sqlite_ledger.engine.dispose()
    calls = iter(range(1000))

    def failing(real: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            number = next(calls)
            if number == step and not after:
                raise OSError(5, "Input/output error")
            result = real(*args, **options)
            if number == step:
                raise OSError(5, "Input/output error")
            return result

        return call

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", failing(os.fsync))
        patch.setattr("os.link", failing(os.link))
        patch.setattr(Path, "replace", failing(Path.replace))
        with suppress(StoreError):
            put_back(sqlite_ledger, path_of_one)
    tiles = sqlite_ledger.count("tile")
    assert tiles in {0, 1}
    assert sizes(sqlite_ledger) == {"main": 2}
    # Whatever was left, the next restore makes it good.
    put_back(sqlite_ledger, path_of_one, stamp="again")
    sqlite_ledger.check()
    assert leavings(sqlite_ledger) == []


KILLED = """
import io, os, sys
from pathlib import Path
from ledger.backup import staging, schemas
from ledger.backup.restoring import restore
from ledger.keys import KeyFolder
from ledger.store.engine import open_engine
url, keys, path, place = sys.argv[1:]
seen = 0
def trace(name, real):
    def call(*args, **options):
        global seen
        seen += 1
        if seen == int(place):
            os.kill(os.getpid(), 9)
        return real(*args, **options)
    return call
for name in ("fsync", "link", "replace"):
    setattr(os, name, trace(name, getattr(os, name)))
from sqlalchemy import Connection
Connection.exec_driver_sql = trace("sql", Connection.exec_driver_sql)
Connection.commit = trace("commit", Connection.commit)
restore(open_engine(url), KeyFolder(Path(keys)), open(path, "rb"), passphrase=str, now=lambda: 5,
    stamp="killed")
print("done", seen)
"""


def test_killed_in_a_restore(ledger: Ledger, path: Path) -> None:
    """Killed anywhere in a restore, the ledger is the old one or the new one, and can be restored."""
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM tile")
    url = ledger.engine.url.render_as_string(hide_password=False)
    arguments = [sys.executable, "-c", KILLED, url, str(ledger.keys.folder), str(path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ledger.engine.dispose()
    sound = 0
    for place in (2, 5, 8, 12, 33, 60):
        done = subprocess.run(
            [*arguments, str(place)], env=environment, check=False, capture_output=True
        )
        assert done.returncode in {0, -9}, done.stderr.decode()
        assert sizes(ledger) == {"main": 2, "two": 1}
        assert ledger.count("entry") == 3
        sound += ledger.count("tile") == 2
        ledger.engine.dispose()
        if done.returncode == 0:
            break
    put_back(ledger, path)
    ledger.check()
    assert leavings(ledger) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace(b"COPY public.tile", b"COPY public.pg_class"), "isn't ours"),
        (
            lambda text: text.replace(b"COPY public.tile (", b"COPY public.tile (more, "),
            "isn't ours",
        ),
        (lambda text: text.replace(b"COPY public.tile", b"-- COPY"), "no table tile"),
        (lambda text: text[: text.index(b"COPY public.tile") + 60], "cut off"),
        (lambda text: text.replace(b"FROM stdin;\n1\t", b"FROM stdin;\none\t"), "isn't a ledger's"),
        (lambda text: b"COPY public.tile FROM PROGRAM 'id';\n" + text[:50], "no table"),
    ],
    ids=["other table", "other columns", "missing", "cut", "value", "program"],
)
def test_a_forged_dump(postgresql_ledger: Ledger, tmp_path: Path, change: Any, said: str) -> None:
    """Of a dump only the rows of our tables are taken; nothing of it is run."""
    lived(postgresql_ledger, "A")
    back_up(postgresql_ledger, tmp_path / "a")

    def changed(members: dict[str, bytes]) -> None:
        members["database.sql"] = change(members["database.sql"])

    with pytest.raises(BackupError, match=said):
        put_back(postgresql_ledger, forged((tmp_path / "a").read_bytes(), changed))
    postgresql_ledger.check()
    assert leavings(postgresql_ledger) == []


def test_long_rows(postgresql_ledger: Ledger, tmp_path: Path) -> None:
    """A row of any length passes in pieces."""
    lived(postgresql_ledger, "A")
    extension = {"https://example.org/note": "\\.\n" + "x" * 200_000}
    postgresql_ledger.send(
        {
            "@context": [
                "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
                {"e": "https://example.org/"},
            ],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-01T08:00:00Z",
            "epcisBody": {"eventList": [seen(instance("B")) | {"e:note": extension.popitem()[1]}]},
        }
    )
    back_up(postgresql_ledger, tmp_path / "a")
    assert put_back(postgresql_ledger, tmp_path / "a").reports[0].size == 2
    postgresql_ledger.check()


def test_what_the_server_refuses(
    postgresql_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another error of the server than a lock's is not called one."""
    lived(postgresql_ledger, "A")
    back_up(postgresql_ledger, tmp_path / "a")

    def fail(*_: object) -> None:
        raise OperationalError("x", {}, Exception("something"))

    monkeypatch.setattr(schemas, "_tables", fail)
    with pytest.raises(OperationalError):
        put_back(postgresql_ledger, tmp_path / "a")
    assert isinstance(PostgresqlStage.kind, str)


def test_a_rolled_back_file_is_not_written_to(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    """The file of the database put back by hand, past this program, is found by the next capture."""
    lived(sqlite_ledger, "A")
    file = database_file(sqlite_ledger.engine)
    sqlite_ledger.engine.dispose()
    shutil.copy(file, tmp_path / "old")
    lived(sqlite_ledger, "B")
    sqlite_ledger.engine.dispose()
    shutil.copy(tmp_path / "old", file)
    with pytest.raises(StoreError, match="older copy"):
        lived(sqlite_ledger, "C")
    assert sqlite_ledger.count("entry") == 1


def test_a_learnt_checkpoint_stops_writing(ledger: Ledger, tmp_path: Path) -> None:
    """A larger checkpoint that a witness holds is learnt, and the log behind it isn't written to."""
    lived(ledger, "A", "B")
    signer = ledger.keys.signer(ORIGIN)
    larger = sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), [signer])
    pin = ledger.keys.pin(ORIGIN)
    assert pin.learn(larger).size == 7
    with pytest.raises(StoreError, match="doesn't contain the checkpoint of 7"):
        lived(ledger, "C")
    smaller = sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)), [signer])
    assert pin.learn(smaller).size == 1
    newest_kept = pin.newest()
    assert newest_kept
    assert newest_kept[1].size == 7
    with pytest.raises(StoreError, match="was forked"):
        pin.learn(sign_checkpoint(Checkpoint(ORIGIN, 7, b"\x01" * 32), [signer]))
    assert open_checkpoint(larger, ORIGIN, [signer.verifier]).size == 7


def test_progress_of_a_restore(ledger: Ledger, path: Path) -> None:
    """Unpacking and the verification of each log are told."""
    told: dict[str, tuple[int, int]] = {}

    def progress(step: str, done: int, total: int) -> None:
        told[step] = done, total

    put_back(ledger, path, progress=progress)
    assert told.keys() == {"unpack", ORIGIN, "localhost/log/two"}
    assert all(done == total for done, total in told.values())
    assert gzip.decompress(path.read_bytes())
    assert STAMP
