"""EPC URNs: pure identities, lots, classes and tag URIs of the GS1 keys.

Rules kept (GS1 EPC Tag Data Standard 2.2, chapters 6, 7 and 12):

* The company prefix has 6 to 12 digits; prefix and reference together have the number of digits of
  the key.
* A URN has no check digit; it is computed. The indicator or extension digit stands first in the
  reference.
* Characters other than those of the URN grammar are escaped; a ``%`` starts an escape.
* A class without serial is ``urn:epc:idpat:...:*``, a lot ``urn:epc:class:lgtin``; of patterns no
  other is read.
* A GLN without extension has the extension ``0``.
* A tag URI of 96 bits holds only numbers without leading zeros below the limit of its field.
* The way back needs the length of the company prefix, which a GS1 key does not tell.

Standard: https://ref.gs1.org/standards/tds/

>>> parse_epc_urn("urn:epc:id:sgtin:9506000.013435.A%2F1").elements
(('01', '09506000134352'), ('21', 'A/1'))
>>> as_epc_urn(parse_epc_urn("urn:epc:id:sscc:9506000.0123456789"), company_prefix_length=7)
'urn:epc:id:sscc:9506000.0123456789'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identifiers import aitable
from identifiers.characters import is_digits, unescape
from identifiers.checkdigit import check_digit
from identifiers.elements import ElementString, verify_value
from identifiers.epc_tags import verify_tag
from identifiers.errors import (
    CharacterError,
    ConversionError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from identifiers.elements import Message

__all__ = ["as_epc_urn", "epc_scheme", "is_foreign_epc", "parse_epc_urn"]


@dataclass(frozen=True, slots=True)
class _Scheme:
    """How the URN of one scheme and the value of its AI are made of the same parts."""

    ai: str
    digits: int
    """Digits of company prefix and reference together; 0 where the reference is no number."""
    indicator: bool = False
    """Whether the first digit of the reference goes before the company prefix in the key."""
    lead: str = ""
    """What the value begins with besides."""
    serial: str = ""
    """AI of the serial or lot; ``+`` when it follows in the value of the key itself."""
    extra: int = 0
    """Parts of two digits that follow the check digit."""
    pattern: bool = False
    """Whether a class without serial is written as a pattern."""


_SCHEMES = {
    "sgtin": _Scheme("01", 13, indicator=True, serial="21", pattern=True),
    "lgtin": _Scheme("01", 13, indicator=True, serial="10"),
    "upui": _Scheme("01", 13, indicator=True, serial="235"),
    "itip": _Scheme("8006", 13, indicator=True, serial="21", extra=2, pattern=True),
    "sscc": _Scheme("00", 17, indicator=True),
    "sgln": _Scheme("414", 12, serial="254"),
    "pgln": _Scheme("417", 12),
    "grai": _Scheme("8003", 12, lead="0", serial="+", pattern=True),
    "giai": _Scheme("8004", 0),
    "gdti": _Scheme("253", 12, serial="+", pattern=True),
    "sgcn": _Scheme("255", 12, serial="+", pattern=True),
    "gsrn": _Scheme("8018", 17),
    "gsrnp": _Scheme("8017", 17),
    "ginc": _Scheme("401", 0),
    "gsin": _Scheme("402", 16),
    "cpi": _Scheme("8010", 0, serial="8011", pattern=True),
}

_FOREIGN = {
    "gid": r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)",
    "usdod": r"[0-9A-HJ-NP-Z]{5,6}\.(?:0|[1-9][0-9]{0,10})",
    "adi": r"[0-9A-HJ-NP-Z]{5,6}\.(?:[0-9A-Z\-]|%2F){0,32}\.(?:%23)?(?:[0-9A-Z\-]|%2F){1,30}",
    "bic": r"[A-Z]{3}[JUZ][0-9]{7}",
    "imovn": r"[0-9]{7}",
}
"""EPC schemes that are no GS1 keys; their grammar is verified and the URN kept as it is."""

_DOD_LIMIT = 1 << 36  # the serial of a USDOD-96 tag
_DOD_MARK = "usdod"

_URN = re.compile(r"urn:epc:(id|class|idpat|tag):([a-z]+)(-[0-9a-z]+)?:(.*)", re.DOTALL)
_TEXT = re.compile(r"(?:[!'()*+,\-.0-9:;=A-Z_a-z]|%[0-9A-Fa-f]{2})*")
_ESCAPED = re.compile(r"[\"#%&/<>?]")
_PREFIX_LENGTHS = range(6, 13)
_NO_EXTENSION = "0"
_KINDS = {"lgtin": "class"}


def epc_scheme(text: str) -> str:
    """Name the scheme of an EPC URN.

    Args:
        text: The URN.

    Returns:
        For example ``sgtin``.

    Raises:
        SyntaxError_: The text has not the shape of an EPC URN.
        UnknownSchemeError: There is no such scheme.
    """
    return _split(text)[1]


def _split(text: str) -> tuple[str, str, str, str, int]:
    """Part a URN into kind, scheme, tag size and body, and give the index of the body."""
    found = _URN.match(text)
    if found is None:
        raise SyntaxError_(
            "urn:epc: with id, class, idpat or tag, a scheme and a body",
            text,
            position=0,
            fix="write it in lower case up to the body",
        )
    kind, scheme, size, body = found.groups(default="")
    if scheme not in _SCHEMES and scheme not in _FOREIGN:
        raise UnknownSchemeError("a scheme of EPC", scheme, position=found.start(2))
    if (size != "") != (kind == "tag"):
        raise SyntaxError_("a size behind the scheme of a tag alone", size, position=found.end(2))
    wanted = _KINDS.get(scheme, "id")
    if kind in {"id", "class"} and kind != wanted:
        raise SyntaxError_(f"urn:epc:{wanted}:{scheme}:", text, position=found.start(1))
    return kind, scheme, size[1:], body, found.start(4)


def is_foreign_epc(text: str) -> bool:
    """Tell whether a URN belongs to an EPC scheme that is no GS1 key, after verifying its grammar.

    Args:
        text: The URN.

    Returns:
        True for a valid URN of such a scheme, False for one of a GS1 key, which is not verified
        here.

    Raises:
        IdentifierError: It is no EPC URN, or one of such a scheme and malformed.
    """
    kind, scheme, _, body, start = _split(text)
    if scheme not in _FOREIGN:
        return False
    sound = kind == "id" and re.fullmatch(_FOREIGN[scheme], body) is not None
    if sound and (scheme != _DOD_MARK or int(body.partition(".")[2]) < _DOD_LIMIT):
        return True
    raise SyntaxError_(f"the body of a URN of {scheme}", body, position=start)


def _parts(scheme: _Scheme, body: str, start: int) -> list[tuple[str, int]]:
    """Split a body at its full stops into unescaped parts with their indexes."""
    fault = _TEXT.match(body)
    end = fault.end() if fault else 0
    if end < len(body):
        raise CharacterError(
            "a character of the URN grammar or an escape",
            body[end],
            position=start + end,
            fix="escape it with % and two hexadecimal digits",
        )
    count = 2 + scheme.extra + (1 if scheme.serial else 0)
    pieces = body.split(".", count - 1)
    if len(pieces) < count:
        raise SyntaxError_(f"{count} parts between full stops", body, position=start)
    found = []
    for piece in pieces:
        found.append((unescape(piece), start))
        start += len(piece) + 1
    return found


def _key(scheme: _Scheme, parts: Iterable[tuple[str, int]]) -> str:
    """Put the value of the key together: prefix and reference, check digit, extra parts."""
    (prefix, prefix_at), (reference, reference_at), *rest = parts
    if not is_digits(prefix) or len(prefix) not in _PREFIX_LENGTHS:
        raise LengthError("a company prefix of 6 to 12 digits", prefix, position=prefix_at)
    if not scheme.digits:
        if not reference:
            raise LengthError("a reference", "nothing", position=reference_at)
        return prefix + reference
    wanted = scheme.digits - len(prefix)
    if len(reference) != wanted or not (is_digits(reference) or not reference):
        raise LengthError(
            f"a reference of {wanted} digits", reference or "nothing", position=reference_at
        )
    lead = 1 if scheme.indicator else 0
    digits = reference[:lead] + prefix + reference[lead:]
    tail = ""
    for part, at in rest[: scheme.extra]:
        if not is_digits(part) or len(part) != 2:  # noqa: PLR2004  piece and total
            raise LengthError("two digits", part, position=at)
        tail += part
    return scheme.lead + digits + check_digit(digits) + tail


def parse_epc_urn(text: str) -> ElementString:
    """Parse an EPC URN of a GS1 key: pure identity, lot, class pattern or tag URI.

    Args:
        text: For example ``urn:epc:id:sgtin:9506000.013435.A1``.

    Returns:
        The same code as application identifiers with their values.

    Raises:
        IdentifierError: The text is no valid EPC URN of a GS1 key.
    """
    kind, name, size, body, start = _split(text)
    if name in _FOREIGN:
        raise ConversionError("a scheme of a GS1 key", name, position=text.index(name))
    scheme = _SCHEMES[name]
    if kind == "tag":
        body, start = verify_tag(name, size, body, start)
    parts = _parts(scheme, body, start)
    serial, serial_at = parts[-1] if scheme.serial else ("", start)
    if kind == "idpat":
        if not scheme.pattern or serial != "*":
            raise SyntaxError_("a class pattern with * for the serial alone", body, position=start)
        serial = ""
    elif scheme.serial and not serial:
        raise LengthError("a serial", "nothing", position=serial_at)
    value = _key(scheme, parts)
    elements = [(scheme.ai, value)]
    if scheme.serial == "+":
        elements = [(scheme.ai, value + serial)]
    elif scheme.serial and serial and not (name == "sgln" and serial == _NO_EXTENSION):
        elements.append((scheme.serial, serial))
    for ai, found in elements:
        try:
            verify_value(aitable.entry(ai), found)
        except IdentifierError as error:
            error.position = serial_at if serial else start
            error.ai = ai
            raise
    return ElementString(tuple(elements), aitable.version())


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", text)


def _choose(values: dict[str, str]) -> tuple[str, _Scheme]:
    """Choose the scheme of a message: that of its first key which uses most of its parts."""
    for ai in values:
        named = [(name, scheme) for name, scheme in _SCHEMES.items() if scheme.ai == ai]
        if named:
            return next((pair for pair in named if pair[1].serial in values), named[0])
    raise ConversionError(
        "a key that has an EPC scheme", ", ".join(f"({ai})" for ai in values), position=0
    )


def as_epc_urn(code: Message, company_prefix_length: int = 7) -> str:
    """Write a code as an EPC URN: a pure identity, a lot, or a class pattern.

    Args:
        code: A message or item code.
        company_prefix_length: How many digits the GS1 Company Prefix has, 6 to 12; the key itself
            does not tell.

    Returns:
        The URN.

    Raises:
        ConversionError: The code has no EPC scheme, or the prefix length does not fit it.
    """
    if company_prefix_length not in _PREFIX_LENGTHS:
        raise ConversionError("a company prefix of 6 to 12 digits", str(company_prefix_length))
    values = dict(code.elements)
    name, scheme = _choose(values)
    value = values[scheme.ai].removeprefix(scheme.lead)
    extra: list[str] = []
    serial = values.get(scheme.serial, "")
    if scheme.digits:
        digits, rest = value[: scheme.digits], value[scheme.digits + 1 :]
        lead = 1 if scheme.indicator else 0
        prefix = digits[lead : lead + company_prefix_length]
        reference = digits[:lead] + digits[lead + company_prefix_length :]
        if scheme.extra:
            extra = [rest[:2], rest[2:]]
        if scheme.serial == "+":
            serial = rest
    else:
        prefix, reference = value[:company_prefix_length], value[company_prefix_length:]
        if not is_digits(prefix) or not reference:
            wanted = f"{company_prefix_length} digits of a company prefix and a reference"
            raise ConversionError(wanted, value)
    body = ".".join([prefix, _escape(reference), *extra])
    if not scheme.serial:
        return f"urn:epc:id:{name}:{body}"
    if serial:
        return f"urn:epc:{_KINDS.get(name, 'id')}:{name}:{body}.{_escape(serial)}"
    if scheme.pattern:
        return f"urn:epc:idpat:{name}:{body}.*"
    return f"urn:epc:id:{name}:{body}.{_NO_EXTENSION}"
