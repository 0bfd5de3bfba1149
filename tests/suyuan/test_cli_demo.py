"""`suyuan demo` and `suyuan serve`."""

import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from suyuan.cli.demos import _settings
from suyuan.settings import Settings
from tests.suyuan.conftest import PROGRAM, CommandLine, Program

PACKS = 4


@pytest.fixture
def demo(bare: CommandLine) -> CommandLine:
    """Give the command line with no database named, as a newcomer has it."""
    bare.monkeypatch.delenv("SUYUAN_DB")
    return bare


def test_the_demo_twice(demo: CommandLine) -> None:
    """Captured once and shown; again, it adds nothing; changed by others, it is a finding."""
    first = demo("demo", "--no-serve", "--packs", PACKS)
    assert first.status == 0, first
    assert not first.err
    titles = ["Captured", "Backward", "Forward", "Verified", "Labels", "Look yourself"]
    assert [title for title in titles if f"\n{title}" not in first.out] == []
    assert "NOT" not in first.out
    assert max(len(line) for line in first.out.splitlines()) < 500
    assert "http://127.0.0.1:8000/graphql?query=" in first.out
    files = {path.name for path in (demo.folder / "demo").iterdir()}
    assert {"ledger.db", "keys", "labels.pdf"} <= files
    value = demo.json("demo", "--no-serve", "--packs", PACKS)
    assert value["holds"] is True
    assert value["intact"] is True
    assert value["events"]["accepted"] == 0
    assert value["events"]["duplicate"] > 100
    assert value["labels"]["printed"] == value["labels"]["matched"] > 0
    assert value["backward"]["lots"]
    assert f"{value['forward']['items']} items affected" in first.out
    assert sum(value["forward"]["holders"].values()) == value["forward"]["items"]
    assert value["checkpoint"].splitlines()[0] == "localhost/log/haiyan"
    assert value["checkpoint"].splitlines()[2] in first.out
    url = f"sqlite:///{demo.folder}/demo/ledger.db"
    assert demo("--db", url, "verify").status == 0
    with closing(sqlite3.connect(demo.folder / "demo/ledger.db")) as connection:
        connection.execute("UPDATE entry SET bytes = bytes || ' ' WHERE seq = 3")
        connection.commit()
    changed = demo("demo", "--no-serve", "--packs", PACKS)
    assert changed.status == 1
    assert "NOT intact" in changed.out
    assert "NOT as expected" in changed.out


def test_a_named_database_and_keys_are_used(
    demo: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was named is used; by default the demo keeps to its own folder."""
    by_default = _settings(Settings(), Path("demo"), "http://x")
    assert (by_default.db, by_default.keys) == ("sqlite:///demo/ledger.db", Path("demo/keys"))
    monkeypatch.setenv("SUYUAN_KEYS", "secret")
    named = _settings(Settings(db="sqlite:///other.db"), Path("demo"), "http://x")
    assert (named.db, named.keys, named.stem) == ("sqlite:///other.db", Path("secret"), "http://x")


def test_a_folder_that_is_a_file(demo: CommandLine) -> None:
    """The demo can't be made where a file stands."""
    demo.write("demo", "x")
    answer = demo("demo", "--no-serve", "--packs", PACKS)
    assert answer.status == 3
    assert answer.sentence()


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_serving_until_ctrl_c(suyuan: CommandLine) -> None:
    """The ledger is served until Ctrl-C, which is a good end; a taken port is told."""
    port = free_port()
    with subprocess.Popen(
        [PROGRAM, "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 30
        answered = b""
        while not answered and time.monotonic() < deadline:
            try:
                address = f"http://127.0.0.1:{port}/health"
                with urllib.request.urlopen(address, timeout=5) as response:
                    answered = response.read()
            except OSError:
                time.sleep(0.1)
        assert answered, process.poll()  # else the next line would serve for ever
        taken = suyuan("serve", "--port", port)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert taken.status == 3
    assert f"Can't listen on 127.0.0.1 port {port}: Address already in use." in taken.err
    assert process.returncode == 0, err
    assert out == ""
    assert err.splitlines() == [f"http://127.0.0.1:{port} serves sqlite:///{suyuan.database}"]


def test_serving_needs_a_ledger(program: Program) -> None:
    """Without a ledger nothing is served."""
    run = program("serve")
    assert run.returncode == 3
    assert "suyuan migrate" in run.stderr
