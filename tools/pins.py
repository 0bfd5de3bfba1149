"""Write requirements/*.txt: every package of an installation, pinned and hashed (`make pins`).

What is wanted stands in pyproject.toml alone; this program reads it there and lets pip-compile
choose. Rules kept:

* Only packages with wheels are chosen: installing runs no foreign build and needs no compiler.
* The lists hold for every Python in `PYTHONS`; pip proves it without installing anything.
* Nothing of the machine enters them: no index, no folder, no option. The machine's own extra
  indexes are left out of the search: a file that only they have would fail its hash elsewhere.
* The lists agree with each other: each is made under the constraints of the one before.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
LISTS = {"runtime": ["build"], "test": ["build", "test"], "dev": ["build", "dev"]}
"""The lists, in the order of their making, and the dependency groups that each adds."""
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
HEAD = "# Written by `make pins` from pyproject.toml. Installing checks every file's hash.\n"
ONLY_WHEELS = "--only-binary=:all:"


def members(groups: dict[str, list[Any]], name: str) -> Iterator[str]:
    """Yield the requirements of a dependency group and of the groups it includes (PEP 735)."""
    for member in groups[name]:
        if isinstance(member, str):
            yield member
        else:
            yield from members(groups, member["include-group"])


def wanted(project: dict[str, Any], name: str) -> list[str]:
    """Return what one list must hold, as pyproject.toml says it."""
    found = set(project["project"]["dependencies"])
    for group in LISTS[name]:
        found.update(members(project["dependency-groups"], group))
    return sorted(found)


def environment() -> dict[str, str]:
    """Return our environment without the machine's extra indexes; its certificates stay."""
    drop = {"PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_REQUIRE_HASHES", "PIP_CONSTRAINT"}
    kept = {key: value for key, value in os.environ.items() if key not in drop}
    return {**kept, "PIP_CONFIG_FILE": os.devnull}


def compile_list(name: str, wants: list[str], constraints: Path | None, folder: Path) -> None:
    """Let pip-compile write one list; versions it already names are kept as long as they fit."""
    source, target = folder / f"{name}.in", ROOT / "requirements" / f"{name}.txt"
    lines = [f"-c {constraints}"] if constraints else []
    source.write_text("\n".join([*lines, *wants, ""]), "utf-8")
    command = [
        sys.executable,
        "-m",
        "piptools",
        "compile",
        "--quiet",
        "--no-config",
        "--strip-extras",
    ]
    command += ["--generate-hashes", "--allow-unsafe", "--no-header", "--no-annotate"]
    command += ["--no-emit-options", "--no-emit-index-url", "--no-emit-find-links"]
    command += [f"--pip-args={ONLY_WHEELS}", f"--output-file={target}", *sys.argv[1:], str(source)]
    subprocess.run(command, check=True, env=environment())
    target.write_text(HEAD + target.read_text("utf-8"), "utf-8")


def holding(text: str, python: str) -> str:
    """Return what a list names for one Python, without markers.

    Told to choose files for another Python, pip still reads the markers for the one that it runs
    on: it would look for files of packages that the list leaves out there.
    """
    kept = []
    holds = True
    for line in text.splitlines():
        entry = line
        if not line.startswith((" ", "#")):  # a requirement; its hashes are on the lines below
            name, _, marker = line.removesuffix("\\").partition(" ; ")
            other = {"python_version": python, "python_full_version": f"{python}.0"}
            holds = not marker or Marker(marker).evaluate(other)
            entry = f"{name.rstrip()} \\"
        if holds:
            kept.append(entry)
    return "\n".join(kept) + "\n"


def prove(name: str, folder: Path) -> None:
    """Have pip resolve a list for each Python, or end with its message."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    for python in PYTHONS:
        held = folder / f"{name}-{python}.txt"
        held.write_text(holding(text, python), "utf-8")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--ignore-installed",
        ]
        command += ["--require-hashes", ONLY_WHEELS, "--target=.", "--python-version", python]
        command += ["-r", str(held)]
        subprocess.run(command, check=True, env=environment(), cwd=folder)
        print(f"requirements/{name}.txt holds for Python {python}.")


def main() -> None:
    """Write and prove every list; further arguments (`--upgrade`) go to pip-compile."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    constraints = None
    with tempfile.TemporaryDirectory() as folder:
        for name in LISTS:
            compile_list(name, wanted(project, name), constraints, Path(folder))
            constraints = ROOT / "requirements" / f"{name}.txt"
            prove(name, Path(folder))


if __name__ == "__main__":
    main()
