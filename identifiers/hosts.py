"""Hosts of product links that only look like the ones that are known.

A buyer who scans a forged label is led to a page that looks like the maker's. The host of the link
is what gives it away, and what a person reads past.

Rules kept:

* A host that is known, or lies below a known one, is not remarked on, in any case of letters.
* Two hosts look alike when nothing is left of their difference once every character is replaced by
  the plain one that it looks like (Unicode Technical Standard 39, section 4, on a small table of
  our own: Cyrillic, Greek, full-width and accented letters, digits like letters, rn like m), when
  they differ by hyphens alone, by one edit (an exchange of neighbours is one), or in their ending.
* A known host is also feigned as the first labels of another, ``id.gs1.org.example.net``, and as
  user information, ``https://id.gs1.org@example.net``.
* A host of fewer than 8 characters is one edit away from too many honest ones; there only the
  other rules hold.

Standard: https://www.unicode.org/reports/tr39/ and RFC 3986, section 3.2

>>> str(look_alike("https://id.gs1.org.example.net/01/09506000134352", ["id.gs1.org"]))
'the host id.gs1.org.example.net only looks like id.gs1.org: its owner is another'
>>> look_alike("https://id.gs1.org/01/09506000134352", ["id.gs1.org"]) is None
True
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from identifiers.characters import unescape
from identifiers.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["look_alike", "skeleton"]

_AUTHORITY = re.compile(r"(?i:[a-z][a-z0-9+.\-]*)?:?[/\\]{2}([^/?#\\]*)")
_PORT = re.compile(r":[0-9]*\Z")
_LONGEST = 253  # characters of a host name, RFC 1035, section 2.3.4
_LONGEST_LABEL = 63
_SHORTEST_EDITED = 8
_PUNYCODE = "xn--"

_LIKE = str.maketrans(
    {
        **dict(zip("аеорсухіјѕһԁԛԝкмтвнпгьзб", "aeopcyxijshdqwkmtbhnrb36", strict=True)),
        **dict(zip("αβεηικνορτυχωγσ", "abenikvoptuxwyo", strict=True)),
        **dict(zip("ıłøđħŧɡɩʟɑ", "ilodhtgila", strict=True)),
        "0": "o",
        "1": "l",
        "i": "l",
        "|": "l",
        "5": "s",
        "ß": "b",
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def skeleton(host: str) -> str:
    """Replace each character by the plain one that it looks like (UTS 39, section 4).

    Args:
        host: A host name.

    Returns:
        What two hosts that look alike have in common; no host name of its own.
    """
    plain = unicodedata.normalize("NFKD", host.lower())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    # Twice, as the second i of a Cyrillic one is plain only after the first.
    plain = plain.translate(_LIKE).translate(_LIKE)
    for pair, single in _PAIRS:
        plain = plain.replace(pair, single)
    return plain


def _label(label: str) -> str:
    if not label.startswith(_PUNYCODE) or len(label) > _LONGEST_LABEL:
        return label
    try:
        return label[len(_PUNYCODE) :].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _host(text: str) -> str:
    """Write a host in one way: small letters, no port, no final dot, no punycode."""
    host = _PORT.sub("", text).lower().removesuffix(".")
    return ".".join(map(_label, host.split("."))).removesuffix(".")


def _one_edit(first: str, second: str) -> bool:
    """Tell whether one insertion, deletion, replacement or exchange of neighbours is between."""
    if abs(len(first) - len(second)) > 1:
        return False
    if len(first) > len(second):
        first, second = second, first
    start = 0
    while start < len(first) and first[start] == second[start]:
        start += 1
    if len(first) < len(second):
        return first[start:] == second[start + 1 :]
    exchanged = first[start : start + 2][::-1] == second[start : start + 2]
    return first[start + 1 :] == second[start + 1 :] or (
        exchanged and first[start + 2 :] == second[start + 2 :]
    )


def _looks_like(host: str, known: str) -> bool:
    mine, own = skeleton(host), skeleton(known)
    if mine == own or mine.replace("-", "") == own.replace("-", ""):
        return True
    if f".{own.replace('.', '-')}-" in "." + mine.replace(".", "-") + "-":
        return True  # the known host as labels in front, with dots or hyphens between them
    stem, _, _ = own.rpartition(".")
    if "." in stem and mine.rpartition(".")[0] == stem:
        return True  # another ending
    return len(known) >= _SHORTEST_EDITED and (_one_edit(mine, own) or _one_edit(host, known))


def look_alike(text: str, known_hosts: Collection[str]) -> Notice | None:
    """Tell whether a link's host is not a known one but looks like it.

    Args:
        text: A link or a host name.
        known_hosts: The hosts whose links are expected.

    Returns:
        A remark that names the host that is feigned, or None.
    """
    found = _AUTHORITY.match(text)
    authority = unescape(found[1] if found else text)[-4 * _LONGEST :]
    user, at, after = authority.rpartition("@")
    host = _host(after)[:_LONGEST]
    known = {_host(name): name for name in known_hosts}
    if any(host == name or host.endswith(f".{name}") for name in known):
        return None
    position = found.start(1) if found else 0
    for name, given in known.items():
        if at and name in _host(user):
            return Notice(
                "look-alike-host",
                "the link names {known} only as a user; it leads to {host}",
                {"known": given, "host": host},
                position,
            )
        if _looks_like(host, name):
            return Notice(
                "look-alike-host",
                "the host {host} only looks like {known}: its owner is another",
                {"host": host, "known": given},
                position,
            )
    return None
