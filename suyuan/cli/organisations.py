"""`suyuan org` and `token`: who keeps a log here, and who may write to it."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger.access import issue_token, revoke_token, tokens
from ledger.errors import UsageError
from ledger.organisations import organisations
from ledger.store.engine import reading, writing
from ledger.times import as_text
from suyuan.cli.output import session_of

__all__ = ["register"]

app = typer.Typer(help="Organisations, each with its log.", no_args_is_help=True)
tokens_app = typer.Typer(help="API keys, needed to write.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add both groups to the app."""
    parent.add_typer(app, name="org")
    parent.add_typer(tokens_app, name="token")


@app.command("add")
def add(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    name: Annotated[str | None, typer.Option(help="Its name; the slug by default.")] = None,
) -> None:
    """Begin an organisation's log and make its signing key."""
    session = session_of(context)
    made = session.ledger().add_organisation(slug, name or slug)
    if session.as_json:
        session.value({"organisation": made.slug, "log": made.origin, "key": made.verifier_key})
    else:
        session.say(made.origin, f"verifier key, for others to pin: {made.verifier_key}")


@app.command("list")
def show(context: typer.Context) -> None:
    """List the organisations."""
    session = session_of(context)
    with reading(session.ledger().engine) as connection:
        found = organisations(connection)
    if session.as_json:
        session.value(
            [
                {"organisation": one.slug, "name": one.name, "log": one.origin, "size": one.size}
                for one in found
            ]
        )
    else:
        session.table(
            ("organisation", "name", "log", "entries"),
            ((one.slug, one.name, one.origin, one.size) for one in found),
        )


@tokens_app.command("issue")
def issue(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Whose log it may write to.")
    ] = None,
) -> None:
    """Make an API key; it is shown once and kept as its hash only."""
    session = session_of(context)
    if not name.strip():
        raise UsageError("Expected a name for the key, got nothing; say who or what will use it.")
    workspace = session.ledger()
    owner = workspace.organisation(organisation)
    with writing(workspace.engine) as connection:
        key = issue_token(connection, owner, name, workspace.now())
    if session.as_json:
        session.value({"key": key, "organisation": owner.slug, "name": name})
    else:
        session.say(key, "Keep it now: it can't be shown again.")


@tokens_app.command("list")
def show_tokens(context: typer.Context) -> None:
    """List the API keys that were issued, without the keys."""
    session = session_of(context)
    with reading(session.ledger().engine) as connection:
        found = tokens(connection)
    if session.as_json:
        session.value(
            [
                {
                    "id": one.row,
                    "organisation": one.organisation,
                    "name": one.name,
                    "created_at": as_text(one.created_at),
                    "revoked_at": as_text(one.revoked_at),
                }
                for one in found
            ]
        )
    else:
        session.table(
            ("id", "organisation", "name", "created", "revoked"),
            (
                (one.row, one.organisation, one.name, as_text(one.created_at),
                 as_text(one.revoked_at))
                for one in found
            ),
        )  # fmt: skip


@tokens_app.command("revoke")
def revoke(
    context: typer.Context,
    row: Annotated[int, typer.Argument(help="Its id in 'token list'.", min=1, max=2**63 - 1)],
) -> None:
    """Make an API key useless from now on."""
    session = session_of(context)
    workspace = session.ledger()
    with writing(workspace.engine) as connection:
        revoke_token(connection, row, workspace.now())
    if session.as_json:
        session.value({"id": row, "revoked": True})
    else:
        session.say(f"token {row} is revoked")
