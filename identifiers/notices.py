"""Remarks on a code that is accepted: a repair, a doubt, a likely mistake.

>>> Notice("full-width", "{found} was read as {digit}", {"found": "７", "digit": "7"}).message()
'７ was read as 7'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from identifiers.messages import filled

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Notice"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One remark, in English or Chinese."""

    kind: str
    """Stable name for programs, such as ``full-width`` or ``look-alike-host``."""
    template: str
    """The English text with the names of its details in braces; see `messages`."""
    details: Mapping[str, str | int] = field(default_factory=dict)
    """The values of the template's fields."""
    position: int | None = None
    """Index in the text that was given, from 0, or None when the remark is about the whole."""

    def __str__(self) -> str:
        return self.message()

    def message(self, language: str = "en") -> str:
        """Give the text of the remark.

        Args:
            language: A language tag; ``zh`` with any region gives Chinese, all else English.

        Returns:
            A phrase without a full stop.
        """
        return filled(self.template, self.details, language)
