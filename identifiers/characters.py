"""The character sets of GS1 and the escaping of URIs.

Rules kept:

* A digit is one of the ten ASCII digits; ``"７"`` is a digit to Python, not to GS1.
* CSET 82, CSET 39, file-safe base 64 and CSET 32 as in GS1 General Specifications, section 7.11.
* Escaping for a URI leaves only the unreserved characters of RFC 3986, section 2.3, unescaped and
  writes upper-case hexadecimal; a broken escape in foreign text is kept as plain text.

Standard: https://ref.gs1.org/standards/genspecs/ and https://www.rfc-editor.org/rfc/rfc3986
"""

from __future__ import annotations

import re

from identifiers.errors import CharacterError, IdentifierError, SyntaxError_

__all__ = [
    "CSET32",
    "CSET82",
    "escape",
    "is_digits",
    "require",
    "require_uri_characters",
    "unescape",
]

CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""The 82 characters of CSET 82, in the order of their values for the check character pair."""

CSET32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""The 32 characters of a check character pair, in the order of their values."""

_OUTSIDE = {
    "N": re.compile(r"[^0-9]"),
    "X": re.compile(r"[^!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"),
    "Y": re.compile(r"[^#\-/0-9A-Z]"),
    "Z": re.compile(r"[^\-0-9A-Z_a-z]"),
}
# Templates of what is expected, by the same letters.
_NAMES = {
    "N": "a digit",
    "X": "a character of CSET 82",
    "Y": "a character of CSET 39",
    "Z": "a character of file-safe base 64",
}
_LIKE_DIGITS = {"O": "0", "o": "0", "I": "1", "l": "1", "Z": "2", "S": "5", "B": "8"}
"""What is typed or recognised instead of a digit."""
_NOT_OF_URIS = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]")
_RESERVED = re.compile(r"[^A-Za-z0-9._~\-]")
_PAIR = 2  # hexadecimal digits of an escape
_HEX = "0123456789ABCDEFabcdef"
_ESCAPED = {high + low: chr(int(high + low, 16)) for high in _HEX for low in _HEX}
"""Characters by the two hexadecimal digits of their escapes, in either case."""


def is_digits(text: str) -> bool:
    """Tell whether the text is one or more ASCII digits and nothing else."""
    return text.isascii() and text.isdigit()


def require(kind: str, text: str) -> None:
    """Refuse the first character outside a set.

    Args:
        kind: ``N`` digits, ``X`` CSET 82, ``Y`` CSET 39, ``Z`` file-safe base 64.
        text: The text to look through; an empty text passes.

    Raises:
        CharacterError: With the index of the first character outside the set.
    """
    fault = _OUTSIDE[kind].search(text)
    if fault is not None:
        raise _mended(CharacterError(_NAMES[kind], fault[0], position=fault.start()), kind)


def _mended(error: CharacterError, kind: str) -> IdentifierError:
    """Name what somebody likely meant who typed or scanned a character outside its set."""
    given = error.found
    # The full-width forms stand in the order of ASCII.
    wanted = chr(ord(given) - 0xFEE0) if "！" <= given <= "～" else given
    if wanted.isdecimal():
        wanted = str(int(wanted))
    elif kind == "N":
        wanted = _LIKE_DIGITS.get(wanted, wanted)
    elif kind == "Y":
        wanted = wanted.upper()
    if wanted != given and not _OUTSIDE[kind].match(wanted):
        return error.mended_by("write {wanted} instead of {given}", wanted=wanted, given=given)
    if given.isspace() or (kind == "N" and given == "-"):
        return error.mended_by("leave out blanks, hyphens and control characters")
    return error


def require_uri_characters(text: str) -> None:
    """Refuse the first character that no URI has (RFC 3986, section 2).

    Args:
        text: The URI.

    Raises:
        SyntaxError_: With the index of the character. Blanks, line breaks and other controls came
            in between on the way and are to be removed; any other character lacks its escape.
    """
    fault = _NOT_OF_URIS.search(text)
    if fault is not None:
        raise SyntaxError_(
            "characters of a URI",
            fault[0],
            position=fault.start(),
            fix="remove it" if fault[0] <= " " or fault[0] == "\x7f" else "escape it with %",
            rule="RFC 3986, section 2",
        )


def escape(text: str) -> str:
    """Escape a value for a path or query of a URI (RFC 3986, section 2.1); ASCII text only."""
    return _RESERVED.sub(lambda match: f"%{ord(match[0]):02X}", text)


def unescape(text: str) -> str:
    """Undo the escaping of a URI, each escape one character; what is no escape stays as it is."""
    if "%" not in text:
        return text
    start, *pieces = text.split("%")
    try:
        return start + "".join(
            [
                _ESCAPED[piece] if len(piece) == _PAIR else _ESCAPED[piece[:2]] + piece[2:]
                for piece in pieces
            ]
        )
    except KeyError:
        plain = (
            _ESCAPED[piece[:2]] + piece[2:] if piece[:2] in _ESCAPED else "%" + piece
            for piece in pieces
        )
        return start + "".join(plain)
