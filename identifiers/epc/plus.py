"""The "+" and "++" tags of TDS 2: a whole GS1 key, its serial, and data of other AIs behind them.

Rules kept (GS1 EPC Tag Data Standard, sections 14.5.1, 14.5.3, 14.6 and 15.3):

* Header of 8 bits, one bit that says whether data follow, filter of 3, then the values of the
  scheme's AIs with all their digits: no length of a company prefix is needed.
* DSGTIN+ has a date before them, of one of seven AIs. A "++" tag has a host name behind them.
* An EPC names one thing, so that GRAI, GDTI and GCN have their serial. A GLN without extension has
  the extension ``0``.
* Of the data behind the EPC each AI has 4 bits a digit, then its value. They end where all that is
  left is zero; an SSCC of zeros could not be told from that and is refused.
* The bit says the truth: data without it, and it without data, are refused.

Standard: https://ref.gs1.org/standards/tds/

>>> int(encode_plus("sscc+", [("00", "106141412345678908")], 1), 2) == 0xF91106141412345678908
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.epc.bits import LIMIT
from identifiers.epc.host_names import decode_host, encode_host
from identifiers.epc.judging import TAG_DATA_STANDARD, judge, judge_value
from identifiers.epc.schemes import NO_EXTENSION
from identifiers.epc.values import (
    ai_length,
    decode_date,
    decode_value,
    encode_date,
    encode_value,
)
from identifiers.errors import (
    ComponentError,
    ConversionError,
    IdentifierError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.elements import ElementString
from identifiers.gs1.relations import verify_relations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identifiers.epc.bits import BitReader

__all__ = ["PLUS", "PLUS_HEADERS", "decode_plus", "encode_plus"]

_RULE = "EPC Tag Data Standard, section 14.6"
_TOGGLE_RULE = "EPC Tag Data Standard, section 14.5.1"
_DATA_RULE = "EPC Tag Data Standard, section 15.3"
_DATE_RULE = "EPC Tag Data Standard, section 14.5.3"

PLUS = {
    "CPI+": (0xF0, ("8010", "8011")),
    "GRAI+": (0xF1, ("8003",)),
    "SGLN+": (0xF2, ("414", "254")),
    "ITIP+": (0xF3, ("8006", "21")),
    "GSRN+": (0xF4, ("8018",)),
    "GSRNP+": (0xF5, ("8017",)),
    "GDTI+": (0xF6, ("253",)),
    "SGTIN+": (0xF7, ("01", "21")),
    "SGCN+": (0xF8, ("255",)),
    "SSCC+": (0xF9, ("00",)),
    "GIAI+": (0xFA, ("8004",)),
    "DSGTIN+": (0xFB, ("01", "21")),
    "CPI++": (0xE6, ("8010", "8011")),
    "GSRN++": (0xE7, ("8018",)),
    "GSRNP++": (0xE8, ("8017",)),
    "SGLN++": (0xE9, ("414", "254")),
    "GDTI++": (0xEA, ("253",)),
    "GRAI++": (0xEB, ("8003",)),
    "SGCN++": (0xEC, ("255",)),
    "ITIP++": (0xED, ("8006", "21")),
    "GIAI++": (0xEE, ("8004",)),
    "SSCC++": (0xEF, ("00",)),
    "DSGTIN++": (0xFC, ("01", "21")),
    "SGTIN++": (0xFD, ("01", "21")),
}
"""Header and AIs of the schemes."""
PLUS_HEADERS = {header: name for name, (header, _) in PLUS.items()}
"""Schemes by the first eight bits."""

_NAMES = {name.lower(): name for name in PLUS}
_DATED = ("DSGTIN+", "DSGTIN++")
_HOSTED = "++"
_DATES = ("11", "13", "15", "16", "17", "7006", "7007")
"""AIs of the date of a DSGTIN+, in the order of their numbers."""
_CLASSES = {"8003": 14, "253": 13, "255": 13}
"""Lengths of values that have no serial."""
_DATE_LENGTH = 6  # digits; a harvest that took longer has two dates
_AI_BITS, _DIGIT_BITS = 8, 4  # of the first two digits of an AI, and of each one after
_NO_UNIT = ("00", "0" * 18)


def encode_plus(
    name: str,
    elements: Sequence[tuple[str, str]],
    tag_filter: int,
    *,
    date: str = "",
    host: str = "",
) -> str:
    """Encode a message.

    Args:
        name: The scheme, in any case, such as ``sgtin+``.
        elements: The AIs with their values.
        tag_filter: 0 to 7.
        date: The AI whose date goes before the key of a DSGTIN+; the first that is there if empty.
        host: The host name on a "++" tag.

    Returns:
        The bits.

    Raises:
        IdentifierError: A value is not valid, or the message has no such form.
    """
    judge(elements)
    verify_relations(elements)
    scheme = _NAMES[name.lower()]
    header, ais = PLUS[scheme]
    values = dict(elements)
    if "414" in ais:
        values.setdefault("254", NO_EXTENSION)
    missing = [ai for ai in ais if ai not in values]
    if missing:
        raise ConversionError(
            "({key}) in the message",
            ", ".join(f"({ai})" for ai in values),
            rule=_RULE,
            key=missing[0],
        )
    used, bits = set(ais), ""
    if scheme in _DATED:
        date = date or next((ai for ai in values if _prior(ai, values)), "")
        if not _prior(date, values):
            raise ConversionError(
                "a date of one of {ais}",
                ", ".join(f"({ai})" for ai in values),
                rule=_DATE_RULE,
                ais=", ".join(f"({ai})" for ai in _DATES),
            )
        used.add(date)
        bits = f"{_DATES.index(date):04b}{encode_date(values[date])}"
    for ai in ais:
        _verify_serial(ai, values[ai], None)
        bits += encode_value(ai, values[ai])
    if scheme.endswith(_HOSTED):
        bits += encode_host(host)
    elif host:
        raise ConversionError("a coding scheme that holds a host name", scheme, rule=_RULE)
    data = list(elements)
    for ai in used:
        # What stands twice is kept twice; only an extension may be missing.
        if (ai, values[ai]) in data:
            data.remove((ai, values[ai]))
    if _NO_UNIT in data:
        raise ConversionError("an SSCC that is not zero", _NO_UNIT[1], ai="00", rule=_DATA_RULE)
    bits = f"{header:08b}{1 if data else 0}{tag_filter:03b}{bits}"
    for ai, value in data:
        bits += "".join(f"{int(digit):04b}" for digit in ai) + encode_value(ai, value)
    if len(bits) > LIMIT:
        raise ConversionError("at most {limit} bits", str(len(bits)), rule=_DATA_RULE, limit=LIMIT)
    return bits


def _prior(ai: str, values: dict[str, str]) -> bool:
    return ai in _DATES and len(values.get(ai, "")) == _DATE_LENGTH


def _verify_serial(ai: str, value: str, position: int | None) -> None:
    if len(value) == _CLASSES.get(ai):
        raise ConversionError(
            "a serial, as an EPC names one thing", value, position=position, ai=ai, rule=_RULE
        )


def decode_plus(
    name: str, reader: BitReader
) -> tuple[int, ElementString, tuple[tuple[str, str], ...], str]:
    """Decode a tag behind its header.

    Args:
        name: The scheme as `PLUS` has it.
        reader: The bits behind the header.

    Returns:
        The filter, the whole message, those of its elements that are data behind the EPC, and the
        host name or nothing. What the reader has not read is zero.

    Raises:
        IdentifierError: The bits are no such tag.
    """
    toggle = reader.number(1)
    tag_filter = reader.number(3)
    key: list[tuple[str, str]] = []
    starts: list[int] = []
    dated: list[tuple[str, str]] = []
    date_at = reader.at
    if name in _DATED:
        dated.append(_read_date(reader))
    for ai in PLUS[name][1]:
        starts.append(reader.at)
        value = decode_value(ai, reader, reader.position(reader.at))
        _verify_serial(ai, value, reader.position(starts[-1]))
        key.append((ai, value))
    host = decode_host(reader) if name.endswith(_HOSTED) else ""
    key += dated
    starts += [date_at] * len(dated)
    data: list[tuple[str, str]] = []
    if not toggle:
        reader.verify_end()
    while not reader.zeros():
        starts.append(reader.at)
        ai = _read_ai(reader)
        data.append((ai, decode_value(ai, reader, reader.position(starts[-1]))))
    if toggle and not data:
        raise ComponentError(
            "data behind the EPC, as its ninth bit says",
            "",
            position=reader.position(8),
            fix="set the bit to 0",
            rule=_TOGGLE_RULE,
        )
    return tag_filter, _message([*key, *data], starts, reader), tuple(data), host


def _message(
    elements: list[tuple[str, str]], starts: list[int], reader: BitReader
) -> ElementString:
    sound = True
    for (ai, value), start in zip(elements, starts, strict=True):
        try:
            sound = judge_value(ai, value) and sound
        except IdentifierError as error:
            error.position = reader.position(start)
            raise
    verify_relations(elements, start_of=lambda index: reader.position(starts[index]))
    return ElementString(tuple(elements), aitable.version() if sound else TAG_DATA_STANDARD)


def _read_date(reader: BitReader) -> tuple[str, str]:
    start = reader.at
    kind = reader.number(4)
    if kind >= len(_DATES):
        raise ComponentError(
            "a kind of date from 0 to {most}",
            str(kind),
            position=reader.position(start),
            rule=_DATE_RULE,
            most=len(_DATES) - 1,
        )
    return _DATES[kind], decode_date(reader)


def _read_ai(reader: BitReader) -> str:
    """Read an AI: its first two digits tell how many it has (Table K)."""
    digits = f"{reader.number(_AI_BITS):02X}"
    for _ in range(ai_length(digits) - len(digits)):
        digits += f"{reader.number(_DIGIT_BITS):X}"
    return digits
