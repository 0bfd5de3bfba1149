"""`suyuan demo`: a whole life, from suppliers' lots to a recall, generated, captured and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from suyuan.cli.output import Finding, Session, session_of
from suyuan.cli.servers import serve
from suyuan.demo.life import PACKS
from suyuan.demo.showing import DemoResult, run_demo
from suyuan.settings import Settings

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
        int, typer.Option(help="Finished packs; 15 are about 2,000 items.", min=4, max=10_000)
    ] = PACKS,
    serving: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the pages until Ctrl-C afterwards.")
    ] = True,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Run a battery line's whole life and show the answers.

    From suppliers' lots over production, shipping and after-sales to a recall: generated, captured
    and traced, with a label sheet printed and read back. Again in the same folder, it adds nothing.
    """
    session = session_of(context)
    folder.mkdir(parents=True, exist_ok=True)
    settings = _settings(session.settings, folder, f"http://{host}:{port}")
    workspace = session.open(settings, new=True)
    result = run_demo(workspace, folder, seed=seed, packs=packs)
    if session.as_json:
        session.value(result.as_dict())
    else:
        _show(session, result)
    if serving:
        session.warn(f"Serving at http://{host}:{port}; stop with Ctrl-C.")
        serve(workspace, host, port)
    elif not result.holds:
        raise Finding


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
