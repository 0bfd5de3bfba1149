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

A caller acts on the class or its `kind`; the text is for people: what was expected, what was found,
where, the likely fix, and the rule that asks for it, in English or Chinese.

Texts are templates with named fields, ``"at most {limit} characters"``, and never put together
where they are raised, so that each of them is found in Chinese (`messages`).

>>> error = LengthError("at most {limit} characters", "abcd", position=3, limit=3)
>>> str(error)
"Expected at most 3 characters, found 'abcd' at character 4."
>>> error.kind, error.rule
('length', 'GS1 General Specifications')
"""

from __future__ import annotations

from typing import ClassVar

from identifiers.messages import filled, is_chinese

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

    kind: ClassVar[str] = "identifier"
    """Name of the class for programs; it never changes."""
    _rule: ClassVar[str] = "GS1 General Specifications"
    """The rule that is named where the raising code names none."""

    def __init__(
        self,
        expected: str,
        found: str,
        *,
        position: int | None = None,
        fix: str = "",
        ai: str = "",
        rule: str = "",
        **details: str | int,
    ) -> None:
        super().__init__(expected, found)
        self.template = expected
        """What the rule asks for, with the names of its details in braces."""
        self.found = found if len(found) <= _SHOWN else f"{found[: _SHOWN - 3]}..."
        """What stood there instead, cut to 60 characters."""
        self.position = position
        """Index of the fault in the text, from 0, or None when the whole text is at fault."""
        self.fix_template = fix
        """The likely repair, with the names of its details in braces, or an empty string."""
        self.ai = ai
        """The application identifier whose value is at fault, or an empty string."""
        self.rule = rule or self._rule
        """The rule that is broken: a standard and its section, or a check of the dictionary."""
        self.details = details
        """The values of the templates' fields."""

    @property
    def expected(self) -> str:
        """What the rule asks for, as an English phrase."""
        return filled(self.template, self.details)

    @property
    def fix(self) -> str:
        """The likely repair ("check digit should be 2"), or an empty string."""
        return filled(self.fix_template, self.details)

    def __str__(self) -> str:
        start = f"AI ({self.ai}): expected" if self.ai else "Expected"
        where = "" if self.position is None else f" at character {self.position + 1}"
        fix = f"; {self.fix}" if self.fix_template else ""
        found = repr(self.found) if self.found else "nothing"
        return f"{start} {self.expected}, found {found}{where}{fix}."

    def __reduce__(self) -> tuple[type, tuple[str, str], dict[str, object]]:
        return (type(self), (self.template, self.found), dict(self.__dict__))

    def message(self, language: str = "en") -> str:
        """Say in one sentence what is wrong and how it is likely mended.

        Args:
            language: A language tag; ``zh`` with any region gives Chinese, all else English.

        Returns:
            The sentence.
        """
        if not is_chinese(language):
            return str(self)
        start = f"AI ({self.ai})：应为" if self.ai else "应为"
        expected = filled(self.template, self.details, language)
        gap = " " if expected[:1].isascii() else ""
        # As in English: what cannot be printed is shown by its number.
        found = f"“{repr(self.found)[1:-1]}”" if self.found else "空"
        where = "" if self.position is None else f"（第 {self.position + 1} 个字符）"
        fix = f"；{filled(self.fix_template, self.details, language)}" if self.fix_template else ""
        return f"{start}{gap}{expected}，实为{found}{where}{fix}。"

    def as_dict(self, language: str = "en") -> dict[str, str | int | None]:
        """Give all parts, for JSON: kind, message, position, expected, found, fix, ai and rule.

        Args:
            language: The language of the message, of what is expected and of the fix.
        """
        return {
            "kind": self.kind,
            "message": self.message(language),
            "position": self.position,
            "expected": filled(self.template, self.details, language),
            "found": self.found,
            "fix": filled(self.fix_template, self.details, language),
            "ai": self.ai,
            "rule": self.rule,
        }

    def within(self, start: int, ai: str = "", rule: str = "") -> IdentifierError:
        """Move the position of a fault inside a part to where that part starts in the whole text.

        Args:
            start: Index of the part in the whole text.
            ai: The application identifier that the part belongs to.
            rule: The rule that sent us to the part, where the part's own is less telling.

        Returns:
            The same error, so that it can be raised again at once.
        """
        self.position = start + (self.position or 0)
        self.ai = self.ai or ai
        self.rule = rule or self.rule
        return self

    def mended_by(self, fix: str, **details: str | int) -> IdentifierError:
        """Name a likelier fix than the one that was known where the fault was found.

        Args:
            fix: The template of the fix.
            details: The values of its fields.

        Returns:
            The same error, so that it can be raised again at once.
        """
        self.fix_template = fix
        self.details = {**self.details, **details}
        return self


class SyntaxError_(IdentifierError):  # noqa: N801,N818  Python's own SyntaxError has the plain name
    """The text has not the shape of the form it claims."""

    kind = "syntax"


class UnknownSchemeError(IdentifierError):
    """A URI scheme, EPC scheme or symbology identifier that is not known here."""

    kind = "scheme"


class UnknownAiError(IdentifierError):
    """An application identifier that is not in the table."""

    kind = "unknown_ai"
    _rule = "GS1 Barcode Syntax Dictionary"


class LengthError(IdentifierError):
    """A value is too short or too long."""

    kind = "length"


class CharacterError(IdentifierError):
    """A character stands outside the permitted set."""

    kind = "charset"
    _rule = "GS1 General Specifications, section 7.11"


class CheckDigitError(IdentifierError):
    """A check digit or a check character pair is wrong."""

    kind = "check_digit"
    _rule = "GS1 General Specifications, section 7.9"


class DateError(IdentifierError):
    """There is no such date or time."""

    kind = "date"
    _rule = "GS1 General Specifications, section 7.12"


class ComponentError(IdentifierError):
    """A part of a value breaks its own rule."""

    kind = "component"
    _rule = "GS1 Barcode Syntax Dictionary"


class RequisiteError(IdentifierError):
    """An application identifier that must stand beside another is missing."""

    kind = "requisite"
    _rule = "GS1 General Specifications, section 4.13"


class ExclusionError(IdentifierError):
    """Two application identifiers stand together that must not."""

    kind = "exclusion"
    _rule = "GS1 General Specifications, section 4.13"


class RepeatError(IdentifierError):
    """One application identifier stands twice with different values."""

    kind = "repeat"
    _rule = "GS1 General Specifications, section 4.13"


class ConversionError(IdentifierError):
    """The code is sound, but has no form in the wanted notation."""

    kind = "conversion"
