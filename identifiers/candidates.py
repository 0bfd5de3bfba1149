"""Ask every scheme what a text may be, and make candidates of the readings.

Rules kept:

* A text with a symbology identifier that is none of GS1's is read behind it, as plain data; an
  element string in such a symbol is remarked on, and at most `Confidence.LIKELY`.
* A reading that a guess was needed for must be `Confidence.STRONG` by itself.
* A value with the name of a control character in it, ``<GS>``, is allowed, but at most
  `Confidence.POSSIBLE`; so is a link behind another one, which are rather two scans.
* No candidate is surer than the most daring of its repairs allows.
* What only reads what nobody else can is asked last.

Standard: ISO/IEC 15424 for symbology identifiers; each scheme's module names its own.

>>> from identifiers.repair.drafts import Draft
>>> found, refused = read_draft(Draft.of("91110000600037341L"), Wishes())
>>> [candidate.scheme for candidate in found], [refusal.scheme for refusal in refused]
(['cn-uscc'], ['gs1-element-string'])
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from identifiers.confidence import Confidence
from identifiers.errors import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.gs1.products import product_warnings
from identifiers.hosts import look_alike
from identifiers.notices import Notice
from identifiers.profiles import own_profiles
from identifiers.repair.keyboards import CAPS_LOCKED
from identifiers.repair.proposing import CEILINGS, names_control
from identifiers.schemes.gs1 import GS1_SCHEMES
from identifiers.schemes.reading import elements_of
from identifiers.schemes.registry import MARKED, Reader, readers_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from identifiers.item_code import Level
    from identifiers.profiles import Profile
    from identifiers.repair.drafts import Draft
    from identifiers.schemes.reading import Part, Reading

__all__ = ["SYMBOLOGY", "Candidate", "Refusal", "Wishes", "are_links", "read_draft"]

SYMBOLOGY = 3
"""Characters of a symbology identifier."""

_SCAN = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_ELEMENT_STRING = "gs1-element-string"
_DIGITAL_LINK = "gs1-digital-link"
_WEB = re.compile(r"(?i:https?)://")
_SECOND = re.compile(r"((?i:https?)://[^?#]*)(?i:https?)://")
_GUESSED = {
    "inner-space",
    "keyboard-layout",
    "lost-separator",
    "symbology-identifier",
    "typographic",
}
"""Repairs that only a reading of `Confidence.STRONG` confirms."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a text is by the rules of one scheme."""

    scheme: str
    """Stable name of the scheme, such as ``gs1-element-string`` or ``cn-drug-trace-20``."""
    code: str
    """The code in its scheme's own canonical notation."""
    uri: str
    """The canonical form in the ledger; empty for a message of GS1 that names nothing."""
    level: Level
    """The kind of thing that the code names."""
    confidence: Confidence
    """How sure the reading is, after its repairs."""
    reason: Notice
    """Why the text was taken for a code of this scheme."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """What the code is made of, by the names that its standard gives the parts."""
    dictionary: str = ""
    """Release of the syntax dictionary that a code of GS1 was judged by, otherwise empty."""
    repairs: tuple[Notice, ...] = ()
    """Everything that was changed before the text could be read, in order."""
    warnings: tuple[Notice, ...] = ()
    """What is allowed but likely a mistake, and what a profile forbids."""
    unverified: tuple[Notice, ...] = ()
    """What could not be verified."""

    @property
    def elements(self) -> tuple[tuple[str, str], ...]:
        """The application identifiers with their values; empty for other schemes than GS1's."""
        return elements_of(self.parts)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller asks for besides the readings."""

    profile: Profile | None = None
    """The profile that codes of GS1 are judged by; None for those that apply by themselves."""
    known_hosts: Collection[str] = ()
    """Hosts that a link may feign."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is no code of a scheme that it looks like."""

    scheme: str
    """The scheme."""
    error: IdentifierError
    """What is wrong; its position is an index in the text that was handed over."""
    claims: bool
    """Whether the text says itself that it is a code of the scheme."""

    @property
    def rank(self) -> tuple[bool, int]:
        """The order: first what claims to be a code, then what holds the furthest."""
        return (not self.claims, -(self.error.position or 0))


def are_links(text: str) -> bool:
    """Tell whether one Digital Link stands behind another, as in two scans without a line ending.

    What stands before a link may also be the address of an archive or a proxy.
    """
    found = _SECOND.match(text)
    if found is None:
        return False
    try:
        parse_digital_link(found[1])
    except IdentifierError:
        return False
    return True


def _warnings(reading: Reading, text: str, symbology: str, wishes: Wishes) -> Iterator[Notice]:
    yield from reading.warnings
    elements = elements_of(reading.parts)
    for ai, value in elements:
        if ai == "01":
            yield from product_warnings(value)
    if reading.scheme == _ELEMENT_STRING and names_control(text):
        yield Notice(
            "written-control", "the name of a control character stands in the code as text"
        )
    if elements:
        profiles = (wishes.profile,) if wishes.profile else own_profiles(elements)
        for profile in profiles:
            yield from profile.warnings(elements)
        if symbology and reading.scheme == _ELEMENT_STRING:
            yield Notice(
                "plain-symbology",
                "the symbology identifier {symbology} is not that of a symbol of GS1",
                {"symbology": symbology},
            )
    notice = look_alike(text, wishes.known_hosts) if _WEB.match(text) else None
    if notice is not None:
        yield notice


def _candidates(reader: Reader, draft: Draft, start: int, wishes: Wishes) -> Iterator[Candidate]:
    """Read a text by one scheme; an `IdentifierError` says why it is none of its codes."""
    text = draft.text[start:]
    kinds = {notice.kind for notice in draft.repairs}
    for reading in reader.read(text):
        step = reader.confidence(reading, text)
        if step is None or (step < Confidence.STRONG and not kinds.isdisjoint(_GUESSED)):
            continue
        if reading.scheme == _ELEMENT_STRING:
            if start:
                step = min(step, Confidence.LIKELY)
            if names_control(text):
                step = min(step, Confidence.POSSIBLE)
        elif reading.scheme == _DIGITAL_LINK and are_links(text):
            step = min(step, Confidence.POSSIBLE)
        yield Candidate(
            reading.scheme,
            reading.code,
            reading.uri,
            reading.level,
            min(step, *(CEILINGS[kind] for kind in kinds), Confidence.CERTAIN),
            reader.reason,
            reading.parts,
            aitable.version() if reading.scheme in GS1_SCHEMES else "",
            draft.repairs,
            _placed(_warnings(reading, text, draft.text[:start], wishes), draft, start),
            _placed(reading.unverified, draft, start),
        )


def _placed(notices: Iterable[Notice], draft: Draft, start: int) -> tuple[Notice, ...]:
    """Count the positions of remarks in the text as it was handed over."""
    return tuple(
        notice
        if notice.position is None
        else replace(notice, position=draft.origin(start + notice.position))
        for notice in notices
    )


def _readers(draft: Draft) -> tuple[list[Reader], int]:
    """Give the readers to ask, and where the data begin that they are asked about."""
    text = draft.text
    readers = readers_for(text)
    symbology = _SCAN.match(text) and text[:SYMBOLOGY] not in CAPS_LOCKED
    if symbology and not readers:
        return readers_for(text[SYMBOLOGY:]), SYMBOLOGY
    if not symbology and any(notice.kind == "leading-fnc1" for notice in draft.repairs):
        return [MARKED, *readers], 0
    return readers, 0


def read_draft(
    draft: Draft, wishes: Wishes, only: Sequence[Reader] = ()
) -> tuple[list[Candidate], list[Refusal]]:
    """Ask every scheme whose codes look like the text of a draft.

    Args:
        draft: The text with what was done to it.
        wishes: What the caller asks for.
        only: The readers to ask, when it is not all whose codes look like the text.

    Returns:
        The candidates in the order of the registry, and the refusals.
    """
    readers, start = (only, 0) if only else _readers(draft)
    found: dict[tuple[str, str], Candidate] = {}
    refused: list[Refusal] = []
    for reader in readers:
        if reader.fallback and any(item.confidence >= Confidence.LIKELY for item in found.values()):
            continue
        try:
            for candidate in _candidates(reader, draft, start, wishes):
                found.setdefault((candidate.scheme, candidate.code), candidate)
        except IdentifierError as error:
            if error.position is not None:
                error.position = draft.origin(start + error.position)
            if not reader.quiet:
                refused.append(Refusal(reader.scheme, error, reader.claims))
    return list(found.values()), refused
