"""Canonical JSON: the decoder's door, the one spelling, and no foreign exception."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import CanonicalError, JsonSyntaxError
from ledger.log.canonical import (
    MAX_INTEGER,
    DecimalText,
    canonical_bytes,
    decimal_pointers,
    parse_canonical,
    parse_strict,
    strict_decoder,
)

KEYS = st.text(st.characters(max_codepoint=127))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SAFE = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS,
    lambda child: st.lists(child) | st.dictionaries(KEYS, child),
    max_leaves=30,
)


@given(SAFE)
def test_one_spelling(value: Any) -> None:
    """The bytes are those of the reference implementation, and parse to the same value."""
    raw = canonical_bytes(value)
    assert raw == rfc8785.dumps(value)
    assert parse_canonical(raw) == value
    assert parse_strict(raw) == value
    assert parse_strict(json.dumps(value, indent=1)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value="-1e30", max_value="1e30"))
def test_decimals_are_exact(number: Decimal) -> None:
    """A decimal keeps its exact value, as an integer or as the shortest plain text."""
    text = str(number)
    try:
        value = parse_strict(text)
    except CanonicalError:
        assert len(format(number, "f")) > 100 or len(text) > 100
        return
    assert Decimal(value) == number
    if isinstance(value, DecimalText):
        assert "e" not in value.lower()
        assert "." not in value or value[-1] not in "0."
        assert "." in value or abs(int(value)) > MAX_INTEGER
    else:
        assert abs(value) <= MAX_INTEGER


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10.50", "10.5"),
        ("10.0", 10),
        ("-0.0", 0),
        ("-0", 0),
        ("0e5", 0),
        ("0e-5", 0),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("-2.50E-3", "-0.0025"),
        ("9007199254740991", 9007199254740991),
        ("9007199254740992", "9007199254740992"),
        ("-9007199254740992", "-9007199254740992"),
        ("1e20", "100000000000000000000"),
        ("9007199254740992.0", "9007199254740992"),
        ("1e99", "1" + "0" * 99),
        ("1e-98", "0." + "0" * 97 + "1"),
        ("100", 100),
        ("0.1", "0.1"),
        ("-1.0e0", -1),
    ],
)
def test_numbers(text: str, value: Any) -> None:
    """A number becomes an integer below 2^53 or its normalised text, of which type tells."""
    parsed = parse_strict(text)
    assert parsed == value
    assert type(parsed) is (DecimalText if isinstance(value, str) else int)


@pytest.mark.parametrize(
    "text",
    [
        "1e999",
        "1e100",
        "1e-99",
        "1e999999999999",
        "1e-999999999999",
        "9" * 101,
        "9" * 10_000,
        "0." + "1" * 99,
        "1." + "0" * 101,
        "1." + "0" * 98 + "e1",
        "-1.5e-98",
    ],
    ids=lambda text: f"{text[:8]}...{len(text)}",
)
def test_absurd_numbers_are_refused(text: str) -> None:
    """A number that cannot be written out in 100 characters is refused without being made."""
    with pytest.raises(CanonicalError, match="100 characters"):
        parse_strict(f'{{"quantity":{text}}}')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a":1,"b":2,"a":3}', "'a' twice"),
        ('[{"a":1,"\\u0061":1}]', "'a' twice"),
        ("{" + ",".join(f'"{n % 99_999}":0' for n in range(100_000)) + "}", "'0' twice"),
        ('{"é":1}', "keys in ASCII, got 'é'"),
        ("[NaN]", "got NaN"),
        ("[Infinity]", "got Infinity"),
        ("[-Infinity]", "got -Infinity"),
        ('["\\ud800"]', "half a surrogate pair"),
        ('["\\uDFFF"]', "half a surrogate pair"),
        ('{"\\ud800":1}', "keys in ASCII"),
        ('["\ud800"]', "half a surrogate pair at character 2"),
        (b'["\xb0"]', "byte 0xB0 at offset 2: save the file as UTF-8"),
        (b"\xff\xfe[\x001\x00]\x00", "0xFF at offset 0"),
        ("[" * 100_000, "nested"),
        ('{"a":' * 100_000, "nested"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "bytes",
)
def test_refused_at_the_door(text: str | bytes, message: str) -> None:
    """What has no single meaning is refused, in words that name it."""
    with pytest.raises(CanonicalError, match=message):
        parse_strict(text)


@pytest.mark.parametrize(
    "text", ["", " ", "{", "[1,]", "{'a':1}", "[1] [2]", '["a\nb"]', '{"a" 1}', "tru", "01", "+1"]
)
def test_not_json(text: str) -> None:
    """Text that is not JSON is told apart and says line and column."""
    with pytest.raises(JsonSyntaxError, match=r"line \d+ column \d+") as caught:
        parse_strict(text)
    assert isinstance(caught.value, json.JSONDecodeError)


def test_a_stream_is_decoded_value_by_value() -> None:
    """`raw_decode` reads one value of a text and says where it ends, or that it breaks off."""
    decoder = strict_decoder()
    assert decoder.raw_decode('{"a":1.50} {"b"', 0) == ({"a": "1.5"}, 10)
    with pytest.raises(JsonSyntaxError):
        decoder.raw_decode('{"a":1.50} {"b"', 11)
    with pytest.raises(CanonicalError, match="surrogate"):
        decoder.raw_decode('["\\ud800"] x')


def test_a_byte_order_mark_is_ignored() -> None:
    """Bytes may begin with a byte order mark, and the value is the same."""
    assert parse_strict(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


def test_a_surrogate_pair_is_one_character() -> None:
    """An escaped pair is the character it means."""
    assert parse_strict('["\\ud83d\\ude00"]') == ["😀"]


def loop() -> list[Any]:
    """Return a list that contains itself."""
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "float 1.5"),
        ({"a": ["x", 2.0]}, "float 2.0"),
        ([float("nan")], "float nan"),
        ([None, {"a": (1, float("inf"))}], "float inf"),
        (2**53, "2\\^53"),
        (-(2**53), "2\\^53"),
        (10**30, "2\\^53"),
        ({1: 2}, "key must be str"),
        ({"é": 1}, "'é'"),
        (["é", {"a": [{"ü": 1}]}], "'ü'"),
        ("\ud800", "surrogate"),
        (b"x", "bytes"),
        (Decimal(1), "Decimal"),
        (dt.date(2026, 1, 1), "date"),
        (loop(), "nested"),
    ],
    ids=lambda value: ascii(value)[:30] if not isinstance(value, str) else None,
)
def test_values_that_have_no_spelling(value: Any, message: str) -> None:
    """A value outside the subset is refused when it is written, too."""
    with pytest.raises(CanonicalError, match=message):
        canonical_bytes(value)


def test_null_is_a_value() -> None:
    """A null is written, which is not the null that an encoder makes of a float."""
    assert canonical_bytes({"b": None, "a": [True, False, DecimalText("1.5"), (1,)]}) == (
        b'{"a":[true,false,"1.5",[1]],"b":null}'
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" 1",
        b"1 ",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":2}',
        b'{"a":1',
        b"\xff",
        b'["\xff"]',
        b'["\\u0041"]',
        b'["\\/"]',
        b'["\\ud800"]',
        b"1.0",
        b"1e3",
        b"-0",
        b"[" * 100_000,
        b"9007199254740992",
        b"9" * 30,
        b"9" * 10_000,
        '{"é":1}'.encode(),
        b'{"a": 1}',
        b'{"\xff":1}',
        b"nul",
        b"1.5",
        b'["\xed\xa0\x80"]',
    ],
    ids=lambda raw: f"{len(raw)} {raw[:30]!a}",
)
def test_other_spellings_are_refused(raw: bytes) -> None:
    """Bytes that canonical writing would not give are refused, whatever they are."""
    with pytest.raises(CanonicalError):
        parse_canonical(raw)


@given(st.binary(max_size=60))
def test_no_bytes_leak_another_error(raw: bytes) -> None:
    """Any bytes parse or are refused with our error."""
    for parse in (parse_strict, parse_canonical):
        try:
            value = parse(raw)
        except CanonicalError:
            continue
        assert parse_canonical(canonical_bytes(value)) == value


def test_decimal_pointers() -> None:
    """The pointers name every decimal, escaped and sorted, and no other text."""
    value = parse_strict('{"b":[1,2.5,{"a/b":1.5,"c~d":0.5}],"a":"2.5","n":{"x":1e20},"z":[[]]}')
    assert decimal_pointers(value) == ["/b/1", "/b/2/a~1b", "/b/2/c~0d", "/n/x"]
    assert decimal_pointers(parse_strict("1.5")) == [""]
    assert decimal_pointers(parse_strict('"1.5"')) == []
