r"""Cosignatures: C2SP tlog-cosignature, what a witness says about a log's checkpoint.

The rules:

* a cosignature is one more signature line below a checkpoint; its key id is made with the
  signature type 0x04, so that the log's own lines and those of witnesses are never confused;
* it begins with a time, 8 bytes in big-endian order, seconds since 1970 UTC, below 2^63;
* what is signed is ``cosignature/v1``, ``time <decimal>`` and the checkpoint's whole text: "at this
  time this was the largest tree of this log that I have seen, and it contains all before it";
* the signature type 0x06 says the same with ML-DSA-44 over a message of its own (`MlDsaCosigner`);
  where OpenSSL is too old for it, its lines are those of an unknown key;
* as everywhere in signed notes, a line of an unknown key is ignored, and a line of a known key must
  verify or the whole note is refused.

A further type of cosignature is one more row of `COSIGNERS`.

https://c2sp.org/tlog-cosignature

>>> parse_cosigner("witness.example/w1+cbe3332b+BKmdr3hQaFU8Cud1aHI0jNBTc5Qk9w55bDsJfS/CtmgD").name
'witness.example/w1'
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from ledger.errors import NoteError, shown
from ledger.log.mldsa import ML_DSA_44, MlDsaCosigner, offers_ml_dsa
from ledger.log.note import Note, Signature, Verifier, parse_vkey_parts, strict_base64

__all__ = [
    "COSIGNERS",
    "Cosigner",
    "Ed25519Cosigner",
    "is_offered",
    "parse_cosigner",
    "split_timestamp",
    "verify_cosignatures",
]

ED25519_COSIGNATURE: Final = b"\x04"
"""Signature type of a timestamped Ed25519 cosignature."""

_ID_SIZE: Final = 4  # bytes of a key id
_TIME_SIZE: Final = 8  # bytes, big-endian
_TIME_LIMIT: Final = 2**63
_SIGNATURE_SIZE: Final = 64  # bytes of Ed25519 (RFC 8032)
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")


class Cosigner(Protocol):
    """A witness's public key that we trust; two are equal when name, type and key are."""

    @property
    def name(self) -> str:
        """Key name of the witness."""
        ...

    @property
    def public(self) -> bytes:
        """The public key itself, without its type."""
        ...

    @property
    def key_id(self) -> bytes:
        """4 bytes; with the name they say whose line it is."""
        ...

    @property
    def vkey(self) -> str:
        """The key in its text form."""
        ...

    def verify(self, text: str, signature: bytes) -> int:
        """Return the time that a cosignature of a checkpoint's text says, in seconds since 1970.

        Raises:
            NoteError: It does not hold.
        """
        ...


def split_timestamp(signature: bytes, size: int, name: str) -> tuple[int, bytes]:
    """Part a ``timestamped_signature`` into its time and the signature of `size` bytes.

    Raises:
        NoteError: another length, or a time of 2^63 or more.
    """
    if len(signature) != _TIME_SIZE + size:
        raise NoteError(
            f"Expected a cosignature of {_TIME_SIZE + size} bytes of {name}, got {len(signature)}."
        )
    time = int.from_bytes(signature[:_TIME_SIZE], "big")
    if time >= _TIME_LIMIT:
        raise NoteError(f"Expected a time below 2^63 in the cosignature of {name}, got {time}.")
    return time, signature[_TIME_SIZE:]


@dataclass(frozen=True, slots=True)
class Ed25519Cosigner:
    """A witness's Ed25519 key, per tlog-cosignature "Ed25519 signed message"."""

    name: str
    """Key name; should be an address without a scheme, and is not read as one."""
    public: bytes
    """Ed25519 public key, 32 bytes (RFC 8032)."""

    def __post_init__(self) -> None:
        self._key()

    def _key(self) -> Verifier:
        """Return the bare key, whose checks of name and length are those of every key."""
        return Verifier(self.name, self.public)

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || newline || 0x04 || key)."""
        material = self.name.encode() + b"\n" + ED25519_COSIGNATURE + self.public
        return sha256(material).digest()[:_ID_SIZE]

    @property
    def vkey(self) -> str:
        """The key in its text form, the one to put into a policy."""
        encoded = base64.b64encode(ED25519_COSIGNATURE + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: str, signature: bytes) -> int:
        """Return the time that a cosignature of a checkpoint's text says, in seconds since 1970.

        Raises:
            NoteError: It does not hold.
        """
        time, bare = split_timestamp(signature, _SIGNATURE_SIZE, self.name)
        self._key().verify(f"cosignature/v1\ntime {time}\n{text}", bare)
        return time


def _cosigners() -> Mapping[bytes, Callable[[str, bytes], Cosigner]]:
    made: dict[bytes, Callable[[str, bytes], Cosigner]] = {ED25519_COSIGNATURE: Ed25519Cosigner}
    if offers_ml_dsa():
        made[ML_DSA_44] = MlDsaCosigner
    return made


COSIGNERS: Mapping[bytes, Callable[[str, bytes], Cosigner]] = _cosigners()
"""How the key of each signature type is made from a name and the public key's bytes."""


def is_offered(vkey: str) -> bool:
    """Tell whether a witness's key is of no type that this machine alone can't check."""
    try:
        _name, _digits, key = parse_vkey_parts(vkey)
    except NoteError:
        return True  # what it is, `parse_cosigner` says
    return key[:1] != ML_DSA_44 or ML_DSA_44 in COSIGNERS


def parse_cosigner(vkey: str) -> Cosigner:
    """Parse a witness's ``<name>+<8 hex digits>+<base64 of type and key>``.

    Raises:
        NoteError: malformed, of a type that is no cosignature or is not known here, or the digits
            do not fit the key.
    """
    name, _, rest = vkey.partition("+")
    digits, _, encoded = rest.partition("+")
    if not _KEY_ID.fullmatch(digits):
        raise NoteError(f"Expected a witness's key as name+id+base64, got {shown(vkey)}.")
    key = strict_base64(encoded, "a witness's key")
    make = COSIGNERS.get(key[:1])
    if make is None:
        known = " or ".join(sorted(kind.hex() for kind in COSIGNERS))
        raise NoteError(
            f"Expected a witness's key of type {known}, got {key[:1].hex() or 'none'}; a log's own"
            " key (type 01) makes no cosignatures, and ML-DSA-44 (type 06) needs OpenSSL 3.5."
        )
    cosigner = make(name, key[1:])
    if cosigner.key_id.hex() != digits:
        raise NoteError(f"Expected the key id {cosigner.key_id.hex()}, got {digits}.")
    return cosigner


def verify_cosignatures(
    note: Note, cosigners: Iterable[Cosigner]
) -> dict[Cosigner, tuple[int, Signature]]:
    """Return what each of the trusted witnesses that cosigned says: its time and its line.

    None may have; a quorum is `ledger.log.policy`. Of two lines of a witness the later time counts.

    Raises:
        NoteError: a line of a trusted witness does not hold.
    """
    known: dict[tuple[str, bytes], Cosigner] = {}
    for cosigner in cosigners:
        other = known.setdefault((cosigner.name, cosigner.key_id), cosigner)
        if other != cosigner:
            raise NoteError(f"Expected keys with different ids, got two of {cosigner.vkey}.")
    found: dict[Cosigner, tuple[int, Signature]] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            time = key.verify(note.text, signature.signature)
            if key not in found or found[key][0] < time:
                found[key] = time, signature
    return found
