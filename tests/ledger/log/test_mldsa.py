"""ML-DSA-44 lines: exactly the cosignature that C2SP describes, and ignored by who doesn't know it."""

import base64
from hashlib import sha256
from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.errors import NoteError, StoreError
from ledger.log import mldsa
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.cosignature import parse_cosigner, verify_cosignatures
from ledger.log.mldsa import (
    MlDsaCosigner,
    MlDsaSigner,
    MlDsaVerifier,
    cosigned_message,
    offers_ml_dsa,
)
from ledger.log.note import Signature, Signer, parse_note

NAME = "ledger.example/log/acme"
SECONDS = 1_800_000_000
SIGNER = MlDsaSigner(NAME, MLDSA44PrivateKey.from_seed_bytes(bytes(32)), lambda: SECONDS)
HEAD = Checkpoint(NAME, 300, bytes(range(32)))


def test_the_signed_message() -> None:
    """Label, names with their lengths, time, range and root stand in their places."""
    message = cosigned_message("w.example/1", SECONDS, HEAD.text())
    assert message == (
        b"subtree/v1\n\0\x0bw.example/1"
        + bytes.fromhex("000000006b49d200")
        + b"\x17"
        + NAME.encode()
        + bytes(8)
        + bytes.fromhex("000000000000012c")
        + bytes(range(32))
    )


def test_a_line_of_its_own() -> None:
    """The line has the key id of type 06, the time, and a signature of FIPS 204 over the message."""
    ed25519 = Signer.from_seed(NAME, bytes(32))
    note = sign_checkpoint(HEAD, [ed25519, SIGNER])
    for key in (ed25519.verifier, SIGNER.verifier):
        assert open_checkpoint(note, NAME, [key]) == HEAD
    line = parse_note(note).signatures[1]
    public = SIGNER.private_key.public_key()
    raw = public.public_bytes_raw()
    assert line.key_id == sha256(NAME.encode() + b"\n\x06" + raw).digest()[:4]
    assert line.signature[:8] == SECONDS.to_bytes(8, "big")
    assert len(line.signature) == 8 + 2420
    public.verify(line.signature[8:], cosigned_message(NAME, SECONDS, HEAD.text()))
    assert "private" not in repr(SIGNER)
    assert MlDsaSigner.generate(NAME).verifier != SIGNER.verifier


@pytest.mark.parametrize("place", [0, 7, 8, 2427])
def test_a_changed_cosignature(place: int) -> None:
    """Neither the time nor the signature can be changed, nor what it is over."""
    good = SIGNER.sign(HEAD.text()).signature
    bad = bytearray(good)
    bad[place] ^= 1
    for text, signature in (
        (HEAD.text(), bytes(bad)),
        (Checkpoint(NAME, 301, HEAD.root).text(), good),
        (Checkpoint("other", 300, HEAD.root).text(), good),
    ):
        with pytest.raises(NoteError, match="does not hold"):
            SIGNER.verifier.verify(text, signature)


@pytest.mark.parametrize(
    "signature",
    [b"", bytes(2428 - 1), bytes(2428 + 1), b"\x80" + bytes(2427)],
)
def test_a_malformed_cosignature(signature: bytes) -> None:
    """Other lengths and times from 2^63 on are refused."""
    with pytest.raises(NoteError, match="begin with a time"):
        SIGNER.verifier.verify(HEAD.text(), signature)


@pytest.mark.parametrize(
    "text",
    [
        "text\n",
        Checkpoint(NAME, 1, bytes(32), ("more",)).text(),
        Checkpoint("x" * 256, 1, bytes(32)).text(),
    ],
)
def test_texts_that_it_does_not_sign(text: str) -> None:
    """It signs checkpoints only: without extensions, which it wouldn't cover, and with short names."""
    with pytest.raises(NoteError):
        SIGNER.sign(text)
    with pytest.raises(NoteError):
        SIGNER.verifier.verify(text, SIGNER.sign(HEAD.text()).signature)


def vkey(name: str = NAME, digits: str | None = None, raw: bytes | None = None) -> str:
    """Return a text form, spoiled as asked."""
    raw = b"\x06" + SIGNER.verifier.public if raw is None else raw
    digits = SIGNER.verifier.key_id.hex() if digits is None else digits
    return f"{name}+{digits}+{base64.b64encode(raw).decode()}"


def test_keys_in_their_text_form() -> None:
    """A key comes back from its text; other types, lengths and ids are refused."""
    assert SIGNER.verifier.vkey == vkey()
    assert MlDsaVerifier.from_vkey(vkey()) == SIGNER.verifier
    for text in (
        vkey("other"),
        vkey(digits="00000000"),
        vkey(raw=b"\x06"),
        vkey(raw=b""),
        vkey(raw=b"\x01" + SIGNER.verifier.public),
        vkey(raw=b"\x06" + SIGNER.verifier.public[1:]),
    ):
        with pytest.raises(NoteError):
            MlDsaVerifier.from_vkey(text)
    with pytest.raises(NoteError, match="key name"):
        MlDsaSigner("a b", SIGNER.private_key)


def test_a_line_of_another_key_is_ignored() -> None:
    """A line under the same name with another id says nothing to us, however broken."""
    ed25519 = Signer.from_seed(NAME, bytes(32))
    note = sign_checkpoint(HEAD, [ed25519]) + Signature(NAME, b"abcd", b"x").line()
    assert open_checkpoint(note, NAME, [ed25519.verifier]) == HEAD


def test_an_old_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine has no ML-DSA, making and checking say so in one sentence."""

    class Unsupported:
        """What an old OpenSSL offers."""

        def __getattr__(self, name: str) -> Any:
            raise UnsupportedAlgorithm("too old")

    signature = SIGNER.sign(HEAD.text()).signature
    verifier = SIGNER.verifier
    monkeypatch.setattr("ledger.log.mldsa.MLDSA44PrivateKey", Unsupported())
    monkeypatch.setattr("ledger.log.mldsa.MLDSA44PublicKey", Unsupported())
    with pytest.raises(StoreError, match="too old for ML-DSA-44"):
        MlDsaSigner.generate(NAME)
    with pytest.raises(StoreError, match="too old for ML-DSA-44"):
        verifier.verify(HEAD.text(), signature)


def test_a_witness_with_such_a_key() -> None:
    """A witness's line of type 06 holds, over extension lines as well, and tells its time."""
    witness = MlDsaSigner("w.example/pq", SIGNER.private_key, lambda: 7)
    key = parse_cosigner(witness.verifier.vkey)
    assert key == MlDsaCosigner(witness.name, witness.verifier.public)
    assert (key.vkey, key.key_id) == (witness.verifier.vkey, witness.verifier.key_id)
    note = sign_checkpoint(HEAD, [Signer.from_seed(NAME, bytes(32)), witness])
    [(time, line)] = verify_cosignatures(parse_note(note), [key]).values()
    assert (time, line.name) == (7, witness.name)
    for changed in (note.replace("\n300\n", "\n301\n"), note.replace(NAME, NAME + "x")):
        with pytest.raises(NoteError, match="does not hold"):
            verify_cosignatures(parse_note(changed), [key])
    extended = HEAD.text() + "an extension\n"
    assert key.verify(extended, witness.sign(HEAD.text()).signature) == 7
    with pytest.raises(NoteError, match="no extension lines"):
        witness.verifier.verify(extended, witness.sign(HEAD.text()).signature)
    unsaid = MlDsaSigner("w.example/pq", SIGNER.private_key, lambda: 0)
    assert key.verify(HEAD.text(), unsaid.sign(HEAD.text()).signature) == 0
    for signature in (bytes(72), b"\x80" + unsaid.sign(HEAD.text()).signature[1:]):
        with pytest.raises(NoteError, match="below 2"):
            key.verify(HEAD.text(), signature)


def test_what_no_witness_is_named() -> None:
    """A name that doesn't fit into the signed message, or a key of another length, is no witness's."""
    with pytest.raises(NoteError, match="at most 255 bytes"):
        MlDsaCosigner("w" * 256, SIGNER.verifier.public)
    with pytest.raises(NoteError, match="1312 bytes"):
        MlDsaCosigner("w", bytes(32))


def test_an_old_openssl_offers_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked of the library, not guessed from its version."""
    assert offers_ml_dsa()

    class Old:
        """A public key of a library without ML-DSA."""

        @staticmethod
        def from_public_bytes(_raw: bytes) -> None:
            """Refuse."""
            raise UnsupportedAlgorithm("too old")

    monkeypatch.setattr(mldsa, "MLDSA44PublicKey", Old)
    assert not offers_ml_dsa()
