"""A light command waits for no library that it doesn't use, and the help for none."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from suyuan.cli import app
from suyuan.cli.late import Late
from tests.ledger.builders import family, instance
from tests.suyuan.conftest import CommandLine

RUN = """
import sys
from suyuan.cli import _run
sys.argv = ["suyuan", *sys.argv[1:]]
status = _run()
print(status, *sys.modules, file=sys.stderr)
"""

PICTURES = {"PIL", "barcode", "pypdfium2", "qrcode", "reportlab", "xlsxwriter", "zxingcpp"}
STORE = {"alembic", "cryptography", "ledger.keys", "ledger.store.engine", "msgspec", "sqlalchemy"}
SERVICE = {"graphene", "graphql", "jinja2", "starlette", "suyuan.app", "uvicorn"}
WRITERS = {
    "alembic",
    "cryptography.x509",
    "ledger.appending",
    "ledger.backup",
    "ledger.capture",
    "ledger.store.tables",
    "ledger.verification",
}
OTHERS = PICTURES | SERVICE | {"numpy", "rich.progress", "suyuan.demo"}


def run(repository: Path, *arguments: str) -> set[str]:
    """Run a command, which must succeed, in a process of its own; return what it imported."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=repository,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    status, *modules = done.stderr.split()
    assert status == "0", done.stderr
    return set(modules)


def test_help_imports_no_command(surroundings: Path, repository: Path) -> None:
    """The list of commands comes without a command, a setting or a library of theirs."""
    modules = run(repository, "--help")
    assert {one for one in modules if one.startswith("suyuan.")} == {
        "suyuan.cli",
        "suyuan.cli.late",
        "suyuan.cli.output",
        "suyuan.cli.visible",
        "suyuan.collector",
    }
    assert not modules & (OTHERS | STORE | {"identifiers", "labels", "scanners"})


@pytest.mark.parametrize("arguments", [["identify", "4006381333931"], ["--help"]])
def test_a_code_is_read_without_a_store(
    surroundings: Path, repository: Path, arguments: list[str]
) -> None:
    """What concerns codes alone imports no database, no cryptography and no picture."""
    assert not run(repository, "code", *arguments) & (OTHERS | STORE | {"suyuan.cli.issuing"})


@pytest.mark.parametrize("command", ["trace", "item"])
def test_what_reads_imports_no_writer(suyuan: CommandLine, repository: Path, command: str) -> None:
    """A question imports neither migrations nor what captures, backs up or verifies."""
    suyuan.capture(family(instance("BOX"), instance("CELL")))
    assert not run(repository, command, instance("CELL")) & (OTHERS | WRITERS)


def late_commands(command: Any, name: str) -> list[tuple[str, Late, Any]]:
    """Return each command that is imported late, before and after."""
    found = []
    for word, one in [*getattr(command.commands, "data", {}).items()]:
        loaded = command.commands[word]
        if isinstance(one, Late):
            found.append((f"{name} {word}", one, loaded))
        if hasattr(loaded, "commands"):
            found += late_commands(loaded, f"{name} {word}")
    return found


def test_the_list_says_what_the_commands_say() -> None:
    """What stands in the list of commands is the first sentence of each one's own help."""
    found = late_commands(typer.main.get_command(app), "suyuan")
    assert {name for name, _late, _loaded in found} >= {"suyuan trace", "suyuan code issue"}
    for name, late, loaded in found:
        assert late.words == loaded.get_short_help_str(100), name


def test_a_command_that_is_not_there(bare: CommandLine) -> None:
    """A mistyped command is answered with the nearest, without importing any."""
    answer = bare("verivy")
    assert answer.status == 2
    assert "Did you mean 'verify'? See 'suyuan --help'." in answer.sentence()
