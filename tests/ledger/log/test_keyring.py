"""Rings of keys: what a key signs outside its range of sizes counts for nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.keyring import KeyRange, KeyRing
from ledger.log.merkle import EMPTY_ROOT
from ledger.log.mldsa import MlDsaSigner
from ledger.log.note import Signature, Signer

NAME = "ledger.example/log/acme"
OLD, NEW, THIEF = (Signer.from_seed(NAME, bytes([number]) * 32) for number in (1, 2, 3))
QUANTUM = MlDsaSigner.generate(NAME, lambda: 1_800_000_000)
ROTATED = KeyRing((KeyRange(OLD.verifier, 0, 120), KeyRange(NEW.verifier, 100)))


def signed(size: int, *signers: Signer | MlDsaSigner) -> str:
    """Return a checkpoint."""
    return sign_checkpoint(Checkpoint(NAME, size, bytes(32) if size else EMPTY_ROOT), signers)


def opened(note: str, ring: KeyRing = ROTATED) -> int:
    """Return the size of a checkpoint that holds."""
    return open_checkpoint(note, NAME, ring).size


@given(st.integers(0, 300), st.sets(st.sampled_from([OLD, NEW, THIEF]), min_size=1))
def test_a_key_counts_inside_its_range_only(size: int, signers: set[Signer]) -> None:
    """A checkpoint holds exactly when one of its signers may sign its size."""
    may = {OLD} if size < 100 else {OLD, NEW} if size <= 120 else {NEW}
    note = signed(size, *sorted(signers, key=lambda one: one.verifier.key_id))
    if may & signers:
        assert opened(note) == size
    else:
        with pytest.raises(NoteError):
            opened(note)


def test_an_outdated_or_stolen_key() -> None:
    """A retired key above its range, and a new one below its own, are named as what they are."""
    with pytest.raises(NoteError, match="sizes 0 to 120: an outdated or stolen key"):
        opened(signed(121, OLD))
    with pytest.raises(NoteError, match="sizes 100 on: an outdated or stolen key"):
        opened(signed(99, NEW))
    with pytest.raises(NoteError, match="perhaps of the one that follows ours"):
        opened(signed(5, THIEF))


def test_both_keys_sign_in_the_overlap() -> None:
    """Whoever knows the old key, the new one or both accepts a checkpoint that both signed."""
    note = signed(110, OLD, NEW)
    for ring in (KeyRing.of(OLD.verifier), KeyRing.of(NEW.verifier), ROTATED):
        assert opened(note, ring) == 110
    with pytest.raises(NoteError, match=r"trusted key.*follows ours"):
        opened(signed(121, NEW), KeyRing.of(OLD.verifier))


def test_a_bad_line_of_a_key_in_use_spoils_the_checkpoint() -> None:
    """Beside a good line, one of a known key has to hold; of a key that may not sign it is ignored."""
    bad = Signature(NAME, OLD.verifier.key_id, bytes(64)).line()
    with pytest.raises(NoteError, match="does not hold"):
        opened(signed(110, NEW) + bad)
    assert opened(signed(121, NEW) + bad) == 121


def test_each_kind_has_to_sign() -> None:
    """Whoever pinned an ML-DSA key isn't talked out of it, from its first size on."""
    ring = KeyRing((KeyRange(OLD.verifier), KeyRange(QUANTUM.verifier, 10)))
    assert opened(signed(9, OLD), ring) == 9
    assert opened(signed(10, OLD, QUANTUM), ring) == 10
    for signer, missing in ((OLD, "06"), (QUANTUM, "01")):
        with pytest.raises(NoteError, match=f"of type {missing} too, got none"):
            opened(signed(10, signer), ring)
    assert opened(signed(10, OLD, QUANTUM), KeyRing.of(OLD.verifier)) == 10
    assert opened(signed(10, OLD, QUANTUM), KeyRing.of(QUANTUM.verifier)) == 10


def test_the_current_key() -> None:
    """It is the newest Ed25519 key that has no end."""
    assert ROTATED.current == NEW.verifier
    assert [*ROTATED] == [OLD.verifier, NEW.verifier]
    assert KeyRing((*ROTATED.ranges, KeyRange(QUANTUM.verifier, 3))).current == NEW.verifier
    with pytest.raises(NoteError, match="No Ed25519 key"):
        _ = KeyRing((ROTATED.ranges[0], KeyRange(QUANTUM.verifier))).current


def test_rings_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, keys of two logs, ranges that end before they begin, and keys that are confused."""
    stranger = Signer.from_seed("stranger", bytes(32)).verifier
    for ranges in ((), (KeyRange(OLD.verifier), KeyRange(stranger))):
        with pytest.raises(NoteError, match="keys of one log"):
            KeyRing(ranges)
    assert not KeyRange(OLD.verifier, 5, 4).covers(5)
    for first, last in ((-1, None), (5, 3)):
        with pytest.raises(NoteError, match="range of sizes"):
            KeyRange(OLD.verifier, first, last)
    with pytest.raises(NoteError, match="different ids"):
        KeyRing.of(OLD.verifier, OLD.verifier)
    monkeypatch.setattr("ledger.log.note.key_id", lambda *_: b"abcd")
    with pytest.raises(NoteError, match="different ids"):
        KeyRing.of(OLD.verifier, THIEF.verifier)
