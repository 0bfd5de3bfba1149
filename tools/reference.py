"""Write docs/commands.md from the command line's own help (`make reference`).

With `--check` nothing is written: the program ends with 1 when the page and the commands differ.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = """\
# Commands

Written by `make reference` from what `suyuan --help` says. Global options stand before the command:
`suyuan --db URL --json trace CODE --direction forward`.

Exit status: 0 fine, 1 a finding (verification failed, a code was refused), 2 usage, 3 the
surroundings (no database, a lock, a full disk). An error is one sentence, with the likely fix.
"""


def cell(text: str | None) -> str:
    """Return a text as one cell of a table."""
    return " ".join((text or "").split()).replace("|", "\\|")


def parameter_row(parameter: Any) -> str:
    """Return the table row of an option or an argument."""
    if parameter.param_type_name == "argument":
        name = f"`{parameter.metavar or parameter.name.upper()}`"
    else:
        name = ", ".join(f"`{option}`" for option in [*parameter.opts, *parameter.secondary_opts])
    note = " (required)" if parameter.required else ""
    return f"| {cell(name)} | {cell(getattr(parameter, 'help', None))}{note} |"


def section(command: Any, name: str, level: int) -> Iterator[str]:
    """Yield the lines about a command, then those about the commands below it."""
    if level > 1:
        yield f"\n{'#' * level} {name}\n"
        yield inspect.cleandoc((command.help or "").partition("\f")[0])
    parameters = [
        parameter
        for parameter in command.params
        if not getattr(parameter, "hidden", False) and parameter.name != "help"
    ]
    if parameters:
        yield "\n| argument or option | meaning |\n| --- | --- |"
        yield from map(parameter_row, parameters)
    for word, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from section(child, f"{name} {word}", level + 1)


def page(app: typer.Typer) -> str:
    """Return the whole page about a command line."""
    command = typer.main.get_command(app)
    return HEAD + "\n".join(section(command, "suyuan", 1)) + "\n"


def main() -> int:
    """Write the page, or compare it when `--check` is given."""
    # Loaded late, so that the page of another command line can be made without loading ours.
    from suyuan.cli import app

    wanted = page(app)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted, "utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text("utf-8") == wanted:
        return 0
    sys.stderr.write("docs/commands.md differs from the commands: run `make reference`.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
