"""Files that pages load: styles, scripts, and the module that reads codes in the browser.

Rules kept:

* Every file is known when the service starts; all else is 404, so that no address leads elsewhere.
* The module comes with the package and not with git: `HAS_READER` tells whether it is here.
* The worker that runs the module bears the policy that lets it run WebAssembly; no other file does.
"""

from __future__ import annotations

from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.routing import Route

from suyuan.web.answers import answer
from suyuan.web.guards import CAMERA_HEADERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["HAS_READER", "asset_routes"]

_TYPES: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
    "LICENSE": "text/plain",
}
_WORKER: Final = "camera-worker.js"
_READER: Final = "zxing-wasm"


def _files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes, str]]:
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            if not entry.name.startswith("."):
                yield from _files(entry, f"{name}/")
        elif media_type := _TYPES.get(entry.name.rpartition(".")[2]):
            yield name, entry.read_bytes(), media_type


_ASSETS: Final = {
    name: (body, media_type)
    for name, body, media_type in _files(resources.files("suyuan.web") / "static")
}

HAS_READER: Final = f"{_READER}/reader/zxing_reader.wasm" in _ASSETS
"""Whether what reads codes in the browser was put into the package."""


def asset_routes() -> list[Route]:
    """The route of all files."""
    return [Route("/static/{name:path}", _asset)]


def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    response = answer(request, *_ASSETS[name])
    if name == _WORKER:
        response.headers.update(CAMERA_HEADERS)
    return response
