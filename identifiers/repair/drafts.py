"""A text under repair: what it is now, where each character stood at first, and what was done.

Rules kept:

* Nothing is changed without a remark that gives the place in the text as it was handed over, what
  stood there and what it became; changes of neighbouring characters by one repair are one remark.
* A repair that finds nothing to do gives back the draft that it got.

>>> import re
>>> from identifiers.notices import Notice
>>> draft = Draft.of("A  B").replaced(re.compile(" +"), "", lambda old, new, position: Notice(
...     "inner-space", "{old} was left out", {"old": old}, position))
>>> draft.text, draft.repairs[0].position, draft.origin(1)
('AB', 1, 3)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence

    from identifiers.notices import Notice

__all__ = ["Draft", "shown"]

_SHOWN = 20  # characters of foreign text that a remark repeats
_NAMES = {
    "\t": "TAB",
    "\n": "LF",
    "\r": "CR",
    "\x00": "NUL",
    "\x02": "STX",
    "\x03": "ETX",
    "\x04": "EOT",
    "\x1d": "GS",
    "\x1e": "RS",
    " ": "SP",
}


def shown(text: str) -> str:
    """Write a piece of text so that every character of it can be seen, cut to 20 characters."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN]
    signs = [
        _NAMES.get(sign) or (sign if sign.isprintable() else f"U+{ord(sign):04X}") for sign in cut
    ]
    plain = all(len(sign) == 1 for sign in signs)
    return ("" if plain else " ").join(signs) + ("..." if len(text) > _SHOWN else "")


@dataclass(frozen=True, slots=True)
class Draft:
    """One state of a text under repair."""

    text: str
    """The text as it is now."""
    origins: Sequence[int]
    """For each character, and for the end, its index in the text that was handed over."""
    repairs: tuple[Notice, ...] = ()
    """What was done so far, in the order in which it was done."""

    @classmethod
    def of(cls, text: str) -> Draft:
        """Begin with a text as it was handed over."""
        return cls(text, range(len(text) + 1))

    def origin(self, position: int) -> int:
        """Give the index in the text that was handed over; beyond the end counts as the end."""
        return self.origins[min(position, len(self.text))]

    def replaced(
        self,
        pattern: re.Pattern[str],
        becomes: str | Callable[[str], str],
        remark: Callable[[str, str, int], Notice],
    ) -> Draft:
        """Replace everything that a pattern matches.

        Args:
            pattern: What is replaced.
            becomes: What takes its place: a text, or a function of what was found.
            remark: Makes the remark on one change from what was found, what it became (both as
                they are shown to people) and the index in the text that was handed over.

        Returns:
            The changed draft, or this one when nothing matches.
        """
        pieces: list[str] = []
        origins: list[int] = []
        repairs: list[Notice] = []
        done = 0
        for match in pattern.finditer(self.text):
            old = match[0]
            new = becomes if isinstance(becomes, str) else becomes(old)
            if new == old:
                continue
            start = match.start()
            pieces += (self.text[done:start], new)
            origins += self.origins[done:start]
            # Characters that took the place of others of the same number keep their places.
            same = len(new) == len(old)
            place = self.origins[start]
            origins += self.origins[start : match.end()] if same else [place] * len(new)
            repairs.append(remark(shown(old), shown(new), place))
            done = match.end()
        if not repairs:
            return self
        pieces.append(self.text[done:])
        origins += self.origins[done:]
        return Draft("".join(pieces), origins, (*self.repairs, *repairs))

    def inserted(self, position: int, text: str, remark: Notice) -> Draft:
        """Put a text in before an index.

        Args:
            position: The index in the text as it is now.
            text: What is put in.
            remark: The remark on it.

        Returns:
            The changed draft.
        """
        place = self.origins[position]
        origins = [
            *self.origins[:position],
            *[place] * len(text),
            *self.origins[position:],
        ]
        changed = self.text[:position] + text + self.text[position:]
        return Draft(changed, origins, (*self.repairs, remark))

    def rewritten(self, text: str, remark: Callable[[int], Notice]) -> Draft:
        """Put another text in the place of the whole.

        Args:
            text: The new text; what it has in common with this one at both ends stays in its place.
            remark: Makes the remark from the index of the first change, in the text that was handed
                over.

        Returns:
            The changed draft, or this one when the text is the same.
        """
        if text == self.text:
            return self
        limit = min(len(text), len(self.text))
        start = next((at for at in range(limit) if text[at] != self.text[at]), limit)
        place = self.origins[start]
        remarks = (*self.repairs, remark(place))
        if len(text) == len(self.text):
            return Draft(text, self.origins, remarks)
        end = 0
        while end < limit - start and text[-1 - end] == self.text[-1 - end]:
            end += 1
        origins = [
            *self.origins[:start],
            *[place] * (len(text) - start - end),
            *self.origins[len(self.text) - end :],
        ]
        return Draft(text, origins, remarks)

    def remarked(self, remark: Notice) -> Draft:
        """Add a remark on something that was done before there was a text."""
        return Draft(self.text, self.origins, (*self.repairs, remark))
