r"""Foreign text for a terminal: what would act on it, hide or turn round is shown as an escape.

Rules kept:

* Control characters, of which ESC begins orders to the terminal and a line feed feigns a line of
  ours, are written as Python and our error messages do: ``\x1b``, ``\n``.
* So are the characters that change the order of others or can't be seen: bidirectional marks,
  embeddings, overrides and isolates, zero-width spaces, tags and line separators; and half a
  surrogate pair, which can't be written at all.
* The joiners U+200C and U+200D stay: Persian, Indian scripts and emoji are spelled with them.
* It is for people. What programs read, JSON and the forms of `code convert`, stays as it is.

Standard: ECMA-48 for controls; Unicode Standard Annex 9 and Technical Report 36, section 2.

>>> print(visible("A\x1b[2J\u202eB"))
A\x1b[2J\u202eB
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["visible"]

_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """Write text from outside so that a terminal shows it and does nothing else.

    Args:
        text: Any text.

    Returns:
        The text on one line, with escapes for what acts, hides or turns round.
    """
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)
