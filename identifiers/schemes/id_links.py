"""Identification links (IEC 61406): a web address that is the name of one thing for good.

Rules kept:

* The link is ``http`` or ``https``, has a host name with a dot, no user and no more than 255
  characters, all of them those of a URI (RFC 3986), and names something behind the host.
* The whole string is the identifier: nothing in it is altered, neither case nor escapes.
* A valid GS1 Digital Link is refused: it is GS1's. One that looks like it and is not valid, say for
  a wrong check digit, is a link as any other, with a warning.
* A fragment never reaches the host, so that a link with one gets a warning.

Known doubts: of IEC 61406-1 the titles of the clauses and public summaries have been seen (ILS-1
global uniqueness to ILS-9 no combinations with special functions), not the text; its list of
characters may be shorter than that of RFC 3986. The structured links of IEC 61406-2, for models and
lots, are not taken apart. That a link is never used again and never altered is a promise of its
issuer. Each reading says so.

Standard: https://webstore.iec.ch/en/publication/67673 (IEC 61406-1)

>>> reading = parse_id_link("https://www.example.com/machine/ABC-123")
>>> reading.parts["host"], reading.uri
('www.example.com', 'https://www.example.com/machine/ABC-123')
"""

from __future__ import annotations

import re
from itertools import pairwise

from identifiers.errors import (
    CharacterError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.schemes.reading import Reading

__all__ = ["parse_id_link"]

_RULE = "IEC 61406-1"
_SCHEME = "id-link"
_LONGEST = 255  # characters
_FOREIGN = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})")
_LINK = re.compile(r"(?i:https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"({_LABEL}(?:\.{_LABEL})+)(?::[0-9]{{1,5}})?")
_KEY_LIKE = re.compile(r"[0-9]{8}")  # what a key with digits in front begins with at least

_UNSEEN = Notice(
    "id-link-issuer",
    "that the link names one thing for good rests with the owner of its host",
)


def _gs1_like(path: str, start: int) -> tuple[Notice, ...]:
    """Warn about a key of GS1 in the path, with what looks like its value."""
    pieces = path.split("/")
    for before, (ai, value) in enumerate(pairwise(pieces)):
        entry = aitable.find(ai)
        if entry is not None and entry.qualifiers is not None and _KEY_LIKE.match(value):
            position = start + sum(map(len, pieces[: before + 1])) + before + 1
            template = "the value of ({ai}) is not valid, so the link is no GS1 Digital Link"
            return (Notice("not-gs1", template, {"ai": ai}, position),)
    return ()


def parse_id_link(text: str) -> Reading:
    """Parse an identification link (IEC 61406-1).

    Args:
        text: The link.

    Returns:
        The reading, scheme ``id-link``; its URI is the text itself.

    Raises:
        IdentifierError: The text is no link, names nothing, or is a valid GS1 Digital Link.
    """
    if len(text) > _LONGEST:
        raise LengthError(
            "at most {limit} characters", text, position=_LONGEST, rule=_RULE, limit=_LONGEST
        )
    foreign = _FOREIGN.search(text)
    if foreign is not None:
        raise CharacterError(
            "characters of a URI",
            foreign[0],
            position=foreign.start(),
            fix="escape it with %",
            rule=_RULE,
        )
    link = _LINK.fullmatch(text)
    if link is None:
        raise SyntaxError_("a link that begins with https://", text, position=0, rule=_RULE)
    authority, path, query, fragment = link.groups()
    host = _HOST.fullmatch(authority)
    if host is None:
        raise SyntaxError_(
            "a host name with a dot in it", authority, position=link.start(1), rule=_RULE
        )
    if path in {"", "/"} and not query:
        raise SyntaxError_(
            "something behind the host that names a thing", text, position=link.end(1), rule=_RULE
        )
    try:
        parse_digital_link(text)
    except IdentifierError:
        warnings = _gs1_like(path, link.start(2))
    else:
        raise UnknownSchemeError(
            "a link without a GS1 key",
            text,
            position=link.start(2),
            fix="read it as a GS1 Digital Link",
            rule=_RULE,
        )
    if fragment is not None:
        notice = Notice("fragment", "what follows # never reaches the host", {}, link.start(4))
        warnings = (*warnings, notice)
    parts = {"host": host[1]}
    return Reading(_SCHEME, text, text, Level.OTHER, parts, (_UNSEEN,), warnings)
