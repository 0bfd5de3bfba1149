"""Why a label cannot be printed, in a tree that callers can act on.

A label that would not scan, or would scan as something else, is refused here rather than found at
the dock::

    LabelError
    +-- ContentTooLongError        more data than the symbol or the label can hold
    +-- UnprintableCharacterError  a character that the symbol or the font cannot carry
    +-- UnknownSymbolError         no such symbol, or the symbol does not exist for this kind of
    code +-- SizeError                  X-dimension, label stock or resolution outside what scanners
    can read

Every message is one sentence that says what was expected, what was found, and the likely fix.
"""

from __future__ import annotations

__all__ = [
    "ContentTooLongError",
    "LabelError",
    "SizeError",
    "UnknownSymbolError",
    "UnprintableCharacterError",
]


class LabelError(Exception):
    """Root of the tree: a label cannot be printed as asked."""


class ContentTooLongError(LabelError):
    """The content does not fit into the symbol, or the symbol not onto the label."""


class UnprintableCharacterError(LabelError):
    """The symbol or the font has no such character."""


class UnknownSymbolError(LabelError):
    """The symbol is not one of ours, or has no form for this kind of code."""


class SizeError(LabelError):
    """A size is outside what GS1 General Specifications section 5 allows or the paper holds."""
