"""The public side of the logs: checkpoints, tiles of hashes, inclusion proofs.

Rules kept:

* Only hashes and signatures leave here. Entries hold what is private, so there are no entry
  bundles, and a proof comes without its entry: whoever has the entry can check it, nobody else
  learns anything from it.
* A tile never changes once it is as wide as asked for, so it may be cached for ever; a checkpoint
  may not.

https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-tiles, https://c2sp.org/tlog-proof
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ledger.appending import StoredTiles
from ledger.cosignatures import covering_checkpoint
from ledger.errors import NotFoundError, StoreError
from ledger.log.merkle import HASH_SIZE
from ledger.log.proof import format_proof
from ledger.log.tiles import TILE_WIDTH, inclusion_proof, tile_path
from ledger.organisations import find_organisation
from ledger.proofs import newest_checkpoint
from ledger.store.engine import reading

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.requests import Request

    from ledger.organisations import Organisation
    from suyuan.workspace import Workspace

__all__ = ["log_routes"]

_TILE: Final = re.compile(r"(?a)(\d{1,2})/((?:x\d{3}/){0,5}\d{3})(?:\.p/(\d{1,3}))?\Z")
_FOREVER: Final = "public, max-age=31536000, immutable"
_LARGEST_SEQ: Final = 2**53


def log_routes(workspace: Workspace) -> list[Route]:
    """The routes below `/log`."""
    logs = _Logs(workspace)
    return [
        Route("/log/{organisation}/checkpoint", logs.checkpoint),
        Route("/log/{organisation}/key", logs.key),
        Route("/log/{organisation}/proof/{seq:int}", logs.proof),
        Route("/log/{organisation}/tile/{tile:path}", logs.tile),
    ]


def _organisation(connection: Connection, request: Request) -> Organisation:
    return find_organisation(connection, request.path_params["organisation"])


@dataclass(frozen=True, slots=True)
class _Logs:
    workspace: Workspace

    def checkpoint(self, request: Request) -> Response:
        """The newest signed checkpoint."""
        with reading(self.workspace.engine) as connection:
            organisation = _organisation(connection, request)
            note = newest_checkpoint(connection, organisation.slug)
        return PlainTextResponse(note, headers={"Cache-Control": "no-cache"})

    def key(self, request: Request) -> Response:
        """The key that verifies the log's checkpoints, for readers who have no better source."""
        with reading(self.workspace.engine) as connection:
            organisation = _organisation(connection, request)
        return PlainTextResponse(
            f"{organisation.verifier_key}\n", headers={"Cache-Control": "no-cache"}
        )

    def proof(self, request: Request) -> Response:
        """The inclusion proof of one entry, without the entry."""
        seq = min(request.path_params["seq"], _LARGEST_SEQ)
        with reading(self.workspace.engine) as connection:
            organisation = _organisation(connection, request)
            covering = covering_checkpoint(connection, organisation.row, seq)
            if covering is None:
                raise NotFoundError(f"There is no entry {seq} in {organisation.origin} yet.")
            path = inclusion_proof(StoredTiles(connection, organisation.row), seq, covering.size)
        return PlainTextResponse(
            format_proof(seq, path, covering.note), headers={"Cache-Control": "no-cache"}
        )

    def tile(self, request: Request) -> Response:
        """One tile of the Merkle tree."""
        found = _TILE.match(request.path_params["tile"])
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        level, width = int(found[1]), int(found[3] or TILE_WIDTH)
        index = int(re.sub("[x/]", "", found[2]))
        if f"tile/{found[0]}" != tile_path(level, index, width) or not 0 < width <= TILE_WIDTH:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        with reading(self.workspace.engine) as connection:
            organisation = _organisation(connection, request)
            try:
                hashes = StoredTiles(connection, organisation.row).read_tile(level, index)
            except StoreError as error:
                raise HTTPException(HTTPStatus.NOT_FOUND) from error
        if len(hashes) < width * HASH_SIZE:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(
            hashes[: width * HASH_SIZE],
            headers={"Cache-Control": _FOREVER},
            media_type="application/octet-stream",
        )
