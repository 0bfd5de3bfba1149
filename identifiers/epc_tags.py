"""What an EPC tag URI adds to the pure identity: a size, a filter, and narrower fields.

Rules kept (GS1 EPC Tag Data Standard 2.2, chapters 12 and 14):

* A scheme has the sizes in which its tags come, and a filter of one digit from 0 to 7.
* A field of 96-bit tags that holds a number is below two to the power of its bits, without leading
  zero.
* The company prefix leaves the individual reference of a GIAI-96 and the part of a CPI-96 fewer
  bits, the more digits it has.

Standard: https://ref.gs1.org/standards/tds/
"""

from __future__ import annotations

import re

from identifiers.characters import is_digits
from identifiers.errors import ComponentError, SyntaxError_, UnknownSchemeError

__all__ = ["verify_tag"]

_SIZES = {
    "sgtin": ("96", "198"),
    "sscc": ("96",),
    "sgln": ("96", "195"),
    "grai": ("96", "170"),
    "giai": ("96", "202"),
    "gsrn": ("96",),
    "gsrnp": ("96",),
    "gdti": ("96", "113", "174"),
    "sgcn": ("96",),
    "itip": ("110", "212"),
    "cpi": ("96", "var"),
}
_NUMERIC = {
    ("sgtin", "96"): 38,
    ("sgln", "96"): 41,
    ("grai", "96"): 38,
    ("gdti", "96"): 41,
    ("itip", "110"): 38,
    ("cpi", "96"): 31,
}
"""Bits of the serial, by scheme and size, where it is a number."""

_GIAI_BITS = {12: 42, 11: 45, 10: 48, 9: 52, 8: 55, 7: 58, 6: 62}
_CPI_BITS = {12: 11, 11: 15, 10: 18, 9: 21, 8: 25, 7: 28, 6: 31}
"""Bits of the reference, by digits of the company prefix."""

_DIGITS = 19  # as many as 2^62, the greatest limit, has
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)\Z")


def _verify_number(text: str, bits: int, position: int) -> None:
    # The length is looked at first, as Python reads no number of thousands of digits.
    if not _NUMBER.match(text) or len(text) > _DIGITS or int(text) >= 1 << bits:
        raise ComponentError(
            f"a number without leading zero below 2^{bits}",
            text,
            position=position,
            fix="use a longer tag, which holds any serial",
        )


def verify_tag(scheme: str, size: str, body: str, start: int) -> tuple[str, int]:
    """Verify what a tag URI adds, and give the body of the pure identity.

    Args:
        scheme: For example ``sgtin``.
        size: For example ``96``.
        body: What stands behind the size, filter first.
        start: Index of the body in the URN.

    Returns:
        The body without filter, and its index.

    Raises:
        IdentifierError: There is no such tag, or a field does not fit it.
    """
    if size not in _SIZES.get(scheme, ()):
        raise UnknownSchemeError(
            f"a size of {scheme} tags ({', '.join(_SIZES.get(scheme, ())) or 'none'})",
            size,
            position=max(start - len(size) - 1, 0),
        )
    tag_filter, stop, identity = body.partition(".")
    if not stop or tag_filter not in tuple("01234567"):
        raise SyntaxError_("a filter from 0 to 7", tag_filter, position=start)
    begin = start + len(tag_filter) + 1
    prefix, _, rest = identity.partition(".")
    if (scheme, size) in _NUMERIC:
        serial = identity.rpartition(".")[2]
        at = begin + len(identity) - len(serial)
        _verify_number(serial, _NUMERIC[scheme, size], at)
    widths = {"giai": _GIAI_BITS, "cpi": _CPI_BITS}.get(scheme, {})
    if size == "96" and len(prefix) in widths and is_digits(prefix):
        reference = rest if scheme == "giai" else rest.partition(".")[0]
        _verify_number(reference, widths[len(prefix)], begin + len(prefix) + 1)
    return identity, begin
