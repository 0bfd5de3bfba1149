"""Recognise a GS1 Digital Link URI in one pass.

Rules kept:

* What is recognised here, `digital_link.parse_digital_link` accepts with the same answer; whatever
  is not recognised is read there again, step by step, and explained if it is faulty.
* Which AIs may stand where in a link, and beside which others, doesn't depend on their values. A
  link whose values are all sound is accepted, or refused, by what its shape was judged to be.
* Shapes are remembered as a tree, so that the walk along the AIs of a link, from recogniser to
  recogniser, ends at the verdict on their shape.

Standard: https://ref.gs1.org/standards/digital-link/uri-syntax/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from identifiers.characters import unescape
from identifiers.errors import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.elements import ElementString, make_message
from identifiers.gs1.link_shapes import LONGEST, SOUND, judge
from identifiers.gs1.recognition import has_check_digit, is_recognised, recogniser
from identifiers.gs1.relations import verify_relations

if TYPE_CHECKING:
    from identifiers.gs1.link_shapes import Shape, Verdict

__all__ = ["LINK", "recognise_link"]

_PLACE = r"A-Za-z0-9\-._~:/\[\]@!$&'()*+,;=%"
LINK = re.compile(
    rf"(?:https?|HTTPS?)://[A-Za-z0-9\-.:\[\]]+(/[{_PLACE}]*)(?:\?([{_PLACE}?]*))?(?:#[{_PLACE}?#]*)?\Z"
).match
"""Matches a URI that may be a link as a whole; its groups are path and query."""
_ATTRIBUTES = re.compile(r"(?:\A|&)([0-9]+)=([^&]*)")
_find_attributes = _ATTRIBUTES.findall
_KEYS: set[str] = set()
"""The keys of links, once they were asked for: the table is read at the first question."""

_Tree: TypeAlias = "dict[str, _Step]"
_Step: TypeAlias = tuple[
    int,
    Callable[[str], re.Match[str] | None],
    Callable[[re.Match[str]], bool] | None,
    _Tree,
    "dict[int, Verdict]",
]
"""An AI at its place in shapes: the parts 2, 4 and 5 of its recogniser, the AIs that may follow,
and the verdicts on the shapes that end here by how many AIs stand in their path.
"""
_KEPT = 2048  # shapes remembered, some 10 MB at worst
_TREES: dict[bool, _Tree] = {True: {}, False: {}}
"""Shapes by whether requisites were asked for."""
_NO_VERDICTS: dict[int, Verdict] = {}
"""What was judged before the first AI."""
_SHAPES: set[Shape] = set()
"""The shapes that are in the trees."""

_new = tuple.__new__
_version = aitable.version


def recognise_link(text: str, requisites: bool = True) -> ElementString | None:  # noqa: FBT001, FBT002  a name costs time at each call
    """Recognise a link whose values are sound; None for any that needs a closer look.

    Args:
        text: The URI.
        requisites: Whether AIs that others require must be there.

    Returns:
        The verified message, as `parse_digital_link` gives it.

    Raises:
        IdentifierError: All values are sound, but the AIs may not stand so.
    """
    found = LINK(text)
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
        if not length:
            return None
    if query:
        if "+" in query:
            query = query.replace("+", " ")  # what a plus sign means there
        if "&" in query:
            elements += _find_attributes(query)
        else:  # a single parameter is the commonest
            ai, equals, value = query.partition("=")
            if equals and ai.isdigit():
                elements.append((ai, value))
    if "%" in text:
        elements = [(ai, unescape(value) if "%" in value else value) for ai, value in elements]
    # What `is_recognised` does stands here again, because a call for each costs as much again.
    try:
        tree, verdicts = _TREES[requisites], _NO_VERDICTS
        for ai, value in elements:
            digits, fullmatch, accepts, tree, verdicts = tree[ai]
            if digits:
                if len(value) != digits or not has_check_digit(value):
                    return None
            else:
                match = fullmatch(value)
                if match is None or (accepts is not None and not accepts(match)):
                    return None
        verdict = verdicts[length]
    except KeyError:
        if not all(is_recognised(ai, value) for ai, value in elements):
            return None
        verdict = _learn((requisites, length, *(ai for ai, _ in elements)))
    if verdict is SOUND:  # as `make_message` does, once more without a call
        return _new(ElementString, (tuple(elements), _version(), length, 0))
    return _judged(found, make_message(elements, length), verdict)


def _learn(shape: Shape) -> Verdict:
    """Judge a shape that is met for the first time, and remember it unless it is very long."""
    verdict = judge(shape)
    if len(shape) > LONGEST:
        return verdict
    if len(_SHAPES) >= _KEPT:
        _SHAPES.clear()
        _TREES.update({True: {}, False: {}})
    _SHAPES.add(shape)
    requisites, length, *ais = shape
    tree, verdicts = _TREES[bool(requisites)], _NO_VERDICTS
    for ai in map(str, ais):
        if ai not in tree:
            _, digits, _, fullmatch, accepts = recogniser(ai)
            tree[ai] = (digits, fullmatch, accepts, {}, {})
        _, _, _, tree, verdicts = tree[ai]
    verdicts[int(length)] = verdict
    return verdict


def _qualified(pieces: list[str]) -> list[tuple[str, str]]:
    """Give the last key of a path with its qualifiers; nothing without a key."""
    if not _KEYS:
        _KEYS.update(aitable.link_keys())
    elements: list[tuple[str, str]] = []
    for index in range(len(pieces) - 2, 0, -2):
        elements.append((pieces[index], pieces[index + 1]))
        if pieces[index] in _KEYS:
            elements.reverse()
            return elements
    return []


def _judged(found: re.Match[str], message: ElementString, verdict: Verdict) -> ElementString | None:
    """Apply the verdict on a shape that is not simply sound."""
    if verdict.error is None:
        try:
            verify_relations(message.elements, requisites=False)
        except IdentifierError:
            return None
        return message
    position = _start(found, message, verdict.element)
    if verdict.at_value:
        position += len(message.elements[verdict.element][0]) + 1
    raise verdict.error(position=position)


def _start(found: re.Match[str], message: ElementString, index: int) -> int:
    """Tell where an AI of a link begins."""
    if index < message.path:
        pieces = found[1].split("/")
        return found.end(1) - len("/".join(pieces[2 * (index - message.path) :]))
    names = islice(_ATTRIBUTES.finditer(found[2]), index - message.path, None)
    return found.start(2) + next(names).start(1)
