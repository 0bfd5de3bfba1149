"""`suyuan label`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labels.render import as_png, as_svg
from labels.sheet import write_sheets
from labels.symbols import SymbolKind, make_symbol
from ledger.errors import StoreError, UsageError
from suyuan.cli.given_codes import typed_code
from suyuan.cli.output import given_stem, replacing, session_of
from suyuan.labelling import labels_of
from suyuan.web.tagging import tag_parameters

if TYPE_CHECKING:
    from suyuan.workspace import Workspace

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("label")(_label)


def _label(
    context: typer.Context,
    codes: Annotated[
        list[str], typer.Argument(help="Codes in any form; - reads them from standard input.")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="A .pdf sheet for any number, or a .png or .svg for one.")
    ] = Path("labels.pdf"),
    symbol: Annotated[
        SymbolKind | None, typer.Option(help="For .png and .svg; by the kind of code otherwise.")
    ] = None,
    stem: Annotated[
        str | None, typer.Option(help="What the QR code's link begins with.", metavar="URL")
    ] = None,
) -> None:
    """Make labels to print: a PDF sheet, or a PNG or SVG.

    QR with the Digital Link and GS1 DataMatrix for items, GS1-128 for logistic units. The tag of an
    issued link is printed with it.
    """
    session = session_of(context)
    texts = _lines() if codes == ["-"] else codes
    listed = [typed_code(session, text) for text in texts]
    queries = ["&".join(tag_parameters(text)) for text in texts]
    begins = session.settings.stem if stem is None else given_stem(stem)
    ending = out.suffix.lower()
    if ending == ".pdf":
        try:
            workspace: Workspace | None = session.ledger()
        except StoreError:
            workspace = None  # labels need no ledger; only the products' names come from it
        with replacing(out) as whole:
            summary = write_sheets(whole, labels_of(workspace, listed, begins, queries))
        made = {"labels": summary.labels, "pages": summary.pages, "symbols": summary.symbols}
    elif ending in {".png", ".svg"} and len(listed) == 1:
        drawn = make_symbol(listed[0], symbol, stem=begins, query=queries[0])
        with replacing(out) as whole:
            whole.write_bytes(as_png(drawn) if ending == ".png" else as_svg(drawn).encode())
        made = {"labels": 1, "pages": 1, "symbols": 1}
    else:
        raise UsageError(
            f"Expected --out as a .pdf, or a .png or .svg for one code; got {out.name!r} for"
            f" {len(listed)} codes."
        )
    if session.as_json:
        session.value({"file": str(out), **made})
    else:
        counts = (("label", "labels"), ("code", "symbols"), ("page", "pages"))
        session.say(f"{out}: {', '.join(_counted(made[key], noun) for noun, key in counts)}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _lines() -> list[str]:
    """The codes on standard input, one a line; a code may hold blanks."""
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"Expected UTF-8 on standard input, got byte 0x{error.object[error.start]:02X} at"
            f" {error.start}; save the list as UTF-8."
        ) from None
    return [line.strip(" \t\r") for line in text.split("\n") if line.strip()]
