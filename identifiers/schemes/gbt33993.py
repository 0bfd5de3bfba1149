"""China's two-dimensional code for commodities (GB/T 33993): its unified address and its profile.

A commodity's QR code holds one of three things: GS1 elements, the national unified address, or an
address of the manufacturer's own. The first is read by `elements` and the last is any product link;
the unified address is read here, and so are the rules that GB/T 33993 adds to those of GS1.

Rules kept:

* The unified address is ``http(s)://2dcode.org/<code>``. The service gives out the code, which is
  kept as it is; both schemes name one thing, whose canonical form is the ``https`` one.
* Profile: a GTIN (AI 01) is there and stands first; the characters ``% & / < > ?``, which GS1
  allows, stand neither in the lot (AI 10) nor in the serial (AI 21).

Known doubts: all this comes from a press summary and a course page on GB/T 33993-2017. The length
of the unified address's code and table A.1, the other AIs that the standard admits, are not known;
GB/T 33993-2024 has not been compared.

Standard: GB/T 33993-2024, https://openstd.samr.gov.cn

>>> parse_unified_address("http://2dcode.org/00000wXY").uri
'https://2dcode.org/00000wXY'
>>> [str(notice) for notice in profile_warnings((("01", "06901234567892"), ("10", "A%1")))]
['gbt33993: % & / < > ? not allowed in AI 10 and 21']
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.errors import CharacterError, LengthError, SyntaxError_
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.schemes.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_chinese_product", "parse_unified_address", "profile_warnings"]

_RULE = "GB/T 33993-2017, national unified address"
_ADDRESS = re.compile(r"(?i:https?://2dcode\.org)/")
_HOST = "https://2dcode.org/"
_FOREIGN = re.compile(r"[^0-9A-Za-z]")

_FORBIDDEN = re.compile(r"[%&/<>?]")
_RESTRICTED = {"10", "21"}
_KNOWN = {"01", "10", "17", "21"}
_PREFIXES = re.compile(r"[0-9]69")  # GS1 prefixes 690 to 699 behind the digit of the package


def parse_unified_address(text: str) -> Reading:
    """Parse a national unified address (GB/T 33993-2017, known from a press summary).

    Args:
        text: ``https://2dcode.org/`` or ``http://2dcode.org/`` and the code.

    Returns:
        The reading.

    Raises:
        IdentifierError: The text is no such address.
    """
    found = _ADDRESS.match(text)
    if found is None:
        raise SyntaxError_(
            "an address that starts with https://2dcode.org/", text, position=0, rule=_RULE
        )
    code = text[found.end() :]
    if not code:
        raise LengthError("a code behind the address", text, position=len(text), rule=_RULE)
    fault = _FOREIGN.search(code)
    if fault is not None:
        raise CharacterError(
            "a letter or digit", fault[0], position=found.end() + fault.start(), rule=_RULE
        )
    return Reading(
        "gbt33993-unified-url",
        code,
        _HOST + code,
        Level.OTHER,
        {"code": code},
        (Notice("code-online", "only the service at 2dcode.org knows what the code stands for"),),
    )


def is_chinese_product(elements: Sequence[tuple[str, str]]) -> bool:
    """Tell whether a message holds a GTIN with a prefix of GS1 China, 690 to 699.

    Args:
        elements: AIs with their values, of a verified message.

    Returns:
        Whether one is there.
    """
    return any(ai == "01" and _PREFIXES.match(value) for ai, value in elements)


def profile_warnings(elements: Sequence[tuple[str, str]]) -> tuple[Notice, ...]:
    """Say what GB/T 33993 does not allow in a message that is sound by the rules of GS1.

    Args:
        elements: AIs with their values, of a verified message, in order.

    Returns:
        A notice for each broken rule; its kind is ``gbt33993`` for the characters of lot and
        serial, ``gbt33993-gtin`` for the GTIN, and ``gbt33993-unverified`` for an AI of which it is
        not known whether the standard admits it.
    """
    found: list[Notice] = []
    if any(ai in _RESTRICTED and _FORBIDDEN.search(value) for ai, value in elements):
        found.append(Notice("gbt33993", "gbt33993: % & / < > ? not allowed in AI 10 and 21"))
    names = [ai for ai, _ in elements]
    if "01" not in names:
        found.append(Notice("gbt33993-gtin", "gbt33993: a GTIN, AI 01, must be there"))
    elif names[0] != "01":
        found.append(Notice("gbt33993-gtin", "gbt33993: the GTIN, AI 01, must stand first"))
    found.extend(
        Notice("gbt33993-unverified", "gbt33993: AI {ai} must be in table A.1", {"ai": ai})
        for ai in dict.fromkeys(names)
        if ai not in _KNOWN
    )
    return tuple(found)
