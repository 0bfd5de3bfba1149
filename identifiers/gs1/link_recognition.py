"""Recognise a sound GS1 Digital Link URI in one pass.

Rules kept:

* What is recognised here, `digital_link.parse_digital_link` accepts with the same answer; whatever
  is not recognised is read there again, step by step, and explained if it is faulty.
* Which AIs may stand where in a link, and beside which others, doesn't depend on their values. A
  shape that was accepted once is remembered; its values are verified each time.

Standard: https://ref.gs1.org/standards/digital-link/uri-syntax/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.characters import unescape
from identifiers.gs1 import aitable
from identifiers.gs1.elements import make_message
from identifiers.gs1.recognition import RECOGNISERS, has_check_digit, recogniser
from identifiers.gs1.relations import SOUND_COMPANIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identifiers.gs1.elements import ElementString

__all__ = ["recognise_link", "remember_shape"]

_PLACE = r"A-Za-z0-9\-._~:/\[\]@!$&'()*+,;=%"
_LINK = re.compile(
    rf"(?:https?|HTTPS?)://[A-Za-z0-9\-.:\[\]]+(/[{_PLACE}]*)(?:\?([{_PLACE}?]*))?(?:#[{_PLACE}?#]*)?\Z"
).match
_ATTRIBUTES = re.compile(r"(?:\A|&)([0-9]+)=([^&]*)").findall
_KEPT = 4096  # shapes remembered, some 1 MB at most
_SHAPES: set[tuple[int | str, ...]] = set()
"""Shapes that were accepted: how many AIs stand in the path, and the AIs of path and query."""
_KEYS: set[str] = set()
"""The keys of these shapes."""


def recognise_link(text: str) -> ElementString | None:
    """Recognise a link whose shape was seen before; None for any that needs a closer look.

    Args:
        text: The URI.

    Returns:
        The verified message, as `parse_digital_link` gives it.
    """
    found = _LINK(text)
    if found is None:
        return None
    path, query = found.groups()
    pieces = path.split("/")
    # The last key of the path counts; a path begins with a slash, so there are two pieces at least.
    ai = pieces[-2]
    if ai in _KEYS:
        elements, length = [(ai, pieces[-1])], 1
    else:
        elements = _qualified(pieces)
        length = len(elements)
    if query:
        elements += _ATTRIBUTES(query.replace("+", " "))  # a plus sign is a space there
    if "%" in text:
        elements = [(ai, unescape(value)) for ai, value in elements]
    shape: list[int | str] = [length]
    # What `is_recognised` does stands here again, because a call for each costs as much again.
    for ai, value in elements:
        shape.append(ai)
        try:
            _, digits, _, fullmatch, accepts = RECOGNISERS[ai]
        except KeyError:  # what is remembered as a shape was learnt
            return None
        if digits:
            if len(value) != digits or not has_check_digit(value):
                return None
        else:
            match = fullmatch(value)
            if match is None or (accepts is not None and not accepts(match)):
                return None
    return make_message(elements, length) if tuple(shape) in _SHAPES else None


def _qualified(pieces: list[str]) -> list[tuple[str, str]]:
    """Give the last key of a path with its qualifiers; without a key what has no accepted shape."""
    keys = aitable.link_keys()
    elements: list[tuple[str, str]] = []
    for index in range(len(pieces) - 2, 0, -2):
        elements.append((pieces[index], pieces[index + 1]))
        if pieces[index] in keys:
            break
    elements.reverse()
    return elements


def remember_shape(path: Sequence[str], query: Sequence[str]) -> None:
    """Remember the shape of a link that was accepted, if it is sound whatever its values are.

    Args:
        path: The AIs of the path, key first.
        query: The AIs of the query in their order.
    """
    ais = (*path, *query)
    if ais in SOUND_COMPANIES and all(map(aitable.find, ais)):
        for ai in ais:
            recogniser(ai)
        if len(_SHAPES) >= _KEPT:
            _SHAPES.clear()
        _SHAPES.add((len(path), *ais))
        _KEYS.add(path[0])
