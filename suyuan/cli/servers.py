"""`suyuan serve`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from suyuan.cli.output import session_of

if TYPE_CHECKING:
    from suyuan.workspace import Workspace

__all__ = ["register", "serve"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("serve")(_serve)


def serve(workspace: Workspace, host: str, port: int) -> None:
    """Serve pages and API until interrupted."""
    # Imported late: no other command should pay for loading the web stack.
    import uvicorn

    from suyuan.app import create_app

    uvicorn.run(
        create_app(workspace), host=host, port=port, log_level="warning", server_header=False
    )


def _serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Serve the pages behind codes, GraphQL and the logs until Ctrl-C."""
    session = session_of(context)
    workspace = session.ledger()
    session.err.print(f"http://{host}:{port} serves {workspace.engine.url.render_as_string()}")
    serve(workspace, host, port)
