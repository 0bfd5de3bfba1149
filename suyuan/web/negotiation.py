"""What a client wants: language and media type, read from its request.

Rules kept:

* A range with q=0 is refused, ties go to what the client named first, then to our own order.
* Any kind of Chinese gets zh-CN, the only kind we write; what we don't write gets English.
* `?lang=` stands above the header, so that a link can switch.
* A header we can't read counts as absent: a page is better than an error.

RFC 9110 sections 12.4.2 (quality), 12.5.1 (Accept) and 12.5.4 (Accept-Language).

>>> preferred_language("de, zh-TW;q=0.9, en;q=0.5")
'zh-CN'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.requests import Request

__all__ = ["Language", "language_of", "preferred_language", "preferred_type", "wants_html"]

Language = Literal["en", "zh-CN"]
"""The languages that pages are written in."""

_QUALITY: Final = re.compile(r"(?a)(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\Z")
_MOST: Final = 50  # ranges of a header that are looked at


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Yield what a header names, in lower case, with its quality."""
    for part in header.split(",")[:_MOST]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                value = value.strip()
                quality = float(value) if _QUALITY.match(value) else 0.0
        if name:
            yield name, quality


def preferred_language(header: str) -> Language:
    """Choose a language by an Accept-Language header."""
    best: tuple[float, Language] = (0.0, "en")
    for name, quality in _ranges(header):
        base = name.partition("-")[0]
        if base in {"en", "zh"} and quality > best[0]:
            best = quality, "zh-CN" if base == "zh" else "en"
    return best[1]


def language_of(request: Request) -> Language:
    """Choose the language of an answer."""
    wished = request.query_params.get("lang", "")
    if wished.partition("-")[0].lower() in {"en", "zh"}:
        return preferred_language(wished)
    return preferred_language(request.headers.get("accept-language", ""))


def preferred_type(header: str, offers: Sequence[str]) -> str:
    """Choose one of the media types on offer by an Accept header; the first one when none fits."""
    best, chosen = 0.0, offers[0]
    ranges = dict(_ranges(header))
    for offer in offers:
        main = offer.partition("/")[0]
        quality = next((ranges[one] for one in (offer, f"{main}/*", "*/*") if one in ranges), 0.0)
        if quality > best:
            best, chosen = quality, offer
    return chosen


def wants_html(request: Request) -> bool:
    """Tell whether an error should be a page: only for clients that name HTML themselves."""
    return any(
        name in {"text/html", "application/xhtml+xml"} and quality > 0
        for name, quality in _ranges(request.headers.get("accept", ""))
    )
