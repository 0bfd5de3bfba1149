"""EPC URNs of GS1 keys, written.

Rules kept (GS1 EPC Tag Data Standard, sections 5, 6 and 7):

* The length of the company prefix has to be given: a GS1 key does not tell it.
* A message that says more than its URN would is refused; an item code names its item, whatever its
  label said besides.
* A GLN without extension has the extension ``0``, a class without serial is a pattern.

Standard: https://ref.gs1.org/standards/tds/

>>> from identifiers.gs1.elements import parse_bracketed
>>> as_epc_urn(parse_bracketed("(01)09506000134352(21)A/1"), company_prefix_length=7)
'urn:epc:id:sgtin:9506000.013435.A%2F1'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.characters import is_digits
from identifiers.epc.schemes import KINDS, NO_EXTENSION, PREFIX_LENGTHS, SCHEMES, Scheme
from identifiers.errors import ConversionError
from identifiers.gs1.elements import ElementString

if TYPE_CHECKING:
    from identifiers.gs1.elements import Message

__all__ = ["as_body", "as_epc_urn", "escape_part"]

_KEY_RULE = "EPC Tag Data Standard, section 7"
_ESCAPED = re.compile(r"[\"#%&/<>?]")


def escape_part(text: str) -> str:
    """Escape a part of a URN (section 5): only what its grammar does not take as it is."""
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", text)


def _choose(values: dict[str, str]) -> str:
    """Choose the scheme of a message: that of its first key which uses most of its parts."""
    for ai in values:
        named = [name for name, scheme in SCHEMES.items() if scheme.ai == ai]
        if named:
            return next((name for name in named if SCHEMES[name].serial in values), named[0])
    raise ConversionError(
        "a key that has an EPC scheme", ", ".join(f"({ai})" for ai in values), rule=_KEY_RULE
    )


def as_body(code: Message, name: str, company_prefix_length: int) -> tuple[str, str]:
    """Write the parts of a code in the order of a URN.

    Args:
        code: A message or item code that has the key of the scheme.
        name: The scheme.
        company_prefix_length: How many digits the company prefix has.

    Returns:
        Prefix, reference and extra parts with full stops between, escaped; and the serial, escaped,
        or an empty string.

    Raises:
        ConversionError: The prefix length does not fit, or a message says more than the URN would.
    """
    if company_prefix_length not in PREFIX_LENGTHS:
        raise ConversionError(
            "a company prefix of 6 to 12 digits", str(company_prefix_length), rule=_KEY_RULE
        )
    scheme = SCHEMES[name]
    values = dict(code.elements)
    _verify_all_said(code, scheme)
    value = values[scheme.ai].removeprefix(scheme.lead)
    serial = values.get(scheme.serial, "")
    extra: list[str] = []
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
            raise ConversionError(
                "{length} digits of a company prefix, and a reference",
                value,
                ai=scheme.ai,
                rule=_KEY_RULE,
                length=company_prefix_length,
            )
    return ".".join([prefix, escape_part(reference), *extra]), escape_part(serial)


def _verify_all_said(code: Message, scheme: Scheme) -> None:
    more = [ai for ai, _ in code.elements if ai not in {scheme.ai, scheme.serial}]
    if more and isinstance(code, ElementString):
        raise ConversionError(
            "({key}) with its serial and nothing else",
            ", ".join(f"({ai})" for ai in more),
            fix="leave out the others, or write a form that holds them",
            rule=_KEY_RULE,
            key=scheme.ai,
        )


def as_epc_urn(code: Message, company_prefix_length: int = 7) -> str:
    """Write a code as an EPC URN: a pure identity, a lot, or a class pattern.

    Args:
        code: A message, or an item code, of which what identifies the item is written.
        company_prefix_length: How many digits the GS1 Company Prefix has, 6 to 12; the key itself
            does not tell.

    Returns:
        The URN.

    Raises:
        ConversionError: The code has no EPC scheme, the prefix length does not fit it, or a message
            has more elements than a URN holds.
    """
    name = _choose(dict(code.elements))
    scheme = SCHEMES[name]
    body, serial = as_body(code, name, company_prefix_length)
    if not scheme.serial:
        return f"urn:epc:id:{name}:{body}"
    if serial:
        return f"urn:epc:{KINDS.get(name, 'id')}:{name}:{body}.{serial}"
    if scheme.pattern:
        return f"urn:epc:idpat:{name}:{body}.*"
    return f"urn:epc:id:{name}:{body}.{NO_EXTENSION}"
