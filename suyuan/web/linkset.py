"""The answer for programs: where a code leads, as a linkset (RFC 9264, application/linkset+json).

GS1 Digital Link Standard: Resolution, chapter 5; link types of the GS1 Web Vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from suyuan.web.words import Words

if TYPE_CHECKING:
    from suyuan.web.history import PublicHistory

__all__ = ["LINKSET", "linkset_of"]

LINKSET: Final = "application/linkset+json"
_VOC: Final = "https://gs1.org/voc/"


def linkset_of(history: PublicHistory, address: str, stem: str) -> bytes:
    """Write the linkset of a code.

    Args:
        history: What is public about it.
        address: The code's address on this service, absolute and without a language.
        stem: This service's address.
    """
    title = history.product or history.code
    page: dict[str, Any] = {
        "href": address,
        "title": title,
        "type": "text/html",
        "hreflang": ["en", "zh-CN"],
    }
    links: dict[str, Any] = {
        "anchor": address,
        _VOC + "defaultLink": [{"href": address, "title": title}],
        _VOC + "pip": [page],
        _VOC + "traceability": [page],
    }
    if history.recalled or history.part_recalled:
        notice = "recall_title" if history.recalled else "part_recall_title"
        links[_VOC + "recallStatus"] = [{**page, "title": Words("en")(notice)}]
    if history.proof:
        links["item"] = [
            {
                "href": f"{stem}/log/{history.proof.organisation}/checkpoint",
                "title": "Signed checkpoint of the log",
                "type": "text/plain",
            }
        ]
    return orjson.dumps({"linkset": [links]}, option=orjson.OPT_INDENT_2)
