"""GS1 element strings: application identifiers (AIs) with their values.

Rules kept (GS1 General Specifications, sections 3 and 7.8):

* A value whose length is not predefined ends at a separator, the character GS (0x1D), or at the
  end.
* One leading GS stands for the function character FNC1 and is dropped; one trailing GS is allowed.
* In the bracketed form ``(01)...(10)...`` a backslash goes before an opening bracket that belongs
  to a value.
* A bar ``|`` may part the linear from the two-dimensional component of a composite symbol.
* Every component of a value and all relations between AIs are verified; what is read is never
  repaired.

Standard: https://ref.gs1.org/standards/genspecs/

>>> parse_bracketed("(01)09506000134352(10)A1").elements
(('01', '09506000134352'), ('10', 'A1'))
>>> as_bracketed(parse_element_string("010950600013435210A1"))
'(01)09506000134352(10)A1'
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from identifiers.characters import require
from identifiers.errors import (
    ConversionError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.components import CHECKS, check_rule
from identifiers.gs1.places import start_in_brackets, start_in_element_string
from identifiers.gs1.recognition import RECOGNISERS, has_check_digit, is_recognised, learn
from identifiers.gs1.relations import SOUND_COMPANIES, verify_relations
from identifiers.gs1.value_lengths import too_long, too_short

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "SEPARATOR",
    "ElementString",
    "Message",
    "as_bracketed",
    "as_element_string",
    "make_message",
    "parse_bracketed",
    "parse_element_string",
    "verify_value",
]

SEPARATOR = "\x1d"
"""GS, the character that a scanner sends for the function character FNC1."""

_FORM_RULE = "GS1 General Specifications, section 7.8"
_BRACKETS_RULE = "GS1 General Specifications, section 4.14"
_COMPOSITE = "|"
_ENDING = re.compile(r"[\x1d|]")
_AI = re.compile(r"\(([^()]*)\)")
_VALUE = re.compile(r"(?:[^(\\]|\\\(|\\(?!\())*")


class ElementString(NamedTuple):
    """A verified GS1 message.

    A named tuple because one is made for every code that is read, at a third of a dataclass's cost.
    """

    elements: tuple[tuple[str, str], ...]
    """The (AI, value) pairs in the order in which they were read."""
    dictionary: str
    """Release of the syntax dictionary that the message was judged by."""
    path: int = 0
    """How many of the first elements stood in the path of a Digital Link; 0 for any other form."""
    linear: int = 0
    """How many of the first elements stood in the linear part of a composite symbol, or 0."""


_new = tuple.__new__


def make_message(
    elements: Sequence[tuple[str, str]], path: int = 0, linear: int = 0
) -> ElementString:
    """Make a message of elements that were verified by the table of this package.

    The tuple is made without the class's own constructor, which takes twice as long.

    Args:
        elements: The (AI, value) pairs.
        path: How many of the first stood in the path of a Digital Link.
        linear: How many of the first stood in the linear part of a composite symbol.

    Returns:
        The message.
    """
    return _new(ElementString, (tuple(elements), aitable.version(), path, linear))


def verify_value(found: aitable.Entry, value: str) -> None:
    """Verify the value of one AI: its length, its characters, and every check of its components.

    Args:
        found: The AI's entry in the table.
        value: The value without the AI.

    Raises:
        IdentifierError: Its position is an index in the value.
    """
    start = 0
    for part in found.components:
        text = value[start : start + part.longest]
        if not text and part.optional:
            break
        if len(text) < part.shortest:
            raise too_short(found, value)
        try:
            if part.kind == "Z":
                CHECKS["cset64"](text)
            else:
                require(part.kind, text)
        except IdentifierError as error:
            raise error.within(start, found.ai) from None
        for check in part.checks:
            try:
                CHECKS[check](text)
            except IdentifierError as error:
                raise error.within(start, found.ai, check_rule(check)) from None
        start += len(text)
    if start < len(value):
        raise too_long(found, value)


def parse_element_string(
    text: str, *, requisites: bool = True, unknown_ais: bool = False
) -> ElementString:
    """Parse an unbracketed element string.

    Args:
        text: AIs and values with GS (0x1D) as separator, with or without one leading GS.
        requisites: Whether AIs that others require must be there.
        unknown_ais: Whether an AI that is not in the table, but of known length, is let pass.

    Returns:
        The verified message.

    Raises:
        IdentifierError: The text is no valid element string.
    """
    elements: list[tuple[str, str]] = []
    ais: list[str] = []
    position = 1 if text[:1] == SEPARATOR else 0
    end = len(text) if text.isascii() else position
    # Sound elements are recognised here, up to the end or the first that needs a closer look. The
    # work of a whole element stands in one loop, because a call for each costs as much again.
    while position < end:
        try:
            ai, digits, match, _, accepts = RECOGNISERS[text[position : position + 2]]
            if not ai:
                ai, digits, match, _, accepts = RECOGNISERS[text[position : position + digits]]
        except KeyError:
            if learn(text, position):
                continue
            break
        start = position + len(ai)
        if digits:
            stop = start + digits
            value = text[start:stop]
            if stop > end or not has_check_digit(value):
                break
            position = stop + 1 if text[stop : stop + 1] == SEPARATOR else stop
        else:
            matched = match(text, start)
            if matched is None or (accepts is not None and not accepts(matched)):
                break
            value, position = matched[1], matched.end()
        ais.append(ai)
        elements.append((ai, value))
    if position < len(text) or tuple(ais) not in SOUND_COMPANIES:
        linear = _read_on(text, position, elements, unknown=unknown_ais)
        start_of = partial(start_in_element_string, text, elements)
        verify_relations(elements, requisites=requisites, start_of=start_of)
        return make_message(elements, 0, linear)
    return make_message(elements)


def _read_on(text: str, position: int, elements: list[tuple[str, str]], *, unknown: bool) -> int:
    """Read what was not recognised, and say how many elements the linear part has."""
    linear = 0
    while position < len(text):
        if text[position] == _COMPOSITE and elements:
            position += 1
            if linear or text[position : position + 1] != SEPARATOR:
                raise SyntaxError_(
                    "one | at most, and a separator after it",
                    text[position:],
                    position=position,
                    rule="ISO/IEC 24723",
                )
            linear = len(elements)
            position += 1
            continue
        found = aitable.at(text, position, unknown=unknown)
        position += len(found.ai)
        # A search beyond a predefined length would make long texts cost the square of their length.
        limit = min(len(text), position + found.longest) if found.fixed else len(text)
        ending = _ENDING.search(text, position, limit)
        end = ending.start() if ending else limit
        value = text[position:end]
        try:
            verify_value(found, value)
        except IdentifierError as error:
            if isinstance(error, LengthError) and len(value) > found.longest:
                error.mended_by(
                    "put the separator GS (FNC1) behind the value of ({preceding})",
                    preceding=found.ai,
                )
            raise error.within(position) from None
        elements.append((found.ai, value))
        position = end
        if text[position : position + 1] == SEPARATOR:
            position += 1
    if linear == len(elements):
        raise LengthError("an application identifier", "", position=position, rule=_FORM_RULE)
    return linear


def parse_bracketed(
    text: str, *, requisites: bool = True, unknown_ais: bool = False
) -> ElementString:
    r"""Parse a bracketed element string, as printed below a barcode.

    Args:
        text: For example ``(01)09506000134352(10)A1``; an opening bracket inside a value is written
            ``\(``.
        requisites: Whether AIs that others require must be there.
        unknown_ais: Whether an AI that is not in the table is let pass.

    Returns:
        The verified message.

    Raises:
        IdentifierError: The text is no valid bracketed element string.
    """
    elements: list[tuple[str, str]] = []
    position = linear = 0
    while position < len(text):
        opening = _AI.match(text, position)
        if opening is None:
            raise SyntaxError_(
                "an application identifier in brackets",
                text[position:],
                position=position,
                fix="write (01)... and \\( for a bracket inside a value",
                rule=_BRACKETS_RULE,
            )
        ai, start = opening[1], opening.end()
        raw = _VALUE.match(text, start)
        end = raw.end() if raw else start
        value = text[start:end]
        position = end
        composite = not linear and end < len(text) and value.endswith(_COMPOSITE)
        if composite:
            value = value[:-1]
        value = value.replace("\\(", "(")
        try:
            if not is_recognised(ai, value):
                verify_value(aitable.entry(ai, unknown=unknown_ais), value)
        except UnknownAiError as error:
            raise error.within(opening.start(1)) from None
        except IdentifierError as error:
            raise error.within(start) from None
        elements.append((ai, value))
        if composite:
            linear = len(elements)
    if not elements:
        raise SyntaxError_(
            "an application identifier in brackets",
            "",
            position=0,
            fix="write (01)... and \\( for a bracket inside a value",
            rule=_BRACKETS_RULE,
        )
    start_of = partial(start_in_brackets, text, elements)
    verify_relations(elements, requisites=requisites, start_of=start_of)
    return make_message(elements, 0, linear)


class Message(Protocol):
    """Anything that has application identifiers with their values: a message or an item code."""

    @property
    def elements(self) -> tuple[tuple[str, str], ...]:
        """The (AI, value) pairs in the order in which they were read."""
        ...


def _linear(code: Message) -> int:
    return code.linear if isinstance(code, ElementString) else 0


def _verify_not_empty(code: Message) -> None:
    if not code.elements:
        found = str(getattr(code, "uri", ""))
        raise ConversionError("a code of GS1, not of another scheme", found, rule=_FORM_RULE)


def as_element_string(code: Message) -> str:
    """Write a message without brackets; GS (0x1D) goes behind a value of open length.

    Args:
        code: A message or item code.

    Returns:
        The element string without leading FNC1; a bar and GS stand between the parts of a composite
        symbol.

    Raises:
        ConversionError: It is an item code of another scheme.
    """
    parts: list[str] = []
    linear = _linear(code)
    separated = True
    _verify_not_empty(code)
    for index, (ai, value) in enumerate(code.elements):
        if linear and index == linear:
            parts.append(_COMPOSITE + SEPARATOR)
        elif not separated:
            parts.append(SEPARATOR)
        parts.append(ai + value)
        separated = aitable.is_fixed(ai)
    return "".join(parts)


def as_bracketed(code: Message) -> str:
    r"""Write a message with brackets; an opening bracket inside a value becomes ``\(``.

    Args:
        code: A message or item code.

    Returns:
        The bracketed element string; a bar stands between the parts of a composite symbol.

    Raises:
        ConversionError: It is an item code of another scheme.
    """
    _verify_not_empty(code)
    parts = ["({}){}".format(ai, value.replace("(", "\\(")) for ai, value in code.elements]
    linear = _linear(code)
    if not linear:
        return "".join(parts)
    return "".join(parts[:linear]) + _COMPOSITE + "".join(parts[linear:])
