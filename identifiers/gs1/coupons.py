"""North American coupon codes, AI 8110 and AI 8112.

Rules kept (GS1 North American coupon application guideline):

* Fields stand in a fixed order; most begin with a digit (VLI) that tells their length.
* Optional fields of AI 8110 begin with their own digit, 1 to 6 and 9, and stand in that order.
* Dates are YYMMDD with a real day; flags are single digits from a list.

Standard: https://ref.gs1.org/tools/gs1-barcode-syntax-resource/syntax-tests/
"""

from __future__ import annotations

from typing import NamedTuple

from identifiers.characters import require
from identifiers.errors import ComponentError, IdentifierError, LengthError
from identifiers.gs1.dates import verify_date
from identifiers.messages import Phrase

__all__ = ["verify_coupon", "verify_positive_offer"]

_RULE = "GS1 North American Coupon Application Guideline"
_PREFIX_CODES = range(7)  # VLI 0 to 6: prefixes of 6 to 12 digits
_VALUE_LENGTHS = range(1, 6)  # VLI 1 to 5: that many digits
_REQUIREMENT_CODES = "012349"
_NO_PREFIX = "9"  # the VLI that says: same prefix as before


class _Reader:
    """Takes a coupon apart from left to right and knows where it stands."""

    def __init__(self, text: str) -> None:
        require("N", text)
        self.text = text
        self.position = 0
        self.expiration = ""

    def take(self, length: int, what: Phrase) -> str:
        part = self.text[self.position : self.position + length]
        if len(part) < length:
            raise LengthError(
                "the {what}" if length == 1 else "{length} digits of the {what}",
                part,
                position=self.position,
                fix="add what is missing, or mend a length indicator before it",
                rule=_RULE,
                length=length,
                what=what,
            )
        self.position += length
        return part

    def indicator(self, allowed: str, what: Phrase, *, of_length: bool = False) -> str:
        digit = self.take(1, what)
        if digit not in allowed:
            raise ComponentError(
                "one of {allowed} as the length indicator of the {what}"
                if of_length
                else "one of {allowed} as the {what}",
                digit,
                position=self.position - 1,
                rule=_RULE,
                allowed=", ".join(allowed),
                what=what,
            )
        return digit

    def sized(self, lengths: range, what: Phrase, *, offset: int = 0) -> None:
        allowed = "".join(map(str, lengths))
        size = int(self.indicator(allowed, what, of_length=True))
        self.take(size + offset, what)

    def date(self, what: Phrase) -> str:
        start = self.position
        part = self.take(6, what)
        try:
            verify_date(part)
        except IdentifierError as error:
            raise error.within(start, rule=_RULE) from None
        return part

    @property
    def done(self) -> bool:
        return self.position == len(self.text)


class _Purchase(NamedTuple):
    """The names of one purchase's fields."""

    requirement: Phrase
    code: Phrase
    family: Phrase
    prefix: Phrase


_FIRST = _Purchase(
    Phrase("first purchase requirement"),
    Phrase("first purchase requirement code"),
    Phrase("first purchase family code"),
    Phrase("company prefix of the first purchase"),
)
_SECOND = _Purchase(
    Phrase("second purchase requirement"),
    Phrase("second purchase requirement code"),
    Phrase("second purchase family code"),
    Phrase("company prefix of the second purchase"),
)
_THIRD = _Purchase(
    Phrase("third purchase requirement"),
    Phrase("third purchase requirement code"),
    Phrase("third purchase family code"),
    Phrase("company prefix of the third purchase"),
)


def _purchase(reader: _Reader, names: _Purchase, *, prefix: bool) -> None:
    """Read a purchase requirement: value, code, family code, and a prefix for further ones."""
    reader.sized(_VALUE_LENGTHS, names.requirement)
    reader.indicator(_REQUIREMENT_CODES, names.code)
    reader.take(3, names.family)
    if prefix:
        size = reader.indicator("0123456" + _NO_PREFIX, names.prefix, of_length=True)
        if size != _NO_PREFIX:
            reader.take(int(size) + 6, names.prefix)


def _additional_purchases(reader: _Reader) -> None:
    reader.indicator("0123", Phrase("additional purchase rules code"))
    _purchase(reader, _SECOND, prefix=True)


def _expiration(reader: _Reader) -> None:
    reader.expiration = reader.date(Phrase("expiration date"))


def _start(reader: _Reader) -> None:
    """Read a start date; as digits it is not above the expiration date, if there was one."""
    start = reader.date(Phrase("start date"))
    if reader.expiration and start > reader.expiration:
        raise ComponentError(
            "a start date up to the expiration date {expiration}",
            start,
            position=reader.position - len(start),
            rule=_RULE,
            expiration=reader.expiration,
        )


def _miscellaneous(reader: _Reader) -> None:
    reader.indicator("01256", Phrase("save value code"))
    reader.indicator("012", Phrase("item that the save value applies to"))
    reader.take(1, Phrase("store coupon flag"))
    reader.indicator("01", Phrase("do-not-multiply flag"))


def verify_coupon(text: str) -> None:
    """Verify the value of AI 8110, a coupon code.

    Args:
        text: The value without its AI.

    Raises:
        IdentifierError: With the index of the first fault.
    """
    reader = _Reader(text)
    reader.sized(_PREFIX_CODES, Phrase("company prefix"), offset=6)
    reader.take(6, Phrase("offer code"))
    reader.sized(_VALUE_LENGTHS, Phrase("save value"))
    _purchase(reader, _FIRST, prefix=False)
    fields = {
        "1": _additional_purchases,
        "2": lambda part: _purchase(part, _THIRD, prefix=True),
        "3": _expiration,
        "4": _start,
        "5": lambda part: part.sized(range(10), Phrase("serial number"), offset=6),
        "6": lambda part: part.sized(range(1, 8), Phrase("retailer's prefix or GLN"), offset=6),
        "9": _miscellaneous,
    }
    last = "0"
    while not reader.done:
        start = reader.position
        field = reader.take(1, Phrase("optional field"))
        if field not in fields or field <= last:
            raise ComponentError(
                "the end, or an optional field in order",
                text[start:],
                position=start,
                fix="put the fields in the order of their digits, each once",
                rule=_RULE,
            )
        fields[field](reader)
        last = field


def verify_positive_offer(text: str) -> None:
    """Verify the value of AI 8112, a coupon of the positive offer file.

    Args:
        text: The value without its AI.

    Raises:
        IdentifierError: With the index of the first fault.
    """
    reader = _Reader(text)
    reader.indicator("01", Phrase("coupon format"))
    reader.sized(_PREFIX_CODES, Phrase("funder's company prefix"), offset=6)
    reader.take(6, Phrase("offer code"))
    reader.sized(range(10), Phrase("serial number"), offset=6)
    if not reader.done:
        raise ComponentError(
            "the end",
            text[reader.position :],
            position=reader.position,
            fix="leave out what follows, or mend a length indicator before it",
            rule=_RULE,
        )
