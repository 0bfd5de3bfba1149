"""North American coupon codes, AI 8110 and AI 8112.

Rules kept (GS1 North American coupon application guideline):

* Fields stand in a fixed order; most begin with a digit (VLI) that tells their length.
* Optional fields of AI 8110 begin with their own digit, 1 to 6 and 9, and stand in that order.
* Dates are YYMMDD with a real day; flags are single digits from a list.

Standard: https://ref.gs1.org/tools/gs1-barcode-syntax-resource/syntax-tests/
"""

from __future__ import annotations

from identifiers.characters import require
from identifiers.dates import verify_date
from identifiers.errors import ComponentError, IdentifierError, LengthError

__all__ = ["verify_coupon", "verify_positive_offer"]

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

    def take(self, length: int, what: str) -> str:
        part = self.text[self.position : self.position + length]
        if len(part) < length:
            raise LengthError(f"{length} digits of the {what}", part, position=self.position)
        self.position += length
        return part

    def indicator(self, allowed: str, what: str) -> str:
        digit = self.take(1, what)
        if digit not in allowed:
            raise ComponentError(
                f"one of {', '.join(allowed)} as the {what}", digit, position=self.position - 1
            )
        return digit

    def sized(self, lengths: range, what: str, *, offset: int = 0) -> None:
        allowed = "".join(map(str, lengths))
        size = int(self.indicator(allowed, f"length indicator of the {what}"))
        self.take(size + offset, what)

    def date(self, what: str) -> str:
        start = self.position
        part = self.take(6, what)
        try:
            verify_date(part)
        except IdentifierError as error:
            raise error.within(start) from None
        return part

    @property
    def done(self) -> bool:
        return self.position == len(self.text)


def _purchase(reader: _Reader, which: str, *, prefix: bool) -> None:
    """Read a purchase requirement: value, code, family code, and a prefix for further ones."""
    reader.sized(_VALUE_LENGTHS, f"{which} purchase requirement")
    reader.indicator(_REQUIREMENT_CODES, f"{which} purchase requirement code")
    reader.take(3, f"{which} purchase family code")
    if prefix:
        what = f"company prefix of the {which} purchase"
        size = reader.indicator("0123456" + _NO_PREFIX, f"length indicator of the {what}")
        if size != _NO_PREFIX:
            reader.take(int(size) + 6, what)


def _additional_purchases(reader: _Reader) -> None:
    reader.indicator("0123", "additional purchase rules code")
    _purchase(reader, "second", prefix=True)


def _expiration(reader: _Reader) -> None:
    reader.expiration = reader.date("expiration date")


def _start(reader: _Reader) -> None:
    """Read a start date; as digits it is not above the expiration date, if there was one."""
    start = reader.date("start date")
    if reader.expiration and start > reader.expiration:
        raise ComponentError(
            f"a start date up to the expiration date {reader.expiration}",
            start,
            position=reader.position - len(start),
        )


def _miscellaneous(reader: _Reader) -> None:
    reader.indicator("01256", "save value code")
    reader.indicator("012", "item that the save value applies to")
    reader.take(1, "store coupon flag")
    reader.indicator("01", "do-not-multiply flag")


def verify_coupon(text: str) -> None:
    """Verify the value of AI 8110, a coupon code.

    Args:
        text: The value without its AI.

    Raises:
        IdentifierError: With the index of the first fault.
    """
    reader = _Reader(text)
    reader.sized(_PREFIX_CODES, "company prefix", offset=6)
    reader.take(6, "offer code")
    reader.sized(_VALUE_LENGTHS, "save value")
    _purchase(reader, "first", prefix=False)
    fields = {
        "1": _additional_purchases,
        "2": lambda part: _purchase(part, "third", prefix=True),
        "3": _expiration,
        "4": _start,
        "5": lambda part: part.sized(range(10), "serial number", offset=6),
        "6": lambda part: part.sized(range(1, 8), "retailer's prefix or GLN", offset=6),
        "9": _miscellaneous,
    }
    last = "0"
    while not reader.done:
        start = reader.position
        field = reader.take(1, "optional field")
        if field not in fields or field <= last:
            raise ComponentError(
                "the end, or an optional field in order", text[start:], position=start
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
    reader.indicator("01", "coupon format")
    reader.sized(_PREFIX_CODES, "funder's company prefix", offset=6)
    reader.take(6, "offer code")
    reader.sized(range(10), "serial number", offset=6)
    if not reader.done:
        raise ComponentError("the end", text[reader.position :], position=reader.position)
