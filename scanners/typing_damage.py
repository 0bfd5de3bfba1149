r"""What a keyboard makes of a code between scanner and program, undone where it is known.

A scanner that plays keyboard presses keys and means those of the American keyboard; the computer
may be set to another layout, and a Chinese input method may write full-width characters.

Rules kept here:

* Nothing is undone unless the profile says so, or the text proves it: a symbology identifier comes
  from the reader and never from a symbol, so one in full-width or Chinese characters was typed
  through an input method.
* What was undone is told, in a phrase for each.
* Text that stays in doubt is left as it is: ``identifiers`` offers its own repairs, and tells them.

Unicode 15, block Halfwidth and Fullwidth Forms (U+FF01 to U+FF5E are ASCII 0x21 to 0x7E).

>>> undo_typing("］Ｃ１０１０９５０６０００１３４３５２", full_width=FullWidth.CERTAIN)
(']C10109506000134352', ('19 characters of a Chinese input method were read as ASCII',))
"""

from __future__ import annotations

import re
from enum import StrEnum

from identifiers.repair.keyboards import LAYOUTS, undo

__all__ = ["TYPED_LAYOUTS", "FullWidth", "undo_typing"]

TYPED_LAYOUTS = ("us", *(name for name in LAYOUTS if name != "caps-lock"), "caps-lock")
"""The layouts that a profile can name; ``us`` is what scanners mean."""


class FullWidth(StrEnum):
    """When full-width characters are folded back to ASCII."""

    CERTAIN = "certain"
    """Where the line begins with a symbology identifier in such characters."""
    FOLD = "fold"
    """Always: the computer is set to a Chinese input method."""
    KEEP = "keep"
    """Never: the codes themselves hold such characters."""


# What the keys of an American keyboard write under a Chinese input method set to Chinese
# punctuation.
_PUNCTUATION = {
    "。": ".",
    "、": "\\",
    "￥": "$",
    "¥": "$",
    "【": "[",
    "】": "]",
    "「": "{",
    "」": "}",
    "《": "<",
    "》": ">",
    "·": "`",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "\u3000": " ",
}
_PAIRS = {"……": "^", "——": "_"}
_FOLDED = {
    **{0xFF01 + offset: chr(0x21 + offset) for offset in range(0x5E)},
    **{ord(typed): meant for typed, meant in _PUNCTUATION.items()},
}
_TYPED = re.compile("……|——|[" + "".join(map(chr, _FOLDED)) + "]")
_IDENTIFIER = re.compile(
    r"[］】][A-Za-zＡ-Ｚａ-ｚ][0-9０-９A-Za-zＡ-Ｚａ-ｚ]|\][Ａ-Ｚａ-ｚ][０-９]"
)


def undo_typing(
    text: str, *, layout: str = "us", full_width: FullWidth = FullWidth.CERTAIN
) -> tuple[str, tuple[str, ...]]:
    """Undo what the keyboard did to a line.

    Args:
        text: The line as it arrived.
        layout: What the computer's keyboard is set to, one of `TYPED_LAYOUTS`.
        full_width: When full-width characters are folded back.

    Returns:
        The line as the scanner meant it, and a phrase for each thing that was undone.
    """
    told: list[str] = []
    if full_width is FullWidth.FOLD or (
        full_width is FullWidth.CERTAIN and _IDENTIFIER.match(text)
    ):
        folded, count = _TYPED.subn(_meant, text)
        if count:
            told.append(f"{count} characters of a Chinese input method were read as ASCII")
            text = folded
    if layout != "us":
        meant = undo(layout, text)
        if meant != text:
            told.append(f"the keyboard layout {layout} was undone")
            text = meant
    return text, tuple(told)


def _meant(found: re.Match[str]) -> str:
    return _PAIRS.get(found[0]) or _FOLDED[ord(found[0])]
