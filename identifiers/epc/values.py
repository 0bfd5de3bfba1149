"""The values of AIs in "+" tags, as Table F of the standard lays them out.

Rules kept (GS1 EPC Tag Data Standard, sections 14.5 and 15.3):

* The table is Table F of the Tag Data Translation artefacts in our own compact form
  (`data/epc_table.txt`, rebuilt by `tools/build_epc_table.py`, which also describes the form).
* An AI that the table leaves out, such as (03), has no place on a tag.
* Keys have 4 bits a digit, numbers as few bits as their digits need; of a date the year has 7 bits,
  the month 4 and the day 5, then hour, minute and second 5, 6 and 6.
* A value is verified before it is encoded, and after it was decoded.

Standard: https://ref.gs1.org/standards/tds/

>>> encode_value("17", "270228")
'0011011001011100'
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from identifiers.epc.texts import decode_text, digit_bits, encode_text, read_length
from identifiers.errors import (
    CharacterError,
    ConversionError,
    DateError,
    LengthError,
    UnknownAiError,
)

if TYPE_CHECKING:
    from identifiers.epc.bits import BitReader

__all__ = ["ai_length", "decode_date", "decode_value", "encode_date", "encode_value", "table_date"]

_RULE = "EPC Tag Data Standard, section 14.5"
_TABLE_RULE = "EPC Tag Data Standard, section 15.3, Table F"
_YEARS = 100  # two digits
_DATE, _NIBBLE, _LETTER = 6, 4, 6  # digits of a date; bits of a digit and of a letter
_TIME_BITS = (5, 6, 6)
_PRECISIONS = {6: "11", 8: "00", 10: "01", 12: "10"}
_UNITS = (1, 2, 3, 0)  # of the time, by precision
_DELIMITER, _TERMINATOR = 14, 15
_NO_BEGINNING = frozenset(["", *"0123456789"])


@lru_cache(maxsize=1)
def _table() -> tuple[str, dict[str, tuple[str, ...]], dict[str, int]]:
    """Read the table once: date, fields by AI, length of AIs by their first two digits."""
    from importlib.resources import files  # slow to import, and needed once

    text = files("identifiers").joinpath("data/epc_table.txt").read_text(encoding="utf-8")
    date, *lines = text.splitlines()
    table: dict[str, tuple[str, ...]] = {}
    for line in lines:
        ais, *fields = line.split(" ")
        first, _, last = ais.partition("-")
        for ai in range(int(first), int(last or first) + 1):
            table[f"{ai:0{len(first)}}"] = tuple(fields)
    return date, table, {ai[:2]: len(ai) for ai in table}


def table_date() -> str:
    """Tell when the artefact was published that the table was made of."""
    return _table()[0]


def ai_length(head: str) -> int:
    """Tell how many digits the AIs have that begin with two digits; 2 where none begins so."""
    return _table()[2].get(head, len(head))


def _fields(ai: str, position: int | None) -> list[tuple[str, int, int]]:
    """Give kind, characters and bits of the fields of an AI's value."""
    fields = _table()[1].get(ai)
    if fields is None:
        raise UnknownAiError(
            "an AI that may stand on an EPC tag", ai, position=position, rule=_TABLE_RULE
        )
    found = []
    for field in fields:
        count, _, bits = field[1:].partition(":")
        found.append((field[0], int(count or "0"), int(bits or "0")))
    return found


def encode_value(ai: str, value: str) -> str:
    """Encode the value of an AI.

    Args:
        ai: The AI.
        value: Its verified value.

    Returns:
        The bits.

    Raises:
        ConversionError: The value is longer than a tag allows.
        UnknownAiError: The AI has no place on a tag.
    """
    fields = _fields(ai, None)
    bits, rest = "", value
    for kind, count, width in fields:
        end = count if kind in "ni" else len(rest)
        text, rest = rest[:end], rest[end:]
        if kind in "avt" and len(text) > count:
            raise ConversionError(
                "at most {most} characters (there are {count})",
                text,
                ai=ai,
                rule=_TABLE_RULE,
                most=count,
                count=len(text),
            )
        bits += _encode_field(kind, text, width)
    return bits


def _encode_field(kind: str, text: str, width: int) -> str:
    if kind in "ns":
        return "".join(f"{int(digit):04b}" for digit in text.replace("/", ""))
    if kind == "i":
        return f"{int(text):0{width}b}"
    if kind == "a":
        return encode_text(text, width)
    if kind == "v":
        number = f"{int(text):0{digit_bits(len(text))}b}" if text else ""
        return f"{len(text):0{width}b}{number}"
    if kind == "t":
        return _encode_delimited(text, width)
    if kind == "d":
        return encode_date(text)
    if kind == "r":
        return str(len(text) // _DATE - 1) + "".join(
            encode_date(text[start : start + _DATE]) for start in range(0, len(text), _DATE)
        )
    if kind == "p":
        return _PRECISIONS[len(text)] + encode_date(text)
    if kind == "c":
        return "".join(f"{ord(letter) - ord('A'):06b}" for letter in text)
    return {"": "0", "-": "1"}.get(text, text)


def encode_date(text: str) -> str:
    """Encode a date and the time that may follow it (sections 14.5.8 and 14.5.9)."""
    pairs = [int(text[start : start + 2]) for start in range(0, len(text), 2)]
    fields = zip(pairs, (7, 4, 5, *_TIME_BITS), strict=False)
    return "".join(f"{pair:0{bits}b}" for pair, bits in fields)


def _encode_delimited(text: str, width: int) -> str:
    rest = text.lstrip("0123456789")
    digits = "".join(f"{int(digit):04b}" for digit in text[: len(text) - len(rest)])
    if not rest:
        return f"{digits}{_TERMINATOR:04b}"
    return f"{digits}{_DELIMITER:04b}{encode_text(rest, width)}"


def decode_value(ai: str, reader: BitReader, position: int) -> str:
    """Decode the value of an AI.

    Args:
        ai: The AI.
        reader: Where the value begins.
        position: Where the AI stands, for an error.

    Returns:
        The value, still to be verified.

    Raises:
        IdentifierError: The AI has no place on a tag, the bits are no value of it, or too few.
    """
    return "".join(
        _decode_field(kind, count, width, reader) for kind, count, width in _fields(ai, position)
    )


def _decode_field(kind: str, count: int, width: int, reader: BitReader) -> str:
    if kind == "n":
        return "".join(_nibble(reader) for _ in range(count))
    if kind == "i":
        return reader.digits(count, width, _RULE)
    if kind == "a":
        return decode_text(reader, width, count)
    if kind == "v":
        length = read_length(reader, width, count)
        return reader.digits(length, digit_bits(length), _RULE)
    if kind == "t":
        return _decode_delimited(reader, width, count)
    if kind == "d":
        return decode_date(reader, _UNITS[1] if count > _DATE else 0)
    if kind == "r":
        return "".join(decode_date(reader) for _ in range(reader.number(1) + 1))
    if kind == "p":
        return decode_date(reader, _UNITS[reader.number(2)])
    if kind == "c":
        return _letter(reader) + _letter(reader)
    if kind == "s":
        return f"{_nibble(reader)}/{_nibble(reader)}"
    bit = reader.number(1)
    return str(bit) if kind == "b" else "-" * bit


def decode_date(reader: BitReader, units: int = 0) -> str:
    """Decode a date.

    Args:
        reader: Where it begins.
        units: How many of hour, minute and second follow.

    Returns:
        Two digits each of year, month and day, and of the units of time.

    Raises:
        DateError: The year has three digits.
        LengthError: There are too few bits.
    """
    start = reader.at
    numbers = [reader.number(bits) for bits in (7, 4, 5, *_TIME_BITS[:units])]
    if numbers[0] >= _YEARS:
        raise DateError(
            "a year from 00 to 99",
            str(numbers[0]),
            position=reader.position(start),
            rule=_RULE,
        )
    return "".join(f"{number:02}" for number in numbers)


def _nibble(reader: BitReader) -> str:
    start = reader.at
    value = reader.number(_NIBBLE)
    if value > 9:  # noqa: PLR2004  the greatest digit
        raise CharacterError(
            "a digit of four bits", f"{value:X}", position=reader.position(start), rule=_RULE
        )
    return str(value)


def _letter(reader: BitReader) -> str:
    start = reader.at
    letter = chr(ord("A") + reader.number(_LETTER))
    if letter > "Z":
        raise CharacterError(
            "a letter of six bits", letter, position=reader.position(start), rule=_RULE
        )
    return letter


def _decode_delimited(reader: BitReader, width: int, most: int) -> str:
    digits, start = "", reader.at
    while (value := reader.number(_NIBBLE)) not in {_DELIMITER, _TERMINATOR}:
        reader.at -= _NIBBLE
        digits += _nibble(reader)
        if len(digits) > most:
            raise LengthError(
                "a mark after at most {most} digits",
                digits,
                position=reader.position(start),
                rule=_RULE,
                most=most,
            )
    if value == _TERMINATOR:
        return digits
    start = reader.at
    rest = decode_text(reader, width, most)
    if rest[:1] in _NO_BEGINNING:
        raise CharacterError(
            "text that begins with no digit behind the mark 1110",
            rest,
            position=reader.position(start),
            rule=_RULE,
        )
    return digits + rest
