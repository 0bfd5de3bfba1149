"""Tags: 12 characters in a link by which we know our own codes before we ask the database.

Rules kept:

* A tag is the first 60 bits of HMAC-SHA-256 (RFC 2104) over the version of the key and the
  canonical code, spelt as `ledger.issuance.spelling` does.
* It vouches for the code alone, such as (01) and (21): what a link says besides, a lot for example,
  is as trustworthy as the link.
* It stands in the query of the link as `t`. The name is no number, so that every reader of Digital
  Links passes it over (URI Syntax 1.4, on extension parameters) and the code stays a plain one.
* It says nothing of the version: a tag is compared with those of all versions that aren't revoked,
  in a time that doesn't depend on where it differs or which one it is.
* A link with several tags is refused: which one a reader meant can't be known.

Without a tag nobody is stopped who leaves it out, unless tags are required where the link is read.

>>> tag_in("17=270228&t=ABCDEFGHJKLM")
'ABCDEFGHJKLM'
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Final

from identifiers.characters import CSET32
from ledger.errors import TagError, shown
from ledger.issuance.spelling import triples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.issuance.keys import KeyVersion

__all__ = [
    "PARAMETER",
    "TAG_BITS",
    "TAG_LENGTH",
    "query_of",
    "tag_in",
    "tag_of",
    "verify_tag",
    "with_tag",
]

PARAMETER: Final = "t"
"""Name of the query parameter."""
TAG_LENGTH: Final = 12  # characters
TAG_BITS: Final = 5 * TAG_LENGTH
_SHAPE: Final = re.compile(rf"[{CSET32}]{{{TAG_LENGTH}}}\Z")


def tag_of(code: str, key: KeyVersion) -> str:
    """The tag of a canonical code under one version of the key."""
    message = f"{key.number} {code}".encode("utf-8", "surrogatepass")
    digest = hmac.digest(key.tag_key, message, "sha256")
    number = int.from_bytes(digest[:8], "big") >> (64 - TAG_BITS)
    three = triples()
    return (
        three[number >> 45]
        + three[number >> 30 & 0x7FFF]
        + three[number >> 15 & 0x7FFF]
        + three[number & 0x7FFF]
    )


def verify_tag(code: str, tag: str, keys: Iterable[KeyVersion]) -> int:
    """Find the version of the key that made a tag.

    Args:
        code: The canonical code.
        tag: What stands in the link.
        keys: All versions; those that are revoked vouch for nothing.

    Returns:
        The version's number.

    Raises:
        TagError: None of them made it.
    """
    if not _SHAPE.match(tag):
        raise TagError(f"Expected a tag of {TAG_LENGTH} characters of {CSET32}, got {shown(tag)}.")
    found = 0
    for key in keys:
        if not key.revoked and hmac.compare_digest(tag_of(code, key), tag):
            found = key.number  # no early end: the time says nothing of the version
    if not found:
        raise TagError(f"The tag {tag} of {code} isn't one of ours.")
    return found


def query_of(link: str) -> str:
    """The query of a link; nothing of a text in another form, whose "?" is part of a value."""
    if not link[:8].lower().startswith(("http://", "https://")):
        return ""
    return link.partition("#")[0].partition("?")[2]


def tag_in(query: str) -> str | None:
    """The tag in the query of a link; None where it has none.

    Raises:
        TagError: There are several.
    """
    parts = (one.partition("=") for one in query.split("&"))
    found = [value for name, _, value in parts if name == PARAMETER]
    if len(found) > 1:
        raise TagError(f"Expected one tag in the link, got {len(found)}.")
    return found[0] if found else None


def with_tag(link: str, tag: str) -> str:
    """Put a tag into a link that has none."""
    return f"{link}{'&' if '?' in link else '?'}{PARAMETER}={tag}"
