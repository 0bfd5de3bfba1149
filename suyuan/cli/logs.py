"""`suyuan migrate`."""

from __future__ import annotations

import typer

from ledger.store.revisions import newest
from suyuan.cli.output import session_of

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("migrate")(_migrate)


def _migrate(context: typer.Context) -> None:
    """Make the ledger's tables, or bring them to the newest schema."""
    session = session_of(context)
    workspace = session.new_ledger()
    url = workspace.engine.url.render_as_string(hide_password=True)
    if session.as_json:
        session.value({"db": url, "schema": newest()})
    else:
        session.say(f"{url}: schema {newest()}")
