"""Trace codes of China's regulated goods: drugs, veterinary drugs and pesticides.

Rules kept:

* All three are ASCII digits and nothing else, and each code belongs to one package.
* Drug: 20 digits, of which 7 are the drug identification code (NMPAB/T 1002); a serial of 9 and 4
  check digits follow. That split is known second hand, and how the check digits are computed has
  not been published.
* Veterinary drug: 24 digits, namely the date of application, 5 of the enterprise and 11 drawn at
  random (rules of the Ministry of Agriculture for QR codes of veterinary drugs).
* Pesticide: 32 digits, namely the class of registration (1 PD, 2 WP, 3 temporary), the last 6
  digits of the registration, the way of production (1 by the holder, 2 processed on commission,
  3 filled on commission), 3 of the pack and 21 drawn at random (rules of the Ministry of
  Agriculture for QR codes on pesticide labels).
* Twenty digits may also be an SSCC with its AI 00; here they are read as a drug code only.

Standard: https://www.nmpa.gov.cn (NMPAB/T 1002) and https://www.moa.gov.cn

>>> parse_drug_code("83012340000000011234").parts["drug_id"]
'8301234'
>>> parse_veterinary_code("202402290001099999999999").parts["date"]
'2024-02-29'
>>> parse_pesticide_code("12001231001123456789012345678901").parts["registration"]
'200123'
"""

from __future__ import annotations

from identifiers.characters import require
from identifiers.errors import ComponentError, DateError, IdentifierError, LengthError
from identifiers.gs1.dates import verify_date
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.schemes.reading import Reading, canonical_urn

__all__ = ["parse_drug_code", "parse_pesticide_code", "parse_veterinary_code"]

_DRUG, _VETERINARY, _PESTICIDE = "cn-drug-trace-20", "cn-vet-drug-24", "cn-pesticide-32"
_RULE_DRUG = "NMPAB/T 1002"
_RULE_VETERINARY = "Ministry of Agriculture of China, QR codes of veterinary drugs"
_RULE_PESTICIDE = "Ministry of Agriculture of China, QR codes on pesticide labels"
_FIRST_YEAR = 2000  # well before there were such codes, so that random digits are no date
_LAST_YEAR = 2099
_PRODUCTION_TYPES = 8 - 1  # index of the eighth digit
_TEMPORARY = "3"


def _verify_digits(text: str, length: int, rule: str) -> None:
    try:
        require("N", text)
    except IdentifierError as error:
        raise error.within(0, rule=rule) from None
    if len(text) != length:
        raise LengthError(
            "{length} digits",
            text,
            position=min(len(text), length),
            length=length,
            rule=rule,
        )


def parse_drug_code(text: str) -> Reading:
    """Parse a drug trace code (NMPAB/T 1002).

    Args:
        text: 20 digits.

    Returns:
        The reading; its check digits can't be verified.

    Raises:
        IdentifierError: The text is not 20 ASCII digits.
    """
    _verify_digits(text, 20, _RULE_DRUG)
    warnings: tuple[Notice, ...] = ()
    if text[0] != "8":
        warnings = (Notice("drug-prefix", "drug trace codes mostly start with 8", {}, 0),)
    return Reading(
        _DRUG,
        text,
        canonical_urn(_DRUG, text),
        Level.INSTANCE,
        {"drug_id": text[:7], "serial": text[7:16], "check": text[16:]},
        (
            Notice(
                "check-unpublished",
                "how the check digits {check} are computed is not published",
                {"check": text[16:]},
                16,
            ),
            Notice("layout-second-hand", "the parts behind the first 7 digits are second hand"),
        ),
        warnings,
    )


def parse_veterinary_code(text: str) -> Reading:
    """Parse a veterinary drug trace code (rules of the Ministry of Agriculture).

    Args:
        text: 24 digits.

    Returns:
        The reading.

    Raises:
        IdentifierError: The text is not 24 ASCII digits, or does not start with a date.
    """
    _verify_digits(text, 24, _RULE_VETERINARY)
    date = text[:8]
    try:
        verify_date(date, year_digits=4)
    except IdentifierError as error:
        raise error.within(0, rule=_RULE_VETERINARY) from None
    if not _FIRST_YEAR <= int(date[:4]) <= _LAST_YEAR:
        raise DateError(
            "a year from {first} to {last}",
            date[:4],
            position=0,
            first=_FIRST_YEAR,
            last=_LAST_YEAR,
            rule=_RULE_VETERINARY,
        )
    return Reading(
        _VETERINARY,
        text,
        canonical_urn(_VETERINARY, text),
        Level.INSTANCE,
        {
            "date": f"{date[:4]}-{date[4:6]}-{date[6:]}",
            "enterprise": text[8:13],
            "random": text[13:],
        },
    )


def parse_pesticide_code(text: str) -> Reading:
    """Parse the unit code of a pesticide (rules of the Ministry of Agriculture).

    Args:
        text: 32 digits.

    Returns:
        The reading.

    Raises:
        IdentifierError: The text is not 32 ASCII digits, or its class or way of production is
            unknown.
    """
    _verify_digits(text, 32, _RULE_PESTICIDE)
    if text[0] not in "123":
        raise ComponentError(
            "a class of registration from 1 to 3", text[0], position=0, rule=_RULE_PESTICIDE
        )
    production = text[_PRODUCTION_TYPES]
    if production not in "123":
        raise ComponentError(
            "a way of production from 1 to 3",
            production,
            position=_PRODUCTION_TYPES,
            rule=_RULE_PESTICIDE,
        )
    warnings: tuple[Notice, ...] = ()
    if text[0] == _TEMPORARY:
        warnings = (
            Notice(
                "temporary-registration",
                "temporary registrations of pesticides have not been granted since 2017",
                {},
                0,
            ),
        )
    return Reading(
        _PESTICIDE,
        text,
        canonical_urn(_PESTICIDE, text),
        Level.INSTANCE,
        {
            "registration_class": text[0],
            "registration": text[1:7],
            "production_type": production,
            "pack": text[8:11],
            "random": text[11:],
        },
        (),
        warnings,
    )
