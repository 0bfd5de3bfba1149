"""EPC URNs, read: pure identities, lots, classes and tag URIs.

Rules kept (GS1 EPC Tag Data Standard, sections 6, 7, 8 and 12):

* Characters other than those of the URN grammar are escaped; a ``%`` starts an escape.
* Of patterns only classes without serial are read.
* The extension ``0`` of a GLN, which stands for none, is kept.
* A tag URI has a filter of one digit from 0 to 7, and parts that fit its bits.

Standard: https://ref.gs1.org/standards/tds/

>>> parse_epc_urn("urn:epc:id:sgtin:9506000.013435.A%2F1").elements
(('01', '09506000134352'), ('21', 'A/1'))
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from identifiers.characters import is_digits, unescape
from identifiers.checkdigit import check_digit
from identifiers.epc.foreign import FOREIGN, encode_foreign, verify_foreign
from identifiers.epc.judging import judge
from identifiers.epc.layouts import LAYOUTS, SIZES, encode
from identifiers.epc.schemes import KINDS, PREFIX_LENGTHS, SCHEMES, Scheme
from identifiers.errors import (
    CharacterError,
    ConversionError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.gs1.elements import ElementString

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Urn",
    "epc_scheme",
    "foreign_identity",
    "is_foreign_epc",
    "parse_epc_urn",
    "read_urn",
    "split_urn",
]

_RULE = "EPC Tag Data Standard, section 6"
_TAG_RULE = "EPC Tag Data Standard, section 12.4"
_KEY_RULE = "EPC Tag Data Standard, section 7"
_URN = re.compile(r"urn:epc:(id|class|idpat|tag):([a-z]+)(-[0-9a-z]+)?:(.*)", re.DOTALL)
_TEXT = re.compile(r"(?:[!'()*+,\-.0-9:;=A-Z_a-z]|%[0-9A-Fa-f]{2})*")


class Urn(NamedTuple):
    """The pieces of a URN."""

    kind: str
    """``id``, ``class``, ``idpat`` or ``tag``."""
    scheme: str
    """For example ``sgtin``."""
    size: str
    """Size of the tag, or an empty string."""
    body: str
    """What stands behind the last colon of the frame."""
    start: int
    """Index of the body in the URN."""


def split_urn(text: str) -> Urn:
    """Part a URN and verify its frame.

    Args:
        text: The URN.

    Raises:
        SyntaxError_: The text has not the shape of an EPC URN.
        UnknownSchemeError: There is no such scheme.
    """
    found = _URN.match(text)
    if found is None:
        raise SyntaxError_(
            "urn:epc: with id, class, idpat or tag, a scheme and a body",
            text,
            position=0,
            fix="write it in lower case up to the body",
            rule=_RULE,
        )
    kind, scheme, size, body = found.groups(default="")
    if scheme not in SCHEMES and scheme not in FOREIGN:
        raise UnknownSchemeError("a scheme of EPC", scheme, position=found.start(2), rule=_RULE)
    if (size != "") != (kind == "tag"):
        raise SyntaxError_(
            "a size behind the scheme of a tag alone", size, position=found.end(2), rule=_TAG_RULE
        )
    wanted = KINDS.get(scheme, "id")
    if kind in {"id", "class"} and kind != wanted:
        raise SyntaxError_(
            "a URN that begins with urn:epc:{kind}:{scheme}:",
            text,
            position=found.start(1),
            rule=_RULE,
            kind=wanted,
            scheme=scheme,
        )
    return Urn(kind, scheme, size[1:], body, found.start(4))


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
    return split_urn(text).scheme


def foreign_identity(text: str) -> str | None:
    """Give the pure identity of an EPC scheme that is no GS1 key, after verifying it.

    Args:
        text: The URN, a pure identity or a tag URI.

    Returns:
        The pure identity, or None for a URN of a GS1 key, which is not verified here.

    Raises:
        IdentifierError: It is no EPC URN, or one of such a scheme and malformed.
    """
    kind, scheme, size, body, start = split_urn(text)
    if scheme not in FOREIGN:
        return None
    if kind == "tag":
        _, body, _ = encode_foreign(scheme, size, body, start)
    elif kind == "id":
        verify_foreign(scheme, body, start)
    else:
        raise SyntaxError_(
            "a URN that begins with urn:epc:{kind}:{scheme}:",
            text,
            position=text.index(kind),
            rule=_RULE,
            kind="id",
            scheme=scheme,
        )
    return f"urn:epc:id:{scheme}:{body}"


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
    return foreign_identity(text) is not None


def parse_epc_urn(text: str) -> ElementString:
    """Parse an EPC URN of a GS1 key: pure identity, lot, class pattern or tag URI.

    Args:
        text: For example ``urn:epc:id:sgtin:9506000.013435.A1``.

    Returns:
        The same code as application identifiers with their values.

    Raises:
        IdentifierError: The text is no valid EPC URN of a GS1 key.
    """
    urn = split_urn(text)
    if urn.scheme in FOREIGN:
        raise ConversionError(
            "a scheme of a GS1 key", urn.scheme, position=text.index(urn.scheme), rule=_KEY_RULE
        )
    return read_urn(urn)[0]


def read_urn(urn: Urn) -> tuple[ElementString, int, str, str]:
    """Read a URN of a GS1 key.

    Args:
        urn: Its pieces.

    Returns:
        The message; for a tag its filter, the body of its pure identity and its bits, otherwise 0,
        the body and nothing.

    Raises:
        IdentifierError: The body is not valid.
    """
    kind, name, size, body, start = urn
    scheme = SCHEMES[name]
    tag_filter = 0
    if kind == "tag":
        if f"{name}-{size}" not in LAYOUTS:
            raise UnknownSchemeError(
                "a size of {scheme} tags: {sizes}",
                size,
                position=start - len(size) - 1,
                rule=_TAG_RULE,
                scheme=name,
                sizes=SIZES.get(name, "-"),
            )
        digit, stop, identity = body.partition(".")
        if not stop or digit not in tuple("01234567"):
            raise SyntaxError_(
                "a filter from 0 to {most}", digit, position=start, rule=_TAG_RULE, most=7
            )
        tag_filter, body, start = int(digit), identity, start + 2
    parts = _parts(scheme, body, start)
    code = _message(scheme, parts, pattern=kind == "idpat")
    bits = encode(LAYOUTS[f"{name}-{size}"], tag_filter, parts) if kind == "tag" else ""
    return code, tag_filter, body, bits


def _parts(scheme: Scheme, body: str, start: int) -> list[tuple[str, int]]:
    """Split a body at its full stops into unescaped parts with their indexes."""
    fault = _TEXT.match(body)
    end = fault.end() if fault else 0
    if end < len(body):
        raise CharacterError(
            "a character of the URN grammar or an escape",
            body[end],
            position=start + end,
            fix="escape it with % and two hexadecimal digits",
            rule=_RULE,
        )
    pieces = body.split(".", scheme.parts - 1)
    if len(pieces) < scheme.parts:
        raise SyntaxError_(
            "{count} parts between full stops",
            body,
            position=start,
            rule=_RULE,
            count=scheme.parts,
        )
    found = []
    for piece in pieces:
        found.append((unescape(piece), start))
        start += len(piece) + 1
    return found


def _message(scheme: Scheme, parts: Sequence[tuple[str, int]], *, pattern: bool) -> ElementString:
    """Make a verified message of the parts of a URN."""
    serial, serial_at = parts[-1] if scheme.serial else ("", parts[0][1])
    if pattern:
        if not scheme.pattern or serial != "*":
            raise SyntaxError_(
                "a class pattern with * for the serial alone",
                serial,
                position=parts[0][1],
                rule="EPC Tag Data Standard, section 8",
            )
        serial = ""
    elif scheme.serial and not serial:
        raise LengthError("a serial", "", position=serial_at, rule=_RULE)
    elements = [(scheme.ai, _key(scheme, parts))]
    if scheme.serial == "+":
        elements = [(scheme.ai, elements[0][1] + serial)]
    elif serial:
        elements.append((scheme.serial, serial))
    try:
        return ElementString(tuple(elements), judge(elements))
    except IdentifierError as error:
        error.position = serial_at if serial else parts[0][1]
        raise


def _key(scheme: Scheme, parts: Sequence[tuple[str, int]]) -> str:
    """Put the value of the key together: prefix and reference, check digit, extra parts."""
    (prefix, prefix_at), (reference, reference_at), *rest = parts
    if not is_digits(prefix) or len(prefix) not in PREFIX_LENGTHS:
        raise LengthError(
            "a company prefix of 6 to 12 digits", prefix, position=prefix_at, rule=_KEY_RULE
        )
    if not scheme.digits:
        if not reference:
            raise LengthError("a reference", "", position=reference_at, rule=_RULE)
        return prefix + reference
    wanted = scheme.digits - len(prefix)
    if len(reference) != wanted or not (is_digits(reference) or not reference):
        raise LengthError(
            "a reference of {count} digits",
            reference,
            position=reference_at,
            fix="prefix and reference together have {all} digits",
            rule=_RULE,
            count=wanted,
            all=scheme.digits,
        )
    lead = 1 if scheme.indicator else 0
    digits = reference[:lead] + prefix + reference[lead:]
    tail = ""
    for part, at in rest[: scheme.extra]:
        if not is_digits(part) or len(part) != 2:  # noqa: PLR2004  piece and total
            raise LengthError("two digits", part, position=at, rule=_RULE)
        tail += part
    return scheme.lead + digits + check_digit(digits) + tail
