"""One entry of a log: a header and a body in one row of canonical bytes.

The rules:

* the bytes are ``{"body":{...},"header":{...}}`` in canonical JSON, and exactly these two keys;
* the header has exactly the seven fields of `Header`; an absent signature is ``null``;
* ``prev`` is the leaf hash of the entry before, in lower-case hex, and 64 zeros at ``seq`` 0; as it
  stands inside the bytes, the chain and the Merkle tree's leaves are one structure;
* ``leaf_hash = SHA-256(0x00 || bytes)``, the leaf hash of RFC 6962, section 2.1.

Nothing else about an entry is true: every database column beside the bytes is a copy.

>>> header = Header("example.org/log/acme", 0, bytes(32), 1767225600000000, "t/1", "clerk", None)
>>> raw = encode_entry(header, b'{"event":{}}')
>>> decode_entry(raw).header == header
True
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from ledger.errors import CanonicalError, EntryError, shown
from ledger.log.canonical import MAX_INTEGER, parse_canonical
from ledger.log.merkle import HASH_SIZE, leaf_hash

__all__ = [
    "FIRST_PREV",
    "HASH_SIZE",
    "Entry",
    "Header",
    "decode_entry",
    "encode_entry",
    "leaf_hash",
]

FIRST_PREV: Final = bytes(HASH_SIZE)
"""What the first entry of a log has in place of a previous leaf hash."""

_HEX_SIZE: Final = 2 * HASH_SIZE


@dataclass(frozen=True, slots=True)
class Header:
    """What the ledger says about a body when it takes it in."""

    log: str
    """Origin of the log, for example ``ledger.example/log/acme``."""
    seq: int
    """Place in the log, from 0, without gaps."""
    prev: bytes
    """Leaf hash of the entry before, 32 bytes; `FIRST_PREV` at seq 0."""
    received_at: int
    """When the ledger took the body in: microseconds since 1970-01-01, UTC."""
    schema: str
    """What the body is, for example ``suyuan/event/1``."""
    submitter: str
    """Who handed the body in."""
    signature: str | None
    """The submitter's own signature over the body, where they sign."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, decoded."""

    header: Header
    body: dict[str, Any]


_FIELDS: Final = frozenset(
    {"log", "seq", "prev", "received_at", "schema", "submitter", "signature"}
)
_KEYS: Final = frozenset({"body", "header"})


def encode_entry(header: Header, body: bytes) -> bytes:
    """Return the entry's bytes.

    The caller's share: `body` is an object as `canonical_bytes` wrote it. It is not read again
    here, for it was read when it was captured; `decode_entry` refuses anything else.

    Raises:
        EntryError: a header value that no entry may have, or a body that is no object.
    """
    if not (body[:1] == b"{" and body[-1:] == b"}"):
        raise EntryError(f"Expected a body that is a JSON object, got {shown(body)}.")
    _check_header(header)
    try:
        fields = orjson.dumps(
            {
                "log": header.log,
                "prev": header.prev.hex(),
                "received_at": header.received_at,
                "schema": header.schema,
                "seq": header.seq,
                "signature": header.signature,
                "submitter": header.submitter,
            }
        )
    except orjson.JSONEncodeError as error:
        raise EntryError(f"Expected valid Unicode in a header's text: {error}.") from None
    return b'{"body":' + body + b',"header":' + fields + b"}"


def decode_entry(raw: bytes) -> Entry:
    """Decode and check an entry's bytes.

    Raises:
        EntryError: not canonical JSON, another shape, or header values that no entry may have.
    """
    try:
        value = parse_canonical(raw)
    except CanonicalError as error:
        raise EntryError(str(error)) from None
    if type(value) is not dict or value.keys() != _KEYS:
        raise EntryError("Expected an object with the keys body and header only.")
    body, fields = value["body"], value["header"]
    if type(body) is not dict:
        raise EntryError("Expected a body that is a JSON object.")
    if type(fields) is not dict or fields.keys() != _FIELDS:
        raise EntryError(f"Expected a header with the fields {', '.join(sorted(_FIELDS))} only.")
    header = Header(
        fields["log"],
        fields["seq"],
        _prev(fields["prev"]),
        fields["received_at"],
        fields["schema"],
        fields["submitter"],
        fields["signature"],
    )
    _check_header(header)
    return Entry(header, body)


def _prev(text: Any) -> bytes:
    if type(text) is str and len(text) == _HEX_SIZE and text.isascii():
        try:
            prev = bytes.fromhex(text)
        except ValueError:
            prev = b""
        # One spelling only: fromhex also takes capitals and blanks.
        if prev.hex() == text:
            return prev
    raise EntryError(f"Expected prev as {_HEX_SIZE} lower-case hex digits, got {shown(text)}.")


def _check_header(header: Header) -> None:
    for name in ("log", "schema", "submitter"):
        text = getattr(header, name)
        if not (isinstance(text, str) and text):
            raise EntryError(f"Expected {name} as text that is not empty, got {shown(text)}.")
    for name in ("seq", "received_at"):
        number = getattr(header, name)
        if type(number) is not int or not 0 <= number <= MAX_INTEGER:
            raise EntryError(
                f"Expected {name} as an integer from 0 to {MAX_INTEGER}, got {shown(number)}."
            )
    if len(header.prev) != HASH_SIZE:
        raise EntryError(f"Expected prev of {HASH_SIZE} bytes, got {len(header.prev)}.")
    if (header.seq == 0) != (header.prev == FIRST_PREV):
        raise EntryError(
            "Expected prev to be all zeros at seq 0 and nowhere else, "
            f"got {header.prev.hex()} at seq {header.seq}."
        )
    if not (header.signature is None or isinstance(header.signature, str)):
        raise EntryError(f"Expected signature as text or null, got {shown(header.signature)}.")
