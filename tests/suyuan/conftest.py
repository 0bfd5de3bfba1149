"""The command line, run inside the test process or as a program of its own, on a ledger of the test's."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from suyuan.cli import _run
from tests.ledger.builders import document

PROGRAM = Path(sys.executable).with_name("suyuan")
"""The installed command."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)

    def sentence(self) -> str:
        """Return the error, which must be one line for people and never a traceback."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("suyuan: ")
        assert "Traceback" not in self.err
        assert "defect" not in self.err
        return lines[0].removeprefix("suyuan: ")


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The commands of `suyuan`, on one ledger."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    @property
    def database(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger.db"

    def __call__(self, *arguments: object, stdin: bytes = b"") -> Answer:
        """Run a command inside this process."""
        self.capsys.readouterr()
        with self.monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["suyuan", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            status = _run()
        out, err = self.capsys.readouterr()
        return Answer(status, out, err)

    def json(self, *arguments: object, stdin: bytes = b"") -> Any:
        """Run a command with --json, which must succeed, and return its value."""
        answer = self("--json", *arguments, stdin=stdin)
        assert answer.status == 0, answer
        assert not answer.err
        return answer.json

    def write(self, name: str, content: object) -> Path:
        """Write a file into the folder; what is neither bytes nor text is written as JSON."""
        file = self.folder / name
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return file

    def capture(self, *events: Mapping[str, Any], **fields: Any) -> Any:
        """Capture a document of events, which must be accepted, and return the report."""
        return self.json("capture", self.write("captured.json", document(*events, **fields)))

    def size(self) -> int:
        """Return the number of entries, after a verification that must find nothing."""
        value = self.json("verify")
        assert value["intact"]
        return sum(log["size"] for log in value["logs"])


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder as the working one, the home and the place of the ledger."""
    for name in [*os.environ]:
        if name.startswith("SUYUAN_") and name != "SUYUAN_VECTORS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SUYUAN_DB", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bare(
    surroundings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """Give the command line where there is no ledger yet."""
    return CommandLine(surroundings, monkeypatch, capsys)


@pytest.fixture
def suyuan(bare: CommandLine, sqlite_template: Path) -> CommandLine:
    """Give the command line on an empty, migrated ledger."""
    shutil.copyfile(sqlite_template, bare.database)
    return bare


Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def program(surroundings: Path) -> Program:
    """Give the installed command, run as a process of its own; options go to `subprocess.run`."""

    def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        given: dict[str, Any] = {
            "capture_output": True,
            "stdin": subprocess.DEVNULL,
            "encoding": "utf-8",
            "errors": "surrogateescape",
            "timeout": 60,
        }
        if "input" in options:
            del given["stdin"]
        before = options.pop("before", [])
        return subprocess.run(
            [*before, PROGRAM, *map(str, arguments)], check=False, **(given | options)
        )

    return run
