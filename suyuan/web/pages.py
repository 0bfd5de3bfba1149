"""Routes of the pages: the start page, the search, styles, and the page behind every code.

Rules kept:

* Any path that is a GS1 Digital Link is a page; the last key of the path counts. A path that begins
  with digits was meant as one: its error is told with position and likely fix (400).
* A well-formed code of which nothing is known is "unknown" (404), in words that can't be taken for
  a confirmation; what is doubtful about a code that was typed stands there too.
* A link whose tag isn't ours, or that lacks a required one, is refused (404) before the database is
  asked.
* Clients that prefer it get the linkset instead (Accept, or `?linkType=linkset`).
* Nothing of the address is used but the code; the Host header is not trusted.

GS1 Digital Link Standard: URI Syntax 1.4 and Resolution.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from identifiers import (
    IdentifierError,
    ItemCode,
    Level,
    as_item_code,
    check_digit,
    parse_digital_link,
    parse_item_code,
)
from ledger.errors import NotFoundError, TagError
from ledger.issuance.tags import with_tag
from ledger.store.engine import reading
from suyuan.indexing import walker_of
from suyuan.lookup import known_hosts, read_typed
from suyuan.web.answers import answer, failure, page
from suyuan.web.assets import asset_routes
from suyuan.web.camera import camera_routes
from suyuan.web.history import public_history
from suyuan.web.linkset import LINKSET, linkset_of
from suyuan.web.material import read_material
from suyuan.web.negotiation import language_of, preferred_type, wants_html
from suyuan.web.tagging import TagGate, tag_parameters
from suyuan.web.words import STATUSES, Words

if TYPE_CHECKING:
    from starlette.requests import Request

    from suyuan.workspace import Workspace

__all__ = ["page_routes"]

_STEM: Final = "https://id.gs1.org"
_MEANT_AS_CODE: Final = re.compile(r"(?a)/\d{2,4}(?:/|\Z)")
_LONGEST_CODE: Final = 2_000  # characters; the longest GS1 message is far below
_BARE_NUMBERS: Final = {8: "01", 12: "01", 13: "01", 14: "01", 18: "00"}
"""Lengths of numbers below a bar code, and the key they stand for."""


def page_routes(workspace: Workspace) -> list[Route]:
    """The routes, the one that takes every path last."""
    pages = _Pages(workspace, TagGate.of(workspace))
    return [
        Route("/", pages.start),
        Route("/find", pages.find),
        *asset_routes(),
        *camera_routes(),
        Route("/{path:path}", pages.behind),
    ]


def _code_of(text: str, language: str, stem: str) -> tuple[ItemCode, tuple[str, ...]]:
    """Read a code in any form, also the number below a bar code; and what is doubtful about it."""
    key = _BARE_NUMBERS.get(len(text)) if text.isascii() and text.isdigit() else None
    if key is None:
        return read_typed(text, language=language, hosts=known_hosts(stem))
    number = text if key == "00" else text.zfill(14)
    fitting = check_digit(number[:-1]) == number[-1]
    asked = f"({key}){number}" if fitting or len(text) > 8 else text  # noqa: PLR2004
    return parse_item_code(asked), ()


@dataclass(frozen=True, slots=True)
class _Pages:
    workspace: Workspace
    gate: TagGate

    def start(self, request: Request) -> Response:
        """The start page."""
        return page(request, "start.html")

    def find(self, request: Request) -> Response:
        """Lead from a code in any form to its page."""
        # A scanner in keyboard mode may send FNC1 as GS, which is part of the code; blanks are not.
        text = request.query_params.get("code", "").strip(" \t\r\n")
        if not text:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        try:
            if len(text) > _LONGEST_CODE:
                return _malformed(request, text, None)
            code, warnings = _code_of(text, language_of(request), self.workspace.settings.stem)
        except IdentifierError as error:
            return _malformed(request, text, error)
        if code.uri.startswith(f"{_STEM}/"):
            lot = code.lot.removeprefix(code.product or "") if code.lot and code.product else ""
            path = code.uri.removeprefix(_STEM)
            if code.level is Level.INSTANCE and lot and code.product:
                own = code.product.removeprefix(_STEM)
                path = f"{own}{lot}{path.removeprefix(own)}"
            lang = request.query_params.get("lang")
            kept = [f"lang={quote(lang, safe='')}"] if lang else []
            kept += tag_parameters(text)
            query = f"?{'&'.join(kept)}" if kept else ""
            return RedirectResponse(path + query, HTTPStatus.SEE_OTHER)
        return self._shown(request, code, f"/find?code={quote(code.uri, safe='')}", warnings)

    def behind(self, request: Request) -> Response:
        """The page behind a code."""
        raw = request.scope.get("raw_path") or quote(request.url.path).encode()
        path = raw.decode("ascii", "replace").partition("?")[0]
        query = request.scope["query_string"].decode("ascii", "replace")
        text = f"{_STEM}{path}?{query}" if query else _STEM + path
        try:
            if len(text) > _LONGEST_CODE:
                raise HTTPException(HTTPStatus.REQUEST_URI_TOO_LONG)
            code = as_item_code(parse_digital_link(text, zero_suppressed_gtin=True))
        except IdentifierError as error:
            if _MEANT_AS_CODE.match(path):
                if error.position is not None:
                    error.position -= len(_STEM)
                return _malformed(request, path, error)
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        try:
            tag = self.gate.admit(code, query)
        except TagError as error:
            return _foreign(request, code, error)
        return self._shown(request, code, path if tag is None else with_tag(path, tag))

    def _shown(
        self, request: Request, code: ItemCode, path: str, warnings: tuple[str, ...] = ()
    ) -> Response:
        language = language_of(request)
        settings = self.workspace.settings
        try:
            with reading(self.workspace.engine) as connection:
                material = read_material(
                    connection,
                    code,
                    operator=settings.organisation,
                    walker=walker_of(self.workspace, connection),
                )
        except NotFoundError:
            return _unknown(request, code, warnings)
        history = public_history(material, language)
        wanted = preferred_type(request.headers.get("accept", ""), ("text/html", LINKSET))
        if wanted == LINKSET or request.query_params.get("linkType") in {"linkset", "all"}:
            stem = settings.stem.rstrip("/")
            return answer(request, linkset_of(history, stem + path, stem), LINKSET)
        tone = STATUSES[history.status][0]
        return page(request, "item.html", history=history, tone=tone)


def _unknown(request: Request, code: ItemCode, warnings: tuple[str, ...]) -> Response:
    if wants_html(request) or not request.headers.get("accept", "").startswith("application/"):
        return page(
            request,
            "unknown.html",
            status=HTTPStatus.NOT_FOUND,
            code=code.uri,
            warnings=warnings,
        )
    return failure(request, HTTPStatus.NOT_FOUND, f"We have no record of {code.uri}.")


def _foreign(request: Request, code: ItemCode, error: TagError) -> Response:
    reason = "foreign_missing" if error.missing else "foreign_wrong"
    if wants_html(request) or not request.headers.get("accept", "").startswith("application/"):
        return page(
            request, "foreign.html", status=HTTPStatus.NOT_FOUND, code=code.uri, reason=reason
        )
    words = Words(language_of(request))
    sentence = f"{words('foreign_title')}: {words(reason)}"
    return failure(request, HTTPStatus.NOT_FOUND, sentence)


def _malformed(request: Request, text: str, error: IdentifierError | None) -> Response:
    language = language_of(request)
    if wants_html(request):
        shown = text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004
        return page(
            request,
            "malformed.html",
            status=HTTPStatus.BAD_REQUEST,
            text=shown,
            error=error.as_dict(language) if error else None,
        )
    sentence = (
        error.message(language)
        if error
        else f"Expected at most {_LONGEST_CODE} characters, got {len(text)}."
    )
    return failure(request, HTTPStatus.BAD_REQUEST, sentence)
