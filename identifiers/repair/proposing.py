r"""Undo what scanners, keyboards and people do to a code on its way, and say so.

Each repair is a small function with a name, and can be switched off by that name. What a repair
changed stands in the draft that it gives back: where, what stood there, and what it became.

Rules kept:

* A text that can be read as it is is not repaired. The order is from what takes nothing away from
  the code (a line ending) to what is guessed (the layout of a keyboard).
* A repair only proposes: what comes out must satisfy every rule of its scheme, like any code.
* The number of drafts does not depend on the length of the text, and each costs time linear in it.
* Upper and lower case are never changed, but for a whole text that was typed with caps lock, which
  its symbology identifier gives away.

Standard: FNC1 and its separator, GS1 General Specifications, section 7.8; envelopes, ISO/IEC 15434.

>>> from identifiers.repair.drafts import Draft
>>> start = Draft.of("\x1d\x1d0109506000134352\r\n")
>>> drafts = [draft for level in levels(start) for draft in level]
>>> drafts[2].text, [str(notice) for notice in drafts[2].repairs]
('0109506000134352', ['the line ending CR LF was left out', 'the leading FNC1 GS GS was left out'])
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.characters import CSET82
from identifiers.confidence import Confidence
from identifiers.gs1.convenience import without_convenience_words
from identifiers.notices import Notice
from identifiers.repair.cleaning import CLEANING
from identifiers.repair.keyboards import LAYOUTS, is_typed_on, undo

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from identifiers.repair.drafts import Draft

__all__ = ["ALL_REPAIRS", "CEILINGS", "levels", "names_control", "with_typed_separators"]

_GS, _RS, _EOT = "\x1d", "\x1e", "\x04"
_HEADER = "[)>"
_HEADER_LENGTH = 7  # header, RS, the number of the format, and the GS behind it

CEILINGS: dict[str, Confidence] = {
    "byte-order-mark": Confidence.CERTAIN,
    "convenience-word": Confidence.STRONG,
    "doubled-separator": Confidence.CERTAIN,
    "encoding": Confidence.LIKELY,
    "framing-character": Confidence.CERTAIN,
    "full-width": Confidence.STRONG,
    "inner-line-ending": Confidence.POSSIBLE,
    "inner-space": Confidence.LIKELY,
    "invisible-character": Confidence.STRONG,
    "keyboard-layout": Confidence.POSSIBLE,
    "leading-fnc1": Confidence.CERTAIN,
    "line-ending": Confidence.CERTAIN,
    "lost-separator": Confidence.POSSIBLE,
    "missing-end": Confidence.POSSIBLE,
    "missing-eot": Confidence.STRONG,
    "missing-rs": Confidence.STRONG,
    "surrounding-space": Confidence.CERTAIN,
    "symbology-identifier": Confidence.POSSIBLE,
    "typed-separator": Confidence.LIKELY,
    "typographic": Confidence.LIKELY,
}
"""Every repair by the kind of its notices, and how sure a code can be at most that needed it."""

ALL_REPAIRS: frozenset[str] = frozenset(CEILINGS)
"""The names of all repairs. Most are here and in `cleaning`, ``encoding`` is in `identify`, and
``lost-separator`` for element strings in `lost_separators`."""


# 1. Separators and envelopes.


def _typed(old: str, new: str, place: int) -> Notice:
    return Notice(
        "typed-separator",
        "{found} was read as the control character {became}",
        {"found": old, "became": new},
        place,
    )


_CONTROLS = {
    **dict.fromkeys(("GS", "FNC1", "1D", "29", "\u241d", "^]", "\\F"), _GS),
    **dict.fromkeys(("RS", "1E", "30", "\u241e"), _RS),
    **dict.fromkeys(("EOT", "04", "4", "\u2404"), _EOT),
}
_WRITTEN = re.compile(
    r"[<{\[(]((?i:GS|RS|EOT|FNC1))[>}\])]"
    r"|[\\^](FNC1)"
    r"|(?:\\x|\\u00|%|<0x|&#x)(1[DdEe]|04)[>;]?"
    r"|&#(29|30|4);"
    r"|([\u2404\u241d\u241e]|\^\])"
    r"|(\\F)(?=[0-9]|\Z)"
)
_NAMED = re.compile(r"[<{\[(](?:(?i:GS|RS|EOT|FNC1))[>}\])]|%1[DdEe]")
_PERCENT = re.compile(r"[A-Za-z]+://")


def names_control(text: str) -> bool:
    """Tell whether a control character is written in a text by its name, such as ``<GS>``."""
    return _NAMED.search(text) is not None


def _meant(text: str) -> str:
    found = _WRITTEN.match(text + "0")  # the digit is for the look-ahead, which sees no further
    return _CONTROLS[(found[found.lastindex or 0]).upper()] if found else text


def _with_written_controls(draft: Draft) -> Draft:
    """Read ``<GS>``, ``{FNC1}``, the control pictures and their like as what they name."""
    # In a link %1D is an escape like any other.
    return draft if _PERCENT.match(draft.text) else draft.replaced(_WRITTEN, _meant, _typed)


_SYMBOLS = "^~|#@$\u00a7\u00ac\u00b6*"
"""What scanners are set to send for FNC1; the last is a character of GS1 values too."""
_ELEMENTS = re.compile(r"(?:\][A-Za-z][0-9])?[^0-9A-Za-z]?[0-9]{4}")


def with_typed_separators(draft: Draft) -> Iterator[Draft]:
    """Read a symbol as the separator of an element string; each symbol is a proposal of its own.

    Args:
        draft: The text, with or without symbology identifier.

    Yields:
        A draft for each symbol that scanners are set to send, changed or not.
    """
    if _ELEMENTS.match(draft.text):
        for symbol in _SYMBOLS:
            # At the end the one that values have too is rather part of the last of them.
            more = "(?=[0-9]{2})" if symbol in CSET82 else ""
            yield draft.replaced(re.compile(re.escape(symbol) + more), _GS, _typed)


_ENVELOPE = re.compile(r"\[\)>([^0-9A-Za-z]?)[0-9]{2}([^0-9A-Za-z])")


def _with_typed_envelope(draft: Draft) -> Draft:
    """Read the symbols of an ISO/IEC 15434 message as the control characters at their places."""
    found = _ENVELOPE.match(draft.text)
    if found is None:
        return draft
    ender, separator = found.groups()
    if ender and ender == separator:
        sign = re.escape(ender)
        draft = draft.replaced(re.compile(rf"(?<=\A\[\)>){sign}"), _RS, _typed)
        last = re.compile(rf"(?<!{sign}){sign}{{1,2}}\Z")
        draft = draft.replaced(last, lambda text: (_RS + _EOT)[: len(text)], _typed)
    elif ender:
        draft = draft.replaced(re.compile(re.escape(ender)), _RS, _typed)
        draft = draft.replaced(re.compile(r"(?<=\x1e)[^0-9A-Za-z]\Z"), _EOT, _typed)
    return draft.replaced(re.compile(re.escape(separator)), _GS, _typed)


def _without_leading_fnc1(draft: Draft) -> Draft:
    return draft.replaced(
        re.compile(r"(?:\A|(?<=\A\][A-Za-z][0-9A-Za-z]))\x1d+"),
        "",
        lambda old, _, place: Notice(
            "leading-fnc1", "the leading FNC1 {found} was left out", {"found": old}, place
        ),
    )


def _with_single_separators(draft: Draft) -> Draft:
    if draft.text.startswith("("):
        return draft.replaced(
            re.compile(r"\x1d+(?=\()"),
            "",
            lambda old, _, place: Notice(
                "doubled-separator",
                "{found} was left out, as brackets separate already",
                {"found": old},
                place,
            ),
        )
    return draft.replaced(
        re.compile(r"\x1d{2,}"),
        _GS,
        lambda old, _, place: Notice(
            "doubled-separator", "{found} was read as one separator", {"found": old}, place
        ),
    )


def _is_cut(text: str) -> bool:
    """Tell whether a message begins with its RS, which was let through, and ends without any."""
    return text.startswith(_HEADER + _RS) and not text.endswith((_RS, _EOT))


def _with_end(draft: Draft) -> Draft:
    """Put in RS and EOT at the end (ISO/IEC 15434, section 4); more than they may be missing."""
    if not _is_cut(draft.text):
        return draft
    end = len(draft.text)
    remark = Notice("missing-end", "the missing end, RS and EOT, was put in", {}, draft.origin(end))
    return draft.inserted(end, _RS + _EOT, remark)


def _with_record_separators(draft: Draft) -> Draft:
    """Put in the RS behind the header and behind the data (ISO/IEC 15434, section 4)."""
    if not draft.text.startswith(_HEADER):
        return draft

    def put_in(draft: Draft, position: int) -> Draft:
        place = draft.origin(position)
        remark = Notice("missing-rs", "the missing control character RS was put in", {}, place)
        return draft.inserted(position, _RS, remark)

    if _is_cut(draft.text):
        return draft
    if draft.text[3:5].isdigit():
        draft = put_in(draft, 3)
    body = draft.text.removesuffix(_EOT)
    return draft if body.endswith(_RS) else put_in(draft, len(body))


_FORMAT = re.compile(r"(?<=\A\[\)>\x1e)(?:05|06|12)(?=[^\x1d])")


def _with_format_separator(draft: Draft) -> Draft:
    """Put in the GS behind the number of a format (ISO/IEC 15434, section 4)."""
    found = _FORMAT.search(draft.text[:_HEADER_LENGTH])
    if found is None:
        return draft
    end = found.end()
    remark = Notice(
        "lost-separator", "a lost separator was put in behind the format", {}, draft.origin(end)
    )
    return draft.inserted(end, _GS, remark)


def _with_end_of_transmission(draft: Draft) -> Draft:
    """Put in the EOT at the end (ISO/IEC 15434, section 4)."""
    if not draft.text.startswith(_HEADER) or draft.text.endswith(_EOT):
        return draft
    end = len(draft.text)
    remark = Notice(
        "missing-eot", "the missing control character EOT was put in", {}, draft.origin(end)
    )
    return draft.inserted(end, _EOT, remark)


def _with_symbology_identifier(draft: Draft) -> Draft:
    """Mend the bracket of ``]C1`` and its like, which keyboards often lose."""
    known = r"(?:C1|e0|d2|Q3|J1)[0-9]{4}"
    if re.match(known, draft.text):
        remark = Notice(
            "symbology-identifier",
            "the bracket of the symbology identifier was put in",
            {},
            draft.origin(0),
        )
        return draft.inserted(0, "]", remark)
    return draft.replaced(
        re.compile(rf"\A[^\]0-9A-Za-z](?={known})"),
        "]",
        lambda old, new, place: Notice(
            "symbology-identifier",
            "{found} before the symbology identifier was read as {became}",
            {"found": old, "became": new},
            place,
        ),
    )


_SPACED_DIGITS = re.compile(r"[0-9][0-9 \u00a0\-]*[0-9]\Z")


def _without_inner_space(draft: Draft) -> Draft:
    """Leave out the spaces that a code is printed with; among nothing but digits, hyphens too."""
    space = r"[ \u00a0\-]+" if _SPACED_DIGITS.match(draft.text) else r"[ \u00a0]+"
    return draft.replaced(
        re.compile(space),
        "",
        lambda old, _, place: Notice(
            "inner-space", "{found} inside the code was left out", {"found": old}, place
        ),
    )


# 2. Keyboards and words.


def _keyboards(draft: Draft) -> Iterator[Draft]:
    """Undo each keyboard layout that can have written the text."""
    for layout in LAYOUTS:
        if is_typed_on(layout, draft.text):
            yield _undone(draft, layout)


def _undone(draft: Draft, layout: str) -> Draft:
    return draft.rewritten(
        undo(layout, draft.text),
        lambda place: Notice(
            "keyboard-layout",
            "the text was typed on a keyboard set to the layout {layout}; "
            "the keys were read as those of the American one",
            {"layout": layout},
            place,
        ),
    )


def _without_words(draft: Draft) -> Draft:
    """Write AIs for the words of early Digital Links (GS1 Digital Link Standard 1.1)."""
    return draft.rewritten(
        without_convenience_words(draft.text),
        lambda place: Notice(
            "convenience-word",
            "words of the first Digital Links, such as gtin, were read as their AIs",
            {},
            place,
        ),
    )


_FORMS: tuple[tuple[str, Callable[[Draft], Draft]], ...] = (
    ("convenience-word", _without_words),
    ("leading-fnc1", _without_leading_fnc1),
    ("doubled-separator", _with_single_separators),
    ("missing-end", _with_end),
    ("missing-rs", _with_record_separators),
    ("lost-separator", _with_format_separator),
    ("missing-eot", _with_end_of_transmission),
)


def _formed(draft: Draft, repairs: Collection[str]) -> Draft:
    for name, repair in _FORMS:
        if name in repairs:
            draft = repair(draft)
    return draft


def _proposed(cleaned: Draft, repairs: Collection[str]) -> Iterator[tuple[Draft, ...]]:
    """Give the levels that lie behind cleaning."""
    yield (_formed(cleaned, repairs),)
    written = cleaned
    if "typed-separator" in repairs:
        written = _with_typed_envelope(_with_written_controls(cleaned))
        yield (_formed(written, repairs),)
        yield tuple(_formed(draft, repairs) for draft in with_typed_separators(written))
    if "inner-space" in repairs:
        yield (_formed(_without_inner_space(written), repairs),)
    # One character can stand for a bracket on several layouts, which differ in other keys.
    guessed: list[Draft] = []
    if "symbology-identifier" in repairs:
        guessed.append(_with_symbology_identifier(written))
    if "keyboard-layout" in repairs:
        guessed.extend(_keyboards(cleaned))
    yield tuple(_formed(draft, repairs) for draft in guessed)


def levels(start: Draft, repairs: Collection[str] = ALL_REPAIRS) -> Iterator[tuple[Draft, ...]]:
    """Propose repaired texts, the likeliest first.

    Args:
        start: The text as it was handed over, decoded.
        repairs: The names of the repairs that may be done; other names mean nothing.

    Yields:
        Drafts of one level, which are equally near; the first level is the text as it is. No text
        comes twice.
    """
    cleaned = start
    seen = {start.text}
    yield (start,)
    for name, repair in CLEANING:
        if name in repairs:
            cleaned = repair(cleaned)
            if cleaned.text not in seen:
                seen.add(cleaned.text)
                yield (cleaned,)
    for level in _proposed(cleaned, repairs):
        fresh: dict[str, Draft] = {}
        for draft in level:
            if draft.text not in seen:
                fresh.setdefault(draft.text, draft)
        seen.update(fresh)
        if fresh:
            yield tuple(fresh.values())
