"""`suyuan demo`: a whole life, from suppliers' lots to a recall, generated, captured and shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import UsageError
from suyuan.cli.output import Finding, Session, session_of
from suyuan.cli.servers import serve
from suyuan.cli.worlds import fill_ledger
from suyuan.demo.life import PACKS
from suyuan.demo.showing import DemoResult, run_demo
from suyuan.demo.world.plan import MOST_ITEMS
from suyuan.settings import Settings

if TYPE_CHECKING:
    from suyuan.workspace import Workspace

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("demo")(_demo)


def _demo(
    context: typer.Context,
    *,
    folder: Annotated[
        Path, typer.Option(help="Where the demo's ledger, keys and label sheet go.")
    ] = Path("demo"),
    seed: Annotated[int, typer.Option(help="Another seed, another life.")] = 1,
    packs: Annotated[
        int | None,
        typer.Option(
            help="Finished packs; 15, the default, are about 2,000 items.", min=4, max=10_000
        ),
    ] = None,
    items: Annotated[
        int | None,
        typer.Option(
            help="Instead of the battery line, fill an empty ledger with about so many items of"
            " many campaigns, and name codes worth tracing; serve only with --serve.",
            min=1,
            max=MOST_ITEMS,
        ),
    ] = None,
    serving: Annotated[
        bool | None,
        typer.Option("--serve/--no-serve", help="Serve the pages until Ctrl-C afterwards."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Run a battery line's whole life and show the answers.

    From suppliers' lots over production, shipping and after-sales to a recall: generated, captured
    and traced, with a label sheet printed and read back. Again in the same folder, it adds nothing.
    With --items a ledger of any size is filled instead; see docs/demo-world.md.
    """
    session = session_of(context)
    if items is not None and packs is not None:
        raise UsageError("--packs is of the battery line, --items of the world. Give one of them.")
    folder.mkdir(parents=True, exist_ok=True)
    settings = _settings(session.settings, folder, f"http://{host}:{port}")
    workspace = session.open(settings, new=True)
    if items is None:
        holds = _live(session, workspace, folder, seed=seed, packs=packs or PACKS)
    else:
        holds = fill_ledger(session, workspace, items=items, seed=seed)
    if serving or (serving is None and items is None):
        session.warn(f"Serving at http://{host}:{port}; stop with Ctrl-C.")
        serve(workspace, host, port)
    elif not holds:
        raise Finding


def _live(session: Session, workspace: Workspace, folder: Path, *, seed: int, packs: int) -> bool:
    """Run the battery line's life; tell whether every answer is the expected one."""
    result = run_demo(workspace, folder, seed=seed, packs=packs)
    if session.as_json:
        session.value(result.as_dict())
    else:
        _show(session, result)
    return result.holds


def _settings(settings: Settings, folder: Path, stem: str) -> Settings:
    """The demo keeps to its own folder, unless a database was named."""
    given: dict[str, Any] = settings.model_dump() | {"stem": stem}
    if settings.db == Settings.model_fields["db"].default:
        given["db"] = f"sqlite:///{folder / 'ledger.db'}"
    if settings.keys is None:
        given["keys"] = folder / "keys"
    return Settings.model_validate(given)


def _show(session: Session, result: DemoResult) -> None:
    for title, lines in result.sections():
        session.heading(title)
        for line in lines:
            session.say(line)
