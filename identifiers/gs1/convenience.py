"""Convenience words of early GS1 Digital Links: ``/gtin/`` for ``/01/``, ``/lot/`` for ``/10/``.

Rules kept (GS1 Digital Link Standard 1.1, grammar: primary identification keys, key qualifiers):

* A word is written as the standard writes it, in lower case; ``payTo`` and ``refNo`` either way.
* Words stand for AIs in the path alone, from the last key on; a value is never touched.
* A word and an AI may stand in one path.

Later releases dropped the words, so a reader of today's links refuses them; who wants to accept the
old ones rewrites them first, and says so.

Standard: https://ref.gs1.org/standards/digital-link/1.1.3/

>>> without_convenience_words("https://example.com/gtin/09506000134352/ser/ser?17=270228")
'https://example.com/01/09506000134352/21/ser?17=270228'
"""

from __future__ import annotations

import re

from identifiers.gs1 import aitable

__all__ = ["without_convenience_words"]

_WORDS = {
    # Keys.
    "sscc": "00",
    "gtin": "01",
    "gdti": "253",
    "gcn": "255",
    "ginc": "401",
    "gsin": "402",
    "gln": "414",
    "payTo": "415",
    "payto": "415",
    "party": "417",
    "grai": "8003",
    "giai": "8004",
    "itip": "8006",
    "cpid": "8010",
    "gmn": "8013",
    "gsrnp": "8017",
    "gsrn": "8018",
    # Qualifiers.
    "lot": "10",
    "ser": "21",
    "cpv": "22",
    "glnx": "254",
    "cpsn": "8011",
    "srin": "8019",
    "refNo": "8020",
    "refno": "8020",
}
_PATH = re.compile(r"(?:https?|HTTPS?)://[^/?#]*/([^?#]*)")


def _keyed(pieces: list[str], end: int) -> bool:
    """Rewrite the words before the values that end there, back to the last key, where there is one.

    The pieces are changed only as far as a key is found.
    """
    changed: dict[int, str] = {}
    for index in range(end - 2, -1, -2):
        ai = _WORDS.get(pieces[index], pieces[index])
        found = aitable.find(ai)
        if found is None:
            return False
        changed[index] = ai
        if found.qualifiers is not None:
            for place, text in changed.items():
                pieces[place] = text
            return True
    return False


def without_convenience_words(text: str) -> str:
    """Write AIs for the convenience words of a link (release 1.1, grammar of the path).

    Args:
        text: Any text.

    Returns:
        The link with AIs alone; the same text where it has no convenience words or no key. The last
        segment may be a compressed one behind the key.
    """
    path = _PATH.match(text)
    if path is None:
        return text
    pieces = path[1].split("/")
    if not (_keyed(pieces, len(pieces)) or _keyed(pieces, len(pieces) - 1)):
        return text
    return text[: path.start(1)] + "/".join(pieces) + text[path.end(1) :]
