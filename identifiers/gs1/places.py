"""Where an element begins in the text that it was read from.

Readers keep no account of it, because only the error of a relation asks: it is about an element,
not about a value that stands under a reader's eyes. The text is then gone through once more, along
the elements that were read of it.

>>> start_in_brackets("(01)09506000134352(10)A1", [("01", "09506000134352"), ("10", "A1")], 1)
19
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["start_in_brackets", "start_in_element_string"]


def start_in_element_string(text: str, elements: Sequence[tuple[str, str]], index: int) -> int:
    """Tell where an AI begins in an element string.

    Args:
        text: The element string, with or without leading GS.
        elements: What was read of it.
        index: Index of the element.

    Returns:
        The index of its AI in the text.
    """
    position = 0
    for ai, value in elements[:index]:
        # Nothing but separators stands before it, so that the next place is the right one.
        position = text.index(ai + value, position) + len(ai) + len(value)
    return text.index(elements[index][0], position)


def start_in_brackets(text: str, elements: Sequence[tuple[str, str]], index: int) -> int:
    """Tell where an AI begins in the bracketed form.

    Args:
        text: The bracketed element string.
        elements: What was read of it.
        index: Index of the element.

    Returns:
        The index of its AI in the text, behind the bracket.
    """
    position = 0
    for ai, value in elements[:index]:
        # Nothing but the bar of a composite symbol stands before it.
        position = text.index(f"({ai})", position) + len(ai) + 2
        position += len(value) + value.count("(")  # each of which has a backslash in the text
    return text.index(f"({elements[index][0]})", position) + 1
