"""MA codes (IDcode): the codes of the issuing agency MA of ISO/IEC 15459, based in China.

Rules kept:

* ``MA.<country>.<industry>.<organisation>`` names an organisation; with ``/<use>.<category>.
  <model>/`` a product, and with something behind the last slash one instance.
* Industry M0 is that of medical devices. ``MA.<country>.M0.<registrant>.<product>`` is a device
  identifier (DI): registrant of 6 characters, product of one digit for the package, the product
  code and a check digit. Production identifiers (PI) follow, each a letter and its value: S serial,
  L lot, D sterilisation lot, M production date, E expiry, V valid until, and C the check digit of
  all of them, which stands last.
* A date is YYMMDD of this century, which all of the scheme's life is in, or YYYYMMDD.
* Letters keep their case: ``ma`` is no issuing agency, and the serial ``x8`` is not ``X8``.
* A device with a serial is DI and serial, one without is DI and lot, whatever else its label says.
* The code may be carried by a resolver's address, ``http://s.idcode.org.cn/?code=MA...``.

Known doubts: the parts are described second hand by a traceability service and by public programs.
The check digits follow the Luhn rule over the characters' values strung together in a public
program; seven published check digits agree with it and three do not. Therefore a check digit that
disagrees is reported as unverified and not refused.

Standard: ISO/IEC 15459-3 (issuing agency MA, https://www.idcode.org.cn)

>>> reading = parse_ma("MA.156.M0.100472.11103316.Sx8.M220117")
>>> reading.scheme, reading.parts["di"], reading.parts["production_date"]
('ma-udi', 'MA.156.M0.100472.11103316', '2022-01-17')
>>> reading.uri
'urn:suyuan:ma-udi:MA.156.M0.100472.11103316.Sx8'
>>> parse_ma("MA.156.1003.16291").parts["organisation"]
'16291'
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase, digits

from identifiers.characters import is_digits, unescape
from identifiers.errors import (
    CharacterError,
    IdentifierError,
    LengthError,
    RepeatError,
    SyntaxError_,
)
from identifiers.gs1.components import CHECKS
from identifiers.gs1.dates import verify_date
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.schemes.reading import Part, Reading, canonical_urn

__all__ = ["parse_ma"]

_RULE = "ISO/IEC 15459, issuing agency MA"
_RULE_UDI = "MA (IDcode) coding manual for medical devices"
_AGENCY = "MA"
_MEDICAL = "M0"
_ORGANISATION = 4  # fields up to the organisation: MA, country, industry, organisation
_REGISTRANT = 6  # characters
_PRODUCT = 8  # characters: package, product code of 6, check digit

_FOREIGN = re.compile(r"[^!-~]")
_NOT_PLAIN = re.compile(r"[^0-9A-Za-z_\-]")
_PRODUCT_FORM = re.compile(r"[0-9][0-9A-Za-z\-]*[0-9]")
_RESOLVER = re.compile(r"(?i:https?)://[^/?#]+[^?#]*")

_LETTERS = {
    "S": "serial",
    "L": "lot",
    "D": "sterilisation_lot",
    "M": "production_date",
    "P": "production_date",
    "E": "expiry",
    "V": "valid_until",
    "Y": "insurance_code",
    "C": "pi_check",
}
_DATES = {"production_date", "expiry", "valid_until"}
_SECOND_HAND = {"P", "Y"}  # in public programs and examples only

_SIGNS = "-.@$,*+%/#!^~"
_VALUES = {
    # The two values between g and h are left out, which the published check digits confirm.
    **{sign: str(value) for value, sign in enumerate(digits + ascii_uppercase + "abcdefg")},
    **{sign: str(value) for value, sign in enumerate(ascii_lowercase[7:] + _SIGNS, 45)},
}
"""Values of the characters under the check digit, as they are strung together."""


def _computed(text: str) -> str:
    """Compute the check digit by the Luhn rule; nothing if a character has no value."""
    values = [_VALUES.get(sign, "") for sign in text]
    if not all(values):
        return ""
    total = 0
    for index, digit in enumerate(reversed("".join(values))):
        doubled = int(digit) * (1 + index % 2)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004  the sum of two digits
    return str(-total % 10)


def _check(text: str, digit: str, position: int) -> Notice:
    """Compare a check digit with the rule that is known second hand."""
    if digit == _computed(text):
        return Notice(
            "check-second-hand",
            "check digit {digit} agrees with a rule that is known second hand",
            {"digit": digit},
            position,
        )
    return Notice(
        "check-doubtful",
        "check digit {digit} disagrees with a rule that is known second hand",
        {"digit": digit},
        position,
    )


def _written(text: str) -> tuple[str, str | None]:
    """Take the code out of a resolver's address."""
    found = _RESOLVER.match(text)
    if found is None:
        return text, None
    query = text[found.end() + 1 :].partition("#")[0] if text[found.end() :][:1] == "?" else ""
    codes = [pair[5:] for pair in query.split("&") if pair.startswith("code=")]
    if len(codes) != 1:
        raise SyntaxError_(
            "a query with one code=MA...", text[found.end() :], position=found.end(), rule=_RULE
        )
    return unescape(codes[0]), found[0]


def _plain(value: str, position: int, rule: str = _RULE) -> str:
    """Verify that a part is of letters, digits, hyphens and underscores and not empty."""
    if not value:
        raise LengthError("a part that is not empty", "", position=position, rule=rule)
    fault = _NOT_PLAIN.search(value)
    if fault is not None:
        raise CharacterError(
            "a letter, digit, hyphen or underscore",
            fault[0],
            position=position + fault.start(),
            rule=rule,
        )
    return value


def _head(code: str) -> list[str]:
    """Split a code into its fields and verify the first three."""
    fault = _FOREIGN.search(code)
    if fault is not None:
        raise CharacterError(
            "a printable ASCII character", fault[0], position=fault.start(), rule=_RULE
        )
    fields = code.split(".")
    if fields[0] != _AGENCY:
        small = fields[0].upper() == _AGENCY
        raise SyntaxError_(
            "the issuing agency MA",
            fields[0],
            position=0,
            rule=_RULE,
            fix="write MA in capital letters" if small else "",
        )
    if len(fields) < _ORGANISATION:
        raise LengthError(
            "MA, country, industry and organisation with dots between them",
            code,
            position=len(code),
            rule=_RULE,
        )
    country = fields[1]
    if len(country) != 3 or not is_digits(country):  # noqa: PLR2004  ISO 3166-1 numeric
        raise SyntaxError_("three digits of a country", country, position=3, rule=_RULE)
    _plain(fields[2], 7)
    return fields


def _warnings(country: str) -> list[Notice]:
    try:
        CHECKS["iso3166"](country)
    except IdentifierError:
        return [Notice("country", "{country} is no country of ISO 3166-1", {"country": country}, 3)]
    return []


def parse_ma(text: str) -> Reading:
    """Parse an MA code (ISO/IEC 15459, issuing agency MA).

    Args:
        text: The code, or a resolver's address with it in the query field ``code``.

    Returns:
        The reading, ``ma-udi`` for medical devices and ``ma`` for anything else. A fault's position
        counts in the code, without the address around it.

    Raises:
        IdentifierError: The text is no MA code.
    """
    code, resolver = _written(text)
    fields = _head(code)
    if fields[2] == _MEDICAL and len(fields) > _ORGANISATION and "/" not in fields[3]:
        return _udi(code, fields, resolver)
    return _general(code, fields, resolver)


def _general(code: str, fields: list[str], resolver: str | None) -> Reading:
    """Read a code of any industry: an organisation, its product, or one instance."""
    parts: dict[str, Part] = {"country": fields[1], "industry": fields[2]}
    start = len(fields[2]) + 8
    organisation, slash, rest = code[start:].partition("/")
    parts["organisation"] = _plain(organisation, start)
    level = Level.PARTY
    if slash:
        start += len(organisation) + 1
        inner, last, instance = rest.partition("/")
        names = inner.split(".")
        if len(names) != 3:  # noqa: PLR2004  use, category, model
            raise SyntaxError_(
                "use, category and model with dots between them",
                inner,
                position=start,
                rule=_RULE,
            )
        for name, value in zip(("use", "category", "model"), names, strict=True):
            parts[name] = _plain(value, start)
            start += len(value) + 1
        if last:
            parts["instance"] = instance
        level = Level.INSTANCE if instance else Level.PRODUCT
    if resolver is not None:
        parts["resolver"] = resolver
    return Reading(
        "ma",
        code,
        canonical_urn("ma", code),
        level,
        parts,
        (Notice("second-hand", "the parts of an MA code are known from public examples only"),),
        tuple(_warnings(fields[1])),
    )


def _udi(code: str, fields: list[str], resolver: str | None) -> Reading:
    """Read the identifier of a medical device."""
    country, industry, registrant, product = fields[1:5]
    start = len(industry) + 8
    if len(_plain(registrant, start, _RULE_UDI)) != _REGISTRANT:
        raise LengthError(
            "{length} characters of a registrant",
            registrant,
            position=start,
            length=_REGISTRANT,
            rule=_RULE_UDI,
        )
    start += _REGISTRANT + 1
    _verify_product(product, start)
    di = code[: start + len(product)]
    parts: dict[str, Part] = {
        "country": country,
        "industry": industry,
        "registrant": registrant,
        "di": di,
        "package": product[0],
        "product": product[1:-1],
        "check": product[-1],
    }
    warnings = _warnings(country)
    if len(product) > _PRODUCT:
        warnings.append(
            Notice(
                "product-length",
                "package, product and check digit are mostly {length} characters",
                {"length": _PRODUCT},
                start,
            )
        )
    unverified = [_check(di[:-1], product[-1], len(di) - 1)]
    production, doubts = _production(code, fields[5:], len(di))
    parts.update(production)
    identity, level = di, Level.PRODUCT
    if "serial" in production:
        identity, level = f"{di}.S{production['serial']}", Level.INSTANCE
    elif "lot" in production:
        identity, level = f"{di}.L{production['lot']}", Level.LOT
    if resolver is not None:
        parts["resolver"] = resolver
    return Reading(
        "ma-udi",
        code,
        canonical_urn("ma-udi", identity),
        level,
        parts,
        (*unverified, *doubts),
        tuple(warnings),
    )


def _verify_product(product: str, start: int) -> None:
    _plain(product, start, _RULE_UDI)
    if len(product) < _PRODUCT:
        raise LengthError(
            "{length} characters of package, product and check digit",
            product,
            position=start + len(product),
            length=_PRODUCT,
            rule=_RULE_UDI,
        )
    if _PRODUCT_FORM.fullmatch(product) is None:
        raise SyntaxError_(
            "a digit for the package, a product code and a check digit",
            product,
            position=start,
            rule=_RULE_UDI,
        )


def _production(code: str, fields: list[str], end: int) -> tuple[dict[str, str], list[Notice]]:
    """Read the production identifiers, which start at the dot at index ``end`` of the code."""
    parts: dict[str, str] = {}
    doubts: list[Notice] = []
    start = end + 1
    for field in fields:
        letter, value = field[:1], field[1:]
        name = _LETTERS.get(letter)
        if name is None:
            raise SyntaxError_(
                "a letter S, L, D, M, E, V or C and its value",
                field,
                position=start,
                rule=_RULE_UDI,
            )
        if not value:
            raise LengthError(
                "a value behind the letter {letter}",
                field,
                position=start + 1,
                letter=letter,
                rule=_RULE_UDI,
            )
        if "pi_check" in parts:
            raise SyntaxError_(
                "the check digit behind all other parts", field, position=start, rule=_RULE_UDI
            )
        if name in parts:
            raise RepeatError(
                "the letter {letter} only once",
                field,
                position=start,
                letter=letter,
                rule=_RULE_UDI,
            )
        if letter in _SECOND_HAND:
            doubts.append(
                Notice(
                    "letter-second-hand",
                    "the letter {letter} is known from public examples only",
                    {"letter": letter},
                    start,
                )
            )
        parts[name] = _date(value, start + 1) if name in _DATES else value
        if name == "pi_check":
            if len(value) != 1 or not is_digits(value):
                raise SyntaxError_("one check digit", value, position=start + 1, rule=_RULE_UDI)
            doubts.append(_check(code[end : start - 1], value, start + 1))
        start += len(field) + 1
    return parts, doubts


def _date(value: str, position: int) -> str:
    """Read YYMMDD or YYYYMMDD as an ISO 8601 date."""
    full = len(value) == 8  # noqa: PLR2004  YYYYMMDD
    try:
        verify_date(value, year_digits=4 if full else 2)
    except IdentifierError as error:
        raise error.within(position, rule=_RULE_UDI) from None
    value = value if full else f"20{value}"
    return f"{value[:4]}-{value[4:6]}-{value[6:]}"
