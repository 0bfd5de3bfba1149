"""Whether the service is well: `/health` says that it runs, `/ready` that it can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ledger.store.revisions import require_newest

if TYPE_CHECKING:
    from starlette.requests import Request

    from suyuan.workspace import Workspace

__all__ = ["health_routes"]

_FRESH = {"Cache-Control": "no-store"}


def health_routes(workspace: Workspace) -> list[Route]:
    """The two routes."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=_FRESH)

    def ready(_request: Request) -> Response:
        require_newest(workspace.engine)  # a StoreError becomes a 503 with its fix
        return JSONResponse({"status": "ready"}, headers=_FRESH)

    return [Route("/health", health), Route("/ready", ready)]
