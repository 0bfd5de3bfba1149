"""Plain events are decoded in runs, and what isn't canonical doesn't pass for it."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.documents import events
from ledger.epcis.syntax import microseconds
from ledger.errors import CanonicalError
from ledger.log.canonical import canonical_bytes, parse_canonical, parse_strict
from ledger.verifying import plain
from ledger.verifying.plain import Times, are_canonical, decode_plain
from tests.ledger.builders import instance, seen, some

EVENT: dict[str, Any] = {
    **seen(instance("A"), ilmd={"a": [1, {"b": "c"}]}),
    "quantityList": [some("urn:example:thing", 5, "KGM")],
    "sensorElementList": [{"sensorReport": [{"value": "1.5"}]}],
    "bizTransactionList": [{"type": "po", "bizTransaction": "urn:example:1"}],
}


def passes(raw: bytes) -> bool:
    """Tell whether a body is decoded and taken for canonical."""
    [body] = decode_plain([raw])
    return body is not None and are_canonical([raw], [body])


def is_canonical(raw: bytes) -> bool:
    """Tell whether it is, as it stands in an entry."""
    try:
        parse_canonical(b'{"body":%b,"header":{}}' % raw)
    except CanonicalError:
        return False
    return True


def test_generated_events_are_plain_and_canonical() -> None:
    """A plant's day is decoded and compared at once."""
    raws = [canonical_bytes({"event": parse_strict(orjson.dumps(event))}) for event in events(240)]
    bodies = [body for body in decode_plain(raws) if body is not None]
    assert len(bodies) == 240
    assert are_canonical(raws, bodies)
    assert not are_canonical([*raws[1:], raws[0]], bodies)


def test_what_is_not_plain_stands_between_what_is() -> None:
    """Each body that can't be decoded leaves its place empty."""
    good = canonical_bytes({"event": EVENT})
    decoded = decode_plain([b"", good, b"{}", b'{"event":5}', good, b"[" * 10_000])
    assert [body is None for body in decoded] == [True, False, True, True, False, True]


RAW = canonical_bytes({"event": EVENT})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"event"', b'"decimals":[],"event"'),
        (b'{"event"', b'{ "event"'),
        (b'{"action":"OBSERVE",', b'{"action":"OBSERVE","action":"OBSERVE",'),
        (b'"KGM"', b'"K\\u0047M"'),
        (b'"bizTransactionList"', b'"bizLocation":null,"bizTransactionList"'),
        (b":5,", b":-0,"),
        (b":5,", b":5.0,"),
        (b":5,", b":9007199254740992,"),
        (b"[1,", b"[-0,"),
        (b"[1,", b"[1.0,"),
        (b"[1,", b"[9007199254740992,"),
        (b"[1,", b"[ 1,"),
        (b'{"b":"c"}', b'{"b":"c","b":"c"}'),
        (b'{"b":"c"}', b'{"c":"c","b":"c"}'),
        (b'{"b":"c"}', '{"é":"c"}'.encode()),
        (b'{"b":"c"}', b'{"b":"\xff"}'),
        (b'{"b":"c"}', b"[" * 250 + b"]" * 250),
        (b'"KGM"', b'"\xff"'),
    ],
    ids=range(18),
)
def test_another_spelling_does_not_pass(old: bytes, new: bytes) -> None:
    """Whatever `parse_canonical` refuses is refused here."""
    assert passes(RAW)
    assert is_canonical(RAW)
    changed = RAW.replace(old, new, 1)
    assert (changed == RAW, passes(changed)) == (False, False)
    assert not is_canonical(changed) or b"null" in changed or b"[]" in changed


@given(
    text=st.text(),
    inner=st.recursive(st.integers(-(2**63), 2**63) | st.text(), st.lists, max_leaves=5),
)
def test_what_passes_is_canonical(text: str, inner: object) -> None:
    """Two encoders write a text the same way, or it is looked at by the one that counts."""
    raw = orjson.dumps({"event": {"bizStep": text, "ilmd": {"x": inner}}}, default=str)
    assert is_canonical(raw) or not passes(raw)
    if "\\" not in raw.decode():
        assert passes(raw) == is_canonical(raw)


TIMES = [
    "2026-03-01T08:00:07.5+08:00",
    "2026-03-01t08:00:07.1234567z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-03-01T08:00Z",
]


@pytest.mark.parametrize("text", TIMES)
def test_times_are_read_by_parts(text: str) -> None:
    """A minute and the rest add up to the time."""
    assert Times().of(text) == microseconds(text)


@given(
    text=st.from_regex(
        r"\A[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?(\.[0-9]{1,8})?"
        r"(Z|[+-][0-2][0-9]:[0-6][0-9])?([0-9T:-]{3,16})?\Z"
    )
)
def test_a_time_that_is_read_by_parts_is_one(text: str) -> None:
    """Nothing is read that isn't a time as a whole."""
    try:
        read = Times().of(text)
    except (ValueError, TypeError):
        return
    assert read == microseconds(text)


@pytest.mark.parametrize("text", ["", ":00Z", "2026-03-01", "2026-03-01T08:002026-03-01T08:00"])
def test_what_is_no_time_is_not_read(text: str) -> None:
    """Nor is a time put together of parts that aren't of one."""
    with pytest.raises((ValueError, TypeError)):
        Times().of(text)


def test_few_parts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few of them, the answer is the same."""
    monkeypatch.setattr(plain, "_KEPT", 1)
    times = Times()
    assert [times.of(text) for text in TIMES] == [microseconds(text) for text in TIMES]
