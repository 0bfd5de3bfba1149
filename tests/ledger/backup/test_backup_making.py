"""Making a backup: while others write, whole or not at all, with what is needed and no more."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.backup import dump, making
from ledger.backup.archive import MAX_SMALL
from ledger.backup.dump import dumped, exclusive_file
from ledger.errors import StoreError, UsageError
from ledger.keys import KeyFolder
from ledger.store.engine import open_engine
from tests.ledger.backup.archives import (
    PASSPHRASE,
    back_up,
    elsewhere,
    entries,
    lived,
    put_back,
    sizes,
)
from tests.ledger.builders import Ledger, instance, seen


def names(path: Path) -> list[str]:
    """Return the names of an archive's members."""
    return [name for name, _raw in entries(path.read_bytes())]


def test_what_is_in_a_backup(ledger: Ledger, tmp_path: Path) -> None:
    """Checkpoints, verifier keys and the database; no private key, and its mode is 0600."""
    lived(ledger, "A", "B")
    ledger.organisation("empty")
    path = tmp_path / "one.suyuan"
    made = back_up(ledger, path)
    kind = ledger.engine.dialect.name
    assert names(path) == [
        "manifest.json",
        "manifest.note",
        "checkpoints/localhost+log+main.checkpoint",
        "keys/localhost+log+empty.vkey",
        "keys/localhost+log+main.vkey",
        "database.sqlite" if kind == "sqlite" else "database.sql",
    ]
    assert made.size == path.stat().st_size
    assert path.stat().st_mode & 0o777 == 0o600
    assert [(one.organisation, one.size) for one in made.manifest.logs] == [
        ("empty", 0),
        ("main", 2),
    ]
    assert made.signed_by == ("localhost/log/empty", "localhost/log/main")
    assert not made.encrypted
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_keys_are_in_it_only_when_asked_for_and_encrypted(ledger: Ledger, tmp_path: Path) -> None:
    """With the option each key and mark goes with it; what is no key of ours doesn't."""
    lived(ledger, "A")
    (ledger.keys.folder / "issued").mkdir()
    (ledger.keys.folder / "issued" / "0950.mark").write_text("1 5\n")
    (ledger.keys.folder / "issuing-v1.secret").write_text("secret")
    (ledger.keys.folder / "a b.key").write_text("no name of ours")
    (ledger.keys.folder / "large.key").write_bytes(bytes(MAX_SMALL + 1))
    (ledger.keys.folder / "folder.key").mkdir()
    with pytest.raises(UsageError, match="add --encrypt"):
        back_up(ledger, tmp_path / "open", with_keys=True)
    made = back_up(ledger, tmp_path / "locked", with_keys=True, passphrase=PASSPHRASE)
    assert made.encrypted
    assert (tmp_path / "locked").read_bytes().startswith(b"age-encryption.org/v1\n")
    assert [one.name for one in made.manifest.members if one.name.startswith("keys/")] == [
        "keys/issued/0950.mark",
        "keys/issuing-v1.secret",
        "keys/localhost+log+main.key",
        "keys/localhost+log+main.vkey",
    ]


def test_a_short_passphrase(ledger: Ledger, tmp_path: Path) -> None:
    """What can be guessed is refused before anything is read."""
    with pytest.raises(UsageError, match="at least 12"):
        back_up(ledger, tmp_path / "a", passphrase="short")  # noqa: S106 - too short is the point


def test_without_keys_at_hand(ledger: Ledger, tmp_path: Path) -> None:
    """A ledger whose keys are lost is backed up all the same, unsigned."""
    lived(ledger, "A")
    ledger.keys = KeyFolder(tmp_path / "none")
    made = back_up(ledger, tmp_path / "a")
    assert made.signed_by == ()
    assert "manifest.note" not in names(tmp_path / "a")


def test_nothing_is_overwritten(ledger: Ledger, tmp_path: Path) -> None:
    """A file that is there stays, unless it is to be replaced; a folder always stays."""
    path = tmp_path / "a"
    path.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        back_up(ledger, path)
    assert path.read_text() == "mine"
    back_up(ledger, path, replace=True)
    assert names(path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="is no file"):
        back_up(ledger, tmp_path / "folder", replace=True)


def test_a_file_that_came_meanwhile(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that somebody makes while the backup is written isn't overwritten either."""
    path = tmp_path / "a"
    monkeypatch.setattr(making, "_refuse_existing", lambda *_, **__: path.write_text("mine"))
    with pytest.raises(StoreError, match="can't be written: File exists"):
        back_up(ledger, path)
    assert path.read_text() == "mine"
    assert not (tmp_path / ".a.new").exists()


def test_progress(ledger: Ledger, tmp_path: Path) -> None:
    """Both steps are told, and end with all that there is to do."""
    lived(ledger, "A")
    told: dict[str, tuple[int, int]] = {}

    def progress(step: str, done: int, total: int) -> None:
        told[step] = done, total

    made = back_up(ledger, tmp_path / "a", progress=progress)
    assert told["write"] == (made.manifest.members[-1].size,) * 2
    assert all(done == total for done, total in told.values())
    assert ("copy" in told) == (ledger.engine.dialect.name == "sqlite")


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("size", [1000, 9000])
def test_a_full_disk(ledger: Ledger, tmp_path: Path, size: int) -> None:
    """Where the space ends, in the copy or in the archive, nothing is left and nothing replaced."""
    lived(ledger, "A")
    path = tmp_path / "a"
    path.write_text("mine")
    before = set(tmp_path.iterdir())
    with small_files(size), pytest.raises(StoreError) as caught:
        back_up(ledger, path, replace=True)
    assert "pace" in caught.value.fix or "full" in caught.value.fix
    assert path.read_text() == "mine"
    assert {one.name for one in set(tmp_path.iterdir()) - before} == set()
    ledger.check()


def test_a_full_disk_at_the_archive(
    sqlite_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the copy found its place and the archive doesn't."""
    lived(sqlite_ledger, "A")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ledger.backup.archive.ArchiveWriter.finish", fail)
    with pytest.raises(StoreError, match="No space left"):
        back_up(sqlite_ledger, tmp_path / "a")
    assert not [one for one in tmp_path.iterdir() if one.name.endswith((".new", "backing-up"))]


def test_one_at_a_time(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    """Two backups of one SQLite ledger would write to one copy: the second is refused."""
    spool = dump.database_file(sqlite_ledger.engine).name + ".backing-up"
    with (
        exclusive_file(tmp_path / spool, "backup"),
        pytest.raises(StoreError, match="Another backup"),
    ):
        back_up(sqlite_ledger, tmp_path / "a")
    assert back_up(sqlite_ledger, tmp_path / "a").size


def test_a_file_whose_name_went_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the one before us removes while we open it is nobody's."""
    monkeypatch.setattr("fcntl.flock", lambda *_: (tmp_path / "a").unlink())
    with pytest.raises(StoreError, match="Another thing"), exclusive_file(tmp_path / "a", "thing"):
        pytest.fail("it was handed out")


def test_a_file_that_is_no_file(tmp_path: Path) -> None:
    """A link that somebody put there is not followed."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    with pytest.raises(StoreError, match="can't be written"), exclusive_file(tmp_path / "a", "x"):
        pytest.fail("it was followed")


def test_eight_writers(ledger: Ledger, tmp_path: Path) -> None:
    """Backups made while eight captures run verify, and hold a whole prefix of the log."""
    owner = ledger.organisation()
    stop = threading.Event()
    failed: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            for number in range(10_000):
                if stop.is_set():
                    return
                ledger.take(seen(instance(f"{worker}-{number}")))
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    held = []
    try:
        for number in range(3):
            time.sleep(0.2)
            held.append(back_up(ledger, tmp_path / str(number)).manifest.logs[0])
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failed
    known = dict(ledger.rows("SELECT size, note FROM checkpoint"))
    for number, head in enumerate(held):
        assert head.checkpoint == known.get(head.size)
        other = KeyFolder(tmp_path / f"keys{number}")
        done = put_back(ledger, tmp_path / str(number), keys=other, check=True)
        assert [(one.log, one.size) for one in done.reports] == [(owner.origin, head.size)]
    assert held[0].size < held[-1].size


SCRIPT = """
import sys
from pathlib import Path
from ledger.backup.making import make_backup
from ledger.keys import KeyFolder
from ledger.store.engine import open_engine
url, keys, path = sys.argv[1:]
def progress(step, done, total):
    print(step, flush=True)
    sys.stdin.readline()
make_backup(open_engine(url), KeyFolder(Path(keys)), Path(path), now=lambda: 5, product="0",
    replace=True, progress=progress)
"""


@pytest.mark.parametrize("step", ["copy", "write"])
def test_killed(sqlite_ledger: Ledger, tmp_path: Path, step: str) -> None:
    """A backup that is killed leaves the one before; the next one takes its leavings over."""
    lived(sqlite_ledger, "A")
    path = tmp_path / "a"
    back_up(sqlite_ledger, path)
    before = path.read_bytes()
    url = sqlite_ledger.engine.url.render_as_string()
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, url, str(sqlite_ledger.keys.folder), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdin
        assert process.stdout
        for line in process.stdout:
            if line.decode().strip() == step:
                break
            process.stdin.write(b"\n")
            process.stdin.flush()
        process.kill()
    assert path.read_bytes() == before
    lived(sqlite_ledger, "B")
    back_up(sqlite_ledger, path, replace=True)
    other = elsewhere(tmp_path / "other")
    put_back(other, path)
    assert sizes(other) == {"main": 2}


def test_another_pg_dump(
    postgresql_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pg_dump that is missing or older than the server is named with what to install."""
    monkeypatch.setattr(dump, "_SERVER_PROGRAMS", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="there is none") as caught:
        back_up(postgresql_ledger, tmp_path / "a")
    assert "postgresql-client-" in caught.value.fix
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    program.chmod(0o755)
    with pytest.raises(StoreError, match="only version 9"):
        back_up(postgresql_ledger, tmp_path / "a")
    program.write_text("#!/bin/sh\necho 'something else'\n")
    with pytest.raises(StoreError, match="there is none"):
        back_up(postgresql_ledger, tmp_path / "a")


def test_pg_dump_that_fails(
    postgresql_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pg_dump said is repeated; the password reaches it by the environment alone."""
    program = tmp_path / "pg_dump"
    program.write_text(
        '#!/bin/sh\nif [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.1"; exit 0; fi\n'
        'echo "pw=$PGPASSWORD $*" >&2; exit 1\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(dump, "_SERVER_PROGRAMS", tmp_path / "none")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    url = postgresql_ledger.engine.url.set(password="geheim")  # noqa: S106 - it must not be shown
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        with pytest.raises(StoreError) as caught, dumped(engine):
            pytest.fail("it went on")
    finally:
        engine.dispose()
    assert "pg_dump failed" in str(caught.value)
    assert str(caught.value).count("geheim") <= 1
    assert "suyuan:geheim" not in str(caught.value)


def test_a_copy_that_nobody_watches(sqlite_ledger: Ledger) -> None:
    """Progress is told to those who listen; the copy is a database of its own."""
    lived(sqlite_ledger, "A")
    with dumped(sqlite_ledger.engine) as copied:
        assert copied.file.read(15) == b"SQLite format 3"
        assert [head.size for head in copied.heads] == [1]


def test_where_large_files_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """TMPDIR when it is set, else /var/tmp, which is on a disk where /tmp may be memory."""
    monkeypatch.setenv("TMPDIR", "/somewhere")
    assert dump._large_folder() is None
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr("os.access", lambda *_: True)
    assert dump._large_folder() == "/var/tmp"  # noqa: S108 - the answer
    monkeypatch.setattr("os.access", lambda *_: False)
    assert dump._large_folder() is None
