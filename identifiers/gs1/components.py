"""The named checks that the dictionary asks for, each on one component of an AI's value.

Rules kept:

* A check takes the component's text and returns nothing; a fault raises an `IdentifierError`
  whose position is an index in the component.
* The characters of the component's kind are checked before its named checks run; a check that needs
  digits checks them again, so that it can be asked on its own.
* Lists of countries, currencies, media and packages stand in `data/code_lists.txt` with their
  origin.

Standard: https://ref.gs1.org/tools/gs1-barcode-syntax-resource/syntax-tests/

>>> verify_component("yesno", "1")
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from identifiers.characters import is_digits, require
from identifiers.checkdigit import verify_check_digit, verify_check_pair
from identifiers.errors import (
    CharacterError,
    CheckDigitError,
    ComponentError,
    IdentifierError,
    LengthError,
)
from identifiers.gs1.coupons import verify_coupon, verify_positive_offer
from identifiers.gs1.dates import verify_date, verify_time
from identifiers.messages import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHECKS", "check_rule", "code_list", "verify_component"]

_PREFIX = 4  # the shortest GS1 Company Prefix
_LATITUDE = 1_800_000_000  # 180 degrees in units of 10^-7 degree, counted from the south pole
_LONGITUDE = 3_600_000_000  # 360 degrees in units of 10^-7 degree
_COORDINATE = 10  # digits
_NO_ZERO = "leave out the leading zeros"
_ISO = "ISO 13616-1, section 6"
_IBAN = 34  # the greatest length that ISO 13616 allows
# Templates of what the checks expect that have nothing to say but this.
_EXPECTED = {
    "hyphen": "a hyphen",
    "iso3166": "a numeric country code of ISO 3166",
    "iso3166alpha2": "a country code of two letters of ISO 3166",
    "iso4217": "a numeric currency code of ISO 4217",
    "iso5218": "0, 1, 2 or 9 of ISO 5218",
    "mediatype": "an AIDC media type",
    "packagetype": "a package type of UN/ECE Recommendation 21",
    "winding": "a winding direction 0, 1 or 9",
    "yesno": "0 or 1",
    "zero": "zero",
}
_POSITION = re.compile(r"([0-9]+)/([0-9]+)\Z")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}")
_NOT_IBAN = re.compile(r"[^0-9A-Z]")
_NOT_IMPORTER = re.compile(r"[^\-0-9A-Z_a-z]")


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    from importlib.resources import files  # slow to import, and needed once

    text = files("identifiers").joinpath("data/code_lists.txt").read_text(encoding="utf-8")
    rows = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {name: frozenset(codes.split()) for name, _, codes in rows}


def code_list(name: str) -> frozenset[str]:
    """Give the codes of one list.

    Args:
        name: ``iso3166``, ``iso3166alpha2``, ``iso4217``, ``mediatype`` or ``packagetype``.
    """
    return _lists()[name]


def _listed(name: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if text not in _lists()[name]:
            raise ComponentError(_EXPECTED[name], text, position=0)

    return check


def _country_or_999(text: str) -> None:
    if text != "999" and text not in _lists()["iso3166"]:
        raise ComponentError("a numeric country code of ISO 3166 or 999", text, position=0)


def _one_of(name: str, allowed: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if len(text) != 1 or text not in allowed:
            raise ComponentError(_EXPECTED[name], text, position=0)

    return check


def _all_of(name: str, character: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not text or text.strip(character):
            raise ComponentError(_EXPECTED[name], text, position=0)

    return check


def _kind(kind: str) -> Callable[[str], None]:
    return lambda text: require(kind, text)


def _base64(text: str) -> None:
    """File-safe base 64 (RFC 4648, section 5), padding at the end alone.

    The dictionary wants a padded value to have a multiple of three characters, where RFC 4648 has
    four; its own rule is the one that readers apply, so it is kept here.
    """
    body = text.rstrip("=")
    require("Z", body)
    padding = len(text) - len(body)
    if padding and (padding > 2 or len(text) % 3):  # noqa: PLR2004  at most two pad characters
        raise CharacterError(
            "no padding, or padding to a multiple of three", "=", position=len(body)
        )


def _company_prefix(start: int) -> Callable[[str], None]:
    """Make a check that a GS1 Company Prefix can begin at an index: at least four digits."""

    def check(text: str) -> None:
        prefix = text[start : start + _PREFIX]
        if len(prefix) < _PREFIX:
            raise LengthError(
                "a GS1 Company Prefix of at least {least} digits",
                prefix,
                position=min(start, len(text)),
                least=_PREFIX,
            )
        for index, character in enumerate(prefix, start):
            if not is_digits(character):
                raise ComponentError(
                    "the digits of a GS1 Company Prefix", character, position=index
                )

    return check


def _iban(text: str) -> None:
    """International bank account number (ISO 13616): country, characters, modulo 97."""
    if len(text) > _IBAN:
        raise LengthError(
            "at most {limit} characters of an IBAN", text, position=_IBAN, rule=_ISO, limit=_IBAN
        )
    fault = _NOT_IBAN.search(text)
    if fault is not None:
        raise CharacterError(
            "a digit or upper-case letter",
            fault[0],
            position=fault.start(),
            fix="write the IBAN in capitals and without blanks",
            rule=_ISO,
        )
    if len(text) < 5:  # noqa: PLR2004  country, check digits, one character
        raise LengthError(
            "a country code, two check digits and an account", text, position=0, rule=_ISO
        )
    if text[:2] not in _lists()["iso3166alpha2"] and text[:2] != "XK":
        raise ComponentError("a country code of ISO 3166", text[:2], position=0, rule=_ISO)
    head = text[4:] + text[:2]
    number = int("".join(str(int(character, 36)) for character in head) + "00")
    wanted = f"{98 - number % 97:02}"
    if text[2:4] != wanted:
        raise CheckDigitError(
            "check digits {wanted}",
            text[2:4],
            position=2,
            fix="check digits should be {wanted}, unless another character is mistyped",
            rule=_ISO,
            wanted=wanted,
        )


def _percent_encoded(text: str) -> None:
    fault = _BROKEN_ESCAPE.search(text)
    if fault is not None:
        raise ComponentError(
            "% with two hexadecimal digits",
            fault[0],
            position=fault.start(),
            fix="write a plain percent sign as %25",
        )


def _coordinate(limit: int, what: Phrase) -> Callable[[str], None]:
    def check(text: str) -> None:
        require("N", text)
        if len(text) != _COORDINATE:
            raise LengthError(
                "{length} digits of a {what}", text, position=0, length=_COORDINATE, what=what
            )
        if int(text) > limit:
            raise ComponentError(
                "a {what} from 0 to {limit}",
                text,
                position=0,
                fix="count from the south pole or the 180th meridian, in units of 10^-7 degree",
                what=what,
                limit=limit,
            )

    return check


def _piece_of_total(text: str) -> None:
    require("N", text)
    half = len(text) // 2
    if not text or len(text) % 2:
        raise LengthError("as many digits of the piece as of the total", text, position=0)
    piece, total = text[:half], text[half:]
    if not piece.strip("0"):
        raise ComponentError("a piece number from 1", piece, position=0)
    if not total.strip("0"):
        raise ComponentError("a number of pieces from 1", total, position=half)
    if piece > total:
        raise ComponentError(
            "a piece number up to the total {total}",
            piece,
            position=0,
            fix="write the piece first, then the total",
            total=total,
        )


def _position_in_sequence(text: str) -> None:
    found = _POSITION.match(text)
    if found is None:
        raise ComponentError("a position, a slash and an end, such as 1/2", text, position=0)
    for part in (1, 2):
        if found[part].startswith("0"):
            raise ComponentError(
                "a number without leading zero",
                found[part],
                position=found.start(part),
                fix=_NO_ZERO,
            )
    if (len(found[1]), found[1]) > (len(found[2]), found[2]):  # as numbers, of any length
        raise ComponentError(
            "a position up to the end {end}",
            found[1],
            position=0,
            fix="write the position first, then the end",
            end=found[2],
        )


def _importer_index(text: str) -> None:
    if len(text) != 1:
        raise LengthError("one character of an importer index", text, position=0)
    if _NOT_IMPORTER.match(text):
        raise ComponentError("a digit, letter, hyphen or low line", text, position=0)


def _non_zero(text: str) -> None:
    require("N", text)
    if not text.strip("0"):
        raise ComponentError("a value other than zero", text, position=0)


def _no_zero_prefix(text: str) -> None:
    require("N", text)
    if text.startswith("0"):
        raise ComponentError("a number without leading zero", text, position=0, fix=_NO_ZERO)


def _has_non_digit(text: str) -> None:
    if not text or is_digits(text):
        raise ComponentError("at least one character that is no digit", text, position=0)


CHECKS: dict[str, Callable[[str], None]] = {
    "couponcode": verify_coupon,
    "couponposoffer": verify_positive_offer,
    "cset39": _kind("Y"),
    "cset64": _base64,
    "cset82": _kind("X"),
    "csetnumeric": _kind("N"),
    "csum": verify_check_digit,
    "csumalpha": verify_check_pair,
    "gcppos1": _company_prefix(0),
    "gcppos2": _company_prefix(1),
    "hasnondigit": _has_non_digit,
    "hh": lambda text: verify_time(text, "hour"),
    "hhmi": verify_time,
    "hyphen": _all_of("hyphen", "-"),
    "iban": _iban,
    "importeridx": _importer_index,
    "iso3166": _listed("iso3166"),
    "iso3166999": _country_or_999,
    "iso3166alpha2": _listed("iso3166alpha2"),
    "iso4217": _listed("iso4217"),
    "iso5218": _one_of("iso5218", "0129"),
    "latitude": _coordinate(_LATITUDE, Phrase("latitude")),
    "longitude": _coordinate(_LONGITUDE, Phrase("longitude")),
    "mediatype": _listed("mediatype"),
    "mi": lambda text: verify_time(text, "minute"),
    "nonzero": _non_zero,
    "nozeroprefix": _no_zero_prefix,
    "packagetype": _listed("packagetype"),
    "pcenc": _percent_encoded,
    "pieceoftotal": _piece_of_total,
    "posinseqslash": _position_in_sequence,
    "ss": lambda text: verify_time(text, "second"),
    "winding": _one_of("winding", "019"),
    "yesno": _one_of("yesno", "01"),
    "yymmd0": lambda text: verify_date(text, whole_month=True),
    "yymmdd": verify_date,
    "yyyymmd0": lambda text: verify_date(text, year_digits=4, whole_month=True),
    "yyyymmdd": lambda text: verify_date(text, year_digits=4),
    "zero": _all_of("zero", "0"),
}
"""The checks by the names that the dictionary gives them."""


def check_rule(name: str) -> str:
    """Name a check as the rule that an error gives."""
    return f"GS1 Barcode Syntax Dictionary, check {name}"


def verify_component(name: str, text: str) -> None:
    """Run one named check on one component.

    Args:
        name: A key of `CHECKS`.
        text: The component's text.

    Raises:
        IdentifierError: The text breaks the rule; its position is an index in the text.
    """
    try:
        CHECKS[name](text)
    except IdentifierError as error:
        raise error.within(0, rule=check_rule(name)) from None
