"""Ecode: China's code for things on the internet, a version, a numbering scheme and a main code.

Rules kept:

* Version 1: digits, of which 4 are the numbering scheme (NSI), then the main code (MD) of up to 20.
  Version 2: the same with up to 28. Version 3: digits and capital letters, NSI 5, MD up to 39.
  Version 4: NSI 5, MD of any characters and length.
* Version 0 is kept for the codes of GS1, which are written without version and NSI and read as GS1.
  Versions 5 to 9 are reserved.
* An Ecode is read only behind its mark ``E=``, alone or in an address such as
  ``https://www.iotroot.com/E=...``: without it, it is just digits.

Known doubts: only GB/T 31866-2015 and -2023 fix the lengths and characters, and we know them from
descriptions. Everything about them is therefore marked as unverified; what a numbering scheme asks
of its main code is not known at all.

Standard: GB/T 31866-2023, https://openstd.samr.gov.cn

>>> parse_ecode("E=10064123456789").parts
{'version': '1', 'nsi': '0064', 'md': '123456789'}
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from identifiers.characters import unescape
from identifiers.errors import CharacterError, LengthError, SyntaxError_
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.schemes.reading import Reading, canonical_urn

__all__ = ["parse_ecode"]

_RULE = "GB/T 31866-2023"
_MARK = "E="
_ADDRESS = re.compile(r"(?i:https?)://[^/?#]+/(?:[^?#]*/)?(?=E=)")
_DIGITS = re.compile(r"[^0-9]")
_CAPITALS = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True, slots=True)
class _Version:
    """What a version asks for (GB/T 31866, table 1)."""

    nsi: int
    """Characters of the numbering scheme."""
    limit: int | None
    """Most characters of the main code, or None when there is no such bound."""
    foreign: re.Pattern[str] | None
    """Matches a character that must not stand there, or None when any may."""


_VERSIONS = {
    "1": _Version(4, 20, _DIGITS),
    "2": _Version(4, 28, _DIGITS),
    "3": _Version(5, 39, _CAPITALS),
    "4": _Version(5, None, None),
}


def _written(text: str) -> str:
    """Take off the mark and the address around it."""
    address = _ADDRESS.match(text)
    start = address.end() if address else 0
    if text[start : start + 2] != _MARK:
        raise SyntaxError_(
            "the mark E= before the code",
            text[start:],
            position=start,
            rule=_RULE,
            fix="if it is an Ecode, write E= before it",
        )
    code = text[start + 2 :]
    if address is None:
        return code
    try:
        return unescape(code.encode().decode("latin-1")).encode("latin-1").decode()
    except UnicodeError:
        raise CharacterError(
            "escapes that give UTF-8", code, position=start + 2, rule=_RULE
        ) from None


def _verify_characters(code: str, version: _Version) -> None:
    fault = version.foreign.search(code) if version.foreign else None
    if fault is not None:
        raise CharacterError(
            "a digit" if version.foreign is _DIGITS else "a digit or capital letter",
            fault[0],
            position=fault.start(),
            rule=_RULE,
        )
    if not code.isprintable():
        place = next(index for index, sign in enumerate(code) if not sign.isprintable())
        raise CharacterError("a printable character", code[place], position=place, rule=_RULE)


def parse_ecode(text: str) -> Reading:
    """Parse an Ecode (GB/T 31866-2023).

    Args:
        text: ``E=`` and the code, with or without an address before it.

    Returns:
        The reading. A fault's position behind the mark counts in the code alone.

    Raises:
        IdentifierError: The text is no Ecode.
    """
    code = _written(text)
    version = _VERSIONS.get(code[:1])
    if version is None:
        raise SyntaxError_(
            "a version from 1 to 4",
            code[:1],
            position=0,
            rule=_RULE,
            fix="read the code as GS1" if code[:1] == "0" else "",
        )
    _verify_characters(code, version)
    nsi, main = code[1 : 1 + version.nsi], code[1 + version.nsi :]
    if not main:
        raise LengthError(
            "{length} characters of a numbering scheme and a main code",
            code,
            position=len(code),
            length=version.nsi,
            rule=_RULE,
        )
    warnings: tuple[Notice, ...] = ()
    if version.limit is not None and len(main) > version.limit:
        warnings = (
            Notice(
                "ecode-length",
                "a main code of version {version} has at most {limit} characters",
                {"version": code[0], "limit": version.limit},
                1 + version.nsi + version.limit,
            ),
        )
    return Reading(
        "ecode",
        code,
        # Bytes of UTF-8 as characters, of which `canonical_urn` escapes each by itself.
        canonical_urn("ecode", code.encode().decode("latin-1")),
        Level.OTHER,
        {"version": code[0], "nsi": nsi, "md": main},
        (
            Notice("second-hand", "the structure of an Ecode is known second hand"),
            Notice("nsi", "what numbering scheme {nsi} asks for is not known", {"nsi": nsi}),
        ),
        warnings,
    )
