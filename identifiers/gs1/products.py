"""GTINs of 8, 12, 13 and 14 digits as one product.

Rules kept (GS1 General Specifications, sections 3.3.2 and 7.9.4):

* A GTIN of 8, 12 or 13 digits is the GTIN-14 with zeros put before it; all four name one product.
* An indicator digit of 1 to 9 names another product: the case is not the item.
* UPC-E leaves out zeros of a GTIN-12 and has 8 digits as a GTIN-8 has. What the digits are, the
  symbol tells and not the digits, so that a UPC-E code is only read where that is asked for.
* A wrong check digit is refused, never mended.
* Numbers for restricted circulation belong to one company or region: the same number is another
  product elsewhere, so that they are remarked on.

Standard: https://ref.gs1.org/standards/genspecs/

>>> same_product("036000291452", "00036000291452"), as_gtin14("96385074")
(True, '00000096385074')
>>> expand_upc_e("04252614")
'042100005264'
"""

from __future__ import annotations

import re

from identifiers.characters import require
from identifiers.checkdigit import verify_check_digit
from identifiers.errors import ComponentError, IdentifierError, LengthError, SyntaxError_
from identifiers.notices import Notice

__all__ = ["LENGTHS", "as_gtin14", "expand_upc_e", "product_warnings", "same_product"]

LENGTHS = (8, 12, 13, 14)
"""How many digits a GTIN may have."""

_RULE = "GS1 General Specifications, section 3.3.2"
_RULE_UPC_E = "GS1 General Specifications, section 7.9.4"
_UPC_E_LENGTH = 8
_UPC_A_LENGTH = 12
_SYSTEMS = "01"  # first digits that a UPC-E code can have
_BY_COUNT = "34"  # last digits that say themselves how many digits of the company are there
_ZEROS_OF_GTIN8 = "000000"

_RESTRICTED = re.compile(r"0[24]|2[0-9]")
"""Prefixes of restricted circulation, of a GTIN-12 with one zero before it or a GTIN-13."""
_COUPONS = re.compile(r"05|98[1-4]|99|980")
"""Prefixes of coupons and refund receipts, which are no products."""
_RESTRICTED_8 = re.compile(r"[02]")


def as_gtin14(text: str, *, upc_e: bool = False) -> str:
    """Give the 14 digits of a GTIN in any of its forms (GS1 General Specifications, 3.3.2).

    Args:
        text: 8, 12, 13 or 14 digits.
        upc_e: Whether 8 digits are the full text of a UPC-E symbol and not a GTIN-8.

    Returns:
        The GTIN-14.

    Raises:
        CharacterError: It has something other than ASCII digits.
        CheckDigitError: The check digit is wrong.
        LengthError: No GTIN has that length.
    """
    require("N", text)
    if len(text) not in LENGTHS:
        raise LengthError(
            "8, 12, 13 or 14 digits (there are {count})",
            text,
            position=len(text),
            fix="write the zeros that the number begins with",
            count=len(text),
            rule=_RULE,
        )
    if upc_e and len(text) == _UPC_E_LENGTH:
        text = expand_upc_e(text)
    verify_check_digit(text)
    return text.zfill(14)


def same_product(first: str, second: str) -> bool:
    """Tell whether two GTINs of any length name one product.

    Args:
        first: 8, 12, 13 or 14 digits.
        second: The same.

    Raises:
        IdentifierError: One of them is no GTIN.
    """
    return as_gtin14(first) == as_gtin14(second)


def expand_upc_e(text: str) -> str:
    """Give the GTIN-12 that a UPC-E symbol stands for (GS1 General Specifications, 7.9.4).

    Args:
        text: 8 digits: 0 or 1, the six of the symbol, and the check digit of the GTIN-12.

    Returns:
        The 12 digits.

    Raises:
        IdentifierError: It is no such code.
    """
    require("N", text)
    if len(text) != _UPC_E_LENGTH:
        raise LengthError(
            "the {length} digits below a UPC-E symbol (there are {count})",
            text,
            position=min(len(text), _UPC_E_LENGTH),
            fix="write the digits before and behind the symbol too",
            length=_UPC_E_LENGTH,
            count=len(text),
            rule=_RULE_UPC_E,
        )
    system, body, check = text[0], text[1:7], text[7]
    if system not in _SYSTEMS:
        raise SyntaxError_("0 or 1 as the first digit", system, position=0, rule=_RULE_UPC_E)
    last = body[5]
    if last in "012":
        company, item = body[:2] + last + "00", "00" + body[2:5]
    elif last in _BY_COUNT:
        kept = int(last)
        company, item = body[:kept].ljust(5, "0"), body[kept:5].zfill(5)
    else:
        company, item = body[:5], last.zfill(5)
    try:
        verify_check_digit(system + company + item + check)
    except IdentifierError as error:
        # The digit stands at the end of what was given, not of what it was expanded to.
        error.position = _UPC_E_LENGTH - 1
        raise error.within(0, rule=_RULE_UPC_E) from None
    if (
        (last == "3" and body[2] in "012")
        or (last == "4" and body[3] == "0")
        or (last in "56789" and body[4] == "0")
    ):
        raise ComponentError(
            "the shortest way to leave out the zeros",
            body,
            position=1,
            fix="read the symbol again: none is printed so",
            rule=_RULE_UPC_E,
        )
    return system + company + item + check


def product_warnings(gtin: str) -> tuple[Notice, ...]:
    """Say what a sound GTIN is that names no product all over the world.

    GS1 General Specifications, section 1.4.2: prefixes of restricted circulation and of coupons.

    Args:
        gtin: A verified GTIN-14.

    Returns:
        At most one remark.
    """
    if gtin.startswith(_ZEROS_OF_GTIN8):
        short = gtin[6:]
        if _RESTRICTED_8.match(short):
            return (_restricted(short[0]),)
        return ()
    found = _RESTRICTED.match(gtin, 1)
    if found is not None:
        return (_restricted(found[0]),)
    found = _COUPONS.match(gtin, 1)
    if found is None:
        return ()
    return (
        Notice(
            "no-product",
            "prefix {prefix} is that of coupons and refund receipts, not of products",
            {"prefix": found[0]},
        ),
    )


def _restricted(prefix: str) -> Notice:
    return Notice(
        "restricted-circulation",
        "prefix {prefix} is for restricted circulation: the number is unique only within one "
        "company or region",
        {"prefix": prefix},
    )
