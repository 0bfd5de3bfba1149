"""Object identifiers (OIDs): numbers of the arcs from the root of the international tree.

Rules kept (Rec. ITU-T X.660 | ISO/IEC 9834-1):

* The first arc is 0, 1 or 2; under 0 and 1 the second arc is below 40.
* An arc is a number without leading zeros. It has up to 39 digits, which hold a UUID (Rec. ITU-T
  X.667); longer ones are in nobody's use and refused.
* An OID on its own has at least three arcs, because ``2.16`` is read as a number by everybody
  else; ``urn:oid:`` says what it is and needs only two.
* The canonical form is ``urn:oid:`` as in RFC 3061.

What stands under 1.2.156 and 2.16.156 was given out in China; who got it, no rule can tell.

Standard: https://www.itu.int/rec/T-REC-X.660 and https://www.rfc-editor.org/rfc/rfc3061

>>> parse_oid("1.2.156.10197.1.301").parts["arcs"]
(1, 2, 156, 10197, 1, 301)
>>> parse_oid("2.16.156.1").uri
'urn:oid:2.16.156.1'
"""

from __future__ import annotations

from identifiers.characters import require
from identifiers.errors import ComponentError, IdentifierError, LengthError
from identifiers.item_code import Level
from identifiers.schemes.reading import Reading

__all__ = ["parse_oid"]

_RULE = "Rec. ITU-T X.660"
_URN = "urn:oid:"
_ROOTS = 3  # 0 ITU-T, 1 ISO, 2 both
_LIMIT = 40  # arcs under each of the first two roots
_DIGITS = 39  # of 2 to the power of 128, less 1
_BARE = 3  # fewest arcs that nobody takes for a decimal number
_NAMED = 2  # fewest arcs beside ``urn:oid:``; a root alone names nothing


def _arc(text: str, position: int) -> int:
    """Read one arc (Rec. ITU-T X.660, section 6.2)."""
    if not text:
        raise LengthError("the number of an arc", "", position=position, rule=_RULE)
    if len(text) > _DIGITS:
        raise LengthError(
            "an arc of at most {limit} digits",
            text,
            position=position + _DIGITS,
            limit=_DIGITS,
            rule=_RULE,
        )
    try:
        require("N", text)
    except IdentifierError as error:
        raise error.within(position, rule=_RULE) from None
    if text[0] == "0" and text != "0":
        raise ComponentError(
            "an arc without leading zeros",
            text,
            position=position,
            fix="write {arc}",
            arc=int(text),
            rule=_RULE,
        )
    return int(text)


def parse_oid(text: str) -> Reading:
    """Parse an object identifier in dot notation (Rec. ITU-T X.660 and RFC 3061).

    Args:
        text: ``1.2.156.10197``, with or without ``urn:oid:`` in upper or lower case.

    Returns:
        The reading; its part ``arcs`` holds the arcs as numbers.

    Raises:
        IdentifierError: The text is no object identifier.
    """
    position = len(_URN) if text[: len(_URN)].lower() == _URN else 0
    code = text[position:]
    arcs: list[int] = []
    for part in code.split("."):
        arcs.append(_arc(part, position))
        position += len(part) + 1
    start = len(text) - len(code)
    least = _NAMED if start else _BARE
    if len(arcs) < least:
        raise LengthError(
            "at least {least} arcs",
            code,
            position=len(text),
            least=least,
            rule=_RULE,
            fix="write the arcs from the root on, with a dot between them",
        )
    if arcs[0] >= _ROOTS:
        raise ComponentError("the first arc 0, 1 or 2", str(arcs[0]), position=start, rule=_RULE)
    if arcs[0] < _ROOTS - 1 and arcs[1] >= _LIMIT:
        raise ComponentError(
            "a second arc below {limit} under 0 and 1",
            str(arcs[1]),
            position=start + 2,
            limit=_LIMIT,
            rule=_RULE,
        )
    return Reading("oid", code, _URN + code, Level.OTHER, {"arcs": tuple(arcs)})
