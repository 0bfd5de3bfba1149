"""Documentation: what the product offers is named in it, and its links lead somewhere."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from identifiers.identification import ALL_REPAIRS
from identifiers.profiles import PROFILES
from identifiers.schemes.registry import READERS
from suyuan.cli import app
from suyuan.settings import PREFIX, Settings

LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+(?:\([^()]*\)[^()\s]*)*)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


def documents(repository: Path) -> list[Path]:
    """Return the pages that we wrote: those of the root and of docs."""
    return sorted([*repository.glob("*.md"), *(repository / "docs").rglob("*.md")])


@pytest.fixture(scope="module")
def text(repository: Path) -> str:
    """Return all that the README and the pages of docs say."""
    pages = [repository / "README.md", *(repository / "docs").rglob("*.md")]
    return "\n".join(page.read_text("utf-8") for page in pages)


def commands(command: Any, name: str) -> Iterator[str]:
    """Yield the full name of every command that can be run, as the command line knows them."""
    below = getattr(command, "commands", None)
    if not below:
        yield name
        return
    for word, child in below.items():
        if not child.hidden:
            yield from commands(child, f"{name} {word}")


def options(command: Any) -> Iterator[str]:
    """Yield the long options that stand before the command."""
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--") and not getattr(parameter, "hidden", False):
                yield option


def targets(repository: Path) -> list[str]:
    """Return the targets that `make help` explains."""
    makefile = (repository / "Makefile").read_text("utf-8")
    return re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the names that a link into the page may end with, one for each heading."""
    content = FENCE.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#{1,6} +(.*?) *#*$", content, re.MULTILINE)
    return {NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_reference_is_what_the_commands_say(repository: Path) -> None:
    """docs/commands.md is what `make reference` writes from the commands' own help."""
    done = subprocess.run(
        [sys.executable, repository / "tools" / "reference.py", "--check"],
        cwd=repository,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_every_command_is_documented(text: str) -> None:
    """Each command of the command line stands in the README or in docs, with its whole name."""
    names = set(commands(typer.main.get_command(app), "suyuan"))
    assert "suyuan demo" in names
    missing = [name for name in sorted(names) if not re.search(rf"{name}\b", text)]
    assert not missing


def test_every_global_option_is_documented(text: str) -> None:
    """Each option that stands before the command is named in the README or in docs."""
    named = set(options(typer.main.get_command(app)))
    missing = [option for option in sorted(named) if f"`{option}" not in text]
    assert not missing


def test_every_setting_is_documented(text: str) -> None:
    """Each environment variable that the product reads is named in the README or in docs."""
    names = [f"{PREFIX}{field}".upper() for field in Settings.model_fields]
    assert names
    assert not [name for name in names if f"`{name}`" not in text]


def test_every_scheme_repair_and_profile_is_documented(repository: Path) -> None:
    """Each scheme that is read, each repair and each profile stands in the page about codes."""
    page = (repository / "docs" / "codes.md").read_text("utf-8")
    names = {reader.scheme for reader in READERS} | ALL_REPAIRS | set(PROFILES)
    assert not sorted(name for name in names if f"`{name}`" not in page)


def test_every_target_is_documented(repository: Path) -> None:
    """Each target of the Makefile is named in the README, in docs or in CONTRIBUTING."""
    text = "\n".join(page.read_text("utf-8") for page in documents(repository))
    found = targets(repository)
    assert {"demo", "test", "lint", "types", "bench", "help", "pins"} <= set(found)
    assert not [name for name in found if f"make {name}" not in text]


def test_every_target_is_explained(repository: Path) -> None:
    """`make help` leaves out no target."""
    makefile = (repository / "Makefile").read_text("utf-8")
    declared = re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE)
    assert declared == targets(repository)


def test_relative_links_lead_somewhere(repository: Path) -> None:
    """Each link to a file of the repository finds it, and its anchor where it has one."""
    broken = []
    for page in documents(repository):
        content = CODE.sub("", FENCE.sub("", page.read_text("utf-8")))
        for found in LINK.findall(content):
            if EXTERNAL.match(found):
                continue
            path, _, anchor = unquote(found).partition("#")
            target = page.parent / path if path else page
            if not target.exists() or not target.resolve().is_relative_to(repository):
                broken.append(f"{page}: {found}")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                broken.append(f"{page}: {found}: no such heading")
    assert not broken


def test_decisions_are_numbered(repository: Path) -> None:
    """The records of decisions are numbered without a gap, and each says what it costs."""
    records = sorted((repository / "docs" / "adr").glob("*.md"))
    assert [record.name[:5] for record in records] == [
        f"{number:04}-" for number in range(1, len(records) + 1)
    ]
    for record in records:
        content = record.read_text("utf-8")
        assert content.startswith(f"# {int(record.name[:4])}. ")
        for heading in ("Status", "Context", "Options", "Decision", "Costs"):
            assert f"\n## {heading}\n" in content, f"{record}: no {heading}"


def test_every_threat_has_its_test(repository: Path) -> None:
    """Each row of the table of threats names tests, and they are there."""
    page = (repository / "docs" / "security.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and " --- " not in line][1:]
    assert len(rows) > 15
    for row in rows:
        named = re.findall(r"`(tests/[^`:]+\.py)::(\w+)`", row.split("|")[3])
        assert named, row
        for file, name in named:
            assert f"def {name}(" in (repository / file).read_text("utf-8"), (file, name)
