"""SM3 and SM2 beside: a companion of a checkpoint, for those who have to use these algorithms.

The log, its checkpoint and its proofs stay what they are. The companion is a signed note of its own
with the shape of a checkpoint, so that no C2SP reader is troubled by it:

    <origin>/sm3
    <size>
    <SM3 root, base64>
    sha256 <root of the checkpoint of this size, base64>

The rules:

* the SM3 root is that of RFC 6962 section 2.1 with SM3 (GB/T 32905) in place of SHA-256, over the
  same entries' bytes;
* the log's Ed25519 keys sign the companion, so whoever pinned these can rely on the SM3 root; and
  an SM2 key does (GB/T 32918.2, the curve of GB/T 32918.5), whose signature covers both roots;
* an SM2 line is a signature of type 0xff and this module's own identifier; C2SP assigned it none;
* SM2 is computed by the package gmalg, an extra (``suyuan[sm]``). It is plain Python: about
  13 ms a signature, and not safe against who can measure these on the same machine.

https://c2sp.org/signed-note, GM/T 0009 (default user id)
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final, Self

from cryptography.hazmat.primitives.hashes import SM3, Hash

from ledger.errors import NoteError, StoreError, shown
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.keyring import KeyRing
from ledger.log.merkle import HASH_SIZE
from ledger.log.note import (
    ED25519,
    NoteSigner,
    Signature,
    check_name,
    key_id,
    parse_note,
    parse_vkey_parts,
    sign_note,
    strict_base64,
    verify_note,
)

__all__ = ["Companion", "DualRange", "Sm2Signer", "Sm2Verifier", "open_companion", "sm3"]

SM2_SM3: Final = b"\xffsuyuan/sm2-sm3/1\n"
"""Signature type: the byte for types without one, and an identifier unlikely to collide."""

_POINT_SIZE: Final = 64  # bytes of x and y
_SIGNATURE_SIZE: Final = 64  # r and s
_USER: Final = b"1234567812345678"  # GM/T 0009, section 10
_ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
"""Of the base point, GB/T 32918.5; a private key is below it by more than one."""
_SUFFIX: Final = "/sm3"
_ROOT: Final = "sha256 "


def sm3(data: bytes) -> bytes:
    """SM3 of some bytes, per GB/T 32905; 32 bytes."""
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


_HASHES: Final[tuple[Callable[[bytes], bytes], ...]] = (_sha256, sm3)


@dataclass(slots=True)
class DualRange:
    """A growing tree in both hashes, of which the roots of complete subtrees are kept."""

    size: int = 0
    nodes: tuple[list[bytes], list[bytes]] = field(default_factory=lambda: ([], []))
    """With SHA-256 and with SM3; one root per 1 bit of `size`, the largest subtree first."""

    def append(self, raw: bytes) -> None:
        """Add an entry's bytes."""
        for digest, nodes in zip(_HASHES, self.nodes, strict=True):
            leaf, size = digest(b"\0" + raw), self.size
            while size & 1:
                leaf = digest(b"\1" + nodes.pop() + leaf)
                size >>= 1
            nodes.append(leaf)
        self.size += 1

    def roots(self) -> tuple[bytes, bytes]:
        """Return the root in SHA-256 and in SM3 of a tree that is not empty."""
        found = []
        for digest, (*others, node) in zip(_HASHES, self.nodes, strict=True):
            for left in reversed(others):
                node = digest(b"\1" + left + node)  # noqa: PLW2901
            found.append(node)
        return found[0], found[1]


@dataclass(frozen=True, slots=True)
class Companion:
    """What a companion says."""

    origin: str
    """The log."""
    size: int
    sm3_root: bytes
    root: bytes
    """In SHA-256, as the checkpoint of this size has it."""

    def sign(self, signers: list[NoteSigner]) -> str:
        """Return the signed note."""
        sm3_root, root = (base64.b64encode(one).decode() for one in (self.sm3_root, self.root))
        text = f"{self.origin}{_SUFFIX}\n{self.size}\n{sm3_root}\n{_ROOT}{root}\n"
        return sign_note(text, signers)


def open_companion(note: str | bytes, ring: KeyRing, sm2: "Sm2Verifier | None" = None) -> Companion:
    """Verify a companion with the log's pinned keys, and with its SM2 key where that is known.

    Raises:
        NoteError: malformed, of another log, or not signed by each of them.
        StoreError: there is an SM2 key, and nothing here to check it with.
    """
    parsed = parse_note(note)
    found = parse_checkpoint(parsed.text)
    if found.origin != ring.name + _SUFFIX:
        raise NoteError(f"Expected a companion of {ring.name}, got one of {shown(found.origin)}.")
    # An ML-DSA-44 key can't sign a text with a line more than a checkpoint has.
    ed25519 = KeyRing(tuple(one for one in ring.ranges if one.key.kind == ED25519))
    ed25519.verify(parsed, found.size)
    if sm2 is not None:
        verify_note(parsed, [sm2])
    [line] = found.extensions if len(found.extensions) == 1 else [""]
    root = strict_base64(line.removeprefix(_ROOT), "the SHA-256 root")
    if not line.startswith(_ROOT) or len(root) != HASH_SIZE:
        raise NoteError(f"Expected one line with the SHA-256 root, got {shown(found.extensions)}.")
    return Companion(ring.name, found.size, found.root, root)


def _gmalg() -> Any:
    try:
        return import_module("gmalg")
    except ImportError:
        raise StoreError(
            "SM2 needs the package gmalg, which is not installed.",
            "Install it with: pip install 'suyuan[sm]'.",
        ) from None


def _padded(number: bytes) -> bytes:
    # gmalg drops leading zero bytes, which one number in 256 has.
    return number.rjust(HASH_SIZE, b"\0")


@dataclass(frozen=True, slots=True)
class Sm2Verifier:
    """A public SM2 key, under its log's name."""

    name: str
    public: bytes
    """x and y, 32 bytes each."""

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != _POINT_SIZE:
            raise NoteError(f"Expected a key of {_POINT_SIZE} bytes, got {len(self.public)}.")

    @classmethod
    def from_vkey(cls, text: str) -> Self:
        """Parse the text form.

        Raises:
            NoteError: malformed, of another type, or the digits do not fit the key.
        """
        name, digits, key = parse_vkey_parts(text)
        if not key.startswith(SM2_SM3):
            raise NoteError(f"Expected an SM2 key, got {shown(text)}.")
        verifier = cls(name, key.removeprefix(SM2_SM3))
        if verifier.key_id.hex() != digits:
            raise NoteError(f"Expected the key id {verifier.key_id.hex()}, got {digits}.")
        return verifier

    @property
    def kind(self) -> bytes:
        """Signature type."""
        return SM2_SM3

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || newline || type || key)."""
        return key_id(self.name, SM2_SM3, self.public)

    @property
    def vkey(self) -> str:
        """The key in its text form, the one to publish and to pin."""
        encoded = base64.b64encode(SM2_SM3 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: str, signature: bytes) -> None:
        """Check this key's signature over a note's text.

        Raises:
            NoteError: it does not hold, or the key is no point of the curve.
            StoreError: gmalg is not installed.
        """
        gmalg = _gmalg()
        holds = False
        if len(signature) == _SIGNATURE_SIZE:
            point, (r, s) = b"\4" + self.public, (signature[:32], signature[32:])
            try:
                # gmalg does not look at the point by itself.
                holds = gmalg.SM2().verify_pk(point) and gmalg.SM2(None, _USER, point).verify(
                    text.encode(), r, s
                )
            except (ValueError, ArithmeticError, gmalg.errors.GMError):
                holds = False
        if holds is not True:
            raise NoteError(
                f"Expected an SM2 signature of {self.name} over this text,"
                " got one that does not hold."
            )


@dataclass(frozen=True, slots=True)
class Sm2Signer:
    """A private SM2 key under its log's name."""

    name: str
    secret: bytes = field(repr=False)
    """32 bytes."""
    public: bytes
    """x and y, 32 bytes each."""

    @classmethod
    def from_secret(cls, name: str, secret: bytes) -> Self:
        """Return the signer of a private key.

        Raises:
            NoteError: it is none.
            StoreError: gmalg is not installed.
        """
        gmalg = _gmalg()
        if len(secret) != HASH_SIZE or not 0 < int.from_bytes(secret, "big") < _ORDER - 1:
            raise NoteError("Expected an SM2 key: 32 bytes, from 1 to the curve's order less 2.")
        return cls(name, secret, gmalg.SM2().generate_pk(secret)[1:])

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a new key.

        Raises:
            StoreError: gmalg is not installed.
        """
        return cls.from_secret(name, _padded(_gmalg().SM2().generate_keypair()[0]))

    @property
    def verifier(self) -> Sm2Verifier:
        """The public half."""
        return Sm2Verifier(self.name, self.public)

    def sign(self, text: str) -> Signature:
        """Sign a note's text."""
        signer = _gmalg().SM2(self.secret, _USER, b"\4" + self.public)
        r, s = signer.sign(text.encode())
        return Signature(self.name, self.verifier.key_id, _padded(r) + _padded(s))
