"""Encryption of backups: the age format, version 1, with a passphrase.

The rules:

* whatever is read was encrypted with the passphrase, in this order, and to its end: chunks that
  were changed, swapped, repeated or cut off are refused, and what stands behind the end as well;
* a chunk leaves the reader only after it was authenticated; that all of them were is known at the
  end alone, so a caller acts on nothing before;
* a header may ask for a work factor of at most `MAX_WORK_FACTOR`, lest a file take all memory;
* memory is that of two chunks, and while the key is made that of scrypt: 256 MiB at 2^18.

The standard program `age` opens what is written here, and what it writes is opened here. Ciphers
and hashes are those of the package `cryptography`; they are put together as the standard says.

https://c2sp.org/age
"""

from __future__ import annotations

import base64
import io
import re
import secrets
from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

__all__ = ["MAGIC", "MAX_WORK_FACTOR", "WORK_FACTOR", "AgeReader", "AgeWriter"]

MAGIC: Final = b"age-encryption.org/v1\n"
"""What an age file begins with."""
WORK_FACTOR: Final = 18
"""Binary logarithm of scrypt's N: about a second, and 256 MiB, for each guess."""
MAX_WORK_FACTOR: Final = 20
"""The largest that is read: 1 GiB of memory."""

_CHUNK: Final = 64 * 1024  # bytes of a chunk before its tag
_TAG: Final = 16  # bytes of Poly1305
_LABEL: Final = b"age-encryption.org/v1/scrypt"
_STANZA: Final = re.compile(
    rb"-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n([A-Za-z0-9+/]{43})\n---"
)
_MAX_LINE: Final = 128  # bytes; the longest line of a header with one passphrase has 64
_LINES: Final = 3  # after the magic: stanza, its body, MAC


def _encode(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def _decode(text: bytes, size: int) -> bytes:
    """Unpadded base64 in its one spelling, per RFC 4648 section 3.5."""
    raw = base64.b64decode(text + b"=" * (-len(text) % 4))
    if len(raw) != size or _encode(raw) != text:
        raise BackupError("The backup's header is damaged: its base64 is not canonical.")
    return raw


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(key)


def _wrap_key(passphrase: str, salt: bytes, factor: int) -> bytes:
    return Scrypt(_LABEL + salt, 32, 1 << factor, 8, 1).derive(passphrase.encode())


def _mac(file_key: bytes, header: bytes) -> HMAC:
    mac = HMAC(_derived(file_key, b"", b"header"), SHA256())
    mac.update(header)
    return mac


def _nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + bytes([last])


class AgeWriter:
    """Encrypts what is written to it; `finish` writes the last chunk, and leaves `stream` open."""

    def __init__(
        self,
        stream: BinaryIO,
        passphrase: str,
        *,
        work_factor: int = WORK_FACTOR,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Write the header to `stream`."""
        file_key, salt, nonce = random(16), random(16), random(16)
        wrapped = ChaCha20Poly1305(_wrap_key(passphrase, salt, work_factor)).encrypt(
            bytes(12), file_key, None
        )
        header = MAGIC + b"-> scrypt %s %d\n%s\n---" % (
            _encode(salt),
            work_factor,
            _encode(wrapped),
        )
        stream.write(header + b" " + _encode(_mac(file_key, header).finalize()) + b"\n" + nonce)
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._stream = stream
        self._waiting = bytearray()
        self._counter = 0

    def write(self, data: Buffer, /) -> int:
        """Take bytes in; a chunk of them is written once another byte follows it."""
        self._waiting += data
        # A full chunk waits until something stands behind it: it may be the last one.
        while len(self._waiting) > _CHUNK:
            self._put(bytes(self._waiting[:_CHUNK]), last=False)
            del self._waiting[:_CHUNK]
        return memoryview(data).nbytes

    def finish(self) -> None:
        """Write the last chunk; without it no reader accepts the file."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._stream.write(self._cipher.encrypt(_nonce(self._counter, last=last), chunk, None))
        self._counter += 1


class AgeReader(io.RawIOBase):
    """Decrypts what stands in a stream, whose `read` gives all it is asked for but at the end."""

    def __init__(self, stream: BinaryIO, passphrase: str) -> None:
        """Read the header.

        Raises:
            BackupError: It isn't encrypted with this passphrase, or the header is damaged.
        """
        header = b"".join([stream.readline(_MAX_LINE) for _ in range(1 + _LINES)])
        body, _space, mac = header.rpartition(b" ")
        found = _STANZA.fullmatch(body.removeprefix(MAGIC))
        if not body.startswith(MAGIC) or found is None or not re.fullmatch(rb"[\w+/]{43}\n", mac):
            raise BackupError(
                "Expected a backup that was encrypted with one passphrase, got another header."
                " It is damaged, or was encrypted to a key: open it with the program age first."
            )
        factor = int(found[2])
        if factor > MAX_WORK_FACTOR:
            raise BackupError(
                f"The backup asks for the work factor {factor}, which takes too much memory;"
                f" {MAX_WORK_FACTOR} is the largest that is read."
            )
        salt, wrapped = _decode(found[1], 16), _decode(found[3], 32)
        expected = _decode(mac[:-1], 32)
        try:
            file_key = ChaCha20Poly1305(_wrap_key(passphrase, salt, factor)).decrypt(
                bytes(12), wrapped, None
            )
            _mac(file_key, body).verify(expected)
        except (InvalidTag, InvalidSignature):
            raise BackupError(
                "The passphrase doesn't open this backup, or its header is damaged."
            ) from None
        self._cipher = ChaCha20Poly1305(_derived(file_key, stream.read(16), b"payload"))
        self._stream = stream
        self._counter = 0
        self._plain = memoryview(b"")
        self._ahead = self._stream.read(_CHUNK + _TAG)
        self._ended = False

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill a buffer with bytes that were authenticated.

        Raises:
            BackupError: A chunk was changed, moved or cut off.
        """
        if not self._plain and not self._ended:
            self._next()
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._plain))
        target[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def _next(self) -> None:
        chunk, self._ahead = self._ahead, self._stream.read(_CHUNK + _TAG)
        self._ended = not self._ahead
        try:
            plain = self._cipher.decrypt(_nonce(self._counter, last=self._ended), chunk, None)
        except InvalidTag:
            raise BackupError(
                f"The backup is damaged: chunk {self._counter} was changed or moved, or what stood"
                " behind it was cut off."
            ) from None
        if not plain and self._counter:
            raise BackupError("The backup is damaged: its last chunk is empty.")
        self._counter += 1
        self._plain = memoryview(plain)
