"""GS1 Digital Link URIs.

Rules kept (GS1 Digital Link Standard: URI Syntax):

* The key stands in the path, its qualifiers behind it in the order of the standard, other AIs in
  the query.
* The last key of the path counts; what stands before it is the stem and says nothing.
* AIs are digits; the convenience words of earlier releases (``/gtin/``) are not read.
* A query parameter whose name is no number is not ours: it is left out, neither read nor refused.
* Canonical form: stem ``https://id.gs1.org``, every character but the unreserved ones escaped,
  attributes of predefined length first, each AI once.

Compressed links are not read. Standard: https://ref.gs1.org/standards/digital-link/uri-syntax/

>>> parse_digital_link("https://example.com/x/01/09506000134352/21/A?17=270228&lang=zh").elements
(('01', '09506000134352'), ('21', 'A'), ('17', '270228'))
"""

from __future__ import annotations

import re

from identifiers.characters import escape, is_digits, unescape
from identifiers.errors import (
    ConversionError,
    IdentifierError,
    LengthError,
    RepeatError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.elements import ElementString, Message, make_message, verify_value
from identifiers.gs1.link_recognition import recognise_link, remember_shape
from identifiers.gs1.relations import verify_relations

__all__ = ["CANONICAL_STEM", "as_digital_link", "parse_digital_link"]

CANONICAL_STEM = "https://id.gs1.org"
"""Where the canonical form of every GS1 code stands."""

_FOREIGN = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_URI = re.compile(r"(?:https?|HTTPS?)://([^/?#]*)(/[^?#]*)?(?:\?([^#]*))?")
_HOST = re.compile(r"[A-Za-z0-9\-.:\[\]]+\Z")
_STANDARD = "GS1 Digital Link Standard: URI Syntax"
_CHARACTERS_RULE = f"{_STANDARD}, character sets"
_PATH_RULE = f"{_STANDARD}, primary identification keys"
_QUALIFIERS_RULE = f"{_STANDARD}, key qualifiers"
_QUERY_RULE = f"{_STANDARD}, data attributes"
_PATH_FIX = "write the path as /01/ and 14 digits, then /10/ and the lot, /21/ and the serial"
_WORDS = {
    "cpid": "8010",
    "cpv": "22",
    "gdti": "253",
    "giai": "8004",
    "gln": "414",
    "grai": "8003",
    "gsrn": "8018",
    "gtin": "01",
    "itip": "8006",
    "lot": "10",
    "ser": "21",
    "sscc": "00",
}
"""The commonest words that releases before 1.2 allowed instead of AIs."""
_GTIN = "01"
_GTIN_LENGTHS = (8, 12, 13)


def _decoded(text: str, start: int, ai: str, *, query: bool = False) -> str:
    value = unescape(text.replace("+", " ") if query else text)
    if "\0" in value:
        raise SyntaxError_(
            "no null character",
            text,
            position=start,
            fix="leave out %00",
            ai=ai,
            rule=_CHARACTERS_RULE,
        )
    if not value:
        raise LengthError(
            "a value",
            "",
            position=start,
            fix="write a value, or leave the AI out",
            ai=ai,
            rule=_QUERY_RULE if query else _PATH_RULE,
        )
    return value


def _filled(ai: str, value: str, *, allowed: bool) -> str:
    """Fill a short GTIN up to 14 digits where that is allowed."""
    return value.zfill(14) if allowed and ai == _GTIN and len(value) in _GTIN_LENGTHS else value


def _verify(found: aitable.Entry, value: str, start: int, text: str) -> None:
    try:
        verify_value(found, value)
    except IdentifierError as error:
        if "%" in text:  # an index in the unescaped value is none in the text
            error.position = 0
        raise error.within(start, found.ai) from None


def _path_of(path: str, start: int) -> list[tuple[aitable.Entry, str, int]]:
    """Find the last key of a path and what follows it: entry, escaped value and its index."""
    pieces = path.split("/")
    found: list[tuple[aitable.Entry, str, int]] = []
    position = start + len(path)
    while len(pieces) > 2:  # noqa: PLR2004  the empty piece before the first slash, an AI and a value
        value, ai = pieces.pop(), pieces.pop()
        entry = aitable.find(ai)
        if entry is None:
            break
        position -= len(value)
        found.append((entry, value, position))
        position -= len(ai) + 2
        if entry.qualifiers is not None:
            return found[::-1]
    error = SyntaxError_(
        "a GS1 key such as /01/ and its value in the path",
        path,
        position=start,
        fix=_PATH_FIX,
        rule=_PATH_RULE,
    )
    word = next((piece for piece in path.split("/") if piece in _WORDS), None)
    if word is None:
        raise error
    raise error.mended_by("write /{digits}/ instead of /{word}/", digits=_WORDS[word], word=word)


def _verify_order(ais: list[str], qualifiers: tuple[tuple[str, ...], ...], start: int) -> None:
    for order in qualifiers:
        remaining = iter(order)
        if all(ai in remaining for ai in ais[1:]):
            return
    orders = ", ".join("/".join(order) for order in qualifiers if order)
    found = "/".join(ais[1:])
    if not orders:
        raise SyntaxError_(
            "no qualifier behind this key",
            found,
            position=start,
            fix="leave out what follows the key, or write it behind a question mark",
            ai=ais[0],
            rule=_QUALIFIERS_RULE,
        )
    raise SyntaxError_(
        "some of the qualifiers {orders}, each once and in this order",
        found,
        position=start,
        fix="change the order in the path",
        ai=ais[0],
        rule=_QUALIFIERS_RULE,
        orders=orders,
    )


def _query_of(query: str, start: int, *, unknown: bool) -> list[tuple[aitable.Entry, str, int]]:
    found: list[tuple[aitable.Entry, str, int]] = []
    position = start
    for parameter in query.split("&"):
        name, equals, value = parameter.partition("=")
        if equals and is_digits(name):
            try:
                entry = aitable.entry(name, unknown=unknown)
            except UnknownAiError as error:
                raise error.within(position) from None
            found.append((entry, value, position + len(name) + 1))
        position += len(parameter) + 1
    return found


def parse_digital_link(
    text: str,
    *,
    requisites: bool = True,
    unknown_ais: bool = False,
    zero_suppressed_gtin: bool = False,
) -> ElementString:
    """Parse a GS1 Digital Link URI on any stem.

    Args:
        text: The URI, uncompressed.
        requisites: Whether AIs that others require must be there.
        unknown_ais: Whether an attribute that is not in the table is let pass.
        zero_suppressed_gtin: Whether GTINs of 8, 12 and 13 digits are let pass and filled up to 14.

    Returns:
        The verified message; its `path` counts the AIs of the path.

    Raises:
        IdentifierError: The text is no valid Digital Link.
    """
    recognised = recognise_link(text)
    if recognised is not None:
        return recognised
    foreign = _FOREIGN.search(text)
    if foreign is not None:
        raise SyntaxError_(
            "characters of a URI",
            foreign[0],
            position=foreign.start(),
            fix="escape it with %",
            rule="RFC 3986, section 2",
        )
    uri = _URI.match(text)
    if uri is None:
        raise SyntaxError_(
            "a URI that begins with https://",
            text,
            position=0,
            fix="begin the link with https://",
            rule=_CHARACTERS_RULE,
        )
    host, path, query = uri.groups()
    if not _HOST.match(host):
        raise SyntaxError_(
            "a host name", host, position=uri.start(1), rule="RFC 3986, section 3.2.2"
        )
    if not path:
        raise SyntaxError_(
            "a path with a GS1 key",
            text,
            position=uri.end(1),
            fix=_PATH_FIX,
            rule=_PATH_RULE,
        )
    pairs = _path_of(path, uri.start(2))
    key = pairs[0][0]
    _verify_order([found.ai for found, _, _ in pairs], key.qualifiers or (), pairs[0][2])
    elements: list[tuple[str, str]] = []
    for found, raw, start in pairs:
        value = _filled(found.ai, _decoded(raw, start, found.ai), allowed=zero_suppressed_gtin)
        _verify(found, value, start, raw)
        elements.append((found.ai, value))
    own = {ai for order in key.qualifiers or () for ai in order}
    attributes = _query_of(query, uri.start(3), unknown=unknown_ais) if query else []
    for found, raw, start in attributes:
        decoded = _decoded(raw, start, found.ai, query=True)
        value = _filled(found.ai, decoded, allowed=zero_suppressed_gtin)
        if any(found.ai == ai for ai, _ in elements):
            raise RepeatError(
                "each AI once",
                f"({found.ai})",
                position=start,
                fix="leave one of them out",
                ai=found.ai,
                rule=_QUERY_RULE,
            )
        if not found.attribute or (found.ai in own and not _elsewhere(found.ai, key, pairs)):
            raise SyntaxError_(
                "an AI that may be a query parameter",
                f"({found.ai})",
                position=start,
                ai=found.ai,
                fix="write it in the path if it qualifies the key",
                rule=_QUERY_RULE,
            )
        _verify(found, value, start, raw)
        elements.append((found.ai, value))
    verify_relations(elements, requisites=requisites)
    ais = [ai for ai, _ in elements]
    remember_shape(ais[: len(pairs)], ais[len(pairs) :])
    return make_message(elements, len(pairs))


def _elsewhere(ai: str, key: aitable.Entry, pairs: list[tuple[aitable.Entry, str, int]]) -> bool:
    """Tell whether a qualifier belongs to another order than the one that the path follows."""
    used = [found.ai for found, _, _ in pairs[1:]]
    return bool(used) and all(
        ai not in order or any(other not in order for other in used)
        for order in key.qualifiers or ()
    )


def _path_elements(code: Message) -> list[tuple[str, str]]:
    """Choose the AIs that stand in the path, key first."""
    if isinstance(code, ElementString) and code.path:
        return list(code.elements[: code.path])
    values = dict(code.elements)
    for ai in values:
        found = aitable.find(ai)
        if found is not None and found.qualifiers is not None:
            orders = ([other for other in order if other in values] for order in found.qualifiers)
            # The first order with a qualifier is taken; a leftover is refused as an attribute.
            order = next((order for order in orders if order), [])
            return [(name, values[name]) for name in (ai, *order)]
    raise ConversionError(
        "an identification key such as (01), (00) or (414)",
        ", ".join(f"({ai})" for ai in values),
        fix="add the key that the data belong to",
        rule=_PATH_RULE,
    )


def as_digital_link(code: Message, *, stem: str = CANONICAL_STEM) -> str:
    """Write a message as a GS1 Digital Link URI; with the default stem in its canonical form.

    Args:
        code: A message or item code.
        stem: Scheme, host and an optional path before the key.

    Returns:
        The URI.

    Raises:
        ConversionError: The message has no key, or an AI that may not stand in a link.
    """
    path = _path_elements(code)
    used = {ai for ai, _ in path}
    fixed: dict[str, str] = {}
    open_ended: dict[str, str] = {}
    for ai, value in code.elements:
        if ai in used:
            continue
        found = aitable.find(ai)
        if found is not None and not found.attribute:
            raise ConversionError(
                "an AI that may be a query parameter", f"({ai})", ai=ai, rule=_QUERY_RULE
            )
        (fixed if aitable.is_fixed(ai) else open_ended)[ai] = escape(value)
    link = stem.rstrip("/") + "".join(f"/{ai}/{escape(value)}" for ai, value in path)
    query = "&".join(f"{ai}={value}" for ai, value in (fixed | open_ended).items())
    return f"{link}?{query}" if query else link
