"""From a symbol's bytes to text that is never mojibake.

The rule, in order:

1. Bytes that are valid UTF-8 are UTF-8 (ASCII is part of it).
2. A character set named by the symbol itself (ECI) is believed: the engine's text is taken.
3. Older Chinese label printers write GB18030 without saying so, and the engines answer in Latin-1:
   where that answer has control characters (0x80..0x9F), or where all bytes above 0x7F stand in
   pairs that GB2312 knows, they are decoded as Chinese.
4. Otherwise the engine's own guess (Shift JIS, Latin-1) stands.

>>> as_text("溯源".encode("gb18030"), guess="ËÝÔ´", has_eci=False)
'溯源'
>>> as_text("Histórico".encode("latin-1"), guess="Histórico", has_eci=False)
'Histórico'
"""

from __future__ import annotations

import re

__all__ = ["as_text"]

_LATIN_1_LAST = "\xff"
_C1_CONTROLS = re.compile("[\x80-\x9f]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_GB2312_PAIRS = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")


def as_text(raw: bytes, *, guess: str, has_eci: bool) -> str:
    """Decode one symbol's bytes; `guess` is the engine's text, `has_eci`: it names a charset."""
    if has_eci:
        return guess
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if guess.isascii() or max(guess) > _LATIN_1_LAST:
        return guess
    impossible = _C1_CONTROLS.search(guess) is not None
    if impossible or all(_GB2312_PAIRS.fullmatch(run) for run in _HIGH_RUN.findall(raw)):
        try:
            return raw.decode("gb18030" if impossible else "gb2312")
        except UnicodeDecodeError:
            pass
    return guess
