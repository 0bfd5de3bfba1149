"""`suyuan code`: what a code means, and its other forms."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from identifiers import (
    IdentifierError,
    ItemCode,
    as_bracketed,
    as_digital_link,
    as_element_string,
    as_epc_urn,
    parse_item_code,
)
from suyuan.cli.output import Finding, given_stem, session_of

__all__ = ["app"]

app = typer.Typer(help="Item codes: identify and convert.", no_args_is_help=True)

Codes = Annotated[
    list[str], typer.Argument(help="Codes in any form: brackets, element string, link, EPC URN.")
]


@app.command()
def identify(context: typer.Context, codes: Codes) -> None:
    """Say what each code is, or what is wrong with it.

    Its canonical form, kind and parts; or the position, what was expected and found, and the fix.
    """
    session = session_of(context)
    answers = [_identified(text) for text in codes]
    if session.as_json:
        session.value(answers if len(answers) > 1 else answers[0])
    else:
        for answer in answers:
            if "error" in answer:
                session.say(f"{answer['text']}: {answer['error']}")
            else:
                parts = " ".join(f"({ai}){value}" for ai, value in answer["parts"])
                session.say(f"{answer['code']}  {answer['kind']}  {parts}")
    if any("error" in answer for answer in answers):
        raise Finding


def _identified(text: str) -> dict[str, Any]:
    try:
        code = parse_item_code(text)
    except IdentifierError as error:
        return {
            "text": text,
            "error": str(error),
            "position": error.position,
            "expected": error.expected,
            "found": error.found,
            "fix": error.fix,
        }
    return {
        "text": text,
        "code": code.uri,
        "kind": code.level.value,
        "product": code.product,
        "lot": code.lot,
        "serial": code.serial,
        "parts": [list(key) for key in code.keys],
    }


class Form(StrEnum):
    """The forms a GS1 code can be written in."""

    LINK = "link"
    BRACKETED = "bracketed"
    ELEMENTS = "elements"
    URN = "urn"


@app.command()
def convert(
    context: typer.Context,
    codes: Codes,
    to: Annotated[Form, typer.Option(help="The form to write.")] = Form.LINK,
    stem: Annotated[
        str, typer.Option(help="What a link begins with.", metavar="URL")
    ] = "https://id.gs1.org",
    prefix_length: Annotated[
        int, typer.Option(help="Digits of the GS1 company prefix, for an EPC URN.", min=6, max=12)
    ] = 7,
) -> None:
    """Write each code in another form.

    Nothing is changed or dropped on the way: a code that the form can't hold is refused.
    """
    session = session_of(context)
    stem = given_stem(stem)
    answers: list[dict[str, Any]] = []
    for text in codes:
        try:
            written = _written(parse_item_code(text), to, stem, prefix_length)
            answers.append({"text": text, to.value: written})
        except IdentifierError as error:
            answers.append({"text": text, "error": str(error)})
    if session.as_json:
        session.value(answers if len(answers) > 1 else answers[0])
    else:
        for answer in answers:
            session.say(answer.get(to.value) or f"{answer['text']}: {answer['error']}")
    if any("error" in answer for answer in answers):
        raise Finding


def _written(code: ItemCode, form: Form, stem: str, prefix_length: int) -> str:
    if form is Form.LINK:
        return as_digital_link(code, stem=stem)
    if form is Form.BRACKETED:
        return as_bracketed(code)
    if form is Form.ELEMENTS:
        return as_element_string(code)
    return as_epc_urn(code, company_prefix_length=prefix_length)
