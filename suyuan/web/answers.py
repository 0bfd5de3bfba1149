"""Answers as they leave: templates filled in, with language, Vary and ETag set.

Rules kept:

* Templates escape everything; there is no way round it in any of them.
* A page may be kept but is asked for again each time (`no-cache` with an ETag): a recall must be
  seen at once.
* An error is a page for whoever asks for HTML, JSON of one sentence for all others.

RFC 9110 sections 8.8.3 (ETag) and 12.5.5 (Vary); RFC 9111 section 5.2.2.4 (no-cache).
"""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import JSONResponse, Response

from suyuan.web.negotiation import language_of, wants_html
from suyuan.web.words import Words

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["answer", "failure", "page"]

_TEMPLATES: Final = Environment(
    loader=PackageLoader("suyuan.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def answer(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    status: int = HTTPStatus.OK,
    language: str | None = None,
    cache: str = "no-cache",
) -> Response:
    """Answer with a body, or with 304 when the client has it."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache, "Vary": "Accept, Accept-Language"}
    if language:
        headers["Content-Language"] = language
    known = request.headers.get("if-none-match", "")
    if status == HTTPStatus.OK and etag in (one.strip(" W/") for one in known.split(",")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, status, headers, media_type)


def page(
    request: Request, template: str, *, status: int = HTTPStatus.OK, **values: object
) -> Response:
    """Fill in a template in the client's language."""
    language = language_of(request)
    other = "en" if language == "zh-CN" else "zh-CN"
    switch = request.url.include_query_params(lang=other)
    text = _TEMPLATES.get_template(template).render(
        t=Words(language), language=language, other=other, switch=f"?{switch.query}", **values
    )
    return answer(request, text.encode(), "text/html", status=status, language=language)


def failure(
    request: Request, status: int, sentence: str, *, title: str = "error_title"
) -> Response:
    """Say in one sentence what is wrong."""
    if wants_html(request):
        return page(request, "error.html", status=status, title=title, sentence=sentence)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
    return JSONResponse({"error": sentence}, status, headers)
