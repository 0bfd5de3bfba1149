"""`suyuan personal` and `erase`: fields that are personal, what they hold, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import typer

from identifiers import parse_item_code
from ledger.erasing import (
    Choice,
    certificates,
    declare,
    erase,
    personal_values,
    scrub,
)
from ledger.errors import StoreError, UsageError
from ledger.personal import declared_fields
from ledger.recovery import lineage
from ledger.store.engine import reading
from ledger.store.sets import fetch_in
from ledger.times import as_text
from suyuan.cli.output import replacing, session_of

if TYPE_CHECKING:
    from ledger.erasing import PersonalValue
    from ledger.organisations import Organisation
    from suyuan.cli.output import Session
    from suyuan.workspace import Workspace

__all__ = ["register"]

app = typer.Typer(help="Personal fields, sealed in the log.", no_args_is_help=True)

_DAY: Final = 24 * 3600 * 1_000_000  # microseconds

_Fields = Annotated[
    list[str],
    typer.Argument(metavar="FIELD...", help="Full names, such as https://example.com/ns/customer."),
]
_Owner = Annotated[str | None, typer.Option("--organisation", "-o", help="Whose log is meant.")]
_Submitter = Annotated[
    str | None, typer.Option(help="Who does it; stands in the log. The organisation by default.")
]
_Code = Annotated[
    str | None,
    typer.Option("--code", help="In events that name this item, or master data about this code."),
]
_Event = Annotated[str | None, typer.Option("--event", help="In the event with this eventID.")]
_Field = Annotated[str | None, typer.Option("--field", help="Of the field with this full name.")]
_Value = Annotated[
    str | None, typer.Option("--value", help="With this text, whole, as the value or inside it.")
]
_Days = Annotated[
    int | None,
    typer.Option("--older-than", min=0, max=1_000_000, help="Received so many days ago or more."),
]


def register(parent: typer.Typer) -> None:
    """Add the command and the group to the app."""
    parent.command("erase")(_erase)
    parent.add_typer(app, name="personal")


@app.command("declare")
def _declare(
    context: typer.Context,
    fields: _Fields,
    organisation: _Owner = None,
    submitter: _Submitter = None,
) -> None:
    """Let the values of fields be sealed from now on.

    An extension field of events, or an attribute of master data. Its values then stand beside the
    log, which only commits to them, and can be erased. What was captured before isn't reached.
    """
    _change(context, organisation, submitter, add=fields)


@app.command("withdraw")
def _withdraw(
    context: typer.Context,
    fields: _Fields,
    organisation: _Owner = None,
    submitter: _Submitter = None,
) -> None:
    """Let the values of fields stand in the log again from now on; sealed ones stay sealed."""
    _change(context, organisation, submitter, remove=fields)


def _change(
    context: typer.Context,
    organisation: str | None,
    submitter: str | None,
    *,
    add: list[str] | None = None,
    remove: list[str] | None = None,
) -> None:
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.organisation(organisation)
    fields = declare(
        workspace.access(owner), add or [], remove or [], submitter=submitter or owner.slug
    )
    if session.as_json:
        session.value({"log": owner.origin, "fields": sorted(fields)})
    else:
        session.say(f"personal in {owner.origin}:", *(sorted(fields) or ["nothing"]))


@app.command("list")
def _list(context: typer.Context, organisation: _Owner = None) -> None:
    """List the personal fields, and how many values are there or erased."""
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.organisation(organisation)
    with reading(workspace.engine) as connection:
        fields = sorted(declared_fields(connection, owner.row))
        [(kept, erased)] = fetch_in(
            connection,
            "SELECT count(value), count(*) - count(value) FROM personal_value WHERE log_id {ids}",
            [owner.row, *lineage(connection).get(owner.row, ())],
        )
    if session.as_json:
        session.value({"log": owner.origin, "fields": fields, "values": kept, "erased": erased})
    else:
        session.say(f"personal in {owner.origin}:", *(fields or ["nothing"]))
        session.say(f"values: {kept}, erased: {erased}")


@app.command("show")
def _show(
    context: typer.Context,
    *,
    organisation: _Owner = None,
    code: _Code = None,
    event: _Event = None,
    field: _Field = None,
    value: _Value = None,
    older_than: _Days = None,
) -> None:
    """Show personal values in plain text, for who has to know them."""
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.organisation(organisation)
    choice = _choice(workspace, code, older_than, event=event, field=field, value=value)
    _tell(session, _chosen(workspace, owner, choice))


def _choice(
    workspace: Workspace, code: str | None, days: int | None, **given: str | None
) -> Choice:
    return Choice(
        code=None if code is None else parse_item_code(code).uri,
        before=None if days is None else workspace.now() - days * _DAY,
        **given,
    )


def _chosen(workspace: Workspace, owner: Organisation, choice: Choice) -> list[PersonalValue]:
    with reading(workspace.engine) as connection:
        return list(personal_values(connection, owner, choice))


def _shown(one: PersonalValue) -> dict[str, Any]:
    return {
        "log": one.origin,
        "seq": one.seq,
        "received_at": as_text(one.received_at),
        "field": one.field,
        "value": msgspec.json.decode(one.value),
    }


def _tell(session: Session, values: list[PersonalValue]) -> None:
    if session.as_json:
        session.value([_shown(one) for one in values])
        return
    session.table(
        ("entry", "received", "field", "value"),
        ((one.seq, as_text(one.received_at), one.field, one.value.decode()) for one in values),
    )


def _erase(
    context: typer.Context,
    *,
    organisation: _Owner = None,
    code: _Code = None,
    event: _Event = None,
    field: _Field = None,
    value: _Value = None,
    older_than: _Days = None,
    submitter: _Submitter = None,
    reason: Annotated[
        str, typer.Option(help="Why; stays in the log for ever, so it must name no person.")
    ] = "",
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate", help="File for the certificate; a further one gets a number."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Erase; without it, only what would be is shown.")
    ] = False,
) -> None:
    """Erase personal values for good.

    An entry in the log says so. All of what is given has to hold for a value. The certificate is
    the proof that the entry stands in the log; 'suyuan check-proof' checks it. Older backups still
    hold the values.
    """
    session = session_of(context)
    workspace = session.ledger()
    owner = workspace.organisation(organisation)
    choice = _choice(workspace, code, older_than, event=event, field=field, value=value)
    if choice.is_all:
        raise UsageError(
            "Say which values are meant, with --code, --event, --field, --value or --older-than."
        )
    if not yes:
        _tell(session, _chosen(workspace, owner, choice))
        if not session.as_json:
            session.say("Nothing was erased. To erase these, add --yes and a --reason.")
        return
    if certificate is not None and not certificate.parent.is_dir():
        raise StoreError(f"The folder {str(certificate.parent)!r} is missing.", "Make it first.")
    access = workspace.access(owner)
    values, entries = erase(access, choice, submitter=submitter or owner.slug, reason=reason)
    clean = scrub(workspace.engine)
    files = _write(certificate, certificates(access, entries) if certificate else [])
    if session.as_json:
        places = [{"log": one.origin, "seq": one.seq, "field": one.field} for one in values]
        said = {"erased": places, "entries": entries, "certificates": [str(one) for one in files]}
        session.value(said | {"log": owner.origin, "scrubbed": clean})
        return
    where = ", ".join(map(str, entries)) or "none"
    session.say(f"erased: {len(values)}; entries of {owner.origin} that say so: {where}")
    for file in files:
        session.say(f"{file}: the certificate")
    if not clean:
        session.say(
            "Other programs use the database, so its old pages aren't clean yet; run this again"
            " when they are closed."
        )


def _write(first: Path | None, texts: list[str]) -> list[Path]:
    files = []
    for number, text in enumerate(texts, 1):
        assert first is not None  # noqa: S101 - for the type checker: else there are no texts
        file = first if number == 1 else first.with_stem(f"{first.stem}-{number}")
        with replacing(file) as whole:
            whole.write_text(text, "utf-8", newline="\n")
        files.append(file)
    return files
