"""Witnesses' cosignatures: what is signed, whose line it is, and what is refused."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError
from ledger.log import cosignature
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.cosignature import (
    Ed25519Cosigner,
    is_offered,
    parse_cosigner,
    split_timestamp,
    verify_cosignatures,
)
from ledger.log.mldsa import MlDsaSigner
from ledger.log.note import Signature, Signer, parse_note
from tests.ledger.cosigning import NOW, WitnessKey

LOG = Signer.from_seed("example.org/log", bytes(32))
NOTE = sign_checkpoint(Checkpoint("example.org/log", 3, b"\x07" * 32), [LOG])
W1, W2 = WitnessKey.of("witness.example/w1"), WitnessKey.of("witness.example/w2")


def test_a_cosignature_holds_over_the_whole_text() -> None:
    """A witness's line gives its time; the log's own line stays the log's."""
    note = NOTE + W1.cosign(NOTE) + W2.cosign(NOTE, NOW + 5)
    found = verify_cosignatures(parse_note(note), [W1.cosigner, W2.cosigner])
    assert {key.name: time for key, (time, _line) in found.items()} == {
        W1.name: NOW,
        W2.name: NOW + 5,
    }
    assert open_checkpoint(note, "example.org/log", [LOG.verifier]).size == 3


def test_lines_of_unknown_witnesses_are_ignored() -> None:
    """Whom nobody trusts says nothing, whatever the line holds."""
    assert verify_cosignatures(parse_note(NOTE + W1.cosign(NOTE)), [W2.cosigner]) == {}
    assert verify_cosignatures(parse_note(NOTE), [W1.cosigner]) == {}


def test_the_later_of_two_lines_counts() -> None:
    """A witness that cosigned twice has seen it at the later time, in whatever order."""
    early, late = W1.cosign(NOTE, NOW), W1.cosign(NOTE, NOW + 9)
    for lines in (early + late, late + early):
        [(time, _line)] = verify_cosignatures(parse_note(NOTE + lines), [W1.cosigner]).values()
        assert time == NOW + 9


@given(st.integers(0, 71), st.integers(0, 7))
def test_no_bit_of_a_cosignature_may_change(place: int, bit: int) -> None:
    """The time and each bit of the signature are signed."""
    signature = bytearray(W1.signature(parse_note(NOTE).text).signature)
    signature[place] ^= 1 << bit
    line = Signature(W1.name, W1.cosigner.key_id, bytes(signature)).line()
    with pytest.raises(NoteError):
        verify_cosignatures(parse_note(NOTE + line), [W1.cosigner])


@pytest.mark.parametrize("size", [0, 8, 71, 73])
def test_a_cosignature_has_one_length(size: int) -> None:
    """8 bytes of time and 64 of signature, no more and no less."""
    with pytest.raises(NoteError, match="Expected a cosignature of 72 bytes"):
        split_timestamp(bytes(size), 64, "w")


def test_a_time_of_two_to_the_63_is_refused() -> None:
    """A time has to fit where signed numbers of 64 bits do."""
    with pytest.raises(NoteError, match="below 2"):
        split_timestamp((2**63).to_bytes(8, "big") + bytes(64), 64, "w")
    assert split_timestamp((2**63 - 1).to_bytes(8, "big") + bytes(64), 64, "w")[0] == 2**63 - 1


def test_a_plain_signature_is_no_cosignature() -> None:
    """The same key signing the bare text, or a cosignature over another text, doesn't count."""
    text = parse_note(NOTE).text
    plain = NOW.to_bytes(8, "big") + W1.private.sign(text.encode())
    other = W1.signature(text.replace("\n3\n", "\n4\n")).signature
    for signature in (plain, other):
        line = Signature(W1.name, W1.cosigner.key_id, signature).line()
        with pytest.raises(NoteError, match="does not hold"):
            verify_cosignatures(parse_note(NOTE + line), [W1.cosigner])


def test_a_key_goes_through_its_text() -> None:
    """The type stands in the key and in its id, so that a log's key is never taken for it."""
    key = W1.cosigner
    assert parse_cosigner(key.vkey) == key
    assert key.key_id == sha256(b"witness.example/w1\n\x04" + key.public).digest()[:4]


def vkey(name: str, material: bytes, digits: str | None = None) -> str:
    """Return a key's text of any bytes, with the id that belongs to it."""
    own = sha256(name.encode() + b"\n" + material).digest()[:4].hex()
    return f"{name}+{digits or own}+{base64.b64encode(material).decode()}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "as name"),
        ("w", "as name"),
        ("w+12345678", "base64|type"),
        ("w+1234567G+BA==", "as name"),
        ("w+ABCDEF01+BA==", "as name"),
        (vkey("w", b"\x04" + bytes(32), "00000000"), "Expected the key id"),
        (vkey("w", b"\x01" + bytes(32)), "a log's own key"),
        (vkey("w", b"\x02" + bytes(32)), "got 02"),
        (vkey("w", b"\x04" + bytes(31)), "32 bytes"),
        (vkey("w", b"\x04" + bytes(33)), "32 bytes"),
        (vkey("", b"\x04" + bytes(32)), "key name"),
        (vkey("a b", b"\x04" + bytes(32)), "key name"),
        (vkey("w", b"\x04" + bytes(32)) + "\n", "base64"),
    ],
)
def test_what_is_no_key_of_a_witness(text: str, message: str) -> None:
    """A malformed key, one of another type or with an id that doesn't fit is refused."""
    with pytest.raises(NoteError, match=message):
        parse_cosigner(text)


def test_two_keys_of_one_id_are_refused() -> None:
    """Where name and id are the same and the keys aren't, nobody could tell whose line it is."""
    one = W1.cosigner

    class Twin(Ed25519Cosigner):
        """Another key that claims the same id."""

        @property
        def key_id(self) -> bytes:
            """The id of the first."""
            return one.key_id

    twin = Twin(W1.name, W2.cosigner.public)
    assert verify_cosignatures(parse_note(NOTE), [one, one]) == {}
    with pytest.raises(NoteError, match="different ids"):
        verify_cosignatures(parse_note(NOTE), [one, twin])


def test_types_that_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ML-DSA in OpenSSL a key of type 06 is of an unknown type, and its lines are ignored."""
    pq = MlDsaSigner.generate("w.example/pq").verifier.vkey
    assert all(map(is_offered, (pq, W1.cosigner.vkey, "nonsense")))
    monkeypatch.setattr(cosignature, "offers_ml_dsa", lambda: False)
    monkeypatch.setattr(cosignature, "COSIGNERS", vars(cosignature)["_cosigners"]())
    assert [is_offered(one) for one in (pq, W1.cosigner.vkey, "nonsense")] == [False, True, True]
    with pytest.raises(NoteError, match="type 04, got 06"):
        parse_cosigner(pq)
