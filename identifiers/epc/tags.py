"""EPC tags: tag URIs and the bits of tag memory, both ways.

Rules kept (GS1 EPC Tag Data Standard, sections 12, 14 and 15):

* A tag is read as it stands or refused: a field that its encoding never makes, a set bit behind the
  EPC, and a value that its AI does not allow are errors, never mended.
* A code that a tag would change, a serial with leading zeros or beyond 38 bits in a tag of 96, is
  refused; the tags with text and the "+" tags hold any.
* A "+" or "++" tag has no URN: it does not know the length of the company prefix.
* Tags of GID, USDOD and ADI hold no GS1 key; their URN is their code.

Standard: https://ref.gs1.org/standards/tds/

>>> tag = parse_epc_binary("303645190C3480C000000001")
>>> tag.tag_uri, tag.code.elements
('urn:epc:tag:sgtin-96:1.9520707.053763.1', (('01', '09520707537636'), ('21', '1')))
>>> as_epc_binary(tag.code, filter_value=1).hex()
'303645190c3480c000000001'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from identifiers.epc.bits import open_bank, packed
from identifiers.epc.foreign import FOREIGN, FOREIGN_HEADERS, decode_foreign, encode_foreign
from identifiers.epc.layouts import HEADERS, LAYOUTS, decode
from identifiers.epc.plus import PLUS, PLUS_HEADERS, decode_plus, encode_plus
from identifiers.epc.schemes import NO_EXTENSION, SCHEMES
from identifiers.epc.urns import read_urn, split_urn
from identifiers.epc.writing import as_body, escape_part
from identifiers.errors import (
    ConversionError,
    IdentifierError,
    SyntaxError_,
    UnknownSchemeError,
)

if TYPE_CHECKING:
    from typing import Unpack

    from identifiers.epc.bits import BitReader
    from identifiers.gs1.elements import ElementString, Message

__all__ = [
    "EpcTag",
    "TagOptions",
    "as_epc_binary",
    "as_epc_tag",
    "as_epc_tag_uri",
    "parse_epc_binary",
    "parse_epc_tag_uri",
]

_RULE = "EPC Tag Data Standard, section 14.2"
_TAG_RULE = "EPC Tag Data Standard, section 12.4"
_FILTERS = range(8)


@dataclass(frozen=True, slots=True)
class EpcTag:
    """What one tag holds."""

    scheme: str
    """The coding scheme, such as ``SGTIN-96`` or ``SGTIN+``."""
    filter_value: int | None
    """What kind of object the tag says it is on: 0 to 7 (15 in USDOD, 63 in ADI), None in GID."""
    code: ElementString | None
    """The GS1 message with all data behind the EPC, or None for a scheme that is no GS1 key."""
    data: tuple[tuple[str, str], ...]
    """Those of the message's elements that stand behind the EPC of a "+" tag."""
    pure_identity: str | None
    """The URN of the object, or None for a "+" tag."""
    tag_uri: str | None
    """The URN of the tag with its filter, or None for a "+" tag."""
    bits: str
    """The EPC and the data behind it as ``0`` and ``1``, without the zeros of the last word."""

    host: str = ""
    """The host name of the link on a "++" tag, or an empty string."""

    @property
    def memory(self) -> bytes:
        """The bytes of the EPC memory bank from address 20h on, in whole words of 16 bits."""
        return packed(self.bits)


class TagOptions(TypedDict, total=False):
    """What may be asked for of a tag; `as_epc_tag` says what it means and what it is by default."""

    scheme: str
    filter_value: int
    company_prefix_length: int
    date: str
    host: str


def parse_epc_tag_uri(text: str) -> EpcTag:
    """Parse a tag URI.

    Args:
        text: For example ``urn:epc:tag:sgtin-96:3.9506000.013435.1``.

    Returns:
        The tag.

    Raises:
        IdentifierError: The text is no valid tag URI.
    """
    urn = split_urn(text)
    if urn.kind != "tag":
        raise SyntaxError_(
            "a URN that begins with urn:epc:tag: and has a size and a filter",
            text,
            position=0,
            rule=_TAG_RULE,
        )
    code: ElementString | None = None
    tag_filter: int | None
    if urn.scheme in FOREIGN:
        name = f"{urn.scheme.upper()}-{urn.size}"
        tag_filter, body, bits = encode_foreign(urn.scheme, urn.size, urn.body, urn.start)
    else:
        code, tag_filter, body, bits = read_urn(urn)
        name = LAYOUTS[f"{urn.scheme}-{urn.size}"].name
    identity = f"urn:epc:id:{urn.scheme}:{body}"
    return EpcTag(name, tag_filter, code, (), identity, text, bits)


def parse_epc_binary(data: bytes | str) -> EpcTag:
    """Parse what was read from the EPC memory bank of a tag.

    Args:
        data: The bytes from address 20h on, or the same in hexadecimal digits. Zeros may fill the
            last word, and words behind it.

    Returns:
        The tag.

    Raises:
        IdentifierError: The bits are no valid EPC; the position is an index of bytes or digits.
    """
    reader = open_bank(data)
    header = reader.number(8)
    if header in PLUS_HEADERS:
        name = PLUS_HEADERS[header]
        tag_filter, code, extra, host = decode_plus(name, reader)
        return EpcTag(name, tag_filter, code, extra, None, None, reader.bits[: reader.at], host)
    start = reader.at
    if header in HEADERS:
        layout = HEADERS[header]
        number, parts, start = decode(layout, reader)
        body = ".".join([str(number), *map(escape_part, parts)])
        text = f"urn:epc:tag:{layout.name.lower()}:{body}"
    elif header in FOREIGN_HEADERS:
        text = decode_foreign(FOREIGN_HEADERS[header], reader)
    else:
        raise UnknownSchemeError("the header of an EPC", f"{header:02X}", position=0, rule=_RULE)
    reader.verify_end()
    return _verified(text, reader, start)


def _verified(text: str, reader: BitReader, start: int) -> EpcTag:
    try:
        return parse_epc_tag_uri(text)
    except IdentifierError as error:
        # The index in a URN that nobody has given says nothing.
        error.position = reader.position(start)
        raise


def as_epc_tag(
    code: Message,
    *,
    scheme: str = "sgtin-96",
    filter_value: int = 0,
    company_prefix_length: int = 7,
    date: str = "",
    host: str = "",
) -> EpcTag:
    """Put a code on a tag.

    Args:
        code: A message or item code with a GS1 key.
        scheme: The coding scheme in any case, such as ``sgtin-96``, ``sgtin-198``, ``sgtin+`` or
            ``sgtin++``.
        filter_value: What kind of object the tag is on, 0 to 7.
        company_prefix_length: How many digits the GS1 Company Prefix has, 6 to 12; "+" tags need it
            not.
        date: The AI whose date goes before the key of a DSGTIN+; the first that is there if empty.
        host: The host name on a "++" tag, such as ``example.com``.

    Returns:
        The tag.

    Raises:
        IdentifierError: There is no such scheme, or the code has no form in it that loses nothing.
    """
    wanted = scheme.lower()
    if filter_value not in _FILTERS:
        raise ConversionError(
            "a filter from 0 to {most}", str(filter_value), rule=_TAG_RULE, most=_FILTERS[-1]
        )
    if wanted.upper() in PLUS:
        bits = encode_plus(wanted, code.elements, filter_value, date=date, host=host)
        return parse_epc_binary(packed(bits))
    if wanted not in LAYOUTS:
        raise UnknownSchemeError("a coding scheme of GS1 keys", scheme, rule=_RULE)
    if host:
        raise ConversionError("a coding scheme that holds a host name", scheme, rule=_RULE)
    layout = LAYOUTS[wanted]
    key = SCHEMES[layout.scheme].ai
    if key not in dict(code.elements):
        raise ConversionError(
            "({key}) in the message",
            ", ".join(f"({ai})" for ai, _ in code.elements),
            rule=_RULE,
            key=key,
        )
    body, serial = as_body(code, layout.scheme, company_prefix_length)
    if SCHEMES[layout.scheme].serial:
        body += f".{serial or (NO_EXTENSION if layout.scheme == 'sgln' else '')}"
    try:
        return parse_epc_tag_uri(f"urn:epc:tag:{wanted}:{filter_value}.{body}")
    except IdentifierError as error:
        error.position = None
        raise


def as_epc_tag_uri(code: Message, **options: Unpack[TagOptions]) -> str:
    """Write a code as a tag URI.

    Args:
        code: A message or item code with a GS1 key.
        options: As `as_epc_tag` takes them.

    Returns:
        The URN.

    Raises:
        IdentifierError: As `as_epc_tag` does, or the tags of the scheme have no URI.
    """
    tag = as_epc_tag(code, **options)
    if tag.tag_uri is None:
        raise ConversionError(
            "a coding scheme whose tags have a URI",
            tag.scheme,
            fix="ask for its bits instead",
            rule=_TAG_RULE,
        )
    return tag.tag_uri


def as_epc_binary(code: Message, **options: Unpack[TagOptions]) -> bytes:
    """Write a code as the bytes of an EPC memory bank.

    Args:
        code: A message or item code with a GS1 key.
        options: As `as_epc_tag` takes them.

    Returns:
        The bytes from address 20h on, in whole words of 16 bits.

    Raises:
        IdentifierError: As `as_epc_tag` does.
    """
    return as_epc_tag(code, **options).memory
