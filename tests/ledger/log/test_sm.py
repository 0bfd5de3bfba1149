"""SM3 and SM2: the standards' own examples, a rival that agrees, and companions that hold."""

import base64
from typing import Any

import pytest

from ledger.errors import NoteError, StoreError
from ledger.log import merkle
from ledger.log.checkpoint import open_checkpoint
from ledger.log.keyring import KeyRange, KeyRing
from ledger.log.mldsa import MlDsaSigner
from ledger.log.note import NoteSigner, Signature, Signer, sign_note
from ledger.log.sm import (
    SM2_SM3,
    Companion,
    DualRange,
    Sm2Signer,
    Sm2Verifier,
    open_companion,
    sm3,
)

gmalg = pytest.importorskip("gmalg", reason="the extra suyuan[sm] is not installed")
rival = pytest.importorskip(
    "gmssl.sm2", reason="gmssl is not installed, so nothing to compare with"
)

NAME = "ledger.example/log/acme"
LOG = Signer.from_seed(NAME, bytes(32))
# GB/T 32918.5 (the same numbers as GM/T 0003.5), A.2: private key, nonce, public key, signature.
SECRET_KEY = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
PUBLIC_KEY = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
SM2 = Sm2Signer.from_secret(NAME, SECRET_KEY)
COMPANION = Companion(NAME, 300, bytes(range(32)), bytes(32))
RING = KeyRing.of(LOG.verifier)


def test_sm3_of_the_standard() -> None:
    """GB/T 32905, A.1 and A.2."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert (
        sm3(b"abcd" * 16).hex()
        == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_sm2_of_the_standard() -> None:
    """The example's key and signature: ours verifies it, and gmalg with its nonce makes it."""
    assert SM2.public == PUBLIC_KEY
    SM2.verifier.verify("message digest", SIGNATURE)
    made = gmalg.SM2(SECRET_KEY, b"1234567812345678", b"\4" + PUBLIC_KEY, rnd_fn=lambda _: NONCE)
    assert b"".join(made.sign(b"message digest")) == SIGNATURE


def test_a_rival_agrees() -> None:
    """Another package verifies what we sign, and we what it signs."""
    other = rival.CryptSM2(private_key=SECRET_KEY.hex(), public_key=PUBLIC_KEY.hex(), asn1=False)
    text = "message digest"
    digest = bytes.fromhex(other._sm3_z(text.encode()))
    # With fixed nonces: about one in a hundred others makes gmssl drop a zero, or fail.
    made = other.sign(digest, f"{NONCE:064x}")
    assert bytes.fromhex(made) == SIGNATURE
    assert other.verify(SIGNATURE.hex(), digest)
    SM2.verifier.verify(text, bytes.fromhex(other.sign(digest, "7" * 60)))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_both_trees(size: int) -> None:
    """The SHA-256 half is the log's own tree; the SM3 half is the same with the other hash."""
    entries = [bytes([number]) * number for number in range(size)]
    grown = DualRange()
    for raw in entries:
        grown.append(raw)

    def tree(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaves[0]
        split = 1 << (len(leaves) - 1).bit_length() - 1
        return sm3(b"\1" + tree(leaves[:split]) + tree(leaves[split:]))

    assert grown.roots() == (
        merkle.root([merkle.leaf_hash(raw) for raw in entries]),
        tree([sm3(b"\0" + raw) for raw in entries]),
    )


def test_a_companion() -> None:
    """The log's key and the SM2 key sign it; each is checked, a stranger's line is ignored."""
    note = COMPANION.sign([LOG, SM2])
    assert open_companion(note, RING) == COMPANION
    assert open_companion(note, RING, SM2.verifier) == COMPANION
    assert open_companion(note + Signature("x", b"abcd", b"y").line(), RING) == COMPANION
    with pytest.raises(NoteError, match="trusted key"):
        open_companion(COMPANION.sign([LOG]), RING, SM2.verifier)
    with pytest.raises(NoteError, match="trusted key"):
        open_companion(COMPANION.sign([SM2]), RING, SM2.verifier)
    changed = note.replace("\n300\n", "\n301\n")
    with pytest.raises(NoteError, match="does not hold"):
        open_companion(changed, RING, SM2.verifier)


def test_a_companion_is_no_checkpoint() -> None:
    """Nobody who pinned the log's key takes the SM3 root for the checkpoint's."""
    with pytest.raises(NoteError, match=f"Expected a checkpoint of {NAME}, got one of"):
        open_checkpoint(COMPANION.sign([LOG]), NAME, RING)
    with pytest.raises(NoteError, match="Expected a checkpoint of"):
        open_checkpoint(COMPANION.sign([LOG]), None, RING)


def test_the_keys_ranges_hold_here_as_well() -> None:
    """A key outside its range signs no companion, and an ML-DSA key isn't asked."""
    quantum = MlDsaSigner.generate(NAME)
    ring = KeyRing((KeyRange(LOG.verifier, 0, 300), KeyRange(quantum.verifier)))
    assert open_companion(COMPANION.sign([LOG]), ring) == COMPANION
    late = Companion(NAME, 301, bytes(32), bytes(32)).sign([LOG])
    with pytest.raises(NoteError, match="outdated or stolen"):
        open_companion(late, ring)


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}\n1\n{ROOT}\nsha256 {ROOT}\n",
        f"{NAME}/sm3\n1\n{ROOT}\n",
        f"{NAME}/sm3\n1\n{ROOT}\nsha256 {ROOT}\nmore\n",
        f"{NAME}/sm3\n1\n{ROOT}\n{ROOT}\n",
        f"{NAME}/sm3\n1\n{ROOT}\nsha256 AAAA\n",
        f"{NAME}/sm3\n1\n{ROOT}\nsha256  {ROOT}\n",
        f"{NAME}/sm3\n01\n{ROOT}\nsha256 {ROOT}\n",
        f"{NAME}/sm3\n0\n{ROOT}\nsha256 {ROOT}\n",
    ],
)
def test_malformed_companions(text: str) -> None:
    """A well signed text of any other shape is refused."""
    signers: list[NoteSigner] = [LOG, SM2]
    with pytest.raises(NoteError):
        open_companion(sign_note(text, signers), RING, SM2.verifier)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        b"\xff" * 64,
        SIGNATURE[:-1],
        SIGNATURE + b"\0",
        SIGNATURE[32:] + SIGNATURE[:32],
    ],
)
def test_bad_signatures(signature: bytes) -> None:
    """Other lengths, zeros, values beyond the order and swapped halves don't hold."""
    with pytest.raises(NoteError, match="does not hold"):
        SM2.verifier.verify("message digest", signature)


def test_points_that_are_none() -> None:
    """A key off the curve verifies nothing."""
    for public in (bytes(64), b"\xff" * 64, PUBLIC_KEY[32:] + PUBLIC_KEY[:32]):
        with pytest.raises(NoteError, match="does not hold"):
            Sm2Verifier(NAME, public).verify("message digest", SIGNATURE)


def test_what_the_package_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of gmalg's own is a signature that doesn't hold."""

    def fail(*arguments: object) -> None:
        raise gmalg.errors.GMError

    monkeypatch.setattr(gmalg.SM2, "verify_pk", fail)
    with pytest.raises(NoteError, match="does not hold"):
        SM2.verifier.verify("message digest", SIGNATURE)


def vkey(name: str = NAME, digits: str | None = None, raw: bytes | None = None) -> str:
    """Return a text form, spoiled as asked."""
    raw = SM2_SM3 + PUBLIC_KEY if raw is None else raw
    digits = SM2.verifier.key_id.hex() if digits is None else digits
    return f"{name}+{digits}+{base64.b64encode(raw).decode()}"


def test_keys_in_their_text_form() -> None:
    """A key comes back from its text; other types, lengths, ids and secrets are refused."""
    assert Sm2Verifier.from_vkey(vkey()) == SM2.verifier
    assert SM2.verifier.vkey == vkey()
    assert SM2.verifier.kind[:1] == b"\xff"
    for text in (
        vkey("other"),
        vkey(digits="00000000"),
        vkey(raw=b"\xff" + PUBLIC_KEY),
        vkey(raw=SM2_SM3 + PUBLIC_KEY[1:]),
    ):
        with pytest.raises(NoteError):
            Sm2Verifier.from_vkey(text)
    for secret in (bytes(32), b"\xff" * 32, b"\1" * 31):
        with pytest.raises(NoteError, match="Expected an SM2 key"):
            Sm2Signer.from_secret(NAME, secret)
    made = Sm2Signer.generate(NAME)
    made.verifier.verify("text\n", made.sign("text\n").signature)
    assert "secret" not in repr(made)


def test_numbers_that_begin_with_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that is shorter than 32 bytes takes 32 all the same."""
    monkeypatch.setattr(gmalg.SM2, "sign", lambda *_: (b"\1", b"\2"))
    monkeypatch.setattr(gmalg.SM2, "generate_keypair", lambda _: (b"\3", b""))
    made = Sm2Signer.generate(NAME)
    assert made.secret == bytes(31) + b"\3"
    assert made.sign("text\n").signature == bytes(31) + b"\1" + bytes(31) + b"\2"


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra isn't installed, one sentence says how to get it; the log's keys still check."""
    note = COMPANION.sign([LOG, SM2])

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("ledger.log.sm.import_module", missing)
    with pytest.raises(StoreError, match="suyuan\\[sm\\]"):
        open_companion(note, RING, SM2.verifier)
    with pytest.raises(StoreError, match="gmalg"):
        Sm2Signer.generate(NAME)
    assert open_companion(note, RING) == COMPANION
