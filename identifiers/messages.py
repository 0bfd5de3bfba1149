"""What is said to people, in English and Chinese.

Rules kept:

* A text is a literal template with named fields and never put together where it is used, so that
  it can be looked up whole.
* A detail that is a word of a language is a `Phrase` and has its own translation.
* `data/phrases_zh.txt` holds the Chinese: a line each with the English template, a tab, and the
  Chinese one with the same fields. It is read at the first question. Terms follow GB 12904,
  GB/T 16986 and GB/T 33993.
* What has no translation is said in English.

>>> filled("at most {limit} characters", {"limit": 3}, "zh-CN")
'最多 3 个字符'
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Phrase", "filled", "is_chinese", "phrases_zh"]


class Phrase(str):
    """A detail of a template that is said in the reader's language, such as ``latitude``."""

    __slots__ = ()


def is_chinese(language: str) -> bool:
    """Tell whether a language tag asks for Chinese: ``zh`` with any region or script."""
    return language[:2].lower() == "zh"


@lru_cache(maxsize=1)
def phrases_zh() -> Mapping[str, str]:
    """Give the Chinese templates by their English ones."""
    from importlib.resources import files  # slow to import, and needed once

    text = files("identifiers").joinpath("data/phrases_zh.txt").read_text(encoding="utf-8")
    rows = (line.partition("\t") for line in text.splitlines() if not line.startswith("#"))
    return {english: chinese for english, _, chinese in rows}


def filled(template: str, details: Mapping[str, str | int], language: str = "en") -> str:
    """Fill in a template in the reader's language.

    Args:
        template: The English text with the names of its details in braces; without details a brace
            is a brace.
        details: The values of the fields.
        language: A language tag; all but Chinese gives English.

    Returns:
        The text.
    """
    if is_chinese(language):
        chinese = phrases_zh()
        template = chinese.get(template, template)
        details = {
            name: chinese.get(value, value) if isinstance(value, Phrase) else value
            for name, value in details.items()
        }
    return template.format_map(details) if details else template
