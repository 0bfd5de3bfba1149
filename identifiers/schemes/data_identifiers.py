"""Data identifiers (DIs) of ANSI MH10.8.2, the other half of ISO/IEC 15418 beside GS1's AIs.

Rules kept:

* A DI is up to three digits and one capital letter; the value follows at once.
* The table is our own compact form (`data/data_identifiers.txt`, made by
  `tools/build_data_identifiers.py`). Length, letters, digits and dates are verified by its format;
  a DI whose format it doesn't give is kept with a remark.
* A value holds printable ASCII characters and keeps their case.
* Values that begin with an issuing agency code (25S, 25P, the licence plates J to 6J, ...) are
  split as far as that agency's rules are known.
* GTIN (8P), SSCC (8S) and PPN (9N) have their check digits verified; a PPN of agency 11 holds a
  PZN with one more. The first two have the canonical form of the GS1 key that they are.
* An expiry date under D may have day 00 for the whole month (IFA coding system).
* Most DIs hold what one company gave out for itself: a remark says so.

Standard: https://www.ansi.org/ (ANSI MH10.8.2) and ISO/IEC 15418

>>> reading = parse_data_identifier("25SUN043325711ABC123")
>>> reading.parts["dis"], reading.uri
((('25S', 'UN043325711ABC123'),), 'urn:suyuan:iso15418-di:25SUN043325711ABC123')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from identifiers.characters import is_digits
from identifiers.checkdigit import verify_check_digit
from identifiers.errors import (
    CharacterError,
    CheckDigitError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1.digital_link import CANONICAL_STEM
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.schemes.date_patterns import read_date
from identifiers.schemes.issuing_agencies import issuer_of
from identifiers.schemes.reading import Reading, canonical_urn

__all__ = [
    "RULE",
    "SCHEME",
    "Entry",
    "Field",
    "find",
    "identity_of",
    "is_empty",
    "is_unique",
    "parse_data_identifier",
    "read_field",
]

RULE = "ANSI MH10.8.2"
"""The standard that errors name."""
SCHEME = "iso15418-di"
"""The scheme of a data identifier that stands alone, and of the URN of what it names."""

Field = tuple[str, str]
"""A data identifier with its value."""

_IDENTIFIER = re.compile(r"[0-9]{0,3}[A-Z]")
_FOREIGN = re.compile(r"[^ -~]")
_LETTERS = re.compile(r"[^A-Z]")
_DIGITS = re.compile(r"[^0-9]")
_DECIMAL = re.compile(r"[^0-9.]")
_LINKS = {"8P": "01", "8S": "00"}  # data identifiers that hold a GS1 key, with its AI

_ISSUED = frozenset(
    "J 1J 2J 3J 4J 5J 6J 5B 25B 26B 29B 55B 24D 25H 22K 25K 26K 25L 10N 25P 5R 25S 37S 25T 18V 20V "
    "21V".split()
)
"""Data identifiers whose value begins with an issuing agency code."""

_UNIQUE = _ISSUED | frozenset("7B 27B 28B I 8J 9N 15N 8P 8S 23S 43S 96S 33L".split())
"""Data identifiers whose value is unique in the world by itself."""

_LEVELS = {
    **dict.fromkeys("J 1J 2J 3J 4J 5J 6J 2S 3S 4S 5S 6S 7S 8S 9S".split(), Level.LOGISTIC),
    **dict.fromkeys("B 1B 2B 3B 5B 7B 25B 26B 27B 28B 29B 55B 10S 11S".split(), Level.ASSET),
    **dict.fromkeys("I 4I 5I S 1S 18S 22S 23S 25S 30S 37S 42S 43S 96S".split(), Level.INSTANCE),
    **dict.fromkeys("9N P 1P 3P 6P 7P 8P 9P 17P 18P 25P 50P 51P 54P".split(), Level.PRODUCT),
    **dict.fromkeys("T 1T 25T 26T 27T".split(), Level.LOT),
    **dict.fromkeys("K 1K 2K 3K 5K 8K 10K 11K 12K 13K 16K 20K 12S 12P".split(), Level.DOCUMENT),
    **dict.fromkeys("L 1L 2L 3L 5L 7L 25L 26L 51L 52L 54L 55L".split(), Level.LOCATION),
    **dict.fromkeys("V 1V 12V 13V 14V 17V 18V 20V 21V 23V 24V 25V".split(), Level.PARTY),
}
"""What the commonest data identifiers name; all others are `OTHER`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the table says about one data identifier."""

    di: str
    """Up to three digits and one capital letter."""
    title: str
    """The data title, for example ``SERIAL NUMBER``."""
    kind: str
    """``an`` printable characters, ``n`` digits, ``a`` capital letters, ``date``, or empty."""
    shortest: int
    """Least number of characters; of a date, exactly those of its pattern."""
    longest: int | None
    """Greatest number of characters, or None without a limit."""
    pattern: str
    """The order of the digits of a date, such as ``YYMMDD``; else empty."""


_FORMAT = re.compile(r"(an|a|n)([0-9]+)(?:(\.\.)([0-9]*))?")


def _entry(line: str) -> Entry:
    di, form, title = line.split("|")
    found = _FORMAT.fullmatch(form)
    if found is not None:
        kind, least, open_end, most = found.groups()
        longest = int(most or least) if most or not open_end else None
        return Entry(di, title, kind, int(least), longest, "")
    if not form:
        return Entry(di, title, "", 1, None, "")
    pattern = form.removesuffix("+")
    longest = len(pattern) if form == pattern else None
    return Entry(di, title, "date", len(pattern), longest, pattern)


@lru_cache(maxsize=1)
def _table() -> dict[str, Entry]:
    from importlib.resources import files  # slow to import, and needed once

    text = files("identifiers").joinpath("data/data_identifiers.txt").read_text(encoding="utf-8")
    return {entry.di: entry for entry in map(_entry, text.splitlines())}


def find(di: str) -> Entry | None:
    """Look up one data identifier; None when the table has no such one."""
    return _table().get(di)


def is_unique(di: str) -> bool:
    """Tell whether a value under this data identifier is unique in the world by itself."""
    return di in _UNIQUE


def _verify_ppn(value: str) -> None:
    """Verify a pharmacy product number (IFA coding system, modulo 97).

    The weights of the characters' ASCII values are 2, 3, 4, ... from the left.
    """
    foreign = re.search(r"[^0-9A-Z.\-]", value)
    if foreign is not None:
        raise CharacterError(
            "a digit, a capital letter, a full stop or a hyphen",
            foreign[0],
            position=foreign.start(),
            rule="IFA coding system, PPN",
        )
    body, given = value[:-2], value[-2:]
    total = sum(weight * ord(character) for weight, character in enumerate(body, 2))
    _compare(f"{total % 97:02}", given, len(body), "IFA coding system, PPN")
    if body.startswith("11"):
        _verify_pzn(body[2:])


def _verify_pzn(digits: str) -> None:
    """Verify a central pharmaceutical number (PZN) of 8 digits: weights 1 to 7, modulo 11."""
    rule = "IFA coding system, PZN"
    if len(digits) != 8 or not is_digits(digits):  # noqa: PLR2004  a PZN
        raise SyntaxError_("a PZN of 8 digits behind agency 11", digits, position=2, rule=rule)
    total = sum(weight * int(digit) for weight, digit in enumerate(digits[:-1], 1))
    # A remainder of 10 is never issued, and no digit equals it.
    _compare(str(total % 11), digits[-1], 9, rule)


def _compare(wanted: str, given: str, position: int, rule: str) -> None:
    if wanted != given:
        raise CheckDigitError(
            "check digits {wanted}",
            given,
            position=position,
            fix="check digits should be {wanted}, unless another character is mistyped",
            rule=rule,
            wanted=wanted,
        )


_PPN = (5, 28)  # an HPC of the IFA coding system is longer than the table allows
_CHECKS = {"8P": verify_check_digit, "8S": verify_check_digit, "9N": _verify_ppn}


def _verify_length(entry: Entry, value: str) -> None:
    shortest, longest = _PPN if entry.di == "9N" else (entry.shortest, entry.longest)
    if len(value) < shortest:
        raise LengthError(
            "at least {least} characters behind {di}",
            value,
            position=len(value),
            rule=RULE,
            least=shortest,
            di=entry.di,
        )
    if longest is not None and len(value) > longest:
        raise LengthError(
            "at most {most} characters behind {di}",
            value,
            position=longest,
            fix="a separator may be missing",
            rule=RULE,
            most=longest,
            di=entry.di,
        )


def _verify_characters(entry: Entry, value: str) -> None:
    if entry.di == "27P":  # tariff codes are written with their full stops
        foreign = _DECIMAL.search(value)
    elif entry.kind == "n" and entry.di != "24S":  # 24S is any octet, made text
        foreign = _DIGITS.search(value)
    elif entry.kind == "a":
        foreign = _LETTERS.search(value)
    else:
        return
    if foreign is not None:
        letters = entry.kind == "a"
        raise CharacterError(
            "a capital letter" if letters else "a digit",
            foreign[0],
            position=foreign.start(),
            rule=RULE,
        )


def _verify_value(entry: Entry, value: str) -> tuple[Notice, ...]:
    """Verify a value by its entry, and say what could not be verified."""
    # Control characters first: a separator that belongs there is likelier than a wrong length.
    foreign = _FOREIGN.search(value)
    if foreign is not None:
        raise CharacterError(
            "a printable ASCII character", foreign[0], position=foreign.start(), rule=RULE
        )
    _verify_length(entry, value)
    if entry.kind == "date":
        end = len(entry.pattern)
        read_date(value[:end], entry.pattern, rule=RULE, whole_month=entry.di == "D")
        return ()
    _verify_characters(entry, value)
    check = _CHECKS.get(entry.di)
    if check is not None:
        check(value)
    notices: list[Notice] = []
    if not entry.kind:
        notices.append(
            Notice(
                "di-format",
                "the form of a value under {di} ({title}) is not known here, so it is kept",
                {"di": entry.di, "title": entry.title},
            )
        )
    if entry.di in _ISSUED and not issuer_of(value).agency:
        notices.append(
            Notice(
                "issuing-agency",
                "the issuing agency of {value} is not known here",
                {"value": value[:20]},
            )
        )
    return tuple(notices)


def is_empty(text: str) -> bool:
    """Tell whether a field is a data identifier with no value behind it."""
    return _IDENTIFIER.fullmatch(text) is not None


def read_field(text: str, *, known: bool = True) -> tuple[Field, tuple[Notice, ...]]:
    """Read a data identifier with its value.

    Args:
        text: The data identifier and all of its value.
        known: Whether the data identifier must be in the table.

    Returns:
        Both, and what could not be verified.

    Raises:
        IdentifierError: It is no data identifier, or its value breaks its format.
    """
    found = _IDENTIFIER.match(text)
    if found is None:
        raise SyntaxError_(
            "a data identifier: up to three digits and a capital letter",
            text[:4],
            position=0,
            rule=RULE,
        )
    di, value = found[0], text[found.end() :]
    entry = find(di)
    notices: tuple[Notice, ...] = ()
    if entry is None:
        if known:
            raise UnknownAiError("a data identifier of the table", di, position=0, rule=RULE)
        notices = (
            Notice("di-unknown", "{di} is not in our table of data identifiers", {"di": di}),
        )
        entry = Entry(di, "", "an", 1, None, "")
    try:
        return (di, value), notices + _verify_value(entry, value)
    except IdentifierError as error:
        raise error.within(found.end()) from None


def identity_of(field: Field) -> tuple[str, Level]:
    """Give the canonical URI and the level of what a single data identifier names."""
    di, value = field
    level = _LEVELS.get(di, Level.OTHER)
    if di in _LINKS:
        return f"{CANONICAL_STEM}/{_LINKS[di]}/{value}", level
    return canonical_urn(SCHEME, di + value), level


def parse_data_identifier(text: str) -> Reading:
    """Parse one data identifier with its value, as a linear symbol carries it.

    Args:
        text: For example ``25SUN043325711ABC123``.

    Returns:
        The reading, scheme ``iso15418-di``.

    Raises:
        IdentifierError: It is no data identifier of the table, or its value breaks its format.
    """
    field, unverified = read_field(text)
    uri, level = identity_of(field)
    warnings: tuple[Notice, ...] = ()
    if not is_unique(field[0]):
        warnings = (
            Notice(
                "not-unique",
                "a value under {di} is unique only within the company that gave it",
                {"di": field[0]},
            ),
        )
    return Reading(SCHEME, text, uri, level, {"dis": (field,)}, unverified, warnings)
