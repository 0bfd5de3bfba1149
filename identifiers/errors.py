"""The errors of item codes.

Every text from outside that is not what it claims to be raises one of these, and nothing else::

    IdentifierError             anything wrong with an item code
    ├── SyntaxError_            the text has not the shape of the form it claims
    ├── UnknownSchemeError      a URI scheme, EPC scheme or symbology that is not known here
    ├── UnknownAiError          an application identifier that is not in the table
    ├── LengthError             too short or too long
    ├── CharacterError          a character outside the permitted set
    ├── CheckDigitError         a check digit or check character pair is wrong
    ├── DateError               no such date or time
    ├── ComponentError          a part breaks its own rule (an ISO code, a coupon, a winding, ...)
    ├── RequisiteError          an identifier that must stand beside another is missing
    ├── ExclusionError          two identifiers that must not stand together
    ├── RepeatError             one identifier twice with different values
    └── ConversionError         the code is sound, but has no form in the wanted notation

A caller acts on the class; the text is for people: what was expected, what was found, where, and
the likely fix.
"""

from __future__ import annotations

__all__ = [
    "CharacterError",
    "CheckDigitError",
    "ComponentError",
    "ConversionError",
    "DateError",
    "ExclusionError",
    "IdentifierError",
    "LengthError",
    "RepeatError",
    "RequisiteError",
    "SyntaxError_",
    "UnknownAiError",
    "UnknownSchemeError",
]

_SHOWN = 60  # characters of foreign text that an error repeats


class IdentifierError(ValueError):
    """An item code is not what it claims to be."""

    def __init__(
        self,
        expected: str,
        found: str,
        *,
        position: int | None = None,
        fix: str = "",
        ai: str = "",
    ) -> None:
        super().__init__(expected, found)
        self.expected = expected
        """What the rule asks for."""
        self.found = found if len(found) <= _SHOWN else f"{found[: _SHOWN - 3]}..."
        """What stood there instead, cut to 60 characters."""
        self.position = position
        """Index of the fault in the text, from 0, or None when the whole text is at fault."""
        self.fix = fix
        """The likely repair as a short phrase ("check digit should be 2"), or an empty string."""
        self.ai = ai
        """The application identifier whose value is at fault, or an empty string."""

    def __str__(self) -> str:
        start = f"AI ({self.ai}): expected" if self.ai else "Expected"
        where = "" if self.position is None else f" at character {self.position + 1}"
        fix = f"; {self.fix}" if self.fix else ""
        return f"{start} {self.expected}, found {self.found!r}{where}{fix}."

    def __reduce__(self) -> tuple[type, tuple[str, str], dict[str, object]]:
        return (type(self), (self.expected, self.found), dict(self.__dict__))

    def within(self, start: int, ai: str = "") -> IdentifierError:
        """Move the position of a fault inside a part to where that part starts in the whole text.

        Args:
            start: Index of the part in the whole text.
            ai: The application identifier that the part belongs to.

        Returns:
            The same error, so that it can be raised again at once.
        """
        self.position = start + (self.position or 0)
        self.ai = self.ai or ai
        return self


class SyntaxError_(IdentifierError):  # noqa: N801,N818  Python's own SyntaxError has the plain name
    """The text has not the shape of the form it claims."""


class UnknownSchemeError(IdentifierError):
    """A URI scheme, EPC scheme or symbology identifier that is not known here."""


class UnknownAiError(IdentifierError):
    """An application identifier that is not in the table."""


class LengthError(IdentifierError):
    """A value is too short or too long."""


class CharacterError(IdentifierError):
    """A character stands outside the permitted set."""


class CheckDigitError(IdentifierError):
    """A check digit or a check character pair is wrong."""


class DateError(IdentifierError):
    """There is no such date or time."""


class ComponentError(IdentifierError):
    """A part of a value breaks its own rule."""


class RequisiteError(IdentifierError):
    """An application identifier that must stand beside another is missing."""


class ExclusionError(IdentifierError):
    """Two application identifiers stand together that must not."""


class RepeatError(IdentifierError):
    """One application identifier stands twice with different values."""


class ConversionError(IdentifierError):
    """The code is sound, but has no form in the wanted notation."""
