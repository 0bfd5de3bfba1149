"""Commands whose modules are imported when they are asked for.

Every command together takes more than a second to import: pictures, labels, backups, the demo
worlds. A command waits for its own module alone, and a list of commands for none: their names and
what each does in a sentence stand in a table of `Late`.
"""

from __future__ import annotations

from collections import UserDict
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Late", "LateGroup"]


@dataclass(frozen=True, slots=True)
class Late:
    """A command, or a group of them, that is not yet imported."""

    module: str
    """Its module in `suyuan.cli`, whose `register` adds it to an app, maybe beside others."""
    words: str
    """The first sentence of its help."""

    def load(self, name: str) -> Any:
        """Import it and return Typer's command of this name."""
        app = typer.Typer(rich_markup_mode=None)
        import_module(f"suyuan.cli.{self.module}").register(app)
        return typer.main.get_group(app).commands[name]


class _Commands(UserDict[str, Any]):
    """Typer's commands by name; one that is late is imported when it is taken out."""

    def __getitem__(self, name: str) -> Any:
        found = self.data[name]
        if isinstance(found, Late):
            found = self.data[name] = found.load(name)
        return found


class LateGroup(TyperGroup):
    """A group of commands, with those of `late` behind its own."""

    late: ClassVar[Mapping[str, Late]] = {}

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._known = _Commands({**self.commands, **self.late})
        self.commands = self._known

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, _words(one)) for name, one in self._known.data.items()])


def _words(command: Any) -> str:
    return command.words if isinstance(command, Late) else command.get_short_help_str(100)
