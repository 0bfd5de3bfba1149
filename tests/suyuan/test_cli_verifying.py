"""`suyuan verify` with its options: marks, kept checkpoints, copies, tiles."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.keys import KeyFolder
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.tiles import tile_path
from ledger.store.engine import open_engine, reading
from ledger.store.sets import fetch
from ledger.verification import Scope
from suyuan.cli import verifying
from tests.ledger.builders import instance, seen
from tests.suyuan.conftest import CommandLine, Program

ORIGIN = "localhost/log/main"
FULL = 300


@pytest.fixture
def filled(suyuan: CommandLine) -> CommandLine:
    """Give a ledger of three events."""
    suyuan.capture(seen(instance("A")), seen(instance("B")), seen(instance("C")))
    return suyuan


def key_of(suyuan: CommandLine) -> str:
    """Return the log's verifier key."""
    [listed] = suyuan.json("key", "list")
    return str(listed["key"])


def test_a_second_run_builds_upon_the_first(filled: CommandLine) -> None:
    """A mark is kept beside the keys, and a cut log contradicts it."""
    assert filled.json("verify")["logs"][0]["read"] == 3
    mark = filled.folder / "keys/verified/localhost+log+main.verified"
    assert mark.read_text("utf-8").startswith(f"suyuan/verified-mark/1\n{ORIGIN}\n3\n")
    assert filled.json("verify", "--full")["logs"][0]["read"] == 3
    mark.write_text("forged", "utf-8")
    answer = filled("verify")
    assert answer.status == 0
    assert "can't be trusted, so all is read again" in answer.err
    assert filled("verify").err == ""


def test_the_part_that_was_read_is_told(
    filled: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an earlier run vouches for a part, people see how much was read."""
    filled.capture(*(seen(instance(f"D{number}")) for number in range(FULL)))
    scope = Scope
    monkeypatch.setattr(verifying, "Scope", lambda **given: scope(width=256, **given))
    assert ", 303 entries, root" in filled("verify").out
    assert ", 303 entries, 303 of them read again, root" in filled("verify").out
    answer = filled("verify")
    assert answer.status == 0
    assert ", 303 entries, 47 of them read again, root" in answer.out


def test_against_a_kept_checkpoint(filled: CommandLine) -> None:
    """An older checkpoint is contained; a forked one is a finding, another log's a wrong question."""
    kept = filled.write("kept", filled("checkpoint").out)
    filled.capture(seen(instance("D")))
    assert filled("verify", "--against", kept).status == 0
    signer = KeyFolder(filled.folder / "keys").signer(ORIGIN)
    forked = sign_checkpoint(Checkpoint(ORIGIN, 3, b"\1" * 32), [signer])
    answer = filled("verify", "--against", kept, "--against", filled.write("forked", forked))
    assert answer.status == 1
    assert "seq 2, root (checkpoint)" in answer.out
    changed = kept.read_text("utf-8").replace("\n3\n", "\n2\n")
    answer = filled("verify", "--against", filled.write("changed", changed))
    assert answer.status == 1
    assert "does not hold" in answer.sentence()
    other = kept.read_text("utf-8").replace("/main", "/other")
    answer = filled("verify", "--against", filled.write("other", other))
    assert answer.status == 2
    assert "no such log here" in answer.sentence()
    assert filled("verify", "--against", "missing").status == 3


def test_the_log_alone_and_by_several_processes(filled: CommandLine) -> None:
    """Both give the same answer as the whole by one."""
    whole = filled.json("verify", "--full")
    assert filled.json("verify", "--hash-only") == whole
    assert filled.json("verify", "--full", "--jobs", 2) == whole
    assert filled("verify", "--jobs", 0).status == 2


def test_large_ledgers_get_a_process_for_each_processor(
    filled: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From some size on further processes are worth their start."""
    monkeypatch.setattr(verifying, "_WORTH", {True: 1, False: 1})
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert filled.json("verify")["intact"]


def test_a_copy_of_the_file(filled: CommandLine) -> None:
    """With the key named, a copy is read and nothing is written beside it."""
    key = key_of(filled)
    filled("verify")
    folder = filled.folder / "copied"
    folder.mkdir()
    with (
        closing(sqlite3.connect(filled.database)) as source,
        closing(sqlite3.connect(folder / "copy.db")) as target,
    ):
        source.backup(target)
    (folder / "copy.db").chmod(0o400)
    db = f"sqlite:///{folder / 'copy.db'}"
    answer = filled("--db", db, "verify", "--key", key)
    assert (answer.status, answer.err) == (0, "")
    assert "intact, 3 entries" in answer.out
    assert filled("--db", db, "verify", "--key", key, "-o", "nobody").status == 2
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    (folder / "copy.db-wal").write_bytes(b"x")
    answer = filled("--db", db, "verify", "--key", key)
    assert answer.status == 3
    assert "write-ahead log" in answer.sentence()
    assert filled("--db", db, "verify", "--key", "none").status == 2


def export(suyuan: CommandLine, folder: Path) -> Path:
    """Write the log's static files, as they are served."""
    engine = open_engine(f"sqlite:///{suyuan.database}")
    with reading(engine) as connection:
        tiles = fetch(connection, 'SELECT level, "index", hashes FROM tile')
        entries = [row[0] for row in fetch(connection, "SELECT bytes FROM entry ORDER BY seq")]
        [(note,)] = fetch(connection, "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
    engine.dispose()
    files = {tile_path(level, index, len(raw) // 32): raw for level, index, raw in tiles}
    bundle = b"".join(len(one).to_bytes(2) + one for one in entries)
    files[f"tile/entries/000.p/{len(entries)}"] = bundle
    files["checkpoint"] = note.encode()
    for path, raw in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
    return folder


def test_a_folder_of_tiles(filled: CommandLine) -> None:
    """Tiles, entries and a checkpoint need no ledger at all."""
    folder = export(filled, filled.folder / "static")
    key = key_of(filled)
    filled.database.unlink()
    answer = filled("verify", "--tiles", folder, "--key", key)
    assert (answer.status, answer.err) == (0, "")
    assert f"{ORIGIN}: intact, 3 entries, root " in answer.out
    raw = (folder / "tile/entries/000.p/3").read_bytes()
    (folder / "tile/entries/000.p/3").write_bytes(raw.replace(b"OBSERVE", b"OBSERVF"))
    answer = filled("--json", "verify", "--tiles", folder, "--key", key)
    assert answer.status == 1
    assert [one["seq"] for one in answer.json["logs"][0]["findings"]] == [0, 1, 2]
    shutil.rmtree(folder / "tile/entries")
    answer = filled("verify", "--tiles", folder, "--key", key)
    assert answer.status == 0
    assert "The folder holds 0 of the 3 entries" in answer.err
    assert filled("verify", "--tiles", folder / "tile", "--key", key).status == 3
    other = key.replace("+", "x+", 1)
    assert filled("verify", "--tiles", folder, "--key", other).status == 2


@pytest.mark.parametrize(
    "option", [["--full"], ["--hash-only"], ["-o", "main"], ["--against", "x"]]
)
def test_options_that_tiles_do_not_have(filled: CommandLine, option: list[str]) -> None:
    """What a folder of tiles can't answer is a wrong question; so is one without a key."""
    key = key_of(filled)
    assert filled("verify", "--tiles", ".", "--key", key, *option).status == 2
    assert "give --key" in filled("verify", "--tiles", ".").sentence()


def test_the_installed_command_works_with_processes(program: Program, filled: CommandLine) -> None:
    """Helpers are started anew from the installed command too."""
    done = program("verify", "--full", "--jobs", 3)
    assert done.returncode == 0, done.stderr
    assert "intact, 3 entries" in done.stdout
    assert done.stderr == ""
