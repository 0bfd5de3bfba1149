"""`suyuan code`: what a code means, and its other forms."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

import typer

from identifiers import (
    IdentifierError,
    as_bracketed,
    as_digital_link,
    as_element_string,
    as_epc_urn,
    parse_item_code,
)
from identifiers.epc import as_epc_binary, as_epc_tag_uri
from identifiers.identification import ALL_REPAIRS, identify
from identifiers.profiles import PROFILES
from suyuan.cli.code_answers import answer_of, lines_of, message_of, refusal_of, unread
from suyuan.cli.given_codes import Given, given_codes
from suyuan.cli.late import Late, LateGroup
from suyuan.cli.output import Finding, given_stem, session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from identifiers.gs1.elements import Message
    from suyuan.cli.output import Session

__all__ = ["register"]


class _Commands(LateGroup):
    late: ClassVar[Mapping[str, Late]] = {
        "issue": Late("issuing", "Issue serial codes for a product, as links to print."),
        "issued": Late(
            "issuing", "Say whether we issued a code, when, in which batch and for whom."
        ),
        "rotate": Late("issuing", "Begin a new version of the issuing key."),
    }


app = typer.Typer(
    cls=_Commands, help="Item codes: identify, convert and issue.", no_args_is_help=True
)


def register(parent: typer.Typer) -> None:
    """Add the group to the app."""
    parent.add_typer(app, name="code")


Codes = Annotated[
    list[str] | None,
    typer.Argument(help="Codes in any form; without any, NDJSON is read from standard input."),
]
Lines = Annotated[
    bool, typer.Option("--lines", help="Each line of standard input is a code as it stands.")
]
Repairs = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        help=f"A repair that must not be done; may be repeated: {', '.join(sorted(ALL_REPAIRS))}.",
        metavar="REPAIR",
    ),
]


@app.command("identify")
def identify_codes(
    context: typer.Context,
    *,
    codes: Codes = None,
    lines: Lines = False,
    no_repair: Annotated[
        bool, typer.Option("--no-repair", help="Read every code exactly as it is.")
    ] = False,
    without: Repairs = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help=f"Warn about what this profile forbids: {', '.join(PROFILES)}.", metavar="PROFILE"
        ),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(
            help="A host of our links; what only looks like it gets a warning.", metavar="HOST"
        ),
    ] = None,
) -> None:
    """Say what each code is in every scheme that it may belong to, or what is wrong with it.

    Its canonical form, kind and parts; every repair that was needed to read it; warnings; and what
    else it may be. Of what is no code: the position, what was expected and found, and the fix.
    """
    session = session_of(context)
    for name in without or ():
        _verify_choice("--without", name, ALL_REPAIRS)
    repairs = frozenset() if no_repair else ALL_REPAIRS.difference(without or ())
    if profile is not None:
        _verify_choice("--profile", profile, PROFILES)
    chosen = None if profile is None else PROFILES[profile]
    language = session.settings.language

    def answer(given: Given) -> dict[str, Any]:
        if given.problem:
            return unread(given, given.problem)
        found = identify(given.data, repairs=repairs, profile=chosen, known_hosts=host or ())
        return answer_of(given, found, language)

    def show(answer: dict[str, Any]) -> None:
        session.say(*lines_of(answer))

    _print(session, codes, map(answer, given_codes(codes or [], lines=lines)), show)


Tag = TypeVar("Tag", str, bytes)


def _verify_choice(option: str, name: str, allowed: Iterable[str]) -> None:
    if name not in allowed:
        raise typer.BadParameter(
            f"Expected one of {', '.join(sorted(allowed))}, got {name!r}", param_hint=option
        )


class Form(StrEnum):
    """The forms a GS1 code can be written in."""

    LINK = "link"
    BRACKETED = "bracketed"
    ELEMENTS = "elements"
    URN = "urn"
    TAG = "tag"
    BINARY = "binary"


@app.command()
def convert(
    context: typer.Context,
    *,
    codes: Codes = None,
    lines: Lines = False,
    to: Annotated[Form, typer.Option(help="The form to write.")] = Form.LINK,
    stem: Annotated[
        str, typer.Option(help="What a link begins with.", metavar="URL")
    ] = "https://id.gs1.org",
    prefix_length: Annotated[
        int, typer.Option(help="Digits of the GS1 company prefix, for an EPC.", min=6, max=12)
    ] = 7,
    tag_scheme: Annotated[
        str, typer.Option(help="The coding scheme of a tag: sgtin-96, sscc-96, sgtin+, ...")
    ] = "sgtin-96",
    tag_filter: Annotated[
        int, typer.Option("--filter", help="The filter value of a tag.", min=0, max=7)
    ] = 0,
) -> None:
    """Write each code in another form.

    Nothing is repaired, changed or dropped on the way: a code that the form can't hold is refused.
    """
    session = session_of(context)
    stem = given_stem(stem)

    def tagged(writer: Callable[..., Tag], code: Message) -> Tag:
        return writer(
            code,
            scheme=tag_scheme,
            filter_value=tag_filter,
            company_prefix_length=prefix_length,
        )

    writers: dict[Form, Callable[[Message], str]] = {
        Form.LINK: lambda code: as_digital_link(code, stem=stem),
        Form.BRACKETED: as_bracketed,
        Form.ELEMENTS: as_element_string,
        Form.URN: lambda code: as_epc_urn(code, company_prefix_length=prefix_length),
        Form.TAG: lambda code: tagged(as_epc_tag_uri, code),
        Form.BINARY: lambda code: tagged(as_epc_binary, code).hex().upper(),
    }
    write = writers[to]

    def answer(given: Given) -> dict[str, Any]:
        if given.problem:
            return unread(given, given.problem)
        try:
            return given.as_dict() | {to.value: write(_message(given.data))}
        except IdentifierError as error:
            return given.as_dict() | refusal_of(error, session.settings.language)

    def show(answer: dict[str, Any]) -> None:
        if "error" in answer:
            session.say(f"{answer['text']}: {answer['error']}")
        else:
            # The form itself, for programs too: of what acts it holds GS at most, and that counts.
            session.write(f"{answer[to.value]}\n")

    _print(session, codes, map(answer, given_codes(codes or [], lines=lines)), show)


def _message(data: str | bytes) -> Message:
    """Everything that a code says, read without any repair; see `identify`."""
    found = identify(data, repairs=())
    message = None if found.best is None else message_of(found.best)
    if message is not None:
        return message
    if found.best is None:
        raise found.refusals[0][1]
    return parse_item_code(found.best.uri or found.best.code)


def _print(
    session: Session,
    arguments: list[str] | None,
    answers: Iterable[dict[str, Any]],
    show: Callable[[dict[str, Any]], None],
) -> None:
    """Print the answers: one JSON value for arguments, a line for each line of standard input."""
    refused = False
    collected: list[dict[str, Any]] = []
    for answer in answers:
        refused = refused or "error" in answer
        if not session.as_json:
            show(answer)
        elif arguments:
            collected.append(answer)
        else:
            session.value(answer)
        if session.reader_is_gone:  # the input may have no end
            break
    if collected:
        session.value(collected if len(collected) > 1 else collected[0])
    if refused:
        raise Finding
