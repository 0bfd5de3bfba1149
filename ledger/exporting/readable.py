r"""Text from outside in files for people: spreadsheets and drawings.

Rules kept:

* What acts, hides or turns its neighbours round (controls, bidirectional overrides, zero-width
  characters, half a surrogate pair, what Unicode hasn't assigned) is shown as an escape, so that
  two codes that differ look different. What is left may stand in XML 1.0, section 2.2.
* The joiners U+200C and U+200D stay, for some scripts are spelled with them, and so do spaces.

Files for programs (JSON, NDJSON, CSV, EPCIS) hold every text as it is.

>>> print(readable("A\u202eB\n"))
A\u202eB\n
"""

from __future__ import annotations

from typing import Final

__all__ = ["readable"]

_KEPT: Final = frozenset("\u00a0\u200c\u200d\u3000")


def readable(text: str) -> str:
    """Write a text on one line, with escapes for what can't be seen."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in _KEPT else ascii(one)[1:-1] for one in text)
