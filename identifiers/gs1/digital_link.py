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

from identifiers.characters import escape, is_digits, require_uri_characters, unescape
from identifiers.errors import (
    ConversionError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.elements import ElementString, Message, make_message, verify_value
from identifiers.gs1.link_recognition import LINK, recognise_link
from identifiers.gs1.link_shapes import BY_VALUES, QUERY_RULE, Verdict, judge
from identifiers.gs1.recognition import is_recognised
from identifiers.gs1.relations import verify_relations

__all__ = ["CANONICAL_STEM", "as_digital_link", "parse_digital_link"]

CANONICAL_STEM = "https://id.gs1.org"
"""Where the canonical form of every GS1 code stands."""

_ORIGIN = re.compile(r"(?:https?|HTTPS?)://([^/?#]*)")
_HOST = re.compile(r"[A-Za-z0-9\-.:\[\]]+\Z")
_STANDARD = "GS1 Digital Link Standard: URI Syntax"
_CHARACTERS_RULE = f"{_STANDARD}, character sets"
_PATH_RULE = f"{_STANDARD}, primary identification keys"
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
            rule=QUERY_RULE if query else _PATH_RULE,
        )
    return value


def _filled(ai: str, value: str, *, allowed: bool) -> str:
    """Fill a short GTIN up to 14 digits where that is allowed."""
    return value.zfill(14) if allowed and ai == _GTIN and len(value) in _GTIN_LENGTHS else value


def _verify(found: aitable.Entry, value: str, start: int, text: str) -> None:
    if is_recognised(found.ai, value):
        return
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


def _not_a_link(text: str) -> IdentifierError:
    """Say why a text has not the form of a link, before anything of GS1 is looked for."""
    try:
        require_uri_characters(text)
    except IdentifierError as error:
        return error
    origin = _ORIGIN.match(text)
    if origin is None:
        return SyntaxError_(
            "a URI that begins with https://",
            text,
            position=0,
            fix="begin the link with https://",
            rule=_CHARACTERS_RULE,
        )
    host = origin[1]
    if not _HOST.match(host):
        return SyntaxError_(
            "a host name", host, position=origin.start(1), rule="RFC 3986, section 3.2.2"
        )
    return SyntaxError_(
        "a path with a GS1 key", text, position=origin.end(1), fix=_PATH_FIX, rule=_PATH_RULE
    )


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
    recognised = recognise_link(text, requisites)
    if recognised is not None:
        return recognised
    uri = LINK(text)
    if uri is None:
        raise _not_a_link(text)
    path, query = uri.groups()
    parts = _path_of(path, uri.start(1))
    length = len(parts)
    verdict = judge((requisites, length, *(found.ai for found, _, _ in parts)))
    if verdict.before == 0:
        _refuse(verdict, parts)
    elements: list[tuple[str, str]] = []
    for found, raw, start in parts:
        value = _filled(found.ai, _decoded(raw, start, found.ai), allowed=zero_suppressed_gtin)
        _verify(found, value, start, raw)
        elements.append((found.ai, value))
    if query:
        parts += _query_of(query, uri.start(2), unknown=unknown_ais)
        verdict = judge((requisites, length, *(found.ai for found, _, _ in parts)))
    for index, (found, raw, start) in enumerate(parts[length:], length):
        decoded = _decoded(raw, start, found.ai, query=True)
        value = _filled(found.ai, decoded, allowed=zero_suppressed_gtin)
        if verdict.before == index:
            _refuse(verdict, parts)
        _verify(found, value, start, raw)
        elements.append((found.ai, value))
    _refuse(verdict, parts)
    if verdict is BY_VALUES:
        verify_relations(
            elements, requisites=requisites, start_of=lambda index: _ai_at(parts[index])
        )
    return make_message(elements, length)


def _ai_at(part: tuple[aitable.Entry, str, int]) -> int:
    """Tell where the AI of a part begins: before its value and one more character."""
    found, _, start = part
    return start - len(found.ai) - 1


def _refuse(verdict: Verdict, parts: list[tuple[aitable.Entry, str, int]]) -> None:
    """Raise the error of a shape that was refused."""
    if verdict.error is not None:
        part = parts[verdict.element]
        raise verdict.error(position=part[2] if verdict.at_value else _ai_at(part))


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
                "an AI that may be a query parameter", f"({ai})", ai=ai, rule=QUERY_RULE
            )
        (fixed if aitable.is_fixed(ai) else open_ended)[ai] = escape(value)
    link = stem.rstrip("/") + "".join(f"/{ai}/{escape(value)}" for ai, value in path)
    query = "&".join(f"{ai}={value}" for ai, value in (fixed | open_ended).items())
    return f"{link}?{query}" if query else link
