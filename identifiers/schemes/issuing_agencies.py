"""Who gave out a code under ISO/IEC 15459: issuing agency code (IAC) and company (CIN).

Rules kept:

* An identifier under ISO/IEC 15459 begins with the code of an issuing agency, of one to three
  capital letters, and goes on with the number that the agency gave to a company; a digit in the
  first place is GS1's.
* Only agencies of which we are sure are named, and only where the length of the company's number is
  known is it split off and verified. The register itself has not been seen: an agency that is not
  here is not wrong.

Standard: ISO/IEC 15459-2 (register: https://www.aimglobal.org/registration-authority)

>>> issued = issuer_of("UN043325711ABC123")
>>> issued.agency, issued.company, issued.rest
('Dun & Bradstreet', '043325711', 'ABC123')
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from identifiers.errors import CharacterError, SyntaxError_

__all__ = ["RULE", "Issuer", "issuer_of"]

RULE = "ISO/IEC 15459-3"
"""The standard whose rules an identifier keeps that begins with an issuing agency code."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """How an identifier under ISO/IEC 15459 begins."""

    code: str
    """The issuing agency code, or an empty string when the agency is not known here."""
    agency: str
    """Name of the agency, or an empty string."""
    company: str
    """What the agency gave to the company, or an empty string when its length is not known."""
    rest: str
    """What the company itself gave out; with an unknown agency, the whole."""


_GS1 = "GS1"
_AGENCIES: dict[str, tuple[str, str]] = {
    "D": ("NATO Allied Committee 135", r"[0-9A-Z]{5}"),
    "J": ("Universal Postal Union", ""),
    "LA": ("JIPDEC", ""),
    "LB": ("Telcordia", ""),
    "LD": ("US Department of Defense", r"[0-9A-Z]{6}"),
    "LE": ("EDIFICE", ""),
    "LH": ("EHIBCC", ""),
    "MA": ("ZIIOT", ""),
    "OD": ("Odette", r"[0-9A-Z]{4}"),
    "PP": ("IFA", r"[0-9A-Z]{5}"),
    "RH": ("HIBCC", ""),
    "UN": ("Dun & Bradstreet", r"[0-9]{9}"),
    "VAA": ("CAICT", ""),
}
"""Agencies by their codes: the name, and the form of a company's number where it is known."""

_EXAMPLES = {"D": "CAGE, 5", "LD": "DoDAAC, 6", "OD": "4", "PP": "5", "UN": "DUNS, 9"}
"""What the form is called in an error: kind and number of characters."""


def issuer_of(value: str) -> Issuer:
    """Split an identifier under ISO/IEC 15459 as far as its agency's rules are known.

    Args:
        value: The identifier without its data identifier, not empty.

    Returns:
        Agency, company and the rest.

    Raises:
        CharacterError: It begins with neither a digit nor a capital letter.
        SyntaxError_: The company's number is not of its agency's form.
    """
    if not ("0" <= value[:1] <= "9" or "A" <= value[:1] <= "Z"):
        raise CharacterError(
            "an issuing agency code: capital letters, or a digit for GS1",
            value[:1],
            position=0,
            rule=RULE,
        )
    if value[0] <= "9":
        return Issuer("", _GS1, "", value)
    for length in (3, 2, 1):
        code = value[:length]
        known = _AGENCIES.get(code)
        if known is None:
            continue
        agency, form = known
        company = re.compile(form).match(value, len(code))
        if company is None:
            raise SyntaxError_(
                "the number of a company behind {code} ({form} characters)",
                value[len(code) :],
                position=len(code),
                rule=RULE,
                code=code,
                form=_EXAMPLES[code],
            )
        return Issuer(code, agency, company[0], value[company.end() :])
    return Issuer("", "", "", value)
