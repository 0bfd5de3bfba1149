r"""Short names of codes, for boxes: what tells one item from its neighbours, and what it is one of.

A canonical GS1 code is read by its shape alone, for it was judged when it was captured (GS1 Digital
Link URI Syntax 1.3, section 4). Others are shown as they are.

>>> short_name("https://id.gs1.org/01/09506000134352/21/A%2F1")
('(21) A/1', '(01) 09506000134352')
>>> short_name("urn:example:part:7")
('urn:example:part:7', '')
>>> class_of("https://id.gs1.org/01/09506000134352/21/A1")
'https://id.gs1.org/01/09506000134352'
>>> fitted("ABCDEFGHIJ", 5)
'AB…IJ'
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import combining, east_asian_width
from urllib.parse import unquote

from ledger.exporting.readable import readable

__all__ = ["class_of", "fitted", "short_name", "width_of"]

_STEM: Final = "https://id.gs1.org/"
_LAST: Final = re.compile(r"[/:#?=]")
_WIDE: Final = 1.8  # widths of a Latin letter that a Chinese character takes


def short_name(code: str) -> tuple[str, str]:
    """The name of an item and, where its code says so, of what it is one of.

    Returns:
        Two texts, the second one maybe empty.
    """
    if code.startswith(_STEM):
        words = code.removeprefix(_STEM).split("/")
        pairs = list(zip(words[::2], words[1::2], strict=False))
        if len(words) == 1 and words[0].isdecimal():
            return f"({words[0]})", ""  # a kind of code, see `class_of`
        if len(words) % 2 == 0 and all(ai.isdecimal() for ai, _value in pairs):
            named = [f"({ai}) {readable(unquote(value))}" for ai, value in pairs]
            return named[-1], " ".join(named[:-1])
    return readable(code), ""


def class_of(code: str) -> str:
    """What a code is one of: its product or kind of code, else the code up to its last part."""
    if code.startswith(_STEM):
        ai, _slash, rest = code.removeprefix(_STEM).partition("/")
        value = rest.partition("/")[0]
        # Of an asset type the serial stands in the key itself, behind 14 digits; of other keys
        # every part is.
        kept = {"01": value, "8006": value, "8010": value, "8003": value[:14]}.get(ai)
        return _STEM + ai if kept is None else f"{_STEM}{ai}/{kept}"
    ends = [found.end() for found in _LAST.finditer(code)]
    return code[: ends[-1] - 1] if ends else ""


def width_of(text: str) -> float:
    """The width of a text, in Latin letters; fonts differ, so it is an estimate."""
    if text.isascii():
        return float(len(text))
    return sum(_width(one) for one in text)


def _width(character: str) -> float:
    if combining(character):
        return 0.0
    return _WIDE if east_asian_width(character) in {"W", "F"} else 1.0


def fitted(text: str, width: float) -> str:
    """A text that is no wider than so many letters: its middle is left out, for ends differ."""
    if width_of(text) <= width:
        return text
    start, end, used = 0, len(text), 1.0  # the ellipsis
    while True:  # it ends, for the whole is too wide
        front = used + _width(text[start])
        if front > width:
            break
        start, used = start + 1, front
        if start < end and used + _width(text[end - 1]) <= width:
            end -= 1
            used += _width(text[end])
    return f"{text[:start]}…{text[end:]}"
