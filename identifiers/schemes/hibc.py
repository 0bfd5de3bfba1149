"""Health Industry Bar Codes (HIBC) of suppliers: the UDI of the issuing agency HIBCC.

Rules kept:

* ``+``, labeler (LIC: a letter and three letters or digits), product of 1 to 18 letters and digits,
  unit of measure 0 to 9, and one check character; or a slash and secondary data before it.
* Secondary data: ``$`` lot, ``$+`` serial, ``$$`` expiry and lot, ``$$+`` expiry and serial, or
  five digits YYJJJ and lot. Behind ``$$`` a digit says how the date is written: 0 or 1 MMYY (the
  digit belongs to the month), 2 MMDDYY, 3 YYMMDD, 4 YYMMDDHH, 5 YYJJJ, 6 YYJJJHH, 7 no date; 8 and
  two digits or 9 and five digits are a quantity that stands before all that.
* Supplements follow with a slash each: ``S`` serial, ``16D`` production date, ``14D`` expiry (both
  YYYYMMDD), ``Q`` quantity.
* The check character is the sum of all characters' values modulo 43. A second symbol that holds
  secondary data alone repeats the first one's check character as link before its own.
* Of 43 characters there are no small letters; lots and serials may hold a hyphen, a full stop and a
  space, as published labels do, although the standard says letters and digits.
* Product, unit and labeler are the device identifier; with a serial it names one device, with a lot
  only a lot.

Known doubts: the standard has been read in secondary sources and in published labels only. Whether
a labeler is registered is not looked up.

Standard: ANSI/HIBC 2.6 (https://www.hibcc.org)

>>> reading = parse_hibc("+A99912345/$$52001510X3/16D20111212/S77DEFG457")
>>> reading.parts["di"], reading.parts["lot"], reading.parts["serial"]
('A99912345', '10X3', '77DEFG45')
>>> reading.parts["expiry"], reading.parts["production_date"], reading.uri
('2020-01-15', '2011-12-12', 'urn:suyuan:udi-hibcc:%2BA99912345%2FS77DEFG45')
"""

from __future__ import annotations

import re

from identifiers.errors import (
    CharacterError,
    CheckDigitError,
    IdentifierError,
    LengthError,
    RepeatError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.item_code import Level
from identifiers.schemes.date_patterns import read_date
from identifiers.schemes.reading import Part, Reading, canonical_urn

__all__ = ["hibc_check_character", "parse_hibc", "parse_hibc_pair"]

_RULE = "ANSI/HIBC 2.6"
_SCHEME = "udi-hibcc"
_SET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_VALUES = {character: value for value, character in enumerate(_SET)}
_FOREIGN = re.compile(r"[^0-9A-Z\-. $/+%]")

_LABELER = re.compile(r"[A-Z][0-9A-Z]{3}")
_NOT_PLAIN = re.compile(r"[^0-9A-Z]")
_NOT_TEXT = re.compile(r"[^0-9A-Z\-. ]")
_LEAST, _MOST = 6, 23  # characters of the device identifier: labeler 4, product 1 to 18, unit 1
_LONGEST = 18  # characters of a lot or serial
_DATES = {"2": "MMDDYY", "3": "YYMMDD", "4": "YYMMDDHH", "5": "YYDDD", "6": "YYDDDHH"}
_QUANTITIES = {"8": 2, "9": 5}  # digits behind the flag
_SUPPLEMENTS = {"16D": "production_date", "14D": "expiry", "S": "serial", "Q": "quantity"}


def hibc_check_character(text: str) -> str:
    """Compute the check character of all characters before it, the plus sign included (modulo 43).

    Args:
        text: Characters of the 43 that HIBC has.

    Returns:
        One of them.

    Raises:
        CharacterError: A character is none of them.
    """
    foreign = _FOREIGN.search(text)
    if foreign is not None:
        raise CharacterError(
            "a capital letter, a digit or one of - . $ / + % and the space",
            foreign[0],
            position=foreign.start(),
            rule=_RULE,
        )
    return _SET[sum(map(_VALUES.__getitem__, text)) % len(_SET)]


def _verified(text: str) -> str:
    """Verify start and check character of a symbol, and give what stands between them."""
    if not text.startswith("+"):
        raise SyntaxError_(
            "a plus sign",
            text[:1],
            position=0,
            fix="leave out the asterisks around the printed text",
            rule=_RULE,
        )
    hibc_check_character(text)
    if len(text) < 2:  # noqa: PLR2004  the plus sign and a check character
        raise LengthError("a check character", "", position=1, rule=_RULE)
    wanted = hibc_check_character(text[:-1])
    if wanted != text[-1]:
        raise CheckDigitError(
            "check character {wanted}",
            text[-1],
            position=len(text) - 1,
            fix="check character should be {wanted}, unless another character is mistyped",
            rule=_RULE,
            wanted=wanted,
        )
    return text[1:-1]


class _Reader:
    """Collects the parts of one code; `start` is where a piece stands in the whole text."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}

    def put(self, name: str, value: str, start: int) -> None:
        if name in self.parts:
            raise RepeatError("each kind of data once", value, position=start, rule=_RULE)
        self.parts[name] = value

    def put_text(self, name: str, value: str, start: int, *, needed: bool) -> None:
        """Keep a lot or serial."""
        foreign = _NOT_TEXT.search(value)
        if foreign is not None:
            raise CharacterError(
                "a capital letter, a digit, a hyphen, a full stop or a space",
                foreign[0],
                position=start + foreign.start(),
                rule=_RULE,
            )
        if len(value) > _LONGEST:
            raise LengthError(
                "at most {limit} characters",
                value,
                position=start + _LONGEST,
                rule=_RULE,
                limit=_LONGEST,
            )
        if value:
            self.put(name, value, start)
        elif needed:
            raise LengthError("a lot or serial number", "", position=start, rule=_RULE)

    def put_date(self, name: str, digits: str, pattern: str, start: int) -> None:
        try:
            date = read_date(digits, pattern, rule=_RULE)
        except IdentifierError as error:
            raise error.within(start) from None
        self.put(name, date, start)

    def put_quantity(self, digits: str, start: int) -> None:
        foreign = re.search(r"[^0-9]", digits)
        if foreign is not None or not 1 <= len(digits) <= 5:  # noqa: PLR2004  five digits at most
            raise SyntaxError_(
                "a quantity of one to five digits", digits, position=start, rule=_RULE
            )
        self.put("quantity", digits, start)

    def read_primary(self, text: str) -> None:
        """Read labeler, product and unit of measure."""
        if text[:1] == "$" or text[:5].isdigit():
            raise SyntaxError_(
                "the product first",
                text[:1],
                position=1,
                fix="scan the first symbol of the label too",
                rule=_RULE,
            )
        if not _LEAST <= len(text) <= _MOST:
            raise LengthError(
                "{least} to {most} characters of labeler, product and unit",
                text,
                position=1 + min(len(text), _MOST),
                rule=_RULE,
                least=_LEAST,
                most=_MOST,
            )
        foreign = _NOT_PLAIN.search(text)
        if foreign is not None:
            raise CharacterError(
                "a capital letter or a digit", foreign[0], position=1 + foreign.start(), rule=_RULE
            )
        if not _LABELER.match(text):
            raise SyntaxError_(
                "a labeler that begins with a letter", text[0], position=1, rule=_RULE
            )
        if not "0" <= text[-1] <= "9":
            raise CharacterError(
                "a digit for the unit of measure", text[-1], position=len(text), rule=_RULE
            )
        self.parts |= {"di": text, "lic": text[:4], "product": text[4:-1], "unit": text[-1]}

    def read_secondary(self, text: str, start: int) -> None:
        """Read lot or serial, expiry and quantity."""
        if text[:5].isdigit():
            self.put_date("expiry", text[:5], "YYDDD", start)
            self.put_text("lot", text[5:], start + 5, needed=False)
            return
        if not text.startswith("$"):
            raise SyntaxError_(
                "secondary data: $, $$ or five digits of a date",
                text[:1],
                position=start,
                rule=_RULE,
            )
        dated = text.startswith("$$")
        place = 2 if dated else 1
        name = "serial" if text[place : place + 1] == "+" else "lot"
        place += name == "serial"
        if not dated:
            self.put_text(name, text[place:], start + place, needed=True)
            return
        digits = _QUANTITIES.get(text[place : place + 1], 0)
        if digits:
            self.put_quantity_field(text[place + 1 : place + 1 + digits], digits, start + place + 1)
            place += 1 + digits
            if place == len(text):
                return
        place, undated = self.read_expiry(text, place, start)
        self.put_text(name, text[place:], start + place, needed=undated)

    def put_quantity_field(self, found: str, digits: int, start: int) -> None:
        if len(found) != digits:
            raise LengthError(
                "{count} digits of a quantity", found, position=start, rule=_RULE, count=digits
            )
        self.put_quantity(found, start)

    def read_expiry(self, text: str, place: int, start: int) -> tuple[int, bool]:
        """Read the date behind ``$$``; give where it ends, and whether there was none."""
        flag = text[place : place + 1]
        if flag == "7":
            return place + 1, True
        if flag in {"0", "1"}:
            pattern = "MMYY"
        elif flag in _DATES:
            pattern = _DATES[flag]
            place += 1
        else:
            raise SyntaxError_(
                "a digit from 0 to 7 that says how the date is written",
                flag,
                position=start + place,
                rule=_RULE,
            )
        end = place + len(pattern)
        self.put_date("expiry", text[place:end], pattern, start + place)
        return end, False

    def read_supplement(self, text: str, start: int) -> None:
        """Read what follows the secondary data with a slash."""
        for flag, name in _SUPPLEMENTS.items():
            if not text.startswith(flag):
                continue
            value, place = text[len(flag) :], start + len(flag)
            if name == "serial":
                self.put_text(name, value, place, needed=True)
            elif name == "quantity":
                self.put_quantity(value, place)
            else:
                self.put_date(name, value, "YYYYMMDD", place)
            return
        raise SyntaxError_("a supplement: S, 14D, 16D or Q", text[:3], position=start, rule=_RULE)


def _read(code: str, body: str) -> Reading:
    """Read what stands between the plus sign and the check character."""
    reader = _Reader()
    if body.startswith("/"):
        raise UnknownSchemeError(
            "the data of a supplier",
            body[:2],
            position=1,
            fix="read it by the HIBC provider standard",
            rule=_RULE,
        )
    primary, *pieces = body.split("/")
    reader.read_primary(primary)
    start = len(primary) + 2
    for index, piece in enumerate(pieces):
        if index == 0 and piece[:1] not in {"S", "Q"} and piece[:3] not in _SUPPLEMENTS:
            reader.read_secondary(piece, start)
        else:
            reader.read_supplement(piece, start)
        start += len(piece) + 1
    parts = reader.parts
    name, level = f"+{primary}", Level.PRODUCT
    if "serial" in parts:
        name, level = f"{name}/S{parts['serial']}", Level.INSTANCE
    elif "lot" in parts:
        name, level = f"{name}/${parts['lot']}", Level.LOT
    parts["check"] = code[-1]
    return Reading(_SCHEME, code, canonical_urn(_SCHEME, name), level, parts)


def parse_hibc(text: str) -> Reading:
    """Parse the symbol of a supplier, with or without secondary data (ANSI/HIBC 2.6).

    Args:
        text: From the plus sign to the check character, without the printed asterisks.

    Returns:
        The reading, scheme ``udi-hibcc``.

    Raises:
        IdentifierError: It is no such symbol.
    """
    return _read(text, _verified(text))


def parse_hibc_pair(primary: str, secondary: str) -> Reading:
    """Parse the two symbols of one label as one code (ANSI/HIBC 2.6).

    Args:
        primary: The symbol with labeler and product.
        secondary: The symbol with lot or serial, whose last character but one links it.

    Returns:
        The reading of both as one symbol, with that symbol's check character.

    Raises:
        CheckDigitError: The second symbol belongs to another first one.
        IdentifierError: One of them is no such symbol.
    """
    product, data = _verified(primary), _verified(secondary)
    if data[-1:] != primary[-1]:
        raise CheckDigitError(
            "link character {wanted}",
            data[-1:],
            position=len(data),
            fix="scan the two symbols of one label",
            rule=_RULE,
            wanted=primary[-1],
        )
    whole = f"+{product}/{data[:-1]}"
    return _read(whole + hibc_check_character(whole), whole[1:])
