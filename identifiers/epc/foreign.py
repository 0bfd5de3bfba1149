r"""EPC schemes that are no GS1 keys: GID, USDOD, ADI, BIC and IMOVN.

Rules kept (GS1 EPC Tag Data Standard, sections 6.3.16 to 6.3.20, 14.3.7, 14.6.10 and following):

* Their URNs are verified by their grammar and kept as they are.
* GID: three numbers without leading zeros, below 2^28, 2^24 and 2^36. USDOD: a CAGE code or DoDAAC
  and a number below 2^36. ADI: the same, a part of up to 32 characters, a serial of up to 30 that
  may begin with ``#``.
* An owner code of BIC has no I and no O. Its check digit (ISO 6346) is not verified: the grammar
  takes any digit.
* A tag of GID has no filter; of USDOD it has 4 bits, of ADI 6.

Standard: https://ref.gs1.org/standards/tds/

>>> verify_foreign("gid", "95100000.12345.400", 15)
('95100000', '12345', '400')
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.characters import unescape
from identifiers.errors import CharacterError, SyntaxError_, UnknownSchemeError

if TYPE_CHECKING:
    from identifiers.epc.bits import BitReader

__all__ = [
    "FOREIGN",
    "FOREIGN_HEADERS",
    "decode_foreign",
    "encode_foreign",
    "six_bits",
    "six_text",
    "verify_foreign",
]

_RULE = "EPC Tag Data Standard, section 6.3"
_TAG_RULE = "EPC Tag Data Standard, section 12.4"
_CODING_RULE = "EPC Tag Data Standard, section 14.6"
_CAGE = r"[0-9A-HJ-NP-Z]{5,6}"
_CHARACTER = r"(?:[0-9A-Z\-]|%2F)"
FOREIGN = {
    "gid": r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,7})\.(0|[1-9][0-9]{0,10})",
    "usdod": rf"({_CAGE})\.(0|[1-9][0-9]{{0,10}})",
    "adi": rf"({_CAGE})\.({_CHARACTER}{{0,32}})\.(%23{_CHARACTER}{{1,29}}|{_CHARACTER}{{1,30}})",
    "bic": r"([A-HJ-NP-Z]{3}[JUZ][0-9]{7})",
    "imovn": r"([0-9]{7})",
}
"""Grammar of the body by scheme, compiled when it is first asked for."""

_WIDTHS = {"gid": (28, 24, 36), "usdod": (0, 36)}
"""Bits of the parts that are numbers."""
_SIZES = {"gid": "96", "usdod": "96", "adi": "var"}
_HEADERS = {"gid": 0x35, "usdod": 0x2F, "adi": 0x3B}
FOREIGN_HEADERS = {header: name for name, header in _HEADERS.items()}
"""Schemes by the first eight bits of their tags."""
FILTER_BITS = {"usdod": 4, "adi": 6}

_CAGE_LENGTH = 6  # characters in a tag; a shorter code has a blank before it
_SIX = 6  # bits of a character
_LETTERS = 32  # values below are letters
_SIX_CHARACTERS = " #-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def verify_foreign(scheme: str, body: str, start: int) -> tuple[str, ...]:
    """Verify the body of a URN.

    Args:
        scheme: For example ``gid``.
        body: What stands behind the scheme and a colon.
        start: Its index in the URN.

    Returns:
        Its parts, escaped as they stand.

    Raises:
        SyntaxError_: The grammar is broken.
    """
    found = re.fullmatch(FOREIGN[scheme], body)
    widths = _WIDTHS.get(scheme, ())
    if found is None or any(
        width and int(part) >= 1 << width
        for part, width in zip(found.groups(), widths, strict=False)
    ):
        raise SyntaxError_(
            "the body of a URN of {scheme}", body, position=start, rule=_RULE, scheme=scheme
        )
    return found.groups()


def six_bits(text: str) -> str:
    """Encode characters of CSET 39 and blanks with six bits each (section 14.3.7)."""
    return "".join(f"{ord(character) & 0x3F:06b}" for character in text)


def six_text(reader: BitReader, longest: int) -> str:
    """Decode characters of six bits up to six zero bits (section 14.4.8).

    Args:
        reader: Where they begin.
        longest: How many characters there may be.

    Returns:
        The text, unescaped.

    Raises:
        IdentifierError: A character is not of CSET 39, or the six zeros do not come.
    """
    text = ""
    while value := reader.number(_SIX):
        text += _six_character(reader, value)
        if len(text) > longest:
            raise SyntaxError_(
                "six zero bits after at most {longest} characters",
                text,
                position=reader.position(reader.at - _SIX),
                rule=_CODING_RULE,
                longest=longest,
            )
    return text


def _six_character(reader: BitReader, value: int) -> str:
    character = chr(value if value >= _LETTERS else value + 2 * _LETTERS)
    if character not in _SIX_CHARACTERS:
        raise CharacterError(
            "a character of CSET 39",
            character,
            position=reader.position(reader.at - _SIX),
            rule=_CODING_RULE,
        )
    return character


def encode_foreign(scheme: str, size: str, body: str, start: int) -> tuple[int | None, str, str]:
    """Encode the body of a tag URI.

    Args:
        scheme: ``gid``, ``usdod`` or ``adi``.
        size: What follows the scheme, ``96`` or ``var``.
        body: What stands behind the colon, the filter first if there is one.
        start: Its index in the URN.

    Returns:
        The filter, the body of the pure identity, and the bits.

    Raises:
        IdentifierError: There is no such tag, or the body is malformed.
    """
    if _SIZES.get(scheme) != size:
        raise UnknownSchemeError(
            "a size of {scheme} tags: {sizes}",
            size,
            position=max(start - len(size) - 1, 0),
            rule=_TAG_RULE,
            scheme=scheme,
            sizes=_SIZES.get(scheme, "-"),
        )
    header = f"{_HEADERS[scheme]:08b}"
    width = FILTER_BITS.get(scheme, 0)
    if not width:
        parts = verify_foreign(scheme, body, start)
        fields = zip(parts, _WIDTHS[scheme], strict=True)
        return None, body, header + "".join(f"{int(part):0{bits}b}" for part, bits in fields)
    digits, _, identity = body.partition(".")
    if not re.fullmatch("0|[1-9][0-9]?", digits) or int(digits) >= 1 << width:
        raise SyntaxError_(
            "a filter from 0 to {most}",
            digits,
            position=start,
            rule=_TAG_RULE,
            most=(1 << width) - 1,
        )
    cage, *rest = verify_foreign(scheme, identity, start + len(digits) + 1)
    header += f"{int(digits):0{width}b}"
    owner = cage.rjust(_CAGE_LENGTH)
    if scheme == "usdod":
        text = "".join(f"{ord(character):08b}" for character in owner)
        return int(digits), identity, f"{header}{text}{int(rest[0]):036b}"
    texts = "".join(six_bits(unescape(part)) + "0" * _SIX for part in rest)
    return int(digits), identity, header + six_bits(owner) + texts


def decode_foreign(scheme: str, reader: BitReader) -> str:
    """Decode a tag behind its header.

    Args:
        scheme: ``gid``, ``usdod`` or ``adi``.
        reader: The bits behind the header.

    Returns:
        The tag URI, whose body is still to be verified.

    Raises:
        IdentifierError: There are too few bits, or a character that no URN holds.
    """
    parts = []
    if scheme in FILTER_BITS:
        parts.append(str(reader.number(FILTER_BITS[scheme])))
    if scheme == "adi":
        owner = "".join(_six_character(reader, reader.number(_SIX)) for _ in range(_CAGE_LENGTH))
        rest = [six_text(reader, longest) for longest in (32, 30)]
        parts += [owner.removeprefix(" "), *(_escaped(part) for part in rest)]
    elif scheme == "usdod":
        owner = "".join(chr(reader.number(8)) for _ in range(_CAGE_LENGTH))
        parts += [owner.removeprefix(" "), str(reader.number(36))]
    else:
        parts += [str(reader.number(bits)) for bits in _WIDTHS[scheme]]
    return f"urn:epc:tag:{scheme}-{_SIZES[scheme]}:" + ".".join(parts)


def _escaped(text: str) -> str:
    return text.replace("#", "%23").replace("/", "%2F")
