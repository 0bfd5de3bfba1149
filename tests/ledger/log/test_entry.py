"""Entries: one row of bytes for a header and a body, and nothing else decodes."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import EntryError
from ledger.log.canonical import MAX_INTEGER, canonical_bytes
from ledger.log.entry import FIRST_PREV, Header, decode_entry, encode_entry, leaf_hash

HEADER = Header("l.example/log/a", 7, bytes(range(32)), 1_767_225_600_000_000, "t/1", "li", None)
BODY = b'{"event":{"a":"1.5"}}'
RAW = encode_entry(HEADER, BODY)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(
    st.builds(
        Header,
        log=NAMES,
        seq=st.integers(1, MAX_INTEGER),
        prev=st.binary(min_size=32, max_size=32).filter(any),
        received_at=st.integers(0, MAX_INTEGER),
        schema=NAMES,
        submitter=NAMES,
        signature=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_what_is_encoded_decodes(header: Header) -> None:
    """Every valid header comes back, and the bytes are canonical."""
    raw = encode_entry(header, BODY)
    entry = decode_entry(raw)
    assert entry.header == header
    assert entry.body == {"event": {"a": "1.5"}}
    fields = {name: getattr(header, name) for name in Header.__slots__}
    fields["prev"] = header.prev.hex()
    assert raw == rfc8785.dumps({"header": fields, "body": entry.body})


def test_the_bytes_are_as_documented() -> None:
    """The layout is fixed: body first, header fields sorted, prev in lower-case hex."""
    first = encode_entry(replace(HEADER, seq=0, prev=FIRST_PREV, signature="s"), b"{}")
    assert first == (
        b'{"body":{},"header":{"log":"l.example/log/a","prev":"' + b"0" * 64 + b'",'
        b'"received_at":1767225600000000,"schema":"t/1","seq":0,"signature":"s","submitter":"li"}}'
    )
    assert leaf_hash(first) == hashlib.sha256(b"\0" + first).digest()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("log", "", "log as text"),
        ("log", None, "log as text"),
        ("schema", 1, "schema as text"),
        ("submitter", "", "submitter as text"),
        ("submitter", "\ud800", "valid Unicode"),
        ("seq", -1, "seq as an integer"),
        ("seq", 2**53, "seq as an integer"),
        ("seq", True, "seq as an integer"),
        ("seq", 0, "all zeros at seq 0"),
        ("prev", FIRST_PREV, "all zeros at seq 0"),
        ("prev", b"1", "prev of 32 bytes"),
        ("received_at", 1.5, "received_at as an integer"),
        ("received_at", -1, "received_at as an integer"),
        ("signature", 5, "signature as text or null"),
    ],
)
def test_headers_that_no_entry_may_have(field: str, value: Any, message: str) -> None:
    """A header value out of range is refused before anything is written."""
    changes: dict[str, Any] = {field: value}
    with pytest.raises(EntryError, match=message):
        encode_entry(replace(HEADER, **changes), BODY)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"a":1} ', b'"{}"'])
def test_a_body_is_an_object(body: bytes) -> None:
    """A body that is no object is refused."""
    with pytest.raises(EntryError, match="JSON object"):
        encode_entry(HEADER, body)


HEADER_JSON: dict[str, Any] = {
    "log": "l",
    "prev": "ab" * 32,
    "received_at": 1,
    "schema": "s",
    "seq": 1,
    "signature": None,
    "submitter": "u",
}


def document(**changes: Any) -> bytes:
    """Return an entry with changed header fields, as whoever writes bytes by hand would."""
    return canonical_bytes({"body": {}, "header": {**HEADER_JSON, **changes}})


def test_the_handmade_entry_is_valid() -> None:
    """The entry that the next tests spoil is a good one."""
    assert decode_entry(document()).header.seq == 1


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "canonical JSON"),
        (b"\xff", "canonical JSON"),
        (b"[]", "keys body and header"),
        (b"{}", "keys body and header"),
        (b'{"body":{},"header":{},"more":1}', "keys body and header"),
        (b'{"body":[],"header":{}}', "body that is a JSON object"),
        (b'{"body":{},"header":[]}', "header with the fields"),
        (b'{"body":{},"header":{"seq":1}}', "header with the fields"),
        (document(more=1), "header with the fields"),
        (document(prev="AB" * 32), "lower-case hex"),
        (document(prev=" b" * 32), "lower-case hex"),
        (document(prev="zz" * 32), "lower-case hex"),
        (document(prev="ab"), "lower-case hex"),
        (document(prev=None), "lower-case hex"),
        (document(prev="٣" * 64), "lower-case hex"),
        (document(seq="1"), "seq as an integer"),
        (document(seq=True), "seq as an integer"),
        (document(seq=0), "all zeros"),
        (document(log=None), "log as text"),
        (document(log=["l"]), "log as text"),
        (document(signature=1), "signature as text"),
        (RAW.replace(b'"1.5"', b"1.5"), "float"),
        (RAW + b"\n", "another spelling at byte"),
    ],
)
def test_bytes_that_are_no_entry(raw: bytes, message: str) -> None:
    """Bytes that differ in any way from what encoding gives are refused."""
    with pytest.raises(EntryError, match=message):
        decode_entry(raw)


@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda tail: RAW[:60] + tail))
def test_no_bytes_leak_another_error(raw: bytes) -> None:
    """Any bytes decode to an entry that encodes to the same bytes, or are refused by our error."""
    try:
        entry = decode_entry(raw)
    except EntryError:
        return
    assert encode_entry(entry.header, canonical_bytes(entry.body)) == raw
