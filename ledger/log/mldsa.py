"""ML-DSA-44 keys: lines of witnesses, and a log's second one, that no quantum computer can forge.

C2SP knows ML-DSA-44 as the cosignature type 0x06 alone, so a log cosigns its own checkpoints, under
its own name. The rules:

* the signature is ``timestamp (8 bytes, big-endian) || 2420 bytes``; the time is in seconds since
  1970 and below 2^63;
* signed is not the note's text but a `cosigned_message`: label, cosigner's name, time, origin,
  start 0, size, root. Extension lines are not covered: a log's own key refuses a text that has any,
  and of a witness it is known that it says nothing about them;
* a witness's time may be zero: then it has found the tree consistent, and says nothing of when;
* whoever does not know the key ignores the line (signed-note), so Ed25519 readers see no change.

OpenSSL has ML-DSA from 3.5 on; with an older one these keys can be neither made nor checked.

https://c2sp.org/tlog-cosignature, FIPS 204
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger.errors import NoteError, StoreError
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.note import Signature, check_name, key_id, parse_vkey_parts

__all__ = [
    "ML_DSA_44",
    "MlDsaCosigner",
    "MlDsaSigner",
    "MlDsaVerifier",
    "cosigned_message",
    "offers_ml_dsa",
]

ML_DSA_44: Final = b"\x06"
"""Signature type of timestamped ML-DSA-44 (sub)tree cosignatures."""

_LABEL: Final = b"subtree/v1\n\0"
_KEY_SIZE: Final = 1312  # bytes of a public key
_SIGNATURE_SIZE: Final = 2420
_TIME_SIZE: Final = 8
_TIME_LIMIT: Final = 2**63
_NAME_SIZE: Final = 255  # bytes; the length stands in one byte


def offers_ml_dsa() -> bool:
    """Tell whether this machine can check ML-DSA-44."""
    try:
        MLDSA44PublicKey.from_public_bytes(bytes(_KEY_SIZE))
    except UnsupportedAlgorithm:
        return False
    return True


def cosigned_message(name: str, seconds: int, text: str, *, extended: bool = False) -> bytes:
    """Return what is signed for a checkpoint's text, per tlog-cosignature "ML-DSA-44".

    Args:
        name: Who signs.
        seconds: Since 1970 UTC.
        text: The checkpoint's.
        extended: Whether it may have extension lines, which the message leaves out.

    Raises:
        NoteError: the text is no checkpoint, has extension lines, or a name is too long.
    """
    checkpoint = parse_checkpoint(text)
    if checkpoint.extensions and not extended:
        raise NoteError("Expected no extension lines: an ML-DSA-44 line does not cover them.")
    names = name.encode(), checkpoint.origin.encode()
    if any(len(one) > _NAME_SIZE for one in names):
        raise NoteError(f"Expected names of at most {_NAME_SIZE} bytes beside ML-DSA-44.")
    cosigner, origin = (len(one).to_bytes(1, "big") + one for one in names)
    start, end = (number.to_bytes(8, "big") for number in (0, checkpoint.size))
    return (
        _LABEL
        + cosigner
        + seconds.to_bytes(_TIME_SIZE, "big")
        + origin
        + start
        + end
        + checkpoint.root
    )


def _unsupported() -> StoreError:
    return StoreError(
        "The OpenSSL here is too old for ML-DSA-44 keys.",
        "Install a newer 'cryptography' (its wheels bring OpenSSL 3.5), or use another machine.",
    )


@dataclass(frozen=True, slots=True)
class MlDsaVerifier:
    """A public ML-DSA-44 key that we trust, under its name."""

    name: str
    """Key name; for a log its origin."""
    public: bytes
    """1312 bytes (FIPS 204)."""

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != _KEY_SIZE:
            raise NoteError(f"Expected a key of {_KEY_SIZE} bytes, got {len(self.public)}.")

    @classmethod
    def from_vkey(cls, text: str) -> Self:
        """Parse the text form of a key of type 0x06.

        Raises:
            NoteError: malformed, of another signature type, or the digits do not fit the key.
        """
        name, digits, key = parse_vkey_parts(text)
        if key[:1] != ML_DSA_44:
            raise NoteError(
                f"Expected a key of type 06 (ML-DSA-44), got {key[:1].hex() or 'none'}."
            )
        verifier = cls(name, key[1:])
        if verifier.key_id.hex() != digits:
            raise NoteError(f"Expected the key id {verifier.key_id.hex()}, got {digits}.")
        return verifier

    @property
    def kind(self) -> bytes:
        """Signature type, one byte."""
        return ML_DSA_44

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || newline || 0x06 || key)."""
        return key_id(self.name, ML_DSA_44, self.public)

    @property
    def vkey(self) -> str:
        """The key in its text form, the one to publish and to pin."""
        encoded = base64.b64encode(ML_DSA_44 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: str, signature: bytes) -> None:
        """Check this key's cosignature over a checkpoint's text.

        Raises:
            NoteError: it does not hold, or the text is no checkpoint without extensions.
            StoreError: this machine can't check ML-DSA-44.
        """
        self.time_of(text, signature)

    def time_of(self, text: str, signature: bytes, *, extended: bool = False) -> int:
        """Check a cosignature over a checkpoint's text; return its time, in seconds since 1970.

        Raises:
            NoteError: it does not hold, or the text is none that it can be over.
            StoreError: this machine can't check ML-DSA-44.
        """
        seconds = int.from_bytes(signature[:_TIME_SIZE], "big")
        if len(signature) != _TIME_SIZE + _SIGNATURE_SIZE or seconds >= _TIME_LIMIT:
            raise NoteError(
                f"Expected {_TIME_SIZE + _SIGNATURE_SIZE} bytes that begin with a time below 2^63,"
                f" got {len(signature)} bytes."
            )
        message = cosigned_message(self.name, seconds, text, extended=extended)
        try:
            public = MLDSA44PublicKey.from_public_bytes(self.public)
            public.verify(signature[_TIME_SIZE:], message)
        except UnsupportedAlgorithm:
            raise _unsupported() from None
        except (InvalidSignature, ValueError):
            raise NoteError(
                f"Expected a cosignature of {self.name} over this checkpoint,"
                " got one that does not hold."
            ) from None
        return seconds


@dataclass(frozen=True, slots=True)
class MlDsaCosigner:
    """A witness's ML-DSA-44 key."""

    name: str
    """Key name, at most 255 bytes."""
    public: bytes
    """1312 bytes (FIPS 204)."""

    def __post_init__(self) -> None:
        self._key()
        if len(self.name.encode()) > _NAME_SIZE:
            raise NoteError(f"Expected a name of at most {_NAME_SIZE} bytes beside ML-DSA-44.")

    def _key(self) -> MlDsaVerifier:
        """Return the bare key, whose checks of name and length are those of every key."""
        return MlDsaVerifier(self.name, self.public)

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || newline || 0x06 || key)."""
        return self._key().key_id

    @property
    def vkey(self) -> str:
        """The key in its text form, the one to put into a policy."""
        return self._key().vkey

    def verify(self, text: str, signature: bytes) -> int:
        """Return the time that a cosignature of a checkpoint's text says, in seconds since 1970.

        Raises:
            NoteError: It does not hold.
        """
        return self._key().time_of(text, signature, extended=True)


def _seconds() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True)
class MlDsaSigner:
    """A private ML-DSA-44 key under its name."""

    name: str
    """Key name; for a log its origin."""
    private_key: MLDSA44PrivateKey = field(repr=False)
    """Never shown, never stored by this module."""
    now: Callable[[], int] = field(default=_seconds, repr=False)
    """The clock, in seconds since 1970 UTC."""

    def __post_init__(self) -> None:
        check_name(self.name)

    @classmethod
    def generate(cls, name: str, now: Callable[[], int] = _seconds) -> Self:
        """Return a new key.

        Raises:
            StoreError: this machine can't make one.
        """
        try:
            return cls(name, MLDSA44PrivateKey.generate(), now)
        except UnsupportedAlgorithm:
            raise _unsupported() from None

    @property
    def verifier(self) -> MlDsaVerifier:
        """The public half."""
        return MlDsaVerifier(self.name, self.private_key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Cosign a checkpoint's text.

        Raises:
            NoteError: the text is no checkpoint without extension lines.
        """
        seconds = self.now()
        made = self.private_key.sign(cosigned_message(self.name, seconds, text))
        stamped = seconds.to_bytes(_TIME_SIZE, "big") + made
        return Signature(self.name, self.verifier.key_id, stamped)
