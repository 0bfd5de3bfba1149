"""The host name on a "++" tag, so that its link leads to its maker's own site.

Rules kept (GS1 EPC Tag Data Standard 2.3, section 14.5.16):

* One bit names the encoding, six its length, 1 to 63: URN code 40 counts characters, ASCII counts
  its groups of seven bits.
* In ASCII frequent beginnings and endings stand as one group (``.com``) or two (``.cn``,
  ``.com.cn``). Where the tables of release 2.3 repeat a first group by mistake (``.org.cn``,
  ``.net.cn``, ``.tech``), their order tells the right one.
* What is written has the fewest bits. Upper and lower case are kept.

Standard: https://ref.gs1.org/standards/tds/

>>> encode_host("id.example.com")[:14]
'10010010100000'
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from identifiers.epc.texts import encode_code40, read_code40, read_length
from identifiers.errors import CharacterError, ConversionError, LengthError

if TYPE_CHECKING:
    from identifiers.epc.bits import BitReader

__all__ = ["decode_host", "encode_host"]

_RULE = "EPC Tag Data Standard 2.3, section 14.5.16"
_HOST = r"[0-9A-Za-z._:\-]{1,63}"
_LONGEST, _LENGTH_BITS, _GROUP_BITS = 63, 6, 7

_ONE_GROUP = (
    (30, "qr. www. id."),
    (91, ".com .org .net .int"),
    (96, ".edu"),
    (123, ".gov .mil .biz .eco .med"),
)
"""Sequences of one group: the first value, and what it and its successors mean."""
_TWO_GROUPS = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo bq br "
    "bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec "
    "ee eg eh er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy "
    "hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz "
    "la lb lc li",
    "lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc "
    "ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw "
    "sa sb sc sd se sg sh si sk sl sm sn sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to "
    "tr tt tv tw tz ua ug us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw",
    "com.au net.au org.au co.at com.bd co.bd com.br net.br co.nz com.ng com.pk co.in com.in co.il "
    "co.jp co.za co.kr com.es com.lk co.th co.tt com.tt com.tr biz.tr com.ua co.uk co.zm com.zm "
    "com.cn org.cn net.cn gov.cn",
    "tech",
)
"""Endings of two groups without their full stop, by the first group, in order of the second."""


@lru_cache(maxsize=1)
def _sequences() -> dict[tuple[int, ...], str]:
    """Give what each group, or two, means besides its character."""
    short: dict[tuple[int, ...], str] = {
        (first + index,): text
        for first, texts in _ONE_GROUP
        for index, text in enumerate(texts.split())
    }
    long: dict[tuple[int, ...], str] = {
        (first, second): f".{ending}"
        for first, endings in enumerate(_TWO_GROUPS)
        for second, ending in enumerate(endings.split())
    }
    return short | long


def encode_host(host: str) -> str:
    """Encode a host name with the fewest bits.

    Args:
        host: 1 to 63 letters, digits, full stops, hyphens, underscores and colons.

    Returns:
        The bits of encoding, length and characters.

    Raises:
        ConversionError: It is no such name.
    """
    if re.fullmatch(_HOST, host) is None:
        raise ConversionError(
            "a host name of at most {most} characters", host, rule=_RULE, most=_LONGEST
        )
    groups = _groups(host)
    text = "".join(f"{group:07b}" for group in groups)
    ascii_bits = f"1{len(groups):06b}{text}"
    packed = encode_code40(host)
    if packed is None or len(packed) > len(text):
        return ascii_bits
    return f"0{len(host):06b}{packed}"


def _groups(host: str) -> list[int]:
    """Find the fewest groups that make a host name, from its end to its beginning."""
    best: list[list[int]] = [[]]
    for start in range(len(host) - 1, -1, -1):
        rest = len(host) - start - 1
        choices = [[ord(host[start]), *best[rest]]]
        choices += [
            [*groups, *best[rest + 1 - len(text)]]
            for groups, text in _sequences().items()
            if host.startswith(text, start)
        ]
        best.append(min(choices, key=len))
    return best[-1]


def decode_host(reader: BitReader) -> str:
    """Decode a host name.

    Args:
        reader: Where its encoding begins.

    Returns:
        The name.

    Raises:
        IdentifierError: The bits are no host name, or too few.
    """
    start = reader.at
    in_groups = reader.number(1)
    length = read_length(reader, _LENGTH_BITS, _LONGEST)
    host = _read_groups(reader, length) if in_groups else read_code40(reader, length)
    if re.fullmatch(_HOST, host) is None:
        raise CharacterError(
            "a host name of at most {most} characters",
            host,
            position=reader.position(start),
            rule=_RULE,
            most=_LONGEST,
        )
    return host


def _read_groups(reader: BitReader, count: int) -> str:
    text, start = "", reader.at
    end = start + count * _GROUP_BITS
    while reader.at < end:
        groups: tuple[int, ...] = (reader.number(_GROUP_BITS),)
        if groups[0] < len(_TWO_GROUPS):
            groups += (reader.number(_GROUP_BITS),)
            # A pair without meaning is no character either.
            text += _sequences().get(groups, "\0")
        else:
            text += _sequences().get(groups, chr(groups[0]))
    if reader.at > end:
        raise LengthError(
            "{count} groups of seven bits",
            text,
            position=reader.position(start),
            rule=_RULE,
            count=count,
        )
    return text
