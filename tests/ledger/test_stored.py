"""What a column of bytes held: bytes, or a sentence with its fix."""

from typing import Any

import pytest

from ledger.errors import DamageError
from ledger.log.entry import FIRST_PREV, Header, encode_entry
from ledger.stored import stored_bytes, stored_entry


@pytest.mark.parametrize("value", ["text", 7, 20_000_000_000, -1, 1.5, None])
def test_what_is_no_bytes(value: Any) -> None:
    """Text is not encoded, and a number is not that many zero bytes."""
    with pytest.raises(DamageError, match=r"no bytes in entry\.bytes") as caught:
        stored_entry(value)
    assert "suyuan verify" in caught.value.fix


def test_what_is_stored_as_it_should_be() -> None:
    """Bytes stay what they are, whatever the driver wraps them in; others are no entry."""
    raw = encode_entry(Header("a.example/log/a", 0, FIRST_PREV, 1, "s", "me", None), b"{}")
    assert stored_bytes(memoryview(raw), "entry.bytes") == raw
    assert stored_entry(raw).header.seq == 0
    with pytest.raises(DamageError, match="holds no entry"):
        stored_entry(raw[:-1])
