"""Commitments: they bind value and salt, and nothing else fits them."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import EntryError
from ledger.log.commitment import COMMITMENT_SIZE, SALT_SIZE, commit, verify_commitment

SALT = bytes(range(SALT_SIZE))


def test_the_bytes_that_are_hashed() -> None:
    """A commitment is SHA-256 over 0x10, the salt and the value, apart from leaves and nodes."""
    assert commit(SALT, b'"Li"') == sha256(b"\x10" + SALT + b'"Li"').digest()
    assert len(commit(SALT, b"")) == COMMITMENT_SIZE
    assert commit(SALT, b"x") not in {sha256(bytes([one]) + SALT + b"x").digest() for one in (0, 1)}


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_a_salt_of_another_size_is_refused(size: int) -> None:
    """What belongs to the salt and what to the value must be clear."""
    with pytest.raises(EntryError, match=f"salt of 16 bytes, got {size}"):
        commit(bytes(size), b"x")
    with pytest.raises(EntryError):
        verify_commitment(commit(SALT, b"x"), bytes(size), b"x")


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=40), st.integers(0, 10_000))
def test_nothing_else_fits(salt: bytes, value: bytes, at: int) -> None:
    """Salt and value fit their commitment; with any bit of the three changed they don't."""
    made = commit(salt, value)
    verify_commitment(made, salt, value)
    parts = [made, salt, value]
    which = at % (3 if value else 2)
    changed = bytearray(parts[which])
    changed[at % len(changed)] ^= 1 << at % 8
    parts[which] = bytes(changed)
    with pytest.raises(EntryError, match="aren't those that were committed to"):
        verify_commitment(*parts)
