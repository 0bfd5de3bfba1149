"""The public side of the logs: checkpoints, tiles of hashes, proofs (C2SP static tiles and more).

Rules kept:

* Only hashes and signatures leave here. Entries hold what is private, so there are no entry
  bundles, and a proof comes without its entry: whoever has the entry can check it, nobody else
  learns anything from it. (A bundle couldn't hold every entry anyway: tlog-tiles gives an entry
  65,535 bytes at most, and an event may be larger.)
* A tile never changes once it is as wide as asked for, so it may be kept for ever; older widths of
  a tile that has grown are still answered. A checkpoint may be kept for seconds, then is asked for
  with its ETag.
* What the tiles say is compared with the signed root before a proof leaves.

https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-tiles, https://c2sp.org/tlog-proof
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ledger.errors import NoteError, NotFoundError, StoreError, VerifyError
from ledger.log.keychain import format_keys
from ledger.log.merkle import HASH_SIZE
from ledger.log.proof import format_proof
from ledger.log.proof_json import base64_text, head_of, inclusion_json
from ledger.log.proving import NodeCache
from ledger.log.tiles import TILE_WIDTH, tile_path
from ledger.loggedkeys import trusted_keys
from ledger.organisations import find_organisation
from ledger.proofs import checkpoint_at, newest_checkpoint, open_prover, prove_seqs
from ledger.store.engine import reading
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from starlette.requests import Request

    from ledger.log.proof import InclusionProof
    from ledger.organisations import Organisation
    from suyuan.workspace import Workspace

__all__ = ["log_routes"]

_TILE: Final = re.compile(r"(?a)(\d{1,2})/((?:x\d{3}/){0,5}\d{3})(?:\.p/(\d{1,3}))?\Z")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_FOREVER: Final = "public, max-age=31536000, immutable"
_SHORTLY: Final = "public, max-age=5"  # seconds
_AGAIN: Final = "no-cache"
_TEXT: Final = "text/plain; charset=utf-8"
_LARGEST_SEQ: Final = 2**53


def log_routes(workspace: Workspace) -> list[Route]:
    """The routes below `/log`."""
    logs = _Logs(workspace)
    return [
        Route("/log/{organisation}/checkpoint", logs.checkpoint),
        Route("/log/{organisation}/key", logs.key),
        Route("/log/{organisation}/proof/{seq:int}", logs.proof),
        Route("/log/{organisation}/proof/{seq:int}.json", logs.proof_json),
        Route("/log/{organisation}/consistency/{old}", logs.consistency),
        Route("/log/{organisation}/tile/{tile:path}", logs.tile),
    ]


def _organisation(connection: Connection, request: Request) -> Organisation:
    return find_organisation(connection, request.path_params["organisation"])


def _answer(request: Request, body: bytes, media_type: str, cache: str) -> Response:
    """Answer with a body, or with 304 when the client has it (RFC 9110 section 13.1.2)."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache, "Access-Control-Allow-Origin": "*"}
    known = request.headers.get("if-none-match", "")
    if etag in (one.strip(" W/") for one in known.split(",")) or known.strip() == "*":
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


@contextmanager
def _unbroken() -> Iterator[None]:
    """A log that isn't what was signed: the operator must look, no client can mend it."""
    try:
        yield
    except VerifyError as error:
        raise StoreError(
            "The log's tiles are not what its checkpoint signs, so nothing is proven from them.",
            "Whoever runs this service runs 'suyuan verify'.",
        ) from error


@contextmanager
def _readable_keys() -> Iterator[None]:
    """Keys that are none: as with `_unbroken`."""
    try:
        yield
    except NoteError as error:
        raise StoreError(
            f"The log's verifier keys can't be read: {error}",
            "Whoever runs this service runs 'suyuan verify'.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Logs:
    workspace: Workspace
    cache: NodeCache = field(default_factory=NodeCache)

    def checkpoint(self, request: Request) -> Response:
        """The newest signed checkpoint."""
        with reading(self.workspace.engine) as connection:
            organisation = _organisation(connection, request)
            note = newest_checkpoint(connection, organisation.slug)
        return _answer(request, note.encode(), _TEXT, _SHORTLY)

    def key(self, request: Request) -> Response:
        """The keys that verify the log's checkpoints, for readers who have no better source.

        First the newest alone, for whoever reads no further; where there were several, all of them
        behind it with the sizes that they may sign, in the form of a file of verifier keys.
        """
        with _readable_keys(), reading(self.workspace.engine) as connection:
            organisation = _organisation(connection, request)
            pinned = self.workspace.keys.ring(organisation.origin)
            ring = trusted_keys(connection, organisation, pinned)
            lines = [ring.current.vkey]
        if len(ring.ranges) > 1:
            lines += format_keys(ring).splitlines()
        return _answer(request, "".join(f"{one}\n" for one in lines).encode(), _TEXT, _AGAIN)

    def proof(self, request: Request) -> Response:
        """The inclusion proof of one entry, without the entry."""
        proof, _ = self._prove(request)
        text = format_proof(proof.index, proof.path, proof.checkpoint)
        return _answer(request, text.encode(), _TEXT, _AGAIN)

    def proof_json(self, request: Request) -> Response:
        """The same in JSON, with the entry's leaf hash."""
        body = orjson.dumps(inclusion_json(*self._prove(request)))
        return _answer(request, body, "application/json", _AGAIN)

    def _prove(self, request: Request) -> tuple[InclusionProof, bytes]:
        seq = min(request.path_params["seq"], _LARGEST_SEQ)
        size = _number(request.query_params.get("size"), "size")
        with _unbroken(), reading(self.workspace.engine) as connection:
            log = _organisation(connection, request).row
            return prove_seqs(connection, log, [seq], size=size, cache=self.cache)[seq]

    def consistency(self, request: Request) -> Response:
        """The proof that the log begins with the tree of an older size."""
        old = _number(request.path_params["old"], "the older size") or 0
        size = _number(request.query_params.get("size"), "size")
        with _unbroken(), reading(self.workspace.engine) as connection:
            organisation = _organisation(connection, request)
            note = checkpoint_at(connection, organisation.row, size)
            head = head_of(note)
            if old > head.size:
                raise NotFoundError(
                    f"The checkpoint covers {head.size} entries, {old} were asked for. If you "
                    "have seen a larger one, this is an older copy of the log: keep what you have."
                )
            prover = open_prover(connection, organisation.row, note, self.cache)
            value = {
                "log": head.origin,
                "old_size": old,
                "old_root": base64_text(prover.root(old)),
                "path": [base64_text(one) for one in prover.consistency(old)],
                "checkpoint": note,
            }
        return _answer(request, orjson.dumps(value), "application/json", _AGAIN)

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
        body = bytes(hashes[: width * HASH_SIZE])
        return _answer(request, body, "application/octet-stream", _FOREVER)


def _number(text: str | None, what: str) -> int | None:
    """A size as it stands in an address: ASCII decimal without leading zeros."""
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise NotFoundError(f"Expected {what} as a decimal number, got {text[:40]!r}.")
    return int(text)
