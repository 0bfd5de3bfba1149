r"""Undo what programs and people leave around and between the characters of a code.

Rules kept:

* A repair here touches no character that a code could mean, or turns one into the only character
  that it can stand for; the order is from what is surely no part of the code to what may be.

>>> from identifiers.repair.drafts import Draft
>>> draft = Draft.of(" \uff11\uff12\r\n")
>>> for _, repair in CLEANING:
...     draft = repair(draft)
>>> draft.text, [(notice.kind, notice.position) for notice in draft.repairs]
('12', [('line-ending', 3), ('surrounding-space', 0), ('full-width', 1)])
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from identifiers.repair.drafts import Draft

__all__ = ["CLEANING"]


def _without_byte_order_mark(draft: Draft) -> Draft:
    # The second form is the mark's UTF-8 taken for Windows-1252.
    return draft.replaced(
        re.compile("\\A(?:\ufeff|\u00ef\u00bb\u00bf)"),
        "",
        lambda _, __, place: Notice(
            "byte-order-mark", "the byte order mark was left out", {}, place
        ),
    )


_ENDING = r"[\r\n\t\v\f\x85\u2028\u2029]"


def _without_line_endings(draft: Draft) -> Draft:
    return draft.replaced(
        re.compile(f"\\A{_ENDING}+|(?<!{_ENDING}){_ENDING}++\\Z"),
        "",
        lambda old, _, place: Notice(
            "line-ending", "the line ending {found} was left out", {"found": old}, place
        ),
    )


def _without_inner_line_endings(draft: Draft) -> Draft:
    # A code that was folded, or two codes below each other.
    return draft.replaced(
        re.compile(f"{_ENDING}+"),
        "",
        lambda old, _, place: Notice(
            "inner-line-ending",
            "the line ending {found} inside the code was left out",
            {"found": old},
            place,
        ),
    )


def _without_framing(draft: Draft) -> Draft:
    return draft.replaced(
        re.compile(r"\A[\x00\x02]+|(?<![\x00\x03])[\x00\x03]++\Z"),
        "",
        lambda old, _, place: Notice(
            "framing-character",
            "{found}, which a serial line puts around the code, was left out",
            {"found": old},
            place,
        ),
    )


def _without_surrounding_space(draft: Draft) -> Draft:
    # Not \s, to which GS and RS belong.
    blank = " \u00a0\u2000-\u200a\u202f\u205f\u3000"
    return draft.replaced(
        re.compile(f"\\A[{blank}]+|(?<![{blank}])[{blank}]++\\Z"),
        "",
        lambda old, _, place: Notice(
            "surrounding-space", "the space around the code was left out", {"found": old}, place
        ),
    )


def _without_invisible(draft: Draft) -> Draft:
    return draft.replaced(
        re.compile(
            "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0f\ufeff]+"
        ),
        "",
        lambda old, _, place: Notice(
            "invisible-character",
            "{found}, which nobody can see, was left out",
            {"found": old},
            place,
        ),
    )


def _with_half_width(draft: Draft) -> Draft:
    def half(text: str) -> str:
        # The full-width forms stand in the order of ASCII.
        table = {"\u3000": " ", "\u3002": "."}
        return "".join(table.get(sign) or chr(ord(sign) - 0xFEE0) for sign in text)

    return draft.replaced(
        re.compile("[\uff01-\uff5e\u3000\u3002]+"),
        half,
        lambda old, new, place: Notice(
            "full-width",
            "the full-width {found} was read as {became}",
            {"found": old, "became": new},
            place,
        ),
    )


_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u2033", '"'),
        "\u2044": "/",
        "\u2215": "/",
    }
)


def _without_typography(draft: Draft) -> Draft:
    return draft.replaced(
        re.compile("[\u2010-\u2015\u2018\u2019\u201c\u201d\u2032\u2033\u2044\u2212\u2215]+"),
        lambda text: text.translate(_TYPOGRAPHIC),
        lambda old, new, place: Notice(
            "typographic",
            "{found}, as a word processor writes it, was read as {became}",
            {"found": old, "became": new},
            place,
        ),
    )


CLEANING: tuple[tuple[str, Callable[[Draft], Draft]], ...] = (
    ("byte-order-mark", _without_byte_order_mark),
    ("line-ending", _without_line_endings),
    ("framing-character", _without_framing),
    ("surrounding-space", _without_surrounding_space),
    ("line-ending", _without_line_endings),
    ("inner-line-ending", _without_inner_line_endings),
    ("invisible-character", _without_invisible),
    ("full-width", _with_half_width),
    ("surrounding-space", _without_surrounding_space),
    ("typographic", _without_typography),
)
"""The repairs in the order in which they are done, each with its name."""
