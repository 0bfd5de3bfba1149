r"""Tell what a text or the bytes of a scan may be: every scheme that reads them, the surest first.

Rules kept:

* Every scheme whose codes look like the text is asked, and every reading is returned: 20 digits
  that begin with 00 are an SSCC and a drug code until somebody knows better.
* A reading satisfies all rules of its scheme. What is wrong is undone by a declared repair
  (`repair`, `cleaning`, `lost_separators`), or told as a refusal.
* Repairs are tried only while nothing is read that is `Confidence.LIKELY` or better. One that
  brings in a guess must be confirmed by a reading that is `Confidence.STRONG`.
* What a value of open length may hide for want of a separator is offered as a guess beside the
  plain reading.
* Bytes that are no plain text are the memory of an RFID tag, if they hold an EPC. Otherwise bytes
  are UTF-8, which ASCII is part of; if they are not, GB 18030 is tried as a declared repair.
* Nothing is raised. A text is at most 65,536 characters; the time is linear in its length.

Standard: ISO/IEC 15424 for symbology identifiers; each scheme's module names its own.

>>> found = identify("]d20109506000134353")
>>> found.best, found.refusals[0][1].fix
(None, 'check digit should be 2, unless another digit is mistyped')
>>> [(item.scheme, item.confidence.name) for item in identify("00395200010000000011").candidates]
[('gs1-element-string', 'STRONG'), ('cn-drug-trace-20', 'POSSIBLE')]
>>> best = identify("０１０９５０６０００１３４３５２\r\n").best
>>> best.uri, [notice.kind for notice in best.repairs]
('https://id.gs1.org/01/09506000134352', ['line-ending', 'full-width'])
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from identifiers.candidates import SYMBOLOGY, Candidate, Refusal, Wishes, are_links, read_draft
from identifiers.characters import is_digits
from identifiers.confidence import Confidence
from identifiers.errors import CharacterError, IdentifierError, LengthError, SyntaxError_
from identifiers.gs1 import aitable
from identifiers.gs1.elements import SEPARATOR
from identifiers.hosts import look_alike
from identifiers.notices import Notice
from identifiers.parsing import parse_item_code
from identifiers.repair.drafts import Draft
from identifiers.repair.lost_separators import Proposal, propose
from identifiers.repair.proposing import (
    ALL_REPAIRS,
    CEILINGS,
    levels,
    names_control,
    with_typed_separators,
)
from identifiers.schemes.registry import BINARY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from identifiers.item_code import ItemCode
    from identifiers.profiles import Profile

__all__ = ["ALL_REPAIRS", "LONGEST", "Candidate", "Identification", "identify", "read_item_code"]

LONGEST = 65_536
"""Characters or bytes of the longest text that is looked at."""

_KNOWN_HOSTS = ("id.gs1.org",)
_CUT_LINK = re.compile(r"(?!(?i:https?)://)(?i:h?t{0,3}ps?):/*[^/]+[./]")
"""A link that has lost or doubled a letter or slash in front."""
_SCANNED = re.compile(r"\](?:C1|e0|d2|Q3|J1)")
_URI = re.compile(r"[A-Za-z][0-9A-Za-z+.\-]+:")
_NO_TEXT = re.compile(rb"[^\x04\t\n\r\x1d\x1e -~]")
"""Bytes that the memory of a tag has and a plain text has not; tags are full of such bytes."""
_HIDDEN = re.compile(r"(?:10|21).|1[1-7][0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]|01[0-9]{14}")
"""What a value has in it that may hide a usual AI behind a lost separator."""
_OFFERED = 3  # readings with lost separators beside one without
_NOTHING = 0.0
_SHOWN = 60  # characters or bytes that a refusal repeats
_RULE = "what this package reads"


@dataclass(frozen=True, slots=True)
class Identification:
    """Everything that a text may be."""

    text: str
    """The text as it was handed over; of bytes, the text that they were decoded to."""
    candidates: tuple[Candidate, ...]
    """The readings, the surest first."""
    refusals: tuple[tuple[str, IdentifierError], ...]
    """Schemes that the text looks like and why it is none of theirs, the most telling first;
    positions are those in `text`."""
    warnings: tuple[Notice, ...] = ()
    """Remarks on the text itself, whether or not it is a code: a host that feigns another."""

    @property
    def best(self) -> Candidate | None:
        """The surest candidate, or None."""
        return self.candidates[0] if self.candidates else None


def _surest(candidates: Iterable[Candidate]) -> float:
    return max((candidate.confidence for candidate in candidates), default=_NOTHING)


def _separated(draft: Draft, start: int, wishes: Wishes) -> list[tuple[Proposal, Candidate]]:
    """Read an element string with its lost separators put back."""
    found: list[tuple[Proposal, Candidate]] = []
    for proposal in propose(draft.text[start:]):
        mended = draft
        for count, (position, ai) in enumerate(zip(proposal.positions, proposal.ais, strict=True)):
            place = start + position + count
            remark = Notice(
                "lost-separator",
                "a lost separator was put in before AI {ai}",
                {"ai": ai},
                draft.origin(start + position),
            )
            mended = mended.inserted(place, SEPARATOR, remark)
        found.extend((proposal, candidate) for candidate in read_draft(mended, wishes)[0])
    return found


def _element_start(draft: Draft) -> int | None:
    """Give where an element string begins that separators may have been lost from."""
    if _SCANNED.match(draft.text):
        return SYMBOLOGY
    if any(notice.kind == "leading-fnc1" for notice in draft.repairs):
        return 0
    # Without a mark the key stands in front, as for `gs1.read_elements`.
    try:
        return 0 if aitable.at(draft.text, 0).qualifiers is not None else None
    except IdentifierError:
        return None


def _steps(proposals: list[Proposal]) -> list[Confidence]:
    """Tell how sure each of several ways is to put separators back, the likeliest first."""
    first, *others = proposals
    if not others:
        return [CEILINGS["lost-separator"] if first.is_common else Confidence.WEAK]
    ahead = Confidence.WEAK if first.cost < others[0].cost else Confidence.GUESS
    return [ahead, *[Confidence.GUESS] * len(others)]


def _with_lost_separators(drafts: Iterable[Draft], wishes: Wishes) -> list[Candidate]:
    """Read the first draft in which lost separators can be put back."""
    for draft in drafts:
        start = _element_start(draft)
        found = [] if start is None else _separated(draft, start, wishes)
        if found:
            steps = _steps([proposal for proposal, _ in found])
            return [
                replace(candidate, confidence=min(candidate.confidence, step))
                for (_, candidate), step in zip(found, steps, strict=True)
            ]
    return []


def _hidden(draft: Draft, candidates: list[Candidate], wishes: Wishes) -> list[Candidate]:
    """Offer what a value of open length may hide behind lost separators."""
    start = _element_start(draft)
    if start is None or SEPARATOR in draft.text:
        return []
    # Without separators only the last value can be of open length.
    last = [one.elements[-1][1] for one in candidates if one.scheme == "gs1-element-string"]
    if not any(_HIDDEN.search(value, 1) for value in last):
        return []
    found = [
        candidate
        for typed in with_typed_separators(draft)
        if typed.text != draft.text
        for candidate in read_draft(typed, wishes)[0]
    ]
    found += [
        candidate for proposal, candidate in _separated(draft, start, wishes) if proposal.is_usual
    ][:_OFFERED]
    return [replace(candidate, confidence=Confidence.GUESS) for candidate in found]


def _identified(start: Draft, repairs: Collection[str], wishes: Wishes) -> Identification:
    candidates: list[Candidate] = []
    refused: list[Refusal] = []
    drafts: list[Draft] = []
    for level in levels(start, repairs):
        drafts += level
        # What is repaired must be surer than what was read with fewer repairs.
        least = _surest(candidates)
        for draft in level:
            found, refusals = read_draft(draft, wishes)
            candidates += [item for item in found if item.confidence > least]
            # The first refusals are those of the text as it is, if it looks like anything.
            refused = refused or refusals
        if _surest(candidates) >= Confidence.LIKELY:
            break
    if "lost-separator" in repairs:
        if _surest(candidates) >= Confidence.LIKELY:
            candidates += _hidden(drafts[-1], candidates, wishes)
        elif _surest(candidates) < CEILINGS["lost-separator"]:
            candidates += _with_lost_separators(drafts, wishes)
    candidates.sort(key=lambda item: -item.confidence)
    refused.sort(key=lambda item: item.rank)
    answers = [(item.scheme, item.error) for item in refused]
    if not candidates and not answers:
        error = SyntaxError_(
            "a code of a scheme that is known here", start.text, position=0, rule=_RULE
        )
        answers = [("", error)]
    notice = look_alike(start.text, wishes.known_hosts) if "//" in start.text else None
    return Identification(
        start.text, tuple(candidates), tuple(answers), () if notice is None else (notice,)
    )


def _tag(text: str, wishes: Wishes) -> Identification:
    """Read bytes as the memory of an RFID tag."""
    candidates, refused = read_draft(Draft.of(text), wishes, (BINARY,))
    answers = tuple((item.scheme, item.error) for item in refused)
    return Identification(text, tuple(candidates), answers)


def _decoded(data: bytes, repairs: Collection[str]) -> Draft:
    """Decode bytes as UTF-8, which ASCII is part of, or by a declared repair as GB 18030."""
    try:
        return Draft.of(data.decode())
    except UnicodeDecodeError as error:
        place = error.start
    try:
        text = data.decode("gb18030") if "encoding" in repairs else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise CharacterError(
            "text in UTF-8 or GB 18030",
            data[place : place + _SHOWN].hex(),
            position=place,
            rule=_RULE,
        )
    remark = Notice("encoding", "the bytes were read as GB 18030, as they are not UTF-8", {}, 0)
    return Draft.of(text).remarked(remark)


def identify(
    data: str | bytes,
    *,
    repairs: Collection[str] = ALL_REPAIRS,
    profile: Profile | None = None,
    known_hosts: Collection[str] = (),
) -> Identification:
    """Tell what a text, or the bytes of a scan or tag, may be.

    Args:
        data: A code in any form, with or without an AIM symbology identifier.
        repairs: Names of the repairs that may be done, of `ALL_REPAIRS`; an empty set forbids all.
        profile: The profile that codes of GS1 are judged by; without one, the profiles that apply
            by themselves, such as GB/T 33993 to Chinese products.
        known_hosts: Hosts of links that are expected besides id.gs1.org; a link to a host that only
            looks like one of them gets a warning.

    Returns:
        All readings and refusals; nothing is raised.
    """
    wishes = Wishes(profile, (*_KNOWN_HOSTS, *known_hosts))
    if len(data) > LONGEST:
        error = LengthError(
            "at most {limit} characters",
            data[:_SHOWN] if isinstance(data, str) else repr(data[:_SHOWN]),
            position=LONGEST,
            rule=_RULE,
            limit=LONGEST,
        )
        return Identification(data if isinstance(data, str) else "", (), (("", error),))
    if isinstance(data, str):
        return _identified(Draft.of(data), repairs, wishes)
    if _NO_TEXT.search(data):
        tag = _tag(data.hex().upper(), wishes)
        if tag.candidates:
            return tag
    try:
        draft = _decoded(data, repairs)
    except CharacterError as error:
        return Identification("", (), (("", error),))
    return _identified(draft, repairs, wishes)


def _doubt(text: str) -> IdentifierError | None:
    """Say why a text that is a valid code is rather another one; None where it is not."""
    if is_digits(text):
        return SyntaxError_(
            "a code with its AI in brackets, or FNC1 before it",
            text,
            position=0,
            fix="write what the digits are, such as (01) before a GTIN",
        )
    if not _URI.match(text) and names_control(text):
        return SyntaxError_(
            "the control character, not its name",
            text,
            position=0,
            fix="scan the code again with the scanner set to send control characters",
        )
    if are_links(text):
        return SyntaxError_("one link", text, position=0, fix="scan one code at a time")
    if _CUT_LINK.match(text):
        return SyntaxError_(
            "a link that begins with https://",
            text,
            position=0,
            fix="write the whole link as it is printed",
        )
    return None


def read_item_code(text: str) -> ItemCode:
    """Read an item code of any scheme, for people who type or scan one.

    What `parse_item_code` takes is taken as it does, unless it may be misread: nothing but digits,
    which may be a GTIN without its AI; a separator by its name, such as ``<GS>``; two links in one;
    a link that has lost a character in front. That, and every other text, must have one reading
    that is likely, needs no repair, and is surer than every other: a ledger does not guess.

    Args:
        text: A code in any form and scheme, without damage.

    Returns:
        The item code; of other schemes with their canonical URI and the level of what they name.

    Raises:
        IdentifierError: It is no code, or may be several.
    """
    try:
        code = parse_item_code(text)
    except IdentifierError as error:
        refused = error
    else:
        doubt = _doubt(text)
        if doubt is None:
            return code
        refused = doubt
    found = identify(text, repairs=())
    best = found.best
    if best is None or not best.uri:
        told = [error for scheme, error in found.refusals if scheme and not found.candidates]
        raise told[0] if told else refused
    rivals = [one for one in found.candidates[1:] if one.confidence == best.confidence]
    if best.confidence < Confidence.LIKELY or any(one.uri != best.uri for one in rivals):
        raise refused
    return parse_item_code(best.uri)
