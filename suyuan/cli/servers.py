"""`suyuan serve`."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import StoreError
from suyuan.cli.output import session_of

if TYPE_CHECKING:
    from suyuan.workspace import Workspace

__all__ = ["register", "serve"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("serve")(_serve)


def serve(workspace: Workspace, host: str, port: int) -> None:
    """Serve pages and API until interrupted, which is how it ends.

    Raises:
        StoreError: The address can't be listened on.
    """
    # Imported late: no other command should pay for loading the web stack.
    import uvicorn

    from suyuan.app import create_app
    from suyuan.indexing import following
    from suyuan.pushing import pushing

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]
        raise StoreError(
            f"Can't listen on {host} port {port}: {reason}.",
            "Stop the program that does, or name another --port or --host.",
        ) from error
    config = uvicorn.Config(create_app(workspace), log_level="warning", server_header=False)
    with listening, pushing(workspace), following(workspace), suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Serve pages, GraphQL and logs until Ctrl-C."""
    session = session_of(context)
    workspace = session.ledger()
    session.warn(f"http://{host}:{port} serves {workspace.engine.url.render_as_string()}")
    serve(workspace, host, port)
