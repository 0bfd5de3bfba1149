"""Recognise a sound value of an application identifier in one step.

Rules kept:

* Whatever is recognised here satisfies `elements.verify_value`, and every value that satisfies it
  is recognised; a property of the tests holds the two together for each AI.
* Nothing is explained here. A value that is not recognised is given to `verify_value`, which says
  what is wrong with it, so that sound codes are quick and faulty ones pay for their explanation.
* A pattern is made from the table when its AI is first met.

Standard: GS1 Barcode Syntax Dictionary, https://ref.gs1.org/tools/gs1-barcode-syntax-resource/

>>> is_recognised("17", "270228"), is_recognised("17", "270229")
(True, False)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from identifiers.errors import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.components import CHECKS

__all__ = ["RECOGNISERS", "Recogniser", "has_check_digit", "is_recognised", "learn", "recogniser"]

_SETS = {"N": "[0-9]", "X": r"[!-\"%-?A-Z_a-z]", "Y": r"[#\-/0-9A-Z]", "Z": r"[\-0-9=A-Z_a-z]"}
"""Characters by kind of component; ``=`` pads file-safe base 64, whose check looks at its place."""

_HOUR, _SIXTY = "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
_LEAP = "(?:[02468][048]|[13579][26])"


def _date(year: str, leap_year: str, *, whole_month: bool = False) -> str:
    first = "0[0-9]" if whole_month else "0[1-9]"
    months = (
        f"(?:0[13578]|1[02])(?:{first}|[12][0-9]|3[01])"
        f"|(?:0[469]|11)(?:{first}|[12][0-9]|30)"
        f"|02(?:{first}|1[0-9]|2[0-8])"
    )
    return f"(?:{year}(?:{months})|{leap_year}0229)"


_YEAR = ("[0-9]{2}", _LEAP)  # a two-digit year is one from 2000 on, and 2000 was a leap year
_FULL_YEAR = ("[0-9]{4}", f"(?:[0-9]{{2}}(?!00){_LEAP}|{_LEAP}00)")

_PATTERNS = {
    "hh": _HOUR,
    "hhmi": _HOUR + _SIXTY,
    "iso5218": "[0129]",
    "mi": _SIXTY,
    "ss": _SIXTY,
    "winding": "[019]",
    "yesno": "[01]",
    "yymmd0": _date(*_YEAR, whole_month=True),
    "yymmdd": _date(*_YEAR),
    "yyyymmd0": _date(*_FULL_YEAR, whole_month=True),
    "yyyymmdd": _date(*_FULL_YEAR),
}
"""Checks that a pattern can express, each instead of the characters of its component."""

_IMPLIED = {"gcppos1", "gcppos2"}
"""Checks that a component of five digits or more satisfies by being digits."""

_NOTHING = re.compile(r"(?!)").match

_REMAINDERS = tuple((48 * ((n + 1) // 2 + 3 * (n // 2))) % 10 for n in range(100))
"""What the weighted sum of n bytes that are digits, each 48 too high, leaves modulo 10."""


Recogniser: TypeAlias = tuple[
    str,
    int,
    Callable[[str, int], re.Match[str] | None],
    Callable[[str], re.Match[str] | None],
    Callable[[re.Match[str]], bool] | None,
]
"""How the value of one AI is recognised; a plain tuple, as it is unpacked for every value.

1. The AI.
2. The length of a value that is digits of predefined length with a check digit, otherwise 0.
3. A function that matches a value with the separator behind it at an index; group 1 is the value.
4. A function that matches a text that is a value and nothing else.
5. What the patterns cannot tell, asked of either match; None when there is nothing.
"""


@lru_cache(maxsize=4096)
def has_check_digit(digits: str) -> bool:
    """Tell whether a text is ASCII digits of which the last is their check digit; ASCII text only.

    GS1 General Specifications, section 7.9.1. For callers that go on to `verify_check_digit`, which
    says what is wrong. Products come again and again, so answers are remembered, 1 MB at most.
    """
    code = digits.encode()
    return (
        code.isdigit()
        and (sum(code[::-2]) + 3 * sum(code[-2::-2])) % 10 == _REMAINDERS[len(code) % 100]
    )


def _acceptance(tests: list[tuple[int, str]]) -> Callable[[re.Match[str]], bool] | None:
    """Make one question of the checks that are left: groups of the match with names of checks."""
    if not tests:
        return None
    sums = [group for group, check in tests if check == "csum"]
    rest = [(group, CHECKS[check]) for group, check in tests if check != "csum"]
    if not rest and len(sums) == 1:
        (only,) = sums
        return lambda found: has_check_digit(found[only])

    def accepts(found: re.Match[str]) -> bool:
        try:
            for group, check in rest:
                if (part := found[group]) is not None:
                    check(part)
        except IdentifierError:
            return False
        # A generator costs more than the check digits that it would ask for, most often none.
        for group in sums:  # noqa: SIM110
            if not has_check_digit(found[group]):
                return False
        return True

    return accepts


def _made(entry: aitable.Entry) -> Recogniser:
    """Translate an entry of the table."""
    pattern = ""
    tests: list[tuple[int, str]] = []
    groups = 1  # the first is the whole value
    for part in entry.components:
        digits = part.kind == "N" and part.shortest == part.longest > 4  # noqa: PLR2004  see _IMPLIED
        checks = [check for check in part.checks if not (digits and check in _IMPLIED)]
        body = f"{_SETS[part.kind]}{{{part.shortest},{part.longest}}}"
        for check in [check for check in checks if check in _PATTERNS]:
            body = _PATTERNS[check]
            checks.remove(check)
        if part.kind == "Z":
            checks.append("cset64")
        if checks:
            groups += 1
            tests.extend((groups, check) for check in checks)
            body = f"({body})"
        pattern += f"(?:{body})?" if part.optional else body
    only = entry.components[0]
    plain = (
        entry.fixed and len(entry.components) == 1 and only.kind == "N" and "csum" in only.checks
    )
    ending = "\x1d?" if entry.fixed else r"(?:\x1d|\Z)"
    return (
        entry.ai,
        entry.longest if plain and len(tests) == 1 else 0,
        re.compile(f"({pattern}){ending}").match,
        re.compile(f"({pattern})").fullmatch,
        _acceptance(tests),
    )


RECOGNISERS: dict[str, Recogniser] = {}
"""The recognisers of the AIs that were met so far; `learn` adds to them.

The first two digits of longer AIs stand for a recogniser without AI, whose length is that of the
AI to ask with again.
"""


def learn(text: str, position: int) -> bool:
    """Make the recogniser of the AI that stands in a text.

    Args:
        text: An element string, or an AI alone.
        position: Where the AI begins.

    Returns:
        Whether there is such an AI; what hostile text asks for is not kept.
    """
    head = text[position : position + 2]
    digits = aitable.length(head)
    if digits is None:
        return False
    entry = aitable.find(text[position : position + digits])
    if entry is None:
        return False
    RECOGNISERS[head] = ("", digits, _NOTHING, _NOTHING, None)
    RECOGNISERS[entry.ai] = _made(entry)  # of two digits: the head itself
    return True


def recogniser(ai: str) -> Recogniser:
    """Give the recogniser of an AI of the table.

    Args:
        ai: The AI.

    Raises:
        UnknownAiError: It is not in the table.
    """
    if ai not in RECOGNISERS:
        RECOGNISERS[ai] = _made(aitable.entry(ai))
    return RECOGNISERS[ai]


def is_recognised(ai: str, value: str) -> bool:
    """Tell whether a value of an AI is sound; a False wants `elements.verify_value` to say why.

    Args:
        ai: The AI; one that is not in the table has no sound value.
        value: The value.
    """
    if aitable.find(ai) is None or not value.isascii():
        return False
    _, digits, _, fullmatch, accepts = recogniser(ai)
    if digits:
        return len(value) == digits and has_check_digit(value)
    match = fullmatch(value)
    return match is not None and (accepts is None or accepts(match))
