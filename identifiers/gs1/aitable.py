"""The table of GS1 application identifiers (AIs).

Rules kept:

* The table is the GS1 Barcode Syntax Dictionary of the release that `version` names, in our own
  compact form (`data/ai_table.txt`, rebuilt by `tools/build_ai_table.py`, which also describes the
  form).
* AIs that share their first two digits have one length, so that an AI is found without a separator.
  They also tell whether the value's length is predefined (GS1 General Specifications, section
  7.8.5), so that even an AI that is not in the table has a known end.
* The table is read at the first question, not at import.

Standard: https://ref.gs1.org/tools/gs1-barcode-syntax-resource/

>>> entry("01").title
'GTIN'
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from identifiers.characters import is_digits
from identifiers.errors import UnknownAiError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Component",
    "Entry",
    "at",
    "entries",
    "entry",
    "find",
    "is_fixed",
    "length",
    "link_keys",
    "matches",
    "version",
]

_UNKNOWN = "an application identifier of the dictionary of {release}"
_LENGTHS = range(2, 5)  # digits of an AI
_LONGEST = 90  # characters of the longest value that any AI has


class Component(NamedTuple):
    """One part of an AI's value."""

    kind: str
    """``N`` digits, ``X`` CSET 82, ``Y`` CSET 39, ``Z`` file-safe base 64."""
    shortest: int
    """Least number of characters, from 1."""
    longest: int
    """Greatest number of characters."""
    optional: bool
    """Whether the part may be missing at the end."""
    checks: tuple[str, ...]
    """Names of the checks that the dictionary asks for, in order."""


class Entry(NamedTuple):
    """What the dictionary says about one AI."""

    ai: str
    """Two to four digits."""
    title: str
    """The data title, for example ``BATCH/LOT``."""
    fixed: bool
    """Whether the length is predefined, so that no separator follows."""
    attribute: bool
    """Whether it may stand in the query of a Digital Link."""
    components: tuple[Component, ...]
    """The parts of the value, in order."""
    requires: tuple[tuple[tuple[str, ...], ...], ...]
    """Groups that must all hold, of alternatives, each of AI patterns that stand together."""
    excludes: tuple[str, ...]
    """Patterns of AIs that must not stand beside it."""
    qualifiers: tuple[tuple[str, ...], ...] | None
    """Alternative orders of qualifiers of a Digital Link key, or None when it is no key."""
    shortest: int
    """Least length of the whole value."""
    longest: int
    """Greatest length of the whole value."""


def _component(word: str) -> Component:
    specification, *checks = word.split(":")
    optional = specification.endswith("?")
    length = specification[1:].rstrip("?")
    longest = int(length.removeprefix(".."))
    shortest = 1 if length.startswith("..") else longest
    return Component(specification[0], shortest, longest, optional, tuple(checks))


def _range(text: str) -> list[str]:
    first, _, last = text.partition("-")
    return [f"{ai:0{len(first)}}" for ai in range(int(first), int(last or first) + 1)]


def _entries(line: str) -> list[Entry]:
    ais, flags, parts, required, excluded, link, title = line.split("|")
    components = tuple(map(_component, parts.split()))
    requires = tuple(
        tuple(tuple(alternative.split("+")) for alternative in group.split(","))
        for group in required.split()
    )
    qualifiers: tuple[tuple[str, ...], ...] | None = None
    if link != "-":
        qualifiers = ((),)
        if link != "=":
            qualifiers = tuple(tuple(order.split(",")) for order in link.split("/"))
    return [
        Entry(
            ai,
            title,
            "*" in flags,
            "?" in flags,
            components,
            requires,
            tuple(excluded.split(",")) if excluded else (),
            qualifiers,
            sum(part.shortest for part in components if not part.optional),
            sum(part.longest for part in components),
        )
        for ai in _range(ais)
    ]


@lru_cache(maxsize=1)
def _table() -> tuple[str, dict[str, Entry], dict[str, int], dict[str, int]]:
    """Read the table once: version, entries; by two digits the lengths of AIs and fixed values."""
    from importlib.resources import files  # slow to import, and needed once

    text = files("identifiers").joinpath("data/ai_table.txt").read_text(encoding="utf-8")
    release, *lines = text.splitlines()
    table = {found.ai: found for line in lines for found in _entries(line)}
    lengths = {ai[:2]: len(ai) for ai in table}
    return release, table, lengths, {ai[:2]: e.longest for ai, e in table.items() if e.fixed}


@lru_cache(maxsize=1)
def version() -> str:
    """Name the release of the dictionary that codes are judged by, for example ``2026-01-27``."""
    return _table()[0]


def entries() -> Mapping[str, Entry]:
    """Give the whole table: the entries by their AIs."""
    return _table()[1]


def find(ai: str) -> Entry | None:
    """Look up one AI; None when the table has no such AI."""
    return _table()[1].get(ai)


@lru_cache(maxsize=1)
def link_keys() -> frozenset[str]:
    """Give the AIs that are the key of a Digital Link."""
    return frozenset(ai for ai, found in _table()[1].items() if found.qualifiers is not None)


def length(head: str) -> int | None:
    """Give the length of the AIs that begin with two digits; None when none begins so."""
    return _table()[2].get(head)


def is_fixed(ai: str) -> bool:
    """Tell whether an AI's value has a predefined length, whether or not the AI is in the table.

    GS1 General Specifications, section 7.8.5: the first two digits say so.
    """
    return ai[:2] in _table()[3]


def entry(ai: str, *, unknown: bool = False) -> Entry:
    """Look up one AI that must exist.

    Args:
        ai: The AI.
        unknown: Whether an AI that is not in the table is let pass, if it is as long as every AI
            that begins with its first two digits; with 1 to 90 characters or the predefined length.

    Returns:
        Its entry.

    Raises:
        UnknownAiError: The table has no such AI.
    """
    found = find(ai)
    if found is not None:
        return found
    wanted = length(ai[:2])
    if unknown and is_digits(ai) and len(ai) in _LENGTHS and wanted in {None, len(ai)}:
        most = _table()[3].get(ai[:2], _LONGEST)
        least = most if is_fixed(ai) else 1
        part = Component("X", least, most, optional=False, checks=())
        return Entry(ai, "", is_fixed(ai), True, (part,), (), (), None, least, most)  # noqa: FBT003
    error = UnknownAiError(_UNKNOWN, ai, position=0, release=version())
    if is_digits(ai) and wanted is not None and wanted != len(ai):
        error.mended_by(
            "write {length} digits, as every AI that begins with {head} has",
            length=wanted,
            head=ai[:2],
        )
    raise error


def at(text: str, start: int, *, unknown: bool = False) -> Entry:
    """Find the AI that an element string continues with.

    Args:
        text: The element string.
        start: Index at which an AI must stand.
        unknown: Whether an AI that is not in the table is let pass, if its first two digits tell
            its length.

    Returns:
        Its entry.

    Raises:
        UnknownAiError: No known AI stands there.
    """
    _, table, lengths, _ = _table()
    digits = lengths.get(text[start : start + 2], 0)
    ai = text[start : start + digits]
    found = table.get(ai)
    if found is None and unknown and digits and len(ai) == digits and is_digits(ai):
        return entry(ai, unknown=True)
    if found is None:
        raise UnknownAiError(
            _UNKNOWN,
            text[start : start + 4],
            position=start,
            fix="put the missing separator before it, or correct the value before it"
            if start > 1
            else "begin with an AI, such as 01 before a GTIN of 14 digits",
            release=version(),
        )
    return found


@lru_cache(maxsize=1024)
def matches(pattern: str, ai: str) -> bool:
    """Tell whether an AI fits a pattern of the dictionary, in which ``n`` stands for any digit."""
    return len(pattern) == len(ai) and all(
        wanted in {"n", given} for wanted, given in zip(pattern, ai, strict=True)
    )
