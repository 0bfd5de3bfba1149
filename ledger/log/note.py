r"""Signed notes: C2SP signed-note with Ed25519 keys (signature type 0x01).

The rules:

* a note is text that ends in a newline, an empty line, then signature lines
  ``— <key name> <base64 of key id and signature>``; the last empty line divides;
* valid UTF-8, no control character but the newline, base64 in its one proper spelling: what two
  readers could understand in two ways is refused;
* a line of an unknown key is ignored, even where name or id alone match; a line of a known key must
  verify, or the whole note is refused;
* a note that no known key signed is refused: its text means nothing.

Other kinds of keys (`ledger.log.mldsa`) fit in as a `Key` and a `NoteSigner`.

https://c2sp.org/signed-note

>>> signer = Signer.from_seed("example.org/log", bytes(32))
>>> note = parse_note(sign_note("hello\n", [signer]))
>>> [verifier.name for verifier in verify_note(note, [signer.verifier])]
['example.org/log']
"""

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ledger.errors import NoteError, shown

__all__ = [
    "ED25519",
    "Key",
    "Note",
    "NoteSigner",
    "Signature",
    "Signer",
    "Verifier",
    "check_name",
    "key_id",
    "parse_note",
    "parse_vkey_parts",
    "sign_note",
    "strict_base64",
    "verify_note",
]

ED25519: Final = b"\x01"
"""Signature type of plain Ed25519 over the note's text."""

_KEY_SIZE: Final = 32  # bytes of an Ed25519 public key, and of a private key's seed
_ID_SIZE: Final = 4  # bytes
_MAX_SIZE: Final = 1_000_000  # bytes of a whole note; post-quantum lines have about 5 kB each
_MAX_SIGNATURES: Final = 100  # the standard asks for 16 at least
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
_DASH: Final = "\u2014 "


def strict_base64(text: str, what: str) -> bytes:
    """Decode standard base64 (RFC 4648 section 4) that has its one proper spelling.

    Raises:
        NoteError: names `what` it should have been.
    """
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        value = None
    # The decoder of the standard library lets stray bits of the last character pass.
    if value is None or base64.b64encode(value).decode() != text:
        raise NoteError(f"Expected {what} in base64, got {shown(text)}.")
    return value


def check_name(name: str) -> None:
    """Refuse a name that no key may have, per signed-note "Format".

    Raises:
        NoteError: it is empty, has white space, plus signs or control characters.
    """
    if not name or "+" in name or any(map(str.isspace, name)) or _CONTROL.search(name):
        raise NoteError(f"Expected a key name without spaces and plus signs, got {shown(name)}.")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise NoteError(f"Expected a key name in valid Unicode, got {shown(name)}.") from None


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """First 4 bytes of SHA-256(name || newline || signature type || key), per signed-note."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:_ID_SIZE]


def parse_vkey_parts(text: str) -> tuple[str, str, bytes]:
    """Split ``<name>+<8 hex digits>+<base64 of type and key>`` into name, digits and bytes.

    Raises:
        NoteError: it has another shape.
    """
    name, _, rest = text.partition("+")
    digits, _, encoded = rest.partition("+")
    if not _KEY_ID.fullmatch(digits):
        raise NoteError(f"Expected a key as name+id+base64, got {shown(text)}.")
    return name, digits, strict_base64(encoded, "the key")


class Key(Protocol):
    """A public key of any kind that we trust, under its name."""

    @property
    def name(self) -> str:
        """Key name; for a log its origin."""
        ...

    @property
    def kind(self) -> bytes:
        """Signature type, one byte."""
        ...

    @property
    def key_id(self) -> bytes:
        """4 bytes; with the name it says which lines are this key's."""
        ...

    @property
    def vkey(self) -> str:
        """The key in its text form."""
        ...

    def verify(self, text: str, signature: bytes) -> None:
        """Check this key's signature over a note's text; `NoteError` when it does not hold."""
        ...


_Key = TypeVar("_Key", bound=Key)


class NoteSigner(Protocol):
    """A private key of any kind."""

    @property
    def verifier(self) -> Key:
        """The public half."""
        ...

    def sign(self, text: str) -> "Signature":
        """Sign a note's text; `NoteError` for a text that this kind of key can't sign."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    """Key name."""
    key_id: bytes
    """4 bytes; with the name it says which key signed and how."""
    signature: bytes
    """What the key made of the text; for Ed25519 64 bytes."""

    def line(self) -> str:
        """Return the line with its newline, as it stands in a note."""
        encoded = base64.b64encode(self.key_id + self.signature).decode()
        return f"{_DASH}{self.name} {encoded}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as parsed: nothing is verified yet."""

    text: str
    """What is signed, with its final newline."""
    signatures: tuple[Signature, ...]
    """At least one."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that we trust, under its name."""

    name: str
    """Key name; for a log its origin."""
    public: bytes
    """Ed25519 public key, 32 bytes (RFC 8032)."""

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != _KEY_SIZE:
            raise NoteError(f"Expected a key of {_KEY_SIZE} bytes, got {len(self.public)}.")

    @classmethod
    def from_vkey(cls, text: str) -> Self:
        """Parse ``<name>+<8 hex digits>+<base64 of type and key>``.

        Raises:
            NoteError: malformed, of another signature type, or the digits do not fit the key.
        """
        name, digits, key = parse_vkey_parts(text)
        if key[:1] != ED25519:
            raise NoteError(f"Expected a key of type 01 (Ed25519), got {key[:1].hex() or 'none'}.")
        verifier = cls(name, key[1:])
        if verifier.key_id.hex() != digits:
            raise NoteError(f"Expected the key id {verifier.key_id.hex()}, got {digits}.")
        return verifier

    @property
    def kind(self) -> bytes:
        """Signature type, one byte."""
        return ED25519

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || newline || type || key)."""
        return key_id(self.name, ED25519, self.public)

    @property
    def vkey(self) -> str:
        """The key in its text form, the one to publish and to pin."""
        encoded = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: str, signature: bytes) -> None:
        """Check this key's signature over a note's text.

        Raises:
            NoteError: it does not hold.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            raise NoteError(
                f"Expected a signature of {self.name} over this text, got one that does not hold."
            ) from None


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under its name."""

    name: str
    """Key name; for a log its origin."""
    private_key: Ed25519PrivateKey = field(repr=False)
    """Never shown, never stored by this module."""

    def __post_init__(self) -> None:
        check_name(self.name)

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """Return the signer of a 32-byte seed (RFC 8032's private key).

        Raises:
            NoteError: a seed of another length, or a name that no key may have.
        """
        if len(seed) != _KEY_SIZE:
            raise NoteError(f"Expected a seed of {_KEY_SIZE} bytes, got {len(seed)}.")
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def generate(cls, name: str, random: Callable[[int], bytes] = secrets.token_bytes) -> Self:
        """Return a new key; `random` gives so many bytes that nobody can guess."""
        return cls.from_seed(name, random(_KEY_SIZE))

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.private_key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Sign a note's text.

        Raises:
            NoteError: the text is not valid Unicode.
        """
        try:
            signature = self.private_key.sign(text.encode())
        except UnicodeEncodeError:
            raise NoteError("Expected a text in valid Unicode.") from None
        return Signature(self.name, self.verifier.key_id, signature)


def sign_note(text: str, signers: Iterable[NoteSigner]) -> str:
    """Return the note: the text and one line per signer.

    Raises:
        NoteError: no signer, or text that no note may have.
    """
    if not text.endswith("\n"):
        raise NoteError(f"Expected a text that ends in a newline, got {shown(text)}.")
    note = text + "\n" + "".join(signer.sign(text).line() for signer in signers)
    # What cannot be read back must not be signed.
    parse_note(note)
    return note


def parse_note(note: str | bytes) -> Note:
    """Parse a note strictly; `verify_note` is the next step.

    Raises:
        NoteError: says what is malformed.
    """
    try:
        raw, text = (note, note.decode()) if isinstance(note, bytes) else (note.encode(), note)
    except UnicodeError:
        raise NoteError("Expected a note in valid UTF-8.") from None
    if len(raw) > _MAX_SIZE:
        raise NoteError(f"Expected a note of at most {_MAX_SIZE} bytes, got {len(raw)}.")
    if found := _CONTROL.search(text):
        raise NoteError(f"Expected no control character in a note, got {found[0]!r}.")
    body, divider, lines = text.rpartition("\n\n")
    if not divider or not lines.endswith("\n"):
        raise NoteError("Expected a text, an empty line, and signature lines that end in newlines.")
    # Only newlines end lines; splitlines would also stop at U+2028 and others.
    signatures = tuple(map(_parse_line, lines[:-1].split("\n")))
    if len(signatures) > _MAX_SIGNATURES:
        raise NoteError(f"Expected at most {_MAX_SIGNATURES} signatures, got {len(signatures)}.")
    return Note(body + "\n", signatures)


def _parse_line(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteError(f"Expected a line of em dash, key name and signature, got {shown(line)}.")
    check_name(name)
    value = strict_base64(encoded, "a signature")
    if len(value) <= _ID_SIZE:
        raise NoteError(f"Expected a key id of 4 bytes and a signature, got {len(value)} bytes.")
    return Signature(name, value[:_ID_SIZE], value[_ID_SIZE:])


def verify_note(note: Note, verifiers: Iterable[_Key]) -> tuple[_Key, ...]:
    """Return the trusted keys that signed the note: at least one.

    Raises:
        NoteError: no trusted key signed, or a trusted key's signature does not hold.
    """
    known: dict[tuple[str, bytes], _Key] = {}
    for verifier in verifiers:
        other = known.setdefault((verifier.name, verifier.key_id), verifier)
        if other != verifier:
            raise NoteError(f"Expected keys with different ids, got two of {verifier.vkey}.")
    signed: dict[_Key, None] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            key.verify(note.text, signature.signature)
            signed[key] = None
    if not signed:
        lines = ", ".join(f"{s.name}+{s.key_id.hex()}" for s in note.signatures)
        names = {name for name, _ in known}
        hint = (
            " It has a line of another key of that name, perhaps of the one that follows ours: ask"
            " for the log's keys, and for the entry that made the change."
            if any(signature.name in names for signature in note.signatures)
            else ""
        )
        raise NoteError(f"Expected a signature of a trusted key, got only {shown(lines)}.{hint}")
    return tuple(signed)
