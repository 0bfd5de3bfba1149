"""`suyuan trace`."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger.genealogy.roles import Kind  # noqa: TC001 - typer reads it
from ledger.genealogy.selecting import Selection, narrowed
from ledger.genealogy.stages import Stage  # noqa: TC001 - typer reads it
from ledger.genealogy.trace import Direction, trace
from ledger.projection import canonical_code
from ledger.store.engine import reading
from ledger.times import as_text, parse_time
from suyuan.cli.given_codes import typed_code
from suyuan.cli.output import session_of

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
    since: Annotated[
        str | None,
        typer.Option(help="Only what the item was from this event time on: a gauge, a bad batch."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only what the item was up to this event time.")
    ] = None,
    links: Annotated[
        list[Kind] | None,
        typer.Option(
            help="Follow these kinds of links only; may be repeated. By default all but measured,"
            " which is followed forward from an instrument."
        ),
    ] = None,
    product: Annotated[
        str | None, typer.Option(help="Show items of this product only: a code in any form.")
    ] = None,
    party: Annotated[
        str | None, typer.Option(help="Show only what this party holds: its code, or a name.")
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="Show only what is at this place: its code.")
    ] = None,
    stage: Annotated[
        Stage | None, typer.Option(help="Show only what is in this stage of its life.")
    ] = None,
    depth: Annotated[int | None, typer.Option(help="The most links from the item.", min=1)] = None,
) -> None:
    """Trace what an item went into, or what it came from.

    The answer ends with the log heads that it is complete to, or with where and why it was cut.
    """
    session = session_of(context)
    selection = Selection(
        product=None if product is None else typed_code(session, product).uri,
        party=None if party is None else canonical_code(party).uri,
        place=None if place is None else canonical_code(place).uri,
        stage=stage,
    )
    with reading(session.ledger().engine) as connection:
        found = trace(
            connection,
            typed_code(session, code).uri,
            direction,
            as_of=None if as_of is None else parse_time(as_of),
            known_at=None if known_at is None else parse_time(known_at),
            kinds=tuple(links) if links else None,
            since=None if since is None else parse_time(since),
            until=None if until is None else parse_time(until),
            depth=depth,
        )
    found = narrowed(found, selection)
    if session.as_json:
        session.value(found.as_dict())
        return
    places = sum(item.container for item in found.items)
    among = f", {places} of them only as a place" if places else ""
    left_out = f", {found.left_out} more are not shown" if found.left_out else ""
    session.say(f"{found.root}: {len(found.items)} items {found.direction}{among}{left_out}")
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
    for end in found.open_ends:
        session.say(f"open end: {end.code} ({end.reason.value}{_since(end.since)})")
    for question in found.questions:
        said = f", event {question.event}" if question.event else ""
        session.say(f"question: {question.topic.value}: {', '.join(question.codes[:5])}{said}")
    if found.complete:
        heads = ", ".join(f"{origin} size {head.size}" for origin, head in found.heads.items())
        session.say(f"complete at {heads}")
    for reason, codes in found.cut:
        session.say(f"cut by {reason} at {len(codes)} items: {', '.join(codes[:5])}")


def _since(time: int | None) -> str:
    return "" if time is None else f", since {as_text(time)}"
