"""Errors of the EPCIS floor.

::

    ledger.errors.CaptureError
    ├── InputError        the document cannot be read, or its own fields are wrong
    └── EventRejectedError     one event is refused; the others may still be taken

Both carry `problems`; their text is the first problem's English sentence.
"""

from ledger.errors import CaptureError
from ledger.problems import Problem

__all__ = ["EventRejectedError", "InputError"]


class _RefusedError(CaptureError):
    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].message("en"))
        self.problems = problems


class InputError(_RefusedError):
    """The document as a whole is refused; events read before it must be taken back."""


class EventRejectedError(_RefusedError):
    """One event is refused; `problems` has its errors and its warnings."""
