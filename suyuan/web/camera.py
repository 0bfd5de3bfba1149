"""The page that reads codes with the camera of a telephone or computer, or from chosen pictures.

Rules kept:

* What the camera sees stays in the browser: the page sends no picture and no code anywhere, and
  asks the service only when somebody opens a code's page.
* Without the module that reads codes the page says so, and leads to the search.

The script of the page is small; `camera.js` is for other pages too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from suyuan.web import assets
from suyuan.web.answers import page
from suyuan.web.guards import CAMERA_HEADERS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["camera_routes"]


def camera_routes() -> list[Route]:
    """The route of the page."""
    return [Route("/scan/camera", _camera)]


def _camera(request: Request) -> Response:
    response = page(request, "camera.html", has_reader=assets.HAS_READER)
    response.headers.update(CAMERA_HEADERS)
    return response
