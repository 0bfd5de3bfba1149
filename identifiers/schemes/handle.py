"""Handles: a prefix that names who gives out names, a slash, and a suffix of his own.

Rules kept:

* The first slash ends the prefix; the suffix may hold further slashes, colons and any character
  that can be printed (RFC 3651, section 2).
* Read are the plain form, ``hdl:``, ``doi:``, ``info:hdl/``, ``info:doi/`` and the addresses of the
  public proxies; the escapes of a URI are undone. A prefix of a single part, ``4263537/4000``, is
  read only beside one of these, since by itself it is a fraction to everybody else.
* Prefixes under 88 belong to China's industrial internet and are ``88.<secondary node>.<enterprise
  node>``, both of digits.
* The canonical form is ``hdl:`` with the suffix escaped. Letters keep their case, although many
  services, those of DOI among them, take both cases for one name: it cannot be told from the text.

Standard: https://www.rfc-editor.org/rfc/rfc3651 and https://www.doi.org/the-identifier/resources/

>>> reading = parse_handle("88.608.5288/App_xz2_app2")
>>> reading.scheme, reading.parts["enterprise_node"], reading.uri
('cn-industrial-handle', '5288', 'hdl:88.608.5288/App_xz2_app2')
>>> parse_handle("https://doi.org/10.1000/182").uri
'hdl:10.1000/182'
"""

from __future__ import annotations

import re

from identifiers.characters import is_digits, unescape
from identifiers.errors import CharacterError, LengthError, SyntaxError_
from identifiers.item_code import Level
from identifiers.schemes.reading import Reading

__all__ = ["parse_handle"]

_RULE = "RFC 3651, section 2"
_RULE_CHINA = "Identification and resolution of the industrial internet, prefix 88"
_CHINA = "88"
_CARRIER = re.compile(
    r"(?i:hdl:|doi:|info:(?:hdl|doi)/|https?://(?:hdl\.handle\.net|(?:dx\.|www\.)?doi\.org)/)"
)
_PREFIX = re.compile(r"[0-9]+(?:\.[0-9A-Za-z_\-]+)*")
_LITERAL = re.compile(r"[^0-9A-Za-z\-._~!$&'()*+,;=:@/]")  # RFC 3986, section 3.3, and the slash


def _written(text: str) -> tuple[str, bool]:
    """Take off what a handle stands in, and tell whether there was something to take off."""
    carrier = _CARRIER.match(text)
    if carrier is None:
        return text, False
    inside = text[carrier.end() :]
    for end in "?#":
        place = inside.find(end)
        if place >= 0:
            raise SyntaxError_(
                "a handle and nothing behind it",
                inside[place:],
                position=carrier.end() + place,
                fix="write {escaped} for a character of the handle itself",
                escaped=f"%{ord(end):02X}",
                rule=_RULE,
            )
    try:
        # An escape stands for one byte of UTF-8, so that all is turned into bytes first.
        octets = unescape(inside.encode().decode("latin-1")).encode("latin-1")
        return octets.decode(), True
    except UnicodeError:
        raise CharacterError(
            "escapes that give UTF-8", inside, position=carrier.end(), rule=_RULE
        ) from None


def _escaped(suffix: str) -> str:
    """Escape a suffix for the path of a URI (RFC 3986, section 2.1), as UTF-8."""
    octets = suffix.encode().decode("latin-1")
    return _LITERAL.sub(lambda match: f"%{ord(match[0]):02X}", octets)


def _verify_suffix(code: str, start: int) -> None:
    if start == len(code):
        raise LengthError(
            "a suffix behind the slash",
            code,
            position=start,
            rule=_RULE,
            fix="add the name that the holder of the prefix gave",
        )
    # What `isprintable` refuses are controls, separators but the space, and lone surrogates.
    if not code.isprintable() or " " in code:
        place = next(
            index for index, sign in enumerate(code) if sign == " " or not sign.isprintable()
        )
        raise CharacterError(
            "a printable character other than a space", code[place], position=place, rule=_RULE
        )


def parse_handle(text: str) -> Reading:
    """Parse a Handle or a DOI name (RFC 3651, section 2).

    Args:
        text: ``prefix/suffix``, plain or as a URI.

    Returns:
        The reading: ``cn-industrial-handle`` under prefix 88, otherwise ``handle``. A fault's
        position counts in the handle, without the URI around it.

    Raises:
        IdentifierError: The text is no handle.
    """
    code, named = _written(text)
    prefix, slash, suffix = code.partition("/")
    found = _PREFIX.match(prefix)
    end = found.end() if found else 0
    if end != len(prefix) or found is None:
        raise SyntaxError_(
            "a prefix of numbers with dots between them",
            prefix[end:] or code,
            position=end,
            rule=_RULE,
        )
    if not slash:
        raise SyntaxError_(
            "a slash between prefix and suffix",
            code,
            position=len(code),
            rule=_RULE,
            fix="write prefix/suffix",
        )
    _verify_suffix(code, len(prefix) + 1)
    uri = f"hdl:{prefix}/{_escaped(suffix)}"
    nodes = prefix.split(".")
    if nodes[0] != _CHINA:
        if len(nodes) == 1 and not named:
            raise SyntaxError_(
                "a prefix with a dot",
                prefix,
                position=len(prefix),
                rule=_RULE,
                fix="if it is a handle, write hdl: before it",
            )
        return Reading("handle", code, uri, Level.OTHER, {"prefix": prefix, "suffix": suffix})
    if len(nodes) != 3 or not is_digits("".join(nodes)):  # noqa: PLR2004  country, secondary, own
        raise SyntaxError_(
            "a prefix 88.<secondary node>.<enterprise node>, both of digits",
            prefix,
            position=0,
            rule=_RULE_CHINA,
        )
    parts = {
        "prefix": prefix,
        "country": nodes[0],
        "secondary_node": nodes[1],
        "enterprise_node": nodes[2],
        "suffix": suffix,
    }
    return Reading("cn-industrial-handle", code, uri, Level.OTHER, parts)
