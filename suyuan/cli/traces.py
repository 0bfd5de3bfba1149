"""`suyuan trace`."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction, trace
from ledger.store.engine import reading
from ledger.times import as_text, parse_time
from suyuan.cli.given_codes import typed_code
from suyuan.cli.output import session_of
from suyuan.indexing import walker_of

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("trace")(_trace)


def _trace(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="A code in any form.")],
    *,
    direction: Annotated[
        Direction, typer.Option(help="forward: what it went into; backward: what it came from.")
    ] = Direction.FORWARD,
    as_of: Annotated[
        str | None, typer.Option(help="Leave out what happened after this event time.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="Leave out what the ledger received after this time.")
    ] = None,
    links: Annotated[
        list[Kind] | None,
        typer.Option(help="Follow these kinds of links only; may be repeated. By default all."),
    ] = None,
    depth: Annotated[int | None, typer.Option(help="The most links from the item.", min=1)] = None,
) -> None:
    """Trace what an item went into, or what it came from.

    The answer ends with the log heads that it is complete to, or with where and why it was cut.
    """
    session = session_of(context)
    workspace = session.ledger()
    with reading(workspace.engine) as connection:
        found = trace(
            connection,
            typed_code(session, code).uri,
            direction,
            as_of=None if as_of is None else parse_time(as_of),
            known_at=None if known_at is None else parse_time(known_at),
            kinds=tuple(links or Kind),
            depth=depth,
            walker=walker_of(workspace, connection),
        )
    if session.as_json:
        session.value(found.as_dict())
        return
    places = sum(item.container for item in found.items)
    among = f", {places} of them only as a place" if places else ""
    session.say(f"{found.root}: {len(found.items)} items {found.direction}{among}")
    session.table(
        ("depth", "code", "kind", "quantity", "status", "location", "holder"),
        (
            (
                item.depth,
                item.code + (" (place)" if item.container else ""),
                item.kind,
                " ".join(part for part in (item.quantity, item.unit) if part),
                item.status,
                item.location,
                item.holder,
            )
            for item in found.items
        ),
    )
    session.table(
        ("from", "to", "link", "time", "until"),
        (
            (link.source, link.target, link.kind, as_text(link.time), as_text(link.until))
            for link in found.links
        ),
    )
    if found.complete:
        heads = ", ".join(f"{origin} size {head.size}" for origin, head in found.heads.items())
        session.say(f"complete at {heads}")
    for reason, codes in found.cut:
        session.say(f"cut by {reason} at {len(codes)} items: {', '.join(codes[:5])}")
