"""Codes of parties: China's unified social credit code, the LEI and the GLN.

Rules kept:

* Unified social credit code (USCC): 18 digits and capital letters without I, O, S, V and Z; the
  third to eighth are the digits of an administrative division; the last is a check character,
  weights of powers of 3, modulo 31 (GB 32100-2015).
* The ninth to seventeenth are the organisation code with a check character of its own, modulo 11
  (GB 11714). A wrong one is a warning, as is a division or a registering department that is not
  known: the check character over the whole is the one that has to be right.
* LEI: 18 digits and capital letters and two check digits, modulo 97 (ISO 17442-1, ISO/IEC 7064).
* GLN: 13 digits with the check digit of GS1; the canonical form is a Digital Link of AI 417.
* Small letters are refused and never changed.

Standard: GB 32100-2015, https://openstd.samr.gov.cn; https://www.gleif.org; and
https://ref.gs1.org/standards/genspecs/

>>> parse_uscc("91110000600037341L").uri
'urn:suyuan:cn-uscc:91110000600037341L'
>>> parse_lei("529900T8BM49AURSDO55").code
'529900T8BM49AURSDO55'
>>> parse_gln("9506000134352").uri
'https://id.gs1.org/417/9506000134352'
"""

from __future__ import annotations

import re

from identifiers.characters import require
from identifiers.checkdigit import verify_check_digit
from identifiers.errors import CharacterError, CheckDigitError, IdentifierError, LengthError
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.schemes.reading import Reading, canonical_urn

__all__ = ["parse_gln", "parse_lei", "parse_uscc"]

_RULE_USCC = "GB 32100-2015"
_RULE_LEI = "ISO 17442-1"
_RULE_GLN = "GS1 General Specifications, section 4.1"

_USCC_LENGTH = 18
_USCC_VALUES = {sign: value for value, sign in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_USCC_SIGNS = "".join(_USCC_VALUES)
_USCC_FOREIGN = re.compile(f"[^{_USCC_SIGNS}]")
_USCC_WEIGHTS = tuple(3**place % 31 for place in range(17))
_DIVISION = slice(2, 8)
_ORGANISATION = slice(8, 17)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_DEPARTMENTS = "123456789ANY"
"""Departments that register, the first character of a USCC."""
_PROVINCES = frozenset(
    "10 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 "
    "61 62 63 64 65 71 81 82".split()
)
"""First two digits of a division (GB/T 2260), and 10 for what is registered with the state."""

_LEI_LENGTH = 20
_LEI_FOREIGN = re.compile(r"[^0-9A-Z]")
_GLN_LENGTH = 13


def _verify_text(text: str, length: int, foreign: re.Pattern[str], rule: str) -> None:
    fault = foreign.search(text)
    if fault is not None:
        raise CharacterError(
            "a digit or a capital letter that the code allows",
            fault[0],
            position=fault.start(),
            rule=rule,
            fix="write capital letters" if "a" <= fault[0] <= "z" else "",
        )
    _verify_length(text, length, rule)


def _verify_length(text: str, length: int, rule: str) -> None:
    if len(text) != length:
        raise LengthError(
            "{length} characters",
            text,
            position=min(len(text), length),
            length=length,
            rule=rule,
        )


def _organisation_check(code: str) -> str:
    """Compute the check character of an organisation code (GB 11714, section 3)."""
    # The values of letters count from A = 10 without a gap, unlike those of the USCC.
    total = sum(
        int(sign, 36) * weight for sign, weight in zip(code, _ORGANISATION_WEIGHTS, strict=False)
    )
    return "0123456789X"[-total % 11]


def _uscc_warnings(code: str) -> tuple[Notice, ...]:
    found: list[Notice] = []
    if code[0] not in _DEPARTMENTS:
        found.append(
            Notice(
                "uscc-department",
                "{department} is no department that registers",
                {"department": code[0]},
                0,
            )
        )
    division = code[_DIVISION]
    if division[:2] not in _PROVINCES:
        found.append(
            Notice(
                "uscc-division",
                "{division} is no administrative division",
                {"division": division},
                _DIVISION.start,
            )
        )
    organisation = code[_ORGANISATION]
    wanted = _organisation_check(organisation)
    if organisation[-1] != wanted:
        found.append(
            Notice(
                "uscc-organisation",
                "the check character of the organisation code {organisation} should be {wanted}",
                {"organisation": organisation, "wanted": wanted},
                _ORGANISATION.stop - 1,
            )
        )
    return tuple(found)


def parse_uscc(text: str) -> Reading:
    """Parse a unified social credit code (GB 32100-2015).

    Args:
        text: 18 characters.

    Returns:
        The reading.

    Raises:
        IdentifierError: The text is no such code; for a wrong check character the fix names the
            right one.
    """
    _verify_text(text, _USCC_LENGTH, _USCC_FOREIGN, _RULE_USCC)
    try:
        require("N", text[_DIVISION])
    except IdentifierError as error:
        raise error.within(_DIVISION.start, rule=_RULE_USCC) from None
    total = sum(
        _USCC_VALUES[sign] * weight for sign, weight in zip(text, _USCC_WEIGHTS, strict=False)
    )
    wanted = _USCC_SIGNS[-total % 31]
    if text[-1] != wanted:
        raise CheckDigitError(
            "check character {wanted}",
            text[-1],
            position=_USCC_LENGTH - 1,
            fix="check character should be {wanted}, unless another character is mistyped",
            wanted=wanted,
            rule=_RULE_USCC,
        )
    return Reading(
        "cn-uscc",
        text,
        canonical_urn("cn-uscc", text),
        Level.PARTY,
        {"code": text},
        (),
        _uscc_warnings(text),
    )


def parse_lei(text: str) -> Reading:
    """Parse a legal entity identifier (ISO 17442-1, check digits by ISO/IEC 7064, MOD 97-10).

    Args:
        text: 20 characters.

    Returns:
        The reading.

    Raises:
        IdentifierError: The text is no LEI; for wrong check digits the fix names the right ones.
    """
    _verify_text(text, _LEI_LENGTH, _LEI_FOREIGN, _RULE_LEI)
    number = int("".join(str(int(sign, 36)) for sign in text[:-2]))
    wanted = f"{98 - number * 100 % 97:02}"
    if text[-2:] != wanted:
        raise CheckDigitError(
            "check digits {wanted}",
            text[-2:],
            position=_LEI_LENGTH - 2,
            fix="check digits should be {wanted}, unless another character is mistyped",
            wanted=wanted,
            rule=_RULE_LEI,
        )
    return Reading("lei", text, canonical_urn("lei", text), Level.PARTY, {"code": text})


def parse_gln(text: str) -> Reading:
    """Parse a global location number as the number of a party (GS1 General Specifications, 4.1).

    Args:
        text: 13 digits.

    Returns:
        The reading. Nothing in the digits tells a GLN from a GTIN-13, so that is left unverified.

    Raises:
        IdentifierError: The text is no GLN; for a wrong check digit the fix names the right one.
    """
    try:
        require("N", text)
    except IdentifierError as error:
        raise error.within(0, rule=_RULE_GLN) from None
    _verify_length(text, _GLN_LENGTH, _RULE_GLN)
    verify_check_digit(text)
    return Reading(
        "gln",
        text,
        f"https://id.gs1.org/417/{text}",
        Level.PARTY,
        {"code": text},
        (Notice("gtin-or-gln", "the digits may as well be a GTIN-13"),),
    )
