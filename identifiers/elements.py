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
from dataclasses import dataclass
from typing import Protocol

from identifiers import aitable
from identifiers.characters import require
from identifiers.components import CHECKS
from identifiers.errors import (
    ConversionError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.relations import verify_relations

__all__ = [
    "SEPARATOR",
    "ElementString",
    "Message",
    "as_bracketed",
    "as_element_string",
    "parse_bracketed",
    "parse_element_string",
    "verify_value",
]

SEPARATOR = "\x1d"
"""GS, the character that a scanner sends for the function character FNC1."""

_COMPOSITE = "|"
_ENDING = re.compile(r"[\x1d|]")
_AI = re.compile(r"\(([^()]*)\)")
_VALUE = re.compile(r"(?:[^(\\]|\\\(|\\(?!\())*")


@dataclass(frozen=True, slots=True)
class ElementString:
    """A verified GS1 message."""

    elements: tuple[tuple[str, str], ...]
    """The (AI, value) pairs in the order in which they were read."""
    dictionary: str
    """Release of the syntax dictionary that the message was judged by."""
    path: int = 0
    """How many of the first elements stood in the path of a Digital Link; 0 for any other form."""
    linear: int = 0
    """How many of the first elements stood in the linear part of a composite symbol, or 0."""


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
            least, most = found.shortest, found.longest
            raise LengthError(
                f"{least} characters" if least == most else f"{least} to {most} characters",
                f"{len(value)} characters",
                position=len(value),
                ai=found.ai,
            )
        try:
            if part.kind == "Z":
                CHECKS["cset64"](text)
            else:
                require(part.kind, text)
            for check in part.checks:
                CHECKS[check](text)
        except IdentifierError as error:
            raise error.within(start, found.ai) from None
        start += len(text)
    if start < len(value):
        raise LengthError(
            f"at most {found.longest} characters",
            f"{len(value)} characters",
            position=start,
            ai=found.ai,
        )


def parse_element_string(text: str, *, requisites: bool = True) -> ElementString:
    """Parse an unbracketed element string.

    Args:
        text: AIs and values with GS (0x1D) as separator, with or without one leading GS.
        requisites: Whether AIs that others require must be there.

    Returns:
        The verified message.

    Raises:
        IdentifierError: The text is no valid element string.
    """
    position = 1 if text.startswith(SEPARATOR) else 0
    return _parse_from(text, position, requisites=requisites)


def _parse_from(text: str, position: int, *, requisites: bool) -> ElementString:
    elements: list[tuple[str, str]] = []
    linear = 0
    if position == len(text):
        raise LengthError("an application identifier", "", position=position)
    while position < len(text):
        found = aitable.at(text, position)
        position += len(found.ai)
        # A search beyond a predefined length would make long texts cost the square of their length.
        limit = min(len(text), position + found.longest) if found.fixed else len(text)
        ending = _ENDING.search(text, position, limit)
        end = ending.start() if ending else limit
        value = text[position:end]
        try:
            verify_value(found, value)
        except IdentifierError as error:
            raise error.within(position) from None
        elements.append((found.ai, value))
        position = end
        if text[position : position + 1] == _COMPOSITE:
            position += 1
            if linear or text[position : position + 1] != SEPARATOR:
                raise SyntaxError_(
                    "one | at most, and a separator after it", text[position:], position=position
                )
            linear = len(elements)
        if text[position : position + 1] == SEPARATOR:
            position += 1
    verify_relations(elements, requisites=requisites)
    return ElementString(tuple(elements), aitable.version(), linear=linear)


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
            verify_value(aitable.entry(ai, unknown=unknown_ais), value)
        except UnknownAiError as error:
            raise error.within(opening.start(1)) from None
        except IdentifierError as error:
            raise error.within(start) from None
        elements.append((ai, value))
        if composite:
            linear = len(elements)
    if not elements:
        raise SyntaxError_("an application identifier in brackets", "", position=0)
    verify_relations(elements, requisites=requisites)
    return ElementString(tuple(elements), aitable.version(), linear=linear)


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
        raise ConversionError("a GS1 code", "a code of another scheme")


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
        found = aitable.find(ai)
        separated = found is not None and found.fixed
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
